"""Traces of flow interviews, read for people: which way an interview took and why."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ..wire import the_org

_MOST = 200
_MOST_NAMED = 8
_OWN = frozenset({"element", "type", "label", "flow", "why"})
Trace = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition a decision looked at, with the values it saw."""

    text: str
    left: Any
    right: Any
    met: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One element on the way: its name, its kind and what it saw or did, as (word, value) pairs."""

    element: str
    kind: str
    flow: str
    facts: tuple[tuple[str, Any], ...]
    why: tuple[tuple[str, tuple[Condition, ...]], ...]
    """Outcomes a decision tried, in order, with their conditions."""
    failed: bool


@dataclass(frozen=True, slots=True)
class Interview:
    key: str
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
        names = [step.element for step in self.steps]
        more = [f"{len(names) - _MOST_NAMED} more"] if len(names) > _MOST_NAMED else []
        return " → ".join(names[:_MOST_NAMED] + more) or "nothing to do"


def newest(flow: str = "", most: int = _MOST) -> list[Interview]:
    """The newest first, of one flow when it is named."""
    return _found(lambda trace: not flow or trace.get("flow") == flow)[:most]


def of_record(record_id: str) -> list[Interview]:
    """Interviews that a record started, and those that read or wrote it."""
    key = record_id[:15]
    return _found(lambda trace: key in str(trace))


def of_key(key: str) -> Interview | None:
    return next((_read(known, trace) for known, trace in _keyed() if known == key), None)


def _found(wanted: Callable[[Trace], bool]) -> list[Interview]:
    return [_read(key, trace) for key, trace in reversed(list(_keyed())) if wanted(trace)]


def _keyed() -> Iterator[tuple[str, Trace]]:
    """Traces with keys that stay the same while older traces are given up."""
    seen: Counter[str] = Counter()
    for trace in the_org().interviews():
        said = "|".join(str(trace.get(word)) for word in ("flow", "path", "recordId", "started"))
        key = hashlib.blake2s(said.encode(), digest_size=6).hexdigest()
        seen[key] += 1
        yield (key if seen[key] == 1 else f"{key}-{seen[key]}"), trace


def _read(key: str, trace: Trace) -> Interview:
    return Interview(
        key=key,
        flow=str(trace.get("flow") or ""),
        label=str(trace.get("label") or trace.get("flow") or ""),
        path=str(trace.get("path") or "").replace("_", " "),
        record_id=trace.get("recordId"),
        started=str(trace.get("started") or ""),
        fault=trace.get("fault"),
        steps=tuple(_step(each) for each in trace.get("elements") or []),
    )


def _step(entry: dict[str, Any]) -> Step:
    facts = tuple((word, value) for word, value in entry.items() if word not in _OWN and value not in (None, [], {}))
    why = tuple((str(each.get("outcome")), tuple(map(_condition, each.get("conditions") or []))) for each in entry.get("why") or [])
    failed = "fault" in entry or "error" in entry
    return Step(str(entry.get("element", "")), str(entry.get("type", "")), str(entry.get("flow", "")), facts, why, failed)


def _condition(entry: dict[str, Any]) -> Condition:
    return Condition(str(entry.get("condition", "")), entry.get("left"), entry.get("right"), bool(entry.get("met")))
