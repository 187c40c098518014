"""Assignment operators. Source: "Flow" page of the Metadata API guide, FlowAssignmentOperator; "Flow Resource: Variable"."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from tooling.local_org.flow import run_autolaunched

from .build import assignment, boolean, collection, item, number, program, record, ref, text, variable


def outputs(org, *fragments, **given):
    [result] = run_autolaunched(program(*fragments), org, [given])
    assert result.error is None, result.error
    return result.outputs


@pytest.mark.parametrize(
    ("data_type", "operator", "start", "value", "expected"),
    [
        ("Number", "Assign", None, number(3), Decimal(3)),
        ("Number", "Add", Decimal(2), number(3), Decimal(5)),
        ("Number", "Subtract", Decimal(2), number(3), Decimal(-1)),
        ("Date", "Add", date(2025, 1, 30), number(3), date(2025, 2, 2)),
        ("Date", "Subtract", date(2025, 1, 2), number(3), date(2024, 12, 30)),
        ("String", "Add", "a", text("b"), "ab"),
        ("String", "Assign", "a", text(""), ""),
        ("Boolean", "Assign", None, boolean(True), True),
        ("String", "Assign", "a", ref("$GlobalConstant.EmptyString"), ""),
        ("String", "Assign", None, number("1.50"), "1.50"),
        ("Multipicklist", "AddItem", "a", text("b"), "a;b"),
    ],
)
def test_assignment__single_values(org, data_type, operator, start, value, expected):
    """
    Each operator gives what the guide says for each data type.
    """
    fragments = (variable("v", data_type), assignment("Set", item("v", operator, value)))
    assert outputs(org, *fragments, **({} if start is None else {"v": start}))["v"] == expected


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("Add", text("d"), ["a", "b", "a", "c", "d"]),
        ("AddItem", text("d"), ["a", "b", "a", "c", "d"]),
        ("AddAtStart", text("d"), ["d", "a", "b", "a", "c"]),
        ("RemoveFirst", text("a"), ["b", "a", "c"]),
        ("RemoveAll", text("a"), ["b", "c"]),
        ("RemoveBeforeFirst", text("b"), ["b", "a", "c"]),
        ("RemoveAfterFirst", text("b"), ["a", "b"]),
        ("RemoveUncommon", ref("others"), ["a", "a"]),
        ("RemovePosition", number(2), ["a", "a", "c"]),
        ("Assign", ref("others"), ["a", "x"]),
    ],
)
def test_assignment__collections(org, operator, value, expected):
    """
    Collections grow and shrink as the operator says; RemovePosition counts from 1.
    """
    fragments = (collection("v"), collection("others"), assignment("Set", item("v", operator, value)))
    assert outputs(org, *fragments, v=["a", "b", "a", "c"], others=["a", "x"])["v"] == expected


def test_assignment__assign_count(org):
    """
    AssignCount puts the number of items into a number; a collection never set counts as 0.
    """
    fragments = (variable("n", "Number"), collection("v"), assignment("Set", item("n", "AssignCount", ref("v"))))
    assert outputs(org, *fragments, v=["a", "b"])["n"] == 2
    assert outputs(org, *fragments)["n"] == 0


def test_number_variable__without_scale_is_rounded_to_an_integer(org):
    """
    A number variable has scale 0 unless it says otherwise (Salesforce Help, "Flow Resource: Variable").
    """
    fragments = (
        variable("whole", "Number"),
        variable("cents", "Number", "<scale>2</scale>"),
        assignment("Set", item("whole", "Assign", number("2.5")), item("cents", "Assign", number("2.555"))),
    )
    result = outputs(org, *fragments)
    assert (result["whole"], result["cents"]) == (Decimal(3), Decimal("2.56"))


def test_output_boolean__never_assigned_stays_null(org):
    """
    An unset Boolean variable is null, not false.
    """
    assert outputs(org, variable("b", "Boolean"), variable("v"), assignment("Set", item("v", "Assign", text("x"))))["b"] is None


def test_record_variable__is_a_value(org):
    """
    Adding a record to a collection adds a copy: one variable, set again and again, makes several records.
    """
    fragments = (
        record("task", "Task"),
        collection("tasks", "SObject", "<objectType>Task</objectType>"),
        assignment(
            "Set",
            item("task.Subject", "Assign", text("one")),
            item("tasks", "Add", ref("task")),
            item("task.Subject", "Assign", text("two")),
            item("tasks", "Add", ref("task")),
        ),
    )
    assert [task["Subject"] for task in outputs(org, *fragments)["tasks"]] == ["one", "two"]


def test_record_field__empty_text_becomes_null_and_null_checkbox_false(org):
    """
    A record holds no zero-length text and no null checkbox.
    """
    fragments = (
        record("r", "Response__c"),
        assignment("Set", item("r.Note__c", "Assign", text("")), item("r.Quiet__c", "Assign", ref("never"))),
        variable("never", "Boolean"),
    )
    assert outputs(org, *fragments)["r"] == {"Note__c": None, "Quiet__c": False}
