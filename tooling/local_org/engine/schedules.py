"""When a schedule-triggered flow runs next."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from ..flow.model import Schedule
from ..flow.vocabulary import Frequency

_HORIZON = timedelta(days=366 * 8 + 2)
"""Far enough to meet the next 29 February, also across a century."""
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def next_run(schedule: Schedule, zone: tzinfo, after: datetime) -> datetime | None:
    """The first run strictly after a moment, in UTC; None when there is none (a `Once` in the past never runs).

    The time of day is one of the org's zone, although the metadata writes a Z behind it (Salesforce Help, "Schedule-Triggered Flows").
    """
    if schedule.start_date is None or schedule.start_time is None:
        return None
    start = datetime.combine(schedule.start_date, schedule.start_time, zone).astimezone(UTC)
    if schedule.frequency is Frequency.HOURLY:
        return _within(schedule, zone, _next_hour(start, timedelta(hours=schedule.frequency_number or 1), after))
    if schedule.frequency in (Frequency.ONCE, None):
        return start if start > after else None
    for day in _days(max(schedule.start_date, after.astimezone(zone).date())):
        moment = datetime.combine(day, schedule.start_time, zone).astimezone(UTC)
        if moment > after and _runs_on(schedule, day):
            return _within(schedule, zone, moment)
    return None


def _next_hour(start: datetime, step: timedelta, after: datetime) -> datetime:
    if start > after:
        return start
    return start + step * ((after - start) // step + 1)


def _within(schedule: Schedule, zone: tzinfo, moment: datetime) -> datetime | None:
    if schedule.end_date is None:
        return moment
    end = datetime.combine(schedule.end_date, schedule.end_time or time.max, zone)
    return moment if moment <= end else None


def _days(first: date) -> Iterator[date]:
    for number in range(_HORIZON.days):
        yield first + timedelta(days=number)


def _runs_on(schedule: Schedule, day: date) -> bool:
    start = schedule.start_date or day
    match schedule.frequency:
        case Frequency.DAILY:
            return (day - start).days % (schedule.frequency_number or 1) == 0
        case Frequency.WEEKDAYS:
            return day.weekday() < 5
        case Frequency.WEEKLY:
            chosen = (schedule.days_of_week_to_run or "").lower()
            return _WEEKDAYS[day.weekday()] in chosen if chosen else day.weekday() == start.weekday()
        case Frequency.MONTHLY:
            return day.day == (schedule.day_of_month_to_run or start.day)
        case Frequency.YEARLY:
            return (day.month, day.day) == (start.month, start.day)
    return False
