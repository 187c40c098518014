"""Dates, datetimes and times as flow metadata writes them, and the passage between them in a time zone."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from .vocabulary import OffsetUnit


def parse_date(text: str) -> date:
    """`2025-01-31`, also with the zone suffix that xsd:date allows.

    Raises:
        ValueError: it is no date.
    """
    return date.fromisoformat(text[:10])


def parse_date_time(text: str) -> datetime:
    """`2025-01-31T08:00:00.000Z`; without a zone it is UTC.

    Raises:
        ValueError: it is no datetime.
    """
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def parse_time(text: str) -> time:
    """`01:00:00.000Z`. Times have no zone in Salesforce, despite the Z.

    Raises:
        ValueError: it is no time.
    """
    return time.fromisoformat(text.removesuffix("Z")).replace(tzinfo=None)


def midnight(day: date, zone: tzinfo) -> datetime:
    """The start of a day in a zone, in UTC."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def day_of(moment: datetime, zone: tzinfo) -> date:
    return moment.astimezone(zone).date()


def add_months(moment: datetime, months: int) -> datetime:
    """The same day so many months later, the last day where that month is shorter."""
    month = moment.month - 1 + months
    year, month = moment.year + month // 12, month % 12 + 1
    return moment.replace(year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1]))


def shift(moment: datetime, number: int, unit: OffsetUnit, zone: tzinfo) -> datetime:
    """A moment moved by an offset; months keep the time of day of the zone."""
    if unit is OffsetUnit.MONTHS:
        return add_months(moment.astimezone(zone), number).astimezone(UTC)
    minutes = {OffsetUnit.MINUTES: 1, OffsetUnit.HOURS: 60, OffsetUnit.DAYS: 1440, OffsetUnit.WEEKS: 10080}[unit]
    return moment + timedelta(minutes=minutes * number)
