"""What went into the recycle bin together: records that were cascaded, lookups that were cleared."""

from __future__ import annotations

from collections.abc import Iterable

from ..store import Store

_TABLE = """
CREATE TABLE IF NOT EXISTS org_recycle_bin (
    root TEXT NOT NULL, sobject TEXT NOT NULL, record_id TEXT NOT NULL, field TEXT NOT NULL, target TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS org_recycle_bin_root ON org_recycle_bin (root);
"""


Gone = tuple[str, str, str, str]
"""sObject and id of a record that was cascaded; or of one whose lookup was cleared, with the field and the id it held."""


def prepare_recycle_bin(store: Store) -> None:
    store.connection.executescript(_TABLE)
    columns = {row[1] for row in store.connection.execute("PRAGMA table_info(org_recycle_bin)")}
    if "target" not in columns:  # made by an earlier version
        store.connection.execute("ALTER TABLE org_recycle_bin ADD COLUMN target TEXT NOT NULL DEFAULT ''")


def remember(store: Store, root: str, consequences: Iterable[Gone]) -> None:
    """What went with a record."""
    store.connection.executemany(
        "INSERT INTO org_recycle_bin (root, sobject, record_id, field, target) VALUES (?, ?, ?, ?, ?)",
        [(root, *what) for what in consequences],
    )


def take_out(store: Store, root: str) -> list[Gone]:
    """What went with a record, which is forgotten."""
    rows = store.connection.execute("SELECT sobject, record_id, field, target FROM org_recycle_bin WHERE root = ?", (root,)).fetchall()
    store.connection.execute("DELETE FROM org_recycle_bin WHERE root = ?", (root,))
    return rows
