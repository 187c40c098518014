"""What a message to a company waits for: its open follow-ups, then its open escalations."""

from __future__ import annotations

from tooling.metadata.flows.elements import Condition, Decision, Element, Filter, Get, Rule
from tooling.metadata.flows.response import RESPONSE
from tooling.metadata.flows.values import FALSE, literal, ref


def wait_for_open_work(
    *, because_follow_up: str, because_escalation: str, then: str | None, further: tuple[Rule, ...] = ()
) -> tuple[Element, ...]:
    """Leads to `Wait_For_Company` while there is either, else by the further rules, else to `then`; a fault leads to `Fault_Reading`.

    The flow has a formula `CompanyOrNone` with the Account's id: a filter with an empty value would find the responses of no company.
    """
    return (
        Get(
            "Open_Follow_Up",
            "Open follow-up",
            "A detractor of the company who waits for an answer.",
            RESPONSE,
            (Filter("Account__c", "EqualTo", ref("CompanyOrNone")), Filter("Follow_Up_Status__c", "EqualTo", literal("Open"))),
            ("Id", "Name"),
            then="Is_A_Follow_Up_Open",
            fault="Fault_Reading",
        ),
        Decision(
            "Is_A_Follow_Up_Open",
            "Is a follow-up open?",
            because_follow_up,
            (Rule("A_Follow_Up_Is_Open", "Yes", (Condition("Open_Follow_Up", "IsNull", FALSE),), "Wait_For_Company"),),
            "Open_Escalation",
            "No",
        ),
        Get(
            "Open_Escalation",
            "Open escalation",
            "A Case that feedback of the company opened.",
            "Case",
            (
                Filter("AccountId", "EqualTo", ref("CompanyOrNone")),
                Filter("NPS_Response__c", "IsNull", FALSE),
                Filter("IsClosed", "EqualTo", FALSE),
            ),
            ("CaseNumber", "Id"),
            then="Is_An_Escalation_Open",
            fault="Fault_Reading",
        ),
        Decision(
            "Is_An_Escalation_Open",
            "Is an escalation open?",
            because_escalation,
            (Rule("An_Escalation_Is_Open", "Yes", (Condition("Open_Escalation", "IsNull", FALSE),), "Wait_For_Company"), *further),
            then,
            "No",
        ),
    )
