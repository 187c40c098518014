"""Entry conditions, asynchronous and scheduled paths, schedules. Source: metadata reference, "start: meaning and what deploy rejects"."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from tooling.local_org.flow import Trigger, due_paths, entry_matches, run, scheduled_selection
from tooling.local_org.flow.host import Criterion

from .build import assignment, boolean, filters, item, number, program, ref, text, variable

NOTE = (variable("v"), assignment("Set", item("v", "Assign", text("x"))), assignment("Later", item("v", "Assign", ref("$Record.Note__c"))))


def start(conditions="", trigger="RecordAfterSave", kind="CreateAndUpdate", paths="", immediate="Set"):
    connector = f"<connector><targetReference>{immediate}</targetReference></connector>" if immediate else ""
    of_kind = f"<recordTriggerType>{kind}</recordTriggerType>" if kind else ""
    return f"{connector}{conditions}<object>Response__c</object>{of_kind}{paths}<triggerType>{trigger}</triggerType>"


def entry(org, conditions, record, prior=None):
    made = program(*NOTE[:2], start=start(conditions))
    return entry_matches(made, org, Trigger(record, prior, prior is None))


@pytest.mark.parametrize(
    ("logic", "record", "expected"),
    [
        ("and", {"Score__c": Decimal(3), "Status__c": "pending"}, True),
        ("and", {"Score__c": Decimal(9), "Status__c": "Pending"}, False),
        ("or", {"Score__c": Decimal(9), "Status__c": "Pending"}, True),
        ("1 OR (2 AND 1)", {"Score__c": Decimal(9), "Status__c": "Pending"}, False),
    ],
)
def test_entry__filters(org, logic, record, expected):
    """
    Start filters combine by and, or, custom logic; text without case.
    """
    lines = filters(("Score__c", "LessThan", number(7)), ("Status__c", "EqualTo", text("Pending")))
    assert entry(org, f"<filterLogic>{logic}</filterLogic>{lines}", record) is expected


REQUIRE = "<doesRequireRecordChangedToMeetCriteria>true</doesRequireRecordChangedToMeetCriteria>"


@pytest.mark.parametrize("form", ["filters", "formula"])
def test_entry__only_when_changed_to_meet_the_criteria(org, form):
    """
    On update only if the record did not meet the criteria before; a created record that meets them always starts the flow.
    """
    formula = "<filterFormula>{!$Record.Score__c} &lt; 7</filterFormula>"
    conditions = REQUIRE + (
        formula if form == "formula" else "<filterLogic>and</filterLogic>" + filters(("Score__c", "LessThan", number(7)))
    )
    low, lower, high = {"Score__c": Decimal(3)}, {"Score__c": Decimal(2)}, {"Score__c": Decimal(9)}
    assert entry(org, conditions, low)
    assert entry(org, conditions, low, high)
    assert not entry(org, conditions, low, lower)
    assert not entry(org, conditions, high, low)


def test_entry__is_changed_filter(org):
    """
    IsChanged in a start filter compares with the record before the save.
    """
    conditions = "<filterLogic>and</filterLogic>" + filters(("Score__c", "IsChanged", boolean(True)))
    assert entry(org, conditions, {"Score__c": Decimal(3)}, {"Score__c": Decimal(4)})
    assert not entry(org, conditions, {"Score__c": Decimal(3)}, {"Score__c": Decimal(3)})


def test_entry_formula__parents_and_settings(org):
    """
    An entry formula reads parents, null through an empty lookup, and custom settings.
    """
    org.globals[("$Setup", "Settings__c", "Off__c")] = False
    account = org.add("Account", Name="Acme")
    formula = '<filterFormula>AND(NOT({!$Setup.Settings__c.Off__c}), {!$Record.Account__r.Name} = "Acme")</filterFormula>'
    assert entry(org, formula, {"Account__c": account["Id"]})
    assert not entry(org, formula, {"Account__c": None})


ASYNC = (
    "<scheduledPaths><name>After_Commit</name><connector><targetReference>Later</targetReference></connector>"
    "<pathType>AsyncAfterCommit</pathType></scheduledPaths>"
)


def timed(name, number_, unit, source="RecordTriggerEvent", more=""):
    return (
        f"<scheduledPaths><name>{name}</name><connector><targetReference>Later</targetReference></connector><label>x</label>{more}"
        f"<offsetNumber>{number_}</offsetNumber><offsetUnit>{unit}</offsetUnit><timeSource>{source}</timeSource></scheduledPaths>"
    )


def test_due_paths__async_and_offsets(org):
    """
    The path after commit has no time; the others are counted from the trigger or from a field, negative ones before it.
    """
    paths = (
        ASYNC
        + timed("Soon", 5, "Minutes", more="<maxBatchSize>10</maxBatchSize>")
        + timed("Before_Due", -2, "Days", "RecordField", "<recordField>Due__c</recordField>")
        + timed("Month_On", 1, "Months", "RecordField", "<recordField>Answered__c</recordField>")
        + timed("Never", 1, "Hours", "RecordField", "<recordField>Answered__c</recordField>").replace("Answered__c", "Due__c", 0)
    )
    made = program(*NOTE, start=start(kind="Create", paths=paths))
    record = {"Due__c": date(2025, 7, 1), "Answered__c": datetime(2025, 1, 31, 12, 0, tzinfo=UTC)}
    due = {path.name: path for path in due_paths(made, org, Trigger(record, None, True))}
    assert due["After_Commit"].due_at is None
    assert due["Soon"].due_at == datetime(2025, 6, 15, 18, 35, tzinfo=UTC) and due["Soon"].max_batch_size == 10
    assert due["Before_Due"].due_at == datetime(2025, 6, 29, 7, 0, tzinfo=UTC), "midnight in Los Angeles"
    assert due["Month_On"].due_at == datetime(2025, 2, 28, 12, 0, tzinfo=UTC)
    assert "Before_Due" not in {p.name for p in due_paths(made, org, Trigger({"Due__c": None}, None, True))}


def test_run__a_path_by_name(org):
    """
    A path runs on its own, with the record as it is then.
    """
    made = program(*NOTE, start=start(kind="Create", paths=ASYNC))
    [result] = run(made, org, [Trigger({"Id": "a01", "Note__c": "now"}, None, False)], path="After_Commit")
    assert result.outputs["v"] == "now"


def test_schedule_triggered__records_and_run(org):
    """
    A schedule-triggered flow with an object runs once per record that its filters find, with $Record bound.
    """
    begin = (
        "<connector><targetReference>Later</targetReference></connector><filterLogic>and</filterLogic>"
        + filters(("Due__c", "LessThanOrEqualTo", ref("$Flow.CurrentDate")))
        + "<object>Response__c</object><schedule><frequency>Daily</frequency><startDate>2025-01-01</startDate>"
        "<startTime>01:00:00.000Z</startTime></schedule><triggerType>Scheduled</triggerType>"
    )
    made = program(*NOTE, start=begin)
    selection = scheduled_selection(made, org)
    assert selection.sobject == "Response__c"
    assert selection.criteria == (Criterion("Due__c", "LessThanOrEqualTo", date(2025, 6, 15)),)
    [result] = run(made, org, [Trigger({"Id": "a01", "Note__c": "n"}, None, False)])
    assert result.outputs["v"] == "n"


def test_before_delete__runs_on_the_record(org):
    """
    A flow before delete can refuse it with a custom error.
    """
    refuse = (
        "<customErrors><name>Refuse</name><customErrorMessages><errorMessage>Keep it</errorMessage><isFieldError>false</isFieldError>"
        "</customErrorMessages></customErrors>"
    )
    made = program(refuse, start=start(trigger="RecordBeforeDelete", kind="Delete", immediate="Refuse"))
    [result] = run(made, org, [Trigger({"Id": "a01"}, None, False)])
    assert result.custom_errors == [("Keep it", None)]
