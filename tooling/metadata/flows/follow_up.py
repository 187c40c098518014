"""NPS_Follow_Up: the Task that a detractor's answer asks for, created once and kept up to date."""

from __future__ import annotations

from tooling.metadata.flows.bell import ring
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
from tooling.metadata.flows.follow_up_texts import follow_up_resources
from tooling.metadata.flows.trouble import hand_over
from tooling.metadata.flows.values import FALSE, TRUE, literal, ref
from tooling.spec.model import Spec

KIND = "Follow-up"


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
        resources=follow_up_resources(spec),
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
        hand_over("Fault_Reading", "Could not read", "FaultReading"),
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
        hand_over("Fault_Writing", "Could not write", "FaultWriting"),
    )


def _bell() -> tuple[Element, ...]:
    """The task is there when this begins: a bell that does not ring leaves it as it is."""
    return (
        *ring(
            "Ring",
            "Does_It_Ring",
            Condition("RingFor", "IsNull", FALSE),
            "RingFor",
            title="BellTitle",
            body="BellBody",
            target=ref("Response.Id"),
            then=None,
            fault="Fault_Ringing",
        ),
        hand_over("Fault_Ringing", "Could not notify", "FaultRinging", "The error goes on the response; the next run rings again."),
        hand_over("No_Bell", "No notification type", "NoBellText", "The error goes on the response; the next run rings again."),
    )
