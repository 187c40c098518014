"""The next run of a schedule, also across a change of daylight saving time."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from tooling.local_org.engine.schedules import next_run
from tooling.local_org.flow.model import Schedule
from tooling.local_org.flow.vocabulary import Frequency

ZONE = ZoneInfo("America/Los_Angeles")


@pytest.mark.parametrize(
    ("frequency", "extra", "after", "expected"),
    [
        (Frequency.ONCE, {}, "2026-02-28T00:00", "2026-03-02T09:00"),
        (Frequency.ONCE, {}, "2026-03-02T09:00", None),
        (Frequency.DAILY, {}, "2026-03-07T09:00", "2026-03-08T09:00"),
        (Frequency.DAILY, {}, "2026-03-08T09:00", "2026-03-09T08:00"),
        (Frequency.WEEKLY, {}, "2026-03-02T09:00", "2026-03-09T08:00"),
        (Frequency.WEEKDAYS, {}, "2026-03-06T09:00", "2026-03-09T08:00"),
        (Frequency.MONTHLY, {"day_of_month_to_run": 31}, "2026-03-31T20:00", "2026-05-31T08:00"),
        (Frequency.YEARLY, {}, "2026-03-02T09:00", "2027-03-02T09:00"),
        (Frequency.HOURLY, {"frequency_number": 6}, "2026-03-02T10:00", "2026-03-02T15:00"),
        (Frequency.DAILY, {"end_date": date(2026, 3, 4)}, "2026-03-04T09:00", None),
    ],
)
def test_next_run__frequencies(frequency: Frequency, extra: dict[str, object], after: str, expected: str | None) -> None:
    """One o'clock in the morning of the organization's zone, whatever that is in UTC on the day."""
    schedule = Schedule(frequency=frequency, start_date=date(2026, 3, 2), start_time=time(1), **extra)  # type: ignore[arg-type]
    found = next_run(schedule, ZONE, datetime.fromisoformat(after).replace(tzinfo=UTC))
    assert found == (None if expected is None else datetime.fromisoformat(expected).replace(tzinfo=UTC))
