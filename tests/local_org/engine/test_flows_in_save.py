"""Record-triggered flows within the save order: before and after save, faults, partial success, re-entry."""

from __future__ import annotations

import pytest

from .conftest import Story
from .metadata import assign, create, criterion, custom_error, flow, formula, path, reference, text, update_record

COUNT_RUNS = formula("Next", "BLANKVALUE({!$Record.Runs__c}, 0) + 1", "Number", 0)


def test_before_save__assignment_is_validated(story: Story) -> None:
    """What a before-save flow assigns is stored without DML, and validation rules see it."""
    story.deploy_flows(
        Prepare=flow(
            "Prepare",
            assign("First", "Score__c", "<numberValue>11.0</numberValue>"),
            trigger="RecordBeforeSave",
            filters=criterion("Note__c", "EqualTo", text("bad")),
        )
    )
    assert story.refusal(story.response(Note__c="bad"))[1] == "A score is 0 to 10."
    assert story.saved("Response__c", Note__c="good")


def test_before_save__trigger_order(story: Story) -> None:
    """Flows of one moment run in their trigger order, whatever their names."""
    story.deploy_flows(
        A_Late=flow("Late", assign("First", "Note__c", text("late")), trigger="RecordBeforeSave", order=20),
        B_Early=flow("Early", assign("First", "Note__c", text("early")), trigger="RecordBeforeSave", order=10),
    )
    story.saved("Response__c", Key__c="1")
    assert story.value("SELECT Note__c FROM Response__c") == "late"


def test_before_save__text_that_is_too_long(story: Story) -> None:
    """A flow's value must fit its field like anybody's."""
    story.deploy_flows(Prepare=flow("Prepare", assign("First", "Note__c", text("x" * 41)), trigger="RecordBeforeSave"))
    assert story.refusal(story.response(Key__c="1"))[0] == "STRING_TOO_LONG"


def test_after_save__record_of_its_own(story: Story) -> None:
    """An after-save flow sees the id of the saved record; its DML goes through the whole order."""
    story.deploy_flows(
        Follow_Up=flow("Follow Up", create("First", "Task", {"Subject": text("Call"), "WhatId": reference("$Record.Id")})),
    )
    ids = story.all_saved([story.response(Key__c=str(n)) for n in range(3)])
    assert sorted(story.values("SELECT WhatId FROM Task")) == sorted(ids)


def test_after_save__custom_error_of_one_record(story: Story) -> None:
    """One record's custom error undoes that record only; the flow ran again for the survivors, whose effects are there once."""
    story.deploy_flows(
        Guard=flow(
            "Guard", custom_error("First", "Not this one.", "Note__c"), filters=criterion("Note__c", "EqualTo", text("bad")), order=2
        ),
        Follow_Up=flow("Follow Up", create("First", "Task", {"Subject": text("Call"), "WhatId": reference("$Record.Id")}), order=1),
    )
    results = story.org.insert(story.admin, [story.response(Note__c="good"), story.response(Note__c="bad"), story.response(Note__c="fine")])
    assert [result.success for result in results] == [True, False, True]
    assert (results[1].errors[0].code, results[1].errors[0].message, results[1].errors[0].fields) == (
        "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Not this one.", ("Note__c",),
    )  # fmt: skip
    assert len(story.values("SELECT Id FROM Task")) == 2
    assert results[1].id is None


def test_after_save__unhandled_fault(story: Story) -> None:
    """An unhandled fault refuses the record, in the words that name the flow and what it tried to do."""
    story.deploy_flows(Bad=flow("My Flow", create("First", "Contact", {"FirstName": text("nameless")})))
    code, message = story.refusal(story.response(Key__c="1"))
    assert code == "CANNOT_EXECUTE_FLOW_TRIGGER"
    assert "We can't save this record because the “My Flow” process failed." in message
    assert "REQUIRED_FIELD_MISSING: Required fields are missing: [LastName]" in message
    assert story.values("SELECT Key__c FROM Response__c") == []


def test_after_save__fault_path(story: Story) -> None:
    """A fault path saves the record, and can write down what went wrong."""
    elements = create("First", "Contact", {"FirstName": text("nameless")}, fault="Note") + update_record("Note", "Note__c", text("failed"))
    story.deploy_flows(Careful=flow("Careful", elements))
    story.saved("Response__c", Key__c="1")
    assert story.value("SELECT Note__c FROM Response__c") == "failed"


def test_after_save__update_of_the_record_runs_its_flows(story: Story) -> None:
    """An update by an after-save flow re-enters the whole order: before-save flows and validation rules included."""
    story.deploy_flows(
        Count=flow("Count", COUNT_RUNS + assign("First", "Runs__c", reference("Next")), trigger="RecordBeforeSave", on="CreateAndUpdate"),
        Touch=flow("Touch", update_record("First", "Note__c", text("touched"))),
    )
    story.saved("Response__c", Key__c="1")
    assert story.rows("SELECT Note__c, Runs__c FROM Response__c") == [{"Note__c": "touched", "Runs__c": 2.0}]


@pytest.mark.parametrize(("reenter", "runs"), [(True, 6.0), (False, 2.0)])
def test_reentry__both_hypotheses(story: Story, reenter: bool, runs: float) -> None:
    """Under one hypothesis a flow runs again for its own update while its criteria are met, under the other once per transaction."""
    story.set(reenter=reenter)
    under_six = criterion("Runs__c", "LessThan", "<numberValue>6.0</numberValue>")
    elements = COUNT_RUNS + update_record("First", "Runs__c", reference("Next"))
    story.deploy_flows(Loop=flow("Loop", elements, on="CreateAndUpdate", filters=under_six))
    story.saved("Response__c", Key__c="1", Runs__c=1)
    assert story.value("SELECT Runs__c FROM Response__c") == runs


def test_delete__guarded_by_a_flow(story: Story) -> None:
    """A custom error of a before-delete flow keeps the record."""
    story.deploy_flows(Guard=flow("Guard", custom_error("First", "Stays."), trigger="RecordBeforeDelete", on="Delete"))
    record_id = story.saved("Response__c", Key__c="1")
    (result,) = story.org.delete(story.admin, [record_id])
    assert result.errors[0].message == "Stays."
    assert story.values("SELECT Id FROM Response__c") == [record_id]


def test_trace__of_a_failed_and_a_new_record(story: Story) -> None:
    """The trace of a before-save interview carries the id that the record got later."""
    story.deploy_flows(Prepare=flow("Prepare", assign("First", "Note__c", text("x")), trigger="RecordBeforeSave"))
    record_id = story.saved("Response__c", Key__c="1")
    trace = story.org.interviews()[-1]
    assert (trace["flow"], trace["recordId"], [e["element"] for e in trace["elements"]]) == ("Prepare", record_id, ["First"])


def test_rollback__queues_nothing(story: Story) -> None:
    """A record that was rolled back leaves no asynchronous interview behind."""
    story.deploy_flows(Later=flow("Later", update_record("First", "Note__c", text("later")), first=None, paths=path("Async", "First")))
    story.org.insert(story.admin, [story.response(Key__c="1"), story.response(Score__c=99)], all_or_none=True)
    assert story.org.run_async() == {"async": 0, "scheduled": 0}
