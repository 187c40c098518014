"""CustomMetadata: a record of a custom metadata type."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Value:
    """A field's value; None is blank."""

    field: str
    value: str | bool | int | None

    @property
    def type(self) -> str:
        """The value's type in XML Schema. Numbers are doubles whatever their scale, as a retrieve has them."""
        if isinstance(self.value, bool):
            return "boolean"
        return "double" if isinstance(self.value, int) else "string"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomMetadata:
    type: str
    """Without `__mdt`."""
    name: str
    label: str
    values: tuple[Value, ...]
    template: str = "CustomMetadata.xml.jinja"

    @property
    def path(self) -> str:
        return f"main/default/customMetadata/{self.type}.{self.name}.md-meta.xml"
