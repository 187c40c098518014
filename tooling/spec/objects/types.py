"""What an object and a field of ours are, as values: enough to generate metadata, to write a dictionary and to know who may write what."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple


class FieldType(StrEnum):
    """The Metadata API's own words."""

    TEXT = "Text"
    LONG_TEXT = "LongTextArea"
    EMAIL = "Email"
    NUMBER = "Number"
    CHECKBOX = "Checkbox"
    DATE = "Date"
    DATETIME = "DateTime"
    PICKLIST = "Picklist"
    LOOKUP = "Lookup"
    MASTER_DETAIL = "MasterDetail"


class Writer(StrEnum):
    """Who changes a field through the API or the user interface; flows run in system context and need no grant."""

    ADMIN = "admin"
    USER = "user"
    BRIDGE = "bridge"


class Choice(NamedTuple):
    """A picklist value."""

    value: str
    label: str
    default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSpec:
    """A field of ours. `length` is in characters; `precision` counts all digits, `scale` those after the point."""

    api_name: str
    label: str
    type: FieldType
    description: str
    """For the admin, in Setup: what it is, who sets it."""
    help_text: str
    """For the user, beside the field."""
    section: str = ""
    """The section of the page layout."""
    calculated: bool = False
    """A formula field: its text is the generator's."""
    length: int | None = None
    precision: int | None = None
    scale: int | None = None
    visible_lines: int | None = None
    choices: tuple[Choice, ...] = ()
    restricted: bool = False
    unique: bool = False
    case_sensitive: bool = False
    external_id: bool = False
    default: str | None = None
    """The default value as a formula: `false`, `1`, `NOW()`."""
    reference_to: str | None = None
    relationship_name: str | None = None
    relationship_label: str | None = None
    writers: frozenset[Writer] = frozenset()
    """Who may edit it, apart from flows. The admin may edit all that is not a formula."""
    bridge_reads: bool = False
    """The bridge reads it although it does not write it."""
    personal: bool = False
    """Holds what a person said or who they are: part of what an erasure redacts."""

    @property
    def is_reference(self) -> bool:
        return self.type in (FieldType.LOOKUP, FieldType.MASTER_DETAIL)


class ObjectKind(StrEnum):
    CUSTOM = "custom object"
    STANDARD = "standard object"
    """Only our fields are deployed, never the object itself."""
    SETTING = "hierarchy custom setting"
    METADATA_TYPE = "custom metadata type"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectSpec:
    """An object of ours, or a standard one that carries fields of ours."""

    api_name: str
    label: str
    plural_label: str
    kind: ObjectKind
    description: str
    fields: tuple[FieldSpec, ...]
    name_label: str = ""
    name_format: str = ""
    """The display format of an auto-numbered Name."""
    sharing_model: str = "ReadWrite"
    activities: bool = False

    def field(self, api_name: str) -> FieldSpec | None:
        return next((f for f in self.fields if f.api_name == api_name), None)

    def with_fields(self, fields: tuple[FieldSpec, ...]) -> ObjectSpec:
        return replace(self, fields=fields)
