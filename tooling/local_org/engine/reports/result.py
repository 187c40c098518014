"""What a report answers: groups, figures for every group and crossing of groups, rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from .columns import Column
from .definition import ReportDefinition
from .rows import Row

Path = tuple[int, ...]
"""Where a group stands: its place at every level, counted from 0; the empty path is the grand total."""
Figure = Decimal | date | str | None
"""A summary's value; None where there is none, `#Error!` where its formula has none."""
ERROR = "#Error!"


@dataclass(frozen=True, slots=True)
class Group:
    label: str
    record_id: str | None
    """The record of a group by a lookup or a record's name."""
    children: tuple[Group, ...] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """One figure that every group has."""

    column: str
    """A column's name, that of a summary formula, or RowCount."""
    aggregate: str
    """Empty for RowCount and formulas."""
    label: str
    scale: int = 0
    percent: bool = False
    """50 is 50 %."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A group, or the crossing of one down with one across."""

    count: int
    figures: tuple[Figure, ...]
    """In the order of the report's summaries."""
    rows: tuple[Row, ...] = ()
    """Of the innermost groups down, where details are shown."""


@dataclass(frozen=True, slots=True)
class ReportResult:
    definition: ReportDefinition
    columns: tuple[Column, ...]
    """Of the rows."""
    grouped_by: tuple[Column, ...]
    """Of the levels down."""
    crossed_by: tuple[Column, ...]
    """Of the levels across."""
    filtered_by: tuple[Column, ...]
    """In the order of the criteria."""
    down: tuple[Group, ...]
    across: tuple[Group, ...]
    summaries: tuple[Summary, ...]
    facts: Mapping[tuple[Path, Path], Fact]
    """By path down and path across; `((), ())` is the grand total."""
    cut_off: bool
    """Whether there are more rows than details are shown of. Figures are of all rows."""

    @property
    def total(self) -> Fact:
        return self.facts[(), ()]

    def summary(self, column: str, aggregate: str = "") -> int | None:
        """The place of a summary among a fact's figures."""
        for at, each in enumerate(self.summaries):
            if each.column.lower() == column.lower() and each.aggregate in (aggregate, ""):
                return at
        return None
