"""A source's part of the ledger on this machine's disk, while a Bulk run compares very many responses with it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tooling.bridge.ledger import Ledger, Stored, stored_from
from tooling.salesforce.org import TargetOrg

_NUMBERS = ("Revision__c", "NPS_Response_Count__c")
_TRUTH = {"true": True, "false": False}


class LedgerCopy:
    """Read by one Bulk query when it is first asked. The file has no name and goes with the process."""

    def __init__(self, org: TargetOrg, ledger: Ledger, source: str, *, is_empty: bool) -> None:
        self._org, self._ledger, self._source, self._is_empty = org, ledger, source, is_empty
        self._rows: sqlite3.Connection | None = None

    def by_key(self, keys: Sequence[str]) -> dict[str, Stored]:
        """The responses with these keys. Who came after the copy was made is refused as a duplicate, and planned anew."""
        if self._is_empty:
            return {}
        if self._rows is None:
            self._rows = sqlite3.connect("")
            self._rows.execute("CREATE TABLE response (key TEXT PRIMARY KEY, row TEXT) WITHOUT ROWID")
            rows = self._org.bulk_query(self._ledger.copy_query(self._source))
            self._rows.executemany(
                "INSERT OR REPLACE INTO response VALUES (?, ?)", ((row["Response_Key__c"], json.dumps(row)) for row in rows)
            )
        return {stored.key: stored for stored in self._found(self._rows, keys)}

    def _found(self, rows: sqlite3.Connection, keys: Sequence[str]) -> Iterator[Stored]:
        for start in range(0, len(keys), 500):
            part = keys[start : start + 500]
            marks = ",".join("?" * len(part))
            for (text,) in rows.execute(f"SELECT row FROM response WHERE key IN ({marks})", part):
                yield stored_from(_record(json.loads(text)))


def _record(texts: Mapping[str, str]) -> dict[str, Any]:
    """A record as REST shows it, from the texts of a Bulk query: parents nested, booleans and numbers as such."""
    record: dict[str, Any] = {}
    for name, text in texts.items():
        parent, _, field = name.rpartition(".")
        target = record.setdefault(parent, {}) if parent else record
        target[field] = float(text) if text and field in _NUMBERS else _TRUTH.get(text, text or None)
    return record
