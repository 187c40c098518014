"""The org's one SQLite connection: transactions, savepoints, counters, settings, snapshots."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .components import TABLES, Components
from .ids import make_id
from .records import Records

COLLATION = "SALESFORCE"
_TABLES = """
CREATE TABLE IF NOT EXISTS org_meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS org_counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
"""


def compare(left: str, right: str) -> int:
    """Text order of SOQL: upper and lower case are the same."""
    left, right = left.casefold(), right.casefold()
    return (left > right) - (left < right)


class Store:
    """Not thread-safe: the engine's lock guards it. `connection` is in autocommit mode; every write belongs inside `transaction()`."""

    def __init__(self, path: Path, temporary: tempfile.TemporaryDirectory[str] | None = None) -> None:
        self.path = path
        self._temporary = temporary
        self.connection = _connect(path)
        self._finalizer = weakref.finalize(self, _close, self.connection, temporary)
        self.connection.executescript(_TABLES + TABLES)
        self.records = Records(self.connection, self.next_numbers)
        self.components = Components(self.connection)
        self._savepoints = 0

    @classmethod
    def open(cls, path: Path | None = None) -> Store:
        """The database at `path`, made when absent; without a path a temporary one that is removed on close."""
        if path is not None:
            return cls(path)
        temporary = tempfile.TemporaryDirectory(prefix="local-org-", ignore_cleanup_errors=True)
        return cls(Path(temporary.name) / "org.sqlite", temporary)

    def close(self) -> None:
        self._finalizer()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """BEGIN … COMMIT, rolled back when the block raises; inside another transaction it is a savepoint."""
        if self.connection.in_transaction:
            with self.savepoint():
                yield
            return
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        self.connection.execute("COMMIT")

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undone when the block raises."""
        self._savepoints += 1
        name = f"sp{self._savepoints}"
        self.connection.execute(f"SAVEPOINT {name}")
        try:
            yield
        except BaseException:
            self.connection.execute(f"ROLLBACK TO {name}")
            self.connection.execute(f"RELEASE {name}")
            raise
        finally:
            self._savepoints -= 1
        self.connection.execute(f"RELEASE {name}")

    def meta(self, key: str) -> str | None:
        row = self.connection.execute("SELECT value FROM org_meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def set_meta(self, key: str, value: str | None) -> None:
        """Keeps a text under a key; None forgets it."""
        if value is None:
            self.connection.execute("DELETE FROM org_meta WHERE key = ?", (key,))
        else:
            self.connection.execute(
                "INSERT INTO org_meta VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", (key, value)
            )

    def next_numbers(self, counter: str, count: int) -> range:
        """The next `count` numbers of a named counter, which starts at 1. A rollback gives them back."""
        row = self.connection.execute(
            "INSERT INTO org_counter VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = value + ?2 RETURNING value", (counter, count)
        ).fetchone()
        return range(row[0] - count + 1, row[0] + 1)

    def new_id(self, prefix: str) -> str:
        """An id for something that is no record of an sObject: a component, a deploy, a session."""
        return make_id(prefix, self.next_numbers(f"id {prefix}", 1)[0])

    def snapshot(self, path: Path) -> None:
        """Copies the whole database into another file."""
        path.unlink(missing_ok=True)
        target = sqlite3.connect(path)
        try:
            self.connection.backup(target)
        finally:
            target.close()

    def restore(self, path: Path) -> None:
        """Replaces the whole database by a snapshot; metadata must be loaded again.

        Raises:
            FileNotFoundError: no such snapshot.
        """
        if not path.exists():
            raise FileNotFoundError(path)
        source = sqlite3.connect(path)
        try:
            source.backup(self.connection)
        finally:
            source.close()
        self.records.forget_plans()

    def copy_to(self, path: Path) -> None:
        """Copies the database file as it lies, for a later `Store.open` elsewhere."""
        self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.copyfile(self.path, path)


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, cached_statements=512)
    connection.create_collation(COLLATION, compare)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA cache_size=-65536")
    connection.execute("PRAGMA temp_store=MEMORY")
    return connection


def _close(connection: sqlite3.Connection, temporary: tempfile.TemporaryDirectory[str] | None) -> None:
    connection.close()
    if temporary is not None:
        temporary.cleanup()
