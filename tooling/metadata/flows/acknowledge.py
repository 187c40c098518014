"""NPS_Acknowledge: the e-mail that tells a detractor at once that the answer was read, with one open question. Never a second one."""

from __future__ import annotations

from tooling.metadata.flows.detractor import needs_follow_up
from tooling.metadata.flows.elements import Assign, Assignment, Condition, Decision, Element, Filter, Rule, Update
from tooling.metadata.flows.flow import CalledStart, Flow
from tooling.metadata.flows.mail_texts import language_key, message_resources
from tooling.metadata.flows.mailing import (
    first_check,
    first_of_sender,
    manager_of,
    permission,
    person_resources,
    reads_anything,
    response_values,
    send,
    sender,
    sender_resources,
)
from tooling.metadata.flows.resources import Formula, TextTemplate, Variable
from tooling.metadata.flows.trouble import fault_text, hand_over
from tooling.metadata.flows.values import EMPTY, NOW, TRUE, Value, literal, ref
from tooling.spec.emails import Emails
from tooling.spec.model import Spec

ACKNOWLEDGE = "NPS_Acknowledge"


def is_acknowledged(spec: Spec) -> bool:
    return spec.emails is not None and spec.follow_up.detractor.acknowledge


def acknowledge(spec: Spec, emails: Emails) -> Flow:
    return Flow(
        name=ACKNOWLEDGE,
        label="NPS Acknowledge",
        description=(
            "Writes to a detractor at once that the answer was read, with one open question. Notes on the response that it is sent "
            "before it sends, so that a second run cannot send it again; who must not be written to is noted as suppressed, with "
            "the reason."
        ),
        start=CalledStart("Is_It_Due"),
        elements=(
            *_decide(emails),
            *permission(emails, first_of_sender(emails, "Note_As_Sent"), "Note_As_Suppressed", "Fault_Reading"),
            *sender(emails, "Note_As_Sent", "Fault_Reading"),
            *_send_once(emails),
        ),
        resources=(
            Variable("Response", "SObject", "The survey response.", sobject="Survey_Response__c", input=True),
            Variable("FollowUpName", "String", "The name of whoever has the follow-up.", input=True),
            Variable("ErrorText", "String", "What went wrong; empty when all went well.", output=True),
            Formula(
                "IsDue",
                "Boolean",
                f'AND({needs_follow_up("Response")}, NOT(OR(ISPICKVAL({{!Response.Acknowledgement_Status__c}}, "Sent"), '
                'ISPICKVAL({!Response.Acknowledgement_Status__c}, "Suppressed"))))',
                "True for a current, audible answer of a detractor that has not been acknowledged.",
            ),
            Formula(
                "NobodyMatched",
                "Boolean",
                "AND(ISBLANK({!Response.Contact__c}), ISBLANK({!Response.Lead__c}))",
                "True while it is not known who answered: then nobody's wishes about e-mail are known either.",
            ),
            *person_resources("Response"),
            *sender_resources(emails, manager_of("Response.Account__r", spec, "Email")),
            Formula("ReasonToKeep", "String", _reason(emails), "Why nothing is sent."),
            *language_key("{!Response.Language__c}", emails.acknowledge),
            *message_resources(emails.acknowledge, emails.fallback, response_values(spec, "Response")),
            *((fault_text("Reading", "Acknowledgement, reading"),) if reads_anything(emails) else ()),
            fault_text("Noting", "Acknowledgement, noting it"),
            fault_text("Sending", "Acknowledgement, sending"),
            TextTemplate("FaultTwice", "{!ErrorText} {!FaultNoting}", "Two errors, one after the other."),
            Formula("FailedReason", "String", "LEFT({!ErrorText}, 255)", "The error, cut to what the field holds."),
        ),
    )


def _reason(emails: Emails) -> str:
    return "{!WhyNot}" if emails.sandbox else "BLANKVALUE({!SandboxReason}, {!WhyNot})"


def _decide(emails: Emails) -> tuple[Element, ...]:
    return (
        Decision(
            "Is_It_Due",
            "Is it due?",
            "Once in the life of a response, for a detractor; while nobody is matched it waits.",
            (
                Rule(
                    "Due_But_Nobody",
                    "Due, but nobody is matched",
                    (Condition("IsDue", "EqualTo", TRUE), Condition("NobodyMatched", "EqualTo", TRUE)),
                    "Note_As_Waiting",
                ),
                Rule("Due_Now", "Due", (Condition("IsDue", "EqualTo", TRUE),), first_check(emails)),
            ),
            None,
            "No",
        ),
        _note("Note_As_Waiting", "Note as waiting", "Sent when it is known who answered.", "Waiting", literal("Nobody is matched yet")),
        _note("Note_As_Suppressed", "Note as suppressed", "Final, with the reason.", "Suppressed", ref("ReasonToKeep")),
    )


def _send_once(emails: Emails) -> tuple[Element, ...]:
    return (
        _note(
            "Note_As_Sent",
            "Note as sent",
            "Before it is sent: when this cannot be written, nothing is sent, and a later run tries again.",
            "Sent",
            EMPTY,
            at=NOW,
            then="Send",
        ),
        send(ref("PersonEmail"), None, "Fault_Sending"),
        Assignment(
            "Fault_Sending",
            "Could not send",
            "The error goes on the response.",
            (Assign("ErrorText", ref("FaultSending")),),
            "Note_As_Failed",
        ),
        _note(
            "Note_As_Failed",
            "Note as failed",
            "Nothing was sent after all: the next run tries again.",
            "Failed",
            ref("FailedReason"),
            at=ref("Response.Acknowledged_At__c"),
            fault="Fault_Twice",
        ),
        *((hand_over("Fault_Reading", "Could not read", "FaultReading"),) if reads_anything(emails) else ()),
        hand_over("Fault_Noting", "Could not note it", "FaultNoting"),
        Assignment(
            "Fault_Twice",
            "Could not note the failure",
            "Both errors go on the response.",
            (Assign("ErrorText", ref("FaultTwice")),),
            None,
        ),
    )


def _note(
    name: str,
    label: str,
    description: str,
    status: str,
    reason: Value,
    *,
    at: Value | None = None,
    then: str | None = None,
    fault: str = "Fault_Noting",
) -> Update:
    moment = (("Acknowledged_At__c", at),) if at else ()
    return Update(
        name,
        label,
        description,
        (("Acknowledgement_Reason__c", reason), ("Acknowledgement_Status__c", literal(status)), *moment),
        then=then,
        fault=fault,
        sobject="Survey_Response__c",
        filters=(Filter("Id", "EqualTo", ref("Response.Id")),),
    )
