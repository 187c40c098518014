"""Runs of flow tests: for the control plane, and for the Tooling API's test runs.

Which class and method name a flow test has there is not in Salesforce's public documentation: here the class is `FlowTesting.` with the
flow's API name or the test's, the method is the test.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..engine.flow_tests import FlowTestResult, failed
from ..engine.org import Org
from ..errors import JsonParserError, NotFound

NAMESPACE = "FlowTesting"
_PREFIX = f"{NAMESPACE.lower()}."
_ALL_LEVELS = frozenset({"RunLocalTests", "RunAllTestsInOrg"})


def control_answer(results: Sequence[FlowTestResult]) -> dict[str, Any]:
    """What the control plane answers to a run."""
    wrong = len(failed(results))
    return {"passed": len(results) - wrong, "failed": wrong, "tests": [result.to_json() for result in results]}


def requested_tests(org: Org, body: Mapping[str, Any]) -> list[str]:
    """Flow tests that a Tooling API run names: by `tests`, by `classNames`, or all of them by test level and category.

    Raises:
        NotFound: no flow, and no flow test, has the name.
        JsonParserError: `tests` is no list of objects.
    """
    by_flow: dict[str, list[str]] = {}
    for name, component in sorted(org.metadata.of_type("FlowTest").items()):
        by_flow.setdefault((component.node.value("flowApiName") or "").lower(), []).append(name)
    if body.get("testLevel") in _ALL_LEVELS and "Flow" in (body.get("category") or ()):
        return sorted(name for names in by_flow.values() for name in names)
    found: dict[str, None] = {}
    for class_name, methods in _named(body):
        if class_name.lower().startswith(_PREFIX):
            found |= dict.fromkeys(_of_class(by_flow, class_name[len(_PREFIX) :], methods))
    return list(found)


def _named(body: Mapping[str, Any]) -> Iterator[tuple[str, Sequence[str]]]:
    """Classes with their methods; no methods are all of them."""
    listed = body.get("tests") or []
    if not isinstance(listed, list) or not all(isinstance(each, Mapping) for each in listed):
        raise JsonParserError('tests: a list of {"className": …} is expected')
    for each in listed:
        yield str(each.get("className") or ""), [str(name) for name in each.get("testMethods") or ()]
    names = body.get("classNames") or ""
    for name in names if isinstance(names, list) else str(names).split(","):
        yield str(name).strip(), ()


def _of_class(by_flow: Mapping[str, Sequence[str]], name: str, methods: Sequence[str]) -> list[str]:
    flow, _, method = name.partition(".")
    tests = by_flow.get(flow.lower())
    if tests is None:
        known = [test for names in by_flow.values() for test in names if test.lower() == name.lower()]
        if not known:
            raise NotFound(f"No FlowTest named {name} found")
        return known
    wanted = {each.lower() for each in (*methods, *filter(None, [method]))}
    missing = wanted - {test.lower() for test in tests}
    if missing:
        raise NotFound(f"No FlowTest named {min(missing)} found")
    return [test for test in tests if not wanted or test.lower() in wanted]


def run_answer(results: Sequence[FlowTestResult]) -> dict[str, Any]:
    """The answer of `runTestsSynchronous`, as it is documented for Apex (Tooling API, "RunTestsResult")."""
    wrong = failed(results)
    return {
        "apexLogId": None, "codeCoverage": [], "codeCoverageWarnings": [], "flowCoverage": [], "flowCoverageWarnings": [],
        "failures": [_failure(result) for result in wrong], "numFailures": len(wrong), "numTestsRun": len(results),
        "successes": [_method(result) for result in results if result.passed],
        "totalTime": float(round(sum(result.milliseconds for result in results))),
    }  # fmt: skip


def _method(result: FlowTestResult) -> dict[str, Any]:
    time = float(round(result.milliseconds))
    return {"id": None, "methodName": result.name, "name": result.flow, "namespace": NAMESPACE, "seeAllData": False, "time": time}


def _failure(result: FlowTestResult) -> dict[str, Any]:
    return {**_method(result), "message": result.message, "packageName": "", "stackTrace": None, "type": "FlowTest"}
