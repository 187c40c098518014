"""Tests of scheduled paths that end without touching any record. Flow tests run such a path at once; asynchronous paths they do not run."""

from __future__ import annotations

from collections.abc import Iterator

from tooling.metadata.flow_tests.building import avoids, passes, record_test
from tooling.metadata.flows.flow import Flow, RecordStart
from tooling.metadata.types.flow_test import FlowTest, JsonValue
from tooling.nps.score import HIGHEST

_ANSWER: dict[str, JsonValue] = {
    "Response_Key__c": "flow_test:1",
    "Source_Response_Id__c": "1",
    "Revision__c": 1,
    "Outcome__c": "Answered",
    "Score__c": HIGHEST,
    "Responded_At__c": "2026-01-15T12:00:00.000+0000",
    "Roll_Up_Changed_At__c": "2026-01-15T12:00:00.000+0000",
    "Quiet__c": False,
}
_PARENTS = ("Account", "Contact", "Lead")


def request_recalculation_tests(flow: Flow) -> Iterator[FlowTest]:
    (path,) = _paths(flow)
    yield record_test(
        flow,
        "Nobody_Known",
        "Nobody known, nobody asked",
        "Minutes after an answer of somebody unknown: no Account, Contact or Lead is asked for a recalculation.",
        _ANSWER,
        *(passes(f"Is_{parent}_Behind", f"The {parent} is not looked at.") for parent in _PARENTS),
        *(avoids(f"Ask_{parent}", f"The {parent} is asked, but there is none.") for parent in _PARENTS),
        path=path,
    )


def thank_you_tests(flow: Flow) -> Iterator[FlowTest]:
    """For each of its paths: nobody is invited twice."""
    for path in _paths(flow):
        yield record_test(
            flow,
            f"Invited_Already_{path}",
            "Nobody is invited twice",
            f"A promoter was invited already: the path {path} ends without an error and without a second invitation.",
            {**_ANSWER, "Advocacy_Status__c": "Invited"},
            passes("Was_There_An_Error", "The path ended early."),
            avoids("Error_To_Keep", "Something went wrong although there was nothing to do."),
            path=path,
        )


def _paths(flow: Flow) -> tuple[str, ...]:
    return tuple(path.name for path in flow.start.paths) if isinstance(flow.start, RecordStart) else ()
