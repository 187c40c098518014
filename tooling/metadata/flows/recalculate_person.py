"""NPS_Contact_Recalculate and NPS_Lead_Recalculate: a person's numbers from the ledger, computed while the person is saved."""

from __future__ import annotations

from tooling.metadata.flows.elements import Assign, Assignment, Condition, Decision, Element, Loop, Rule
from tooling.metadata.flows.flow import Flow
from tooling.metadata.flows.recalculation import (
    LATER_SURVEYED,
    SHARED_RESOURCES,
    clear_flag,
    exit_day,
    get_responses,
    latest_and_previous,
    number,
    remember_survey,
    start,
    window_resources,
)
from tooling.metadata.flows.resources import Formula, Resource, Variable
from tooling.metadata.flows.values import NOW, literal, ref
from tooling.nps.score import FIRST_PASSIVE, FIRST_PROMOTER
from tooling.spec.model import Spec

_NOTICEABLE_CHANGE = 2
"""So many points between two answers of one person are a trend, even within one category."""


def contact_recalculate(spec: Spec) -> Flow:
    return _recalculate(spec, "Contact")


def lead_recalculate(spec: Spec) -> Flow:
    return _recalculate(spec, "Lead")


def _recalculate(spec: Spec, sobject: str) -> Flow:
    return Flow(
        name=f"NPS_{sobject}_Recalculate",
        label=f"NPS {sobject}: Recalculate",
        description=(
            f"While a {sobject} with the recalculation flag is saved: reads the {sobject}'s survey responses once, writes latest and "
            "previous score, average, trend and count on the record itself, and clears the flag. Running it again gives the same values."
        ),
        start=start(sobject),
        order=500,
        elements=(
            get_responses(sobject, f"{sobject}__c"),
            Loop("Each_Response", "Each response", "Latest first.", "Responses", LATER_SURVEYED, "Write_Values"),
            *remember_survey(),
            *latest_and_previous(then="Is_In_Window"),
            *_window(),
            _write_values(),
            clear_flag(),
        ),
        resources=_resources(spec),
    )


def _window() -> tuple[Element, ...]:
    return (
        Decision(
            "Is_In_Window",
            "Is it in the window?",
            "Only answers within the rolling window count for the average.",
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
            "Each_Response",
        ),
    )


def _write_values() -> Assignment:
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
            Assign("$Record.NPS_Next_Recalculation__c", ref("NextRecalculation")),
            Assign("$Record.NPS_Recalculated_At__c", NOW),
        ),
        "Clear_Flag",
    )


def _resources(spec: Spec) -> tuple[Resource, ...]:
    return (
        *SHARED_RESOURCES,
        *window_resources(spec),
        number("WindowCount", "Answers within the rolling window."),
        number("WindowSum", "Sum of their scores."),
        Variable("OldestInWindow", "DateTime", "The oldest answer within the window: the next to leave it."),
        Formula(
            "Average", "Number", "IF({!WindowCount} = 0, NULL, ROUND({!WindowSum} / {!WindowCount}, 2))", "The rolling average.", scale=2
        ),
        Formula("LatestRank", "Number", _rank("LatestScore"), "0 detractor, 1 passive, 2 promoter.", scale=0),
        Formula("PreviousRank", "Number", _rank("PreviousScore"), "0 detractor, 1 passive, 2 promoter.", scale=0),
        Formula(
            "Trend",
            "String",
            'IF({!HistoryCount} < 2, "Not enough responses", '
            f"IF(OR({{!LatestRank}} > {{!PreviousRank}}, {{!LatestScore}} - {{!PreviousScore}} >= {_NOTICEABLE_CHANGE}), "
            '"Improving", '
            f"IF(OR({{!LatestRank}} < {{!PreviousRank}}, {{!PreviousScore}} - {{!LatestScore}} >= {_NOTICEABLE_CHANGE}), "
            '"Declining", "Stable")))',
            "The latest answer against the one before: another category, or at least two points.",
        ),
        exit_day("WindowExit", "OldestInWindow", spec.rollup.window, "The day the next answer leaves the rolling window."),
        exit_day("HistoryExit", "OldestInHistory", spec.rollup.history, "The day the next answer leaves the history."),
        Formula(
            "NextRecalculation",
            "Date",
            "IF({!HistoryCount} = 0, NULL, IF({!WindowExit} <= {!HistoryExit}, {!WindowExit}, {!HistoryExit}))",
            "The day the values change without a new answer.",
        ),
    )


def _rank(score: str) -> str:
    return f"IF({{!{score}}} >= {FIRST_PROMOTER}, 2, IF({{!{score}}} >= {FIRST_PASSIVE}, 1, 0))"
