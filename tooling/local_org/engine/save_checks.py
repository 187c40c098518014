"""System validation, validation rules and uniqueness of a batch: one query per kind of check, never one per record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import (
    DuplicateValue,
    EntityIsDeleted,
    InvalidCrossReference,
    InvalidField,
    OrgError,
    RequiredFieldMissing,
    RestrictedPicklist,
    ValidationRuleRefused,
    error_class,
)
from ..flow.host import Record
from ..formula import FormulaRuntimeError
from ..schema.types import Field, FieldType, SObject
from ..schema.values import check_value
from .batch import Batch, Change
from .record_values import RecordValues

_RULE_COST = 0.02
"""Milliseconds of CPU per evaluated validation rule."""
_RECORD_COST = 0.05


_UNIQUE_TOGETHER = {
    "PermissionSetAssignment": ("AssigneeId", "PermissionSetId"),
    "QueueSobject": ("QueueId", "SobjectType"),
    "GroupMember": ("GroupId", "UserOrGroupId"),
}


def checked_values(sobject: SObject, values: Mapping[str, Any], errors: list[OrgError]) -> Record:
    """What a flow wrote, as it will be stored: text trimmed and empty text null; what does not fit its field is added to the errors."""
    checked: Record = {}
    for name, value in values.items():
        field = sobject.field(name)
        if field is None:
            errors.append(InvalidField(f"No such column '{name}' on sobject of type {sobject.name}"))
            continue
        try:
            checked[field.name] = check_value(field, value)
        except OrgError as error:
            errors.append(error)
    return checked


def check_required(batch: Batch) -> None:
    """Of new records all required fields, of others those that lost their value."""
    required = batch.rules.required
    for change in batch.alive():
        record, before = change.record, change.prior or {}
        missing = [f.name for f in required if record.get(f.name) is None and (change.is_insert or before.get(f.name) is not None)]
        if missing:
            change.refuse(RequiredFieldMissing(f"Required fields are missing: [{', '.join(missing)}]", missing))


def check_references(batch: Batch) -> None:
    """Every lookup that was set leads to a record of a type it may lead to; one query per parent object."""
    schema = batch.tx.runtime.metadata.schema
    wanted: dict[str, list[tuple[Change, Field, str]]] = {}
    for change in batch.alive():
        for field in batch.rules.references:
            value = change.record.get(field.name)
            if not value or not change.changes(field.name):
                continue
            parent = schema.of_id(value)
            if parent is None or parent.name not in field.reference_to:
                wrong = error_class("FIELD_INTEGRITY_EXCEPTION")
                change.refuse(wrong(f"{field.label}: id value of incorrect type: {value}", (field.name,)))
            else:
                wanted.setdefault(parent.name, []).append((change, field, value))
    for parent_name, uses in wanted.items():
        parent = schema.get(parent_name)
        if parent is not None:
            _check_parents(batch, parent, uses)


def _check_parents(batch: Batch, parent: SObject, uses: list[tuple[Change, Field, str]]) -> None:
    ids = {value for _, _, value in uses}
    found: Mapping[str, Record] = batch.tx.runtime.store.records.read(parent, ids, _what_matters(parent), include_deleted=True)
    queue_objects = _queue_objects(batch, [i for i in ids if i in found]) if parent.name == "Group" else {}
    for change, field, value in uses:
        problem = _parent_problem(batch, field, found.get(value), queue_objects)
        if problem is not None:
            change.refuse(problem)


def _parent_problem(batch: Batch, field: Field, parent: Record | None, queue_objects: Mapping[str, set[str]]) -> OrgError | None:
    if parent is None:
        return InvalidCrossReference("invalid cross reference id", (field.name,) if field.custom else ())
    if parent.get("IsDeleted"):
        return EntityIsDeleted("entity is deleted", (field.name,))
    if field.name != "OwnerId":
        return None
    if parent.get("IsActive") is False:
        return error_class("INACTIVE_OWNER_OR_USER")(
            f"operation performed with inactive user [{parent['Id'][:15]}] as owner of {batch.sobject.label.lower()}"
        )
    if "Type" in parent and batch.sobject.name not in queue_objects.get(parent["Id"], ()):
        return error_class("INVALID_OPERATION")("Queue not associated with this SObject type", ("OwnerId",))
    return None


def _what_matters(parent: SObject) -> list[str]:
    if parent.name == "Group":
        return ["Id", "Type"]
    return [name for name in ("Id", "IsDeleted", "IsActive" if parent.name == "User" else "Id") if parent.field(name) is not None]


def _queue_objects(batch: Batch, group_ids: Iterable[str]) -> dict[str, set[str]]:
    sobject = batch.tx.runtime.metadata.schema.get("QueueSobject")
    objects: dict[str, set[str]] = {}
    if sobject is not None:
        for record in batch.tx.runtime.store.records.find(sobject, "QueueId", group_ids):
            objects.setdefault(record["QueueId"], set()).add(record["SobjectType"])
    return objects


def check_record_types(batch: Batch) -> None:
    """The record type belongs to the object and is active, and what changes in restricted picklists is a value of it."""
    known = batch.tx.runtime.record_types(batch.sobject)
    if "RecordTypeId" not in batch.rules.blank:
        return
    for change in batch.alive():
        chosen = change.record.get("RecordTypeId")
        if chosen is None:
            continue
        found = known.by_id.get(chosen)
        moved = change.changes("RecordTypeId")
        if moved and (found is None or not found.active):
            text = f"Record Type ID: this ID value isn't valid for the user: {chosen}"
            change.refuse(InvalidCrossReference(text, ("RecordTypeId",)))
        elif found is not None:
            names = [name for name in found.picklists if moved or change.changes(name)]
            for name in names:
                _check_values_of_record_type(batch.sobject, change, name, found.picklists[name].allowed)


def _check_values_of_record_type(sobject: SObject, change: Change, name: str, allowed: frozenset[str]) -> None:
    field, value = sobject.field(name), change.record.get(name)
    if field is None or not field.restricted or value is None:
        return
    for part in value.split(";") if field.type is FieldType.MULTIPICKLIST else (value,):
        if part not in allowed:
            change.refuse(RestrictedPicklist(f"{field.label}: bad value for restricted picklist field: {part}", (name,)))


def check_validation_rules(batch: Batch) -> None:
    """All active rules of the object; every rule that is broken is reported, as Salesforce reports them together."""
    rules = batch.rules.validation
    alive = list(batch.alive())
    batch.tx.limits.spend(len(alive) * (_RECORD_COST + _RULE_COST * len(rules)))
    if not rules or not batch.how.automation:
        return
    batch.tx.reader.prefetch(batch.sobject, [change.record for change in alive], batch.rules.validation_paths)
    for change in alive:
        values = RecordValues(batch.tx.reader, batch.sobject, change.record, change.prior, is_new=change.is_insert)
        for compiled in rules:
            rule = compiled.rule
            try:
                broken = compiled.condition.evaluate(values)
            except FormulaRuntimeError as error:
                text = f'The formula in the "{rule.name}" validation rule is invalid due to the following: {error}'
                change.refuse(ValidationRuleRefused(text))
                continue
            if broken:
                change.refuse(ValidationRuleRefused(rule.message, (rule.error_field,) if rule.error_field else ()))


def check_uniqueness(batch: Batch) -> None:
    """Unique fields against the store, one query per field and chunk, and within the batch."""
    for field in batch.rules.unique:
        setting = [c for c in batch.alive() if c.record.get(field.name) is not None and (c.is_insert or c.changes(field.name))]
        if not setting:
            continue
        taken: dict[Any, str] = {}
        for record in batch.tx.runtime.store.records.find(
            batch.sobject, field.name, [c.record[field.name] for c in setting], ["Id", field.name]
        ):
            taken[_key(field, record[field.name])] = record["Id"]
        leaving = {c.id for c in setting}
        claimed: dict[Any, Change] = {}
        for change in setting:
            key = _key(field, change.record[field.name])
            holder = taken.get(key)
            if holder is not None and holder != change.id and holder not in leaving:
                change.refuse(_duplicate(field, holder))
            elif key in claimed:
                change.refuse(_duplicate(field, claimed[key].id))
            else:
                claimed[key] = change
    _check_pairs(batch)


def _check_pairs(batch: Batch) -> None:
    """Objects whose records are unique by several fields together."""
    hierarchy = batch.sobject.setting_type == "Hierarchy"
    names = ("SetupOwnerId",) if hierarchy else _UNIQUE_TOGETHER.get(batch.sobject.name)
    if names is None:
        return
    alive = [change for change in batch.alive() if change.is_insert]
    found = batch.tx.runtime.store.records.find(batch.sobject, names[0], [c.record.get(names[0]) for c in alive], ["Id", *names])
    taken: dict[tuple[Any, ...], str | None] = {tuple(record[name] for name in names): record["Id"] for record in found}
    for change in alive:
        key = tuple(change.record.get(name) for name in names)
        if key in taken:
            holder = (taken[key] or "<unknown>")[:15]
            change.refuse(DuplicateValue(f"duplicate value found: {names[0]} duplicates value on record with id: {holder}", (names[0],)))
        taken.setdefault(key, None)


def _key(field: Field, value: Any) -> Any:
    return value.casefold() if isinstance(value, str) and not field.case_sensitive else value


def _duplicate(field: Field, holder: str | None) -> DuplicateValue:
    """Salesforce names the holder by its 15-character id, and cannot name one that is not saved yet."""
    if holder is None:
        return DuplicateValue("duplicate value found: <unknown> duplicates value on record with id: <unknown>")
    return DuplicateValue(f"duplicate value found: {field.name} duplicates value on record with id: {holder[:15]}", (field.name,))
