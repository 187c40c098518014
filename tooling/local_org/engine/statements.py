"""DML statements of flows: typed records in, system context, counted against the transaction's limits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..flow.host import Record, Saved
from ..schema.types import SObject
from . import deletion
from .batch import Change
from .dml import changes_by_id, note_setup_change
from .order_of_execution import save
from .save_checks import checked_values
from .transaction import Transaction
from .upserting import existing, upsert_key, without

# A flow that stores a record it has read sends these along; they are not its to change.
_SYSTEM = frozenset({"Id", "CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp", "IsDeleted"})


class Statements:
    """A refused record does not stop the others. Every statement raises LimitExceeded on a breach."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def insert(self, sobject: SObject, records: Sequence[Record]) -> list[Saved]:
        self._tx.limits.count_dml(len(records))
        changes = [self._change(sobject, record, None) for record in records]
        save(self._tx, sobject, changes, insert=True)
        return self._saved(sobject, changes, created=True)

    def update(self, sobject: SObject, records: Sequence[Record]) -> list[Saved]:
        """A record named several times is updated several times, in order, each time once more towards the limit of twelve."""
        self._tx.limits.count_dml(len(records))
        return self._update(sobject, records)

    def upsert(self, sobject: SObject, records: Sequence[Record], key_field: str) -> list[Saved]:
        self._tx.limits.count_dml(len(records))
        key = upsert_key(self._tx, sobject, key_field)
        saved: list[Saved | None] = [None] * len(records)
        targets, errors = existing(self._tx, sobject, key, records)
        new = [n for n, target in enumerate(targets) if target is None and errors[n] is None]
        known = [n for n, target in enumerate(targets) if target is not None and errors[n] is None]
        changes = [self._change(sobject, without(records[n], "Id"), None) for n in new]
        save(self._tx, sobject, changes, insert=True)
        for n, result in zip(new, self._saved(sobject, changes, created=True), strict=True):
            saved[n] = result
        for n, result in zip(known, self._update(sobject, [{**records[n], "Id": targets[n]} for n in known]), strict=True):
            saved[n] = result
        return [result or Saved(None, errors[n]) for n, result in enumerate(saved)]

    def delete(self, sobject: SObject, ids: Sequence[str]) -> list[Saved]:
        self._tx.limits.count_dml(len(ids))
        changes = changes_by_id(sobject, list(dict.fromkeys(ids)))
        deletion.delete(self._tx, sobject, changes)
        outcome = {saved.id: saved for saved in self._saved(sobject, changes)}
        return [outcome.get(record_id) or Saved(record_id) for record_id in ids]

    def _update(self, sobject: SObject, records: Sequence[Record]) -> list[Saved]:
        self._tx.limits.count_updates(record["Id"] for record in records if record.get("Id"))
        saved: list[Saved | None] = [None] * len(records)
        waiting = list(enumerate(records))
        while waiting:
            turn: dict[Any, tuple[int, Record]] = {}
            later: list[tuple[int, Record]] = []
            for position, record in waiting:
                if record.get("Id") in turn:
                    later.append((position, record))
                else:
                    turn[record.get("Id")] = (position, record)
            changes = [self._change(sobject, record, record.get("Id")) for _, record in turn.values()]
            save(self._tx, sobject, changes, insert=False)
            for (position, _), result in zip(turn.values(), self._saved(sobject, changes), strict=True):
                saved[position] = result
            waiting = later
        return [result for result in saved if result is not None]

    def _change(self, sobject: SObject, record: Record, record_id: str | None) -> Change:
        change = Change(values={}, id=record_id)
        values = {}
        for name, value in record.items():
            field = sobject.field(name)
            if field is None or (field.name not in _SYSTEM and not field.calculated):
                values[name] = value
        change.values = checked_values(sobject, values, change.errors)
        return change

    def _saved(self, sobject: SObject, changes: Iterable[Change], *, created: bool = False) -> list[Saved]:
        note_setup_change(self._tx, sobject)
        return [Saved(None if c.errors and created else c.id, c.errors[0] if c.errors else None, created and not c.errors) for c in changes]
