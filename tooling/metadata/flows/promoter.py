"""NPS_Promoter_Thank_You and the flow it calls: a thank-you with exactly one invitation, or the reason why there is none."""

from __future__ import annotations

from datetime import timedelta

from tooling.metadata.flows.elements import Condition, Decision, Element, Filter, Rule, Subflow, Update
from tooling.metadata.flows.flow import CalledStart, Flow, RecordStart, ScheduledPath
from tooling.metadata.flows.mail_texts import by_language, language_key, message_resources
from tooling.metadata.flows.mailing import (
    SWITCHED_OFF,
    first_check,
    first_of_sender,
    manager_of,
    permission,
    person_resources,
    response_values,
    send,
    sender,
    sender_resources,
)
from tooling.metadata.flows.open_work import wait_for_open_work
from tooling.metadata.flows.resources import Formula, Resource, Variable
from tooling.metadata.flows.response import RESPONSE
from tooling.metadata.flows.trouble import KEEP, dead_letter, dead_letter_resources, fault_text, hand_over
from tooling.metadata.flows.values import EMPTY, FALSE, NOW, TRUE, Value, literal, ref
from tooling.metadata.flows.wording import days, escaped
from tooling.nps.score import FIRST_PROMOTER
from tooling.spec.emails import Emails
from tooling.spec.follow_up import PromoterFollowUp
from tooling.spec.model import Spec

SEND = "NPS_Promoter_Invite"
_SOON = 15
"""Minutes from the save to the first attempt: the same run of the bridge may bring a detractor of the company."""
_LAST_CALL = timedelta(hours=1)
"""So long before the time is over, waiting ends."""
_BATCH = 50


def thank_you(spec: Spec, promoter: PromoterFollowUp) -> Flow:
    within = promoter.thank_within
    last = within - _LAST_CALL if within > _LAST_CALL else within
    return Flow(
        name="NPS_Promoter_Thank_You",
        label="NPS Promoter: Thank You",
        description=(
            "Thanks a promoter with exactly one invitation, some minutes after the answer came. When a detractor of the company has to be "
            "answered first, or nobody is matched yet, it tries again half-way and shortly before the time of the mapping spec is over."
        ),
        start=RecordStart(
            RESPONSE,
            "RecordAfterSave",
            "CreateAndUpdate",
            filters=(
                Filter("Score__c", "GreaterThanOrEqualTo", literal(FIRST_PROMOTER)),
                Filter("Quiet__c", "EqualTo", FALSE),
                Filter("Removed_At_Source__c", "IsNull", TRUE),
            ),
            # Conditions that stay true: a pending path is dropped when a later save no longer meets them.
            changed_to_meet=True,
            paths=(
                ScheduledPath("Soon", f"{_SOON} minutes after it came", "Invite", _SOON, "Minutes", _BATCH),
                ScheduledPath("Half_Way", "Half-way", "Invite", _minutes(within / 2), "Minutes", _BATCH, field="Responded_At__c"),
                ScheduledPath("Last_Call", "Last call", "Invite", _minutes(last), "Minutes", _BATCH, field="Responded_At__c"),
            ),
        ),
        order=400,
        elements=(*call_invite(), *dead_letter("PROMOTER_NOT_INVITED", response=ref("$Record.Id"))),
        resources=(
            *error_resources(),
            *dead_letter_resources('"invitation:" & {!$Record.Response_Key__c}', message="{!InviteError}"),
        ),
    )


def _minutes(span: timedelta) -> int:
    return max(span // timedelta(minutes=1), 1)


def call_invite() -> tuple[Element, ...]:
    """`Invite` for the triggering response; an error that it could not leave there leads to the caller's dead letter."""
    return (
        Subflow(
            "Invite",
            "Invite",
            "Decides, notes it on the response and sends; what it could not do comes back as a text.",
            SEND,
            (("Response", ref("$Record")),),
            (("ErrorText", "InviteError"),),
            "Was_There_An_Error",
        ),
        Decision(
            "Was_There_An_Error",
            "Was there an error?",
            "A dead letter keeps it.",
            (Rule("Error_To_Keep", "Yes", (Condition("HasInviteError", "EqualTo", TRUE),), KEEP),),
            None,
            "No",
        ),
    )


def error_resources() -> tuple[Resource, ...]:
    return (
        Variable("InviteError", "String", "What went wrong; empty when all went well."),
        Formula("HasInviteError", "Boolean", "NOT(ISBLANK({!InviteError}))", "True when something went wrong."),
    )


def invite(spec: Spec, emails: Emails, promoter: PromoterFollowUp) -> Flow:
    return Flow(
        name=SEND,
        label="NPS Promoter: Invite",
        description=(
            "Sends one promoter the thank-you with exactly one invitation, chosen by the rules of the mapping spec. Notes the invitation "
            "on the response before it sends, so that nobody is invited twice. Waits while a detractor of the company has to be "
            "answered; when the time is over, or nobody may be written to, notes that it is skipped and why."
        ),
        start=CalledStart("Is_It_Over"),
        elements=(
            *_decide(emails),
            *permission(emails, "Open_Follow_Up", "Skip_Not_Allowed", "Fault_Reading"),
            *_wait(emails),
            *sender(emails, "Note_As_Invited", "Fault_Reading"),
            *_send_once(),
        ),
        resources=_resources(spec, emails, promoter),
    )


def _decide(emails: Emails) -> tuple[Element, ...]:
    return (
        Decision(
            "Is_It_Over",
            "Is it over?",
            "Invited, completed and skipped are final.",
            (
                Rule("Over_Already", "Yes", (Condition("IsOver", "EqualTo", TRUE),), None),
                Rule("No_Promoter_Now", "No promoter any more", (Condition("IsPromoter", "EqualTo", FALSE),), "Skip_No_Promoter"),
                Rule("Time_Is_Up", "The time is up", (Condition("TooLate", "EqualTo", TRUE),), "Skip_Too_Late"),
                Rule("Is_Switched_Off", "Automation is off", (SWITCHED_OFF,), "Wait_For_Switch"),
                Rule("Nobody_Yet", "Nobody is matched", (Condition("NobodyMatched", "EqualTo", TRUE),), "Wait_For_Match"),
            ),
            first_check(emails),
            "No",
        ),
    )


def _wait(emails: Emails) -> tuple[Element, ...]:
    why = "Nobody is asked for praise while a colleague waits for help."
    return wait_for_open_work(because_follow_up=why, because_escalation=why, then=first_of_sender(emails, "Note_As_Invited"))


def _send_once() -> tuple[Element, ...]:
    return (
        _note(
            "Skip_No_Promoter",
            "Skip: no promoter",
            "Final: the answer was changed.",
            "Skipped",
            literal("The answer is no promoter's any more"),
        ),
        _note("Skip_Too_Late", "Skip: too late", "Final, with what it waited for.", "Skipped", ref("TooLateReason")),
        _note("Skip_Not_Allowed", "Skip: not allowed", "Final, with the reason.", "Skipped", ref("ReasonToKeep")),
        _note("Wait_For_Switch", "Wait for the switch", "The sweep goes on.", "Waiting", literal("Automation is switched off")),
        _note("Wait_For_Match", "Wait for a match", "It is tried again.", ref("WaitStatus"), literal("Nobody is matched yet")),
        _note(
            "Wait_For_Company",
            "Wait for the company",
            "Until the time is nearly over, then it is skipped.",
            ref("WaitStatus"),
            literal("A follow-up or an escalation of the company is still open"),
        ),
        _note(
            "Note_As_Invited",
            "Note as invited",
            "Before it is sent: when this cannot be written, nothing is sent.",
            "Invited",
            EMPTY,
            more=(("Advocacy_Ask__c", ref("Ask")), ("Advocacy_Invited_At__c", NOW)),
            then="Send",
        ),
        send(ref("PersonEmail"), None, "Note_As_Unsent"),
        _note(
            "Note_As_Unsent",
            "Note as not sent",
            "Nothing was sent after all: it is tried again, or skipped when the time is nearly over.",
            ref("WaitStatus"),
            ref("UnsentReason"),
            more=(("Advocacy_Ask__c", EMPTY), ("Advocacy_Invited_At__c", ref("Never"))),
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
            ("Advocacy_Reason__c", reason),
            ("Advocacy_Status__c", literal(status) if isinstance(status, str) else status),
            *more,
        ),
        then=then,
        fault="Fault_Noting",
        sobject=RESPONSE,
        filters=(Filter("Id", "EqualTo", ref("Response.Id")),),
    )


def _resources(spec: Spec, emails: Emails, promoter: PromoterFollowUp) -> tuple[Resource, ...]:
    within = promoter.thank_within
    answered = "BLANKVALUE({!Response.Responded_At__c}, {!Response.CreatedDate})"
    passed = f"{{!$Flow.CurrentDateTime}} - {answered}"
    # A path that is due exactly then may run a moment earlier or later.
    nearly = max(within - _LAST_CALL - timedelta(minutes=1), timedelta(minutes=1))
    reason = "{!WhyNot}" if emails.sandbox else "BLANKVALUE({!SandboxReason}, {!WhyNot})"
    return (
        Variable("Response", "SObject", "The survey response.", sobject=RESPONSE, input=True),
        Variable("ErrorText", "String", "What went wrong; empty when all went well.", output=True),
        Variable("Never", "DateTime", "No moment: takes back the time of an invitation that did not leave."),
        Formula(
            "IsOver",
            "Boolean",
            'NOT(OR(ISBLANK(TEXT({!Response.Advocacy_Status__c})), ISPICKVAL({!Response.Advocacy_Status__c}, "Waiting")))',
            "True when it was invited, completed or skipped.",
        ),
        Formula(
            "IsPromoter",
            "Boolean",
            f"AND(BLANKVALUE({{!Response.Score__c}}, 0) >= {FIRST_PROMOTER}, NOT({{!Response.Quiet__c}}), "
            'ISBLANK({!Response.Removed_At_Source__c}), NOT(ISPICKVAL({!Response.Outcome__c}, "Dismissed")))',
            "True for a current, audible answer of a promoter.",
        ),
        Formula("TooLate", "Boolean", f"{passed} > {days(within)}", "True when follow_up.promoter.thank_within is over."),
        Formula("WaitStatus", "String", f'IF({passed} >= {days(nearly)}, "Skipped", "Waiting")', "Waiting, until the last call."),
        Formula(
            "TooLateReason",
            "String",
            'LEFT("Too late" & IF(ISBLANK({!Response.Advocacy_Reason__c}), " when it came", ": " & {!Response.Advocacy_Reason__c}), 255)',
            "Why it was never sent.",
        ),
        Formula(
            "NobodyMatched",
            "Boolean",
            "AND(ISBLANK({!Response.Contact__c}), ISBLANK({!Response.Lead__c}))",
            "True while it is not known who answered: then nobody's wishes about e-mail are known either.",
        ),
        # A filter with nothing on its right side would find every answer without an Account.
        Formula(
            "CompanyOrNone",
            "String",
            "BLANKVALUE({!Response.Account__c}, {!Response.Id})",
            "The Account; without one, an id that finds none.",
        ),
        Formula("Ask", "String", _ask(spec, promoter), "Which invitation: the first of the mapping spec that fits."),
        Formula("Invitation", "String", _invitation(emails, promoter), "The sentence of the invitation, in the person's language."),
        Formula("FollowUpName", "String", "{!Response.Account__r.Owner.Name}", "The Account owner's name."),
        Formula("ReasonToKeep", "String", reason, "Why nothing is sent."),
        *person_resources("Response"),
        *sender_resources(emails, manager_of("Response.Account__r", spec, "Email")),
        *language_key("{!Response.Language__c}", emails.thank_you, *(emails.invitations[one.ask] for one in promoter.invitations)),
        *message_resources(emails.thank_you, emails.fallback, response_values(spec, "Response")),
        Formula(
            "UnsentReason", "String", 'LEFT("Could not be sent: " & {!$Flow.FaultMessage}, 255)', "The error, cut to what the field holds."
        ),
        fault_text("Reading", "Thank-you, reading"),
        fault_text("Noting", "Thank-you, noting it"),
    )


def _ask(spec: Spec, promoter: PromoterFollowUp) -> str:
    tier = f"TEXT({{!Response.Account__r.{spec.org.tier.removeprefix('Account.')}}})"
    chosen = "NULL"
    for invitation in reversed(promoter.invitations):
        ask = escaped(invitation.ask)
        if invitation.when is None:
            chosen = ask
        else:
            fits = ", ".join(f"{tier} = {escaped(value)}" for value in invitation.when.tier)
            chosen = f"IF(OR({fits}), {ask}, {chosen})"
    return chosen


def _invitation(emails: Emails, promoter: PromoterFollowUp) -> str:
    asks = dict.fromkeys(invitation.ask for invitation in promoter.invitations)
    texts = {
        ask: by_language({language: escaped(text) for language, text in emails.invitations[ask].items()}, emails.fallback) for ask in asks
    }
    *others, last = texts
    chosen = texts[last]
    for ask in reversed(others):
        chosen = f"IF({{!Ask}} = {escaped(ask)}, {texts[ask]}, {chosen})"
    return chosen
