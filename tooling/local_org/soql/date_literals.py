"""TODAY, LAST_N_DAYS:30, THIS_FISCAL_QUARTER …: each is a range of days.

SOQL and SOSL Reference, "Date Formats and Date Literals in WHERE".
Weeks begin on Sunday (locale en_US); the fiscal year is the calendar year.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

from .ast import DateLiteral

Range = tuple[date, date]
"""First day, and the day after the last."""

_FIXED: dict[str, Callable[[date], Range]] = {
    "YESTERDAY": lambda today: _days(today, -1, 0),
    "TODAY": lambda today: _days(today, 0, 1),
    "TOMORROW": lambda today: _days(today, 1, 2),
    "LAST_90_DAYS": lambda today: _days(today, -90, 1),
    "NEXT_90_DAYS": lambda today: _days(today, 1, 91),
}
_PERIOD = re.compile(r"(LAST|THIS|NEXT)_(?:FISCAL_)?(WEEK|MONTH|QUARTER|YEAR)")
_COUNTED = re.compile(r"(?:(LAST|NEXT)_N_(?:FISCAL_)?(DAY|WEEK|MONTH|QUARTER|YEAR)S|N_(?:FISCAL_)?(DAY|WEEK|MONTH|QUARTER|YEAR)S_(AGO))")
_FISCAL_NEVER = re.compile(r"FISCAL_(DAY|WEEK|MONTH)")
_MONTHS = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}


def is_date_literal(name: str, *, counted: bool) -> bool:
    """Whether the upper-case name is a date literal, of the kind that takes `:n` or of the kind that does not."""
    if _FISCAL_NEVER.search(name):
        return False
    if counted:
        return _COUNTED.fullmatch(name) is not None
    return name in _FIXED or _PERIOD.fullmatch(name) is not None


def days_of(literal: DateLiteral, today: date) -> Range:
    """The days the literal stands for, seen from `today` in the user's time zone.

    LAST_N_DAYS includes today, NEXT_N_DAYS begins tomorrow; the other LAST_N_ and NEXT_N_ literals leave the current period out.

    Raises:
        OverflowError: the range leaves the calendar.
    """
    if literal.name in _FIXED:
        return _FIXED[literal.name](today)
    if period := _PERIOD.fullmatch(literal.name):
        step = {"LAST": -1, "THIS": 0, "NEXT": 1}[period[1]]
        return _periods(today, period[2], step, step + 1)
    counted = _COUNTED.fullmatch(literal.name)
    if counted is None or literal.number is None:
        raise ValueError(literal.name)
    number, unit = literal.number, counted[2] or counted[3]
    if counted[4]:
        return _periods(today, unit, -number, -number + 1)
    if counted[1] == "NEXT":
        return _periods(today, unit, 1, number + 1)
    return _periods(today, unit, -number, 1 if unit == "DAY" else 0)


def _periods(today: date, unit: str, first: int, end: int) -> Range:
    """From the start of period `first` to the start of period `end`, counted from the current one."""
    if unit == "DAY":
        return _days(today, first, end)
    if unit == "WEEK":
        sunday = today - timedelta(days=today.isoweekday() % 7)
        return _days(sunday, first * 7, end * 7)
    size = _MONTHS[unit]
    current = (today.year * 12 + today.month - 1) // size * size
    return _month(current + first * size), _month(current + end * size)


def _days(today: date, first: int, end: int) -> Range:
    return today + timedelta(days=first), today + timedelta(days=end)


def _month(index: int) -> date:
    if not 12 <= index < 120_000:
        raise OverflowError("date out of range")
    return date(index // 12, index % 12 + 1, 1)
