"""CompactLayout: the fields in the highlights of a record."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CompactLayout:
    sobject: str
    name: str
    label: str
    fields: tuple[str, ...]
    template: str = "CompactLayout.xml.jinja"

    @property
    def path(self) -> str:
        return f"main/default/objects/{self.sobject}/compactLayouts/{self.name}.compactLayout-meta.xml"
