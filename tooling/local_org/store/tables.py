"""The table of an sObject: made, altered and dropped as the schema changes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from ..schema.types import Field, Schema, SObject
from .columns import column_sql, has_column, is_indexed, quoted, storage_class


def create_table(connection: sqlite3.Connection, sobject: SObject) -> None:
    columns = ", ".join(column_sql(sobject, field) for field in sobject.fields if has_column(field))
    connection.execute(f"CREATE TABLE {quoted(sobject.name)} ({columns})")
    for field in sobject.fields:
        if is_indexed(field):
            _create_index(connection, sobject, field)


def drop_table(connection: sqlite3.Connection, sobject: SObject) -> None:
    connection.execute(f"DROP TABLE {quoted(sobject.name)}")


def alter_table(connection: sqlite3.Connection, old: SObject, new: SObject) -> None:
    """Adds and drops columns and indexes. A column whose text comparison changes is rebuilt with its values."""
    before = {field.name.lower(): field for field in old.fields if has_column(field)}
    after = {field.name.lower(): field for field in new.fields if has_column(field)}
    for name, field in before.items():
        if is_indexed(field) and (name not in after or not is_indexed(after[name]) or _rebuilt(old, field, new, after[name])):
            connection.execute(f"DROP INDEX IF EXISTS {_index_name(old, field)}")
    for name, field in before.items():
        if name not in after:
            connection.execute(f"ALTER TABLE {quoted(old.name)} DROP COLUMN {quoted(field.name)}")
    for name, field in after.items():
        if name not in before:
            connection.execute(f"ALTER TABLE {quoted(new.name)} ADD COLUMN {column_sql(new, field)}")
        elif _rebuilt(old, before[name], new, field):
            _rebuild(connection, new, before[name], field)
    for name, field in after.items():
        if is_indexed(field) and (name not in before or not is_indexed(before[name]) or _rebuilt(old, before[name], new, field)):
            _create_index(connection, new, field)


def change_tables(connection: sqlite3.Connection, old: Schema, new: Schema) -> None:
    """Makes the tables of one schema those of another. Run it inside a transaction: SQLite undoes structure too."""
    for before, after in _pairs(old, new):
        if before is None and after is not None:
            create_table(connection, after)
        elif before is not None and after is None:
            drop_table(connection, before)
        elif before is not None and after is not None and before.fields != after.fields:
            alter_table(connection, before, after)


def _pairs(old: Schema, new: Schema) -> Iterator[tuple[SObject | None, SObject | None]]:
    for sobject in old:
        yield sobject, new.get(sobject.name)
    for sobject in new:
        if old.get(sobject.name) is None:
            yield None, sobject


def _rebuilt(old: SObject, before: Field, new: SObject, after: Field) -> bool:
    return column_sql(old, before) != column_sql(new, after)


def _rebuild(connection: sqlite3.Connection, sobject: SObject, before: Field, after: Field) -> None:
    table, spare = quoted(sobject.name), quoted(f"{before.name} before")
    connection.execute(f"ALTER TABLE {table} RENAME COLUMN {quoted(before.name)} TO {spare}")
    connection.execute(f"ALTER TABLE {table} ADD COLUMN {column_sql(sobject, after)}")
    connection.execute(f"UPDATE {table} SET {quoted(after.name)} = CAST({spare} AS {storage_class(after)}) WHERE {spare} IS NOT NULL")
    connection.execute(f"ALTER TABLE {table} DROP COLUMN {spare}")


def _create_index(connection: sqlite3.Connection, sobject: SObject, field: Field) -> None:
    connection.execute(f"CREATE INDEX {_index_name(sobject, field)} ON {quoted(sobject.name)} ({quoted(field.name)})")


def _index_name(sobject: SObject, field: Field) -> str:
    return quoted(f"{sobject.name}.{field.name}")
