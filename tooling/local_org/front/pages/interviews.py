"""Traces of flow interviews, read for people: which way an interview took and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..wire import the_org

_MOST = 200


@dataclass(frozen=True, slots=True)
class Step:
    """One element on the way: its name, its kind and what it saw or did, as (word, value) pairs."""

    element: str
    kind: str
    flow: str
    facts: tuple[tuple[str, Any], ...]
    failed: bool


@dataclass(frozen=True, slots=True)
class Interview:
    number: int
    flow: str
    label: str
    path: str
    record_id: str | None
    started: str
    fault: str | None
    steps: tuple[Step, ...]

    @property
    def state(self) -> str:
        return "failed" if self.fault else "done"

    @property
    def summary(self) -> str:
        """The way in one line."""
        if self.fault:
            return self.fault
        return " → ".join(step.element for step in self.steps[:8]) + (" → …" if len(self.steps) > 8 else "") or "nothing to do"


def newest(most: int = _MOST) -> list[Interview]:
    return list(reversed(_all()[-most:]))


def of_record(record_id: str) -> list[Interview]:
    """Interviews that a record started, and those that read or wrote it."""
    key = record_id[:15]
    return [each for each in reversed(_all()) if (each.record_id or "")[:15] == key or any(key in str(step.facts) for step in each.steps)]


def numbered(number: int) -> Interview | None:
    return next((each for each in _all() if each.number == number), None)


def _all() -> list[Interview]:
    return [_read(index, trace) for index, trace in enumerate(the_org().interviews(), start=1)]


def _read(index: int, trace: dict[str, Any]) -> Interview:
    steps = tuple(_step(each) for each in trace.get("elements") or [])
    return Interview(
        number=int(trace.get("number") or index),
        flow=str(trace.get("flow") or ""),
        label=str(trace.get("label") or trace.get("flow") or ""),
        path=str(trace.get("path") or ""),
        record_id=trace.get("recordId"),
        started=str(trace.get("started") or ""),
        fault=trace.get("fault"),
        steps=steps,
    )


def _step(entry: dict[str, Any]) -> Step:
    facts = tuple((word, value) for word, value in entry.items() if word not in {"element", "type", "flow"} and value not in (None, [], {}))
    return Step(
        str(entry.get("element", "")), str(entry.get("type", "")), str(entry.get("flow", "")), facts, "fault" in entry or "error" in entry
    )
