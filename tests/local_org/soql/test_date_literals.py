"""Date literals as ranges of days."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from tooling.local_org.errors import MalformedQuery
from tooling.local_org.soql.ast import DateLiteral
from tooling.local_org.soql.date_literals import days_of, is_date_literal
from tooling.local_org.soql.parameters import DateEdge

_TUESDAY = date(2026, 3, 10)


@pytest.mark.parametrize(
    ("literal", "first", "end"),
    [
        ("YESTERDAY", "2026-03-09", "2026-03-10"),
        ("TODAY", "2026-03-10", "2026-03-11"),
        ("TOMORROW", "2026-03-11", "2026-03-12"),
        ("LAST_WEEK", "2026-03-01", "2026-03-08"),
        ("THIS_WEEK", "2026-03-08", "2026-03-15"),
        ("NEXT_WEEK", "2026-03-15", "2026-03-22"),
        ("LAST_MONTH", "2026-02-01", "2026-03-01"),
        ("NEXT_MONTH", "2026-04-01", "2026-05-01"),
        ("LAST_QUARTER", "2025-10-01", "2026-01-01"),
        ("THIS_FISCAL_QUARTER", "2026-01-01", "2026-04-01"),
        ("NEXT_YEAR", "2027-01-01", "2028-01-01"),
        ("LAST_90_DAYS", "2025-12-10", "2026-03-11"),
        ("NEXT_90_DAYS", "2026-03-11", "2026-06-09"),
        ("LAST_N_DAYS:1", "2026-03-09", "2026-03-11"),
        ("NEXT_N_DAYS:2", "2026-03-11", "2026-03-13"),
        ("N_DAYS_AGO:3", "2026-03-07", "2026-03-08"),
        ("LAST_N_WEEKS:2", "2026-02-22", "2026-03-08"),
        ("LAST_N_MONTHS:3", "2025-12-01", "2026-03-01"),
        ("NEXT_N_MONTHS:10", "2026-04-01", "2027-02-01"),
        ("N_MONTHS_AGO:3", "2025-12-01", "2026-01-01"),
        ("NEXT_N_QUARTERS:1", "2026-04-01", "2026-07-01"),
        ("LAST_N_FISCAL_YEARS:2", "2024-01-01", "2026-01-01"),
    ],
)
def test_days_of__from_a_tuesday(literal, first, end):
    """
    Each literal's first day, and the day after its last; weeks begin on Sunday.
    """
    name, _, number = literal.partition(":")
    assert is_date_literal(name, counted=bool(number))
    assert days_of(DateLiteral(name, int(number) if number else None), _TUESDAY) == (date.fromisoformat(first), date.fromisoformat(end))


def test_date_edge__midnight_where_the_user_is(now):
    """
    For datetimes the day begins at the user's midnight, before and after summer time begins.
    """
    zone = ZoneInfo("America/Los_Angeles")
    assert DateEdge(DateLiteral("TODAY"), end=False, at_midnight=True).value(now, zone) == "2026-03-09T07:00:00.000Z"
    assert DateEdge(DateLiteral("N_DAYS_AGO", 2), end=False, at_midnight=True).value(now, zone) == "2026-03-07T08:00:00.000Z"
    assert DateEdge(DateLiteral("TODAY"), end=True, at_midnight=False).value(now, zone) == "2026-03-10"


def test_date_edge__outside_the_calendar(now):
    """
    A range beyond the calendar is refused.
    """
    with pytest.raises(MalformedQuery, match="NEXT_N_YEARS:99999"):
        DateEdge(DateLiteral("NEXT_N_YEARS", 99999), end=True, at_midnight=True).value(now, ZoneInfo("UTC"))
