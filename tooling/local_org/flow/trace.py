"""What an interview did, element by element, ready for JSON. Interviews of a bulk load run without one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .text import plain

LONGEST = 1000


@dataclass(slots=True)
class InterviewTrace:
    """The way of one interview through its flow and its subflows."""

    flow: str
    label: str
    path: str | None
    record_id: str | None
    started: str
    elements: list[dict[str, Any]] = field(default_factory=list)
    fault: str | None = None
    left_out: int = 0
    """Elements beyond the longest trace: a loop over thousands of records."""
    _last: dict[str, Any] | None = None

    def enter(self, flow: str, element: str, kind: str) -> dict[str, Any]:
        """The entry of an element just reached; what it did is added to it."""
        entry: dict[str, Any] = {"element": element, "type": kind}
        if flow != self.flow:
            entry["flow"] = flow
        if len(self.elements) < LONGEST:
            self.elements.append(entry)
        else:
            self.left_out += 1
        self._last = entry
        return entry

    def note(self, **what: Any) -> None:
        """Adds to the element reached last."""
        if self._last is not None:
            self._last.update({key: ready(value) for key, value in what.items()})

    def as_json(self) -> dict[str, Any]:
        return {
            "flow": self.flow,
            "label": self.label,
            "path": self.path,
            "recordId": self.record_id,
            "started": self.started,
            "elements": self.elements,
            "leftOut": self.left_out,
            "fault": self.fault,
        }


def ready(value: Any) -> Any:
    """A typed value as JSON holds it."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, dict):
        return {str(key): ready(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [ready(item) for item in value]
    return plain(value)
