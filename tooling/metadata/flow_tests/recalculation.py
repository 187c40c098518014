"""Tests of the recalculation flows: what a record shows when no answer of its own is left.

The numbers that answers lead to need answers, which are other records: those are tested on an org with records.
"""

from __future__ import annotations

from collections.abc import Iterator

from tooling.metadata.flow_tests.building import becomes, is_blank, is_filled, passes, record_test
from tooling.metadata.flows.flow import Flow
from tooling.metadata.types.flow_test import Assertion, FlowTest, JsonValue
from tooling.nps.score import HIGHEST

_NO_SUCH_RECORD = {"Account": "001000000000000AAA", "Contact": "003000000000000AAA", "Lead": "00Q000000000000AAA"}
"""Ids that no org gives a record: the flow's search for answers finds none. Without an id it would find every unmatched answer."""
_NAMES: dict[str, dict[str, JsonValue]] = {
    "Account": {"Name": "NPS flow test"},
    "Contact": {"LastName": "NPS flow test"},
    "Lead": {"LastName": "NPS flow test", "Company": "NPS flow test"},
}
_MOMENT = "2020-01-15T12:00:00.000+0000"
_STALE: dict[str, JsonValue] = {
    "NPS_Score__c": HIGHEST,
    "NPS_Verbatim__c": "What nobody says any more.",
    "NPS_Responded_At__c": _MOMENT,
    "NPS_Previous_Score__c": HIGHEST,
    "NPS_Average_Score__c": HIGHEST,
    "NPS_Trend__c": "Improving",
    "NPS_Response_Count__c": 3,
    "NPS_Last_Surveyed_At__c": _MOMENT,
    "NPS_Recalculation_Requested_At__c": _MOMENT,
    "NPS_Next_Recalculation__c": "2020-07-15",
    "NPS_Recalculate__c": False,
}
_STALE_OF_COMPANY: dict[str, JsonValue] = {
    "NPS_Promoters__c": 3,
    "NPS_Passives__c": 1,
    "NPS_Detractors__c": 1,
    "NPS_Segment__c": "Promoter",
    "NPS_Open_Escalations__c": 1,
}
_CLEARED = (
    "NPS_Score__c",
    "NPS_Verbatim__c",
    "NPS_Responded_At__c",
    "NPS_Previous_Score__c",
    "NPS_Average_Score__c",
    "NPS_Last_Surveyed_At__c",
    "NPS_Recalculation_Requested_At__c",
    "NPS_Next_Recalculation__c",
)


def recalculation_tests(flow: Flow, sobject: str) -> Iterator[FlowTest]:
    """`flow` recalculates records of `sobject`: Account, Contact or Lead."""
    is_company = sobject == "Account"
    one = f"{'An' if is_company else 'A'} {sobject}"
    yield record_test(
        flow,
        "No_Answer",
        f"{one} without answers shows none",
        f"{one} still shows numbers of answers that are gone. Recalculated, it shows none: counts are 0, the rest is blank, and "
        "the flag is cleared.",
        {"Id": _NO_SUCH_RECORD[sobject], **_NAMES[sobject], **_STALE, **(_STALE_OF_COMPANY if is_company else {})},
        passes("Write_Values", "The numbers are not written. Could the survey responses be read?"),
        *(is_blank(field, f"{field} still has a value, but no answer is left.") for field in _CLEARED),
        becomes("NPS_Response_Count__c", 0, "Answers are counted where there are none."),
        becomes("NPS_Trend__c", "Not enough responses", "Without answers there is no trend."),
        *(_of_company() if is_company else ()),
        is_filled("NPS_Recalculated_At__c", "The recalculation is not stamped: the record would be asked again and again."),
        becomes("NPS_Recalculate__c", False, "The flag is not cleared: the next change of the record would recalculate it again."),
        changes={"NPS_Recalculate__c": True},
    )


def _of_company() -> Iterator[Assertion]:
    for field in ("NPS_Promoters__c", "NPS_Passives__c", "NPS_Detractors__c", "NPS_Open_Escalations__c"):
        yield becomes(field, 0, f"{field} counts where there is nothing to count.")
    yield is_blank("NPS_Segment__c", "Without answers and escalations a company is in no segment.")
