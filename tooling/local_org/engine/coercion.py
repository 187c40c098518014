"""A client's JSON to typed changes: field names, field-level security, values, references by external id. Errors stay with their record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import InvalidField, MalformedId, NotWritable, OrgError, error_class
from ..flow.host import Record
from ..schema.ids import to_18
from ..schema.types import Field, SObject
from ..schema.values import from_json
from .batch import Change
from .transaction import Transaction


@dataclass(frozen=True, slots=True)
class SaveOptions:
    """What request headers ask of a save."""

    allow_duplicates: bool = False
    """Sforce-Duplicate-Rule-Header allowSave: duplicate rules that alert let the record pass, those that block do not."""
    bulk: bool = False
    """Part of a Bulk job: interviews keep no trace unless the org's settings ask for it."""
    truncate: bool = False
    """AllowFieldTruncationHeader: text that is too long is cut."""


@dataclass(slots=True)
class _Reference:
    """A parent named by its external id."""

    change: Change
    link: Field
    parent: SObject
    key: Field
    value: Any


@dataclass
class Coercion:
    """The records of one request and one sObject; remembers what was found out about each field name."""

    tx: Transaction
    sobject: SObject
    insert: bool
    options: SaveOptions
    _writable: dict[str, Field | OrgError | None] = field(default_factory=dict)
    _references: list[_Reference] = field(default_factory=list)

    def changes(self, records: Iterable[Mapping[str, Any]], skip: Sequence[str] = ()) -> list[Change]:
        """One change per record, in order; `skip` names keys that are no values (the key field of an upsert by Id)."""
        ignored = {"attributes", *(name.lower() for name in skip)}
        changes = [self._change(record, ignored) for record in records]
        self._resolve_references()
        return changes

    def _change(self, record: Mapping[str, Any], ignored: set[str]) -> Change:
        change = Change(values={}, is_insert=self.insert)
        refused: list[str] = []
        for name, raw in record.items():
            lowered = name.lower()
            if lowered in ignored:
                continue
            if lowered == "id":
                self._take_id(change, raw)
                continue
            writable = self._field(name)
            if isinstance(writable, NotWritable):
                refused.extend(writable.fields)
            elif isinstance(writable, OrgError):
                change.refuse(writable)
            elif writable is None:
                self._take_reference(change, name, raw)
            else:
                try:
                    change.values[writable.name] = from_json(writable, raw, truncate=self.options.truncate)
                except OrgError as error:
                    change.refuse(error)
        if refused:
            change.refuse(not_writable(refused))
        if not self.insert and change.id is None and not change.errors:
            change.refuse(error_class("MISSING_ARGUMENT")("Id not specified in an update call"))
        return change

    def _take_id(self, change: Change, raw: Any) -> None:
        if self.insert:
            if raw is not None:
                change.refuse(NotWritable("cannot specify Id in an insert call", ("Id",)))
            return
        try:
            change.id = id_of(self.sobject, raw)
        except OrgError as error:
            change.refuse(error)

    def _field(self, name: str) -> Field | OrgError | None:
        """The field to write, or why not; None when the name is that of a relationship."""
        if name not in self._writable:
            self._writable[name] = self._look_at(name)
        return self._writable[name]

    def _look_at(self, name: str) -> Field | OrgError | None:
        found = self.sobject.field(name)
        access, user = self.tx.runtime.access, self.tx.user
        if found is None:
            link = self.sobject.relationship(name)
            if link is None or not access.can_read(user, self.sobject.name, link.name):
                return _no_such(self.sobject, name)
            return None if self._may_write(link) else not_writable([link.name])
        if not access.can_read(user, self.sobject.name, found.name):
            return _no_such(self.sobject, name)
        return found if self._may_write(found) else not_writable([found.name])

    def _may_write(self, wanted: Field) -> bool:
        allowed = wanted.createable if self.insert else wanted.updateable
        return allowed and not wanted.calculated and self.tx.runtime.access.can_edit(self.tx.user, self.sobject.name, wanted.name)

    def _take_reference(self, change: Change, name: str, raw: Any) -> None:
        link = self.sobject.relationship(name)
        if link is None:
            return
        if raw is None:
            change.values[link.name] = None
            return
        keys = [key for key in raw if key != "attributes"] if isinstance(raw, Mapping) else []
        if len(keys) != 1:
            malformed = error_class("INVALID_FIELD")
            change.refuse(malformed(f"The relationship {name} takes one external ID of the related record", (link.name,)))
            return
        type_name = (raw.get("attributes") or {}).get("type") or link.reference_to[0]
        parent = self.tx.runtime.metadata.schema.get(type_name)
        key = parent.field(keys[0]) if parent is not None else None
        if parent is None or key is None or not (key.external_id or key.id_lookup or key.name == "Id"):
            change.refuse(InvalidField(f"No such column '{keys[0]}' on sobject of type {type_name}"))
            return
        try:
            value = from_json(key, raw[keys[0]])
        except OrgError as error:
            change.refuse(error)
            return
        if key.name == "Id":
            change.values[link.name] = value
        else:
            self._references.append(_Reference(change, link, parent, key, value))

    def _resolve_references(self) -> None:
        """One query per parent object and external id field."""
        groups: dict[tuple[str, str], list[_Reference]] = {}
        for reference in self._references:
            groups.setdefault((reference.parent.name, reference.key.name), []).append(reference)
        for (_, key_name), references in groups.items():
            parent, key = references[0].parent, references[0].key
            found = matches(self.tx, parent, key, [reference.value for reference in references])
            for reference in references:
                ids = found.get(key_of(key, reference.value), [])
                if len(ids) == 1:
                    reference.change.values[reference.link.name] = ids[0]
                elif ids:
                    reference.change.refuse(several_found(key, ids))
                else:
                    text = f"Foreign key external ID: {reference.value} not found for field {key_name} in entity {parent.name}"
                    reference.change.refuse(InvalidField(text))
        self._references.clear()


def id_of(sobject: SObject, raw: Any) -> str:
    """The 18-character id of a record of this sObject.

    Raises:
        MalformedId: not an id, or one of another sObject.
    """
    try:
        record_id = to_18(str(raw).strip())
    except MalformedId:
        record_id = ""
    if not record_id or record_id[:3] != sobject.key_prefix:
        raise MalformedId(f"{sobject.label} ID: id value of incorrect type: {raw}", ("Id",))
    return record_id


def matches(tx: Transaction, sobject: SObject, key: Field, values: Iterable[Any]) -> dict[Any, list[str]]:
    """Ids by key value, found with one query."""
    found: dict[Any, list[str]] = {}
    wanted = [value for value in values if value is not None]
    for record in tx.runtime.store.records.find(sobject, key.name, wanted, ["Id", key.name]):
        found.setdefault(key_of(key, record[key.name]), []).append(record["Id"])
    return found


def key_of(key: Field, value: Any) -> Any:
    """External ids are compared without regard to case unless the field says otherwise."""
    return value.casefold() if isinstance(value, str) and not key.case_sensitive else value


def several_found(key: Field, ids: Sequence[str]) -> OrgError:
    return error_class("DUPLICATE_EXTERNAL_ID")(
        f"{key.label}: more than one record found for external id field: [{', '.join(ids)}]", (key.name,)
    )


def typed(record: Mapping[str, Any]) -> Record:
    """A flow's record without the keys that are not fields."""
    return {name: value for name, value in record.items() if name != "attributes"}


def not_writable(names: Sequence[str]) -> NotWritable:
    """The refusal of fields that the caller cannot write."""
    return NotWritable(
        f"Unable to create/update fields: {', '.join(names)}. Please check the security settings of this field and verify that it is "
        "read/write for your profile or permission set.",
        tuple(names),
    )


def _no_such(sobject: SObject, name: str) -> InvalidField:
    return InvalidField(f"No such column '{name}' on sobject of type {sobject.name}")
