"""The save order, as one visible tuple of steps over chunks of at most 200 records.

Facts: Apex Developer Guide, "Triggers and Order of Execution" and "Bulk DML Exception Handling".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..errors import EntityIsDeleted, InsufficientAccess, InvalidCrossReference, OrgError, error_class
from ..flow.host import Record
from ..formula import Formula, FormulaRuntimeError
from ..schema.derived import derived_values
from ..schema.types import Field, ObjectKind, SObject
from . import duplicate_check, last_activity, person_accounts, record_triggers, roll_ups, save_checks, standard_behaviour
from .batch import CHUNK, SYSTEM, Batch, Change, Saving
from .formula_fields import field_value
from .record_types import RecordTypes
from .record_values import RecordValues
from .stamps import ORGANIZATION_ID
from .transaction import Transaction

_ATTEMPTS = 3
_OWNERS = frozenset({"OwnerId", "SetupOwnerId"})


Step = Callable[[Batch], None]


def load(batch: Batch) -> None:
    """The old record, or a blank one, overwritten with the new values."""
    prior: dict[str, Record] = {}
    if not batch.insert:
        wanted = [change.id for change in batch.changes if change.id]
        prior = batch.tx.runtime.store.records.read(batch.sobject, wanted, include_deleted=True)
    for change in batch.changes:
        if change.errors:
            continue
        if batch.insert:
            change.record = dict(batch.rules.blank)
        else:
            change.prior = prior.get(change.id or "")
            problem = _cannot_update(batch, change.prior)
            if problem is not None or change.prior is None:
                change.refuse(problem or InvalidCrossReference("invalid cross reference id"))
                continue
            change.record = dict(change.prior)
        change.record.update(change.values)


def apply_defaults(batch: Batch) -> None:
    """Default values of fields that the caller left out, the owner, and who saves when."""
    user_id, rules = batch.tx.user.id, batch.rules
    defaults: Record = {}
    if batch.insert:
        defaults.update(rules.default_values)
        if rules.default_formulas:
            values = RecordValues(batch.tx.reader, batch.sobject, {}, is_new=True)
            defaults.update({f.name: _default(f, formula, values) for f, formula in rules.default_formulas})
        if "OwnerId" in rules.blank:
            defaults["OwnerId"] = user_id
        if batch.sobject.setting_type == "Hierarchy":
            # A hierarchy custom setting without an owner is the organization's own.
            defaults["SetupOwnerId"] = ORGANIZATION_ID
    stamps = {"LastModifiedDate": batch.now, "LastModifiedById": user_id, "SystemModstamp": batch.now}
    if batch.insert:
        stamps |= {"CreatedDate": batch.now, "CreatedById": user_id}
    stamps = {name: value for name, value in stamps.items() if name in rules.audit}
    alive = list(batch.alive())
    types = batch.tx.runtime.record_types(batch.sobject) if batch.insert else RecordTypes()
    for change in alive:
        for name, value in defaults.items():
            if name not in change.values or (name in _OWNERS and change.values[name] is None):
                change.record[name] = value
        if types.by_id:
            change.record.update(types.starting_with(batch.tx.user.profile, change.values))
        change.record.update(stamps)
    if batch.insert:
        for auto in rules.auto_numbers:
            numbers = batch.tx.runtime.store.records.auto_numbers(batch.sobject, auto, len(alive))
            for change, number in zip(alive, numbers, strict=True):
                change.record[auto.name] = number
    person_accounts.begin(batch)


def _default(field: Field, formula: Formula, values: RecordValues) -> Any:
    """A default value is a formula; one that has no value leaves the field blank, a percent of 0.5 is 50."""
    try:
        return field_value(field, formula.evaluate(values))
    except FormulaRuntimeError:
        return None


def derive(batch: Batch) -> None:
    """What the platform derives from other fields: composed names, closed flags, dates, related accounts."""
    standard_behaviour.apply(batch)
    person_accounts.compose(batch)
    for change in batch.alive():
        change.record.update(derived_values(batch.sobject.name, change.record))


def run_before_save_flows(batch: Batch) -> None:
    """What they write is trimmed and checked as what a client writes; what the platform derives is derived anew."""
    if not batch.how.automation or not record_triggers.has_before_save(batch):
        return
    before = [(change, dict(change.record)) for change in batch.alive()]
    record_triggers.before_save(batch)
    for change, record in before:
        written = {name: value for name, value in change.record.items() if name not in record or record[name] != value}
        change.record.update(save_checks.checked_values(batch.sobject, written, change.errors))
    derive(batch)


def validate_system(batch: Batch) -> None:
    """Required fields, lookups that lead somewhere, owners, record types and their picklist values."""
    person_accounts.check(batch)
    save_checks.check_required(batch)
    save_checks.check_references(batch)
    save_checks.check_record_types(batch)


def validate_rules(batch: Batch) -> None:
    """All active validation rules; every one that is broken is told."""
    save_checks.check_validation_rules(batch)


def check_duplicates(batch: Batch) -> None:
    """Duplicate rules, one query per matching rule."""
    duplicate_check.check_duplicates(batch)


def check_uniqueness(batch: Batch) -> None:
    """Unique fields, against the store and within the batch."""
    save_checks.check_uniqueness(batch)
    person_accounts.check_uniqueness(batch)


def store(batch: Batch) -> None:
    """Into the store, not yet committed; of a person account both rows."""
    alive = list(batch.alive())
    records = batch.tx.runtime.store.records
    _name_by_id(batch, alive)
    person_accounts.give_ids(batch)
    if batch.insert:
        records.insert(batch.sobject, [change.record for change in alive])
        for change in alive:
            change.id = change.record["Id"]
        person_accounts.store_other_half(batch)
        return
    changed: list[tuple[str, dict[str, Any]]] = []
    for change in alive:
        before = change.prior or {}
        changed.append((change.record["Id"], {k: v for k, v in change.record.items() if k not in before or before[k] != v}))
    records.update(batch.sobject, changed)
    batch.tx.reader.forget(batch.sobject.name, [record_id for record_id, _ in changed])
    person_accounts.store_other_half(batch)


def note_activities(batch: Batch) -> None:
    """The last activity of what tasks and events belong to."""
    alive = list(batch.alive())
    last_activity.note_activities(batch.tx, batch.sobject, [c.prior for c in alive if c.prior], [c.record for c in alive])


def run_after_save_flows(batch: Batch) -> None:
    """What they save goes through these steps itself."""
    if batch.how.automation:
        record_triggers.after_save(batch)


def roll_up(batch: Batch) -> None:
    """Summaries of the masters; a master that cannot be saved refuses its details."""
    if not batch.tx.runtime.roll_ups(batch.sobject):
        return
    alive = list(batch.alive())
    details = [record for change in alive for record in (change.prior, change.record) if record is not None]
    refused = roll_ups.roll_up(batch.tx, batch.sobject, details, save)
    if not refused:
        return
    keys = [known.key.name for known in batch.tx.runtime.roll_ups(batch.sobject)]
    for change in alive:
        error = next((refused[change.record[key]] for key in keys if change.record.get(key) in refused), None)
        if error is not None:
            change.refuse(error)


def queue_paths(batch: Batch) -> None:
    """Asynchronous paths run after the commit, scheduled paths when they are due."""
    if batch.how.automation:
        record_triggers.queue_paths(batch)


SAVE_ORDER: tuple[Step, ...] = (
    load,
    apply_defaults,
    derive,
    run_before_save_flows,
    validate_system,
    validate_rules,
    check_duplicates,
    check_uniqueness,
    store,
    note_activities,
    run_after_save_flows,
    roll_up,
    queue_paths,
)


def _name_by_id(batch: Batch, alive: Sequence[Change]) -> None:
    """A custom object's record without a name is named by its id: Object Reference, "Custom Objects", field Name."""
    name = batch.sobject.name_field
    if batch.sobject.kind is not ObjectKind.CUSTOM or name is None or name.auto_number is not None:
        return
    nameless = [change.record for change in alive if change.record.get(name.name) is None]
    if nameless and batch.insert:
        ids = batch.tx.runtime.store.records.new_ids(batch.sobject, len(alive))
        for change, record_id in zip(alive, ids, strict=True):
            change.record["Id"] = record_id
    for record in nameless:
        record[name.name] = record["Id"][:15]


class _RetrySurvivorsError(Exception):
    """Records failed after they were stored: back to the savepoint, and once more without them."""


def save(tx: Transaction, sobject: SObject, changes: Sequence[Change], *, insert: bool, how: Saving = SYSTEM) -> None:
    """Saves the changes that have no errors; afterwards each has its id, or its errors.

    Raises:
        LimitExceeded: a governor limit; the whole transaction must be rolled back.
    """
    for change in changes:
        change.is_insert = insert
    with tx.nested():
        for start in range(0, len(changes), CHUNK):
            _save_chunk(tx, sobject, changes[start : start + CHUNK], insert=insert, how=how)


def _save_chunk(tx: Transaction, sobject: SObject, changes: Sequence[Change], *, insert: bool, how: Saving) -> None:
    batch = Batch(tx, sobject, tx.runtime.rules(sobject), changes, insert, how, tx.runtime.clock.now())
    for attempt in range(1, _ATTEMPTS + 1):
        if not any(batch.alive()):
            return
        mark = tx.mark()
        try:
            with tx.runtime.store.savepoint():
                _run_steps(batch)
        except _RetrySurvivorsError:
            # The counters of the failed attempt do not count: Apex Developer Guide, "Bulk DML Exception Handling".
            tx.rewind(mark)
            _begin_again(batch, give_up=attempt == _ATTEMPTS)
        else:
            return


def _run_steps(batch: Batch) -> None:
    stored: set[int] | None = None
    for step in SAVE_ORDER:
        step(batch)
        if step is store:
            stored = {id(change) for change in batch.alive()}
        if stored is not None and sum(1 for _ in batch.alive()) < len(stored):
            raise _RetrySurvivorsError
        if not any(batch.alive()):
            return


def _begin_again(batch: Batch, *, give_up: bool) -> None:
    batch.entered.clear()
    for change in batch.alive():
        if batch.insert:
            change.id = None
        change.record, change.prior = {}, None
        if give_up:
            too_many = error_class("UNKNOWN_EXCEPTION")
            change.refuse(too_many("Too many batch retries in the presence of Apex triggers and partial failures."))
    if batch.insert:
        for change in batch.changes:
            if change.errors:
                change.id = None


def _cannot_update(batch: Batch, prior: Record | None) -> OrgError | None:
    if prior is None:
        return InvalidCrossReference("invalid cross reference id")
    if prior.get("IsDeleted"):
        return EntityIsDeleted("entity is deleted")
    if batch.sobject.name == "Lead" and prior.get("IsConverted"):
        return error_class("CANNOT_UPDATE_CONVERTED_LEAD")("cannot reference converted lead")
    if batch.how.as_user and not batch.tx.runtime.access.may_edit_record(batch.tx.user, batch.sobject.name, prior):
        return InsufficientAccess("insufficient access rights on object id")
    return None
