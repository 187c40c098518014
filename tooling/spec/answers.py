"""What a route may take from a response, and which fields of Salesforce can hold it."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum

ATTRIBUTES = "attributes."


class Kind(StrEnum):
    """What an answer is."""

    TEXT = "a text"
    LONG_TEXT = "a long text"
    EMAIL = "an e-mail address"
    NUMBER = "a number"
    MOMENT = "a date and time"
    RECORD_ID = "a record id"
    ANY = "whatever the survey sent"


ANSWERS: dict[str, Kind] = {
    "score": Kind.NUMBER,
    "category": Kind.TEXT,
    "verbatim": Kind.LONG_TEXT,
    "outcome": Kind.TEXT,
    "tags": Kind.LONG_TEXT,
    "source": Kind.TEXT,
    "id": Kind.TEXT,
    "key": Kind.TEXT,
    "status": Kind.TEXT,
    "survey_type": Kind.TEXT,
    "survey_name": Kind.TEXT,
    "campaign_id": Kind.TEXT,
    "channel": Kind.TEXT,
    "language": Kind.TEXT,
    "sent_at": Kind.MOMENT,
    "responded_at": Kind.MOMENT,
    "modified_at": Kind.MOMENT,
    "email": Kind.EMAIL,
    "name": Kind.TEXT,
    "user_id": Kind.TEXT,
    "salesforce_id": Kind.ANY,
    "company_id": Kind.TEXT,
    "response": Kind.RECORD_ID,
    "contact": Kind.RECORD_ID,
    "lead": Kind.RECORD_ID,
    "account": Kind.RECORD_ID,
}
"""`attributes.NAME` is an answer too: the survey's own data, of any kind."""

RECORDS = {"response": "Survey_Response__c", "contact": "Contact", "lead": "Lead", "account": "Account"}
"""The answers that are record ids, and the sObject they belong to."""

_TEXTS = frozenset({"string", "textarea", "picklist", "multipicklist", "combobox", "phone", "url", "encryptedstring"})
_NUMBERS = frozenset({"int", "double", "currency", "percent", "long"})
_PLAIN = frozenset({"string", "textarea"})
_MOMENTS = frozenset({"date", "datetime"})
_FITS: dict[Kind, frozenset[str]] = {
    Kind.TEXT: _TEXTS,
    Kind.LONG_TEXT: _PLAIN | {"encryptedstring"},
    Kind.EMAIL: _TEXTS | {"email"},
    Kind.NUMBER: _NUMBERS | _PLAIN,
    Kind.MOMENT: _MOMENTS | _PLAIN,
    Kind.RECORD_ID: _PLAIN | {"reference", "id"},
    Kind.ANY: _TEXTS | _NUMBERS | _MOMENTS | {"email", "boolean", "reference", "id", "time"},
}
_TRUE, _FALSE = {"true", "yes", "1"}, {"false", "no", "0"}
_ID = re.compile(r"[A-Za-z0-9]{15}([A-Za-z0-9]{3})?")
_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,3})?)?Z?")


def kind_of(name: str) -> Kind:
    """What the answer of this name is.

    Raises:
        KeyError: there is no such answer.
    """
    return Kind.ANY if name.startswith(ATTRIBUTES) and len(name) > len(ATTRIBUTES) else ANSWERS[name]


def is_answer(name: str) -> bool:
    return name in ANSWERS or (name.startswith(ATTRIBUTES) and len(name) > len(ATTRIBUTES))


def names_in(template: str) -> Iterator[str]:
    """The answers that a text in braces names.

    >>> list(names_in("{score} of 10: {verbatim}"))
    ['score', 'verbatim']

    Raises:
        ValueError: a brace is not closed, or something other than a name is in it.
    """
    for _, name, form, conversion in string.Formatter().parse(template):
        if name is not None:
            if form or conversion or not name:
                raise ValueError(f"{{{name}}} is more than the name of an answer")
            yield name


def fits(kind: Kind, field_type: str, of: str | None = None, reference_to: tuple[str, ...] = ()) -> bool:
    """Whether a field of this type (a describe's word) can hold an answer. `of` is the sObject of a record id."""
    if field_type not in _FITS[kind]:
        return False
    return kind is not Kind.RECORD_ID or field_type != "reference" or not reference_to or of in reference_to


def as_field_value(value: object, field_type: str, length: int = 0) -> object:
    """The value as REST takes it for a field of this type; a text longer than the field is cut.

    >>> as_field_value("yes", "boolean"), as_field_value("7.50", "double"), as_field_value(3, "string")
    (True, 7.5, '3')

    Raises:
        ValueError: the field cannot hold it.
    """
    if value is None:
        return False if field_type == "boolean" else None
    if field_type == "boolean":
        return _boolean(value)
    if field_type in _NUMBERS:
        return _number(value, whole=field_type in ("int", "long"))
    if field_type in _MOMENTS:
        moment = moment_from(value)
        return moment.date().isoformat() if field_type == "date" else moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    text = text_of(value)
    if field_type in ("reference", "id") and not _ID.fullmatch(text):
        raise ValueError(f"{text!r:.60} is not a record id")
    if field_type == "time" and not _TIME.fullmatch(text):
        raise ValueError(f"{text!r:.60} is not a time")
    return text[:length] if length else text


def text_of(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return str(value)


def number_from(value: object) -> Decimal | None:
    """The number that a value is or spells, None if neither."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def moment_from(value: object) -> datetime:
    """A moment (aware, UTC) from a datetime or an ISO 8601 text; a day is its first instant.

    Raises:
        ValueError: it is neither.
    """
    if isinstance(value, datetime):
        found = value
    elif isinstance(value, date):
        found = datetime(value.year, value.month, value.day, tzinfo=UTC)
    elif isinstance(value, str):
        try:
            found = datetime.fromisoformat(value.strip())
        except ValueError:
            raise ValueError(f"{value!r:.60} is not a date") from None
    else:
        raise ValueError(f"{value!r:.60} is not a date")
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def _boolean(value: object) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word not in _TRUE | _FALSE:
        raise ValueError(f"{value!r:.60} is neither true nor false")
    return word in _TRUE


def _number(value: object, *, whole: bool) -> int | float:
    number = number_from(value)
    if number is None:
        raise ValueError(f"{value!r:.60} is not a number")
    if number == number.to_integral_value():
        return int(number)
    if whole:
        raise ValueError(f"{value!r:.60} is not a whole number")
    return float(number)
