"""What an interview did, element by element, ready for JSON. Interviews of a bulk load run without one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .text import plain


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

    def enter(self, flow: str, element: str, kind: str) -> dict[str, Any]:
        """The entry of an element just reached; what it did is added to it."""
        entry: dict[str, Any] = {"element": element, "type": kind}
        if flow != self.flow:
            entry["flow"] = flow
        self.elements.append(entry)
        return entry

    def note(self, **what: Any) -> None:
        """Adds to the element reached last."""
        if self.elements:
            self.elements[-1].update({key: ready(value) for key, value in what.items()})

    def as_json(self) -> dict[str, Any]:
        return {
            "flow": self.flow,
            "label": self.label,
            "path": self.path,
            "recordId": self.record_id,
            "started": self.started,
            "elements": self.elements,
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
