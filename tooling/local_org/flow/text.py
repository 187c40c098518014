"""Texts with merge fields (`{!Var.Field}`), and how flows print values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal
from typing import Any

MERGE_FIELD = re.compile(r"\{!\s*([^{}]+?)\s*\}")


def merge_fields(text: str) -> Iterator[str]:
    """The references in a text, as written."""
    for found in MERGE_FIELD.finditer(text):
        yield found.group(1)


def pieces(text: str) -> list[tuple[str, bool]]:
    """A text cut at its merge fields: (literal, False) and (reference, True)."""
    cut: list[tuple[str, bool]] = []
    end = 0
    for found in MERGE_FIELD.finditer(text):
        if found.start() > end:
            cut.append((text[end : found.start()], False))
        cut.append((found.group(1), True))
        end = found.end()
    if end < len(text):
        cut.append((text[end:], False))
    return cut


def plain(value: Any) -> str:
    """A value as text where no locale plays a part: assigned to a text variable, compared with a text."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return number(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}Z"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat("milliseconds") + "Z"
    if isinstance(value, list):
        return "[" + ", ".join(plain(item) for item in value) + "]"
    return str(value)


def shown(value: Any, zone: tzinfo) -> str:
    """A value as a merge field prints it for a reader in English (United States), the only locale here."""
    if type(value) is str:
        return value
    if isinstance(value, datetime):
        local = value.astimezone(zone)
        return f"{local.month}/{local.day}/{local.year}, {local.hour % 12 or 12}:{local.minute:02d} {'AM' if local.hour < 12 else 'PM'}"
    if isinstance(value, date):
        return f"{value:%B} {value.day}, {value.year}"
    if isinstance(value, time):
        return f"{value.hour % 12 or 12}:{value.minute:02d} {'AM' if value.hour < 12 else 'PM'}"
    if isinstance(value, list):
        return "[" + ", ".join(shown(item, zone) for item in value) + "]"
    return plain(value)


def number(value: Decimal) -> str:
    """Digits without exponent: 1E+2 is 100."""
    return f"{value:f}"
