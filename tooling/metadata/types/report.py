"""Report: rows, groups and sums of a report type."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    field: str
    aggregate: str | None = None
    """Sum, Average, Maximum or Minimum of each group."""


@dataclass(frozen=True, slots=True)
class Grouping:
    field: str
    granularity: str = "Day"
    """Of a date: Day, Week, Month … Salesforce wants one for every field, and ignores it for those that are no date."""
    sort_order: str = "Asc"


@dataclass(frozen=True, slots=True)
class Criterion:
    field: str
    operator: str
    value: str


@dataclass(frozen=True, slots=True)
class SummaryFormula:
    name: str
    label: str
    description: str
    formula: str
    datatype: str = "number"
    """`percent` shows 0.25 as 25 %."""
    scale: int = 0
    level: str | None = None
    """The grouping it is shown for; None for every level."""


@dataclass(frozen=True, slots=True)
class Chart:
    kind: str
    """HorizontalBar, Donut, Line …"""
    summary: str
    """RowCount, the name of a summary formula, or a column."""
    title: str
    aggregate: str | None = None
    stacked: bool = False
    """Whether what is drawn of a group is divided by the second grouping."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    folder: str
    name: str
    label: str
    description: str
    report_type: str
    columns: tuple[Column, ...]
    groupings: tuple[Grouping, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    formulas: tuple[SummaryFormula, ...] = ()
    chart: Chart | None = None
    date_column: str
    """The column of the time frame; all time."""
    details: bool = True
    """Whether rows are shown below their groups."""
    template: str = "Report.xml.jinja"

    @property
    def format(self) -> str:
        return "Summary" if self.groupings else "Tabular"

    @property
    def path(self) -> str:
        return f"main/default/reports/{self.folder}/{self.name}.report-meta.xml"
