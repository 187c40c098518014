"""NPS_Response_Created and NPS_Response_Changed: a response's automation, after its save is committed."""

from __future__ import annotations

from dataclasses import dataclass

from tooling.metadata.flows.acknowledge import ACKNOWLEDGE, is_acknowledged
from tooling.metadata.flows.elements import Element, Filter, Subflow, Update
from tooling.metadata.flows.escalate import ESCALATE
from tooling.metadata.flows.flow import AsyncPath, Flow, RecordStart
from tooling.metadata.flows.log_activity import LOG_ACTIVITY, is_logged
from tooling.metadata.flows.resources import Formula, Resource, Variable
from tooling.metadata.flows.response import RESPONSE
from tooling.metadata.flows.trouble import KEEP, LONGEST_ERROR, dead_letter, dead_letter_resources
from tooling.metadata.flows.values import TRUE, Value, literal, ref
from tooling.spec.model import Spec

_PENDING = Filter("Automation_Status__c", "EqualTo", literal("Pending"))


def created(spec: Spec) -> Flow:
    return _automation(
        spec,
        "NPS_Response_Created",
        "NPS Response: Created",
        "After a new survey response is committed",
        RecordStart(RESPONSE, "RecordAfterSave", "Create", filters=(_PENDING,), paths=(AsyncPath("After_Commit", "Follow_Up"),)),
        order=100,
    )


def changed(spec: Spec) -> Flow:
    return _automation(
        spec,
        "NPS_Response_Changed",
        "NPS Response: Changed",
        "After a survey response got a new revision, a new match, a removal or a retry, and is committed",
        RecordStart(
            RESPONSE,
            "RecordAfterSave",
            "Update",
            filters=(_PENDING, Filter("Automation_Attempt__c", "IsChanged", TRUE)),
            paths=(AsyncPath("After_Commit", "Follow_Up"),),
        ),
        order=200,
    )


def _automation(spec: Spec, name: str, label: str, when: str, start: RecordStart, order: int) -> Flow:
    steps = _steps(spec)
    return Flow(
        name=name,
        label=label,
        description=(
            f"{when}: runs its automation, one called flow after the other, and writes the results, or the errors, on the response in one "
            "update. Whatever one step could not do, the others still do."
        ),
        start=start,
        order=order,
        elements=(*steps, _write_result(spec), *dead_letter("AUTOMATION_RESULT_NOT_WRITTEN", response=ref("$Record.Id"))),
        resources=_resources(spec, [step.name for step in steps]),
    )


@dataclass(frozen=True, slots=True)
class _Step:
    name: str
    label: str
    description: str
    flow: str
    outputs: tuple[tuple[str, str], ...] = ()
    inputs: tuple[tuple[str, Value], ...] = ()


_FOLLOW_UP = _Step(
    "Follow_Up",
    "Follow up",
    "The task that a detractor's answer asks for. Its faults come back as a text.",
    "NPS_Follow_Up",
    (("AssigneeName", "FollowUpName"), ("DueAt", "DueAt"), ("FollowUpStatus", "FollowUpStatus"), ("FollowedUpAt", "FollowedUpAt")),
)
_ESCALATE = _Step(
    "Escalate",
    "Escalate",
    "The Case that critical feedback opens. Its faults come back as a text.",
    ESCALATE,
    (("CaseId", "CaseId"), ("FoundKeywords", "FoundKeywords")),
)
_LOG_ACTIVITY = _Step("Log_Activity", "Log the activity", "The answer on the timeline. Its faults come back as a text.", LOG_ACTIVITY)
_ACKNOWLEDGE = _Step(
    "Acknowledge",
    "Acknowledge",
    "The e-mail to a detractor. Its faults come back as a text.",
    ACKNOWLEDGE,
    inputs=(("FollowUpName", ref("FollowUpName")),),
)


def _steps(spec: Spec) -> list[Subflow]:
    wanted = (
        (_FOLLOW_UP, True),
        (_ESCALATE, spec.escalation is not None),
        (_LOG_ACTIVITY, is_logged(spec)),
        (_ACKNOWLEDGE, is_acknowledged(spec)),
    )
    steps = [step for step, is_wanted in wanted if is_wanted]
    following = [step.name for step in steps[1:]] + ["Write_Result"]
    return [
        Subflow(
            step.name,
            step.label,
            step.description,
            step.flow,
            (*step.inputs, ("Response", ref("$Record"))),
            (("ErrorText", f"{step.name}_Error"), *step.outputs),
            then,
        )
        for step, then in zip(steps, following, strict=True)
    ]


def _write_result(spec: Spec) -> Element:
    values: list[tuple[str, Value]] = [
        ("Automated_Revision__c", ref("$Record.Revision__c")),
        ("Automation_Error__c", ref("ErrorToKeep")),
        ("Automation_Status__c", ref("NewAutomationStatus")),
        ("Follow_Up_Due_At__c", ref("NewDueAt")),
        ("Follow_Up_Status__c", ref("NewFollowUpStatus")),
        ("Followed_Up_At__c", ref("NewFollowedUpAt")),
    ]
    if spec.escalation is not None:
        values += [("Case__c", ref("NewCase")), ("Escalation_Keywords__c", ref("NewKeywords"))]
    return Update(
        "Write_Result",
        "Write the result",
        "The only update of the response by this flow.",
        tuple(values),
        then=None,
        fault=KEEP,
        reference="$Record",
    )


def _resources(spec: Spec, steps: list[str]) -> tuple[Resource, ...]:
    errors = ' & "\\n" & '.join(f'BLANKVALUE({{!{step}_Error}}, "")' for step in steps)
    return (
        *(Variable(f"{step}_Error", "String", "What went wrong in this step; empty when all went well.") for step in steps),
        Variable("FollowUpName", "String", "The name of whoever has the follow-up."),
        Variable("DueAt", "DateTime", "When the follow-up is due, if a task was created now."),
        Variable("FollowUpStatus", "String", "The follow-up's new status; empty: unchanged."),
        Variable("FollowedUpAt", "DateTime", "When the follow-up was closed, if it is."),
        *(_case_resources() if spec.escalation is not None else ()),
        Formula("ErrorText", "String", f"TRIM({errors})" if len(steps) > 1 else errors, "What went wrong, one step a line."),
        Formula(
            "HasFailed", "Boolean", f"NOT(AND({', '.join(f'ISBLANK({{!{step}_Error}})' for step in steps)}))", "True when a step failed."
        ),
        Formula(
            "NewAutomationStatus",
            "String",
            'IF({!HasFailed}, "Failed", IF(ISBLANK({!$Record.Removed_At_Source__c}), "Done", "Not needed"))',
            "The automation status to write.",
        ),
        Formula(
            "NewFollowUpStatus",
            "String",
            "IF(ISBLANK({!FollowUpStatus}), TEXT({!$Record.Follow_Up_Status__c}), {!FollowUpStatus})",
            "The follow-up status to write.",
        ),
        Formula("NewDueAt", "DateTime", "IF(ISBLANK({!DueAt}), {!$Record.Follow_Up_Due_At__c}, {!DueAt})", "The due moment to write."),
        Formula(
            "NewFollowedUpAt",
            "DateTime",
            'IF({!FollowUpStatus} = "Open", NULL, '
            "IF(ISBLANK({!$Record.Followed_Up_At__c}), {!FollowedUpAt}, {!$Record.Followed_Up_At__c}))",
            "When the follow-up was closed; cleared while it is open.",
        ),
        Formula(
            "ErrorToKeep",
            "String",
            f"IF({{!HasFailed}}, LEFT({{!ErrorText}}, {LONGEST_ERROR}), NULL)",
            "The error, cut to what the field holds.",
        ),
        *dead_letter_resources(
            '"automation:" & {!$Record.Response_Key__c} & ":" & TEXT({!$Record.Automation_Attempt__c})',
            message='{!$Flow.FaultMessage} & " " & {!ErrorText}',
        ),
    )


def _case_resources() -> tuple[Resource, ...]:
    return (
        Variable("CaseId", "String", "The Case; empty when there is none."),
        Variable("FoundKeywords", "String", "The keywords that were found."),
        Formula("NewCase", "String", "IF(ISBLANK({!CaseId}), {!$Record.Case__c}, {!CaseId})", "The Case to write."),
        Formula(
            "NewKeywords",
            "String",
            "IF(ISBLANK({!FoundKeywords}), {!$Record.Escalation_Keywords__c}, {!FoundKeywords})",
            "The keywords to write.",
        ),
    )
