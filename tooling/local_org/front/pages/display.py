"""How values look on a page: by the type of their field, in the time zone of the org's administrator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any, cast
from urllib.parse import urlsplit

from flask import g

from ...engine.users import ADMIN_ID, zone
from ...schema.types import Field, FieldType
from ..wire import the_org

_LONG = 90
_SEPARATOR = "; "
_MOST_IN_LINE = 2
"""Separators up to which the text of a formula is one line."""
_ADDRESSES = {FieldType.URL, FieldType.EMAIL, FieldType.PHONE}


@dataclass(frozen=True, slots=True)
class Shown:
    """One value on a page: its text, where it leads, and how it is set."""

    text: str
    href: str | None = None
    style: str = ""
    """`number`, `long`, `parts` (one below the other), `yes`, `no`, `code` or nothing."""

    @property
    def parts(self) -> list[str]:
        """The parts of a text that a formula put together."""
        return self.text.split(_SEPARATOR)


EMPTY = Shown("")


def shown(value: Any, field: Field | None = None, names: Mapping[str, str] | None = None) -> Shown:
    """A JSON value of a record as a page shows it; `names` gives the names of referred records by id."""
    if value is None or value == "":
        return EMPTY
    kind = field.type if field else None
    if isinstance(value, bool):
        return Shown("Yes" if value else "No", style="yes" if value else "no")
    if isinstance(value, Mapping):
        return Shown(", ".join(str(part) for part in value.values() if part))
    if kind is FieldType.DATETIME:
        return Shown(moment(value))
    if kind in {FieldType.REFERENCE, FieldType.ID} and isinstance(value, str):
        return Shown((names or {}).get(value, value), f"/r/{value}", "" if value in (names or {}) else "code")
    if isinstance(value, int | float):
        return Shown(_number(value, field), style="number")
    text = str(value)
    if field is not None and field.calculated and text.count(_SEPARATOR) >= _MOST_IN_LINE:
        return Shown(text, style="parts")
    if kind in _ADDRESSES:
        return Shown(text, _address(text, kind))
    return Shown(text, style="long" if len(text) > _LONG or "\n" in text else "")


def plain(value: Any) -> str:
    """A value a flow saw, in one word."""
    if value is None:
        return "empty"
    if isinstance(value, Mapping):
        return ", ".join(plain(each) for each in value.values() if each is not None)
    if isinstance(value, list | tuple):
        return ", ".join(map(plain, value))
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


def label(field: Field) -> str:
    """`Owner` rather than `Owner ID`, as record pages have it."""
    return field.label.removesuffix(" ID") if field.type is FieldType.REFERENCE else field.label


def moment(value: Any) -> str:
    """A datetime, or the text of one, in the administrator's time zone."""
    if not isinstance(value, datetime):
        try:
            value = datetime.fromisoformat(str(value).replace("+0000", "+00:00").replace("Z", "+00:00"))
        except ValueError:
            return str(value)
    if value.tzinfo is None:
        value = value.replace(tzinfo=UTC)
    return f"{value.astimezone(time_zone()):%d %b %Y, %H:%M:%S}"


def time_zone() -> tzinfo:
    """Of the administrator; asked once per page."""
    if "time_zone" not in g:
        [found] = the_org().retrieve(None, "User", [ADMIN_ID], ["TimeZoneSidKey"])
        g.time_zone = zone(found.get("TimeZoneSidKey") if found else None)
    return cast("tzinfo", g.time_zone)


def _number(value: float, field: Field | None) -> str:
    scale = field.scale if field and field.type.is_number and field.type is not FieldType.INT else 0
    text = f"{value:,.{scale}f}" if scale or value == int(value) else f"{value:,}"
    return f"{text} %" if field and field.type is FieldType.PERCENT else text


def _address(text: str, kind: FieldType) -> str | None:
    if kind is FieldType.EMAIL:
        return f"mailto:{text}"
    if kind is FieldType.PHONE:
        return f"tel:{text}"
    # A stored `javascript:` address must not become a link.
    return text if urlsplit(text).scheme in {"http", "https"} else None
