"""Tests of the called flows that write to customers: nobody is written to twice, and nobody for whom there is nothing to say.

Each ends with the flow's first decision, before it reads anything.
"""

from __future__ import annotations

from collections.abc import Iterator

from tooling.metadata.flow_tests.building import avoids, called_test, passes, stays_empty
from tooling.metadata.flows.flow import Flow
from tooling.metadata.types.flow_test import FlowTest, JsonValue
from tooling.nps.score import FIRST_PASSIVE, HIGHEST, LOWEST

_MOMENT = "2026-01-15T12:00:00.000+0000"
_DETRACTOR: dict[str, JsonValue] = {
    "Outcome__c": "Answered",
    "Score__c": LOWEST,
    "Quiet__c": False,
    "Responded_At__c": _MOMENT,
}
_PROMOTER: dict[str, JsonValue] = {**_DETRACTOR, "Score__c": HIGHEST}
_NO_ERROR = stays_empty("ErrorText", "Something went wrong although there was nothing to do.")


def acknowledge_tests(flow: Flow) -> Iterator[FlowTest]:
    cases: tuple[tuple[str, str, dict[str, JsonValue]], ...] = (
        ("Sent", "An answer is acknowledged once", {"Acknowledgement_Status__c": "Sent"}),
        ("Suppressed", "What was suppressed stays so", {"Acknowledgement_Status__c": "Suppressed"}),
        ("No_Detractor", "Only a detractor is acknowledged", {"Score__c": FIRST_PASSIVE}),
        ("Quiet", "A quiet answer is not acknowledged", {"Quiet__c": True}),
        ("Removed", "A removed answer is not acknowledged", {"Removed_At_Source__c": _MOMENT}),
        ("No_Score", "Without a score nothing is acknowledged", {"Score__c": None, "Outcome__c": "Dismissed"}),
    )
    for name, label, values in cases:
        yield called_test(
            flow,
            name,
            label,
            f"{label}: the flow ends at once, without an e-mail and without an error.",
            "Response",
            {**_DETRACTOR, **values},
            passes("Is_It_Due", "The question whether an e-mail is due is not asked."),
            avoids("Due_Now", "An e-mail is due that must not be sent."),
            avoids("Due_But_Nobody", "An e-mail waits that must not be sent."),
            _NO_ERROR,
        )


def invite_tests(flow: Flow) -> Iterator[FlowTest]:
    for status in ("Invited", "Completed", "Skipped"):
        yield called_test(
            flow,
            f"Is_{status}",
            f"{status}: final",
            f"A promoter whose invitation is {status.lower()} gets no other: the flow ends at once, without an error.",
            "Response",
            {**_PROMOTER, "Advocacy_Status__c": status},
            passes("Over_Already", "A second invitation is on its way."),
            _NO_ERROR,
        )


def renewal_send_tests(flow: Flow) -> Iterator[FlowTest]:
    for status in ("Sent", "Skipped"):
        yield called_test(
            flow,
            f"Is_{status}",
            f"{status}: final",
            f"An Opportunity whose renewal e-mail is {status.lower()} gets no other: the flow ends at once, without an error.",
            "Renewal",
            {"Name": "NPS flow test", "CloseDate": "2030-01-15", "NPS_Renewal_Email_Status__c": status},
            passes("Over_Already", "A second renewal e-mail is on its way."),
            _NO_ERROR,
        )
