"""CustomApplication: a Lightning app."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomApplication:
    name: str
    label: str
    description: str
    header_color: str
    tabs: tuple[str, ...]
    template: str = "CustomApplication.xml.jinja"

    @property
    def path(self) -> str:
        return f"main/default/applications/{self.name}.app-meta.xml"
