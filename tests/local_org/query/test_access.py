"""Who sees what: objects, fields, records."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tooling.local_org.engine.access import Access, ObjectAccess
from tooling.local_org.errors import InvalidField, InvalidType

_STANDARD, _MINIMUM = "Standard User", "Minimum Access - Salesforce"


def test_object__by_profile(world):
    """
    Administrators may do everything, standard users work with standard objects, minimum access grants nothing by itself.
    """
    access = world.access
    assert access.object(world.admin, "Survey_Response__c").modify_all
    assert access.object(world.user("Ben", _STANDARD), "Account") == ObjectAccess(read=True, create=True, edit=True, delete=True)
    assert access.object(world.user("Ben", _MINIMUM), "Account") == ObjectAccess()
    assert access.object(world.user("Ben", _MINIMUM), "User").read
    assert access.object(None, "Account").modify_all
    assert not access.object(world.admin, "Nothing__c").read


def test_object__by_permission_set(world):
    """
    An assigned permission set adds to the profile.
    """
    assert world.access.object(world.user("Ben", _MINIMUM), "Survey_Response__c") == ObjectAccess(read=True, create=True)


def test_can_read__deployed_fields_need_a_grant(world):
    """
    A custom field is hidden from everybody, administrators included, until it is granted; standard fields are not.
    """
    ben = world.user("Ben", _MINIMUM)
    assert world.access.can_read(ben, "Survey_Response__c", "Score__c")
    assert world.access.can_edit(ben, "Survey_Response__c", "Score__c")
    assert not world.access.can_read(ben, "Survey_Response__c", "Key__c")
    assert world.access.can_read(ben, "Survey_Response__c", "Name")
    assert not world.access.can_edit(world.admin, "Survey_Response__c", "Score__c")
    assert world.access.can_read(None, "Survey_Response__c", "Key__c")
    assert not world.access.can_read(world.admin, "Survey_Response__c", "Nothing__c")


@pytest.mark.parametrize(
    "soql",
    [
        "SELECT Key__c FROM Survey_Response__c",
        "SELECT Id FROM Survey_Response__c WHERE Key__c = 'K-1'",
        "SELECT Id FROM Survey_Response__c ORDER BY Key__c",
        "SELECT COUNT(Key__c) FROM Survey_Response__c",
    ],
)
def test_run__hidden_field(world, soql):
    """
    A hidden field does not exist for the user, wherever the query names it.
    """
    with pytest.raises(InvalidField, match="No such column 'Key__c' on entity 'Survey_Response__c'"):
        world.engine.run(soql, world.user("Ben", _MINIMUM))


def test_run__hidden_object(world):
    """
    An object without read permission is not supported, neither as a parent nor as a child.
    """
    ben = world.user("Ben", _MINIMUM)
    with pytest.raises(InvalidType, match="sObject type 'Account' is not supported"):
        world.engine.run("SELECT Id FROM Account", ben)
    with pytest.raises(InvalidField, match="Didn't understand relationship 'Contact__r'"):
        world.engine.run("SELECT Contact__r.LastName FROM Survey_Response__c", ben)
    with pytest.raises(InvalidType, match="sObject type 'Contact' is not supported"):
        world.engine.run("SELECT Id FROM Survey_Response__c WHERE Contact__c IN (SELECT Id FROM Contact)", ben)


def test_run__fields_function_shows_what_is_visible(world):
    """
    FIELDS(ALL) leaves hidden fields out.
    """
    [first, _] = world.rows("SELECT FIELDS(CUSTOM) FROM Survey_Response__c LIMIT 5", world.user("Ben", _MINIMUM))
    assert sorted(first) == ["Category__c", "Contact__c", "Score__c"]


def test_run__private_records(world):
    """
    Private records are their owner's: everybody else's are not found, not counted, not in child lists, not in semi-joins.
    """
    ben = world.user("Ben", _STANDARD)
    assert world.values("SELECT Name FROM Survey_Response__c ORDER BY Name", ben) == ["SR-3", "SR-4"]
    assert world.engine.run("SELECT COUNT() FROM Survey_Response__c", ben).total_size == 2
    children = world.rows(
        "SELECT LastName, (SELECT Name FROM Survey_Responses__r) FROM Contact WHERE LastName IN ('Berg', 'Ångström')", ben
    )
    assert [child["Survey_Responses__r"] for child in children] == [None, [{"Name": "SR-3"}]]
    assert world.values("SELECT LastName FROM Contact WHERE Id IN (SELECT Contact__c FROM Survey_Response__c)", ben) == ["Berg"]
    assert len(world.values("SELECT Name FROM Survey_Response__c", world.admin)) == 4


def test_run__owned_by_a_queue(world):
    """
    Members of a queue own what the queue owns, once access is asked anew.
    """
    ben = world.user("Ben", _STANDARD)
    world.add("Survey_Response__c", Name="SR-9", OwnerId=world.ids["Queue"])
    assert "SR-9" not in world.values("SELECT Name FROM Survey_Response__c", ben)
    world.add("GroupMember", GroupId=world.ids["Queue"], UserOrGroupId=world.ids["Ben"])
    world.access.invalidate()
    assert "SR-9" in world.values("SELECT Name FROM Survey_Response__c", ben)


def test_may_edit_record__by_owner_and_default(world):
    """
    Private and read-only defaults leave editing to the owner and to Modify All.
    """
    ben, admin = world.user("Ben", _STANDARD), world.admin
    records = world.engine.read("Survey_Response__c", [world.ids["R1"], world.ids["R3"]])
    assert not world.access.may_edit_record(ben, "Survey_Response__c", records[world.ids["R1"]])
    assert world.access.may_edit_record(ben, "Survey_Response__c", records[world.ids["R3"]])
    assert world.access.may_edit_record(admin, "Survey_Response__c", records[world.ids["R3"]])
    assert world.access.may_edit_record(None, "Survey_Response__c", records[world.ids["R1"]])
    assert not world.access.may_read_record(ben, "Survey_Response__c", records[world.ids["R1"]])


def test_record_filter__controlled_by_parent(world):
    """
    Contacts controlled by their account are seen with it; without an account by their owner.
    """
    schema = world.schema
    account = replace(schema.get("Account"), sharing_model="Private")
    contact = replace(schema.get("Contact"), sharing_model="ControlledByParent")
    metadata = type(world.access._metadata)(schema=schema.with_sobjects([account, contact]), permission_sets={}, profiles={})
    access = Access(world.store, metadata)
    sql, parameters = access.record_filter(world.user("Ada", _STANDARD), "Contact")
    rows = world.store.connection.execute(f'SELECT "LastName" FROM "Contact" WHERE {sql}', parameters).fetchall()
    assert rows == [("Ångström",)]
    assert access.may_read_record(world.user("Ada", _STANDARD), "Contact", {"AccountId": world.ids["Acme"]})
    assert not access.may_edit_record(world.user("Ada", _STANDARD), "Contact", {"AccountId": world.ids["Beta"]})
    assert access.record_filter(None, "Contact") is None
