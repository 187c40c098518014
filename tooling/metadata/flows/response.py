"""The automation of one response: prepared before its save, carried out after commit."""

from __future__ import annotations

from tooling.metadata.flows.elements import Assign, Assignment, Condition, Create, Decision, Filter, Rule, Subflow, Update
from tooling.metadata.flows.flow import AsyncPath, Flow, RecordStart
from tooling.metadata.flows.resources import Formula, Variable
from tooling.metadata.flows.values import FALSE, FAULT, NOW, TRUE, literal, ref
from tooling.metadata.flows.wording import days
from tooling.spec.model import Spec

RESPONSE = "Survey_Response__c"

# Every one of these puts a parent behind: score, outcome and removal change its numbers, the lookups change whose numbers they are.
_ROLLED_UP = ("Score__c", "Outcome__c", "Removed_At_Source__c", "Contact__c", "Lead__c", "Account__c")
_LONGEST_ERROR = 4000
_STARTS_AUTOMATION = ("Revision__c", "Contact__c", "Lead__c", "Account__c", "Removed_At_Source__c")


def prepare(spec: Spec) -> Flow:
    """The one cheap flow inside a response's save: no Get, no loop, no formula over the verbatim."""
    max_age = spec.follow_up.detractor.max_age
    return Flow(
        name="NPS_Response_Prepare",
        label="NPS Response: Prepare",
        description=(
            "Before a survey response is saved: marks answers that are too old as quiet, stamps when something that roll-ups depend on "
            "changed, and decides whether the response's automation has to run. Everything else happens after the save."
        ),
        start=RecordStart(RESPONSE, "RecordBeforeSave", "CreateAndUpdate", then="Is_It_New"),
        order=100,
        elements=(
            Decision(
                "Is_It_New",
                "Is it new?",
                "A new response always starts its automation; a changed one only if something relevant changed.",
                (
                    Rule("Too_Old", "New, and too old", (_is("IsNew"), _is("TooOld")), "Mark_Quiet"),
                    Rule("New_Response", "New", (_is("IsNew"),), "Stamp_Roll_Up"),
                ),
                "Do_Roll_Ups_Change",
                "Already there",
            ),
            Assignment(
                "Mark_Quiet",
                "Mark as quiet",
                "An answer this old starts no follow-up: the moment to call back has passed.",
                (Assign("$Record.Quiet__c", TRUE),),
                "Stamp_Roll_Up",
            ),
            Decision(
                "Do_Roll_Ups_Change",
                "Do roll-ups change?",
                "Whether anything changed that the Contact's, Lead's or Account's numbers depend on.",
                (
                    Rule(
                        "Roll_Ups_Change",
                        "Something they depend on changed",
                        tuple(Condition(f"$Record.{field}", "IsChanged", TRUE) for field in _ROLLED_UP),
                        "Stamp_Roll_Up",
                        logic="or",
                    ),
                ),
                "Does_Automation_Start",
                "Nothing they depend on",
            ),
            Assignment(
                "Stamp_Roll_Up",
                "Stamp the roll-up change",
                "Its parents are behind until they are recalculated later than this moment.",
                (Assign("$Record.Roll_Up_Changed_At__c", NOW),),
                "Does_Automation_Start",
            ),
            Decision(
                "Does_Automation_Start",
                "Does automation start?",
                "It starts for a new response, a new revision, a new match, a removal, and when somebody ticked Retry.",
                (
                    Rule(
                        "Starts_New_Or_Retry",
                        "New, or Retry is ticked",
                        (_is("IsNew"), Condition("$Record.Automation_Retry__c", "EqualTo", TRUE)),
                        "How_Does_It_Start",
                        logic="or",
                    ),
                    Rule(
                        "Starts_Changed",
                        "Revision, match or removal changed",
                        tuple(Condition(f"$Record.{field}", "IsChanged", TRUE) for field in _STARTS_AUTOMATION),
                        "How_Does_It_Start",
                        logic="or",
                    ),
                ),
                None,
                "No",
            ),
            Decision(
                "How_Does_It_Start",
                "How does it start?",
                "Not at all while the switch in NPS Settings is off, nor for an answer that was removed before anything was done about it.",
                (
                    Rule(
                        "Switched_Off",
                        "Automation is switched off",
                        (Condition("$Setup.NPS_Settings__c.Automation_Off__c", "EqualTo", TRUE),),
                        "Suppress",
                    ),
                    Rule(
                        "Removed_Untouched",
                        "Removed before anything was done",
                        (
                            Condition("$Record.Removed_At_Source__c", "IsNull", FALSE),
                            Condition("$Record.Automated_Revision__c", "IsNull", TRUE),
                        ),
                        "Nothing_To_Do",
                    ),
                ),
                "Start_Automation",
                "Run it after the save",
            ),
            Assignment(
                "Suppress",
                "Suppress",
                "Kept for the sweep, which starts it when the switch is on again.",
                (Assign("$Record.Automation_Status__c", literal("Suppressed")), Assign("$Record.Automation_Retry__c", FALSE)),
                None,
            ),
            Assignment(
                "Nothing_To_Do",
                "Nothing to do",
                "The answer is gone at its source and nothing was started for it.",
                (Assign("$Record.Automation_Status__c", literal("Not needed")), Assign("$Record.Automation_Retry__c", FALSE)),
                None,
            ),
            Assignment(
                "Start_Automation",
                "Start automation",
                "Pending plus a new attempt number is what the asynchronous flows wait for.",
                (
                    Assign("$Record.Automation_Status__c", literal("Pending")),
                    Assign("$Record.Automation_Attempt__c", ref("NextAttempt")),
                    Assign("$Record.Automation_Retry__c", FALSE),
                ),
                None,
            ),
        ),
        resources=(
            Formula("IsNew", "Boolean", "ISBLANK({!$Record__Prior.Id})", "True while the response is being created."),
            Formula(
                "TooOld",
                "Boolean",
                "AND(NOT(ISBLANK({!$Record.Responded_At__c})), "
                f"{{!$Flow.CurrentDateTime}} - {{!$Record.Responded_At__c}} > {days(max_age)})",
                "True when the answer is older than follow_up.detractor.max_age in the mapping spec.",
            ),
            Formula("NextAttempt", "Number", "BLANKVALUE({!$Record.Automation_Attempt__c}, 0) + 1", "The next attempt's number.", scale=0),
        ),
    )


def created(spec: Spec) -> Flow:
    return _automation(
        "NPS_Response_Created",
        "NPS Response: Created",
        "After a new survey response is committed",
        RecordStart(
            RESPONSE,
            "RecordAfterSave",
            "Create",
            filters=(Filter("Automation_Status__c", "EqualTo", literal("Pending")),),
            paths=(AsyncPath("After_Commit", "Follow_Up"),),
        ),
        order=100,
    )


def changed(spec: Spec) -> Flow:
    return _automation(
        "NPS_Response_Changed",
        "NPS Response: Changed",
        "After a survey response got a new revision, a new match, a removal or a retry, and is committed",
        RecordStart(
            RESPONSE,
            "RecordAfterSave",
            "Update",
            filters=(
                Filter("Automation_Status__c", "EqualTo", literal("Pending")),
                Filter("Automation_Attempt__c", "IsChanged", TRUE),
            ),
            paths=(AsyncPath("After_Commit", "Follow_Up"),),
        ),
        order=200,
    )


def _automation(name: str, label: str, when: str, start: RecordStart, order: int) -> Flow:
    return Flow(
        name=name,
        label=label,
        description=f"{when}: runs its automation and writes the result, or the error, on the response in one update.",
        start=start,
        order=order,
        elements=(
            Subflow(
                "Follow_Up",
                "Follow up",
                "The task that a detractor's answer asks for. Its faults come back as a text.",
                "NPS_Follow_Up",
                inputs=(("Response", ref("$Record")),),
                outputs=(("DueAt", "DueAt"), ("ErrorText", "ErrorText"), ("FollowUpStatus", "FollowUpStatus")),
                then="Write_Result",
            ),
            Update(
                "Write_Result",
                "Write the result",
                "The only update of the response by its automation.",
                (
                    ("Automated_Revision__c", ref("$Record.Revision__c")),
                    ("Automation_Error__c", ref("ErrorToKeep")),
                    ("Automation_Status__c", ref("NewAutomationStatus")),
                    ("Follow_Up_Due_At__c", ref("NewDueAt")),
                    ("Follow_Up_Status__c", ref("NewFollowUpStatus")),
                ),
                then=None,
                fault="Keep_As_Dead_Letter",
                reference="$Record",
            ),
            Create(
                "Keep_As_Dead_Letter",
                "Keep as a dead letter",
                "The result could not be written on the response: the error is kept where an admin looks for it.",
                "NPS_Dead_Letter__c",
                (
                    ("Delivery_Key__c", ref("DeliveryKey")),
                    ("Error_Code__c", literal("AUTOMATION_RESULT_NOT_WRITTEN")),
                    ("Error_Message__c", ref("DeadLetterMessage")),
                    ("Source__c", literal("Automation")),
                    ("Status__c", literal("New")),
                    ("Survey_Response__c", ref("$Record.Id")),
                ),
                then=None,
                fault="Give_Up",
            ),
            Assignment(
                "Give_Up",
                "Give up",
                "Not even the dead letter could be written; the response stays Pending, where the sweep finds it.",
                (Assign("ErrorText", FAULT),),
                None,
            ),
        ),
        resources=(
            Variable("DueAt", "DateTime", "When the follow-up is due, if a task was created now."),
            Variable("ErrorText", "String", "What went wrong; empty when all went well."),
            Variable("FollowUpStatus", "String", "The follow-up's new status; empty: unchanged."),
            Formula(
                "NewAutomationStatus",
                "String",
                'IF(NOT(ISBLANK({!ErrorText})), "Failed", IF(ISBLANK({!$Record.Removed_At_Source__c}), "Done", "Not needed"))',
                "The automation status to write.",
            ),
            Formula(
                "NewFollowUpStatus",
                "String",
                "IF(ISBLANK({!FollowUpStatus}), TEXT({!$Record.Follow_Up_Status__c}), {!FollowUpStatus})",
                "The follow-up status to write.",
            ),
            Formula("NewDueAt", "DateTime", "IF(ISBLANK({!DueAt}), {!$Record.Follow_Up_Due_At__c}, {!DueAt})", "The due moment to write."),
            Formula(
                "DeliveryKey",
                "String",
                '"automation:" & {!$Record.Response_Key__c} & ":" & TEXT({!$Record.Automation_Attempt__c})',
                "One dead letter for each attempt.",
            ),
            Formula("ErrorToKeep", "String", f"LEFT({{!ErrorText}}, {_LONGEST_ERROR})", "The error, cut to what the field holds."),
            Formula(
                "DeadLetterMessage",
                "String",
                f'LEFT({{!$Flow.FaultMessage}} & " " & {{!ErrorText}}, {_LONGEST_ERROR})',
                "What could not be written, and the automation's own error.",
            ),
        ),
    )


def _is(formula: str) -> Condition:
    return Condition(formula, "EqualTo", TRUE)
