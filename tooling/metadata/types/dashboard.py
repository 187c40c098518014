"""Dashboard: charts of reports on a grid of twelve columns."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tile:
    report: str
    """`Folder/Name`; the tile shows the report's own chart."""
    title: str
    kind: str
    """The component's type, as the chart's: Line, Bar, Donut …"""
    row: int
    column: int
    width: int = 6
    height: int = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Dashboard:
    folder: str
    name: str
    title: str
    description: str
    tiles: tuple[Tile, ...]
    template: str = "Dashboard.xml.jinja"

    @property
    def path(self) -> str:
        return f"main/default/dashboards/{self.folder}/{self.name}.dashboard-meta.xml"
