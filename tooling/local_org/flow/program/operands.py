"""The right side of a condition, an assignment, a filter: a constant or something read at run time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..frames import Read
from ..model import Value


@dataclass(frozen=True, slots=True)
class Operand:
    read: Read
    constant: bool = False
    value: Any = None


def constant(value: Any) -> Operand:
    return Operand(lambda frame: value, True, value)


NOTHING = constant(None)


def literal(value: Value) -> Any:
    """The constant that metadata gives; None when it is a reference, a formula or nothing."""
    for part in (value.string_value, value.boolean_value, value.number_value, value.date_value, value.date_time_value, value.time_value):
        if part is not None:
            return part
    return None
