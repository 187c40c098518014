"""Which rows a report shows: its criteria, combined by its filter logic, and its time frame."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

from ...schema.types import FieldType
from ...soql.ast import DateLiteral
from ...soql.date_literals import days_of, is_date_literal
from ..filter_items import OPERATIONS, plain
from .columns import Column
from .definition import Criterion, TimeFrame
from .errors import ReportError, unsupported
from .rows import Cell

Test = Callable[[Cell], bool]
Days = tuple[date | None, date | None]
"""First day and the day after the last; None is open."""
INTERVALS = {
    "INTERVAL_YESTERDAY": "YESTERDAY", "INTERVAL_TODAY": "TODAY", "INTERVAL_TOMORROW": "TOMORROW",
    "INTERVAL_LASTWEEK": "LAST_WEEK", "INTERVAL_THISWEEK": "THIS_WEEK", "INTERVAL_NEXTWEEK": "NEXT_WEEK",
    "INTERVAL_LASTMONTH": "LAST_MONTH", "INTERVAL_THISMONTH": "THIS_MONTH", "INTERVAL_NEXTMONTH": "NEXT_MONTH",
    "INTERVAL_PREVQ": "LAST_QUARTER", "INTERVAL_CURRENTQ": "THIS_QUARTER", "INTERVAL_NEXTQ": "NEXT_QUARTER",
    "INTERVAL_PREVY": "LAST_YEAR", "INTERVAL_CURY": "THIS_YEAR", "INTERVAL_NEXTY": "NEXT_YEAR",
}  # fmt: skip
"""The time frames of a report that run beside INTERVAL_CUSTOM, with the date literal each one is."""
_LOGIC = re.compile(r"\d+|AND|OR|NOT|[()]", re.IGNORECASE)
_US_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")


@dataclass(frozen=True, slots=True)
class Today:
    """The day the report is run, and where."""

    day: date
    time_zone: tzinfo

    def of(self, value: Any) -> Any:
        """The day of a datetime in the reader's time zone."""
        return value.astimezone(self.time_zone).date() if isinstance(value, datetime) else value


def criterion_test(criterion: Criterion, column: Column, today: Today) -> Test:
    """Raises ReportError: an operator or value that cannot be compared."""
    if criterion.operator not in OPERATIONS:
        raise unsupported(f"The operator {criterion.operator} of report filters")
    if column.field.type.is_date:
        return _date_test(criterion, today)
    compare = OPERATIONS[criterion.operator]
    wanted = [plain(value) for part in _values(criterion.value) for value in _wanted(part, criterion, column)]
    return lambda cell: compare(plain(cell.value), wanted)


def time_frame_test(frame: TimeFrame, today: Today) -> Test:
    """Raises ReportError: an interval that is not supported, or no date."""
    if frame.interval == "INTERVAL_CUSTOM":
        start = _day(frame.start) if frame.start else None
        end = _day(frame.end) if frame.end else None
        if start is None and end is None:
            return lambda _: True
        return lambda cell: (day := today.of(cell.value)) is not None and (start is None or day >= start) and (end is None or day <= end)
    literal = INTERVALS.get(frame.interval)
    if literal is None:
        raise unsupported(f"The time frame {frame.interval} of reports")
    first, after = days_of(DateLiteral(literal), today.day)
    return lambda cell: (day := today.of(cell.value)) is not None and first <= day < after


def combined(tests: Sequence[Callable[[Any], bool]], logic: str) -> Callable[[Any], bool]:
    """All of the tests, or what the filter logic (`1 AND (2 OR NOT 3)`) makes of them.

    Raises:
        ReportError: logic that cannot be read.
    """
    if not logic:
        return lambda row: all(test(row) for test in tests)
    tokens = [token.upper() for token in _LOGIC.findall(logic)]
    if "".join(tokens) != re.sub(r"\s", "", logic).upper():
        raise _unreadable(logic)
    parser = _Logic(tokens, tests, logic)
    found = parser.either()
    if parser.tokens:
        raise _unreadable(logic)
    return found


def _unreadable(logic: str) -> ReportError:
    return ReportError(f"The filter logic {logic} cannot be read")


class _Logic:
    """AND binds more strongly than OR."""

    def __init__(self, tokens: list[str], tests: Sequence[Callable[[Any], bool]], logic: str) -> None:
        self.tokens = tokens
        self._tests = tests
        self._logic = logic

    def either(self) -> Callable[[Any], bool]:
        parts = [self._both()]
        while self._take("OR"):
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else lambda row: any(part(row) for part in parts)

    def _both(self) -> Callable[[Any], bool]:
        parts = [self._one()]
        while self._take("AND"):
            parts.append(self._one())
        return parts[0] if len(parts) == 1 else lambda row: all(part(row) for part in parts)

    def _one(self) -> Callable[[Any], bool]:
        if self._take("NOT"):
            inner = self._one()
            return lambda row: not inner(row)
        if self._take("("):
            found = self.either()
            if not self._take(")"):
                raise _unreadable(self._logic)
            return found
        token = self.tokens.pop(0) if self.tokens else ""
        if not token.isdigit() or not 1 <= int(token) <= len(self._tests):
            raise _unreadable(self._logic)
        return self._tests[int(token) - 1]

    def _take(self, token: str) -> bool:
        if self.tokens and self.tokens[0] == token:
            self.tokens.pop(0)
            return True
        return False


def _values(raw: str) -> list[str]:
    """Values are separated by commas; one that contains a comma stands in quotation marks."""
    return [part.strip() for part in next(csv.reader([raw], skipinitialspace=True))] if raw else [""]


def _wanted(raw: str, criterion: Criterion, column: Column) -> list[Any]:
    if raw == "":
        return [False] if column.field.type is FieldType.BOOLEAN else [None]
    if column.field.type.is_number:
        try:
            return [Decimal(raw.replace(",", ""))]
        except InvalidOperation:
            raise ReportError(f"{criterion.column} {criterion.operator} {raw}: {raw} is no number") from None
    if column.field.type is FieldType.BOOLEAN:
        return [raw.lower() in {"1", "true", "yes"}]
    labels = [value.value for value in column.field.picklist if value.label.lower() == raw.lower()]
    return [raw, *labels]


def _date_test(criterion: Criterion, today: Today) -> Test:
    if criterion.operator not in DATE_OPERATORS:
        raise unsupported(f"The operator {criterion.operator} of report filters on dates")
    compare = DATE_OPERATORS[criterion.operator]
    ranges = [_range(part, today.day) for part in _values(criterion.value)]
    return lambda cell: compare(today.of(cell.value), ranges)


def _inside(day: date | None, ranges: Sequence[Days]) -> bool:
    return any(day is None if first is None or after is None else day is not None and first <= day < after for first, after in ranges)


def _any(test: Callable[[date, date, date], bool]) -> Callable[[date | None, Sequence[Days]], bool]:
    return lambda day, ranges: day is not None and any(f is not None and a is not None and test(day, f, a) for f, a in ranges)


DATE_OPERATORS: dict[str, Callable[[date | None, Sequence[Days]], bool]] = {
    "equals": _inside,
    "notEqual": lambda day, ranges: not _inside(day, ranges),
    "lessThan": _any(lambda day, first, after: day < first),
    "lessOrEqual": _any(lambda day, first, after: day < after),
    "greaterThan": _any(lambda day, first, after: day >= after),
    "greaterOrEqual": _any(lambda day, first, after: day >= first),
}


def _range(raw: str, today: date) -> Days:
    """A day, the days of a relative date (`LAST_N_DAYS:90`, also `LAST 90 DAYS`), or none for blank."""
    if raw == "":
        return (None, None)
    name, colon, number = raw.upper().replace(" ", "_").partition(":")
    if is_date_literal(name, counted=bool(colon)) and (not colon or number.isdigit()):
        return days_of(DateLiteral(name, int(number) if colon else None), today)
    day = _day(raw)
    return (day, date.fromordinal(day.toordinal() + 1))


def _day(raw: str) -> date:
    """ISO, or as an American reads it, which is what a retrieve writes under `<language>en_US</language>`."""
    american = _US_DATE.fullmatch(raw)
    try:
        return date(int(american[3]), int(american[1]), int(american[2])) if american else date.fromisoformat(raw)
    except ValueError:
        raise unsupported(f"The date {raw} of report filters") from None
