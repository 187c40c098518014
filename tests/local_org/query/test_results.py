"""The form of answers: attributes, sizes, pages, column metadata; and what changes between two runs of one query."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tooling.local_org.errors import InvalidType, OrgError
from tooling.local_org.soql.parser import parse


def test_run__attributes(world):
    """
    Records and parents carry their type and an address of the caller's API version; a polymorphic parent is of type Name.
    """
    soql = "SELECT Id, Account.Name, (SELECT Id FROM Survey_Responses__r LIMIT 1) FROM Contact WHERE LastName = 'Berg'"
    [record] = world.engine.run(soql, world.admin, api_version="59.0").records
    bob, beta, response = world.ids["Bob"], world.ids["Beta"], world.ids["R3"]
    assert record == {
        "attributes": {"type": "Contact", "url": f"/services/data/v59.0/sobjects/Contact/{bob}"},
        "Id": bob,
        "Account": {"attributes": {"type": "Account", "url": f"/services/data/v59.0/sobjects/Account/{beta}"}, "Name": "beta"},
        "Survey_Responses__r": {
            "totalSize": 1,
            "done": True,
            "records": [
                {
                    "attributes": {"type": "Survey_Response__c", "url": f"/services/data/v59.0/sobjects/Survey_Response__c/{response}"},
                    "Id": response,
                }
            ],
        },
    }
    [lead] = world.engine.run("SELECT Owner.Name FROM Lead", world.admin).records
    assert lead["Owner"]["attributes"] == {"type": "Name", "url": f"/services/data/v66.0/sobjects/Group/{world.ids['Queue']}"}


def test_run__values_as_json(world):
    """
    Doubles have a point, integers none; datetimes end in +0000; checkboxes are true or false.
    """
    [record] = world.rows("SELECT CreatedDate, IsDeleted, AnnualRevenue, NumberOfEmployees FROM Account WHERE Name = 'Acme'")
    assert json.dumps(record) == (
        '{"CreatedDate": "2026-03-10T04:30:00.000+0000", "IsDeleted": false, "AnnualRevenue": 1000.0, "NumberOfEmployees": 10}'
    )


def test_run__count(world):
    """
    count() answers a size and no records; with a LIMIT no more than that.
    """
    result = world.engine.run("select count() from Contact", world.admin)
    assert (result.total_size, result.records, result.columns) == (4, [], [])
    assert world.engine.run("SELECT COUNT() FROM Contact LIMIT 3", world.admin).total_size == 3
    assert world.engine.run("SELECT count(Id) FROM Contact", world.admin).records == [
        {"attributes": {"type": "AggregateResult"}, "expr0": 4}
    ]


def test_page__part_of_the_records(world):
    """
    A page holds the asked-for stretch; the total counts all.
    """
    result = world.engine.run("SELECT LastName FROM Contact ORDER BY LastName", world.admin)
    assert result.total_size == 4
    assert [record["LastName"] for record in result.page(1, 2)] == ["Cyd", "Dan"]
    assert result.page(4, 2) == []


def test_columns__as_sf_reads_them(world):
    """
    Columns: a plain field, a parent with join columns, children as an aggregate.
    """
    columns = world.engine.run("SELECT Name, Owner.Name, (SELECT Id FROM Contacts) FROM Account", world.admin).columns
    assert columns[0] == {
        "aggregate": False,
        "apexType": "String",
        "booleanType": False,
        "columnName": "Name",
        "custom": False,
        "displayName": "Name",
        "foreignKeyName": None,
        "insertable": True,
        "joinColumns": [],
        "numberType": False,
        "textType": True,
        "updatable": True,
    }
    assert (columns[1]["columnName"], columns[1]["foreignKeyName"]) == ("Owner", "OwnerId")
    assert [inner["columnName"] for inner in columns[1]["joinColumns"]] == ["Name"]
    assert (columns[2]["aggregate"], columns[2]["columnName"]) == (True, "Contacts")
    [average] = world.engine.run("SELECT avg(AnnualRevenue) FROM Account", world.admin).columns
    assert (average["aggregate"], average["columnName"], average["displayName"]) == (True, "expr0", "avg(AnnualRevenue)")


def test_run__deleted_records(world):
    """
    Deleted records are found with include_deleted only.
    """
    soql = "SELECT Name FROM Account ORDER BY Name"
    assert world.values(soql) == ["Acme", "beta"]
    assert world.values(soql, include_deleted=True) == ["Acme", "beta", "Gone"]


def test_run__tooling_objects(world):
    """
    Objects of the Tooling API are known to it only.
    """
    with pytest.raises(InvalidType):
        world.engine.run("SELECT Id FROM CustomObject", world.admin)
    assert world.engine.run("SELECT Id FROM CustomObject", world.admin, tooling=True).total_size == 0


def test_run__same_query_later(world):
    """
    A query that is known already sees new records, and date literals of the new day.
    """
    soql = "SELECT Name FROM Survey_Response__c WHERE Due__c = TODAY"
    assert world.values(soql, world.admin) == ["SR-4"]
    world.clock.set(world.clock.now() + timedelta(days=-1))
    assert world.values(soql, world.admin) == ["SR-3"]
    world.add("Survey_Response__c", Name="SR-5", OwnerId=world.ids["Ada"], Due__c=world.clock.now().date() - timedelta(days=1))
    assert world.values(soql, world.admin) == ["SR-3", "SR-5"]


def test_run__thousands_of_ids(world):
    """
    A long list of ids, in both lengths, finds each record once.
    """
    contact = world.schema.get("Contact")
    ids = world.store.records.insert(contact, [{"LastName": f"L{number}"} for number in range(3000)])
    listed = ", ".join(f"'{record_id[:15] if number % 2 else record_id}'" for number, record_id in enumerate(ids))
    assert world.engine.run(f"SELECT Id FROM Contact WHERE Id IN ({listed})", world.admin).total_size == 3000


def test_run__long_chain_of_or(world):
    """
    More alternatives than SQLite nests expressions.
    """
    chain = " OR ".join(f"LastName = 'x{number}'" for number in range(2000))
    assert world.engine.run(f"SELECT Id FROM Contact WHERE LastName = 'Dan' OR {chain}", world.admin).total_size == 1


def test_run__uses_the_index(world):
    """
    A filter on an e-mail address reads no other contact.
    """
    compiled = world.engine._compiled("SELECT Id FROM Contact WHERE Email = 'x'", None, include_deleted=False, tooling=False)
    plan = world.store.connection.execute(f"EXPLAIN QUERY PLAN {compiled.sql}", compiled.parameters).fetchall()
    assert any("USING INDEX Contact.Email" in row[3] for row in plan)


_FIELDS = st.sampled_from(
    (
        *("Id", "Name", "AccountId", "Account.Name", "LastName", "Owner.Name", "IsDeleted", "CreatedDate", "Birthdate"),
        *("Description", "MailingAddress", "Foo", "Account.Owner.Email"),
    )
)
_VALUES = st.sampled_from(
    (
        *("'x'", "'a%'", "''", "null", "true", "5", "-1.5e300", "2026-01-01", "2026-01-01T00:00:00Z"),
        *("TODAY", "LAST_N_DAYS:9", "NEXT_N_YEARS:99999"),
    )
)
_OPERATORS = st.sampled_from(["=", "!=", "<", ">", "<=", ">=", "LIKE"])
_CONDITIONS = st.recursive(
    st.one_of(
        st.builds("{} {} {}".format, _FIELDS, _OPERATORS, _VALUES),
        st.builds("{} IN ({}, {})".format, _FIELDS, _VALUES, _VALUES),
        st.builds("{} NOT IN (SELECT {} FROM Account)".format, _FIELDS, _FIELDS),
        st.builds("{} INCLUDES ('a;b', '%')".format, _FIELDS),
    ),
    lambda inner: st.one_of(
        st.builds("({} AND {})".format, inner, inner), st.builds("({} OR {})".format, inner, inner), st.builds("NOT {}".format, inner)
    ),
    max_leaves=4,
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_FIELDS, _CONDITIONS, _FIELDS)
def test_run__anything_that_parses(world, selected, condition, order):
    """
    Whatever parses is answered, or refused as Salesforce refuses: SQLite never complains.
    """
    soql = f"SELECT {selected} FROM Contact WHERE {condition} ORDER BY {order} DESC LIMIT 3"
    parse(soql)
    try:
        json.dumps(world.engine.run(soql, world.admin).records)
    except OrgError as refused:
        assert refused.code in ("INVALID_FIELD", "INVALID_QUERY_FILTER_OPERATOR", "MALFORMED_QUERY")


def test_read__typed_records(world):
    """
    Reading gives typed values, formula fields when named, and leaves out ids that lead nowhere.
    """
    found = world.engine.read("Survey_Response__c", [world.ids["R1"], world.ids["R2"], "a00000000009999AAA"], ["Score__c", "Category__c"])
    assert found == {
        world.ids["R1"]: {"Id": world.ids["R1"], "Score__c": Decimal(10), "Category__c": "Promoter"},
        world.ids["R2"]: {"Id": world.ids["R2"], "Score__c": Decimal(7), "Category__c": "Passive"},
    }
    assert world.engine.read("Account", [world.ids["Gone"]]) == {}
    assert list(world.engine.read("Account", [world.ids["Gone"]], ["Name"], include_deleted=True)) == [world.ids["Gone"]]
    assert "Category__c" not in world.engine.read("Survey_Response__c", [world.ids["R1"]])[world.ids["R1"]]
