"""How a field's typed value lies in SQLite, and which fields have a column at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from ..schema.derived import generated_sql
from ..schema.types import Field, FieldType, SObject

_INDEXED_STANDARD = frozenset({"Name", "Email", "Username", "DeveloperName", "CaseNumber", "CreatedDate", "SystemModstamp"})
_CASE_EXACT = frozenset({FieldType.ID, FieldType.REFERENCE})


def has_column(field: Field) -> bool:
    """Formula and compound (address, location) fields are computed from others."""
    return field.formula is None and field.type not in (FieldType.ADDRESS, FieldType.LOCATION)


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def column_sql(sobject: SObject, field: Field) -> str:
    """The column definition. Text compares without regard to case unless the field says otherwise; ids always exactly."""
    definition = f"{quoted(field.name)} {storage_class(field)}"
    if field.type.is_text and field.type not in _CASE_EXACT and not field.case_sensitive:
        definition += " COLLATE SALESFORCE"
    generated = generated_sql(sobject.name, field.name)
    if generated is not None:
        return f"{definition} GENERATED ALWAYS AS ({generated}) VIRTUAL"
    if field.type is FieldType.ID and field.name == "Id":
        return f"{definition} PRIMARY KEY NOT NULL"
    if field.type is FieldType.BOOLEAN:
        return f"{definition} NOT NULL DEFAULT 0"
    return definition


def storage_class(field: Field) -> str:
    if field.type.is_number:
        return "NUMERIC"
    return "INTEGER" if field.type is FieldType.BOOLEAN else "TEXT"


def is_indexed(field: Field) -> bool:
    """References, external ids, unique and id-lookup fields, names, e-mail addresses: what Salesforce indexes too."""
    if field.name == "Id" or not has_column(field) or field.is_long_text:
        return False
    if field.name in ("CreatedById", "LastModifiedById"):
        return False
    return (
        field.type is FieldType.REFERENCE
        or field.external_id
        or field.unique
        or field.id_lookup
        or (not field.custom and field.name in _INDEXED_STANDARD)
    )


def encoder(field: Field) -> Callable[[Any], Any] | None:
    """Typed value to SQLite value; None where they are the same. A missing value is not given to it, except for checkboxes."""
    if field.type.is_number:
        return _encode_number
    return _ENCODERS.get(field.type)


def decoder(field: Field) -> Callable[[Any], Any] | None:
    """SQLite value (never NULL) to typed value; None where they are the same."""
    if field.type.is_number:
        return decode_number
    return _DECODERS.get(field.type)


def encode_datetime(value: datetime) -> str:
    """UTC, milliseconds, sortable as text."""
    moment = value.astimezone(UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def _encode_field(value: datetime) -> str:
    """Datetime fields hold whole seconds: REST answers always end in `.000`. SOAP API Developer Guide, "Primitive Data Types"."""
    return encode_datetime(value.replace(microsecond=0))


def decode_number(value: int | float) -> Decimal:
    return Decimal(value) if isinstance(value, int) else Decimal(repr(value))


def _encode_number(value: Decimal) -> int | float:
    whole = int(value)
    return whole if whole == value else float(value)


def _encode_boolean(value: bool) -> int:
    return 1 if value else 0


def _encode_date(value: date) -> str:
    return value.isoformat()


def _encode_time(value: time) -> str:
    return value.isoformat("milliseconds") + "Z"


def _decode_time(value: str) -> time:
    return time.fromisoformat(value.rstrip("Z"))


_ENCODERS: dict[FieldType, Callable[[Any], Any]] = {
    FieldType.BOOLEAN: _encode_boolean,
    FieldType.DATE: _encode_date,
    FieldType.DATETIME: _encode_field,
    FieldType.TIME: _encode_time,
}
_DECODERS: dict[FieldType, Callable[[Any], Any]] = {
    FieldType.BOOLEAN: bool,
    FieldType.DATE: date.fromisoformat,
    FieldType.DATETIME: datetime.fromisoformat,
    FieldType.TIME: _decode_time,
}
