"""Reports and dashboards as tables with bars: every figure that is drawn is also written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from ...engine.reports import Cell, Dashboard, Fact, Figure, Group, ReportError, ReportResult, Summary, Tile, run_dashboard, run_report
from ...errors import OrgError
from ...schema.types import Field
from ..wire import the_org
from . import display
from .display import Shown

_METRICS = frozenset({"Metric", "Gauge"})
_STACKED = ("Stacked", "Grouped")
_COLOURS = 6


@dataclass(frozen=True, slots=True)
class Bar:
    """A horizontal bar: where it begins and how long it is, in percent of the drawing's width."""

    left: float
    width: float
    negative: bool = False
    parts: tuple[tuple[int, float], ...] = ()
    """Colour and width of what it is made of, where groups within the group are drawn."""


@dataclass(frozen=True, slots=True)
class Line:
    """One group of a report: its figures as text, and a bar for the one that is drawn."""

    label: str
    within: str
    """The groups around it."""
    href: str
    depth: int
    figures: tuple[str, ...]
    bar: Bar | None
    rows: tuple[tuple[Shown, ...], ...] = ()
    crossings: tuple[tuple[str, ...], ...] = ()
    """Of a matrix: the figures of every group across."""


def listed(kind: str) -> list[tuple[str, list[dict[str, str]]]]:
    """Deployed components of type Report or Dashboard by folder: path, title, description."""
    folders: dict[str, list[dict[str, str]]] = {}
    for name, component in sorted(the_org().metadata.of_type(kind).items()):
        node = component.node
        title = node.value("name" if kind == "Report" else "title") or name
        about = {"path": f"/{kind.lower()}s/{name}", "title": title, "description": node.value("description") or ""}
        folders.setdefault(name.rpartition("/")[0], []).append(about)
    return list(folders.items())


def report(name: str) -> dict[str, Any] | None:
    """A report's page; None when there is none of that name."""
    org = the_org()
    component = org.metadata.components.get(("Report", name))
    if component is None:
        return None
    about = {
        "name": name, "title": component.node.value("name") or name, "description": component.node.value("description"),
        "report_type": component.node.value("reportType"), "result": None, "problem": "",
    }  # fmt: skip
    try:
        result = run_report(org, name, user=None, time_zone=display.time_zone())
    except (ReportError, OrgError) as error:
        return about | {"problem": error.message}
    drawn = _drawn_by_chart(result)
    widths = _Scale.of([result.facts[path, ()].figures[drawn] for path, _ in _walk(result.down, ())] if result.down else [])
    return about | {
        "result": result,
        "filters": _filters(result),
        "lines": [_line(result, path, group, drawn, widths) for path, group in _walk(result.down, ())],
        "total": tuple(_figures(result, result.total)),
        "total_rows": _rows(result, result.total),
        "drawn": drawn,
        "across": [(group.label, path) for path, group in _walk(result.across, ()) if not group.children],
        "total_crossings": _crossings(result, ()),
    }


def dashboard(name: str) -> dict[str, Any] | None:
    """A dashboard's page; None when there is none of that name."""
    org = the_org()
    component = org.metadata.components.get(("Dashboard", name))
    if component is None:
        return None
    try:
        found: Dashboard = run_dashboard(org, name, user=None, time_zone=display.time_zone())
    except ReportError as error:
        return {"title": component.node.value("title") or name, "description": "", "tiles": [], "problem": error.message}
    return {"title": found.title, "description": found.description, "tiles": [_tile(tile) for tile in found.tiles], "problem": ""}


def _tile(tile: Tile) -> dict[str, Any]:
    about: dict[str, Any] = {"tile": tile, "shape": "none", "lines": [], "legend": []}
    result = tile.result
    if result is None:
        return about
    summary = result.summaries[tile.summary]
    about |= {"summary": summary, "total": figure(result.total.figures[tile.summary], summary), "count": f"{result.total.count:,}"}
    if tile.kind in _METRICS:
        return about | {"shape": "metric"}
    if not result.down:
        return about | {"shape": "rows", "rows": _rows(result, result.total), "columns": result.columns}
    groups = [(path, group) for path, group in _walk(result.down, ()) if len(path) == tile.grouping + 1]
    split = any(word in tile.kind for word in _STACKED) and len(result.grouped_by) > tile.grouping + 1
    legend = list(dict.fromkeys(child.label for _, group in groups for child in group.children)) if split else []
    scale = _Scale.of([result.facts[path, ()].figures[tile.summary] for path, _ in groups])
    whole = result.total.figures[tile.summary]
    lines = []
    for path, group in groups:
        fact = result.facts[path, ()]
        value = fact.figures[tile.summary]
        lines.append(
            {
                "label": group.label, "href": _href(group), "value": figure(value, summary), "count": f"{fact.count:,}",
                "bar": _stacked(result, path, group, tile.summary, scale, legend) if split else scale.bar(value),
                "share": _share(value, whole) if tile.kind in ("Donut", "Pie", "Funnel") else "",
                "others": [(each.label, figure(fact.figures[at], each)) for at, each in _others(result, tile)],
                "parts": [_part(result, path, group, label, tile.summary) for label in legend],
            }
        )  # fmt: skip
    others = [each.label for _, each in _others(result, tile)]
    return about | {"shape": "bars", "lines": lines, "legend": legend, "others": others, "grouped_by": result.grouped_by[tile.grouping]}


def _others(result: ReportResult, tile: Tile) -> Iterator[tuple[int, Summary]]:
    """What a reader needs to judge the figure that is drawn: the record count and the summary formulas."""
    return ((at, each) for at, each in enumerate(result.summaries) if at != tile.summary and not each.aggregate)


def _part(result: ReportResult, path: tuple[int, ...], group: Group, label: str, drawn: int) -> str:
    at = next((i for i, child in enumerate(group.children) if child.label == label), None)
    return "–" if at is None else figure(result.facts[(*path, at), ()].figures[drawn], result.summaries[drawn])


def _stacked(result: ReportResult, path: tuple[int, ...], group: Group, drawn: int, scale: _Scale, legend: Sequence[str]) -> Bar | None:
    whole = scale.bar(result.facts[path, ()].figures[drawn])
    if whole is None:
        return None
    values = [(child.label, result.facts[(*path, at), ()].figures[drawn]) for at, child in enumerate(group.children)]
    total = sum((value for _, value in values if isinstance(value, Decimal)), Decimal())
    parts = [
        (legend.index(label) % _COLOURS, float(100 * value / total)) for label, value in values if isinstance(value, Decimal) and total > 0
    ]
    return Bar(whole.left, whole.width, parts=tuple(parts))


def figure(value: Figure, summary: Summary) -> str:
    """A summary's value as text, rounded half up to its scale."""
    if value is None:
        return "–"
    if isinstance(value, Decimal):
        rounded = value.quantize(Decimal(1).scaleb(-summary.scale), rounding=ROUND_HALF_UP)
        return f"{rounded:,}" + (" %" if summary.percent else "")
    return str(value)


def _share(value: Figure, whole: Figure) -> str:
    if isinstance(value, Decimal) and isinstance(whole, Decimal) and whole > 0:
        return f"{(100 * value / whole).quantize(Decimal(1), rounding=ROUND_HALF_UP)} %"
    return ""


@dataclass(frozen=True, slots=True)
class _Scale:
    """From the lowest to the highest figure; zero is always on it."""

    low: Decimal
    high: Decimal

    @classmethod
    def of(cls, values: Sequence[Figure]) -> _Scale:
        numbers = [value for value in values if isinstance(value, Decimal)]
        return cls(min([Decimal(), *numbers]), max([Decimal(), *numbers]))

    def bar(self, value: Figure) -> Bar | None:
        if not isinstance(value, Decimal) or self.low == self.high:
            return None
        span = self.high - self.low
        return Bar(float(100 * (min(value, Decimal()) - self.low) / span), float(100 * abs(value) / span), value < 0)


def _drawn_by_chart(result: ReportResult) -> int:
    """The figure of the report's chart, else the record count."""
    chart = result.definition.chart
    found = result.summary(*chart.summaries[0]) if chart is not None and chart.summaries else None
    return found or 0


def _walk(groups: Sequence[Group], above: tuple[int, ...]) -> Iterator[tuple[tuple[int, ...], Group]]:
    """Groups with their paths, each before those within it."""
    for at, group in enumerate(groups):
        yield (*above, at), group
        yield from _walk(group.children, (*above, at))


def _within(result: ReportResult, path: tuple[int, ...]) -> str:
    labels, groups = [], result.down
    for at in path[:-1]:
        labels.append(groups[at].label)
        groups = groups[at].children
    return " › ".join(labels)


def _line(result: ReportResult, path: tuple[int, ...], group: Group, drawn: int, scale: _Scale) -> Line:
    fact = result.facts[path, ()]
    figures = tuple(_figures(result, fact))
    bar = scale.bar(fact.figures[drawn])
    return Line(
        group.label, _within(result, path), _href(group), len(path) - 1, figures, bar, _rows(result, fact), _crossings(result, path)
    )


def _crossings(result: ReportResult, path: tuple[int, ...]) -> tuple[tuple[str, ...], ...]:
    found = [result.facts.get((path, across)) for across, group in _walk(result.across, ()) if not group.children]
    return tuple(tuple(_figures(result, fact)) if fact else () for fact in found)


def _figures(result: ReportResult, fact: Fact) -> Iterator[str]:
    return (figure(value, summary) for value, summary in zip(fact.figures, result.summaries, strict=True))


def _rows(result: ReportResult, fact: Fact) -> tuple[tuple[Shown, ...], ...]:
    return tuple(tuple(_cell(cell, column.field) for cell, column in zip(row, result.columns, strict=True)) for row in fact.rows)


def _cell(cell: Cell, field: Field) -> Shown:
    if cell.record_id and cell.value is not None:
        return Shown(str(cell.value), f"/r/{cell.record_id}")
    return display.shown(float(cell.value) if isinstance(cell.value, Decimal) else cell.value, field)


def _href(group: Group) -> str:
    return f"/r/{group.record_id}" if group.record_id else ""


_OPERATORS = {
    "equals": "is", "notEqual": "is not", "lessThan": "<", "lessOrEqual": "≤", "greaterThan": ">", "greaterOrEqual": "≥",
    "contains": "contains", "notContain": "does not contain", "startsWith": "starts with", "includes": "includes", "excludes": "excludes",
}  # fmt: skip


def _filters(result: ReportResult) -> list[str]:
    """The report's filters in words."""
    definition = result.definition
    found = [
        f"{column.label} {_OPERATORS[each.operator]} {each.value or 'blank'}"
        for each, column in zip(definition.criteria, result.filtered_by, strict=True)
    ]
    if definition.boolean_filter:
        found = [f"{at}. {text}" for at, text in enumerate(found, 1)] + [definition.boolean_filter]
    frame = definition.time_frame
    if frame is not None and (frame.start or frame.end or frame.interval != "INTERVAL_CUSTOM"):
        found.append(" ".join(part for part in (frame.column.rpartition("$")[2], frame.interval, frame.start, frame.end) if part))
    return found
