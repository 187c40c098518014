"""Records in SQLite, one table per sObject: typed values in, typed values out. Knows no rules of saving."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..schema.derived import derived_fields
from ..schema.types import Field, FieldType, SObject
from .columns import decoder, encoder, has_column, quoted
from .ids import make_id

Record = dict[str, Any]
Decode = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is known of an sObject's table before any record is touched."""

    sobject: SObject
    encoders: Mapping[str, Callable[[Any], Any] | None]
    """By field name; fields that cannot be written are absent."""
    decoders: Mapping[str, Decode | None]
    booleans: frozenset[str]


class Records:
    """Bulk reads and writes. `next_numbers(counter, count)` hands out the numbers that ids and auto-numbers are made of."""

    def __init__(self, connection: sqlite3.Connection, next_numbers: Callable[[str, int], range]) -> None:
        self._connection = connection
        self._next_numbers = next_numbers
        self._plans: dict[str, _Plan] = {}

    def forget_plans(self) -> None:
        self._plans.clear()

    def new_ids(self, sobject: SObject, count: int) -> list[str]:
        return [make_id(sobject.key_prefix, number) for number in self._next_numbers(f"id {sobject.key_prefix}", count)]

    def auto_numbers(self, sobject: SObject, field: Field, count: int) -> list[str]:
        """The next values of an auto-number field, in its display format."""
        numbers = self._next_numbers(f"auto {sobject.name}.{field.name}", count)
        return [format_auto_number(field.auto_number or "{0}", number) for number in numbers]

    def insert(self, sobject: SObject, records: Sequence[Record]) -> list[str]:
        """Stores new records and returns their ids; a record without Id is given one (also in the mapping itself).

        Unknown keys and fields without a column (formulas, compound fields, derived fields) are left out.
        """
        plan = self._plan(sobject)
        nameless = [record for record in records if not record.get("Id")]
        for record, record_id in zip(nameless, self.new_ids(sobject, len(nameless)) if nameless else (), strict=True):
            record["Id"] = record_id
        names = [name for name in plan.encoders if any(name in record for record in records)]
        if not names:
            return []
        sql = f"INSERT INTO {quoted(sobject.name)} ({', '.join(map(quoted, names))}) VALUES ({', '.join('?' * len(names))})"
        self._connection.executemany(sql, [_encoded(plan, names, record) for record in records])
        return [record["Id"] for record in records]

    def update(self, sobject: SObject, changes: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
        """Sets the given fields of the records with the given ids; other fields keep their values."""
        plan = self._plan(sobject)
        groups: dict[tuple[str, ...], list[list[Any]]] = {}
        for record_id, values in changes:
            names = tuple(name for name in values if name in plan.encoders and name != "Id")
            if names:
                groups.setdefault(names, []).append([*_encoded(plan, names, values), record_id])
        for names, rows in groups.items():
            assignments = ", ".join(f"{quoted(name)} = ?" for name in names)
            self._connection.executemany(f'UPDATE {quoted(sobject.name)} SET {assignments} WHERE "Id" = ?', rows)

    def read(
        self, sobject: SObject, ids: Iterable[str], fields: Iterable[str] | None = None, *, include_deleted: bool = False
    ) -> dict[str, Record]:
        """The records with the given ids, by id; `fields` are canonical names (None: all stored fields), Id always comes along."""
        found = self._select(sobject, fields, "Id", list(ids), include_deleted=include_deleted)
        return {record["Id"]: record for record in found}

    def find(
        self,
        sobject: SObject,
        field: str,
        values: Iterable[Any],
        fields: Iterable[str] | None = None,
        *,
        include_deleted: bool = False,
    ) -> list[Record]:
        """The records whose field equals one of the typed values, compared as SOQL does; a None among the values finds nothing."""
        plan = self._plan(sobject)
        encode = encoder(_known(sobject, field))
        wanted = [encode(value) if encode else value for value in values if value is not None]
        return self._select(plan.sobject, fields, _known(sobject, field).name, wanted, include_deleted=include_deleted)

    def all(self, sobject: SObject, fields: Iterable[str] | None = None, *, include_deleted: bool = False) -> list[Record]:
        return self._select(sobject, fields, None, [], include_deleted=include_deleted)

    def count(self, sobject: SObject) -> int:
        """Records that are not deleted."""
        where = ' WHERE "IsDeleted" = 0' if sobject.field("IsDeleted") else ""
        return int(self._connection.execute(f"SELECT COUNT(*) FROM {quoted(sobject.name)}{where}").fetchone()[0])

    def delete(self, sobject: SObject, ids: Iterable[str]) -> None:
        """Into the recycle bin where the object has one, else for good."""
        if sobject.field("IsDeleted") is None:
            self.purge(sobject, ids)
        else:
            self._mark(sobject, ids, 1)

    def undelete(self, sobject: SObject, ids: Iterable[str]) -> None:
        self._mark(sobject, ids, 0)

    def purge(self, sobject: SObject, ids: Iterable[str]) -> None:
        """Out of the recycle bin, for good."""
        self._connection.executemany(f'DELETE FROM {quoted(sobject.name)} WHERE "Id" = ?', [(record_id,) for record_id in ids])

    def purge_all(self, sobject: SObject) -> None:
        self._connection.execute(f"DELETE FROM {quoted(sobject.name)}")

    def _mark(self, sobject: SObject, ids: Iterable[str], deleted: int) -> None:
        sql = f'UPDATE {quoted(sobject.name)} SET "IsDeleted" = {deleted} WHERE "Id" = ?'
        self._connection.executemany(sql, [(record_id,) for record_id in ids])

    def _select(
        self, sobject: SObject, fields: Iterable[str] | None, by: str | None, values: list[Any], *, include_deleted: bool
    ) -> list[Record]:
        plan = self._plan(sobject)
        names = list(plan.decoders) if fields is None else list(dict.fromkeys(["Id", *(_known(sobject, name).name for name in fields)]))
        names = [name for name in names if name in plan.decoders]
        conditions, parameters = [], []
        if by is not None:
            if not values:
                return []
            if len(values) == 1:
                conditions.append(f"{quoted(by)} = ?")
                parameters.append(values[0])
            else:
                conditions.append(f"{quoted(by)} IN (SELECT value FROM json_each(?))")
                parameters.append(json.dumps(values))
        if not include_deleted and sobject.field("IsDeleted"):
            conditions.append('"IsDeleted" = 0')
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        order = "" if by == "Id" else ' ORDER BY "Id"'
        rows = self._connection.execute(f"SELECT {', '.join(map(quoted, names))} FROM {quoted(sobject.name)}{where}{order}", parameters)
        decoding = [(index, name, decode) for index, name in enumerate(names) if (decode := plan.decoders[name])]
        records = []
        for row in rows:
            record = dict(zip(names, row, strict=True))
            for index, name, decode in decoding:
                if row[index] is not None:
                    record[name] = decode(row[index])
            records.append(record)
        return records

    def _plan(self, sobject: SObject) -> _Plan:
        plan = self._plans.get(sobject.name)
        if plan is None or plan.sobject is not sobject:
            stored = [field for field in sobject.fields if has_column(field)]
            derived = derived_fields(sobject.name)
            plan = _Plan(
                sobject,
                {field.name: encoder(field) for field in stored if field.name not in derived},
                {field.name: decoder(field) for field in stored},
                frozenset(field.name for field in stored if field.type is FieldType.BOOLEAN),
            )
            self._plans[sobject.name] = plan
        return plan


def format_auto_number(display_format: str, number: int) -> str:
    """`SR-{0000}` and 7 make `SR-0007`. Date parts ({YYYY} …) of old formats are kept as they stand."""
    start = display_format.find("{0")
    end = display_format.find("}", start)
    if start < 0 or end < 0:
        return display_format + str(number)
    return display_format[:start] + str(number).rjust(end - start - 1, "0") + display_format[end + 1 :]


def _known(sobject: SObject, name: str) -> Field:
    field = sobject.field(name)
    if field is None:
        raise KeyError(f"{sobject.name}.{name}")
    return field


def _encoded(plan: _Plan, names: Iterable[str], record: Mapping[str, Any]) -> list[Any]:
    row = []
    for name in names:
        value = record.get(name)
        if value is None:
            row.append(0 if name in plan.booleans else None)
            continue
        encode = plan.encoders[name]
        row.append(encode(value) if encode else value)
    return row
