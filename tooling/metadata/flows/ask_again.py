"""Asking a parent for a recalculation without setting the flag: the request is stamped, a flow of the parent's answers in small batches."""

from __future__ import annotations

from tooling.metadata.flows.elements import Filter, Update
from tooling.metadata.flows.flow import Flow, RecordStart, ScheduledPath, ScheduledStart
from tooling.metadata.flows.resources import Formula
from tooling.metadata.flows.trouble import KEEP, dead_letter, dead_letter_resources
from tooling.metadata.flows.values import FALSE, NOW, TRUE, Value, ref
from tooling.spec.model import Spec

PARENTS = ("Account", "Contact", "Lead")
REQUESTED = "NPS_Recalculation_Requested_At__c"
SMALL_BATCH = 10
"""Salesforce allows 12 updates of one record in a batch; all children of a batch may have the same parent."""
_RECALCULATION_BATCH = 20
"""CPU binds here: each of them reads its responses. The bridge asks for 2,000 responses per synchronous transaction, of 10,000 ms; after
the commit there are 60,000 ms, so 20 Accounts with 300 responses each take half, and 6,000 of the 50,000 rows."""
_SOON = 1
_AT = "01:00"


def request(name: str, sobject: str, record_id: Value, then: str | None, fault: str) -> Update:
    """Stamps the request on a parent; an empty id finds none. For paths whose batches are small."""
    return Update(
        name,
        f"Ask the {sobject}",
        f"The {sobject}'s own flow recalculates it within minutes.",
        ((REQUESTED, NOW),),
        then=then,
        fault=fault,
        sobject=sobject,
        filters=(Filter("Id", "EqualTo", record_id),),
    )


def recalculation_requested(sobject: str) -> Flow:
    return Flow(
        name=f"NPS_Recalculation_Requested_{sobject}",
        label=f"NPS: Recalculation Requested ({sobject})",
        description=(
            f"A minute after a recalculation of a {sobject} was asked for: sets the recalculation flag, in batches small enough for the "
            "responses that each recalculation reads. The recalculation takes the request back."
        ),
        start=RecordStart(
            sobject,
            "RecordAfterSave",
            "Update",
            # Stays true until the recalculation clears it: a pending path is dropped when a later save no longer meets the conditions.
            filters=(Filter(REQUESTED, "IsNull", FALSE),),
            changed_to_meet=True,
            paths=(
                ScheduledPath(
                    "Soon", "A minute after the request", "Set_The_Flag", _SOON, "Minutes", _RECALCULATION_BATCH, field=REQUESTED
                ),
            ),
        ),
        order=500,
        elements=(
            Update(
                "Set_The_Flag",
                "Set the flag",
                "The recalculation itself happens while the record is saved.",
                (("NPS_Recalculate__c", TRUE),),
                then=None,
                fault=KEEP,
                reference="$Record",
            ),
            *dead_letter("RECALCULATION_REFUSED", response=None),
        ),
        resources=dead_letter_resources('"recalculation:" & {!$Record.Id}'),
    )


def nightly_recalculation(sobject: str) -> Flow:
    converted = (Filter("IsConverted", "EqualTo", FALSE),) if sobject == "Lead" else ()
    return Flow(
        name=f"NPS_Nightly_Recalculation_{sobject}",
        label=f"NPS: Nightly Recalculation ({sobject})",
        description=(
            f"Every night: asks for a recalculation of each {sobject} whose NPS fields change by the passing of time, because a response "
            "leaves a window. A request that was never carried out is taken back, and made again the night after."
        ),
        start=ScheduledStart(
            sobject,
            "Ask",
            _AT,
            (Filter("NPS_Next_Recalculation__c", "LessThanOrEqualTo", ref("$Flow.CurrentDate")), *converted),
        ),
        elements=(
            Update(
                "Ask",
                "Ask for it",
                "Only a stamp: a scheduled flow always runs in batches of 200, too many for the recalculation itself.",
                ((REQUESTED, ref("NewRequest")),),
                then=None,
                fault=KEEP,
                reference="$Record",
            ),
            *dead_letter("RECALCULATION_NOT_REQUESTED", response=None),
        ),
        resources=(
            Formula(
                "NewRequest",
                "DateTime",
                f"IF(ISBLANK({{!$Record.{REQUESTED}}}), {{!$Flow.CurrentDateTime}}, NULL)",
                "Now; blank when the request of an earlier night still stands.",
            ),
            *dead_letter_resources('"recalculation:" & {!$Record.Id}'),
        ),
    )


def recalculation_flows(spec: Spec) -> tuple[Flow, ...]:
    """For each parent object: who is asked, and who asks at night."""
    return (*(recalculation_requested(parent) for parent in PARENTS), *(nightly_recalculation(parent) for parent in PARENTS))
