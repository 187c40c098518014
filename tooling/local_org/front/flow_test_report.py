"""A run of flow tests as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any


def flow_test_report(run: Mapping[str, Any]) -> str:
    """A line for each test, below it why it did not pass, and the counts.

    `run` is what the control plane answers to `POST /local-org/test-flows`.
    """
    tests = run["tests"]
    if not tests:
        return "No flow tests are deployed."
    width = max(len(test["name"]) for test in tests)
    lines = [line for test in tests for line in _lines(test, width)]
    return "\n".join([*lines, f"{run['passed']} passed, {run['failed']} did not pass"])


def _lines(test: Mapping[str, Any], width: int) -> Iterator[str]:
    yield f"{test['outcome'].upper():<5}  {test['name']:<{width}}  {test['flow']}, {test['milliseconds']:.0f} ms"
    if test["message"]:
        yield f"       {test['message']}"
    if test["outcome"] == "Pass":
        return
    if not test["entered"] and test["error"] is None:
        yield "       The record did not meet the flow's entry conditions."
    for assertion in test["assertions"]:
        if not assertion["passed"]:
            yield from (f"       at {assertion['point']}: {line}" for line in _conditions(assertion["conditions"]))
    yield from (f"       warning: {warning}" for warning in test["warnings"])


def _conditions(conditions: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    for condition in conditions:
        if condition.get("met") is not True:
            found = condition.get("fault") or f"{condition.get('left')!r}, expected {condition.get('right')!r}"
            yield f"{condition.get('condition')}: {found}"
