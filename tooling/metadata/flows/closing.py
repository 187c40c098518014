"""What people do with Tasks and Cases comes back to the response and its Account: follow-ups closed or reopened, escalations too.

Each turn has a flow of its own whose conditions stay true until the next turn: a pending path is dropped when a later save no longer meets
the conditions, and "is changed" is false at the very next save.
"""

from __future__ import annotations

from tooling.metadata.flows.ask_again import SMALL_BATCH, request
from tooling.metadata.flows.bell import FOLLOW_UP_NOTIFICATION, ring, ring_resources
from tooling.metadata.flows.elements import Assign, Assignment, Condition, Decision, Element, Filter, Get, Rule, Update
from tooling.metadata.flows.flow import AsyncPath, Flow, RecordStart, ScheduledPath
from tooling.metadata.flows.follow_up import KIND
from tooling.metadata.flows.resources import Formula, Resource, TextTemplate
from tooling.metadata.flows.response import RESPONSE
from tooling.metadata.flows.trouble import KEEP, dead_letter, dead_letter_resources
from tooling.metadata.flows.values import FALSE, TRUE, Value, literal, ref
from tooling.spec.model import Spec

_SOON = 1
"""Minutes: after the stamp on the response is committed."""


def follow_up_done(spec: Spec) -> Flow:
    return _follow_up_turned(
        "NPS_Follow_Up_Done",
        "NPS Follow-up: Done",
        "When a follow-up task is closed: stamps the response as followed up, asks for root cause and resolution where they are missing, "
        "and asks for the Account's recalculation.",
        closed=TRUE,
        order=100,
        rings=spec.follow_up.detractor.notify,
    )


def follow_up_reopened(spec: Spec) -> Flow:
    return _follow_up_turned(
        "NPS_Follow_Up_Reopened",
        "NPS Follow-up: Reopened",
        "When a closed follow-up task is opened again: the response's follow-up is open again, without a time, and the Account is asked to "
        "be recalculated.",
        closed=FALSE,
        order=200,
        rings=False,
    )


def _follow_up_turned(name: str, label: str, description: str, *, closed: Value, order: int, rings: bool) -> Flow:
    return Flow(
        name=name,
        label=label,
        description=description,
        start=RecordStart(
            "Task",
            "RecordAfterSave",
            "Update",
            filters=(
                Filter("NPS_Response__c", "IsNull", FALSE),
                Filter("NPS_Kind__c", "EqualTo", literal(KIND)),
                Filter("IsClosed", "EqualTo", closed),
            ),
            changed_to_meet=True,
            paths=(
                AsyncPath("After_Commit", "Response"),
                ScheduledPath("Soon", "A minute after it", "Response_Of_Task", _SOON, "Minutes", SMALL_BATCH),
            ),
        ),
        order=order,
        elements=(*_stamp_response("Does_It_Ring" if rings else None), *(_ask_for_cause() if rings else ()), *_ask_account()),
        resources=_follow_up_resources(rings),
    )


def _stamp_response(then: str | None) -> tuple[Element, ...]:
    return (
        Get(
            "Response",
            "Survey response",
            "The one this task was made for.",
            RESPONSE,
            (Filter("Id", "EqualTo", ref("$Record.NPS_Response__c")),),
            ("Followed_Up_At__c", "Id", "Name", "Resolution__c", "Root_Cause__c"),
            then="Is_Response_There",
            fault=KEEP,
        ),
        Decision(
            "Is_Response_There",
            "Is it there?",
            "It may have been deleted.",
            (Rule("Response_Is_There", "Yes", (Condition("Response", "IsNull", FALSE),), "Stamp_Response"),),
            None,
            "No",
        ),
        Update(
            "Stamp_Response",
            "Stamp the response",
            "As the task is now: closed, or open again.",
            (("Follow_Up_Status__c", ref("NewStatus")), ("Followed_Up_At__c", ref("FollowedUpAt"))),
            then=then,
            fault=KEEP,
            sobject=RESPONSE,
            filters=(Filter("Id", "EqualTo", ref("Response.Id")),),
        ),
        *dead_letter("FOLLOW_UP_NOT_STAMPED", response=ref("$Record.NPS_Response__c")),
    )


def _ask_for_cause() -> tuple[Element, ...]:
    return (
        *ring(
            "Ring",
            "Does_It_Ring",
            Condition("CauseIsMissing", "EqualTo", TRUE),
            "$Record.OwnerId",
            title="AskTitle",
            body="AskBody",
            target=ref("Response.Id"),
            then=None,
            fault="No_Bell",
        ),
        Assignment(
            "No_Bell",
            "Nobody is asked",
            "The follow-up is stamped; only the question was not asked.",
            (Assign("LastError", literal(f"The notification {FOLLOW_UP_NOTIFICATION} could not be sent")),),
            None,
        ),
    )


def _ask_account() -> tuple[Element, ...]:
    return (
        Get(
            "Response_Of_Task",
            "Survey response of the task",
            "Its Account's segment depends on the follow-up.",
            RESPONSE,
            (Filter("Id", "EqualTo", ref("$Record.NPS_Response__c")),),
            ("Account__c", "Id"),
            then="Has_It_An_Account",
            fault=KEEP,
        ),
        Decision(
            "Has_It_An_Account",
            "Has it an Account?",
            "Without one there is nothing to recalculate.",
            (
                Rule(
                    "It_Has_An_Account",
                    "Yes",
                    (Condition("Response_Of_Task", "IsNull", FALSE), Condition("Response_Of_Task.Account__c", "IsNull", FALSE)),
                    "Ask_Account",
                ),
            ),
            None,
            "No",
        ),
        request("Ask_Account", "Account", ref("Response_Of_Task.Account__c"), None, KEEP),
    )


def _follow_up_resources(rings: bool) -> tuple[Resource, ...]:
    asking = (
        Formula(
            "CauseIsMissing",
            "Boolean",
            "AND({!$Record.IsClosed}, OR(ISBLANK(TEXT({!Response.Root_Cause__c})), ISBLANK({!Response.Resolution__c})))",
            "True when the follow-up is closed and nobody has said why, or what was done.",
        ),
        TextTemplate("AskTitle", "NPS follow-up closed: what was the cause?", "The notification's title."),
        TextTemplate(
            "AskBody",
            "Please note root cause and resolution on survey response {!Response.Name}: others will learn from it.",
            "The notification's text.",
        ),
        *ring_resources("Ring"),
    )
    return (
        Formula("NewStatus", "String", 'IF({!$Record.IsClosed}, "Done", "Open")', "The follow-up's status, as the task is now."),
        Formula(
            "FollowedUpAt",
            "DateTime",
            "IF({!$Record.IsClosed}, BLANKVALUE({!Response.Followed_Up_At__c}, "
            "BLANKVALUE({!$Record.CompletedDateTime}, {!$Flow.CurrentDateTime})), NULL)",
            "When the task was closed; blank while it is open.",
        ),
        *(asking if rings else ()),
        *dead_letter_resources('"follow-up:" & {!$Record.Id}'),
    )


def escalation_opened(spec: Spec) -> Flow:
    return _escalation_turned(
        "NPS_Escalation_Opened",
        "NPS Escalation: Opened",
        "When feedback opened a Case, or such a Case is opened again: asks for the recalculation of the Account the answer counts for.",
        on="CreateAndUpdate",
        closed=FALSE,
        order=100,
    )


def escalation_closed(spec: Spec) -> Flow:
    return _escalation_turned(
        "NPS_Escalation_Closed",
        "NPS Escalation: Closed",
        "When a Case that feedback opened is closed: asks for the recalculation of the Account the answer counts for.",
        on="Update",
        closed=TRUE,
        order=200,
    )


def _escalation_turned(name: str, label: str, description: str, *, on: str, closed: Value, order: int) -> Flow:
    return Flow(
        name=name,
        label=label,
        description=description,
        start=RecordStart(
            "Case",
            "RecordAfterSave",
            on,
            filters=(Filter("NPS_Response__c", "IsNull", FALSE), Filter("IsClosed", "EqualTo", closed)),
            changed_to_meet=True,
            paths=(ScheduledPath("Soon", "A minute after it", "Is_There_An_Account", _SOON, "Minutes", SMALL_BATCH),),
        ),
        order=order,
        elements=(
            Decision(
                "Is_There_An_Account",
                "Is there an Account?",
                "The one the answer counts for; the Case's own may be another.",
                (Rule("There_Is_An_Account", "Yes", (Condition("HasAccount", "EqualTo", TRUE),), "Ask_Account"),),
                None,
                "No",
            ),
            request("Ask_Account", "Account", ref("AccountId"), None, KEEP),
            *dead_letter("RECALCULATION_NOT_REQUESTED", response=ref("$Record.NPS_Response__c")),
        ),
        resources=(
            Formula("AccountId", "String", "{!$Record.NPS_Response__r.Account__c}", "The Account the answer counts for."),
            Formula("HasAccount", "Boolean", "NOT(ISBLANK({!AccountId}))", "True when there is one."),
            *dead_letter_resources('"escalation:" & {!$Record.Id}'),
        ),
    )
