"""How a flow leaves a trace of what it could not write: a dead letter, and when even that is refused, an end that harms nobody."""

from __future__ import annotations

from tooling.metadata.flows.elements import Assign, Assignment, Create, Element
from tooling.metadata.flows.resources import Formula, Resource, TextTemplate, Variable
from tooling.metadata.flows.values import FAULT, Value, literal, ref

KEEP = "Keep_As_Dead_Letter"
LONGEST_ERROR = 4000
_ON_THE_RESPONSE = "The error goes on the response; the sweep or Retry tries again."


def hand_over(name: str, label: str, text: str, description: str = _ON_THE_RESPONSE) -> Assignment:
    """Where a subflow's fault paths end: the caller gets the text, for a subflow element has no fault path of its own."""
    return Assignment(name, label, description, (Assign("ErrorText", ref(text)),), None)


def fault_text(step: str, what: str) -> TextTemplate:
    """The text `Fault<step>`: what was being done, and what the org said."""
    return TextTemplate(f"Fault{step}", f"{what}: {{!$Flow.FaultMessage}}", "Which step failed, and what the org said.")


def dead_letter(code: str, *, response: Value | None, then: str | None = None) -> tuple[Element, ...]:
    """`Keep_As_Dead_Letter`, where fault paths lead to. One for each `DeliveryKey`: a second of the same key is refused as a duplicate."""
    about = (("Survey_Response__c", response),) if response else ()
    return (
        Create(
            KEEP,
            "Keep as a dead letter",
            "What could not be written is kept where an admin looks for it, with what the org said.",
            "NPS_Dead_Letter__c",
            (
                ("Delivery_Key__c", ref("DeliveryKey")),
                ("Error_Code__c", literal(code)),
                ("Error_Message__c", ref("DeadLetterMessage")),
                ("Source__c", literal("Automation")),
                ("Status__c", literal("New")),
                *about,
            ),
            then=then,
            fault="Give_Up",
        ),
        Assignment(
            "Give_Up",
            "Give up",
            "Not even the dead letter could be written, or there is one already; the interview keeps the error.",
            (Assign("LastError", FAULT),),
            then,
        ),
    )


def dead_letter_resources(key: str, *, message: str = "{!$Flow.FaultMessage}") -> tuple[Resource, ...]:
    return (
        Variable("LastError", "String", "What the org said when nothing more could be done."),
        Formula("DeliveryKey", "String", key, "One dead letter for each cause."),
        Formula(
            "DeadLetterMessage", "String", f"LEFT({message}, {LONGEST_ERROR})", "What could not be written, cut to what the field holds."
        ),
    )
