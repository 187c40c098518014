"""NPS_Automation_Sweep: once a day, whatever automation still owes a response is started again."""

from __future__ import annotations

from tooling.metadata.flows.elements import Condition, Decision, Element, Filter, Rule, Update
from tooling.metadata.flows.flow import Flow, ScheduledStart
from tooling.metadata.flows.mailing import SWITCHED_OFF
from tooling.metadata.flows.promoter import call_invite, error_resources
from tooling.metadata.flows.resources import Formula, Resource
from tooling.metadata.flows.response import RESPONSE
from tooling.metadata.flows.trouble import KEEP, dead_letter, dead_letter_resources
from tooling.metadata.flows.values import TRUE, literal, ref
from tooling.spec.model import Spec

_MOST_ATTEMPTS = 5
_AT = "03:00"


def automation_sweep(spec: Spec) -> Flow:
    invites = spec.follow_up.promoter is not None
    statuses = tuple(Filter("Automation_Status__c", "EqualTo", literal(status)) for status in ("Pending", "Failed", "Suppressed"))
    waiting = (Filter("Advocacy_Status__c", "EqualTo", literal("Waiting")),) if invites else ()
    return Flow(
        name="NPS_Automation_Sweep",
        label="NPS: Automation Sweep",
        description=(
            "Once a day: starts the automation of survey responses again that has been pending for an hour, that failed in fewer than five "
            "attempts, or that was suppressed while the switch in NPS Settings was off; goes on with promoters who are still to be thanked."
        ),
        start=ScheduledStart(RESPONSE, "Is_It_Switched_Off", _AT, (*statuses, *waiting), logic="or"),
        elements=(
            Decision(
                "Is_It_Switched_Off",
                "Is it switched off?",
                "While the switch is off nothing is started; nothing is lost either.",
                (Rule("Switched_Off", "Yes", (SWITCHED_OFF,), None),),
                "Is_It_Owed",
                "No",
            ),
            Decision(
                "Is_It_Owed",
                "Is something owed?",
                "Whether its automation has to run again.",
                (Rule("It_Is_Owed", "Yes", (Condition("IsOwed", "EqualTo", TRUE),), "Start_Again"),),
                "Is_A_Promoter_Waiting" if invites else None,
                "No",
            ),
            Update(
                "Start_Again",
                "Start again",
                "Ticks Retry: the same as an admin would do.",
                (("Automation_Retry__c", TRUE),),
                then="Is_A_Promoter_Waiting" if invites else None,
                fault=KEEP,
                reference="$Record",
            ),
            *(_promoters() if invites else ()),
            *dead_letter("AUTOMATION_NOT_STARTED_AGAIN", response=ref("$Record.Id")),
        ),
        resources=_resources(invites),
    )


def _promoters() -> tuple[Element, ...]:
    return (
        Decision(
            "Is_A_Promoter_Waiting",
            "Is a promoter waiting?",
            "To be thanked, or skipped when the time is over.",
            (Rule("A_Promoter_Waits", "Yes", (Condition("$Record.Advocacy_Status__c", "EqualTo", literal("Waiting")),), "Invite"),),
            None,
            "No",
        ),
        *call_invite(),
    )


def _resources(invites: bool) -> tuple[Resource, ...]:
    hour = "{!$Flow.CurrentDateTime} - (1 / 24)"
    owed = Formula(
        "IsOwed",
        "Boolean",
        f'OR(AND(ISPICKVAL({{!$Record.Automation_Status__c}}, "Pending"), {{!$Record.LastModifiedDate}} < {hour}), '
        'ISPICKVAL({!$Record.Automation_Status__c}, "Suppressed"), '
        # Every revision starts an attempt of its own.
        'AND(ISPICKVAL({!$Record.Automation_Status__c}, "Failed"), BLANKVALUE({!$Record.Automation_Attempt__c}, 0) < '
        f"BLANKVALUE({{!$Record.Revision__c}}, 1) + {_MOST_ATTEMPTS - 1}))",
        "True when the response's automation has to run again.",
    )
    key = '"sweep:" & {!$Record.Response_Key__c} & ":" & TEXT({!$Record.Automation_Attempt__c})'
    if not invites:
        return (owed, *dead_letter_resources(key))
    error = "BLANKVALUE({!$Flow.FaultMessage}, {!InviteError})"
    return (owed, *error_resources(), *dead_letter_resources(key, message=error))
