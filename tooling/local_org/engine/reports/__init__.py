"""Reports and dashboards, run. Reading order: definition, columns, rows, filters, grouping, summaries, run, dashboards."""

from __future__ import annotations

from .dashboards import Dashboard, Tile, run_dashboard
from .errors import ReportError
from .result import ERROR, Fact, Figure, Group, ReportResult, Summary
from .rows import Cell
from .run import run_report

__all__ = [
    "ERROR",
    "Cell",
    "Dashboard",
    "Fact",
    "Figure",
    "Group",
    "ReportError",
    "ReportResult",
    "Summary",
    "Tile",
    "run_dashboard",
    "run_report",
]
