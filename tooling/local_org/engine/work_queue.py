"""Automation that waits: asynchronous paths, scheduled paths, scheduled flows. Rows of the store, so that they survive a restart."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ..store import Store
from ..store.columns import encode_datetime

_TABLES = """
CREATE TABLE IF NOT EXISTS org_work (
    number INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, flow TEXT NOT NULL, path TEXT NOT NULL, sobject TEXT NOT NULL,
    record_id TEXT NOT NULL, user_id TEXT NOT NULL, due TEXT NOT NULL, batch_size INTEGER NOT NULL, generation INTEGER NOT NULL,
    traced INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS org_work_due ON org_work (due, number);
CREATE INDEX IF NOT EXISTS org_work_batch ON org_work (kind, flow, path, user_id, due, number);
CREATE INDEX IF NOT EXISTS org_work_record ON org_work (record_id, flow) WHERE kind = 'path';
"""
_COLUMNS = "number, kind, flow, path, sobject, record_id, user_id, due, batch_size, generation, traced"


class Kind(StrEnum):
    ASYNC = "async"
    """An AsyncAfterCommit path of one record."""
    PATH = "path"
    """A scheduled path of one record."""
    SCHEDULE = "schedule"
    """The next run of a schedule-triggered flow; its records are found when it is due."""
    RECORD = "record"
    """One interview of a schedule-triggered flow that is running."""


@dataclass(frozen=True, slots=True)
class Work:
    """One waiting interview. `generation` counts how many asynchronous transactions led to it."""

    kind: Kind
    flow: str
    path: str
    sobject: str
    record_id: str
    user_id: str
    due: datetime
    batch_size: int = 200
    generation: int = 0
    traced: bool = True
    number: int = 0


class WorkQueue:
    def __init__(self, store: Store) -> None:
        self._store = store
        store.connection.executescript(_TABLES)

    def put(self, works: Iterable[Work]) -> None:
        self._store.connection.executemany(
            "INSERT INTO org_work (kind, flow, path, sobject, record_id, user_id, due, batch_size, generation, traced)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (w.kind, w.flow, w.path, w.sobject, w.record_id, w.user_id, encode_datetime(w.due), w.batch_size, w.generation, w.traced)
                for w in works
            ],
        )

    def remove(self, works: Iterable[Work]) -> None:
        self._store.connection.executemany("DELETE FROM org_work WHERE number = ?", [(work.number,) for work in works])

    def remove_paths(self, flow: str, record_ids: Sequence[str]) -> None:
        """Forgets the pending scheduled paths of a flow for some records."""
        self._store.connection.execute(
            "DELETE FROM org_work WHERE kind = 'path' AND flow = ? AND record_id IN (SELECT value FROM json_each(?))",
            (flow, json.dumps(list(record_ids))),
        )

    def pending_paths(self, flow: str, record_ids: Sequence[str]) -> list[Work]:
        return self._select(
            "kind = 'path' AND flow = ? AND record_id IN (SELECT value FROM json_each(?))", (flow, json.dumps(list(record_ids)))
        )

    def schedules(self) -> list[Work]:
        return self._select("kind = 'schedule'", ())

    def next_batch(self, now: datetime) -> list[Work]:
        """The interviews that run next in one transaction: of one flow, path and user, each record once; empty when nothing is due."""
        moment = encode_datetime(now)
        first = self._select("due <= ? ORDER BY due, number LIMIT 1", (moment,))
        if not first:
            return []
        head = first[0]
        if head.kind is Kind.SCHEDULE:
            return first
        alike = self._select(
            "kind = ? AND flow = ? AND path = ? AND user_id = ? AND due <= ? ORDER BY due, number LIMIT ?",
            (head.kind, head.flow, head.path, head.user_id, moment, head.batch_size),
        )
        batch: dict[str, Work] = {}
        for work in alike:
            if work.record_id in batch:
                break
            batch[work.record_id] = work
        return list(batch.values())

    def next_due(self) -> datetime | None:
        row = self._store.connection.execute("SELECT MIN(due) FROM org_work").fetchone()
        return None if row[0] is None else datetime.fromisoformat(row[0])

    def count(self) -> dict[str, int]:
        """How many interviews wait, by kind."""
        return dict(self._store.connection.execute("SELECT kind, COUNT(*) FROM org_work GROUP BY kind").fetchall())

    def clear(self) -> None:
        """Forgets what waits for records; the runs of schedule-triggered flows stay."""
        self._store.connection.execute("DELETE FROM org_work WHERE kind <> 'schedule'")

    def _select(self, where: str, parameters: tuple[object, ...]) -> list[Work]:
        rows = self._store.connection.execute(f"SELECT {_COLUMNS} FROM org_work WHERE {where}", parameters)
        return [
            Work(Kind(kind), flow, path, sobject, record_id, user_id, datetime.fromisoformat(due), size, generation, bool(traced), number)
            for number, kind, flow, path, sobject, record_id, user_id, due, size, generation, traced in rows
        ]
