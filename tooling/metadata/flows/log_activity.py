"""NPS_Log_Activity: every answer on the timeline of its Contact or Lead, as one completed Task."""

from __future__ import annotations

from tooling.metadata.flows.elements import Condition, Create, Decision, Element, Filter, Get, Rule, Update
from tooling.metadata.flows.flow import CalledStart, Flow
from tooling.metadata.flows.resources import Formula, Resource, TextTemplate, Variable
from tooling.metadata.flows.trouble import fault_text, hand_over
from tooling.metadata.flows.values import FALSE, TRUE, literal, ref
from tooling.spec.model import Spec

LOG_ACTIVITY = "NPS_Log_Activity"
KIND = "Timeline"
_LONGEST_VERBATIM = 30_000


def is_logged(spec: Spec) -> bool:
    return spec.follow_up.activity.log == "all"


def log_activity(spec: Spec) -> Flow:
    return Flow(
        name=LOG_ACTIVITY,
        label="NPS Log Activity",
        description=(
            "Puts an answer on the timeline of its Contact or Lead: one completed task with survey type, score, date and comment, dated "
            "when it was answered. A later revision or another match changes that task; there is never a second one."
        ),
        start=CalledStart("Logged_Task"),
        elements=_elements(spec),
        resources=_resources(spec),
    )


def _elements(spec: Spec) -> tuple[Element, ...]:
    return (
        Get(
            "Logged_Task",
            "Task on the timeline",
            "The response and the kind together are what makes it unique.",
            "Task",
            (Filter("NPS_Response__c", "EqualTo", ref("Response.Id")), Filter("NPS_Kind__c", "EqualTo", literal(KIND))),
            ("Description", "Id", "Subject", "WhatId", "WhoId"),
            then="What_Is_To_Do",
            fault="Fault_Reading",
            sort_by="CreatedDate",
        ),
        Decision(
            "What_Is_To_Do",
            "What is to do?",
            "Nothing while nobody is matched: a task on nobody's timeline helps nobody.",
            (
                Rule(
                    "To_Change",
                    "Change it",
                    (Condition("Logged_Task", "IsNull", FALSE), Condition("HasChanged", "EqualTo", TRUE)),
                    "Change_Task",
                ),
                Rule(
                    "To_Create",
                    "Create it",
                    (Condition("Logged_Task", "IsNull", TRUE), Condition("BelongsOnTimeline", "EqualTo", TRUE)),
                    "Create_Task",
                ),
            ),
            None,
            "Nothing",
        ),
        Create(
            "Create_Task",
            "Create the task",
            "Completed from the start: nobody has to do anything.",
            "Task",
            (
                ("ActivityDate", ref("AnsweredOn")),
                ("Description", ref("TaskText")),
                ("NPS_Kind__c", literal(KIND)),
                ("NPS_Response__c", ref("Response.Id")),
                ("Status", literal(spec.task.closed)),
                ("Subject", ref("TaskSubject")),
                ("WhatId", ref("TaskWhatId")),
                ("WhoId", ref("TaskWhoId")),
            ),
            then=None,
            fault="Fault_Writing",
        ),
        Update(
            "Change_Task",
            "Change the task",
            "It shows what the answer says now, and whose it is.",
            (
                ("ActivityDate", ref("AnsweredOn")),
                ("Description", ref("TaskText")),
                ("Subject", ref("TaskSubject")),
                ("WhatId", ref("TaskWhatId")),
                ("WhoId", ref("TaskWhoId")),
            ),
            then=None,
            fault="Fault_Writing",
            sobject="Task",
            filters=(Filter("Id", "EqualTo", ref("Logged_Task.Id")),),
        ),
        hand_over("Fault_Reading", "Could not read", "FaultReading"),
        hand_over("Fault_Writing", "Could not write", "FaultWriting"),
    )


def _resources(spec: Spec) -> tuple[Resource, ...]:
    loud = "" if spec.follow_up.activity.backfill else "NOT({!Response.Quiet__c}), "
    return (
        Variable("Response", "SObject", "The survey response.", sobject="Survey_Response__c", input=True),
        Variable("ErrorText", "String", "What went wrong; empty when all went well.", output=True),
        Formula(
            "BelongsOnTimeline",
            "Boolean",
            f"AND({loud}NOT(ISBLANK({{!TaskWhoId}})), NOT(ISBLANK({{!Response.Score__c}})), "
            'ISBLANK({!Response.Removed_At_Source__c}), NOT(ISPICKVAL({!Response.Outcome__c}, "Dismissed")))',
            "True for an answer with a score whose person is known.",
        ),
        Formula(
            "HasChanged",
            "Boolean",
            '{!Stands} <> {!TaskSubject} & "|" & BLANKVALUE({!TaskWhoId}, "") & "|" & BLANKVALUE({!TaskWhatId}, "") & "|" & {!TaskText}',
            "True when the task does not say what it should.",
        ),
        Formula(
            "Stands",
            "String",
            'BLANKVALUE({!Logged_Task.Subject}, "") & "|" & BLANKVALUE({!Logged_Task.WhoId}, "") & "|" & '
            'BLANKVALUE({!Logged_Task.WhatId}, "") & "|" & BLANKVALUE({!Logged_Task.Description}, "")',
            "What the task says.",
        ),
        Formula(
            "AnsweredOn",
            "Date",
            "DATEVALUE(BLANKVALUE({!Response.Responded_At__c}, {!Response.CreatedDate}))",
            "The day of the answer (in GMT).",
        ),
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
        Formula("SurveyType", "String", 'BLANKVALUE(TEXT({!Response.Survey_Type__c}), "NPS")', "The kind of survey."),
        Formula(
            "ScoreText",
            "String",
            'IF(ISBLANK({!Response.Score__c}), "no score", TEXT({!Response.Score__c}) & " of 10")',
            "The score in words.",
        ),
        Formula(
            "TaskSubject",
            "String",
            'LEFT("NPS answer: " & {!ScoreText} & IF(ISBLANK({!Response.Category__c}), "", ", " & {!Response.Category__c}) & '
            'IF(ISBLANK({!Response.Survey_Name__c}), "", " (" & {!Response.Survey_Name__c} & ")"), 255)',
            "The task's subject.",
        ),
        Formula(
            "VerbatimText",
            "String",
            f'IF(ISBLANK({{!Response.Verbatim__c}}), "No comment was given.", LEFT({{!Response.Verbatim__c}}, {_LONGEST_VERBATIM}))',
            "The comment, cut to what a task holds.",
        ),
        Formula(
            "RemovedText",
            "String",
            'IF(ISBLANK({!Response.Removed_At_Source__c}), "", "It was removed at its source. ")',
            "A word about a removal.",
        ),
        TextTemplate(
            "TaskText",
            "{!SurveyType} survey, answered on {!AnsweredOn}: {!ScoreText}. {!RemovedText}Survey response {!Response.Name}.\n\n"
            "{!VerbatimText}",
            "The task's description.",
        ),
        fault_text("Reading", "Timeline, reading"),
        fault_text("Writing", "Timeline, writing the task"),
    )
