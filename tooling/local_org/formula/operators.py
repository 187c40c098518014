"""Operators, specialised by the types of their operands when compiled."""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from . import decimals, moments
from .decimals import INTERNAL
from .functions import Checking, Function, Invocation, left_chain, null_if_any_is_null, takes
from .functions_logic import AND, NOT, OR
from .types import Run, Type

_TEXT, _NUMBER, _DATE, _DATETIME, _TIME = Type.TEXT, Type.NUMBER, Type.DATE, Type.DATETIME, Type.TIME


def _swapped(function: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    return lambda a, b: function(b, a)


_ADDITIONS: dict[tuple[Type, Type], tuple[Type, Callable[[Any, Any], Any]]] = {
    (_NUMBER, _NUMBER): (_NUMBER, INTERNAL.add),
    (_DATE, _NUMBER): (_DATE, moments.add_days_to_date),
    (_NUMBER, _DATE): (_DATE, _swapped(moments.add_days_to_date)),
    (_DATETIME, _NUMBER): (_DATETIME, moments.add_days_to_datetime),
    (_NUMBER, _DATETIME): (_DATETIME, _swapped(moments.add_days_to_datetime)),
    (_TIME, _NUMBER): (_TIME, moments.add_to_time),
}
_SUBTRACTIONS: dict[tuple[Type, Type], tuple[Type, Callable[[Any, Any], Any]]] = {
    (_NUMBER, _NUMBER): (_NUMBER, INTERNAL.subtract),
    (_DATE, _NUMBER): (_DATE, lambda a, b: moments.add_days_to_date(a, -b)),
    (_DATE, _DATE): (_NUMBER, moments.days_between_dates),
    (_DATETIME, _NUMBER): (_DATETIME, lambda a, b: moments.add_days_to_datetime(a, -b)),
    (_DATETIME, _DATETIME): (_NUMBER, moments.days_between_datetimes),
    (_TIME, _NUMBER): (_TIME, lambda a, b: moments.add_to_time(a, -b)),
    (_TIME, _TIME): (_NUMBER, moments.time_between),
}


def _check_add(call: Checking) -> Type:
    left, right = call.operands[0].type, call.operands[1].type
    if Type.NULL in (left, right):
        return Type.NULL
    if left is _TEXT:
        call.expect(1, _TEXT)
        return _TEXT
    return _sum_type(call, _ADDITIONS)


def _check_subtract(call: Checking) -> Type:
    if Type.NULL in (call.operands[0].type, call.operands[1].type):
        return Type.NULL
    return _sum_type(call, _SUBTRACTIONS)


def _sum_type(call: Checking, allowed: dict[tuple[Type, Type], Any]) -> Type:
    left, right = call.operands[0].type, call.operands[1].type
    if (left, right) in allowed:
        given: Type = allowed[left, right][0]
        return given
    if left is _TIME and right is _TIME:
        raise call.illegal()
    if left is right or (left is _NUMBER and right in (_DATE, _DATETIME)):
        raise call.wrong(1, _NUMBER) if left in (_NUMBER, _DATE, _DATETIME) else call.wrong(0, _NUMBER, _DATE, _DATETIME)
    raise call.wrong(1 if left in (_NUMBER, _DATE, _DATETIME, _TIME) else 0, _NUMBER, _DATE, _DATETIME)


def _build_add(call: Invocation) -> Run:
    if call.type is Type.NULL:
        return _nothing
    if call.type is _TEXT:
        return _build_concatenate(call)
    if len(call.runs) > 2:
        return _build_sum(call)
    return null_if_any_is_null(_ADDITIONS[call.types[0], call.types[1]][1])(call)


def _build_sum(call: Invocation) -> Run:
    """Three or more operands, all numbers or a date and numbers, added from the left."""
    runs = call.runs
    kind = call.types[0]
    steps: list[tuple[Run, Callable[[Any, Any], Any]]] = []
    for run, other in zip(runs[1:], call.types[1:], strict=True):
        kind, add = _ADDITIONS[kind, other]
        steps.append((run, add))
    first = runs[0]

    def run_all(values: Any) -> Any:
        total = first(values)
        for run, add in steps:
            value = run(values)
            total = None if total is None or value is None else add(total, value)
        return total

    return run_all


def _build_subtract(call: Invocation) -> Run:
    if call.type is Type.NULL:
        return _nothing
    return null_if_any_is_null(_SUBTRACTIONS[call.types[0], call.types[1]][1])(call)


def _nothing(values: Any) -> None:
    return None


def _build_concatenate(call: Invocation) -> Run:
    runs = call.runs
    if len(runs) == 2:
        first, second = runs

        def of_two(values: Any) -> Any:
            a = first(values)
            b = second(values)
            return b if a is None else a if b is None else a + b

        return of_two

    def of_many(values: Any) -> Any:
        return "".join([part for run in runs if (part := run(values)) is not None]) or None

    return of_many


def _check_compare(call: Checking) -> Type:
    kind = call.common(0, 1)
    if kind in (Type.BOOLEAN, Type.LOCATION):
        raise call.wrong(0, _NUMBER, _DATE, _DATETIME)
    return Type.BOOLEAN


def _check_equal(call: Checking) -> Type:
    if call.common(0, 1) is Type.LOCATION:
        raise call.illegal()
    return Type.BOOLEAN


def _build_compare(compare: Callable[[Any, Any], bool]) -> Callable[[Invocation], Run]:
    def build(call: Invocation) -> Run:
        first, second = call.runs
        literal = getattr(call.operands[1].node, "value", None)
        if literal is not None and literal != "":

            def with_literal(values: Any) -> Any:
                a = first(values)
                return None if a is None else compare(a, literal)

            return with_literal

        def run(values: Any) -> Any:
            a = first(values)
            b = second(values)
            return None if a is None or b is None else compare(a, b)

        return run

    return build


def _build_equal(call: Invocation) -> Run:
    first, second = call.runs
    literal = getattr(call.operands[1].node, "value", None)
    if literal is not None and literal != "":
        return lambda values: first(values) == literal
    return lambda values: first(values) == second(values)


def _build_not_equal(call: Invocation) -> Run:
    first, second = call.runs
    literal = getattr(call.operands[1].node, "value", None)
    if literal is not None and literal != "":
        return lambda values: first(values) != literal
    return lambda values: first(values) != second(values)


def _arithmetic(symbol: str, function: Callable[[Decimal, Decimal], Decimal]) -> Function:
    return Function(symbol, takes(_NUMBER, _NUMBER, gives=_NUMBER), null_if_any_is_null(function))


def _comparison(symbol: str, function: Callable[[Any, Any], bool]) -> Function:
    return Function(symbol, _check_compare, _build_compare(function))


BINARY = {
    f.name: f
    for f in (
        Function("+", _check_add, _build_add, flatten=left_chain),
        Function("-", _check_subtract, _build_subtract),
        _arithmetic("*", INTERNAL.multiply),
        _arithmetic("/", INTERNAL.divide),
        _arithmetic("^", decimals.power),
        Function("&", takes(_TEXT, _TEXT, gives=_TEXT), _build_concatenate, flatten=left_chain),
        Function("=", _check_equal, _build_equal),
        Function("<>", _check_equal, _build_not_equal),
        _comparison("<", operator.lt),
        _comparison("<=", operator.le),
        _comparison(">", operator.gt),
        _comparison(">=", operator.ge),
    )
} | {"&&": AND, "||": OR}

UNARY = {
    "+": Function("+", takes(_NUMBER, gives=_NUMBER), lambda call: call.runs[0]),
    "-": Function("-", takes(_NUMBER, gives=_NUMBER), null_if_any_is_null(INTERNAL.minus)),
    "NOT": NOT,
}
