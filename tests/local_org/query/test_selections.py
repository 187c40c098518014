"""What flows read: filters, their null rules, and many selections at once."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from tooling.local_org.errors import InvalidField, InvalidType, MalformedQuery
from tooling.local_org.flow.host import Criterion, Selection


def _names(world, *criteria, logic="and", **more):
    listed = tuple(Criterion(*criterion) for criterion in criteria)
    [found] = world.engine.select([Selection("Survey_Response__c", listed, logic, ("Name",), order_by="Name", **more)])
    return [record["Name"] for record in found]


@pytest.mark.parametrize(
    ("criterion", "expected"),
    [
        (("Score__c", "EqualTo", Decimal(7)), ["SR-2"]),
        (("Score__c", "EqualTo", "7"), ["SR-2"]),
        (("Score__c", "NotEqualTo", Decimal(7)), ["SR-1", "SR-3", "SR-4"]),
        (("Score__c", "GreaterThan", Decimal(3)), ["SR-1", "SR-2"]),
        (("Score__c", "LessThanOrEqualTo", Decimal(7)), ["SR-2", "SR-3"]),
        (("Score__c", "GreaterThan", None), []),
        (("Score__c", "EqualTo", None), ["SR-4"]),
        (("Score__c", "NotEqualTo", None), ["SR-1", "SR-2", "SR-3"]),
        (("Score__c", "IsNull", True), ["SR-4"]),
        (("Score__c", "IsNull", False), ["SR-1", "SR-2", "SR-3"]),
        (("Score__c", "In", [Decimal(3), Decimal(10)]), ["SR-1", "SR-3"]),
        (("Score__c", "In", []), []),
        (("Score__c", "NotIn", [Decimal(3)]), ["SR-1", "SR-2", "SR-4"]),
        (("Key__c", "StartsWith", "k-"), ["SR-1", "SR-2", "SR-3", "SR-4"]),
        (("Key__c", "EndsWith", "-3"), ["SR-3"]),
        (("Key__c", "Contains", "%"), []),
        (("Key__c", "Contains", None), []),
        (("Topics__c", "Contains", "speed"), ["SR-1"]),
        (("Exact__c", "EqualTo", "ABC"), []),
        (("Urgent__c", "EqualTo", True), ["SR-1"]),
        (("Urgent__c", "EqualTo", None), []),
        (("Due__c", "LessThan", date(2026, 3, 9)), ["SR-3"]),
        (("Responded_At__c", "LessThan", datetime(2026, 3, 9, 8, tzinfo=UTC)), ["SR-4"]),
        (("category__c", "EqualTo", "detractor"), ["SR-3", "SR-4"]),
    ],
)
def test_select__operators(world, criterion, expected):
    """
    Each operator, with Salesforce's treatment of null and case.
    """
    assert _names(world, criterion) == expected


def test_select__logic(world):
    """
    and, or, and custom logic.
    """
    promoter, beta, urgent = ("Score__c", "EqualTo", Decimal(10)), ("Key__c", "EqualTo", "K-3"), ("Urgent__c", "EqualTo", True)
    assert _names(world, promoter, beta) == []
    assert _names(world, promoter, beta, logic="or") == ["SR-1", "SR-3"]
    assert _names(world, promoter, beta, urgent, logic="3 AND (1 OR 2)") == ["SR-1"]
    assert _names(world, promoter, beta, logic="NOT (1 OR 2)") == ["SR-2", "SR-4"]
    for broken in ("1 AND", "1 2", "(1", "3", "x"):
        with pytest.raises(MalformedQuery):
            _names(world, promoter, beta, logic=broken)


def test_select__order_and_limit(world):
    """
    Sorting puts nulls first, descending too; the limit counts after sorting.
    """
    [found] = world.engine.select(
        [Selection("Survey_Response__c", (), fields=("Score__c",), order_by="Score__c", descending=True, limit=2)]
    )
    assert [record["Score__c"] for record in found] == [None, Decimal(10)]


def test_select__fields(world):
    """
    Without fields every stored one comes, typed, and no formula; with fields those and Id.
    """
    [[everything]] = world.engine.select([Selection("Survey_Response__c", (Criterion("Key__c", "EqualTo", "K-2"),))])
    assert everything["Weight__c"] == Decimal("0.125")
    assert everything["Urgent__c"] is False
    assert everything["CreatedDate"] == datetime(2026, 3, 10, 4, 30, tzinfo=UTC)
    assert "Category__c" not in everything
    [[some]] = world.engine.select([Selection("Survey_Response__c", (Criterion("Key__c", "EqualTo", "K-2"),), fields=("category__c",))])
    assert some == {"Id": world.ids["R2"], "Category__c": "Passive"}


def test_select__many_selections_one_query(world):
    """
    Selections by parent are answered by one SQL statement, each with its own records and its own limit.
    """
    statements = []
    ids = [world.ids["Ann"], world.ids["Bob"], world.ids["Dan"], world.ids["Ann"][:15], None]
    wanted = [
        Selection("Survey_Response__c", (Criterion("Contact__c", "EqualTo", parent),), fields=("Name",), order_by="Name", limit=1)
        for parent in ids
    ]
    world.store.connection.set_trace_callback(statements.append)
    found = world.engine.select(wanted)
    world.store.connection.set_trace_callback(None)
    assert [[record["Name"] for record in records] for records in found] == [["SR-1"], ["SR-3"], [], ["SR-1"], ["SR-4"]]
    assert len([statement for statement in statements if statement.startswith("SELECT")]) == 2  # one for the null
    assert found[0][0] is not found[3][0]
    assert "Contact__c" not in found[0][0]


def test_select__several_values_differ(world):
    """
    Two equalities that both differ: each selection gets what matches both, text without regard to case.
    """
    pairs = [("Ann", "k-1"), ("Ann", "K-3"), ("Bob", "K-3")]
    both = [(Criterion("Contact__c", "EqualTo", world.ids[who]), Criterion("Key__c", "EqualTo", key)) for who, key in pairs]
    found = world.engine.select([Selection("Survey_Response__c", criteria, fields=("Name",)) for criteria in both])
    assert [[record["Name"] for record in records] for records in found] == [["SR-1"], [], ["SR-3"]]


def test_select__unknown_names(world):
    """
    An unknown object, field or operator, and a value that is none of the field's, are refused by name.
    """
    with pytest.raises(InvalidType, match="Nothing__c"):
        world.engine.select([Selection("Nothing__c", ())])
    with pytest.raises(InvalidField, match="Foo"):
        world.engine.select([Selection("Account", (Criterion("Foo", "EqualTo", "x"),))])
    with pytest.raises(MalformedQuery, match="IsChanged"):
        world.engine.select([Selection("Account", (Criterion("Name", "IsChanged", True),))])
    with pytest.raises(InvalidField, match="Score__c"):
        _names(world, ("Score__c", "EqualTo", "many"))
