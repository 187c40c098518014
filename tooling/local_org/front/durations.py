"""Spans and moments as people write them on the control plane: `45d`, `2h30m`, `2026-11-21T09:00:00Z`."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from ..errors import error_class

_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(w|d|h|min|m|s)", re.IGNORECASE)
_UNITS = {"w": "weeks", "d": "days", "h": "hours", "min": "minutes", "m": "minutes", "s": "seconds"}


def read_duration(text: str) -> timedelta:
    """A span of weeks, days, hours, minutes and seconds.

    Raises:
        OrgError: not a span, or a negative one.
    """
    whole = text.strip().lstrip("+")
    parts = _PART.findall(whole)
    if not parts or _PART.sub("", whole).strip():
        raise error_class("INVALID_ARGUMENT")(f"'{text}' is not a span; write for example 45d, 2h30m or 1w")
    return sum((timedelta(**{_UNITS[unit.lower()]: float(number)}) for number, unit in parts), timedelta())


def read_moment(text: str) -> datetime:
    """An ISO 8601 date or time, UTC where it names no zone.

    Raises:
        OrgError: not a moment.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as unreadable:
        raise error_class("INVALID_ARGUMENT")(f"'{text}' is not a time; write for example 2026-11-21T09:00:00Z") from unreadable
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
