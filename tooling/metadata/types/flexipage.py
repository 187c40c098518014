"""FlexiPage: the Lightning page of a record."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Region:
    name: str
    components: tuple[str, ...]
    """Names of standard components, for example `force:detailPanel`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlexiPage:
    name: str
    label: str
    description: str
    sobject: str
    regions: tuple[Region, ...]
    page_template: str = "flexipage:recordHomeTemplateDesktop"
    template: str = "FlexiPage.xml.jinja"

    @property
    def path(self) -> str:
        return f"main/default/flexipages/{self.name}.flexipage-meta.xml"
