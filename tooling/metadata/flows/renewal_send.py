"""NPS_Renewal_Send: the renewal e-mail of one Opportunity, by its Account's segment, or the reason why it waits or is skipped."""

from __future__ import annotations

from tooling.metadata.flows.elements import Assign, Assignment, Condition, Decision, Element, Filter, Get, Rule, Update
from tooling.metadata.flows.flow import CalledStart, Flow
from tooling.metadata.flows.mail_texts import is_multilingual, language_key, message_resources
from tooling.metadata.flows.mailing import (
    SWITCHED_OFF,
    first_check,
    first_of_sender,
    manager_of,
    permission,
    send,
    sender,
    sender_resources,
    why_not,
)
from tooling.metadata.flows.open_work import wait_for_open_work
from tooling.metadata.flows.resources import Formula, Resource, Variable
from tooling.metadata.flows.response import RESPONSE
from tooling.metadata.flows.trouble import fault_text, hand_over
from tooling.metadata.flows.values import EMPTY, FALSE, NOW, TRUE, Value, literal, ref
from tooling.spec.emails import Emails, RenewalEmails
from tooling.spec.message import Messages
from tooling.spec.model import Spec

SEND = "NPS_Renewal_Send"
_SEGMENTS = ("Promoter", "Passive", "Detractor")


def _texts(renewal: RenewalEmails) -> tuple[Messages, ...]:
    return (renewal.promoter, renewal.passive, renewal.detractor)


def renewal_send(spec: Spec, emails: Emails, renewal: RenewalEmails) -> Flow:
    following = first_of_sender(emails, "Note_As_Sent")
    language = _language(following) if is_multilingual(*_texts(renewal)) else ()
    return Flow(
        name=SEND,
        label="NPS: Send Renewal E-mail",
        description=(
            "Sends the renewal e-mail of one Opportunity by its Account's segment, to the primary contact role, else the Opportunity's "
            "Contact. Notes that it is sent before it sends, so that nobody gets it twice. Waits while a follow-up or an escalation of the "
            "Account is open, and skips with the reason when it is too late or nobody may be written to."
        ),
        start=CalledStart("Is_It_Over"),
        elements=(
            *_decide(),
            *_whom(emails),
            *permission(emails, "Open_Follow_Up", "Skip_Not_Allowed", "Fault_Reading"),
            *_wait(language[0].name if language else following),
            *language,
            *sender(emails, "Note_As_Sent", "Fault_Reading"),
            *_send_once(),
        ),
        resources=_resources(spec, emails, renewal),
    )


def _decide() -> tuple[Element, ...]:
    return (
        Decision(
            "Is_It_Over",
            "Is it over?",
            "Sent and skipped are final; a closed Opportunity needs no e-mail.",
            (
                Rule("Over_Already", "Yes", (Condition("IsOver", "EqualTo", TRUE),), None),
                Rule("Time_Is_Up", "The time is up", (Condition("TooLate", "EqualTo", TRUE),), "Skip_Too_Late"),
                Rule("Is_Switched_Off", "Automation is off", (SWITCHED_OFF,), "Wait_For_Switch"),
            ),
            "Primary_Role",
            "No",
        ),
    )


def _whom(emails: Emails) -> tuple[Element, ...]:
    return (
        Get(
            "Primary_Role",
            "Primary contact role",
            "Whom the Opportunity itself names first.",
            "OpportunityContactRole",
            (Filter("OpportunityId", "EqualTo", ref("Renewal.Id")), Filter("IsPrimary", "EqualTo", TRUE)),
            ("ContactId", "Id"),
            then="Is_There_A_Role",
            fault="Fault_Reading",
        ),
        Decision(
            "Is_There_A_Role",
            "Is there one?",
            "Otherwise the Opportunity's Contact.",
            (
                Rule("There_Is_A_Role", "Yes", (Condition("Primary_Role", "IsNull", FALSE),), "Take_Role"),
                Rule("There_Is_A_Contact", "No, but a Contact", (Condition("Renewal.ContactId", "IsNull", FALSE),), "Take_Contact"),
            ),
            "Skip_Nobody",
            "Neither",
        ),
        Assignment("Take_Role", "Take the role's", "Who is written to.", (Assign("ContactId", ref("Primary_Role.ContactId")),), "Person"),
        Assignment("Take_Contact", "Take the Contact", "Who is written to.", (Assign("ContactId", ref("Renewal.ContactId")),), "Person"),
        Get(
            "Person",
            "Contact",
            "Address and wishes.",
            "Contact",
            (Filter("Id", "EqualTo", ref("ContactId")),),
            ("Email", "EmailBouncedDate", "FirstName", "HasOptedOutOfEmail", "Id", "LastName", "NPS_Opted_Out__c"),
            then="Is_Person_There",
            fault="Fault_Reading",
        ),
        Decision(
            "Is_Person_There",
            "Is the Contact there?",
            "It may have been deleted.",
            (Rule("Person_Is_There", "Yes", (Condition("Person", "IsNull", FALSE),), first_check(emails)),),
            "Skip_Nobody",
            "No",
        ),
    )


def _wait(then: str) -> tuple[Element, ...]:
    return wait_for_open_work(
        because_follow_up="First the follow-up, then the renewal.",
        because_escalation="First the escalation, then the renewal.",
        then=then,
        further=(Rule("No_Segment", "No, but no segment either", (Condition("HasSegment", "EqualTo", FALSE),), "Wait_For_Answer"),),
    )


def _language(following: str) -> tuple[Element, ...]:
    return (
        Get(
            "Last_Answer",
            "The Contact's last answer",
            "It says which language the Contact answers in.",
            RESPONSE,
            (Filter("Contact__c", "EqualTo", ref("ContactId")), Filter("Language__c", "IsNull", FALSE)),
            ("Id", "Language__c"),
            then="Is_Language_Known",
            fault="Fault_Reading",
            sort_by="Responded_At__c",
            descending=True,
        ),
        Decision(
            "Is_Language_Known",
            "Is the language known?",
            "Otherwise the fallback's text is sent.",
            (Rule("Language_Is_Known", "Yes", (Condition("Last_Answer", "IsNull", FALSE),), "Take_Language"),),
            following,
            "No",
        ),
        Assignment("Take_Language", "Take the language", "For the text.", (Assign("Language", ref("Last_Answer.Language__c")),), following),
    )


def _send_once() -> tuple[Element, ...]:
    return (
        _note("Skip_Too_Late", "Skip: too late", "Final, with what it waited for.", "Skipped", ref("TooLateReason")),
        _note(
            "Skip_Nobody",
            "Skip: nobody",
            "Final, with the reason.",
            "Skipped",
            literal("There is neither a primary contact role nor a Contact"),
        ),
        _note("Skip_Not_Allowed", "Skip: not allowed", "Final, with the reason.", "Skipped", ref("ReasonToKeep")),
        _note("Wait_For_Switch", "Wait for the switch", "The sweep goes on.", "Waiting", literal("Automation is switched off")),
        _note(
            "Wait_For_Answer",
            "Wait for an answer",
            "The sweep goes on.",
            ref("WaitStatus"),
            literal("The Account has no NPS segment: nobody has answered yet"),
        ),
        _note(
            "Wait_For_Company",
            "Wait for the company",
            "The sweep goes on.",
            ref("WaitStatus"),
            literal("A follow-up or an escalation of the Account is still open"),
        ),
        _note(
            "Note_As_Sent",
            "Note as sent",
            "Before it is sent: when this cannot be written, nothing is sent.",
            "Sent",
            EMPTY,
            more=(("NPS_Renewal_Email_At__c", NOW),),
            then="Send",
        ),
        send(ref("Person.Email"), None, "Note_As_Unsent"),
        _note(
            "Note_As_Unsent",
            "Note as not sent",
            "Nothing was sent after all: it is tried again, or skipped on the last day.",
            ref("WaitStatus"),
            ref("UnsentReason"),
            more=(("NPS_Renewal_Email_At__c", ref("Never")),),
        ),
        hand_over("Fault_Reading", "Could not read", "FaultReading", "The caller keeps the error."),
        hand_over("Fault_Noting", "Could not note it", "FaultNoting", "The caller keeps the error."),
    )


def _note(
    name: str,
    label: str,
    description: str,
    status: str | Value,
    reason: Value,
    *,
    more: tuple[tuple[str, Value], ...] = (),
    then: str | None = None,
) -> Update:
    return Update(
        name,
        label,
        description,
        (
            ("NPS_Renewal_Email_Reason__c", reason),
            ("NPS_Renewal_Email_Status__c", literal(status) if isinstance(status, str) else status),
            *more,
        ),
        then=then,
        fault="Fault_Noting",
        sobject="Opportunity",
        filters=(Filter("Id", "EqualTo", ref("Renewal.Id")),),
    )


def _resources(spec: Spec, emails: Emails, renewal: RenewalEmails) -> tuple[Resource, ...]:
    left = "{!Renewal.CloseDate} - {!$Flow.CurrentDate}"
    reason = "{!WhyNot}" if emails.sandbox else "BLANKVALUE({!SandboxReason}, {!WhyNot})"
    segment = "{!Renewal.Account.NPS_Segment__c}"
    manager = f"BLANKVALUE({manager_of('Renewal.Account', spec, 'Name')}, {{!Renewal.Owner.Name}})"
    values = {
        "first_name": "{!Person.FirstName}",
        "last_name": "{!Person.LastName}",
        "company": "{!Renewal.Account.Name}",
        "manager": manager,
        "opportunity": "{!Renewal.Name}",
    }
    texts = _texts(renewal)
    messages: list[Resource] = []
    for name, by_language in zip(_SEGMENTS, texts, strict=True):
        messages += message_resources(by_language, emails.fallback, values, prefix=name)

    def by_segment(part: str) -> Formula:
        promoter, passive, detractor = (f"{{!{name}{part}}}" for name in _SEGMENTS)
        text = f'IF(TEXT({segment}) = "Promoter", {promoter}, IF(TEXT({segment}) = "Passive", {passive}, {detractor}))'
        return Formula(part, "String", text, f"The {part.lower()} for the Account's segment.")

    return (
        Variable("Renewal", "SObject", "The Opportunity.", sobject="Opportunity", input=True),
        Variable("ErrorText", "String", "What went wrong; empty when all went well.", output=True),
        Variable("ContactId", "String", "Who is written to."),
        *((Variable("Language", "String", "The language of the Contact's last answer."),) if is_multilingual(*texts) else ()),
        Variable("Never", "DateTime", "No moment: takes back the time of an e-mail that did not leave."),
        Formula(
            "IsOver",
            "Boolean",
            "OR({!Renewal.IsClosed}, NOT(OR(ISBLANK(TEXT({!Renewal.NPS_Renewal_Email_Status__c})), "
            'ISPICKVAL({!Renewal.NPS_Renewal_Email_Status__c}, "Waiting"))))',
            "True when it was sent or skipped, or the Opportunity is closed.",
        ),
        Formula("TooLate", "Boolean", f"{left} < {renewal.latest}", "True when emails.renewal.latest has passed."),
        Formula("WaitStatus", "String", f'IF({left} <= {renewal.latest}, "Skipped", "Waiting")', "Waiting, until the last day."),
        Formula(
            "TooLateReason",
            "String",
            'LEFT("Too late" & IF(ISBLANK({!Renewal.NPS_Renewal_Email_Reason__c}), " when it came", ": " & '
            "{!Renewal.NPS_Renewal_Email_Reason__c}), 255)",
            "Why it was never sent.",
        ),
        Formula("HasSegment", "Boolean", f"NOT(ISBLANK(TEXT({segment})))", "True when the Account has a segment."),
        # A filter with nothing on its right side would find every answer without an Account.
        Formula(
            "CompanyOrNone", "String", "BLANKVALUE({!Renewal.AccountId}, {!Renewal.Id})", "The Account; without one, an id that finds none."
        ),
        *why_not(
            "{!Person.Email}", "{!Person.HasOptedOutOfEmail}", "NOT(ISBLANK({!Person.EmailBouncedDate}))", "{!Person.NPS_Opted_Out__c}"
        ),
        Formula("ReasonToKeep", "String", reason, "Why nothing is sent."),
        *sender_resources(emails, manager_of("Renewal.Account", spec, "Email")),
        *language_key("{!Language}", *texts),
        *messages,
        by_segment("Subject"),
        by_segment("Body"),
        Formula(
            "UnsentReason", "String", 'LEFT("Could not be sent: " & {!$Flow.FaultMessage}, 255)', "The error, cut to what the field holds."
        ),
        fault_text("Reading", "Renewal e-mail, reading"),
        fault_text("Noting", "Renewal e-mail, noting it"),
    )
