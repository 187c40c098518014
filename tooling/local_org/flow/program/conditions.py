"""Comparison operators of conditions and start filters.

Text is compared without regard to case (metadata reference 2.5, "Values and comparison"), null is unlike every value but null, and null is
not the empty string.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Any

from ..frames import Frame, Read, Test
from ..kinds import Kind, as_number, coercer
from ..text import plain
from ..vocabulary import DataType
from .operands import Operand

Comparable = Callable[[Any, tzinfo], Any]

TOLERANT = frozenset({"IsNull", "IsBlank", "IsEmpty"})
"""Operators that ask whether something is there: a field of a record that was not found is null for them, not a fault."""

ORDERED = frozenset({"GreaterThan", "LessThan", "GreaterThanOrEqualTo", "LessThanOrEqualTo"})
TEXTUAL = frozenset({"StartsWith", "EndsWith", "Contains"})


def compare(operator: str, left: Read, kind: Kind, right: Operand) -> Test:
    """The test of one condition, except IsChanged and WasVisited, which need more than two values."""
    if operator in TOLERANT:
        return _presence(operator, left, right)
    if operator in ("In", "NotIn"):
        return _membership(left, kind, right, wanted=operator == "In")
    if kind.collection:
        return _on_collection(operator, left, kind, right)
    if operator in TEXTUAL:
        return _textual(operator, left, right)
    if operator in ("EqualTo", "NotEqualTo"):
        return _equality(left, kind, right, wanted=operator == "EqualTo")
    return _order(operator, left, kind, right)


def comparable(kind: Kind) -> Comparable:
    """Brings a value into the form in which a kind is compared."""
    if kind.is_text:
        return lambda value, zone: None if value is None else plain(value).casefold()
    if kind.is_number:
        return lambda value, zone: value if value is None or type(value) is Decimal else as_number(value)
    if kind.data_type is DataType.SOBJECT:
        return lambda value, zone: value
    return coercer(Kind(kind.data_type))


def _compared(read: Read, kind: Kind) -> Read:
    fit = comparable(kind)
    native = _NATIVE.get(kind.data_type)

    def of(frame: Frame) -> Any:
        value = read(frame)
        if value is None or type(value) is native:
            return value
        return fit(value, frame.zone)

    return of


_NATIVE: dict[DataType, type] = {
    DataType.NUMBER: Decimal,
    DataType.CURRENCY: Decimal,
    DataType.BOOLEAN: bool,
    DataType.DATE: date,
    DataType.DATE_TIME: datetime,
}
"""The Python type that a value is compared in as it is."""


def _equality(left: Read, kind: Kind, right: Operand, *, wanted: bool) -> Test:
    if right.constant and kind.is_text and not wanted:
        equal = _equality(left, kind, right, wanted=True)
        return lambda frame: not equal(frame)
    if right.constant and kind.is_text:
        text = None if right.value is None else plain(right.value).casefold()

        def equals_text(frame: Frame) -> bool:
            value = left(frame)
            if value is None or text is None:
                return value is text
            return (value if type(value) is str else plain(value)).casefold() == text

        return equals_text
    if right.constant and kind.data_type is DataType.BOOLEAN and isinstance(right.value, bool):
        expected = right.value
        return lambda frame: (left(frame) is expected) is wanted
    compared_left, compared_right = _compared(left, kind), _compared(right.read, kind)
    return lambda frame: (compared_left(frame) == compared_right(frame)) is wanted


def _order(operator: str, left: Read, kind: Kind, right: Operand) -> Test:
    first, second = _compared(left, kind), _compared(right.read, kind)
    holds = _HOLDS[operator]

    def ordered(frame: Frame) -> bool:
        a, b = first(frame), second(frame)
        return a is not None and b is not None and holds(a, b)

    return ordered


_HOLDS: dict[str, Callable[[Any, Any], bool]] = {
    "GreaterThan": lambda a, b: bool(a > b),
    "LessThan": lambda a, b: bool(a < b),
    "GreaterThanOrEqualTo": lambda a, b: bool(a >= b),
    "LessThanOrEqualTo": lambda a, b: bool(a <= b),
}


def _textual(operator: str, left: Read, right: Operand) -> Test:
    method = {"StartsWith": str.startswith, "EndsWith": str.endswith, "Contains": str.__contains__}[operator]

    def holds(frame: Frame) -> bool:
        value, part = left(frame), right.read(frame)
        return value is not None and part is not None and method(plain(value).casefold(), plain(part).casefold())

    return holds


def _membership(left: Read, kind: Kind, right: Operand, *, wanted: bool) -> Test:
    fit = comparable(kind.item)

    def holds(frame: Frame) -> bool:
        value, items = left(frame), right.read(frame)
        among = [] if items is None else items if isinstance(items, list) else [items]
        value = None if value is None else fit(value, frame.zone)
        return any(value == (None if item is None else fit(item, frame.zone)) for item in among) is wanted

    return holds


def _on_collection(operator: str, left: Read, kind: Kind, right: Operand) -> Test:
    if operator == "Contains":
        return _membership(right.read, kind, Operand(left), wanted=True)
    if operator in ("EqualTo", "NotEqualTo"):
        wanted = operator == "EqualTo"
        return lambda frame: (left(frame) == right.read(frame)) is wanted
    raise ValueError(f"{operator} on a collection")


def _presence(operator: str, left: Read, right: Operand) -> Test:
    absent = _ABSENT[operator]
    if right.constant:
        wanted = _flag(right.value)
        return lambda frame: absent(left(frame)) is wanted
    return lambda frame: absent(left(frame)) is _flag(right.read(frame))


def _flag(value: Any) -> bool:
    """The right side of IsNull and its like; a missing one asks for true."""
    return value if isinstance(value, bool) else plain(value).lower() != "false"


_ABSENT: dict[str, Callable[[Any], bool]] = {
    "IsNull": lambda value: value is None,
    # IsBlank: null, zero-length or whitespace. "Flow" page of the Metadata API guide, FlowComparisonOperator.
    "IsBlank": lambda value: value is None or (isinstance(value, str) and not value.strip()),
    "IsEmpty": lambda value: value is None or value == [],
}
