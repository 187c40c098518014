"""Moments as sources write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tooling.sources.times import moment_from


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-04", datetime(2026, 3, 4, tzinfo=UTC)),
        ("2026-03-04T10:00:00Z", datetime(2026, 3, 4, 10, tzinfo=UTC)),
        ("2016-09-30T10:09:17.339051Z", datetime(2016, 9, 30, 10, 9, 17, 339051, tzinfo=UTC)),
        ("2026-03-04T10:00:00+02:00", datetime(2026, 3, 4, 8, tzinfo=UTC)),
        ("2026-03-04 10:00", datetime(2026, 3, 4, 10, tzinfo=UTC)),
    ],
)
def test_moment_from__iso(text: str, expected: datetime) -> None:
    """ISO 8601 in seconds or microseconds becomes UTC; without a zone it is UTC."""
    assert moment_from(text) == expected


@pytest.mark.parametrize("text", ["03/04/2026", "4.3.2026", "20260304", "2026-13-01", "yesterday", "2026-W10-1"])
def test_moment_from__ambiguous_or_no_date(text: str) -> None:
    """A date that could be two days, or none, is refused: it is never guessed."""
    with pytest.raises(ValueError, match="is not a date"):
        moment_from(text)


def test_moment_from__format_named() -> None:
    """A format that is named decides what 03/04/2026 means."""
    assert moment_from("03/04/2026", "%d/%m/%Y") == datetime(2026, 4, 3, tzinfo=UTC)
