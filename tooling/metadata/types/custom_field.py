"""CustomField: a field of an object."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PicklistValue:
    value: str
    label: str
    default: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomField:
    """Attributes in the Metadata API's order; what is None is not printed."""

    sobject: str
    name: str
    case_sensitive: bool | None = None
    default_value: str | None = None
    delete_constraint: str | None = None
    description: str
    external_id: bool | None = None
    field_manageability: str | None = None
    formula: str | None = None
    treat_blanks_as: str | None = None
    help_text: str
    label: str
    length: int | None = None
    precision: int | None = None
    reference_to: str | None = None
    relationship_label: str | None = None
    relationship_name: str | None = None
    relationship_order: int | None = None
    reparentable: bool | None = None
    required: bool | None = None
    scale: int | None = None
    track_trending: bool | None = None
    type: str
    unique: bool | None = None
    values: tuple[PicklistValue, ...] | None = None
    restricted: bool = False
    visible_lines: int | None = None
    write_requires_master_read: bool | None = None
    template: str = "CustomField.xml.jinja"

    @property
    def path(self) -> str:
        return f"main/default/objects/{self.sobject}/fields/{self.name}.field-meta.xml"
