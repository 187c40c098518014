"""NPS_Response_Prepare: what happens to a response before its save."""

from __future__ import annotations

from tooling.metadata.flows.elements import Assign, Assignment, Condition, Decision, Rule
from tooling.metadata.flows.flow import Flow, RecordStart
from tooling.metadata.flows.resources import Formula
from tooling.metadata.flows.values import FALSE, NOW, TRUE, literal, ref
from tooling.metadata.flows.wording import days
from tooling.spec.model import Spec

RESPONSE = "Survey_Response__c"

# Every one of these puts a parent behind: score, outcome and removal change its numbers, the lookups change whose numbers they are, the
# Case is one of its escalations.
_ROLLED_UP = ("Score__c", "Outcome__c", "Removed_At_Source__c", "Contact__c", "Lead__c", "Account__c", "Case__c")
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
                        (*(Condition(f"$Record.{field}", "IsChanged", TRUE) for field in _ROLLED_UP), _is("FollowUpTurned")),
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
            Formula(
                "FollowUpTurned",
                "Boolean",
                # Blank counts as open already: the first status changes nothing.
                "AND(NOT(ISBLANK(TEXT({!$Record__Prior.Follow_Up_Status__c}))), "
                "TEXT({!$Record__Prior.Follow_Up_Status__c}) <> TEXT({!$Record.Follow_Up_Status__c}))",
                "True when a follow-up was closed or opened again: the Account's segment depends on it.",
            ),
            Formula("NextAttempt", "Number", "BLANKVALUE({!$Record.Automation_Attempt__c}, 0) + 1", "The next attempt's number.", scale=0),
        ),
    )


def _is(formula: str) -> Condition:
    return Condition(formula, "EqualTo", TRUE)
