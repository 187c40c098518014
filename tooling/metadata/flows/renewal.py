"""The renewal e-mail of an Opportunity: started on its day by NPS_Renewal_Email, taken up again by NPS_Renewal_Sweep."""

from __future__ import annotations

from tooling.metadata.flows.elements import Condition, Decision, Element, Filter, Rule, Subflow
from tooling.metadata.flows.flow import Flow, RecordStart, ScheduledPath, ScheduledStart
from tooling.metadata.flows.renewal_send import SEND
from tooling.metadata.flows.resources import Formula, Resource, Variable
from tooling.metadata.flows.trouble import KEEP, dead_letter, dead_letter_resources
from tooling.metadata.flows.values import FALSE, TRUE, literal, ref
from tooling.spec.emails import RenewalEmails
from tooling.spec.model import Spec
from tooling.spec.opportunities import Wanted

_BATCH = 50
_AT = "04:00"


def _renewals(spec: Spec, *more: Filter) -> tuple[tuple[Filter, ...], str]:
    """The filters that find renewals that are open, and their logic."""
    filters: list[Filter] = [Filter("IsClosed", "EqualTo", FALSE), *more]
    logic = [str(n) for n in range(1, len(filters) + 1)]
    for field, wanted in spec.renewal.when.items():
        logic.append(_any_of(field.removeprefix("Opportunity."), wanted, filters))
    return tuple(filters), " AND ".join(logic)


def _any_of(field: str, wanted: Wanted, filters: list[Filter]) -> str:
    numbers = []
    for value in wanted:
        filters.append(Filter(field, "EqualTo", literal(value)))
        numbers.append(str(len(filters)))
    return numbers[0] if len(numbers) == 1 else f"({' OR '.join(numbers)})"


def renewal_email(spec: Spec, renewal: RenewalEmails) -> Flow:
    filters, logic = _renewals(spec)
    return Flow(
        name="NPS_Renewal_Email",
        label="NPS: Renewal E-mail",
        description=(
            f"{renewal.days_before_close} days before a renewal closes: sends the e-mail for the Account's segment, once. "
            f"{renewal.latest} days before, what still waits is sent or skipped."
        ),
        start=RecordStart(
            "Opportunity",
            "RecordAfterSave",
            "CreateAndUpdate",
            filters=filters,
            logic=logic,
            changed_to_meet=True,
            paths=(
                ScheduledPath("On_Its_Day", "On its day", "Send_It", -renewal.days_before_close, "Days", _BATCH, field="CloseDate"),
                ScheduledPath("Last_Call", "Last call", "Send_It", -renewal.latest, "Days", _BATCH, field="CloseDate"),
            ),
        ),
        order=100,
        elements=_call(),
        resources=_call_resources(),
    )


def renewal_sweep(spec: Spec, renewal: RenewalEmails) -> Flow:
    undecided = (
        Filter("NPS_Renewal_Email_Status__c", "NotEqualTo", literal("Sent")),
        Filter("NPS_Renewal_Email_Status__c", "NotEqualTo", literal("Skipped")),
    )
    filters, logic = _renewals(spec, *undecided)
    return Flow(
        name="NPS_Renewal_Sweep",
        label="NPS: Renewal Sweep",
        description=(
            "Once a day: goes on with renewals whose e-mail waits for a follow-up, could not be sent, or was due before the Opportunity "
            "was there."
        ),
        start=ScheduledStart("Opportunity", "Is_Its_Day_There", _AT, filters, logic),
        elements=(
            Decision(
                "Is_Its_Day_There",
                "Has its day come?",
                "Not before its day.",
                (Rule("Day_Has_Come", "Yes", (Condition("DayHasCome", "EqualTo", TRUE),), "Send_It"),),
                None,
                "No",
            ),
            *_call(),
        ),
        resources=(
            Formula(
                "DayHasCome",
                "Boolean",
                f"{{!$Record.CloseDate}} - {renewal.days_before_close} <= {{!$Flow.CurrentDate}}",
                "True from emails.renewal.days_before_close on.",
            ),
            *_call_resources(),
        ),
    )


def _call() -> tuple[Element, ...]:
    return (
        Subflow(
            "Send_It",
            "Send it",
            "Decides, notes it on the Opportunity and sends; what it could not do comes back as a text.",
            SEND,
            (("Renewal", ref("$Record")),),
            (("ErrorText", "SendError"),),
            "Was_There_An_Error",
        ),
        Decision(
            "Was_There_An_Error",
            "Was there an error?",
            "A dead letter keeps it.",
            (Rule("Error_To_Keep", "Yes", (Condition("HasError", "EqualTo", TRUE),), KEEP),),
            None,
            "No",
        ),
        *dead_letter("RENEWAL_EMAIL_NOT_SENT", response=None),
    )


def _call_resources() -> tuple[Resource, ...]:
    return (
        Variable("SendError", "String", "What went wrong; empty when all went well."),
        Formula("HasError", "Boolean", "NOT(ISBLANK({!SendError}))", "True when something went wrong."),
        *dead_letter_resources('"renewal:" & {!$Record.Id}', message="{!SendError}"),
    )
