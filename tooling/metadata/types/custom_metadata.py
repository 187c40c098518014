"""CustomMetadata: a record of a custom metadata type."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TextValue:
    field: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomMetadata:
    type: str
    """Without `__mdt`."""
    name: str
    label: str
    values: tuple[TextValue, ...]
    template: str = "CustomMetadata.xml.jinja"

    @property
    def path(self) -> str:
        return f"main/default/customMetadata/{self.type}.{self.name}.md-meta.xml"
