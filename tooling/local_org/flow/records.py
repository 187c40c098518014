"""A record as a flow variable holds it: a value that is copied when it is assigned, and knows what the flow changed in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class FlowRecord(dict[str, Any]):
    """Canonical field name to typed value. `changed` names the fields a flow set; an Update element sends these."""

    __slots__ = ("changed", "sobject")

    def __init__(self, sobject: str, values: Mapping[str, Any] | None = None, changed: set[str] | None = None) -> None:
        super().__init__(values or {})
        self.sobject = sobject
        self.changed: set[str] = changed if changed is not None else set()

    def copied(self) -> FlowRecord:
        """A record of its own: later changes of one do not show in the other."""
        return FlowRecord(self.sobject, self, set(self.changed))

    def put(self, field: str, value: Any) -> None:
        self[field] = value
        self.changed.add(field)


def copied(value: Any) -> Any:
    """A value as an assignment hands it on: records and collections by value, as flow variables are."""
    if type(value) is FlowRecord:
        return value.copied()
    if type(value) is list:
        return [item.copied() if type(item) is FlowRecord else item for item in value]
    return value
