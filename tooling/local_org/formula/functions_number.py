"""Mathematical functions."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

from . import decimals
from .errors import FormulaRuntimeError
from .functions import Build, Checking, Function, Invocation, null_if_any_is_null, takes, takes_any_number
from .types import Run, Type

_NUMBER = Type.NUMBER
_EARTH_RADIUS = {"mi": 3958.761, "km": 6371.009}


def _of_numbers(name: str, count: int, function: Any, optional: int = 0) -> Function:
    return Function(name, takes(*[_NUMBER] * count, gives=_NUMBER, optional=optional), null_if_any_is_null(function))


def _double(name: str, function: Any) -> Function:
    return _of_numbers(name, 1, decimals.in_double_precision(function))


def _extreme(choose: Any) -> Build:
    """MAX and MIN: no value as soon as one operand has none."""

    def build(call: Invocation) -> Run:
        runs = call.runs
        if len(runs) == 2:
            first, second = runs

            def of_two(values: Any) -> Any:
                a = first(values)
                b = second(values)
                return None if a is None or b is None else choose(a, b)

            return of_two

        def of_many(values: Any) -> Any:
            numbers = [run(values) for run in runs]
            return None if None in numbers else choose(numbers)

        return of_many

    return build


def _build_atan2(call: Invocation) -> Run:
    """The engine has no guard for a blank here, unlike in every other function: `#Error!` (formulaTestV2.xml, testArcTan2)."""
    first, second = call.runs
    compute = decimals.in_double_precision(math.atan2)

    def run(values: Any) -> Decimal:
        a, b = first(values), second(values)
        if a is None or b is None:
            raise FormulaRuntimeError("#Error!")
        return compute(a, b)

    return run


def _distance(start: tuple[Decimal, Decimal], end: tuple[Decimal, Decimal], unit: str) -> Decimal:
    """Great-circle distance by the haversine formula; `unit` is `mi` or `km`."""
    (lat1, lon1), (lat2, lon2) = (tuple(math.radians(x) for x in place) for place in (start, end))
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return Decimal(repr(2 * _EARTH_RADIUS[unit] * math.asin(min(1.0, math.sqrt(half)))))


def _check_distance(call: Checking) -> Type:
    call.count(3)
    call.expect(0, Type.LOCATION)
    call.expect(1, Type.LOCATION)
    call.expect(2, Type.TEXT)
    unit = getattr(call.operands[2].node, "value", None)
    if unit not in _EARTH_RADIUS:
        raise call.wrong(2, "'mi' or 'km'")
    return _NUMBER


def _location(latitude: Decimal, longitude: Decimal) -> tuple[Decimal, Decimal] | None:
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


FUNCTIONS = (
    _of_numbers("ABS", 1, abs),
    _of_numbers("CEILING", 1, decimals.ceiling),
    _of_numbers("FLOOR", 1, decimals.floor),
    _of_numbers("MCEILING", 1, decimals.math_ceiling),
    _of_numbers("MFLOOR", 1, decimals.math_floor),
    _of_numbers("ROUND", 2, decimals.round_half_up),
    _of_numbers("TRUNC", 2, decimals.truncate, optional=1),
    _of_numbers("MOD", 2, decimals.remainder),
    _of_numbers("POWER", 2, decimals.power),
    _double("SQRT", math.sqrt),
    _double("EXP", math.exp),
    _double("LN", math.log),
    _double("LOG", math.log10),
    _double("SIN", math.sin),
    _double("COS", math.cos),
    _double("TAN", math.tan),
    _double("ASIN", math.asin),
    _double("ACOS", math.acos),
    _double("ATAN", math.atan),
    Function("ATAN2", takes(_NUMBER, _NUMBER, gives=_NUMBER), _build_atan2),
    Function("PI", takes(gives=_NUMBER), lambda call: lambda values: Decimal(repr(math.pi))),
    Function("MAX", takes_any_number(_NUMBER, _NUMBER), _extreme(max)),
    Function("MIN", takes_any_number(_NUMBER, _NUMBER), _extreme(min)),
    Function("GEOLOCATION", takes(_NUMBER, _NUMBER, gives=Type.LOCATION), null_if_any_is_null(_location)),
    Function("DISTANCE", _check_distance, null_if_any_is_null(_distance)),
)
