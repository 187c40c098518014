"""The kinds of value a mapping spec is written in: durations, field names, references, lists of campaigns."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, PlainSerializer, WithJsonSchema

_DURATION = re.compile(r"([1-9]\d{0,4})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_WORD = "[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*"
FIELD = re.compile(f"(?:(?:{_WORD}__)?{_WORD}__c|{_WORD})")
"""A standard field, or a custom one, perhaps with the namespace of a managed package."""
_ACCOUNT_FIELD = re.compile(rf"Account\.{FIELD.pattern}")
_USERNAME = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


def duration_from(value: object) -> timedelta:
    """A time span as the spec writes it.

    >>> duration_from("24h") == duration_from("1d")
    True

    Raises:
        ValueError: not a positive whole number with one of the units m, h, d, w.
    """
    if isinstance(value, timedelta):
        return value
    matched = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if matched is None:
        raise ValueError(f"{value!r} is not a duration; write a whole number and a unit, for example 30m, 24h, 180d or 2w")
    return timedelta(**{_UNITS[matched[2]]: int(matched[1])})


def duration_text(value: timedelta) -> str:
    """The shortest way to write a duration in a spec."""
    minutes = int(value.total_seconds() // 60)
    for unit, size in (("d", 1440), ("h", 60)):
        if minutes % size == 0:
            return f"{minutes // size}{unit}"
    return f"{minutes}m"


def _field_name(value: str) -> str:
    if not FIELD.fullmatch(value):
        raise ValueError(f"{value!r} is not a field's API name; write it as in Setup, for example Email or Secondary_Email__c")
    return value


def _account_field(value: str) -> str:
    if not _ACCOUNT_FIELD.fullmatch(value):
        raise ValueError(f"{value!r} is not a field of Account; write Account. and the field's API name, for example Account.Tier__c")
    return value


def _username(value: str) -> str:
    if not _USERNAME.fullmatch(value):
        raise ValueError(f"{value!r} is not a username; write it as in Setup, Users: it has the form of an e-mail address")
    return value


def _name(value: str) -> str:
    if not _NAME.fullmatch(value):
        raise ValueError(f"{value!r} is not a name; write lower-case letters, digits and underscores, for example product_usage")
    return value


def _campaigns(value: object) -> object:
    if value == "all":
        return value
    if isinstance(value, tuple) and value and all(isinstance(v, str | int) and not isinstance(v, bool) for v in value):
        return tuple(str(v) for v in value)
    raise ValueError(f"{value!r} is neither all nor a list of campaign ids; write all, or for example [270, 271]")


Duration = Annotated[
    timedelta,
    BeforeValidator(duration_from),
    PlainSerializer(duration_text),
    WithJsonSchema({"type": "string", "pattern": f"^{_DURATION.pattern}$", "examples": ["24h", "180d"]}),
]
"""A positive time span, written `30m`, `24h`, `180d`, `2w`."""

FieldName = Annotated[str, AfterValidator(_field_name), WithJsonSchema({"type": "string", "pattern": f"^{FIELD.pattern}$"})]
"""A field's API name without its object, for example `Secondary_Email__c`."""

AccountField = Annotated[str, AfterValidator(_account_field), WithJsonSchema({"type": "string", "pattern": f"^{_ACCOUNT_FIELD.pattern}$"})]
"""A field of Account with its object, for example `Account.Tier__c`."""

Username = Annotated[str, AfterValidator(_username), WithJsonSchema({"type": "string", "pattern": f"^{_USERNAME.pattern}$"})]

Name = Annotated[str, AfterValidator(_name), WithJsonSchema({"type": "string", "pattern": f"^{_NAME.pattern}$"})]

Campaigns = Annotated[
    Literal["all"] | tuple[str, ...],
    BeforeValidator(_campaigns),
    WithJsonSchema({"anyOf": [{"const": "all"}, {"type": "array", "minItems": 1, "items": {"type": ["string", "integer"]}}]}),
]
