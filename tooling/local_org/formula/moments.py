"""Dates, date/times and times: arithmetic, and the texts they are read from and written as. All text is GMT."""

from __future__ import annotations

import calendar
import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from .decimals import INTERNAL
from .errors import FormulaRuntimeError

DAY_IN_MILLISECONDS = 86_400_000
_DAY_IN_SECONDS = Decimal(86_400)
_DAY_IN_MICROSECONDS = Decimal(86_400_000_000)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_DATE = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_DATETIME = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2}) +([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})")
_TIME = re.compile(r"([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})\.([0-9]{1,3})")


def make_date(year: Decimal, month: Decimal, day: Decimal) -> date:
    try:
        return date(int(year), int(month), int(day))
    except (ValueError, OverflowError):
        raise FormulaRuntimeError("Month or Day out of range in DATE() function") from None


def read_date(text: str) -> date:
    """DATEVALUE: year, month and day; what follows is not looked at (java.text.SimpleDateFormat.parse, not lenient)."""
    year, month, day = _numbers(_DATE.match(text), text)
    try:
        return date(year, month, day)
    except ValueError:
        raise FormulaRuntimeError(f"Invalid date format: {text}") from None


def read_datetime(text: str) -> datetime:
    """DATETIMEVALUE: `YYYY-MM-DD HH:MM:SS` in GMT; what follows is not looked at."""
    year, month, day, hour, minute, second = _numbers(_DATETIME.match(text), text)
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError:
        raise FormulaRuntimeError(f"Invalid date format: {text}") from None


def read_time(text: str) -> time:
    """TIMEVALUE: `HH:MM:SS.MS`; the digits after the point are a count of milliseconds, not a fraction."""
    hour, minute, second, millisecond = _numbers(_TIME.fullmatch(text), text)
    try:
        return time(hour, minute, second, millisecond * 1000)
    except ValueError:
        raise FormulaRuntimeError(f"Invalid time format: {text}") from None


def _numbers(match: re.Match[str] | None, text: str) -> list[int]:
    if match is None:
        raise FormulaRuntimeError(f"Invalid date format: {text}")
    return [int(part) for part in match.groups()]


def date_text(value: date) -> str:
    return value.isoformat()


def datetime_text(value: datetime) -> str:
    """`2013-12-31 01:02:03Z`: TEXT() always shows GMT."""
    return value.astimezone(UTC).strftime("%H:%M:%S").join((f"{value.astimezone(UTC).date().isoformat()} ", "Z"))


def time_text(value: time) -> str:
    return value.isoformat(timespec="milliseconds")


def add_days_to_date(value: date, days: Decimal) -> date:
    """A date drops the fraction of the days."""
    return value + timedelta(days=int(days))


def add_days_to_datetime(value: datetime, days: Decimal) -> datetime:
    """A date/time moves by whole seconds."""
    return value + timedelta(seconds=int(INTERNAL.multiply(days, _DAY_IN_SECONDS).to_integral_value("ROUND_HALF_UP")))


def days_between_dates(end: date, start: date) -> Decimal:
    return Decimal((end - start).days)


def days_between_datetimes(end: datetime, start: datetime) -> Decimal:
    difference = end - start
    microseconds = (difference.days * 86_400 + difference.seconds) * 1_000_000 + difference.microseconds
    return INTERNAL.divide(Decimal(microseconds), _DAY_IN_MICROSECONDS)


def milliseconds(value: time) -> int:
    return ((value.hour * 60 + value.minute) * 60 + value.second) * 1000 + value.microsecond // 1000


def time_of(milliseconds_of_day: int) -> time:
    """Wraps at midnight."""
    seconds, millisecond = divmod(milliseconds_of_day % DAY_IN_MILLISECONDS, 1000)
    return time(seconds // 3600, seconds // 60 % 60, seconds % 60, millisecond * 1000)


def add_to_time(value: time, amount: Decimal) -> time:
    return time_of(milliseconds(value) + int(amount))


def time_between(end: time, start: time) -> Decimal:
    """Milliseconds from `start` to `end`, over midnight if need be."""
    return Decimal((milliseconds(end) - milliseconds(start)) % DAY_IN_MILLISECONDS)


def add_months(value: date, months: Decimal) -> date:
    """The last day of a month stays the last day: one day later, moved by months, one day back (FunctionAddMonths)."""
    after = value + timedelta(days=1)
    index = after.year * 12 + after.month - 1 + int(months)
    year, month = divmod(index, 12)
    if not 1 <= year <= 9999:
        raise FormulaRuntimeError("#Error!")
    day = min(after.day, calendar.monthrange(year, month + 1)[1])
    return after.replace(year=year, month=month + 1, day=day) - timedelta(days=1)


def unix_timestamp(value: datetime | date | time) -> Decimal:
    """Whole seconds since 1970, or since midnight."""
    if isinstance(value, time):
        return Decimal(milliseconds(value) // 1000)
    moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day, tzinfo=UTC)
    return Decimal((moment - _EPOCH) // timedelta(seconds=1))


def from_unix_time(seconds: Decimal) -> datetime:
    return _EPOCH + timedelta(milliseconds=int(seconds * 1000))


def duration_text(seconds: int, with_days: bool) -> str:
    """`HH:MM:SS`, or `D:HH:MM:SS`, without a sign."""
    seconds = abs(seconds)
    minutes = f"{seconds // 60 % 60:02}:{seconds % 60:02}"
    if with_days:
        return f"{seconds // 86_400}:{seconds // 3600 % 24:02}:{minutes}"
    return f"{seconds // 3600:02}:{minutes}"
