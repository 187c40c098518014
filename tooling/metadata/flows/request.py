"""NPS_Request_Recalculation: minutes after a change, asks parents that are still behind for a recalculation."""

from __future__ import annotations

from tooling.metadata.flows.elements import Assign, Assignment, Condition, Decision, Element, Filter, Rule, Update
from tooling.metadata.flows.flow import Flow, RecordStart, ScheduledPath
from tooling.metadata.flows.resources import Formula, Resource, Variable
from tooling.metadata.flows.values import FALSE, TRUE, ref
from tooling.spec.model import Spec

_PARENTS = ("Account", "Contact", "Lead")
ASK_FIRST = f"Is_{_PARENTS[0]}_Behind"
"""The first of `asking_elements`."""
_MINUTES = 5
ASKING_BATCH = 1
"""All responses of a larger batch may have one parent: it would be asked by each of them in one transaction. Where a flow does not run
again for a record it ran for (Salesforce does not say), the flag of the second time would stay; where it does, the parent would be
recalculated each time. Alone, the first response asks and the others find nothing behind."""


def request_recalculation(spec: Spec) -> Flow:
    return Flow(
        name="NPS_Request_Recalculation",
        label="NPS: Request Recalculation",
        description=(
            "Some minutes after something changed on a survey response that roll-ups depend on: sets the recalculation flag on its "
            "Account, Contact and Lead if they have not been recalculated since. The bridge usually has done so already; this covers "
            "everybody else."
        ),
        start=RecordStart(
            "Survey_Response__c",
            "RecordAfterSave",
            "CreateAndUpdate",
            filters=(
                Filter("Quiet__c", "EqualTo", FALSE),
                Filter("Roll_Up_Changed_At__c", "IsNull", FALSE),
            ),
            # Conditions that stay true: a pending path is dropped when a later save no longer meets them.
            changed_to_meet=True,
            paths=(
                ScheduledPath(
                    "Minutes_Later",
                    f"{_MINUTES} minutes after the change",
                    ASK_FIRST,
                    _MINUTES,
                    "Minutes",
                    ASKING_BATCH,
                    field="Roll_Up_Changed_At__c",
                ),
            ),
        ),
        order=300,
        elements=asking_elements(),
        resources=asking_resources(),
    )


def asking_elements() -> tuple[Element, ...]:
    """Set the flag on each parent of a response that is behind. For paths whose batches are small."""
    return (*(element for index in range(len(_PARENTS)) for element in _ask(index)), _leave_behind())


def asking_resources() -> tuple[Resource, ...]:
    return (
        *(_behind(parent) for parent in _PARENTS),
        Variable("Refused", "Boolean", "True when the last update was refused; shown in the interview."),
    )


def _ask(index: int) -> tuple[Element, ...]:
    parent = _PARENTS[index]
    following = f"Is_{_PARENTS[index + 1]}_Behind" if index + 1 < len(_PARENTS) else None
    return (
        Decision(
            f"Is_{parent}_Behind",
            f"Is the {parent} behind?",
            f"Whether the {parent} was last recalculated before the change.",
            (Rule(f"{parent}_Is_Behind", "Yes", (Condition(f"{parent}Behind", "EqualTo", TRUE),), f"Ask_{parent}"),),
            following,
            "No",
        ),
        Update(
            f"Ask_{parent}",
            f"Ask the {parent}",
            "The flag; the recalculation itself happens while the record is saved. A refusal leaves the record behind, for reconcile.",
            (("NPS_Recalculate__c", TRUE),),
            then=following,
            fault=following or "Leave_Behind",
            sobject=parent,
            filters=(Filter("Id", "EqualTo", ref(f"$Record.{parent}__c")),),
        ),
    )


def _leave_behind() -> Assignment:
    return Assignment(
        "Leave_Behind",
        "Leave it behind",
        "Nothing is lost: the record stays behind and the bridge or reconcile asks again.",
        (Assign("Refused", TRUE),),
        None,
    )


def _behind(parent: str) -> Formula:
    recalculated = f"{{!$Record.{parent}__r.NPS_Recalculated_At__c}}"
    # A converted Lead is read-only.
    converted = ", NOT({!$Record.Lead__r.IsConverted})" if parent == "Lead" else ""
    return Formula(
        f"{parent}Behind",
        "Boolean",
        f"AND(NOT(ISBLANK({{!$Record.{parent}__c}})){converted}, OR(ISBLANK({recalculated}), "
        f"{{!$Record.Roll_Up_Changed_At__c}} >= {recalculated}))",
        f"True while the {parent}'s values are older than the change.",
    )
