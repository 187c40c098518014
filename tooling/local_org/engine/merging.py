"""Merging records: children move to the master without flows, the others are deleted and name their master.

Facts: SOAP API Developer Guide, merge(); Apex Developer Guide, "Triggers and Merge Statements".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import EntityIsDeleted, InsufficientAccess, InvalidCrossReference, OrgError, error_class
from ..schema.types import SObject
from . import record_triggers
from .batch import Change, DuplicateCheck, Saving
from .coercion import Coercion, SaveOptions, id_of
from .object_rules import AUDIT
from .order_of_execution import save
from .person_accounts import refuse_merge
from .roll_ups import roll_up
from .transaction import Transaction

_MERGEABLE = frozenset({"Account", "Contact", "Lead", "Case"})
_MOST_LOSERS = 2


@dataclass(frozen=True, slots=True)
class MergeResult:
    id: str
    merged_record_ids: tuple[str, ...]
    updated_related_ids: tuple[str, ...]


def merge(tx: Transaction, sobject: SObject, master: Mapping[str, Any], losers: Sequence[str]) -> MergeResult:
    """`master` carries its Id and the fields to change on it.

    Raises:
        OrgError: the records cannot be merged, or the master's save is refused; nothing is saved then.
    """
    if sobject.name not in _MERGEABLE:
        raise error_class("INVALID_OPERATION")(f"entity type does not support merge: {sobject.label}")
    ids = [id_of(sobject, loser) for loser in losers]
    change = Coercion(tx, sobject, False, SaveOptions()).changes([master])[0]
    if change.errors or change.id is None:
        raise change.errors[0]
    if not 1 <= len(ids) <= _MOST_LOSERS or change.id in ids or len(set(ids)) < len(ids):
        raise error_class("INVALID_ARGUMENT")("A merge takes one master record and one or two other records")
    _demand_permission(tx, sobject, [change.id, *ids])
    related = [record_id for loser in ids for record_id in _reparent(tx, sobject, loser, change.id)]
    _delete(tx, sobject, ids, change.id)
    save(tx, sobject, [change], insert=False, how=Saving(as_user=True, duplicates=DuplicateCheck.OFF))
    if change.errors:
        raise change.errors[0]
    return MergeResult(change.id, tuple(ids), tuple(related))


def _demand_permission(tx: Transaction, sobject: SObject, ids: Sequence[str]) -> None:
    access = tx.runtime.access.object(tx.user, sobject.name)
    found = tx.runtime.store.records.read(sobject, ids, include_deleted=True)
    for record_id in ids:
        record = found.get(record_id)
        if record is None:
            raise InvalidCrossReference("invalid cross reference id")
        if record.get("IsDeleted"):
            raise EntityIsDeleted("entity is deleted")
        if not (access.edit and access.delete and tx.runtime.access.may_edit_record(tx.user, sobject.name, record)):
            raise InsufficientAccess("insufficient access rights on object id")
    refuse_merge(found.values())


def _reparent(tx: Transaction, sobject: SObject, loser: str, master: str) -> list[str]:
    """All lookups to the loser lead to the master; no flow and no validation rule runs for the children."""
    records, schema, moved = tx.runtime.store.records, tx.runtime.metadata.schema, []
    for link in schema.children(sobject.name):
        child = schema.get(link.child)
        if child is None or link.field.name in AUDIT or link.field.name == "MasterRecordId" or link.field.calculated:
            continue
        found = records.find(child, link.field.name, [loser], ["Id"])
        stamp = {"SystemModstamp": tx.runtime.clock.now()} if child.field("SystemModstamp") else {}
        records.update(child, [(record["Id"], {link.field.name: master, **stamp}) for record in found])
        moved += [record["Id"] for record in found]
        if found:
            roll_up(tx, child, [{link.field.name: master}], save)
    tx.reader.forget_all()
    return moved


def _delete(tx: Transaction, sobject: SObject, ids: Sequence[str], master: str) -> None:
    found = tx.runtime.store.records.read(sobject, ids)
    changes = [Change({}, record_id, dict(found[record_id]), found[record_id], is_insert=False) for record_id in ids]
    record_triggers.before_delete(tx, sobject.name, changes)
    refused: list[OrgError] = [error for change in changes for error in change.errors]
    if refused:
        raise refused[0]
    tx.runtime.store.records.update(sobject, [(record_id, {"MasterRecordId": master}) for record_id in ids])
    tx.runtime.store.records.delete(sobject, ids)
    tx.reader.forget(sobject.name, ids)
