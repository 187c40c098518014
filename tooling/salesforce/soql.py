"""Building SOQL: every value is quoted here, and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from urllib.parse import quote

LONGEST_STRING = 4_000
"""Characters of one string in a WHERE clause: a longer one is refused (SOQL and SOSL Limits)."""
LONGEST_URI = 14_000
"""Bytes of an encoded query. URI and headers together may have 16,384 (REST API Developer Guide, status code 431)."""

_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*\Z")
# SOQL and SOSL Reference, "Quoted String Escape Sequences".
_ESCAPES = str.maketrans(
    {"\\": r"\\", "'": r"\'", '"': r"\"", "\n": r"\n", "\r": r"\r", "\t": r"\t", "\b": r"\b", "\f": r"\f", "\x00": None}
)
_LIKE_WILDCARDS = str.maketrans({"%": r"\%", "_": r"\_"})


class Identifier(str):
    """An sObject, field or relationship path to be placed in SOQL as it stands.

    Raises:
        ValueError: not an API name.
    """

    __slots__ = ()

    def __new__(cls, name: str) -> Identifier:
        if not _IDENTIFIER.match(name):
            raise ValueError(f"{name!r} is not an API name")
        return super().__new__(cls, name)


class Starts(str):
    """A text to be matched as a prefix with LIKE; its own wildcards lose their meaning."""

    __slots__ = ()


def literal(value: object) -> str:
    r"""A value as SOQL writes it; a sequence becomes a list for IN.

    >>> literal("O'Neil"), literal(["a", "b"]), literal(None), literal(True)
    ("'O\\'Neil'", "('a','b')", 'null', 'true')

    Raises:
        ValueError: an empty list, or a kind of value SOQL does not know.
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Identifier):
        return str(value)
    if isinstance(value, Starts):
        return "'" + value.translate(_ESCAPES).translate(_LIKE_WILDCARDS) + "%'"
    if isinstance(value, str):
        return "'" + value.translate(_ESCAPES) + "'"
    if isinstance(value, int | float | Decimal):
        return str(value)
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a datetime in SOQL needs its zone")
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Sequence):
        if not value:
            raise ValueError("an IN list needs at least one value")
        return "(" + ",".join(literal(item) for item in value) + ")"
    raise ValueError(f"SOQL has no literal for {type(value).__name__}")


def soql(template: str, /, **values: object) -> str:
    """A query from a template whose `{names}` are replaced by quoted values.

    >>> soql("SELECT Id FROM {o} WHERE Email IN {mails}", o=Identifier("Contact"), mails=["a@b.c"])
    "SELECT Id FROM Contact WHERE Email IN ('a@b.c')"
    """
    return template.format_map({name: literal(value) for name, value in values.items()})


def fields(names: Sequence[str]) -> Identifier:
    """A checked field list for SELECT, in the order given and without repeats."""
    checked = dict.fromkeys(Identifier(name) for name in names)
    return str.__new__(Identifier, ", ".join(checked))


def encoded_size(query: str) -> int:
    """Bytes of the query in a URI."""
    return len(quote(query, safe=""))


def split(template: str, /, *, over: str, longest: int = LONGEST_URI, **values: object) -> Iterator[str]:
    """The query once per part of the list named `over`, each part small enough for one URI.

    Values longer than a SOQL string may be are left out: no record can hold them where we look.
    """
    given = values.pop(over)
    if not isinstance(given, Sequence):
        raise TypeError(f"{over} is not a list")
    items = [item for item in dict.fromkeys(given) if not (isinstance(item, str) and len(item) > LONGEST_STRING)]
    frame = encoded_size(soql(template, **values, **{over: [""]}))
    room, part, used = longest - frame, list[object](), 0
    for item in items:
        size = encoded_size(literal(item)) + 3
        if part and used + size > room:
            yield soql(template, **values, **{over: part})
            part, used = [], 0
        part.append(item)
        used += size
    if part:
        yield soql(template, **values, **{over: part})
