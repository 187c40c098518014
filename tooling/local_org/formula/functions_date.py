"""Date, date/time and time functions."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from . import moments
from .functions import Checking, Function, Invocation, null_if_any_is_null, takes
from .types import Run, Type

_DATE, _DATETIME, _TIME, _NUMBER, _TEXT = Type.DATE, Type.DATETIME, Type.TIME, Type.NUMBER, Type.TEXT


def _takes_one_of(*types: Type, gives: Type) -> Any:
    def check(call: Checking) -> Type:
        call.count(1)
        if call.operands[0].type not in (*types, Type.NULL):
            raise call.illegal()
        return gives

    return check


def _part(name: str, of: Type, part: Any) -> Function:
    return Function(name, takes(of, gives=_NUMBER), null_if_any_is_null(lambda value: Decimal(part(value))))


def _date_or_datetime_part(name: str, part: Any) -> Function:
    def of(value: date) -> Decimal:
        return Decimal(part(value.astimezone(UTC) if isinstance(value, datetime) else value))

    return Function(name, _takes_one_of(_DATE, _DATETIME, gives=_NUMBER), null_if_any_is_null(of))


def _date_value(value: str | datetime) -> date:
    """
    The GMT date of a date/time.

    The sources disagree. The conformance cases run in GMT and cannot tell; Salesforce Help has been read as "based on GMT";
    the published engine (FunctionDateValue) takes the running user's zone. GMT keeps the value of a formula field the same
    for every user, which SOQL over stored records relies on.
    """
    return moments.read_date(value) if isinstance(value, str) else value.astimezone(UTC).date()


def _datetime_value(value: str | date) -> datetime:
    if isinstance(value, str):
        return moments.read_datetime(value)
    return value if isinstance(value, datetime) else datetime(value.year, value.month, value.day, tzinfo=UTC)


def _time_value(value: str | datetime | time) -> time:
    if isinstance(value, str):
        return moments.read_time(value)
    return value.astimezone(UTC).time() if isinstance(value, datetime) else value


def _check_add_months(call: Checking) -> Type:
    call.count(2)
    if call.operands[0].type not in (_DATE, _DATETIME) or call.operands[1].type is not _NUMBER:
        raise call.illegal()
    return call.operands[0].type


def _build_add_months(call: Invocation) -> Run:
    value, months = call.runs

    def run(values: Any) -> Any:
        start, count = value(values), months(values)
        return start if start is None or count is None else moments.add_months(start, count)

    return run


def _check_format_duration(call: Checking) -> Type:
    call.count(1, 2)
    if len(call.operands) == 1:
        call.expect(0, _NUMBER)
        return _TEXT
    second = {_DATETIME: _DATETIME, _TIME: _TIME, _NUMBER: Type.BOOLEAN}
    first = call.expect(0, _NUMBER, _TIME, _DATETIME)
    if first is not Type.NULL:
        call.expect(1, second[first])
    return _TEXT


def _build_format_duration(call: Invocation) -> Run:
    if call.types[0] is _DATETIME:
        return null_if_any_is_null(lambda a, b: moments.duration_text((b - a).days * 86_400 + (b - a).seconds, with_days=True))(call)
    if call.types[0] is _TIME:
        return null_if_any_is_null(lambda a, b: moments.duration_text(_seconds_between(a, b), with_days=False))(call)
    amount = call.runs[0]
    days = call.runs[1] if len(call.runs) == 2 else None

    def run(values: Any) -> Any:
        seconds = amount(values)
        return None if seconds is None else moments.duration_text(int(seconds), days is not None and days(values) is True)

    return run


def _seconds_between(start: time, end: time) -> int:
    return abs(moments.milliseconds(end) - moments.milliseconds(start)) // 1000


def _now(call: Invocation) -> Run:
    return lambda values: values.now


def _today(call: Invocation) -> Run:
    return lambda values: values.now.astimezone(values.time_zone).date()


def _time_now(call: Invocation) -> Run:
    return lambda values: values.now.astimezone(UTC).time()


FUNCTIONS = (
    Function("NOW", takes(gives=_DATETIME), _now, pure=False),
    Function("TODAY", takes(gives=_DATE), _today, pure=False),
    Function("TIMENOW", takes(gives=_TIME), _time_now, pure=False),
    Function("DATE", takes(_NUMBER, _NUMBER, _NUMBER, gives=_DATE), null_if_any_is_null(moments.make_date)),
    Function("DATEVALUE", _takes_one_of(_TEXT, _DATETIME, gives=_DATE), null_if_any_is_null(_date_value)),
    Function("DATETIMEVALUE", _takes_one_of(_TEXT, _DATE, _DATETIME, gives=_DATETIME), null_if_any_is_null(_datetime_value)),
    Function("TIMEVALUE", _takes_one_of(_TEXT, _DATETIME, _TIME, gives=_TIME), null_if_any_is_null(_time_value)),
    _part("YEAR", _DATE, lambda d: d.year),
    _part("MONTH", _DATE, lambda d: d.month),
    _part("DAY", _DATE, lambda d: d.day),
    _part("WEEKDAY", _DATE, lambda d: d.isoweekday() % 7 + 1),
    _date_or_datetime_part("DAYOFYEAR", lambda d: d.timetuple().tm_yday),
    _date_or_datetime_part("ISOWEEK", lambda d: d.isocalendar()[1]),
    _date_or_datetime_part("ISOYEAR", lambda d: d.isocalendar()[0]),
    _part("HOUR", _TIME, lambda t: t.hour),
    _part("MINUTE", _TIME, lambda t: t.minute),
    _part("SECOND", _TIME, lambda t: t.second),
    _part("MILLISECOND", _TIME, lambda t: t.microsecond // 1000),
    Function("ADDMONTHS", _check_add_months, _build_add_months),
    Function("UNIXTIMESTAMP", _takes_one_of(_DATE, _DATETIME, _TIME, gives=_NUMBER), null_if_any_is_null(moments.unix_timestamp)),
    Function("FROMUNIXTIME", takes(_NUMBER, gives=_DATETIME), null_if_any_is_null(moments.from_unix_time)),
    Function("FORMATDURATION", _check_format_duration, _build_format_duration),
)
