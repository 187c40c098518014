"""Conditions of roll-up summaries and duplicate rules: a field, an operation, one or several values.

Facts: Metadata API Developer Guide, "FilterItem".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import OrgError
from ..schema.types import Field
from ..schema.values import from_json


@dataclass(frozen=True, slots=True)
class FilterItem:
    """One condition; `scope` is the global whose field it is (`$User`), None for a field of the record."""

    field: Field
    operation: str
    values: tuple[Any, ...]
    scope: str | None = None


class UnsupportedFilterError(Exception):
    """An operation or a value this org cannot compare."""


def filter_item(field: Field, operation: str, raw: str | None, scope: str | None = None) -> FilterItem:
    """A condition as metadata writes it; a comma separates values, any of which may hold.

    Raises:
        UnsupportedFilterError: see there.
    """
    if operation not in OPERATIONS:
        raise UnsupportedFilterError(f"the filter operation {operation} is not supported")
    try:
        values = tuple(from_json(field, part.strip()) for part in raw.split(",")) if raw else (None,)
    except OrgError as error:
        raise UnsupportedFilterError(error.message) from error
    return FilterItem(field, operation, values, scope)


def holds(item: FilterItem, value: Any) -> bool:
    """Whether a value meets the condition; text compares without regard to case."""
    return OPERATIONS[item.operation](plain(value), [plain(wanted) for wanted in item.values])


def plain(value: Any) -> Any:
    """A value as conditions compare it: text without regard to case and to runs of blanks."""
    return " ".join(value.split()).casefold() if isinstance(value, str) else value


def _ordered(test: Callable[[Any, Any], bool]) -> Callable[[Any, list[Any]], bool]:
    return lambda value, wanted: value is not None and any(w is not None and test(value, w) for w in wanted)


def _part(test: Callable[[str, str], bool]) -> Callable[[Any, list[Any]], bool]:
    return lambda value, wanted: any(test(str(value or ""), str(w or "")) for w in wanted)


def _parts(value: Any, wanted: list[Any]) -> bool:
    return bool({*str(value or "").split(";")} & {str(w or "") for w in wanted})


OPERATIONS: Mapping[str, Callable[[Any, list[Any]], bool]] = {
    "equals": lambda value, wanted: value in wanted,
    "notEqual": lambda value, wanted: value not in wanted,
    "lessThan": _ordered(lambda value, wanted: value < wanted),
    "greaterThan": _ordered(lambda value, wanted: value > wanted),
    "lessOrEqual": _ordered(lambda value, wanted: value <= wanted),
    "greaterOrEqual": _ordered(lambda value, wanted: value >= wanted),
    "contains": _part(lambda value, wanted: wanted in value),
    "notContain": lambda value, wanted: not _part(lambda a, b: b in a)(value, wanted),
    "startsWith": _part(lambda value, wanted: value.startswith(wanted)),
    "includes": _parts,
    "excludes": lambda value, wanted: not _parts(value, wanted),
}
