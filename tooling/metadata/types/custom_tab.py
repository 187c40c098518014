"""CustomTab: the tab of an object of ours."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomTab:
    sobject: str
    description: str
    motif: str
    """The icon, for example `Custom57: Building Block`."""
    template: str = "CustomTab.xml.jinja"

    @property
    def path(self) -> str:
        return f"main/default/tabs/{self.sobject}.tab-meta.xml"
