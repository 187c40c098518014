"""Tests of NPS_Stamp_Decision: an Opportunity that is open has no stamp.

Which stages are closed ones is the org's own business, so the stages here are none of any org. What a closed Opportunity is stamped with
needs answers of its Account; that is tested on an org with records.
"""

from __future__ import annotations

from collections.abc import Iterator

from tooling.metadata.flow_tests.building import is_blank, passes, record_test
from tooling.metadata.flows.flow import Flow
from tooling.metadata.types.flow_test import FlowTest, JsonValue

_OPEN: dict[str, JsonValue] = {"Name": "NPS flow test", "CloseDate": "2030-01-15", "StageName": "NPS flow test: no stage"}
_STAMPED: dict[str, JsonValue] = {"NPS_Segment_At_Decision__c": "Promoter", "NPS_Age_Days_At_Decision__c": 30}
_LEFT = "An Opportunity that is open has a stamp of its decision."


def stamp_decision_tests(flow: Flow) -> Iterator[FlowTest]:
    yield record_test(
        flow,
        "Open",
        "An open Opportunity gets no stamp",
        "A new Opportunity in a stage that is no closed one is not stamped.",
        _OPEN,
        passes("Take_Back", "The Opportunity is taken for a closed one, or its stage could not be read."),
        is_blank("NPS_Segment_At_Decision__c", _LEFT),
        is_blank("NPS_Age_Days_At_Decision__c", _LEFT),
    )
    yield record_test(
        flow,
        "Reopened",
        "Opening an Opportunity again takes the stamp back",
        "A stamped Opportunity moves to a stage that is no closed one: nothing is decided any more.",
        {**_OPEN, **_STAMPED},
        passes("Take_Back", "The Opportunity is taken for a closed one, or its stage could not be read."),
        is_blank("NPS_Segment_At_Decision__c", _LEFT),
        is_blank("NPS_Age_Days_At_Decision__c", _LEFT),
        changes={"StageName": "NPS flow test: another"},
    )
