"""What the recalculation flows of Contact, Lead and Account share: one read of the ledger, latest answer first."""

from __future__ import annotations

from datetime import timedelta

from tooling.metadata.flows.elements import Assign, Assignment, Condition, Decision, Element, Filter, Get, Rule
from tooling.metadata.flows.flow import RecordStart
from tooling.metadata.flows.resources import Formula, Resource, Variable
from tooling.metadata.flows.values import FALSE, NOW, TRUE, literal, ref
from tooling.metadata.flows.wording import days
from tooling.spec.model import Spec

LATER_SURVEYED = "Is_Later_Survey"
"""The first element for each response."""

_FIELDS = ("Id", "Outcome__c", "Responded_At__c", "Score__c", "Survey_Sent_At__c", "Verbatim__c")


def start(sobject: str) -> RecordStart:
    return RecordStart(
        sobject,
        "RecordBeforeSave",
        "Update",
        then="Responses",
        filters=(Filter("NPS_Recalculate__c", "EqualTo", TRUE),),
    )


def get_responses(sobject: str, lookup: str, more_fields: tuple[str, ...] = ()) -> Get:
    """All answers within the history, latest first.

    A fault must not stop the save of a customer's record: the flag is cleared and no time is stamped, so the record stays behind and is
    asked for again.
    """
    return Get(
        "Responses",
        "Survey responses",
        f"The {sobject}'s responses within rollup.history, except those removed at their source.",
        "Survey_Response__c",
        (
            Filter(lookup, "EqualTo", ref("$Record.Id")),
            Filter("Removed_At_Source__c", "IsNull", TRUE),
            Filter("Responded_At__c", "GreaterThanOrEqualTo", ref("HistoryStart")),
        ),
        tuple(sorted((*_FIELDS, *more_fields))),
        then="Each_Response",
        fault="Clear_Flag",
        first_only=False,
        sort_by="Responded_At__c",
        descending=True,
    )


def clear_flag() -> Assignment:
    return Assignment(
        "Clear_Flag",
        "Clear the flag",
        "The recalculation was asked for once and is over.",
        (Assign("$Record.NPS_Recalculate__c", FALSE),),
        None,
    )


def remember_survey() -> tuple[Element, ...]:
    return (
        Decision(
            LATER_SURVEYED,
            "Was it sent later?",
            "The latest survey sent counts, answered or dismissed.",
            (
                Rule(
                    "First_Survey",
                    "The first one",
                    (
                        Condition("LastSurveyedAt", "IsNull", TRUE),
                        Condition("Each_Response.Survey_Sent_At__c", "IsNull", FALSE),
                    ),
                    "Remember_Survey",
                ),
                Rule(
                    "Later_Survey",
                    "Later",
                    (Condition("Each_Response.Survey_Sent_At__c", "GreaterThan", ref("LastSurveyedAt")),),
                    "Remember_Survey",
                ),
            ),
            "Does_It_Count",
            "No",
        ),
        Assignment(
            "Remember_Survey",
            "Remember the survey",
            "When this record was last asked.",
            (Assign("LastSurveyedAt", ref("Each_Response.Survey_Sent_At__c")),),
            "Does_It_Count",
        ),
        Decision(
            "Does_It_Count",
            "Does it count?",
            "A dismissal never counts; a partial answer counts if it has a score.",
            (
                Rule(
                    "It_Counts",
                    "Yes",
                    (
                        Condition("Each_Response.Score__c", "IsNull", FALSE),
                        Condition("Each_Response.Outcome__c", "NotEqualTo", literal("Dismissed")),
                    ),
                    "Which_Answer",
                ),
            ),
            "Each_Response",
            "No",
        ),
    )


COUNTS = "Count_Answer"


def latest_and_previous(then: str) -> tuple[Element, ...]:
    return (
        Decision(
            "Which_Answer",
            "Which answer is it?",
            "The first is the latest, the second the previous one.",
            (
                Rule("Latest_Answer", "The latest", (Condition("HistoryCount", "EqualTo", literal(0)),), "Take_Latest"),
                Rule("Previous_Answer", "The one before", (Condition("HistoryCount", "EqualTo", literal(1)),), "Take_Previous"),
            ),
            COUNTS,
            "An earlier one",
        ),
        Assignment(
            "Take_Latest",
            "Take the latest",
            "What people see on the record.",
            (
                Assign("LatestScore", ref("Each_Response.Score__c")),
                Assign("LatestVerbatim", ref("Each_Response.Verbatim__c")),
                Assign("LatestAt", ref("Each_Response.Responded_At__c")),
            ),
            COUNTS,
        ),
        Assignment(
            "Take_Previous",
            "Take the previous",
            "What the latest is compared with.",
            (Assign("PreviousScore", ref("Each_Response.Score__c")),),
            COUNTS,
        ),
        Assignment(
            COUNTS,
            "Count it",
            "The last one counted is the oldest within the history.",
            (
                Assign("HistoryCount", literal(1), "Add"),
                Assign("OldestInHistory", ref("Each_Response.Responded_At__c")),
            ),
            then,
        ),
    )


def number(name: str, description: str, scale: int = 0) -> Variable:
    return Variable(name, "Number", description, scale=scale, value=literal(0))


SHARED_RESOURCES: tuple[Resource, ...] = (
    Variable("NoRequest", "DateTime", "No moment: what was requested is done."),
    Variable("LatestScore", "Number", "Score of the latest answer.", scale=0),
    Variable("LatestVerbatim", "String", "Its comment."),
    Variable("LatestAt", "DateTime", "When it was given."),
    Variable("PreviousScore", "Number", "Score of the answer before.", scale=0),
    Variable("LastSurveyedAt", "DateTime", "When the latest survey was sent."),
    Variable("OldestInHistory", "DateTime", "The oldest answer within the history: the next to leave it."),
    number("HistoryCount", "Answers within the history."),
    number("WindowCount", "Answers within the rolling window."),
    number("WindowSum", "Sum of their scores."),
    Variable("OldestInWindow", "DateTime", "The oldest answer within the window: the next to leave it."),
    Formula("Average", "Number", "IF({!WindowCount} = 0, NULL, ROUND({!WindowSum} / {!WindowCount}, 2))", "The rolling average.", scale=2),
)


def window_resources(spec: Spec) -> tuple[Resource, ...]:
    return (
        Formula(
            "HistoryStart",
            "DateTime",
            f"{{!$Flow.CurrentDateTime}} - {days(spec.rollup.history)}",
            "Where the history begins: rollup.history in the mapping spec.",
        ),
        Formula(
            "WindowStart",
            "DateTime",
            f"{{!$Flow.CurrentDateTime}} - {days(spec.rollup.window)}",
            "Where the rolling window begins: rollup.window in the mapping spec.",
        ),
    )


def exit_day(name: str, oldest: str, duration: timedelta, description: str) -> Formula:
    """The day after the oldest answer leaves a window of this length; far away when there is none."""
    return Formula(
        name,
        "Date",
        f"IF(ISBLANK({{!{oldest}}}), DATE(4000, 12, 31), DATEVALUE({{!{oldest}}} + {days(duration)}) + 1)",
        description,
    )


def in_window(then: str) -> tuple[Element, ...]:
    """Sum and count of the answers within the rolling window; goes on to `then` for those."""
    return (
        Decision(
            "Is_In_Window",
            "Is it in the window?",
            "Only answers within the rolling window count for average, segment and trend.",
            (
                Rule(
                    "In_Window",
                    "Yes",
                    (Condition("Each_Response.Responded_At__c", "GreaterThanOrEqualTo", ref("WindowStart")),),
                    "Add_To_Window",
                ),
            ),
            "Each_Response",
            "No",
        ),
        Assignment(
            "Add_To_Window",
            "Add to the window",
            "Sum and count for the average.",
            (
                Assign("WindowCount", literal(1), "Add"),
                Assign("WindowSum", ref("Each_Response.Score__c"), "Add"),
                Assign("OldestInWindow", ref("Each_Response.Responded_At__c")),
            ),
            then,
        ),
    )


def values_of_record(*more: Assign) -> Assignment:
    """What all three objects show, and more."""
    return Assignment(
        "Write_Values",
        "Write the values",
        "On the record that is being saved: no further update, nothing that could fail.",
        (
            Assign("$Record.NPS_Score__c", ref("LatestScore")),
            Assign("$Record.NPS_Verbatim__c", ref("LatestVerbatim")),
            Assign("$Record.NPS_Responded_At__c", ref("LatestAt")),
            Assign("$Record.NPS_Previous_Score__c", ref("PreviousScore")),
            Assign("$Record.NPS_Average_Score__c", ref("Average")),
            Assign("$Record.NPS_Trend__c", ref("Trend")),
            Assign("$Record.NPS_Response_Count__c", ref("HistoryCount")),
            Assign("$Record.NPS_Last_Surveyed_At__c", ref("LastSurveyedAt")),
            *more,
            Assign("$Record.NPS_Recalculation_Requested_At__c", ref("NoRequest")),
            Assign("$Record.NPS_Next_Recalculation__c", ref("NextRecalculation")),
            Assign("$Record.NPS_Recalculated_At__c", NOW),
        ),
        "Clear_Flag",
    )
