"""NPS_Follow_Up: the Task that a detractor's answer asks for, created once and kept up to date."""

from __future__ import annotations

from datetime import timedelta

from tooling.metadata.flows.bell import FOLLOW_UP_NOTIFICATION, ring, ring_resources
from tooling.metadata.flows.detractor import needs_follow_up
from tooling.metadata.flows.elements import (
    Assign,
    Assignment,
    Condition,
    Create,
    Decision,
    Element,
    Filter,
    Get,
    Rule,
    Update,
)
from tooling.metadata.flows.flow import CalledStart, Flow
from tooling.metadata.flows.resources import Formula, Resource, TextTemplate, Variable
from tooling.metadata.flows.values import FALSE, TRUE, literal, ref
from tooling.metadata.flows.wording import days
from tooling.spec.model import Spec

KIND = "Follow-up"
_LONGEST_VERBATIM = 30_000
"""A Task's description holds 32,000 characters; the rest is for the sentences around the verbatim."""
_BELL = "Follow-up, notification"
"""How the error of a bell that did not ring begins."""


def follow_up(spec: Spec) -> Flow:
    return Flow(
        name="NPS_Follow_Up",
        label="NPS Follow-up",
        description=(
            "Gives a detractor's answer its follow-up task: found by the response, else created, for the first active user of the order in "
            "the mapping spec. A later revision, a better score or a removal is written on the task; there is never a second one."
        ),
        start=CalledStart("Existing_Task"),
        elements=(*_what_is_there(), *_who_does_it(spec), *_write_task(spec)),
        resources=_resources(spec),
    )


def _what_is_there() -> tuple[Element, ...]:
    return (
        Get(
            "Existing_Task",
            "Existing task",
            "The response and the kind together are what makes a follow-up task unique.",
            "Task",
            (Filter("NPS_Response__c", "EqualTo", ref("Response.Id")), Filter("NPS_Kind__c", "EqualTo", literal(KIND))),
            ("CompletedDateTime", "Id", "IsClosed", "OwnerId"),
            then="What_Is_To_Do",
            fault="Fault_Reading",
            sort_by="CreatedDate",
        ),
        Decision(
            "What_Is_To_Do",
            "What is to do?",
            "A closed task is left alone, an open one is brought up to date, a missing one is created only for a detractor.",
            (
                Rule(
                    "Task_Is_Needed",
                    "None yet, and needed",
                    (Condition("Existing_Task", "IsNull", TRUE), Condition("NeedsFollowUp", "EqualTo", TRUE)),
                    "Default_User",
                ),
                Rule("No_Task_Needed", "None, and none needed", (Condition("Existing_Task", "IsNull", TRUE),), "Not_Needed"),
                Rule("Task_Is_Closed", "The task is closed", (Condition("Existing_Task.IsClosed", "EqualTo", TRUE),), "Already_Done"),
            ),
            "Default_User",
            "The task is open",
        ),
        Assignment(
            "Already_Done",
            "Already done",
            "Somebody has closed the loop.",
            (Assign("FollowUpStatus", literal("Done")), Assign("FollowedUpAt", ref("Existing_Task.CompletedDateTime"))),
            None,
        ),
        Assignment(
            "Not_Needed",
            "Not needed",
            "No detractor, a quiet response, or one that was removed.",
            (Assign("FollowUpStatus", literal("Not needed")),),
            None,
        ),
        Assignment(
            "Fault_Reading",
            "Could not read",
            "The error goes on the response; the sweep or Retry tries again.",
            (Assign("ErrorText", ref("FaultReading")),),
            None,
        ),
    )


_ASSIGNEES = {
    "success_manager": ("Manager", "Success manager", "ManagerId"),
    "account_owner": ("Account_Owner", "Account owner", "AccountOwnerId"),
    "lead_owner": ("Lead_Owner", "Lead owner", "LeadOwnerId"),
}


def _who_does_it(spec: Spec) -> tuple[Element, ...]:
    """The assignment order of the spec as a chain: each candidate counts only if it is an active user (an owner can be a queue)."""
    order = [_ASSIGNEES[name] for name in spec.follow_up.detractor.assign]
    entries = [f"{name}_User" for name, _, _ in order] + ["Is_Default_There"]
    elements: list[Element] = [
        Get(
            "Default_User",
            "Default user",
            "Gets the task when nobody else can: follow_up.default_user in the mapping spec, else the response's owner.",
            "User",
            (default_user(spec), Filter("IsActive", "EqualTo", TRUE)),
            ("Id", "Name"),
            then=entries[0],
            fault="Fault_Reading",
        )
    ]
    for (name, label, formula), following in zip(order, entries[1:], strict=True):
        elements += [
            Get(
                f"{name}_User",
                label,
                f"The {label.lower()}, if that is an active user.",
                "User",
                (Filter("Id", "EqualTo", ref(formula)), Filter("IsActive", "EqualTo", TRUE)),
                ("Id", "Name"),
                then=f"Is_{name}_There",
                fault="Fault_Reading",
            ),
            Decision(
                f"Is_{name}_There",
                f"Is there a {label.lower()}?",
                f"Goes on to the next candidate when there is no active {label.lower()}.",
                (Rule(f"{name}_Found", "Yes", (Condition(f"{name}_User", "IsNull", FALSE),), f"Take_{name}"),),
                following,
                "No",
            ),
            Assignment(
                f"Take_{name}",
                f"Take the {label.lower()}",
                "Who gets the task.",
                (Assign("AssigneeId", ref(f"{name}_User.Id")), Assign("AssigneeName", ref(f"{name}_User.Name"))),
                "Create_Or_Update",
            ),
        ]
    elements += [
        Decision(
            "Is_Default_There",
            "Is there a default user?",
            "Without anybody, a new task cannot be created.",
            (Rule("Default_Found", "Yes", (Condition("Default_User", "IsNull", FALSE),), "Take_Default"),),
            "Create_Or_Update",
            "No",
        ),
        Assignment(
            "Take_Default",
            "Take the default user",
            "Who gets the task.",
            (Assign("AssigneeId", ref("Default_User.Id")), Assign("AssigneeName", ref("Default_User.Name"))),
            "Create_Or_Update",
        ),
    ]
    return tuple(elements)


def default_user(spec: Spec) -> Filter:
    if spec.follow_up.default_user:
        return Filter("Username", "EqualTo", literal(spec.follow_up.default_user))
    return Filter("Id", "EqualTo", ref("Response.OwnerId"))


def _write_task(spec: Spec) -> tuple[Element, ...]:
    return (
        Decision(
            "Create_Or_Update",
            "Create or update?",
            "An open task is updated; a new one needs somebody to do it.",
            (
                Rule("Update_It", "Update", (Condition("Existing_Task", "IsNull", FALSE),), "Update_Task"),
                Rule("Create_It", "Create", (Condition("AssigneeId", "IsNull", FALSE),), "Set_Due"),
            ),
            "Nobody_There",
            "Nobody can do it",
        ),
        Assignment(
            "Nobody_There",
            "Nobody can do it",
            "The error goes on the response.",
            (Assign("ErrorText", ref("NobodyText")),),
            None,
        ),
        Assignment(
            "Set_Due",
            "Set the due moment",
            "Once, so that response and task agree to the second.",
            (Assign("DueAt", ref("DueMoment")), Assign("RingFor", ref("AssigneeId"))),
            "Create_Task",
        ),
        Create(
            "Create_Task",
            "Create the task",
            "One task for one response.",
            "Task",
            (
                ("ActivityDate", ref("DueDay")),
                ("Description", ref("TaskText")),
                ("IsReminderSet", TRUE),
                ("NPS_Kind__c", literal(KIND)),
                ("NPS_Response__c", ref("Response.Id")),
                ("OwnerId", ref("AssigneeId")),
                ("Priority", literal(spec.follow_up.detractor.priority)),
                ("ReminderDateTime", ref("ReminderMoment")),
                ("Status", literal(spec.task.open)),
                ("Subject", ref("TaskSubject")),
                ("WhatId", ref("TaskWhatId")),
                ("WhoId", ref("TaskWhoId")),
            ),
            then="Now_Open",
            fault="Fault_Writing",
        ),
        Update(
            "Update_Task",
            "Update the task",
            "Says what changed since; a task that waited with the default user goes to whoever is responsible now.",
            (
                ("Description", ref("TaskText")),
                ("OwnerId", ref("NewOwnerId")),
                ("Subject", ref("TaskSubject")),
                ("WhatId", ref("TaskWhatId")),
                ("WhoId", ref("TaskWhoId")),
            ),
            then="Note_New_Owner",
            fault="Fault_Writing",
            sobject="Task",
            filters=(Filter("Id", "EqualTo", ref("Existing_Task.Id")),),
        ),
        Assignment(
            "Note_New_Owner",
            "Note a new owner",
            "Whoever gets the task only now is to hear of it.",
            (Assign("RingFor", ref("NewlyResponsible")),),
            "Now_Open",
        ),
        Assignment(
            "Now_Open",
            "Follow-up is open",
            "The loop is open until the task is closed.",
            (Assign("FollowUpStatus", literal("Open")),),
            "Does_It_Ring" if spec.follow_up.detractor.notify else None,
        ),
        *(_bell() if spec.follow_up.detractor.notify else ()),
        Assignment(
            "Fault_Writing",
            "Could not write",
            "The error goes on the response; the sweep or Retry tries again.",
            (Assign("ErrorText", ref("FaultWriting")),),
            None,
        ),
    )


def _bell() -> tuple[Element, ...]:
    """The task is there when this begins: a bell that does not ring leaves it as it is."""
    return ring(
        "Ring",
        "Does_It_Ring",
        Condition("RingFor", "IsNull", FALSE),
        "RingFor",
        title="BellTitle",
        body="BellBody",
        target=ref("Response.Id"),
        then=None,
        fault="Fault_Ringing",
    ) + (
        Assignment(
            "Fault_Ringing",
            "Could not notify",
            "The error goes on the response; the next run rings again.",
            (Assign("ErrorText", ref("FaultRinging")),),
            None,
        ),
        Assignment(
            "No_Bell",
            "No notification type",
            "The error goes on the response; the next run rings again.",
            (Assign("ErrorText", ref("NoBellText")),),
            None,
        ),
    )


def _bell_resources() -> tuple[Resource, ...]:
    return (
        *ring_resources("Ring"),
        TextTemplate("BellTitle", "{!TaskSubject}", "The notification's title."),
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


def _resources(spec: Spec) -> tuple[Resource, ...]:
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
        TextTemplate("FaultReading", "Follow-up, reading: {!$Flow.FaultMessage}", "Which step failed, and what the org said."),
        TextTemplate("FaultWriting", "Follow-up, writing the task: {!$Flow.FaultMessage}", "Which step failed, and what the org said."),
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
