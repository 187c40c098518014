"""Tests of NPS_Response_Prepare: what is marked on a response before it is saved, and what starts its automation.

Whether a started automation is Pending or Suppressed is decided by a switch in NPS Settings, so no test here expects either; that a new
response becomes Pending, with attempt 1, is a contract test.
"""

from __future__ import annotations

from collections.abc import Iterator

from tooling.metadata.flow_tests.building import avoids, becomes, is_blank, is_filled, passes, record_test
from tooling.metadata.flows.flow import Flow
from tooling.metadata.types.flow_test import FlowTest, JsonValue
from tooling.nps.score import FIRST_PROMOTER, LOWEST

_LONG_AGO = "1800-01-01T12:00:00.000+0000"
"""Longer ago than any follow_up.detractor.max_age that makes sense: a flow test knows no "today" to count from."""

_NEW: dict[str, JsonValue] = {
    "Response_Key__c": "flow_test:1",
    "Source_Response_Id__c": "1",
    "Revision__c": 1,
    "Outcome__c": "Answered",
    "Score__c": LOWEST,
    "Automation_Attempt__c": 0,
    "Automation_Retry__c": False,
    "Quiet__c": False,
}
_DONE: dict[str, JsonValue] = {
    **_NEW,
    "Automation_Status__c": "Done",
    "Automation_Attempt__c": 1,
    "Automated_Revision__c": 1,
    "Follow_Up_Status__c": "Open",
}
_STAMPED = "The moment of the change is not stamped: Contact, Lead and Account would not be recalculated."
_NOT_STAMPED = "Something that roll-ups do not depend on is stamped as their change."
_STARTS = "The response's automation does not start."
_STARTS_NOT = "The response's automation starts, but there is nothing new to do."
_RETRY = "Retry Automation does not clear itself."


def response_prepare_tests(flow: Flow) -> Iterator[FlowTest]:
    yield from _new_responses(flow)
    yield from _changes_of_the_answer(flow)
    yield from _changes_around_it(flow)


def _new_responses(flow: Flow) -> Iterator[FlowTest]:
    yield record_test(
        flow,
        "New_Answer",
        "A new answer starts its automation",
        "A new response is audible, stamps the roll-up change and starts its automation.",
        _NEW,
        passes("New_Response", "The response is not taken for a new one."),
        is_filled("Roll_Up_Changed_At__c", _STAMPED),
        passes("How_Does_It_Start", _STARTS),
        becomes("Quiet__c", False, "A new answer is marked as quiet: nobody would follow it up."),
    )
    yield record_test(
        flow,
        "Old_Answer",
        "An answer that is too old is quiet",
        "A new response whose answer is older than follow_up.detractor.max_age in the mapping spec is marked as quiet; its automation "
        "starts all the same, for what is done for quiet answers too.",
        {**_NEW, "Responded_At__c": _LONG_AGO},
        passes("Too_Old", "The answer is not taken for an old one."),
        becomes("Quiet__c", True, "An answer that is too old is not marked as quiet: somebody would be asked to follow it up."),
        is_filled("Roll_Up_Changed_At__c", _STAMPED),
        passes("How_Does_It_Start", _STARTS),
    )


def _changes_of_the_answer(flow: Flow) -> Iterator[FlowTest]:
    yield record_test(
        flow,
        "Old_Answer_Changed",
        "Only a new answer can be too old",
        "A response that is there already and is changed keeps its voice, however old the answer is.",
        {**_DONE, "Responded_At__c": _LONG_AGO},
        avoids("Too_Old", "A response that is there already is taken for a new one."),
        becomes("Quiet__c", False, "A response falls silent when it is changed."),
        changes={"Score__c": FIRST_PROMOTER, "Revision__c": 2},
    )
    yield record_test(
        flow,
        "Next_Revision",
        "A new revision starts automation again",
        "Another score comes with the next revision: roll-ups change, and automation starts again.",
        _DONE,
        passes("Roll_Ups_Change", "Another score does not count as a change of roll-ups."),
        is_filled("Roll_Up_Changed_At__c", _STAMPED),
        passes("Starts_Changed", _STARTS),
        changes={"Score__c": FIRST_PROMOTER, "Revision__c": 2},
    )
    yield record_test(
        flow,
        "Removed",
        "A removal starts automation again",
        "A response that was removed at its source leaves the roll-ups, and its automation takes note.",
        _DONE,
        passes("Roll_Ups_Change", "A removal does not count as a change of roll-ups."),
        is_filled("Roll_Up_Changed_At__c", _STAMPED),
        passes("Starts_Changed", _STARTS),
        changes={"Removed_At_Source__c": "2026-01-15T12:00:00.000+0000"},
    )


def _changes_around_it(flow: Flow) -> Iterator[FlowTest]:
    """What somebody at our end does about a response."""
    yield record_test(
        flow,
        "Note_Only",
        "A note starts nothing",
        "Somebody notes what was done: neither roll-ups nor automation depend on it, and nothing of theirs changes.",
        _DONE,
        avoids("Roll_Ups_Change", _NOT_STAMPED),
        is_blank("Roll_Up_Changed_At__c", _NOT_STAMPED),
        avoids("How_Does_It_Start", _STARTS_NOT),
        becomes("Automation_Status__c", "Done", _STARTS_NOT),
        becomes("Automation_Attempt__c", 1, _STARTS_NOT),
        changes={"Resolution__c": "Called and explained."},
    )
    yield record_test(
        flow,
        "Follow_Up_Opened",
        "A first follow-up changes no roll-up",
        "An audible detractor counts as open before the follow-up exists: its first status changes nothing.",
        {**_DONE, "Follow_Up_Status__c": None},
        avoids("Roll_Ups_Change", _NOT_STAMPED),
        avoids("How_Does_It_Start", _STARTS_NOT),
        changes={"Follow_Up_Status__c": "Open"},
    )
    yield record_test(
        flow,
        "Follow_Up_Closed",
        "A closed follow-up changes roll-ups",
        "The Account's segment depends on open follow-ups: closing one is stamped, but automation has nothing to do.",
        _DONE,
        passes("Roll_Ups_Change", "A closed follow-up does not count as a change of roll-ups."),
        is_filled("Roll_Up_Changed_At__c", _STAMPED),
        avoids("How_Does_It_Start", _STARTS_NOT),
        changes={"Follow_Up_Status__c": "Done"},
    )
    yield record_test(
        flow,
        "Retry",
        "Retry starts automation and clears itself",
        "Somebody ticks Retry Automation: it starts again, whatever else is unchanged, and the tick is taken away.",
        {**_DONE, "Automation_Status__c": "Failed"},
        passes("Starts_New_Or_Retry", _STARTS),
        becomes("Automation_Retry__c", False, _RETRY),
        is_blank("Roll_Up_Changed_At__c", _NOT_STAMPED),
        changes={"Automation_Retry__c": True},
    )
