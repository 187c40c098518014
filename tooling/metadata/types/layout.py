"""Layout: the page of a record. Only our own objects get one: deploying a standard object's layout would overwrite the customer's."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True, slots=True)
class Item:
    field: str
    behavior: str
    """Edit, Required or Readonly."""


@dataclass(frozen=True, slots=True)
class Section:
    label: str
    columns: tuple[tuple[Item, ...], ...]
    style: str
    """OneColumn or TwoColumnsTopToBottom."""


@dataclass(frozen=True, slots=True)
class RelatedList:
    name: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    sobject: str
    name: str
    sections: tuple[Section, ...]
    related_lists: tuple[RelatedList, ...] = ()
    template: str = "Layout.xml.jinja"

    @property
    def path(self) -> str:
        return f"main/default/layouts/{self.sobject}-{quote(self.name, safe=' ')}.layout-meta.xml"
