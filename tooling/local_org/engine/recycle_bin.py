"""What went into the recycle bin together: records that were cascaded, lookups that were cleared."""

from __future__ import annotations

from collections.abc import Iterable

from ..store import Store

_TABLE = """
CREATE TABLE IF NOT EXISTS org_recycle_bin (root TEXT NOT NULL, sobject TEXT NOT NULL, record_id TEXT NOT NULL, field TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS org_recycle_bin_root ON org_recycle_bin (root);
"""


def prepare_recycle_bin(store: Store) -> None:
    store.connection.executescript(_TABLE)


def remember(store: Store, root: str, consequences: Iterable[tuple[str, str, str]]) -> None:
    """(sObject, record id, field) of what went with a record; no field for a record that was cascaded."""
    store.connection.executemany("INSERT INTO org_recycle_bin VALUES (?, ?, ?, ?)", [(root, *what) for what in consequences])


def take_out(store: Store, root: str) -> list[tuple[str, str, str]]:
    """What went with a record, which is forgotten."""
    rows = store.connection.execute("SELECT sobject, record_id, field FROM org_recycle_bin WHERE root = ?", (root,)).fetchall()
    store.connection.execute("DELETE FROM org_recycle_bin WHERE root = ?", (root,))
    return rows
