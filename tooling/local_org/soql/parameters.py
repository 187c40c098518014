"""Values bound to the compiled SQL: constants, and edges of date literals, which depend on the day and the user's time zone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, tzinfo
from decimal import Decimal
from typing import Any

from ..errors import MalformedQuery
from .ast import DateLiteral
from .date_literals import days_of


@dataclass(frozen=True, slots=True)
class DateEdge:
    """Where the range of a date literal begins, or (`end`) where the next day after it begins."""

    literal: DateLiteral
    end: bool
    at_midnight: bool
    """For a datetime field: the moment of midnight in the user's time zone."""

    def value(self, now: datetime, time_zone: tzinfo) -> str:
        try:
            day = days_of(self.literal, now.astimezone(time_zone).date())[1 if self.end else 0]
            if not self.at_midnight:
                return day.isoformat()
            return encode_datetime(datetime.combine(day, time(), time_zone))
        except OverflowError:
            raise MalformedQuery(f"Date literal out of range: {self.literal.name}:{self.literal.number}") from None


Parameter = str | int | float | DateEdge | None


def bind(parameters: Sequence[Parameter], now: datetime, time_zone: tzinfo) -> list[Any]:
    """The parameters as SQLite takes them."""
    return [p.value(now, time_zone) if isinstance(p, DateEdge) else p for p in parameters]


def encode_datetime(moment: datetime) -> str:
    """As stored: UTC, milliseconds, sortable as text."""
    utc = moment.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z"


def encode_number(value: Decimal) -> int | float:
    """An integer that SQLite can hold, else a double."""
    if value == value.to_integral_value() and abs(value) < 2**63:
        return int(value)
    return float(value)
