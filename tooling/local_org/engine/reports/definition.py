"""A Report component read into values. Parts that change the answer and are not run here are refused by name."""

from __future__ import annotations

from dataclasses import dataclass

from ...schema.source import Component
from ...schema.xml import Node
from .errors import unsupported

FORMATS = ("Tabular", "Summary", "Matrix")
AGGREGATES = ("Sum", "Average", "Maximum", "Minimum", "Unique", "Median")
GRANULARITIES = ("Day", "Week", "Month", "Quarter", "Year", "MonthInYear", "DayInMonth")
REFUSED = (
    "aggregateFilters", "block", "blockInfo", "buckets", "crossFilters", "customDetailFormulas", "dataCategoryFilters", "division",
    "historicalSelector", "roleHierarchyFilter", "territoryHierarchyFilter", "userFilter",
)  # fmt: skip
REFUSED_IN_GROUPINGS = ("aggregateType", "sortByName")
ROW_COUNT = "RowCount"


@dataclass(frozen=True, slots=True)
class ReportColumn:
    name: str
    aggregates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grouping:
    column: str
    granularity: str
    """Of a date; empty where the metadata says None."""
    descending: bool


@dataclass(frozen=True, slots=True)
class Criterion:
    column: str
    operator: str
    value: str


@dataclass(frozen=True, slots=True)
class TimeFrame:
    """Days that a date column must lie in; `interval` is a UserDateInterval, the dates are those of INTERVAL_CUSTOM."""

    column: str
    interval: str
    start: str
    end: str


@dataclass(frozen=True, slots=True)
class SummaryFormula:
    name: str
    label: str
    formula: str
    datatype: str
    scale: int
    context: str
    """The grouping it is shown for, GRAND_SUMMARY, or empty for every level."""


@dataclass(frozen=True, slots=True)
class Chart:
    kind: str
    title: str
    groupings: tuple[str, ...]
    summaries: tuple[tuple[str, str], ...]
    """Column (or RowCount, or a summary formula) and aggregate."""


@dataclass(frozen=True, slots=True)
class ReportDefinition:
    name: str
    label: str
    description: str
    report_type: str
    format: str
    columns: tuple[ReportColumn, ...]
    down: tuple[Grouping, ...]
    across: tuple[Grouping, ...]
    criteria: tuple[Criterion, ...]
    boolean_filter: str
    time_frame: TimeFrame | None
    formulas: tuple[SummaryFormula, ...]
    chart: Chart | None
    show_details: bool
    row_limit: int | None
    sort: Grouping | None
    """Of rows; its granularity means nothing."""


def read_report(component: Component) -> ReportDefinition:
    """Raises ReportError: the report uses a part that is not supported."""
    node = component.node
    for tag in REFUSED:
        if node.child(tag) is not None:
            raise unsupported(f"{tag} of reports")
    kind = node.value("format") or "Tabular"
    if kind not in FORMATS:
        raise unsupported(f"The report format {kind}")
    scope = node.value("scope") or "organization"
    if scope != "organization":
        raise unsupported(f"The report scope {scope}")
    limit = node.number("rowLimit")
    condition = node.child("filter") or Node("filter", 1, 1)
    return ReportDefinition(
        name=component.full_name,
        label=node.value("name") or component.full_name,
        description=node.value("description") or "",
        report_type=node.value("reportType") or "",
        format=kind,
        columns=tuple(ReportColumn(each.value("field") or "", _aggregates(each)) for each in node.all("columns")),
        down=tuple(map(_grouping, node.all("groupingsDown"))),
        across=tuple(map(_grouping, node.all("groupingsAcross"))),
        criteria=tuple(map(_criterion, condition.all("criteriaItems"))),
        boolean_filter=condition.value("booleanFilter") or "",
        time_frame=_time_frame(node.child("timeFrameFilter")),
        formulas=tuple(_formula(each) for each in node.all("aggregates") if each.flag("isActive")),
        chart=_chart(node.child("chart")),
        show_details=node.flag("showDetails", default=True),
        row_limit=limit or None,
        sort=Grouping(found, "", _descending(node)) if (found := node.value("sortColumn")) else None,
    )


def read_summaries(nodes: list[Node]) -> tuple[tuple[str, str], ...]:
    """The chartSummaries of a report's chart, or the chartSummary of a dashboard component."""
    return tuple((each.value("column") or ROW_COUNT, each.value("aggregate") or "") for each in nodes)


def _aggregates(node: Node) -> tuple[str, ...]:
    found = tuple(each.text.strip() for each in node.all("aggregateTypes") if each.text.strip() not in ("", "None", "Noop"))
    for name in found:
        if name not in AGGREGATES:
            raise unsupported(f"The aggregate {name} of report columns")
    return found


def _grouping(node: Node) -> Grouping:
    for tag in REFUSED_IN_GROUPINGS:
        if node.value(tag) is not None:
            raise unsupported(f"{tag} of report groupings")
    granularity = node.value("dateGranularity") or ""
    granularity = "" if granularity == "None" else granularity
    if granularity and granularity not in GRANULARITIES:
        raise unsupported(f"The date granularity {granularity} of report groupings")
    return Grouping(node.value("field") or "", granularity, _descending(node))


def _descending(node: Node) -> bool:
    return (node.value("sortOrder") or "Asc") == "Desc"


def _criterion(node: Node) -> Criterion:
    if node.flag("columnToColumn"):
        raise unsupported("columnToColumn of report filters")
    return Criterion(node.value("column") or "", node.value("operator") or "", node.value("value") or "")


def _time_frame(node: Node | None) -> TimeFrame | None:
    if node is None:
        return None
    return TimeFrame(*(node.value(tag) or "" for tag in ("dateColumn", "interval", "startDate", "endDate")))


def _formula(node: Node) -> SummaryFormula:
    name = node.value("developerName") or ""
    for tag in ("acrossGroupingContext", "reportType"):
        if node.value(tag) is not None:
            raise unsupported(f"{tag} of the summary formula {name}")
    if node.flag("isCrossBlock"):
        raise unsupported(f"isCrossBlock of the summary formula {name}")
    return SummaryFormula(
        name,
        node.value("masterLabel") or name,
        node.value("calculatedFormula") or "",
        node.value("datatype") or "number",
        node.number("scale"),
        node.value("downGroupingContext") or "",
    )


def _chart(node: Node | None) -> Chart | None:
    if node is None:
        return None
    groupings = tuple(found for tag in ("groupingColumn", "secondaryGroupingColumn") if (found := node.value(tag)))
    return Chart(node.value("chartType") or "", node.value("title") or "", groupings, read_summaries(node.all("chartSummaries")))
