"""Deleting and undeleting: cascades, lookups that are cleared, lookups that forbid it, the recycle bin.

Facts: Object Relationships Overview; SOAP API Developer Guide, delete() and undelete().
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ..errors import EntityIsDeleted, InsufficientAccess, InvalidCrossReference, LimitExceeded, OrgError, error_class
from ..flow.host import Record
from ..schema.types import ChildRelationship, SObject
from ..store import Store
from . import record_triggers
from .batch import SYSTEM, Batch, Change, Saving
from .last_activity import note_activities
from .order_of_execution import save
from .person_accounts import cannot_delete
from .recycle_bin import Gone, remember, take_out
from .roll_ups import roll_up
from .save_checks import check_uniqueness
from .transaction import Transaction

_FOR_GOOD = frozenset(
    {"PermissionSetAssignment", "QueueSobject", "GroupMember", "PermissionSet", "Group", "ObjectPermissions", "FieldPermissions"}
)
"""Setup records have no recycle bin."""


@dataclass(slots=True)
class _Consequences:
    """What deleting a record does to others."""

    root: str
    cascaded: dict[str, list[str]] = field(default_factory=dict)
    """Ids by sObject."""
    cleared: list[Gone] = field(default_factory=list)
    """Lookups that become empty."""
    forbidden_by: list[tuple[SObject, Record]] = field(default_factory=list)


def delete(tx: Transaction, sobject: SObject, changes: Sequence[Change], how: Saving = SYSTEM) -> None:
    """Deletes the records whose changes have no errors, with what hangs on them.

    Raises:
        LimitExceeded: a governor limit in a flow that runs before the deletion.
    """
    records = tx.runtime.store.records.read(sobject, [change.id for change in changes if change.id], include_deleted=True)
    seen: set[str | None] = set()
    for change in changes:
        if change.errors:
            continue
        change.is_insert = False
        if change.id in seen:
            change.refuse(EntityIsDeleted("entity is deleted"))
            continue
        seen.add(change.id)
        found = records.get(change.id or "")
        problem = _cannot_delete(tx, sobject, found, how)
        if problem is not None or found is None:
            change.refuse(problem or InvalidCrossReference("invalid cross reference id"))
            continue
        change.record, change.prior = dict(found), found
    with tx.nested():
        record_triggers.before_delete(tx, sobject.name, changes)
        for change in changes:
            if change.errors or change.id is None:
                continue
            consequences = _Consequences(change.id)
            _follow(tx, sobject, [change.id], consequences)
            if consequences.forbidden_by:
                change.refuse(_restricted(sobject, change.record, consequences.forbidden_by))
            else:
                _carry_out_and_roll_up(tx, sobject, change, consequences)
        note_activities(tx, sobject, [change.record for change in changes if not change.errors], [])


def undelete(tx: Transaction, sobject: SObject, changes: Sequence[Change]) -> None:
    """Takes records out of the recycle bin, with what was deleted along and the lookups that were cleared."""
    store = tx.runtime.store
    records = store.records.read(sobject, [change.id for change in changes if change.id], include_deleted=True)
    for change in changes:
        found = records.get(change.id or "")
        if change.errors:
            continue
        if found is None or not found.get("IsDeleted"):
            change.refuse(error_class("UNDELETE_FAILED")("Entity is not in the recycle bin"))
            continue
        if (problem := cannot_delete(sobject, found)) is not None:
            change.refuse(problem)
            continue
        change.record = {**found, "IsDeleted": False}
    # A unique value may have been taken meanwhile.
    check_uniqueness(Batch(tx, sobject, tx.runtime.rules(sobject), changes, True, SYSTEM, tx.runtime.clock.now()))
    for change in changes:
        if change.errors or change.id is None:
            continue
        store.records.undelete(sobject, [change.id])
        for name, record_id, link, target in take_out(store, change.id):
            child = tx.runtime.metadata.schema.get(name)
            if child is None:
                continue
            if not link:
                store.records.undelete(child, [record_id])
            elif (current := store.records.read(child, [record_id]).get(record_id)) is not None and current.get(link) is None:
                store.records.update(child, [(record_id, {link: target or change.id})])
    tx.reader.forget_all()
    undeleted = [change.record for change in changes if not change.errors]
    note_activities(tx, sobject, [], undeleted)
    roll_up(tx, sobject, undeleted, save)


def _cannot_delete(tx: Transaction, sobject: SObject, record: Record | None, how: Saving) -> OrgError | None:
    if record is None:
        return InvalidCrossReference("invalid cross reference id")
    if record.get("IsDeleted"):
        return EntityIsDeleted("entity is deleted")
    if how.as_user and not tx.runtime.access.may_delete_record(tx.user, sobject.name, record):
        return InsufficientAccess("insufficient access rights on object id")
    return cannot_delete(sobject, record)


def _follow(tx: Transaction, sobject: SObject, ids: list[str], consequences: _Consequences) -> None:
    """Children along their lookups' delete constraints, level by level."""
    schema = tx.runtime.metadata.schema
    for link in schema.children(sobject.name):
        child = schema.get(link.child)
        if child is None or link.field.name in ("CreatedById", "LastModifiedById", "OwnerId") or not _is_stored(link):
            continue
        found = tx.runtime.store.records.find(child, link.field.name, ids)
        seen = set(consequences.cascaded.get(child.name, ()))
        seen |= {record["Id"] for _, record in consequences.forbidden_by}
        found = [record for record in found if record["Id"] not in seen and record["Id"] != consequences.root]
        if not found:
            continue
        match link.field.delete_constraint:
            case "CascadeUnlessActivated" if any(_is_activated(record) for record in found):
                consequences.forbidden_by += [(child, record) for record in found if _is_activated(record)]
            case "Cascade" | "CascadeUnlessActivated":
                children = [record["Id"] for record in found]
                consequences.cascaded.setdefault(child.name, []).extend(children)
                _follow(tx, child, children, consequences)
            case "Restrict":
                consequences.forbidden_by += [(child, record) for record in found]
            case _:
                name = link.field.name
                consequences.cleared += [(child.name, record["Id"], name, record[name]) for record in found]


def _is_activated(contract: Record) -> bool:
    """Salesforce Help, "Considerations for Deleting Accounts": one with activated contracts stays."""
    return "Activated" in (contract.get("Status"), contract.get("StatusCode"))


def _is_stored(link: ChildRelationship) -> bool:
    return not link.field.calculated


def _carry_out_and_roll_up(tx: Transaction, sobject: SObject, change: Change, consequences: _Consequences) -> None:
    """A master that cannot be saved without the detail keeps the detail."""
    if not tx.runtime.roll_ups(sobject):
        _carry_out(tx, sobject, consequences)
        return
    mark = tx.mark()
    try:
        with tx.runtime.store.savepoint():
            _carry_out(tx, sobject, consequences)
            for error in roll_up(tx, sobject, [change.record], save).values():
                raise error
    except LimitExceeded:
        raise
    except OrgError as error:
        tx.rewind(mark)
        change.refuse(error)


def _carry_out(tx: Transaction, sobject: SObject, consequences: _Consequences) -> None:
    """Neither cascaded deletions nor cleared lookups fire flows: Apex Developer Guide, "Operations That Don't Invoke Triggers"."""
    store, schema = tx.runtime.store, tx.runtime.metadata.schema
    along: list[Gone] = []
    for name, record_id, link, target in consequences.cleared:
        child = schema.get(name)
        if child is not None and record_id not in consequences.cascaded.get(name, ()):
            store.records.update(child, [(record_id, {link: None})])
            along.append((name, record_id, link, target))
    for name, ids in consequences.cascaded.items():
        child = schema.get(name)
        if child is not None:
            _remove(store, child, ids)
            along += [(name, record_id, "", "") for record_id in ids]
    _remove(store, sobject, [consequences.root])
    remember(store, consequences.root, along)
    tx.reader.forget_all()


def _remove(store: Store, sobject: SObject, ids: Iterable[str]) -> None:
    if sobject.name in _FOR_GOOD:
        store.records.purge(sobject, ids)
    else:
        store.records.delete(sobject, ids)


def _restricted(sobject: SObject, record: Record, children: list[tuple[SObject, Record]]) -> OrgError:
    names: dict[str, list[str]] = {}
    for child, found in children:
        name_field = child.name_field
        names.setdefault(child.label_plural.lower(), []).append(str(found.get(name_field.name if name_field else "Id") or found["Id"]))
    what = "; ".join(f"{label}: {', '.join(sorted(found)[:5])}" for label, found in names.items())
    own = sobject.name_field
    subject = record.get(own.name) if own is not None else record["Id"]
    return error_class("DELETE_FAILED")(
        f"Your attempt to delete {subject} could not be completed because it is associated with the following {what}."
    )
