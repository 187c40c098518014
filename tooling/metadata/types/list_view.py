"""ListView: a filtered list of an object's records."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Filter:
    field: str
    operation: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListView:
    sobject: str
    name: str
    label: str
    columns: tuple[str, ...]
    filters: tuple[Filter, ...] = ()
    template: str = "ListView.xml.jinja"

    @property
    def path(self) -> str:
        return f"main/default/objects/{self.sobject}/listViews/{self.name}.listView-meta.xml"
