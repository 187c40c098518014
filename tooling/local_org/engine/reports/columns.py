"""What the columns of a report stand for: its report type's objects, and the fields behind their columns' names."""

from __future__ import annotations

from dataclasses import dataclass

from ...schema.source import Component
from ...schema.types import Field, FieldType, Schema, SObject
from ..metadata import OrgMetadata
from .errors import ReportError, unsupported


@dataclass(frozen=True, slots=True)
class Level:
    """One object of a report type; the first is its base, each further one a child of the one before."""

    table: str
    """The base object, then relationship names, with points: `Account.Contacts`."""
    sobject: SObject
    parent_field: str
    """The lookup to the level above; empty for the base."""
    outer: bool
    """Whether a record above is shown without a record of this level."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column by the name that metadata gives it: `Account$Name`, `Account.Contacts$Email`, `Invoice__c$Account__c.Owner`."""

    name: str
    level: int
    path: str
    """The value, as SOQL reads it from the level's object; of a lookup the name of the record it leads to."""
    id_path: str
    """The record the value leads to; empty where it leads to none."""
    field: Field
    """The field of the value, for a lookup the lookup itself."""

    @property
    def label(self) -> str:
        return self.field.label.removesuffix(" ID") if self.field.type is FieldType.REFERENCE else self.field.label


class ReportType:
    """A custom report type and its columns."""

    def __init__(self, metadata: OrgMetadata, name: str) -> None:
        """Raises ReportError: no custom report type, or one that is not deployed."""
        component = metadata.components.get(("ReportType", name.removesuffix("__c")))
        if "$" in name or not name.endswith("__c"):
            raise unsupported(f"The standard report type {name}")
        if component is None:
            raise ReportError(f"invalid report type: {name}")
        self._schema = metadata.schema
        self.levels = tuple(_levels(metadata.schema, component))

    def column(self, name: str) -> Column:
        """Raises ReportError: the report type has no such column."""
        table, dollar, path = name.partition("$")
        level = next((at for at, each in enumerate(self.levels) if dollar and each.table.lower() == table.lower()), None)
        if level is None:
            raise ReportError(f"Invalid value specified: {name}")
        return self._field(name, level, path.split("."))

    def column_of_formula(self, name: str) -> Column | None:
        """The column that a summary formula writes as `Invoice__c.Amount__c`; None when there is none."""
        for level in sorted(self.levels, key=lambda each: len(each.table), reverse=True):
            table, path = name[: len(level.table)], name[len(level.table) + 1 :]
            if table.lower() == level.table.lower() and name[len(table) : len(table) + 1] in (".", "$") and path:
                try:
                    return self.column(f"{table}${path}")
                except ReportError:
                    continue
        return None

    def _field(self, name: str, level: int, path: list[str]) -> Column:
        sobject: SObject | None = self.levels[level].sobject
        walked: list[str] = []
        for step in path[:-1]:
            lookup = _named(sobject, step) if sobject else None
            if lookup is None or lookup.relationship_name is None:
                raise ReportError(f"Invalid value specified: {name}")
            walked.append(lookup.relationship_name)
            sobject = self._schema.get(lookup.reference_to[0]) if lookup.reference_to else None
        found = _named(sobject, path[-1]) if sobject else None
        if found is None or sobject is None:
            raise ReportError(f"Invalid value specified: {name}")
        if found.type is FieldType.REFERENCE and found.relationship_name:
            target = self._schema.get(found.reference_to[0]) if found.reference_to else None
            shown = target.name_field.name if target and target.name_field else "Id"
            # Records of several kinds have only the fields of the Name object in common.
            shown = "Name" if len(found.reference_to) > 1 else shown
            return Column(name, level, ".".join([*walked, found.relationship_name, shown]), ".".join([*walked, found.name]), found)
        own_id = ".".join([*walked, "Id"]) if found.name_field else ""
        return Column(name, level, ".".join([*walked, found.name]), own_id, found)


class Cells:
    """The columns that a report reads, each at its place in the rows."""

    def __init__(self, report_type: ReportType) -> None:
        self._type = report_type
        self._places: dict[str, int] = {}
        self.columns: list[Column] = []

    def of(self, name: str) -> tuple[int, Column]:
        """The place of a column, given one when it is first asked for.

        Raises:
            ReportError: the report type has no such column.
        """
        return self._place(self._type.column(name))

    def of_formula(self, name: str) -> tuple[int, Column] | None:
        """The same by a summary formula's name of it; None when there is none."""
        found = self._type.column_of_formula(name)
        return None if found is None else self._place(found)

    def _place(self, column: Column) -> tuple[int, Column]:
        key = column.name.lower()
        if key not in self._places:
            self._places[key] = len(self.columns)
            self.columns.append(column)
        return self._places[key], self.columns[self._places[key]]


def _named(sobject: SObject, name: str) -> Field | None:
    """Report types name a standard lookup without its `Id`: `Owner`, `CreatedBy`."""
    found = sobject.field(name)
    return found if found is not None else sobject.field(f"{name}Id")


def _levels(schema: Schema, component: Component) -> list[Level]:
    base = component.node.value("baseObject") or ""
    sobject = schema.get(base)
    if sobject is None:
        raise ReportError(f"In field: baseObject - no CustomObject named {base} found")
    levels = [Level(base, sobject, "", outer=False)]
    join = component.node.child("join")
    while join is not None:
        name = join.value("relationship") or ""
        above = levels[-1]
        link = next((each for each in schema.children(above.sobject.name) if (each.name or "").lower() == name.lower()), None)
        child = schema.get(link.child) if link else None
        if link is None or child is None:
            raise ReportError(f"Invalid relationship {name} on {above.sobject.name}")
        levels.append(Level(f"{above.table}.{name}", child, link.field.name, join.flag("outerJoin")))
        join = join.child("join")
    return levels
