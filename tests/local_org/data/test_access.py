"""Whose records and fields they are: owners, queues, object permissions, field-level security, organisation-wide defaults."""

from __future__ import annotations

import pytest

from tooling.local_org.engine.org import User
from tooling.local_org.errors import NotFound, OrgError

from .conftest import DataStory
from .package import permission_set, xml


@pytest.fixture
def other(story: DataStory) -> User:
    """A standard user with the permission set."""
    user = story.user("Standard User")
    story.assign(user, "Everything")
    return user


def update(story: DataStory, user: User, sobject: str, record_id: str, **values: object) -> str | None:
    (result,) = story.org.update(user, [story.record(sobject, Id=record_id, **values)])
    return None if result.success else result.errors[0].code


def count(story: DataStory, user: User, sobject: str) -> int:
    return story.org.query(user, f"SELECT Id FROM {sobject}").total_size


SHARING = [
    ("Sample__c", True, None),
    ("Notice__c", True, "INSUFFICIENT_ACCESS_OR_READONLY"),
    ("Secret__c", False, "INSUFFICIENT_ACCESS_OR_READONLY"),
]


@pytest.mark.parametrize(("sobject", "reads", "refused"), SHARING)
def test_sharing__of_others_records(story: DataStory, other: User, sobject: str, reads: bool, refused: str | None) -> None:
    """Public read/write, public read and private records of another owner."""
    record = story.saved(sobject, Text__c="a")
    assert count(story, other, sobject) == int(reads)
    assert update(story, other, sobject, record, Text__c="b") == refused


@pytest.mark.parametrize("sobject", [sobject for sobject, _, _ in SHARING])
def test_sharing__others_records_stay(story: DataStory, other: User, sobject: str) -> None:
    """To delete is the owner's right, also where everybody may edit; Modify All has it too."""
    record, own = story.saved(sobject, Text__c="a"), story.saved(sobject, Text__c="b", OwnerId=other.id)
    (refused,) = story.org.delete(other, [record])
    assert [(error.code, error.message) for error in refused.errors] == [
        ("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id")
    ]
    assert [result.success for result in story.org.delete(other, [own])] == [True]
    assert [result.success for result in story.org.delete(story.admin, [record])] == [True]


def test_sharing__owner_and_details(story: DataStory, other: User) -> None:
    """The owner sees and changes a private record; details follow their master."""
    secret = story.saved("Secret__c", Text__c="a", OwnerId=other.id)
    assert count(story, other, "Secret__c") == 1
    assert update(story, other, "Secret__c", secret, Text__c="b") is None
    sample = story.saved("Sample__c")
    part = story.saved("Part__c", Sample__c=sample, Points__c=1)
    assert update(story, other, "Part__c", part, Points__c=2) is None
    assert [result.success for result in story.org.delete(other, [sample, part])] == [False, True]


def test_sharing__view_and_modify_all(story: DataStory, other: User) -> None:
    """View All shows every record, Modify All lets change it."""
    record = story.saved("Secret__c", Text__c="a")
    rights = (
        "<objectPermissions><allowCreate>true</allowCreate><allowDelete>{0}</allowDelete><allowEdit>true</allowEdit><allowRead>true</allowRead>"
        "<modifyAllRecords>{0}</modifyAllRecords><object>Secret__c</object><viewAllRecords>true</viewAllRecords></objectPermissions>"
    )
    for name, modify in (("Viewers", "false"), ("Modifiers", "true")):
        body = f"<hasActivationRequired>false</hasActivationRequired><label>{name}</label>{rights.format(modify)}"
        story.deploy({f"permissionsets/{name}.permissionset": xml("PermissionSet", body)})
        story.assign(other, name)
        assert count(story, other, "Secret__c") == 1
        expected = None if modify == "true" else "INSUFFICIENT_ACCESS_OR_READONLY"
        assert update(story, other, "Secret__c", record, Text__c="b") == expected


def test_permissions__none_some_read_only(story: DataStory) -> None:
    """An object without permission is not there; a field without permission neither; one that is read-only cannot be written."""
    user = story.user("Standard User")
    sample = story.saved("Sample__c", Text__c="a")
    with pytest.raises(OrgError) as refused:
        story.org.query(user, "SELECT Id FROM Sample__c")
    assert refused.value.code == "INVALID_TYPE"
    (result,) = story.org.insert(user, [story.record("Sample__c")])
    assert isinstance(result.errors[0], NotFound)
    story.deploy(
        {
            "permissionsets/Some.permissionset": permission_set(
                "Some", ("Sample__c",), ("Sample__c.Area__c",), read_only=("Sample__c.Text__c",)
            )
        }
    )
    story.assign(user, "Some")
    assert story.org.query(user, "SELECT Text__c FROM Sample__c").records[0]["Text__c"] == "a"
    assert update(story, user, "Sample__c", sample, Area__c="x") is None
    assert update(story, user, "Sample__c", sample, Text__c="x") == "INVALID_FIELD_FOR_INSERT_UPDATE"
    assert update(story, user, "Sample__c", sample, Phone__c="x") == "INVALID_FIELD"
    with pytest.raises(OrgError) as hidden:
        story.org.query(user, "SELECT Phone__c FROM Sample__c")
    assert hidden.value.code == "INVALID_FIELD"


def test_owner__queue(story: DataStory, other: User) -> None:
    """A deployed queue owns records of its objects; its members own them too."""
    member = f"<queueMembers><users><user>{other.username}</user></users></queueMembers>"
    story.deploy(
        {
            "queues/Desk.queue": xml(
                "Queue",
                f"<doesSendEmailToMembers>false</doesSendEmailToMembers><name>Desk</name>{member}<queueSobject><sobjectType>Secret__c</sobjectType></queueSobject>",
            )
        }
    )
    queue = story.value("SELECT Id FROM Group WHERE Type = 'Queue' AND DeveloperName = 'Desk'")
    record = story.saved("Secret__c", Text__c="a", OwnerId=queue)
    assert count(story, other, "Secret__c") == 1
    assert update(story, other, "Secret__c", record, Text__c="b") is None
    assert story.refusal(story.record("Sample__c", OwnerId=queue)) == ("INVALID_OPERATION", "Queue not associated with this SObject type")
    (row,) = story.rows("SELECT Owner.Name, Owner.Type FROM Secret__c")
    assert (row["Owner"]["Name"], row["Owner"]["Type"]) == ("Desk", "Queue")


def test_owner__must_be_an_active_user(story: DataStory, other: User) -> None:
    """Somebody inactive, a group, a contact and nobody cannot own."""
    story.changed("User", other.id, IsActive=False)
    assert story.refusal(story.record("Sample__c", OwnerId=other.id))[0] == "INACTIVE_OWNER_OR_USER"
    contact = story.saved("Contact", LastName="C")
    assert story.refusal(story.record("Sample__c", OwnerId=contact))[0] == "FIELD_INTEGRITY_EXCEPTION"
    group = story.saved("Group", Name="G", DeveloperName="G", Type="Regular")
    assert story.refusal(story.record("Sample__c", OwnerId=group))[0] == "INVALID_OPERATION"
    story.saved("Sample__c", OwnerId=None)
    assert story.value("SELECT OwnerId FROM Sample__c") == story.admin.id


@pytest.mark.parametrize(("name", "profile"), [("Admin", "System Administrator"), ("Standard", "Standard User")])
def test_fields__granted_by_a_standard_profile(story: DataStory, name: str, profile: str) -> None:
    """A deployed profile grants under its metadata name, which is not the name users know it by."""
    user = story.user(profile)
    granted = "<fieldPermissions><editable>false</editable><field>Sample__c.Text__c</field><readable>true</readable></fieldPermissions>"
    objects = (
        "<objectPermissions><allowCreate>false</allowCreate><allowDelete>false</allowDelete><allowEdit>false</allowEdit>"
        "<allowRead>true</allowRead><modifyAllRecords>false</modifyAllRecords><object>Sample__c</object>"
        "<viewAllRecords>false</viewAllRecords></objectPermissions>"
    )
    with pytest.raises(OrgError):
        story.org.query(user, "SELECT Text__c FROM Sample__c")
    story.deploy({f"profiles/{name}.profile": xml("Profile", granted + objects)})
    assert story.org.query(user, "SELECT Text__c FROM Sample__c").total_size == 0
