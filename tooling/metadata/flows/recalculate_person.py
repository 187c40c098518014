"""NPS_Contact_Recalculate and NPS_Lead_Recalculate: a person's numbers from the ledger, computed while the person is saved."""

from __future__ import annotations

from tooling.metadata.flows.elements import Loop
from tooling.metadata.flows.flow import Flow
from tooling.metadata.flows.recalculation import (
    LATER_SURVEYED,
    SHARED_RESOURCES,
    clear_flag,
    exit_day,
    get_responses,
    in_window,
    latest_and_previous,
    remember_survey,
    start,
    values_of_record,
    window_resources,
)
from tooling.metadata.flows.resources import Formula, Resource
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
            *in_window(then="Each_Response"),
            values_of_record(),
            clear_flag(),
        ),
        resources=_resources(spec),
    )


def _resources(spec: Spec) -> tuple[Resource, ...]:
    return (
        *SHARED_RESOURCES,
        *window_resources(spec),
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
