"""What an interview did, element by element, ready for JSON. Interviews of a bulk load run without one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .text import plain

LONGEST = 1000
"""Elements of one trace: a loop over thousands of records is cut."""
SHOWN = 10
"""Records that an element's entry shows."""


@dataclass(slots=True)
class Used:
    """What one interview did of what the governor limits count: statements that served many interviews count for each of them."""

    soql: int = 0
    rows: int = 0
    dml: int = 0
    dml_rows: int = 0
    cpu: float = 0.0
    """Milliseconds, by the cost table."""

    def as_json(self) -> dict[str, float]:
        return {"soql": self.soql, "rows": self.rows, "dml": self.dml, "dmlRows": self.dml_rows, "cpu": round(self.cpu, 2)}


@dataclass(slots=True)
class InterviewTrace:
    """The way of one interview through its flow and its subflows."""

    flow: str
    label: str
    path: str | None
    record_id: str | None
    started: str
    elements: list[dict[str, Any]] = field(default_factory=list)
    entry: list[dict[str, Any]] = field(default_factory=list)
    """The entry conditions with both their sides."""
    fault: str | None = None
    left_out: int = 0
    """Elements beyond the longest trace."""
    used: Used = field(default_factory=Used)
    last: dict[str, Any] | None = None
    """The entry of the element reached last."""

    def enter(self, flow: str, element: str, kind: str, label: str) -> None:
        """Begins the entry of an element just reached; what it did is added to it."""
        entry: dict[str, Any] = {"element": element, "type": kind, "label": label}
        if flow != self.flow:
            entry["flow"] = flow
        if len(self.elements) < LONGEST:
            self.elements.append(entry)
        else:
            self.left_out += 1
        self.last = entry

    def note(self, **what: Any) -> None:
        """Adds to the element reached last."""
        if self.last is not None:
            self.last.update({key: ready(value) for key, value in what.items()})

    def read(self, rows: int) -> None:
        self.used.soql += 1
        self.used.rows += rows

    def wrote(self, rows: int) -> None:
        self.used.dml += 1
        self.used.dml_rows += rows

    def as_json(self) -> dict[str, Any]:
        return {
            "flow": self.flow,
            "label": self.label,
            "path": self.path,
            "recordId": self.record_id,
            "started": self.started,
            "entry": self.entry,
            "elements": self.elements,
            "leftOut": self.left_out,
            "fault": self.fault,
            "used": self.used.as_json(),
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
