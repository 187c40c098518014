"""ReportType: which objects and columns reports may show. Its base object cannot be changed once it is deployed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportType:
    name: str
    label: str
    description: str
    sobject: str
    section: str
    columns: tuple[str, ...]
    """Field names of the object; through a lookup with a point: `Account__c.Owner`."""
    shown: frozenset[str]
    """Those that a new report begins with."""
    category: str = "other"
    template: str = "ReportType.xml.jinja"

    @property
    def path(self) -> str:
        return f"main/default/reportTypes/{self.name}.reportType-meta.xml"
