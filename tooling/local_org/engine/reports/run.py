"""Runs a report: rows of its report type, filtered, sorted, grouped and summarised, as of the org's clock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import tzinfo
from typing import Any

from ..org import Org, User
from .columns import Cells, Column, ReportType
from .definition import Grouping, ReportDefinition, read_report
from .errors import ReportError, unsupported
from .filters import Today, combined, criterion_test, time_frame_test
from .grouping import Tree, key_of
from .result import Fact, Path, ReportResult
from .rows import Cell, Row, read_rows
from .summaries import Summaries, aggregate

MOST_ROWS = 2_000
"""Rows of details that a report page shows (Salesforce Help, "Report Limits")."""


def run_report(org: Org, name: str, *, user: User | None, time_zone: tzinfo) -> ReportResult:
    """The answer of the deployed report `Folder/Name`, for what the user may read (None: system context) and the days of a time zone.

    Raises:
        ReportError: no such report, or one that uses what is not supported.
        OrgError: the user may not read an object or a field of it.
    """
    component = org.metadata.components.get(("Report", name))
    if component is None:
        raise ReportError(f"There is no report {name}")
    definition = read_report(component)
    today = Today(org.now().astimezone(time_zone).date(), time_zone)
    return _Run(org, definition, today, user).result()


class _Run:
    def __init__(self, org: Org, definition: ReportDefinition, today: Today, user: User | None) -> None:
        self._org = org
        self._definition = definition
        self._today = today
        self._user = user
        self._type = ReportType(org.metadata, definition.report_type)
        self._cells = Cells(self._type)
        aggregates = [aggregate(*self._cells.of(each.name), kind) for each in definition.columns for kind in each.aggregates]
        self._summaries = Summaries(aggregates, definition.formulas, self._cells, definition.down)
        self._keys = {each: key_of(each, self._column(each.column), today) for each in (*definition.down, *definition.across)}
        self._shown = [self._cells.of(each.name)[0] for each in definition.columns]
        self._meets = self._filter()
        self._sorted_by = self._cells.of(definition.sort.column)[0] if definition.sort else None
        if definition.row_limit is not None and definition.format != "Tabular":
            raise unsupported(f"rowLimit of {definition.format} reports")

    def _column(self, name: str) -> Column:
        return self._cells.of(name)[1]

    def _filter(self) -> Callable[[Row], bool]:
        definition = self._definition
        tests = []
        for each in definition.criteria:
            place, column = self._cells.of(each.column)
            tests.append(_of_row(place, criterion_test(each, column, self._today)))
        meets = combined(tests, definition.boolean_filter)
        if definition.time_frame is None:
            return meets
        in_time = _of_row(self._cells.of(definition.time_frame.column)[0], time_frame_test(definition.time_frame, self._today))
        return lambda row: in_time(row) and meets(row)

    def result(self) -> ReportResult:
        definition = self._definition
        rows = self._rows()
        down = Tree([self._keys[each] for each in definition.down], definition.down)
        across = Tree([self._keys[each] for each in definition.across], definition.across)
        members: dict[tuple[tuple[Any, ...], tuple[Any, ...]], list[Row]] = {((), ()): []}
        down_cells, across_cells = self._at(definition.down), self._at(definition.across)
        for row in rows:
            deep, wide = down.place(down_cells(row)), across.place(across_cells(row))
            for i in range(len(deep) + 1):
                for j in range(len(wide) + 1):
                    members.setdefault((deep[:i], wide[:j]), []).append(row)
        down_groups, down_paths = down.groups()
        across_groups, across_paths = across.groups()
        facts: dict[tuple[Path, Path], Fact] = {}
        left = MOST_ROWS if definition.show_details else 0
        for deep, wide in sorted(members, key=lambda each: (down_paths[each[0]], across_paths[each[1]])):
            own = members[deep, wide]
            figures = self._summaries.figures(len(deep), lambda depth, deep=deep, wide=wide: members[deep[:depth], wide])  # type: ignore[misc]
            details: tuple[Row, ...] = ()
            if len(deep) == len(definition.down) and not wide:
                details = tuple(tuple(row[place] for place in self._shown) for row in own[:left])
                left -= len(details)
            facts[down_paths[deep], across_paths[wide]] = Fact(len(own), figures, details)
        return ReportResult(
            definition=definition,
            columns=tuple(self._column(each.name) for each in definition.columns),
            grouped_by=tuple(self._column(each.column) for each in definition.down),
            crossed_by=tuple(self._column(each.column) for each in definition.across),
            filtered_by=tuple(self._column(each.column) for each in definition.criteria),
            down=down_groups,
            across=across_groups,
            summaries=self._summaries.described(),
            facts=facts,
            cut_off=definition.show_details and len(rows) > MOST_ROWS,
        )

    def _rows(self) -> list[Row]:
        definition = self._definition
        rows = [
            row
            for row in read_rows(self._type, self._cells.columns, lambda soql: self._org.query(self._user, soql))
            if self._meets(row)
        ]  # fmt: skip
        place = self._sorted_by
        if place is not None and definition.sort is not None:
            rows.sort(key=lambda row: _order(row[place]), reverse=definition.sort.descending)
        return rows[: definition.row_limit]

    def _at(self, groupings: Sequence[Grouping]) -> Callable[[Row], list[Cell]]:
        places = [self._cells.of(each.column)[0] for each in groupings]
        return lambda row: [row[place] for place in places]


def _of_row(place: int, test: Callable[[Cell], bool]) -> Callable[[Row], bool]:
    return lambda row: test(row[place])


def _order(cell: Cell) -> tuple[Any, ...]:
    """Blank values first; text without regard to case."""
    if cell.value is None:
        return (0,)
    return (1, cell.value.casefold() if isinstance(cell.value, str) else cell.value)
