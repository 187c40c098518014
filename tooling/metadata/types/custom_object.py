"""CustomObject: a custom object, a custom setting or a custom metadata type; fields and the like are files of their own."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomObject:
    name: str
    label: str
    plural_label: str | None
    description: str
    compact_layout: str | None = None
    record_page: str | None = None
    """The Lightning page that shows a record."""
    activities: bool | None = None
    name_label: str | None = None
    name_format: str | None = None
    sharing_model: str | None = None
    setting: str | None = None
    """Hierarchy for a custom setting."""
    visibility: str | None = None
    """Of custom settings and custom metadata types: Public."""
    template: str = "CustomObject.xml.jinja"

    @property
    def is_record_holder(self) -> bool:
        """A custom object proper: it has a name field, sharing and a deployment status."""
        return self.name_label is not None

    @property
    def path(self) -> str:
        return f"main/default/objects/{self.name}/{self.name}.object-meta.xml"
