"""What NPS_Follow_Up computes and says: who is responsible, when it is due, and the words of the task and the bell."""

from __future__ import annotations

from datetime import timedelta

from tooling.metadata.flows.bell import FOLLOW_UP_NOTIFICATION, ring_resources
from tooling.metadata.flows.detractor import needs_follow_up
from tooling.metadata.flows.resources import Formula, Resource, TextTemplate, Variable
from tooling.metadata.flows.trouble import fault_text
from tooling.metadata.flows.wording import days
from tooling.spec.model import Spec

_LONGEST_VERBATIM = 30_000
"""A Task's description holds 32,000 characters; the rest is for the sentences around the verbatim."""
_BELL = "Follow-up, notification"
"""How the error of a bell that did not ring begins."""


def _bell_resources() -> tuple[Resource, ...]:
    return (
        *ring_resources("Ring"),
        Formula("BellTitle", "String", "LEFT({!TaskSubject}, 250)", "The notification's title, which is at most as long."),
        Formula(
            "BellBody",
            "String",
            'LEFT({!Situation} & " " & BLANKVALUE({!Response.Verbatim__c}, ""), 700)',
            "What happened, and the beginning of the comment.",
        ),
        TextTemplate("FaultRinging", f"{_BELL}: {{!$Flow.FaultMessage}}", "Which step failed, and what the org said."),
        TextTemplate(
            "NoBellText",
            f"{_BELL}: the notification type {FOLLOW_UP_NOTIFICATION} is missing. Deploy again, then tick Retry.",
            "What to do when the notification type is gone.",
        ),
    )


def follow_up_resources(spec: Spec) -> tuple[Resource, ...]:
    due = spec.follow_up.detractor.due
    manager = spec.org.success_manager.removeprefix("Account.")
    return (
        Variable("Response", "SObject", "The survey response.", sobject="Survey_Response__c", input=True),
        Variable("FollowUpStatus", "String", "The follow-up's status; empty when an error left it as it was.", output=True),
        Variable("DueAt", "DateTime", "When the follow-up is due; empty unless a task was created now.", output=True),
        Variable("FollowedUpAt", "DateTime", "When the task was closed; empty while it is open.", output=True),
        Variable("AssigneeName", "String", "The name of whoever gets the task.", output=True),
        Variable("ErrorText", "String", "What went wrong; empty when all went well.", output=True),
        Variable("AssigneeId", "String", "The user who gets the task."),
        Variable("RingFor", "String", "The user who hears of the task now; empty: nobody new."),
        Formula(
            "NewlyResponsible",
            "String",
            # The error of the run before is still on the response: a bell that did not ring then rings now.
            f'IF(OR({{!NewOwnerId}} <> {{!Existing_Task.OwnerId}}, CONTAINS({{!EarlierError}}, "{_BELL}")), {{!NewOwnerId}}, NULL)',
            "Who is responsible now and has not heard of it.",
        ),
        Formula("EarlierError", "String", 'BLANKVALUE({!Response.Automation_Error__c}, "")', "What kept the run before from finishing."),
        *(_bell_resources() if spec.follow_up.detractor.notify else ()),
        Formula("NeedsFollowUp", "Boolean", needs_follow_up("Response"), "True for a current, audible answer of a detractor."),
        Formula("ManagerId", "String", f"{{!Response.Account__r.{manager}}}", "The Account's success manager."),
        Formula("AccountOwnerId", "String", "{!Response.Account__r.OwnerId}", "The Account's owner."),
        Formula("LeadOwnerId", "String", "{!Response.Lead__r.OwnerId}", "The Lead's owner: a user or a queue."),
        Formula(
            "NewOwnerId",
            "String",
            "IF(AND({!Existing_Task.OwnerId} = {!Default_User.Id}, NOT(ISBLANK({!AssigneeId}))), {!AssigneeId}, {!Existing_Task.OwnerId})",
            "Only a task that waits with the default user moves.",
        ),
        *_due_resources(spec),
        Formula("ReminderMoment", "DateTime", f"{{!DueAt}} - {days(due / 4)}", "A quarter of the time before it is due."),
        Formula(
            "TaskWhoId",
            "String",
            "IF(ISBLANK({!Response.Contact__c}), {!Response.Lead__c}, {!Response.Contact__c})",
            "The Contact, else the Lead.",
        ),
        Formula(
            "TaskWhatId",
            "String",
            "IF(AND(ISBLANK({!Response.Contact__c}), NOT(ISBLANK({!Response.Lead__c}))), NULL, {!Response.Account__c})",
            "The Account; a Lead's task may have none.",
        ),
        Formula(
            "Respondent",
            "String",
            'BLANKVALUE({!Response.Respondent_Name__c}, BLANKVALUE({!Response.Respondent_Email__c}, "an unknown respondent"))',
            "Who answered.",
        ),
        Formula(
            "ScoreText",
            "String",
            'IF(ISBLANK({!Response.Score__c}), "no score", TEXT({!Response.Score__c}) & " of 10")',
            "The score in words.",
        ),
        Formula(
            "TaskSubject",
            "String",
            'LEFT("NPS follow-up: " & {!ScoreText} & " from " & {!Respondent}, 255)',
            "The task's subject.",
        ),
        Formula(
            "Situation",
            "String",
            "IF(NOT(ISBLANK({!Response.Removed_At_Source__c})), "
            '"The answer was removed at its source. Decide whether a call still makes sense.", '
            'IF(NOT({!NeedsFollowUp}), "Improved since: " & {!ScoreText} & " now. The task stays so that nobody is left waiting.", '
            'IF(BLANKVALUE({!Response.Revision__c}, 1) > 1, "The answer was changed after it arrived; this is its latest wording.", '
            '"A detractor answered. Please get in touch.")))',
            "What happened, in a sentence.",
        ),
        Formula(
            "AnsweredText",
            "String",
            'IF(ISBLANK({!Response.Responded_At__c}), "", ", answered on " & TEXT(DATEVALUE({!Response.Responded_At__c})))',
            "When it was answered (the day in GMT).",
        ),
        Formula(
            "VerbatimText",
            "String",
            f'IF(ISBLANK({{!Response.Verbatim__c}}), "No comment was given.", LEFT({{!Response.Verbatim__c}}, {_LONGEST_VERBATIM}))',
            "The comment, cut to what a task holds.",
        ),
        TextTemplate(
            "TaskText",
            "{!Situation}\n\nScore: {!ScoreText} from {!Respondent}{!AnsweredText}.\n\n{!VerbatimText}\n\n"
            "Why this task exists: survey response {!Response.Name}, revision {!Response.Revision__c}. Its record shows the rule that "
            "matched the respondent and every earlier wording.\n\nWhen you close this task, please note root cause and resolution there.",
            "The task's description.",
        ),
        fault_text("Reading", "Follow-up, reading"),
        fault_text("Writing", "Follow-up, writing the task"),
        TextTemplate(
            "NobodyText",
            "Follow-up: nobody can get the task. No candidate is an active user, nor is "
            f"{spec.follow_up.default_user or 'the owner of the response'}: name one as follow_up.default_user in nps.yml and deploy, "
            "then tick Retry.",
            "What to do when nobody can get the task.",
        ),
    )


def _due_resources(spec: Spec) -> tuple[Resource, ...]:
    detractor = spec.follow_up.detractor
    # Whole days: a moment so many hours from now falls on that day or the next, and a task must not be due after its moment.
    day = f"{{!$Flow.CurrentDate}} + {detractor.due // timedelta(days=1)}"
    moment = f"{{!$Flow.CurrentDateTime}} + {days(detractor.due)}"
    if not detractor.business_days:
        return (
            Formula("DueMoment", "DateTime", moment, "The due moment, from now."),
            Formula("DueDay", "Date", day, "The due moment's day in the running user's zone."),
        )
    return (
        Formula("DaysOff", "Number", f"CASE(WEEKDAY({day}), 7, 2, 1, 1, 0)", "Days from a Saturday or Sunday to the Monday.", scale=0),
        Formula("DueMoment", "DateTime", f"{moment} + {{!DaysOff}}", "The due moment, from now; a weekend's becomes Monday's."),
        Formula("DueDay", "Date", f"{day} + {{!DaysOff}}", "The due moment's day in the running user's zone."),
    )
