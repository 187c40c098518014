"""A trace as lines for a terminal: which way an interview took, what each element saw, and what it cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_OWN = frozenset({"element", "type", "label", "flow", "why", "fault", "handled"})
_LONGEST = 100
_SHOWN = ("soql", "rows", "dml", "dmlRows", "cpu")
Json = Mapping[str, Any]


def lines(trace: Json) -> Iterator[str]:
    """One interview of `Org.interviews()`."""
    path = f", path {trace['path']}" if trace.get("path") else ""
    record = f" for {trace['recordId']}" if trace.get("recordId") else ""
    yield f"{trace.get('label') or trace.get('flow')} ({trace.get('flow')}{path}){record} at {trace.get('started', '?')}"
    for condition in trace.get("entry") or []:
        yield f"  entered: {_condition(condition)}"
    for entry in trace.get("elements") or []:
        yield from _element(entry)
    if trace.get("leftOut"):
        yield f"  … and {trace['leftOut']} more elements"
    if trace.get("fault") or trace.get("error"):
        yield f"  failed: {trace.get('fault') or trace.get('error')}"
    for word, used in (("interview", trace.get("used")), ("transaction so far", trace.get("transaction"))):
        if used:
            yield f"  {word}: " + ", ".join(f"{name} {used.get(name, 0):g}" for name in _SHOWN)


def _element(entry: Json) -> Iterator[str]:
    inside = f" in {entry['flow']}" if entry.get("flow") else ""
    facts = ", ".join(f"{word} {_value(value)}" for word, value in entry.items() if word not in _OWN and value not in (None, [], {}))
    yield f"  {entry.get('element')} [{entry.get('type')}]{inside}" + (f": {facts}" if facts else "")
    for outcome in entry.get("why") or []:
        for condition in outcome.get("conditions") or []:
            yield f"      {outcome.get('outcome')}: {_condition(condition)}"
    if entry.get("fault"):
        yield f"      fault{'' if entry.get('handled') else ', unhandled'}: {entry['fault']}"


def _condition(condition: Json) -> str:
    answer = "met" if condition.get("met") else "not met"
    if "fault" in condition:
        return f"{condition.get('condition')}: {condition['fault']}"
    if "left" not in condition:
        return f"{condition.get('condition')}: {answer}"
    return f"{condition.get('condition')}: {_value(condition.get('left'))} against {_value(condition.get('right'))}, {answer}"


def _value(value: Any) -> str:
    text = "(null)" if value is None else value if isinstance(value, str) else str(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
