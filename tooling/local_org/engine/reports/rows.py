"""Rows of a report type: one query for each of its objects, joined here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ...schema.types import FieldType
from ..query_result import QueryResult
from .columns import Column, ReportType

Query = Callable[[str], QueryResult]
_NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Cell:
    """A typed value (None: blank), and the record it leads to."""

    value: Any
    record_id: str | None = None


EMPTY = Cell(None)
Row = tuple[Cell, ...]


def read_rows(report_type: ReportType, columns: Sequence[Column], query: Query) -> list[Row]:
    """The rows, with a cell for each of the columns. Numbers are Decimal, datetimes aware.

    Raises:
        OrgError: a query that the calling user may not make.
    """
    joined: list[tuple[Mapping[str, Any], ...]] = []
    for at, level in enumerate(report_type.levels):
        paths = {path for column in columns if column.level == at for path in (column.path, column.id_path) if path}
        selected = dict.fromkeys(["Id", *([level.parent_field] if level.parent_field else []), *sorted(paths)])
        records = query(f"SELECT {', '.join(selected)} FROM {level.sobject.name} ORDER BY Id").records
        joined = [(record,) for record in records] if at == 0 else list(_join(joined, records, level.parent_field, outer=level.outer))
    readers = [_reader(column) for column in columns]
    return [tuple(read(record[column.level]) for column, read in zip(columns, readers, strict=True)) for record in joined]


def _join(
    above: Iterable[tuple[Mapping[str, Any], ...]], records: Iterable[Mapping[str, Any]], key: str, *, outer: bool
) -> Iterable[tuple[Mapping[str, Any], ...]]:
    by_parent: dict[Any, list[Mapping[str, Any]]] = {}
    for record in records:
        by_parent.setdefault(record[key], []).append(record)
    for row in above:
        children = by_parent.get(row[-1].get("Id"), [])
        for child in children or ([_NOTHING] if outer else []):
            yield (*row, child)


def _reader(column: Column) -> Callable[[Mapping[str, Any]], Cell]:
    path, id_path = column.path.split("."), column.id_path.split(".") if column.id_path else []
    lookup = column.field.type is FieldType.REFERENCE
    convert = _text if lookup else _CONVERTERS.get(column.field.type, _text)

    def read(record: Mapping[str, Any]) -> Cell:
        value = _at(record, path)
        if value is None:
            return EMPTY
        return Cell(convert(value), _at(record, id_path) if id_path else None)

    return read


def _at(record: Mapping[str, Any], path: Sequence[str]) -> Any:
    value: Any = record
    for step in path:
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _text(value: Any) -> Any:
    if isinstance(value, Mapping):
        return ", ".join(str(part) for part in value.values() if part)
    return value


def _number(value: Any) -> Decimal:
    return Decimal(str(value))


_CONVERTERS: Mapping[FieldType, Callable[[Any], Any]] = {
    FieldType.INT: _number,
    FieldType.DOUBLE: _number,
    FieldType.CURRENCY: _number,
    FieldType.PERCENT: _number,
    FieldType.BOOLEAN: bool,
    FieldType.DATE: date.fromisoformat,
    FieldType.DATETIME: datetime.fromisoformat,
}
