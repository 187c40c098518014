"""Decimal arithmetic as Salesforce's engine does it: 39 digits, half up (BigDecimalHelper.MC_PRECISION_INTERNAL)."""

from __future__ import annotations

import math
from collections.abc import Callable
from decimal import ROUND_DOWN, ROUND_HALF_DOWN, ROUND_HALF_UP, ROUND_UP, Context, Decimal, DivisionByZero, InvalidOperation, Overflow

from .errors import FormulaRuntimeError

_TRAPS = [InvalidOperation, DivisionByZero, Overflow]
INTERNAL = Context(prec=39, rounding=ROUND_HALF_UP, Emin=-400, Emax=400, traps=_TRAPS)
_EXTERNAL = Context(prec=33, rounding=ROUND_HALF_UP, traps=_TRAPS)
_EXTERNAL_HALF_DOWN = Context(prec=33, rounding=ROUND_HALF_DOWN, traps=_TRAPS)
_POWER = Context(prec=18, rounding=ROUND_HALF_UP, traps=_TRAPS)
_WIDE = Context(prec=400, rounding=ROUND_HALF_UP, traps=_TRAPS)

ZERO = Decimal(0)
ONE = Decimal(1)
PERCENT = Decimal("0.01")
_SMALLEST_POWER = Decimal("1E-39")


def to_text(number: Decimal) -> str:
    """Plain digits without an exponent or trailing zeros, as TEXT() gives them."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def round_half_up(number: Decimal, digits: Decimal) -> Decimal:
    return _at_scale(number, int(digits), ROUND_HALF_UP)


def truncate(number: Decimal, digits: Decimal = ZERO) -> Decimal:
    return _at_scale(number, int(digits), ROUND_DOWN)


def _at_scale(number: Decimal, scale: int, rounding: str) -> Decimal:
    if scale > 100:
        return number
    if scale < -100:
        return ZERO
    return number.quantize(Decimal((0, (1,), -scale)), rounding, _WIDE)


def floor(number: Decimal) -> Decimal:
    """FLOOR rounds toward zero. The engine first rounds to 33 digits, so that (1/9)*9 is 1 and not 0.999…"""
    return _EXTERNAL.plus(number).quantize(ONE, ROUND_DOWN, _WIDE)


def ceiling(number: Decimal) -> Decimal:
    """CEILING rounds away from zero."""
    return _EXTERNAL_HALF_DOWN.plus(number).quantize(ONE, ROUND_UP, _WIDE)


def math_floor(number: Decimal) -> Decimal:
    return _EXTERNAL.plus(number).quantize(ONE, "ROUND_FLOOR", _WIDE)


def math_ceiling(number: Decimal) -> Decimal:
    return _EXTERNAL.plus(number).quantize(ONE, "ROUND_CEILING", _WIDE)


def remainder(dividend: Decimal, divisor: Decimal) -> Decimal:
    """MOD keeps the sign of the dividend."""
    return _WIDE.remainder(dividend, divisor)


def power(base: Decimal, exponent: Decimal) -> Decimal:
    """`^` and POWER: whole exponents only, 18 digits, and no result of more than 64 (BigDecimalHelper.formulaPower)."""
    whole_exponent = int(exponent)
    if whole_exponent != exponent or (base and base.copy_abs().log10(_POWER) * whole_exponent > 64):
        raise FormulaRuntimeError("Out of range argument to POWER() function")
    if not whole_exponent:
        return ONE
    result = _POWER.power(base, whole_exponent)
    return ZERO if abs(result) < _SMALLEST_POWER else result


def in_double_precision(function: Callable[..., float]) -> Callable[..., Decimal]:
    """Logarithms, roots and trigonometry are computed in doubles, as the engine does with java.lang.Math."""

    def compute(*numbers: Decimal) -> Decimal:
        try:
            result = function(*map(float, numbers))
        except ValueError:
            raise FormulaRuntimeError("#Error!") from None
        if math.isnan(result) or math.isinf(result):
            raise FormulaRuntimeError("#Error!")
        return Decimal(repr(result))

    return compute
