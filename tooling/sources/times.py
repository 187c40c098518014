"""Moments as sources write them."""

from __future__ import annotations

from datetime import UTC, datetime


def moment_from(text: str, layout: str | None = None) -> datetime:
    """An aware UTC moment from ISO 8601 (a date, or a datetime; without a zone: UTC), or from the layout that the spec names (strptime).

    >>> moment_from("2026-03-04T10:00:00+02:00").isoformat(), moment_from("2026-03-04").isoformat()
    ('2026-03-04T08:00:00+00:00', '2026-03-04T00:00:00+00:00')

    Raises:
        ValueError: any other text. `03/04/2026` means two different days: it is never guessed.
    """
    clean = text.strip()
    try:
        moment = datetime.strptime(clean, layout) if layout else _iso(clean)
    except ValueError:
        expected = f"the format {layout} is" if layout else "ISO 8601 (2026-03-04, 2026-03-04T10:00:00Z) is"
        raise ValueError(f"{clean!r} is not a date: {expected} expected") from None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _iso(text: str) -> datetime:
    # fromisoformat also takes 20260304 and week dates, which read like numbers or words: only dashes are accepted.
    if len(text) < 10 or text[4] != "-" or text[7] != "-":
        raise ValueError(text)
    return datetime.fromisoformat(text)
