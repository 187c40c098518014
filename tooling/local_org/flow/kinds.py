"""Static types of flow values, and the coercion of a value into one of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from ..schema.types import Field, FieldType
from .faults import NotCompatible
from .moments import day_of, midnight, parse_date, parse_date_time, parse_time
from .text import plain
from .vocabulary import DataType


@dataclass(frozen=True, slots=True)
class Kind:
    """What a reference holds. `scale` is digits after the point, None where the value is kept as it is."""

    data_type: DataType
    sobject: str | None = None
    collection: bool = False
    scale: int | None = None
    field: Field | None = None
    """The record field it is, if it is one."""

    @property
    def item(self) -> Kind:
        return Kind(self.data_type, self.sobject, False, self.scale)

    @property
    def is_text(self) -> bool:
        return self.data_type in TEXTS

    @property
    def is_number(self) -> bool:
        return self.data_type in NUMBERS

    def __str__(self) -> str:
        name = self.sobject or self.data_type.value
        return f"{name} collection" if self.collection else name


TEXTS = frozenset({DataType.STRING, DataType.PICKLIST, DataType.MULTIPICKLIST})
NUMBERS = frozenset({DataType.NUMBER, DataType.CURRENCY})

TEXT = Kind(DataType.STRING)
NUMBER = Kind(DataType.NUMBER)
BOOLEAN = Kind(DataType.BOOLEAN)
DATE = Kind(DataType.DATE)
DATE_TIME = Kind(DataType.DATE_TIME)


def kind_of_field(field: Field) -> Kind:
    return Kind(_DATA_TYPES.get(field.type, DataType.STRING), field=field)


_DATA_TYPES = {
    FieldType.PICKLIST: DataType.PICKLIST,
    FieldType.MULTIPICKLIST: DataType.MULTIPICKLIST,
    FieldType.BOOLEAN: DataType.BOOLEAN,
    FieldType.INT: DataType.NUMBER,
    FieldType.DOUBLE: DataType.NUMBER,
    FieldType.PERCENT: DataType.NUMBER,
    FieldType.CURRENCY: DataType.CURRENCY,
    FieldType.DATE: DataType.DATE,
    FieldType.DATETIME: DataType.DATE_TIME,
    FieldType.TIME: DataType.TIME,
}


Coercer = Callable[[Any, tzinfo], Any]


def coercer(kind: Kind) -> Coercer:
    """A function that fits a value, in the running user's time zone, into a kind.

    The function raises NotCompatible for a value that does not fit.
    """
    if kind.collection:
        one = coercer(kind.item)
        return lambda value, zone: None if value is None else [one(item, zone) for item in _items(value)]
    if kind.field is not None:
        return _field_coercer(kind)
    if kind.data_type in NUMBERS:
        # A number variable without a scale keeps no digits after the point. Salesforce Help, "Flow Resource: Variable".
        quantum = Decimal(1).scaleb(-(kind.scale or 0))
        return lambda value, zone: None if value is None else round_half_up(as_number(value), quantum)
    return _PLAIN.get(kind.data_type, _as_it_is)


def _field_coercer(kind: Kind) -> Coercer:
    if kind.data_type in TEXTS:
        # A record never holds a zero-length text: Salesforce stores null.
        return lambda value, zone: None if value is None or value == "" else value if type(value) is str else plain(value)
    if kind.data_type is DataType.BOOLEAN:
        # A checkbox field is never null. Salesforce Help, "Flow Resource: Variable".
        return lambda value, zone: False if value is None else _boolean(value, zone)
    if kind.data_type in NUMBERS:
        return lambda value, zone: None if value is None or value == "" else as_number(value)
    return _PLAIN.get(kind.data_type, _as_it_is)


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _as_it_is(value: Any, zone: tzinfo) -> Any:
    return value


def round_half_up(value: Decimal, quantum: Decimal) -> Decimal:
    """Half away from zero. Salesforce Help, "Formula Field Limits and Restrictions"."""
    try:
        return value.quantize(quantum, ROUND_HALF_UP)
    except InvalidOperation:
        return value


def as_number(value: Any) -> Decimal:
    """
    Raises:
        NotCompatible: it is no number.
    """
    if type(value) is Decimal:
        return value
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise NotCompatible(f"{plain(value)} is not a number")
    try:
        return Decimal(str(value))
    except InvalidOperation:
        raise NotCompatible(f"{value} is not a number") from None


def _text(value: Any, zone: tzinfo) -> Any:
    return value if value is None or type(value) is str else plain(value)


def _boolean(value: Any, zone: tzinfo) -> Any:
    if value is None or isinstance(value, bool):
        return value
    text = plain(value).lower()
    if text in ("true", "false"):
        return text == "true"
    raise NotCompatible(f"{plain(value)} is not true or false")


def _date(value: Any, zone: tzinfo) -> Any:
    if isinstance(value, datetime):
        return day_of(value, zone)
    return _parsed(value, date, parse_date, "date")


def _date_time(value: Any, zone: tzinfo) -> Any:
    if isinstance(value, date) and not isinstance(value, datetime):
        return midnight(value, zone)
    return _parsed(value, datetime, parse_date_time, "datetime")


def _time(value: Any, zone: tzinfo) -> Any:
    return _parsed(value, time, parse_time, "time")


def _parsed(value: Any, wanted: type, parse: Callable[[str], Any], word: str) -> Any:
    if value is None or value == "" or isinstance(value, wanted):
        return None if value == "" else value
    if isinstance(value, str):
        try:
            return parse(value)
        except ValueError:
            pass
    raise NotCompatible(f"{plain(value)} is not a {word}")


_PLAIN: dict[DataType, Coercer] = {
    DataType.STRING: _text,
    DataType.PICKLIST: _text,
    DataType.MULTIPICKLIST: _text,
    DataType.BOOLEAN: _boolean,
    DataType.DATE: _date,
    DataType.DATE_TIME: _date_time,
    DataType.TIME: _time,
}
