"""SQL functions that compiled queries call."""

from __future__ import annotations

import re
import sqlite3
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from .parameters import encode_datetime


def register(connection: sqlite3.Connection) -> None:
    """Makes the functions known to a connection; once is enough."""
    connection.create_function("salesforce_like", 2, like, deterministic=True)
    connection.create_function("salesforce_local", 2, local_time, deterministic=True)


def local_time(stored: str | None, time_zone: str) -> str | None:
    """A stored datetime as the clock on the wall showed it, for convertTimezone()."""
    if stored is None:
        return None
    return encode_datetime(datetime.fromisoformat(stored).astimezone(ZoneInfo(time_zone)).replace(tzinfo=UTC))


def like(value: str | None, pattern: str) -> int:
    """LIKE without regard to case, for all of Unicode (SQLite's own knows ASCII only)."""
    return 0 if value is None else int(_pattern(pattern).fullmatch(value.casefold()) is not None)


@lru_cache(maxsize=256)
def _pattern(pattern: str) -> re.Pattern[str]:
    parts = []
    for match in re.finditer(r"\\(.)|(.)", pattern, re.DOTALL):
        escaped, plain = match.groups()
        parts.append({"%": ".*", "_": "."}.get(plain) or re.escape((escaped or plain).casefold()))
    return re.compile("".join(parts), re.DOTALL)
