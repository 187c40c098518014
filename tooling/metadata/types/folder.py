"""ReportFolder and DashboardFolder: seen by everybody, changed by nobody but administrators."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    kind: str
    """Report or Dashboard."""
    name: str
    label: str
    template: str = "Folder.xml.jinja"

    @property
    def path(self) -> str:
        return f"main/default/{self.kind.lower()}s/{self.name}.{self.kind.lower()}Folder-meta.xml"
