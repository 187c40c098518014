"""JSON values to typed values and back, with the refusals Salesforce answers for a value that does not fit its field."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from ..errors import JsonParserError, MalformedId, RestrictedPicklist, StringTooLong, error_class
from .ids import to_18
from .types import Field, FieldType

InvalidEmailAddress = error_class("INVALID_EMAIL_ADDRESS")
NumberOutsideValidRange = error_class("NUMBER_OUTSIDE_VALID_RANGE")

_EMAIL = re.compile(r"[^\s@,;:<>()\[\]\\\"]+@[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+")
_OFFSET = re.compile(r"([+-]\d\d)(\d\d)$")
_TRUE, _FALSE = frozenset({"true", "1", "yes"}), frozenset({"false", "0", "no"})
_MAX_NUMBER = Decimal(10) ** 18


def from_json(field: Field, raw: Any, *, truncate: bool = False) -> Any:
    """The typed value of a JSON value; numbers, dates and checkboxes may also come as text, as CSV and some clients send them.

    With `truncate`, text that is too long is cut (AllowFieldTruncationHeader).

    Raises:
        OrgError: STRING_TOO_LONG, INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST, INVALID_EMAIL_ADDRESS, NUMBER_OUTSIDE_VALID_RANGE,
            MALFORMED_ID or JSON_PARSER_ERROR, each naming the field.
    """
    if field.type is FieldType.BOOLEAN:
        return _boolean(field, raw)
    if raw is None or raw == "":
        return None
    return _READERS[field.type](field, raw, truncate)


def to_json(field: Field, value: Any) -> Any:
    """The JSON value of a typed value as REST answers carry it: doubles always with a point, datetimes with `+0000`."""
    if value is None:
        return None
    if isinstance(value, Decimal):
        return int(value) if field.type is FieldType.INT else float(value)
    if isinstance(value, datetime):
        moment = value.astimezone(UTC)
        return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}+0000"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat("milliseconds") + "Z"
    return value


def check_value(field: Field, value: Any) -> Any:
    """The same rules for a value that is typed already (flows write those); returns what will be stored."""
    if value is None:
        return False if field.type is FieldType.BOOLEAN else None
    if isinstance(value, str):
        return from_json(field, value)
    if isinstance(value, Decimal):
        return _in_range(field, value)
    return value


def _text(field: Field, raw: Any, truncate: bool) -> str | None:
    # Text is stored without blanks at either end; text of blanks only is null. Object Reference, "Field Types".
    text = (raw if isinstance(raw, str) else _scalar(field, raw)).strip()
    if field.length and len(text) > field.length:
        if not truncate:
            raise StringTooLong(f"{field.label}: data value too large: {text} (max length={field.length})", [field.name])
        text = text[: field.length]
    return text or None


def _scalar(field: Field, raw: Any) -> str:
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, int | float | Decimal):
        return str(raw)
    if isinstance(raw, list):
        raise _not_readable("string", "START_ARRAY", "[line:1, column:1]", field)
    raise _not_readable("string", "START_OBJECT", "[line:1, column:1]", field)


def _email(field: Field, raw: Any, truncate: bool) -> str | None:
    text = _text(field, raw, truncate)
    if text is not None and not _EMAIL.fullmatch(text):
        raise InvalidEmailAddress(f"{field.label}: invalid email address: {text}", [field.name])
    return text


def _picklist(field: Field, raw: Any, truncate: bool) -> str | None:
    text = _text(field, raw, truncate)
    if text is not None and field.restricted and not any(entry.value == text and entry.active for entry in field.picklist):
        raise _bad_value(field, text)
    return text


def _multipicklist(field: Field, raw: Any, truncate: bool) -> str | None:
    text = _text(field, raw, truncate)
    if text is None:
        return None
    chosen = list(dict.fromkeys(part.strip() for part in text.split(";") if part.strip()))
    order = {entry.value: index for index, entry in enumerate(field.picklist)}
    if field.restricted:
        for part in chosen:
            if part not in order:
                raise _bad_value(field, part)
    # Stored in the order of the value set, whatever order was sent. Unlisted values follow.
    chosen.sort(key=lambda part: order.get(part, len(order)))
    return ";".join(chosen) or None


def _bad_value(field: Field, text: str) -> RestrictedPicklist:
    return RestrictedPicklist(f"{field.label}: bad value for restricted picklist field: {text}", [field.name])


def _boolean(field: Field, raw: Any) -> bool:
    if isinstance(raw, bool):
        return raw
    if raw is None or raw == "":
        return False
    text = str(raw).strip().lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise _not_readable("boolean", f"VALUE_STRING value {raw}", "[line:1, column:1]", field)


def _number(field: Field, raw: Any, truncate: bool) -> Decimal:
    kind = "int" if field.type is FieldType.INT else "double"
    if isinstance(raw, bool):
        raise _not_readable(kind, f"VALUE_{str(raw).upper()}", "[line:1, column:1]", field)
    try:
        value = raw if isinstance(raw, Decimal) else Decimal(str(raw).strip().replace(",", "") if isinstance(raw, str) else repr(raw))
    except InvalidOperation:
        raise _not_readable(kind, f"VALUE_STRING value {raw}", "[line:1, column:1]", field) from None
    if not value.is_finite() or (kind == "int" and value != int(value)):
        raise _not_readable(kind, f"VALUE_STRING value {raw}", "[line:1, column:1]", field)
    return _in_range(field, value)


def _in_range(field: Field, value: Decimal) -> Decimal:
    # Digits left of the point are limited; digits right of it are kept as sent. Help, "Number of decimal places via API" (000385689).
    limit = Decimal(10) ** (field.precision - field.scale) if field.precision else _MAX_NUMBER
    if abs(value) >= limit:
        raise NumberOutsideValidRange(f"{field.label}: value outside of valid range on numeric field: {value.normalize():f}", [field.name])
    return value


def _date(field: Field, raw: Any, truncate: bool) -> date:
    if isinstance(raw, str):
        try:
            return date.fromisoformat(raw.strip()[:10])
        except ValueError:
            pass
    raise _not_readable("date", f"VALUE_STRING value {raw}", "[line:1, column:1]", field)


def _datetime(field: Field, raw: Any, truncate: bool) -> datetime:
    if isinstance(raw, str) and "T" in raw:
        try:
            moment = datetime.fromisoformat(_OFFSET.sub(r"\1:\2", raw.strip()))
        except ValueError:
            pass
        else:
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            return moment.astimezone(UTC).replace(microsecond=moment.microsecond // 1000 * 1000)
    raise _not_readable("datetime", f"VALUE_STRING value {raw}", "[line:1, column:1]", field)


def _time(field: Field, raw: Any, truncate: bool) -> time:
    if isinstance(raw, str):
        try:
            return time.fromisoformat(raw.strip().rstrip("Z"))
        except ValueError:
            pass
    raise _not_readable("time", f"VALUE_STRING value {raw}", "[line:1, column:1]", field)


def _id(field: Field, raw: Any, truncate: bool) -> str:
    if isinstance(raw, str):
        try:
            return to_18(raw.strip())
        except MalformedId:
            pass
    raise MalformedId(f"{field.label}: id value of incorrect type: {raw}", [field.name])


def _compound(field: Field, raw: Any, truncate: bool) -> None:
    raise error_class("INVALID_FIELD_FOR_INSERT_UPDATE")(
        f"Unable to create/update fields: {field.name}. Please check the security settings of this field and verify that it is read/write "
        "for your profile or permission set.",
        [field.name],
    )


def _base64(field: Field, raw: Any, truncate: bool) -> str:
    return str(raw)


def _not_readable(kind: str, found: str, where: str, field: Field) -> JsonParserError:
    return JsonParserError(
        f"Cannot deserialize instance of {kind} from {found} or request may be missing a required field at {where}", [field.name]
    )


_READERS: dict[FieldType, Callable[[Field, Any, bool], Any]] = {
    FieldType.ID: _id,
    FieldType.REFERENCE: _id,
    FieldType.EMAIL: _email,
    FieldType.PICKLIST: _picklist,
    FieldType.MULTIPICKLIST: _multipicklist,
    FieldType.INT: _number,
    FieldType.DOUBLE: _number,
    FieldType.CURRENCY: _number,
    FieldType.PERCENT: _number,
    FieldType.DATE: _date,
    FieldType.DATETIME: _datetime,
    FieldType.TIME: _time,
    FieldType.ADDRESS: _compound,
    FieldType.LOCATION: _compound,
    FieldType.BASE64: _base64,
    FieldType.STRING: _text,
    FieldType.TEXTAREA: _text,
    FieldType.PHONE: _text,
    FieldType.URL: _text,
    FieldType.COMBOBOX: _text,
    FieldType.ENCRYPTED: _text,
    FieldType.ANY: _text,
}
