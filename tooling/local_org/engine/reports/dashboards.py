"""Dashboards: which report each component shows, and what of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import tzinfo

from ...errors import OrgError
from ...schema.source import Component
from ...schema.xml import Node
from ..org import Org, User
from .definition import ROW_COUNT, read_summaries
from .errors import ReportError, unsupported
from .result import ReportResult
from .run import run_report

SHOWN = (
    "Bar", "BarGrouped", "BarStacked", "BarStacked100", "Column", "ColumnGrouped", "ColumnStacked", "ColumnStacked100", "Donut", "Funnel",
    "Gauge", "Line", "LineGrouped", "Metric", "Pie", "Table", "FlexTable",
)  # fmt: skip
"""Component types whose figures are shown."""
_COLUMNS = 12


@dataclass(frozen=True, slots=True)
class Place:
    """On a grid of twelve columns, counted from 0."""

    row: int
    column: int
    width: int


@dataclass(frozen=True, slots=True)
class Tile:
    """A component of a dashboard with the answer of its report, or the reason why there is none."""

    title: str
    footer: str
    kind: str
    report: str
    place: Place
    result: ReportResult | None
    summary: int
    """The figure that the component draws, by its place among the report's summaries."""
    grouping: int
    """The level of groups it draws, counted from 0."""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Dashboard:
    name: str
    title: str
    description: str
    tiles: tuple[Tile, ...]
    """By row, then by column."""


def run_dashboard(org: Org, name: str, *, user: User | None, time_zone: tzinfo) -> Dashboard:
    """The deployed dashboard `Folder/Name` with the answers of its reports, each of which is run once.

    Raises:
        ReportError: no such dashboard, or one with filters.
    """
    component = org.metadata.components.get(("Dashboard", name))
    if component is None:
        raise ReportError(f"There is no dashboard {name}")
    node = component.node
    if node.child("dashboardFilters") is not None:
        raise unsupported("dashboardFilters of dashboards")
    answers: dict[str, ReportResult | ReportError | OrgError] = {}
    tiles = []
    for place, each in _components(component):
        report = each.value("report") or ""
        if report and report not in answers:
            try:
                answers[report] = run_report(org, report, user=user, time_zone=time_zone)
            except (ReportError, OrgError) as error:
                answers[report] = error
        tiles.append(_tile(each, place, report, answers.get(report)))
    ordered = tuple(sorted(tiles, key=lambda tile: (tile.place.row, tile.place.column)))
    return Dashboard(name, node.value("title") or name, node.value("description") or "", ordered)


def _components(dashboard: Component) -> Iterator[tuple[Place, Node]]:
    """Of the grid, or of the three sections that older dashboards have."""
    for layout in dashboard.node.all("dashboardGridLayout"):
        scale = _COLUMNS / max(layout.number("numberOfColumns", _COLUMNS), 1)
        for cell in layout.all("dashboardGridComponents"):
            place = Place(cell.number("rowIndex"), round(cell.number("columnIndex") * scale), round(cell.number("colSpan") * scale))
            for each in cell.all("dashboardComponent"):
                yield place, each
    for at, tag in enumerate(("leftSection", "middleSection", "rightSection")):
        for section in dashboard.node.all(tag):
            for row, each in enumerate(section.all("components")):
                yield Place(row, at * 4, 4), each


def _tile(node: Node, place: Place, report: str, answer: ReportResult | ReportError | OrgError | None) -> Tile:
    kind = node.value("componentType") or ""
    title = node.value("header") or node.value("title") or report
    problem = ""
    result = answer if isinstance(answer, ReportResult) else None
    summary = grouping = 0
    try:
        if kind not in SHOWN:
            raise unsupported(f"The dashboard component {kind}")
        if answer is None:
            raise unsupported(f"A dashboard component {kind} without a report")
        if not isinstance(answer, ReportResult):
            raise answer
        summary, grouping = _drawn(node, answer)
    except (ReportError, OrgError) as error:
        result, problem = None, error.message
    return Tile(title, node.value("footer") or node.value("metricLabel") or "", kind, report, place, result, summary, grouping, problem)


def _drawn(node: Node, result: ReportResult) -> tuple[int, int]:
    """The figure and the level: the report chart's own, or those of the component, or record counts of the outermost groups."""
    chart = result.definition.chart
    summaries = read_summaries(node.all("chartSummary"))
    groupings = tuple(each.text.strip() for each in node.all("groupingColumn"))
    if node.flag("useReportChart") and chart is not None:
        summaries, groupings = chart.summaries, chart.groupings
    column, aggregate = summaries[0] if summaries else (ROW_COUNT, "")
    summary = result.summary(column, aggregate)
    if summary is None:
        raise ReportError(f"The report {result.definition.name} has no summary {column} {aggregate}".rstrip())
    names = [each.name for each in result.grouped_by]
    if groupings and groupings[0] not in names:
        raise ReportError(f"The report {result.definition.name} is not grouped by {groupings[0]}")
    return summary, names.index(groupings[0]) if groupings else 0
