"""DML statements of clients, one sObject each: insert, update, upsert, delete, undelete; JSON in, as the calling user."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import DuplicateValue, InsufficientAccess, NotFound, OrgError, RolledBackWithOthers, error_class
from ..schema.types import SObject
from . import deletion
from .batch import CHUNK, Change, DuplicateCheck, Saving
from .coercion import Coercion, SaveOptions, id_of
from .order_of_execution import save
from .transaction import Transaction
from .upserting import existing, upsert_key, without

_AS_USER = Saving(as_user=True)
_AS_USER_ALLOWING_DUPLICATES = Saving(as_user=True, duplicates=DuplicateCheck.ALLOW_SAVE)


@dataclass(frozen=True, slots=True)
class SaveResult:
    """What became of one record of a request."""

    id: str | None
    success: bool
    errors: tuple[OrgError, ...] = ()
    created: bool | None = None


def insert(tx: Transaction, sobject: SObject, records: Sequence[Mapping[str, Any]], options: SaveOptions) -> list[SaveResult]:
    """Raises LimitExceeded, as every statement here does."""
    refused = _without_permission(tx, sobject, "create")
    if refused is not None:
        return [_failed(refused)] * len(records)
    changes = Coercion(tx, sobject, True, options).changes(records)
    save(tx, sobject, changes, insert=True, how=_saving(options))
    return _finished(tx, sobject, changes)


def update(tx: Transaction, sobject: SObject, records: Sequence[Mapping[str, Any]], options: SaveOptions) -> list[SaveResult]:
    refused = _without_permission(tx, sobject, "edit")
    if refused is not None:
        return [_failed(refused)] * len(records)
    changes = Coercion(tx, sobject, False, options).changes(records)
    _refuse_repeated_ids(changes)
    save(tx, sobject, changes, insert=False, how=_saving(options))
    return _finished(tx, sobject, changes)


def upsert(
    tx: Transaction, sobject: SObject, key_field: str, records: Sequence[Mapping[str, Any]], options: SaveOptions
) -> list[SaveResult]:
    """Inserts the records whose key is not found, updates those where one record has it.

    Raises:
        InvalidField: the field is no external id, id-lookup field or Id.
    """
    key = upsert_key(tx, sobject, key_field)
    results: list[SaveResult] = []
    for start in range(0, len(records), CHUNK):
        chunk = records[start : start + CHUNK]
        targets, errors = existing(tx, sobject, key, chunk)
        outcome = [_failed(error) if error is not None else None for error in errors]
        new = [n for n, target in enumerate(targets) if target is None and outcome[n] is None]
        known = [n for n, target in enumerate(targets) if target is not None and outcome[n] is None]
        inserted = insert(tx, sobject, [without(chunk[n], "Id") for n in new], options) if new else []
        updated = update(tx, sobject, [{**without(chunk[n], "Id", key.name), "Id": targets[n]} for n in known], options) if known else []
        for n, result in zip(new + known, inserted + updated, strict=True):
            outcome[n] = SaveResult(result.id, result.success, result.errors, targets[n] is None if result.success else None)
        results += [result for result in outcome if result is not None]
    return results


def delete(tx: Transaction, sobject: SObject, ids: Sequence[str]) -> list[SaveResult]:
    refused = _without_permission(tx, sobject, "delete")
    if refused is not None:
        return [_failed(refused, record_id) for record_id in ids]
    changes = changes_by_id(sobject, ids)
    deletion.delete(tx, sobject, changes, _AS_USER)
    return _finished(tx, sobject, changes)


def undelete(tx: Transaction, sobject: SObject, ids: Sequence[str]) -> list[SaveResult]:
    refused = _without_permission(tx, sobject, "delete")
    if refused is not None:
        return [_failed(refused, record_id) for record_id in ids]
    changes = changes_by_id(sobject, ids)
    deletion.undelete(tx, sobject, changes)
    return _finished(tx, sobject, changes)


def all_or_none(tx: Transaction, statement: Callable[[], list[SaveResult]]) -> list[SaveResult]:
    """Undoes the whole statement when a record is refused; the others say that they were rolled back."""
    results: list[SaveResult] = []
    mark = tx.mark()
    try:
        with tx.runtime.store.savepoint():
            results = statement()
            if not all(result.success for result in results):
                raise _UndoError
    except _UndoError:
        tx.rewind(mark)
        rolled_back = RolledBackWithOthers(
            "Record rolled back because not all records were valid and the request was using AllOrNone header"
        )
        return [_failed(rolled_back) if result.success else result for result in results]
    return results


_SETUP = frozenset({"User", "Profile", "PermissionSet", "PermissionSetAssignment", "Group", "GroupMember", "QueueSobject", "UserRole"})


class _UndoError(Exception):
    """Not everything of an allOrNone statement succeeded."""


def _without_permission(tx: Transaction, sobject: SObject, what: str) -> OrgError | None:
    access = tx.runtime.access.object(tx.user, sobject.name)
    if not access.read:
        return NotFound("The requested resource does not exist")
    if what == "create" and not (access.create and sobject.createable):
        return error_class("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY")(f"entity type cannot be inserted: {sobject.label}")
    if what == "edit" and not sobject.updateable:
        return error_class("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY")(f"entity type cannot be updated: {sobject.label}")
    if what == "delete" and not sobject.deletable:
        return error_class("INSUFFICIENT_ACCESS_OR_READONLY")(f"entity type cannot be deleted: {sobject.label}")
    if (what == "edit" and not access.edit) or (what == "delete" and not access.delete):
        return InsufficientAccess("insufficient access rights on object id")
    return None


def _saving(options: SaveOptions) -> Saving:
    return _AS_USER_ALLOWING_DUPLICATES if options.allow_duplicates else _AS_USER


def _refuse_repeated_ids(changes: Sequence[Change]) -> None:
    """Every occurrence is refused: Salesforce Help, "Error 'Duplicate Id Specified'"."""
    for start in range(0, len(changes), CHUNK):
        chunk = changes[start : start + CHUNK]
        times = Counter(change.id for change in chunk if change.id)
        for change in chunk:
            if change.id and times[change.id] > 1:
                change.refuse(DuplicateValue(f"Duplicate id specified: {change.id}", ("Id",)))


def changes_by_id(sobject: SObject, ids: Iterable[str]) -> list[Change]:
    changes = []
    for raw in ids:
        change = Change(values={}, id=raw, is_insert=False)
        try:
            change.id = id_of(sobject, raw)
        except OrgError as error:
            change.refuse(error)
        changes.append(change)
    return changes


def _finished(tx: Transaction, sobject: SObject, changes: Iterable[Change]) -> list[SaveResult]:
    note_setup_change(tx, sobject)
    return [
        SaveResult(None if change.errors and change.is_insert else change.id, not change.errors, tuple(change.errors)) for change in changes
    ]


def note_setup_change(tx: Transaction, sobject: SObject) -> None:
    if sobject.name in _SETUP:
        tx.setup_changed = True
        tx.forget_setup()


def _failed(error: OrgError, record_id: str | None = None) -> SaveResult:
    return SaveResult(record_id, False, (error,))
