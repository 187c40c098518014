"""The deployed metadata components as rows: what an org reads its schema, permissions and flows from when it opens."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

TABLES = """
CREATE TABLE IF NOT EXISTS org_component (
    type TEXT NOT NULL, full_name TEXT NOT NULL, file_name TEXT NOT NULL, xml BLOB NOT NULL, content BLOB, id TEXT NOT NULL,
    created TEXT NOT NULL, modified TEXT NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (type, full_name)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS org_flow_version (
    name TEXT NOT NULL, number INTEGER NOT NULL, xml BLOB NOT NULL, id TEXT NOT NULL, active INTEGER NOT NULL, modified TEXT NOT NULL,
    PRIMARY KEY (name, number)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS org_key_prefix (sobject TEXT PRIMARY KEY, prefix TEXT NOT NULL UNIQUE) WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class ComponentRow:
    """Times as text, as in record columns. `position` keeps the order of creation, which fields are listed in."""

    type: str
    full_name: str
    file_name: str
    xml: bytes
    content: bytes | None
    id: str
    created: str
    modified: str
    position: int


@dataclass(frozen=True, slots=True)
class FlowVersionRow:
    name: str
    number: int
    xml: bytes
    id: str
    active: bool
    modified: str


class Components:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def all(self) -> Iterator[ComponentRow]:
        """Every component, in order of creation."""
        rows = self._connection.execute(
            "SELECT type, full_name, file_name, xml, content, id, created, modified, position FROM org_component ORDER BY position"
        )
        return (ComponentRow(*row) for row in rows)

    def next_position(self) -> int:
        return int(self._connection.execute("SELECT COALESCE(MAX(position), 0) + 1 FROM org_component").fetchone()[0])

    def put(self, rows: Iterable[ComponentRow]) -> None:
        """Keeps components; one of the same type and name is replaced but keeps its id, place and creation time."""
        self._connection.executemany(
            "INSERT INTO org_component (type, full_name, file_name, xml, content, id, created, modified, position)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (type, full_name) DO UPDATE SET"
            " file_name = excluded.file_name, xml = excluded.xml, content = excluded.content, modified = excluded.modified",
            [(r.type, r.full_name, r.file_name, r.xml, r.content, r.id, r.created, r.modified, r.position) for r in rows],
        )

    def remove(self, keys: Iterable[tuple[str, str]]) -> None:
        self._connection.executemany("DELETE FROM org_component WHERE type = ? AND full_name = ?", list(keys))

    def flow_versions(self) -> Iterator[FlowVersionRow]:
        rows = self._connection.execute("SELECT name, number, xml, id, active, modified FROM org_flow_version ORDER BY name, number")
        return (
            FlowVersionRow(name, number, xml, record_id, bool(active), modified) for name, number, xml, record_id, active, modified in rows
        )

    def add_flow_version(self, row: FlowVersionRow) -> None:
        self._connection.execute(
            "INSERT INTO org_flow_version VALUES (?, ?, ?, ?, ?, ?)", (row.name, row.number, row.xml, row.id, int(row.active), row.modified)
        )

    def activate_flow(self, name: str, number: int) -> None:
        """Makes one version the active one; 0 makes none active."""
        self._connection.execute("UPDATE org_flow_version SET active = (number = ?) WHERE name = ?", (number, name))

    def remove_flow(self, name: str) -> None:
        self._connection.execute("DELETE FROM org_flow_version WHERE name = ?", (name,))

    def key_prefixes(self) -> dict[str, str]:
        """Of custom objects, by API name. A prefix stays with its name, also after the object was deleted."""
        return dict(self._connection.execute("SELECT sobject, prefix FROM org_key_prefix"))

    def add_key_prefix(self, sobject: str, prefix: str) -> None:
        self._connection.execute("INSERT INTO org_key_prefix VALUES (?, ?)", (sobject, prefix))
