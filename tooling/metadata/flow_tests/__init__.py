"""Flow tests: what an admin runs in Setup, or with `sf flow run test`, to see that our flows do what the mapping spec says.

One module for each flow or family of flows; `building` makes a test and refuses one that its flow does not fit. There is a test wherever
one holds in every org, whatever records are in it. So there is none for

* what a flow reads from records: follow-ups, Cases and the timeline begin with a search for the response's own, and a record that was
  never saved has no id to search by;
* asynchronous paths: flow tests do not run them (Salesforce Help, "Considerations for Testing Flows");
* flows that a schedule starts, which cannot be tested so.

Those are tested on an org with records: the real ones among them by the contract tests.

Flow tests do not count towards the test coverage that a production org may ask for: that is coverage "by a given Apex method" (Tooling
API, "FlowTestCoverage"). They are never what lets a deploy through; `nps_check_production` looks after that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

from tooling.metadata.flow_tests.mailing import acknowledge_tests, invite_tests, renewal_send_tests
from tooling.metadata.flow_tests.recalculation import recalculation_tests
from tooling.metadata.flow_tests.response_prepare import response_prepare_tests
from tooling.metadata.flow_tests.scheduled_paths import request_recalculation_tests, thank_you_tests
from tooling.metadata.flow_tests.stamp_decision import stamp_decision_tests
from tooling.metadata.flows import Flow, all_flows
from tooling.metadata.types.flow_test import FlowTest
from tooling.spec.model import Spec

_TESTS: Mapping[str, Callable[[Flow], Iterable[FlowTest]]] = {
    "NPS_Account_Recalculate": partial(recalculation_tests, sobject="Account"),
    "NPS_Acknowledge": acknowledge_tests,
    "NPS_Contact_Recalculate": partial(recalculation_tests, sobject="Contact"),
    "NPS_Lead_Recalculate": partial(recalculation_tests, sobject="Lead"),
    "NPS_Promoter_Invite": invite_tests,
    "NPS_Promoter_Thank_You": thank_you_tests,
    "NPS_Renewal_Send": renewal_send_tests,
    "NPS_Request_Recalculation": request_recalculation_tests,
    "NPS_Response_Prepare": response_prepare_tests,
    "NPS_Stamp_Decision": stamp_decision_tests,
}


def components(spec: Spec) -> Iterator[FlowTest]:
    """The tests of every flow that the spec asks for."""
    for flow in all_flows(spec):
        if flow.name in _TESTS:
            yield from _TESTS[flow.name](flow)
