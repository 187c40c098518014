"""More of what a deploy refuses, each with its whole message. Source: metadata reference, sections 1.3, 1.4 and 2.5."""

from __future__ import annotations

import pytest

from tooling.local_org.flow import check_flow, read_flow

from .build import (
    AFTER_SAVE,
    assignment,
    boolean,
    filters,
    inputs,
    item,
    number,
    problems,
    record,
    ref,
    text,
    to,
    variable,
    xml,
)
from .schema import SCHEMA

V = variable("v")
SET = assignment("Set", item("v", "Assign", text("x")))
STORE = "<storeOutputAutomatically>true</storeOutputAutomatically>"
PATH = (
    f"<scheduledPaths><name>P</name>{to('Set')}<label>P</label><offsetNumber>-1</offsetNumber><offsetUnit>Days</offsetUnit>"
    "<recordField>{}</recordField><timeSource>RecordField</timeSource></scheduledPaths>"
)


def begin(trigger: str = "RecordAfterSave", on: str = "Create", more: str = "", sobject: str = "Response__c") -> str:
    kind = f"<recordTriggerType>{on}</recordTriggerType>" if on else ""
    return f"{to('Set')}{more}<object>{sobject}</object>{kind}<triggerType>{trigger}</triggerType>"


DAILY = "<schedule><frequency>Daily</frequency><startDate>2026-01-01</startDate><startTime>01:00:00.000Z</startTime></schedule>"


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (begin("RecordBeforeDelete", "Update"), "A flow that runs before a record is deleted needs the recordTriggerType Delete."),
        (
            begin("RecordBeforeDelete", "Delete", PATH.format("Due__c")),
            "Scheduled paths are only for flows that run after a record is saved.",
        ),
        (begin(more=PATH.format("Note__c")), 'The recordField "Note__c" must be a date or a datetime.'),
        (begin(more=PATH.format("Nope__c")), 'The field "Nope__c" for the object "Response__c" doesn\'t exist.'),
        (
            begin(on="Update", more=PATH.format("Due__c")),
            "A flow with an asynchronous or scheduled path that runs when a record is updated must run only when the record is changed "
            "to meet the conditions: set doesRequireRecordChangedToMeetCriteria to true, or use the IsChanged operator.",
        ),
        (
            begin(more=f"<filterLogic>{' AND '.join(['1'] * 200)}</filterLogic>{filters(('Score__c', 'LessThan', number(7)))}"),
            "The logic is too long (1195 characters). Maximum length is 1000 characters.",
        ),
        (begin(more="<maxBatchSize>10</maxBatchSize>"), "maxBatchSize of start is only for flows whose triggerType is Scheduled."),
        (begin("Scheduled", "", f"<maxBatchSize>201</maxBatchSize>{DAILY}"), "maxBatchSize must be between 1 and 200, not 201."),
        (begin("Scheduled", "Update", DAILY), "recordTriggerType is only for flows that a record triggers."),
        (begin(more=DAILY), "schedule is only for flows whose triggerType is Scheduled."),
        (
            begin("Scheduled", "", DAILY + filters(("Score__c", "IsChanged", boolean(True)))),
            "The operator IsChanged is only for flows that run when a record is updated.",
        ),
        (
            begin(more=filters(("Score__c", "IsBlank", boolean(True)))),
            "Error parsing file: 'IsBlank' is not a valid value for the enum 'FlowRecordFilterOperator'",
        ),
    ],
)
def test_start__refused(start: str, expected: str) -> None:
    """
    Rules of triggers, entry conditions, paths and schedules.
    """
    assert expected in problems(V, SET, start=start)


def test_prior_record__not_in_a_schedule_triggered_flow() -> None:
    """
    $Record__Prior is only for flows that a record triggers.
    """
    read = assignment("Set", item("v", "Assign", ref("$Record__Prior.Name")))
    found = problems(V, read, start=begin("Scheduled", "", DAILY))
    assert found == ["$Record__Prior isn't available in this flow ($Record__Prior.Name)."]


def call(kind: str, more: str = "", name: str = "X") -> str:
    return f"<actionCalls><name>Act</name><actionName>{name}</actionName><actionType>{kind}</actionType>{more}</actionCalls>"


ADDRESS = "<inputParameters><name>emailAddresses</name><value><stringValue>a@b.example</stringValue></value></inputParameters>"
SENT = "<outputParameters><assignToReference>v</assignToReference><name>sent</name></outputParameters>"
GET = "<recordLookups><name>Find</name>{}<object>Contact</object></recordLookups>"
HELD = "<inputReference>c</inputReference>"
MATCHING = "<operationOneMatchingRecord>x</operationOneMatchingRecord>"
UPDATE = "<recordUpdates><name>Save</name>{}</recordUpdates>"


@pytest.mark.parametrize(
    ("fragments", "expected"),
    [
        *[
            ((V, call(kind)), f'The action type {kind} of "Act" is not supported by the local org')
            for kind in ("apex", "chatterPost", "quickAction", "submit", "outboundMessage", "flow", "externalService", "createCase")
        ],
        (
            (V, call("emailSimple", ADDRESS + "<inputParameters><name>priority</name></inputParameters>")),
            'The input "priority" of the action emailSimple is not supported by the local org',
        ),
        (
            (V, call("emailSimple", ADDRESS + "<flowTransactionModel>NewTransaction</flowTransactionModel>")),
            "flowTransactionModel NewTransaction is not supported by the local org",
        ),
        (
            (V, call("emailSimple", ADDRESS + SENT)),
            "An output of the action emailSimple is not supported by the local org",
        ),
        ((V, call("emailAlert")), 'The action "Act" lacks the required input "SObjectRowId".'),
        ((V, GET.format(STORE + f"<limit>{number(1)}</limit>")), "limit must be between 2 and 20000, not 1."),
        (
            (V, GET.format(STORE + "<relatedRecords><x/></relatedRecords>")),
            "relatedRecords of FlowRecordLookup is not supported by the local org",
        ),
        (
            (record("c", "Contact"), V, UPDATE.format(inputs(LastName=text("x")) + HELD + "<object>Contact</object>")),
            "inputReference can't be combined with object and filters.",
        ),
        (
            (record("c", "Contact"), V, UPDATE.format(filters(("LastName", "EqualTo", text("x"))) + HELD)),
            "inputReference can't be combined with object and filters.",
        ),
        (
            (variable("t", "DateTime"), assignment("Set", item("t", "Add", number(1)))),
            "The assignment operator Add isn't available for the data type DateTime.",
        ),
        (
            (record("c", "Contact"), assignment("Set", item("c", "Add", ref("c")))),
            "The assignment operator Add isn't available for the data type SObject.",
        ),
        (
            (V, "<recordCreates><name>Make</name>" + inputs(Subject=text("x")) + MATCHING + "<object>Task</object></recordCreates>"),
            "operationOneMatchingRecord of FlowRecordCreate is not supported by the local org",
        ),
        ((V, SET, "<screens><name>S</name></screens>"), "screens of Flow is not supported by the local org"),
    ],
)  # fmt: skip
def test_elements__refused(fragments: tuple[str, ...], expected: str) -> None:
    """
    Rules of elements; what Salesforce takes and the local org does not is refused by name.
    """
    assert expected in problems(*fragments)


@pytest.mark.parametrize(
    "function", ["GETRECORDIDS(v)", "IMAGE(v, v)", "INCLUDES(v, v)", "PARENTGROUPVAL(1, v)", "PREVGROUPVAL(1, v)", "PRIORVALUE({!v})",
                 "REQUIRESCRIPT(v)", "VLOOKUP(v, v, v)", "ISCHANGED({!v})", "ISNEW()"],
)  # fmt: skip
def test_flow_formula__functions_that_flows_do_not_have(function: str) -> None:
    """
    Salesforce Help, "Flow Formula Considerations": some functions aren't supported; ISNEW and ISCHANGED are for entry formulas.
    """
    found = problems(V, SET, f"<formulas><name>F</name><dataType>String</dataType><expression>{function}</expression></formulas>")
    name = function.partition("(")[0]
    assert found == [f"The formula expression is invalid: Function {name} may not be used in this type of formula"]


def test_draft__is_checked_as_if_active() -> None:
    """
    What Salesforce lets pass in a draft it refuses on activation: here it is refused at once. salesforce/sf-pi, flow guide.
    """
    made = xml(V, SET, start=begin(on="Update", more=PATH.format("Due__c"))).replace(b"Active", b"Draft")
    found = check_flow(read_flow("Drafted", made), SCHEMA, {})
    assert any("must run only when the record is changed to meet the conditions" in problem.problem for problem in found)


def test_update_of_the_triggering_record__may_be_held_to_conditions() -> None:
    """
    Conditions on $Record are allowed; their fields must exist.
    """
    held = UPDATE.format("{}" + inputs(Note__c=text("x")) + "<inputReference>$Record</inputReference>")
    assert problems(held.format(filters(("Score__c", "GreaterThan", number(1)))), start=AFTER_SAVE) == []
    wrong = problems(held.format(filters(("Nope__c", "GreaterThan", number(1)))), start=AFTER_SAVE)
    assert 'The field "Nope__c" for the object "Response__c" doesn\'t exist.' in wrong
