"""`LastActivityDate`: of what an activity belongs to, the latest due date of its closed tasks and the latest date of its events.

Facts: Salesforce Help, "Differences between Last Activity and Last Modified Dates" and "Guidelines for Tracking Activities": a Contact or
Lead by the activity's name, an Account by whatever rolls up to it, anything else by the related record. No flow runs, nothing is stamped.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from ..flow.host import Record
from ..schema.types import SObject
from .transaction import Transaction

_FIELD = "LastActivityDate"
_LINKS = ("WhoId", "WhatId", "AccountId")


def note_activities(tx: Transaction, activity: SObject, before: Iterable[Record], after: Iterable[Record]) -> None:
    """Tasks or events as they were and as they are; of deleted ones, nothing is left `after`."""
    if activity.name not in ("Task", "Event"):
        return
    left, dated = _latest(activity, before), _latest(activity, after)
    parents: dict[str, list[str]] = {}
    for record_id in {**left, **dated}:
        sobject = tx.runtime.metadata.schema.of_id(record_id)
        if sobject is not None and sobject.field(_FIELD) is not None:
            parents.setdefault(sobject.name, []).append(record_id)
    for name, ids in parents.items():
        _update(tx, tx.runtime.metadata.schema[name], ids, left, dated)


def _update(tx: Transaction, parent: SObject, ids: list[str], left: dict[str, date], dated: dict[str, date]) -> None:
    changed: list[tuple[str, Record]] = []
    for record_id, record in tx.runtime.store.records.read(parent, ids, [_FIELD]).items():
        known = record.get(_FIELD)
        # Looking at all activities is for those that may have lost their latest: an account has thousands.
        lost = known is not None and left.get(record_id) == known and dated.get(record_id, date.min) < known
        latest = _of_all(tx, record_id) if lost else max((day for day in (known, dated.get(record_id)) if day), default=None)
        if latest != known:
            changed.append((record_id, {_FIELD: latest}))
    tx.runtime.store.records.update(parent, changed)
    tx.reader.forget(parent.name, [record_id for record_id, _ in changed])


def _of_all(tx: Transaction, parent_id: str) -> date | None:
    days: list[date] = []
    for name in ("Task", "Event"):
        activity = tx.runtime.metadata.schema[name]
        for link in _LINKS:
            days += _latest(activity, tx.runtime.store.records.find(activity, link, [parent_id])).values()
    return max(days, default=None)


def _latest(activity: SObject, records: Iterable[Record]) -> dict[str, date]:
    """By what the activities belong to."""
    latest: dict[str, date] = {}
    for record in records:
        day = _day(activity, record)
        if day is not None:
            for parent_id in {record[link] for link in _LINKS if record.get(link)}:
                latest[parent_id] = max(day, latest.get(parent_id, day))
    return latest


def _day(activity: SObject, record: Record) -> date | None:
    """The day that counts; None for an open task, or one without a due date."""
    if activity.name == "Task" and record.get("Status") != "Completed":
        return None
    return record.get("ActivityDate")
