"""What the org says to our metadata. Open questions 1 and 9."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.contract.target import Target
from tests.metadata_zip import zipped_package
from tooling.metadata import flow_tests
from tooling.spec import Spec

_DEPLOY_DEADLINE = 900.0


def test_check_only__everything_compiles(target: Target, tmp_path: Path) -> None:
    """A deploy that only checks takes the whole source: every formula fits its compiled size, every flow and flow test is valid."""
    started = target.client.deploy(
        str(zipped_package(tmp_path)), sandbox=True, checkOnly=True, testLevel="NoTestRun", tests=[], rollbackOnError=True
    )
    status: dict[str, Any] = {}

    def is_over() -> bool:
        status.update(target.client.checkDeployStatus(started["asyncId"]))
        return status["state"] not in ("Pending", "InProgress", "Finalizing")

    target.until(is_over, True, _DEPLOY_DEADLINE)

    assert (status["state"], status["deployment_detail"]["errors"]) == ("Succeeded", [])


def test_flow_tests__pass(target: Target, spec: Spec) -> None:
    """Our flow tests, run by the Tooling API as `sf flow run test` does, all pass."""
    wanted = list(flow_tests.components(spec))
    flows = dict.fromkeys(test.flow for test in wanted)

    failures: list[tuple[str, str]] = []
    ran = 0
    for flow in flows:
        # A synchronous run takes the tests of one flow.
        answer = target.gateway._transport.call(
            "POST", "tooling/runTestsSynchronous", json={"tests": [{"className": f"FlowTesting.{flow}"}]}
        )
        failures += [(failure["methodName"], failure["message"]) for failure in answer["failures"]]
        ran += answer["numTestsRun"]

    assert failures == []
    assert ran == len(wanted)
