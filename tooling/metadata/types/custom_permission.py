"""CustomPermission: a switch that formulas read as $Permission."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomPermission:
    name: str
    label: str
    description: str
    template: str = "CustomPermission.xml.jinja"

    @property
    def path(self) -> str:
        return f"main/default/customPermissions/{self.name}.customPermission-meta.xml"
