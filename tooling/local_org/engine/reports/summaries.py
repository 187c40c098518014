"""Figures of groups: record count, aggregates of columns, summary formulas."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from statistics import median
from typing import Any, Never

from ...formula import Formula, FormulaError, FormulaRuntimeError, Reference, Type, compile_formula
from ...schema.types import FieldType
from .columns import Cells, Column
from .definition import ROW_COUNT, Grouping, SummaryFormula
from .errors import ReportError
from .result import ERROR, Figure, Summary
from .rows import Row

GRAND_SUMMARY = "GRAND_SUMMARY"
_SUFFIXES = {"SUM": "Sum", "AVG": "Average", "MAX": "Maximum", "MIN": "Minimum", "UNIQUE": "Unique", "MEDIAN": "Median"}
_PARENT = re.compile(r"PARENTGROUPVAL\s*\(\s*([\w.$:]+)\s*,\s*([\w.$]+)\s*\)", re.IGNORECASE)
_WORDS = {"Sum": "Sum of", "Average": "Average", "Maximum": "Largest", "Minimum": "Smallest", "Unique": "Unique", "Median": "Median"}


@dataclass(frozen=True, slots=True)
class Aggregate:
    """An aggregate of the column at a place in the rows."""

    place: int
    column: Column
    kind: str

    def of(self, rows: Sequence[Row]) -> Figure:
        """Blank values are left out; the sum of none is 0, every other figure of none is blank."""
        values = [row[self.place].value for row in rows]
        return _COMPUTED[self.kind]([value for value in values if value is not None])

    def summary(self) -> Summary:
        field = self.column.field
        whole = self.kind == "Unique" or field.type is FieldType.BOOLEAN or not field.type.is_number
        scale = 0 if whole else max(field.scale, 2 if self.kind in ("Average", "Median") else 0)
        percent = field.type is FieldType.PERCENT and self.kind != "Unique"
        return Summary(self.column.name, self.kind, f"{_WORDS[self.kind]} {self.column.label}", scale, percent)


def aggregate(place: int, column: Column, kind: str) -> Aggregate:
    """Raises ReportError: the column has no such aggregate."""
    field = column.field
    number = field.type.is_number or field.type is FieldType.BOOLEAN
    if not (number or kind == "Unique" or (field.type.is_date and kind in ("Maximum", "Minimum"))):
        raise ReportError(f"{column.name} cannot be summarised by {kind}")
    return Aggregate(place, column, kind)


class Summaries:
    """The figures of a report, in the order its pages show them: record count, aggregates, formulas.

    Raises:
        ReportError: a formula that does not compile or is shown for no grouping of the report.
    """

    def __init__(self, aggregates: Sequence[Aggregate], formulas: Sequence[SummaryFormula], cells: Cells, down: Sequence[Grouping]):
        self._aggregates = aggregates
        self._levels = {_dotted(GRAND_SUMMARY): 0} | {_dotted(each.column): at + 1 for at, each in enumerate(down)}
        self._formulas = [_Compiled(each, cells, self._levels) for each in formulas]

    def described(self) -> tuple[Summary, ...]:
        return tuple(self._described())

    def _described(self) -> Iterator[Summary]:
        yield Summary(ROW_COUNT, "", "Record count")
        for each in self._aggregates:
            yield each.summary()
        for formula in self._formulas:
            source = formula.source
            yield Summary(source.name, "", source.label, source.scale, source.datatype == "percent")

    def figures(self, depth: int, rows_at: Callable[[int], Sequence[Row]]) -> tuple[Figure, ...]:
        """Of the group at a depth (0: grand total); `rows_at` gives the rows of the group around it at a lesser depth, and its own."""
        own = rows_at(depth)
        plain: list[Figure] = [Decimal(len(own)), *(each.of(own) for each in self._aggregates)]
        return (*plain, *(formula.of(depth, rows_at) for formula in self._formulas))


class _Compiled:
    def __init__(self, source: SummaryFormula, cells: Cells, levels: Mapping[str, int]) -> None:
        self.source = source
        self._depth = levels.get(_dotted(source.context)) if source.context else None
        if source.context and self._depth is None:
            raise ReportError(f"The summary formula {source.name} is shown for {source.context}, by which the report is not grouped")
        if _PARENT.search(source.formula) and not self._depth:
            raise ReportError(f"The summary formula {source.name} uses PARENTGROUPVAL: downGroupingContext must name a grouping")
        self._names = _Names(cells, levels, self._depth or 0)
        try:
            self._formula: Formula = compile_formula(
                # The value of a group around this one becomes a name of its own: `RowCount#GRAND_SUMMARY`.
                _PARENT.sub(r"\1#\2", source.formula),
                self._names,
                result=Type.NUMBER,
                blanks_as_zero=True,
            )
        except FormulaError as error:
            raise ReportError(f"The summary formula {source.name}: {error.message}") from None

    def of(self, depth: int, rows_at: Callable[[int], Sequence[Row]]) -> Figure:
        if self._depth is not None and depth != self._depth:
            return None
        try:
            value = self._formula.evaluate(_Values(self._names, depth, rows_at))
        except FormulaRuntimeError:
            return ERROR
        # "20% is represented as 0.20" in summary formulas (Salesforce Help, "Tips, Limits, and Limitations" of summary formulas).
        return value * 100 if self.source.datatype == "percent" and isinstance(value, Decimal) else value


class _Names:
    """`RowCount`, `Object.Field__c:SUM`, and each of them with `#` and the grouping around."""

    def __init__(self, cells: Cells, levels: Mapping[str, int], depth: int) -> None:
        self._cells = cells
        self._levels = levels
        self._depth = depth

    def find(self, path: tuple[str, ...]) -> Reference | None:
        name, _, level = ".".join(path).partition("#")
        if level and self._levels.get(_dotted(level), self._depth) >= self._depth:
            raise FormulaError(f"PARENTGROUPVAL: {level} is no grouping around the one the formula is shown for")
        if name.lower() == ROW_COUNT.lower():
            return Reference(path, Type.NUMBER)
        found = self._aggregate(name)
        return None if found is None else Reference(path, Type.NUMBER, percent=found.column.field.type is FieldType.PERCENT)

    def _aggregate(self, name: str) -> Aggregate | None:
        column, colon, suffix = name.rpartition(":")
        found = self._cells.of_formula(column) if colon else None
        kind = _SUFFIXES.get(suffix.upper())
        if found is None or kind is None or found[1].field.type.is_date:
            return None
        return aggregate(*found, kind)

    def value(self, path: tuple[str, ...], depth: int, rows_at: Callable[[int], Sequence[Row]]) -> Figure:
        name, _, level = ".".join(path).partition("#")
        rows = rows_at(self._levels[_dotted(level)] if level else depth)
        found = self._aggregate(name)
        return Decimal(len(rows)) if found is None else found.of(rows)


class _Values:
    """Of one group. Summary formulas know neither dates nor records."""

    is_new = False
    now: datetime = datetime.min.replace(tzinfo=UTC)
    time_zone: tzinfo = UTC

    def __init__(self, names: _Names, depth: int, rows_at: Callable[[int], Sequence[Row]]) -> None:
        self._names = names
        self._depth = depth
        self._rows_at = rows_at

    def value(self, path: tuple[str, ...]) -> Any:
        return self._names.value(path, self._depth, self._rows_at)

    def prior(self, path: tuple[str, ...]) -> Any:
        return self.value(path)

    def look_up(self, sobject: str, wanted: str, key_field: str, key: str | None) -> Never:
        raise FormulaRuntimeError(ERROR)


def _dotted(name: str) -> str:
    """Formulas write `Invoice__c.Amount__c` of the column `Invoice__c$Amount__c`."""
    return name.replace("$", ".").lower()


def _sum(values: Sequence[Any]) -> Decimal:
    return sum((Decimal(value) for value in values), Decimal())


_COMPUTED: Mapping[str, Callable[[Sequence[Any]], Figure]] = {
    "Sum": _sum,
    "Average": lambda values: _sum(values) / len(values) if values else None,
    "Maximum": lambda values: max(values, default=None),
    "Minimum": lambda values: min(values, default=None),
    "Unique": lambda values: Decimal(len(set(values))),
    "Median": lambda values: median(map(Decimal, values)) if values else None,
}
