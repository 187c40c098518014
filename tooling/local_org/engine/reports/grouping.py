"""Values put into groups: which group a value belongs to, how it is called, and the order of groups."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from ...schema.types import Field, FieldType
from .columns import Column
from .definition import Grouping
from .errors import ReportError
from .filters import Today
from .result import Group, Path
from .rows import Cell

BLANK = "-"
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Key:
    """Equal keys are one group. `order` sorts them."""

    identity: Any
    label: str
    order: Any
    record_id: str | None


KeyOf = Callable[[Cell], Key]


def key_of(grouping: Grouping, column: Column, today: Today) -> KeyOf:
    """How cells of the column make groups.

    Raises:
        ReportError: a column that cannot be grouped by.
    """
    if column.field.is_long_text:
        raise ReportError(f"{column.name} is a long text: a report cannot be grouped by it")
    if column.field.type.is_date:
        start = _PERIODS[grouping.granularity or "Day"]

        def of_date(cell: Cell) -> Key:
            day = today.of(cell.value)
            if day is None:
                return _blank()
            first, label = start(day)
            return Key(first, label, (1, first), None)

        return of_date
    places = _places(column.field)

    def of_value(cell: Cell) -> Key:
        value = cell.value
        if value is None or value == "":
            return _blank()
        if isinstance(value, bool):
            return Key(value, str(value).lower(), (1, value), None)
        if isinstance(value, str):
            place = places.get(value, (len(places), value)) if places else (0, value)
            return Key(cell.record_id or value, place[1], (1, place[0], place[1].casefold()), cell.record_id)
        return Key(value, f"{value:,}", (1, value), None)

    return of_value


class Tree:
    """Groups of one direction, found while rows are read; their paths afterwards."""

    def __init__(self, keys: Sequence[KeyOf], groupings: Sequence[Grouping]) -> None:
        self._keys = keys
        self._groupings = groupings
        self._found: dict[tuple[Any, ...], Key] = {}

    def place(self, cells: Sequence[Cell]) -> tuple[Any, ...]:
        """The identities of a row's groups, outermost first."""
        identities: tuple[Any, ...] = ()
        for key, cell in zip(self._keys, cells, strict=True):
            found = key(cell)
            identities = (*identities, found.identity)
            self._found.setdefault(identities, found)
        return identities

    def groups(self) -> tuple[tuple[Group, ...], Mapping[tuple[Any, ...], Path]]:
        """The groups in their order, and the path of every prefix of identities."""
        below: dict[tuple[Any, ...], list[tuple[Any, ...]]] = {}
        for identities in self._found:
            below.setdefault(identities[:-1], []).append(identities)
        paths: dict[tuple[Any, ...], Path] = {(): ()}

        def build(parent: tuple[Any, ...]) -> tuple[Group, ...]:
            if len(parent) == len(self._groupings):
                return ()
            grouping = self._groupings[len(parent)]
            ordered = sorted(below.get(parent, []), key=lambda each: self._found[each].order, reverse=grouping.descending)
            groups = []
            for at, identities in enumerate(ordered):
                paths[identities] = (*paths[parent], at)
                found = self._found[identities]
                groups.append(Group(found.label, found.record_id, build(identities)))
            return tuple(groups)

        return build(()), paths


def _blank() -> Key:
    return Key(None, BLANK, (0,), None)


def _places(field: Field) -> Mapping[str, tuple[int, str]]:
    """Picklist values group in the order of their definition, under their labels."""
    return {value.value: (at, value.label) for at, value in enumerate(field.picklist)} if field.type is FieldType.PICKLIST else {}


def _week(day: date) -> tuple[date, str]:
    first = day - timedelta(days=day.isoweekday() % 7)
    return first, f"{first:%d %b %Y} - {first + timedelta(days=6):%d %b %Y}"


def _month(day: date) -> tuple[date, str]:
    return day.replace(day=1), f"{_MONTHS[day.month - 1]} {day.year}"


def _quarter(day: date) -> tuple[date, str]:
    number = (day.month - 1) // 3
    return date(day.year, 3 * number + 1, 1), f"Q{number + 1} {day.year}"


_PERIODS: Mapping[str, Callable[[date], tuple[Any, str]]] = {
    "Day": lambda day: (day, f"{day:%d %b %Y}"),
    "Week": _week,
    "Month": _month,
    "Quarter": _quarter,
    "Year": lambda day: (date(day.year, 1, 1), str(day.year)),
    "MonthInYear": lambda day: (day.month, _MONTHS[day.month - 1]),
    "DayInMonth": lambda day: (day.day, str(day.day)),
}
