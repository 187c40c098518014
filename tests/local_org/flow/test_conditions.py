"""Operators of conditions. Source: metadata reference, "Values and comparison"; "Flow" page of the guide, FlowComparisonOperator."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from tooling.local_org.flow import Trigger, run, run_autolaunched

from .build import BEFORE_SAVE, assignment, boolean, collection, condition, decision, item, number, program, ref, text, variable


def met(org, data_type, operator, right, value, *, is_collection=False):
    made = program(
        collection("v", data_type) if is_collection else variable("v", data_type),
        collection("list"),
        variable("hit", "Boolean"),
        variable("nothing", data_type),
        decision("Ask", condition("v", operator, right), then="Mark"),
        assignment("Mark", item("hit", "Assign", boolean(True))),
    )
    given = {"list": ["Alpha", "beta"], **({} if value is None else {"v": value})}
    [result] = run_autolaunched(made, org, [given])
    assert result.error is None, result.error
    return result.outputs["hit"] is True


@pytest.mark.parametrize(
    ("data_type", "operator", "right", "value", "expected"),
    [
        ("String", "EqualTo", text("ACME"), "acme", True),
        ("String", "NotEqualTo", text("ACME"), "acme", False),
        ("String", "EqualTo", text(""), None, False),
        ("String", "EqualTo", ref("nothing"), None, True),
        ("String", "NotEqualTo", text("x"), None, True),
        ("String", "StartsWith", text("AC"), "acme", True),
        ("String", "EndsWith", text("ME"), "acme", True),
        ("String", "Contains", text("CM"), "acme", True),
        ("String", "Contains", text("x"), None, False),
        ("String", "GreaterThan", text("a"), "b", True),
        ("Number", "GreaterThan", number(3), Decimal(4), True),
        ("Number", "GreaterThanOrEqualTo", number(4), Decimal(4), True),
        ("Number", "LessThan", number(4), Decimal(4), False),
        ("Number", "LessThanOrEqualTo", number(4), Decimal(4), True),
        ("Number", "LessThan", number(4), None, False),
        ("Number", "EqualTo", number("4.0"), Decimal(4), True),
        ("Boolean", "EqualTo", boolean(False), None, False),
        ("Boolean", "EqualTo", boolean(False), False, True),
        ("Boolean", "NotEqualTo", boolean(True), None, True),
        ("Date", "LessThan", "<dateValue>2025-02-01</dateValue>", date(2025, 1, 31), True),
        ("DateTime", "EqualTo", "<dateTimeValue>2025-02-01T00:00:00.000Z</dateTimeValue>", datetime(2025, 2, 1, tzinfo=UTC), True),
        ("String", "IsNull", boolean(True), None, True),
        ("String", "IsNull", boolean(True), "", False),
        ("String", "IsNull", boolean(False), "x", True),
        ("String", "IsBlank", boolean(True), " ", True),
        ("String", "IsBlank", boolean(True), None, True),
        ("String", "In", ref("list"), "alpha", True),
        ("String", "NotIn", ref("list"), "alpha", False),
        ("String", "NotIn", ref("list"), "gamma", True),
        ("String", "WasSet", boolean(True), "x", True),
    ],
)
def test_condition__operator(org, data_type, operator, right, value, expected):
    """
    Text is compared without case, null with nothing but null, and null is not the empty string.
    """
    assert met(org, data_type, operator, right, value) is expected


@pytest.mark.parametrize(
    ("operator", "right", "value", "expected"),
    [
        ("IsEmpty", boolean(True), None, True),
        ("IsEmpty", boolean(True), [], True),
        ("IsEmpty", boolean(False), ["a"], True),
        ("IsNull", boolean(True), None, True),
        ("Contains", text("A"), ["a", "b"], True),
        ("Contains", text("c"), ["a", "b"], False),
    ],
)
def test_condition__collections(org, operator, right, value, expected):
    """
    IsEmpty holds for a collection that is null or has no item.
    """
    assert met(org, "String", operator, right, value, is_collection=True) is expected


@pytest.mark.parametrize(
    ("logic", "values", "expected"),
    [
        ("and", "110", False),
        ("or", "001", True),
        ("1 AND (2 OR 3)", "101", True),
        ("1 AND (2 OR 3)", "100", False),
        ("NOT 1 OR 3", "010", True),
        ("1 OR 2 AND 3", "100", True),
    ],
)
def test_decision__condition_logic(org, logic, values, expected):
    """
    Conditions combine by and, or, or by their numbers.
    """
    tests = [condition(name, "EqualTo", text("1")) for name in ("a", "b", "c")]
    made = program(
        variable("a"),
        variable("b"),
        variable("c"),
        variable("hit", "Boolean"),
        decision("Ask", *tests, logic=logic, then="Mark"),
        assignment("Mark", item("hit", "Assign", boolean(True))),
    )
    [result] = run_autolaunched(made, org, [dict(zip("abc", values, strict=True))])
    assert (result.outputs["hit"] is True) is expected


def before_save(org, conditions, record, prior, more=""):
    made = program(
        decision("Ask", *conditions, then="Mark", more=more),
        assignment("Mark", item("$Record.Note__c", "Assign", text("hit"))),
        start=BEFORE_SAVE,
    )
    run(made, org, [Trigger(record, prior, prior is None)])
    return record.get("Note__c") == "hit"


def test_is_changed__compares_with_the_record_before_the_save(org):
    """
    IsChanged looks at the field before and after; nothing is changed in a new record.
    """
    changed = [condition("$Record.Score__c", "IsChanged", boolean(True))]
    assert before_save(org, changed, {"Score__c": Decimal(1)}, {"Score__c": Decimal(2)})
    assert not before_save(org, changed, {"Score__c": Decimal(1)}, {"Score__c": Decimal(1)})
    assert not before_save(org, changed, {"Score__c": Decimal(1)}, None)


def test_outcome__only_when_changed_to_meet_the_conditions(org):
    """
    An outcome with doesRequireRecordChangedToMeetCriteria is met only if it was not before; a new record only has to meet it.
    """
    low = [condition("$Record.Score__c", "LessThan", number(7))]
    more = "<doesRequireRecordChangedToMeetCriteria>true</doesRequireRecordChangedToMeetCriteria>"
    assert before_save(org, low, {"Score__c": Decimal(3)}, {"Score__c": Decimal(9)}, more)
    assert not before_save(org, low, {"Score__c": Decimal(3)}, {"Score__c": Decimal(2)}, more)
    assert before_save(org, low, {"Score__c": Decimal(3)}, None, more)


def test_prior_record__is_null_on_create(org):
    """
    Fields of $Record__Prior are null when the record is created.
    """
    assert before_save(org, [condition("$Record__Prior.Score__c", "IsNull", boolean(True))], {}, None)


def test_element_name__is_true_once_visited(org):
    """
    The name of an element or outcome is a Boolean: whether the interview came by.
    """
    made = program(
        variable("v"),
        variable("hit", "Boolean"),
        decision("First", condition("v", "EqualTo", text("a")), then="Second", otherwise="Second"),
        decision("Second", condition("First_Yes", "EqualTo", boolean(True)), condition("First", "WasVisited", boolean(True)), then="Mark"),
        assignment("Mark", item("hit", "Assign", boolean(True))),
    )
    results = run_autolaunched(made, org, [{"v": "a"}, {"v": "b"}])
    assert [r.outputs["hit"] for r in results] == [True, None]
