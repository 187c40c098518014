"""sObjects as data: what describe shows, what the store makes tables of, what formulas, SOQL and flows are checked against."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum


class FieldType(StrEnum):
    """The type names of a describe answer."""

    ID = "id"
    REFERENCE = "reference"
    STRING = "string"
    TEXTAREA = "textarea"
    EMAIL = "email"
    PHONE = "phone"
    URL = "url"
    PICKLIST = "picklist"
    MULTIPICKLIST = "multipicklist"
    COMBOBOX = "combobox"
    BOOLEAN = "boolean"
    INT = "int"
    DOUBLE = "double"
    CURRENCY = "currency"
    PERCENT = "percent"
    DATE = "date"
    DATETIME = "datetime"
    TIME = "time"
    ADDRESS = "address"
    LOCATION = "location"
    BASE64 = "base64"
    ENCRYPTED = "encryptedstring"
    ANY = "anyType"

    @property
    def is_number(self) -> bool:
        return self in _NUMBERS

    @property
    def is_date(self) -> bool:
        """With a time or without."""
        return self in _DATES

    @property
    def is_text(self) -> bool:
        """Stored as a Python str (ids and picklists included)."""
        return self in _TEXTS


_NUMBERS = frozenset({FieldType.INT, FieldType.DOUBLE, FieldType.CURRENCY, FieldType.PERCENT})
_DATES = frozenset({FieldType.DATE, FieldType.DATETIME})
_TEXTS = frozenset(
    {
        FieldType.ID, FieldType.REFERENCE, FieldType.STRING, FieldType.TEXTAREA, FieldType.EMAIL, FieldType.PHONE, FieldType.URL,
        FieldType.PICKLIST, FieldType.MULTIPICKLIST, FieldType.COMBOBOX, FieldType.BASE64, FieldType.ENCRYPTED, FieldType.ANY,
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PicklistValue:
    value: str
    label: str
    active: bool = True
    default: bool = False


@dataclass(frozen=True, slots=True)
class SummaryFilter:
    field: str
    operator: str
    value: str


@dataclass(frozen=True, slots=True)
class Summary:
    """A roll-up over the children of a master-detail relationship."""

    operation: str
    """count, sum, min or max."""
    child: str
    foreign_key: str
    """The child's master-detail field."""
    field: str | None
    """The child's field, None for a count."""
    filters: tuple[SummaryFilter, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """One field of an sObject. `length` is in characters; `precision` counts all digits, `scale` those after the point."""

    name: str
    label: str
    type: FieldType
    length: int = 0
    precision: int = 0
    scale: int = 0
    nillable: bool = True
    createable: bool = True
    updateable: bool = True
    custom: bool = False
    unique: bool = False
    case_sensitive: bool = False
    external_id: bool = False
    id_lookup: bool = False
    name_field: bool = False
    defaulted_on_create: bool = False
    picklist: tuple[PicklistValue, ...] = ()
    restricted: bool = False
    reference_to: tuple[str, ...] = ()
    relationship_name: str | None = None
    """Child to parent: `Account` beside `AccountId`, `Contact__r` beside `Contact__c`."""
    child_relationship_name: str | None = None
    """Parent to child: `Contacts`, `Survey_Responses__r`."""
    delete_constraint: str = "SetNull"
    """SetNull, Restrict or Cascade (a master-detail is Cascade); CascadeUnlessActivated of a contract's account does either."""
    master_detail: bool = False
    default_formula: str | None = None
    """The metadata's defaultValue: a formula, also for literals."""
    formula: str | None = None
    blanks_as_zero: bool = False
    auto_number: str | None = None
    """Display format, for example `SR-{00000000}`."""
    metadata_type: str = ""
    """The Metadata API's own word (`LongTextArea`, `Lookup`, `Summary` …), empty for standard fields."""
    description: str = ""
    help_text: str = ""
    compound: str | None = None
    """The compound field (`BillingAddress`, `Name`) this field is a part of."""
    permissionable: bool = True
    """Whether field-level security can be granted for it: not so for required, master-detail and system fields."""
    summary: Summary | None = None
    """Set for a roll-up summary."""

    @property
    def required(self) -> bool:
        """A record cannot be saved without it; checkboxes and fields with a platform default are never missing."""
        return not self.nillable and self.createable and not self.defaulted_on_create and self.type is not FieldType.BOOLEAN

    @property
    def calculated(self) -> bool:
        return self.formula is not None

    @property
    def is_long_text(self) -> bool:
        """Not filterable, not sortable, not in formulas."""
        return self.type is FieldType.TEXTAREA and self.length > 255


@dataclass(frozen=True, slots=True)
class ValidationRule:
    name: str
    condition: str
    message: str
    error_field: str | None = None
    active: bool = True
    description: str = ""


@dataclass(frozen=True, slots=True)
class RecordType:
    developer_name: str
    label: str
    active: bool = True
    description: str = ""
    id: str = ""


class ObjectKind(StrEnum):
    STANDARD = "standard"
    CUSTOM = "custom"
    CUSTOM_SETTING = "custom setting"
    CUSTOM_METADATA = "custom metadata"


@dataclass(frozen=True)
class SObject:
    """An sObject type. Field look-up is case-insensitive, as everywhere in Salesforce."""

    name: str
    label: str
    label_plural: str
    key_prefix: str
    fields: tuple[Field, ...]
    kind: ObjectKind = ObjectKind.STANDARD
    sharing_model: str = "ReadWrite"
    """Organisation-wide default: Private, Read, ReadWrite or ControlledByParent."""
    validation_rules: tuple[ValidationRule, ...] = ()
    record_types: tuple[RecordType, ...] = ()
    createable: bool = True
    updateable: bool = True
    deletable: bool = True
    queryable: bool = True
    description: str = ""
    flags: frozenset[str] = frozenset()
    """The describe keys that are true for this object: `mergeable`, `searchable`, `triggerable`, `undeletable` …"""
    tooling: bool = False
    """Known to the Tooling API only."""
    activities: bool = False
    """Tasks and events can be about its records (WhatId)."""
    setting_type: str | None = None
    """Of a custom setting: Hierarchy or List."""
    _by_name: dict[str, Field] = field(init=False, repr=False, compare=False, hash=False)
    _by_relationship: dict[str, Field] = field(init=False, repr=False, compare=False, hash=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {f.name.lower(): f for f in self.fields})
        object.__setattr__(self, "_by_relationship", {f.relationship_name.lower(): f for f in self.fields if f.relationship_name})

    @property
    def custom(self) -> bool:
        return self.kind is not ObjectKind.STANDARD

    def field(self, name: str) -> Field | None:
        return self._by_name.get(name.lower())

    def relationship(self, name: str) -> Field | None:
        """The lookup field behind a child-to-parent relationship name (`Account` → AccountId)."""
        return self._by_relationship.get(name.lower())

    @property
    def name_field(self) -> Field | None:
        """The field of `Name`, or what stands for it (`CaseNumber`, `Subject`)."""
        return next((f for f in self.fields if f.name_field), None)


@dataclass(frozen=True, slots=True)
class ChildRelationship:
    name: str | None
    child: str
    field: Field


class Schema:
    """All sObjects of an org; an immutable value, replaced as a whole by a deploy."""

    def __init__(self, sobjects: Iterable[SObject]) -> None:
        self._by_name = {s.name.lower(): s for s in sobjects}
        self._by_prefix = {s.key_prefix: s for s in self._by_name.values() if s.key_prefix}
        self._children: dict[str, list[ChildRelationship]] = {}
        for sobject in self._by_name.values():
            for f in sobject.fields:
                for parent in f.reference_to:
                    relationship = ChildRelationship(f.child_relationship_name, sobject.name, f)
                    self._children.setdefault(parent.lower(), []).append(relationship)

    def __iter__(self) -> Iterator[SObject]:
        return iter(self._by_name.values())

    def __len__(self) -> int:
        return len(self._by_name)

    def __getitem__(self, name: str) -> SObject:
        """An object that every org has, `Account` for example."""
        return self._by_name[name.lower()]

    def get(self, name: str) -> SObject | None:
        return self._by_name.get(name.lower())

    def of_id(self, record_id: str) -> SObject | None:
        """The sObject type that an id's key prefix names."""
        return self._by_prefix.get(record_id[:3])

    def children(self, name: str) -> list[ChildRelationship]:
        return self._children.get(name.lower(), [])

    def with_sobjects(self, changed: Iterable[SObject], removed: Iterable[str] = ()) -> Schema:
        """A copy in which the given sObjects replace or join those of the same name."""
        gone = {n.lower() for n in removed}
        merged = {k: v for k, v in self._by_name.items() if k not in gone}
        merged.update({s.name.lower(): s for s in changed})
        return Schema(merged.values())
