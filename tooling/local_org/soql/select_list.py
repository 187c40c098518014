"""The select list of a query for records: SQL columns, and the tree of output keys over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..errors import InvalidField
from ..schema.types import Field, FieldType
from .ast import Call, FieldPath, Item, Query, TypeOf
from .messages import malformed, no_such_object, no_such_relationship, positioned
from .names import Column, Scope
from .operands import DATE_FUNCTIONS
from .shape import ChildRecords, Node, ParentRecord, TypeOfRecord, Value

_FIELDS_GROUPS = ("ALL", "STANDARD", "CUSTOM")


@dataclass(slots=True)
class _Level:
    """The keys of one record or nested parent, in the order of the query."""

    entries: dict[str, Value | ChildRecords | TypeOfRecord | _ParentLevel] = field(default_factory=dict)


@dataclass(slots=True)
class _ParentLevel:
    name: str
    id_index: int
    sobject: str | None
    lookup: str
    level: _Level = field(default_factory=_Level)


class SelectList:
    def __init__(self, scope: Scope, query: Query) -> None:
        self._scope = scope
        self._query = query
        self._columns: dict[str, int] = {}
        self._top = _Level()
        identity = scope.sobject.field("Id")
        self.id_index = 0 if identity is None else self.index(scope.own(identity).sql)

    def index(self, sql: str) -> int:
        """The position of an SQL expression in the rows."""
        return self._columns.setdefault(sql, len(self._columns))

    def sql(self) -> str:
        return ", ".join(self._columns)

    def nodes(self) -> tuple[Node, ...]:
        return _frozen(self._top)

    def add(self, item: Item) -> None:
        """One item of the query.

        Raises:
            InvalidField: unknown, not visible, or selected twice.
            MalformedQuery: a function that cannot stand here.
        """
        expression = item.expression
        if item.alias is not None and (isinstance(expression, FieldPath) or expression.name.upper() != "TOLABEL"):
            raise malformed(self._scope.text, expression.at, "only aggregate expressions use field aliasing")
        if isinstance(expression, FieldPath):
            self._place(self._scope.column(expression), expression.at)
        elif expression.name.upper() == "FIELDS":
            self._add_fields(expression)
        elif expression.name.upper() == "TOLABEL":
            self._add_label(expression, item.alias)
        elif expression.name.upper() in DATE_FUNCTIONS:
            raise malformed(self._scope.text, expression.at, f"{expression.name} needs GROUP BY to be selected")
        else:
            raise malformed(self._scope.text, expression.at, f"The function {expression.name} is not supported by this org")

    def add_children(self, children: ChildRecords) -> None:
        self._top.entries[children.name] = children

    def add_type_of(self, item: TypeOf) -> None:
        """TYPEOF What WHEN Account THEN Phone ELSE Name END.

        Raises:
            InvalidField: an unknown relationship or field.
            InvalidType: WHEN names no object.
        """
        if len(item.relationship.parts) > 1:
            raise malformed(self._scope.text, item.relationship.at, "TYPEOF over a parent's relationship is not supported by this org")
        name = item.relationship.parts[0]
        lookup = self._scope.sobject.relationship(name)
        if lookup is None:
            raise no_such_relationship(self._scope.text, item.relationship.at, name)
        cases: dict[str, tuple[Node, ...]] = {}
        for type_path, paths in item.whens:
            target = self._scope.environment.schema.get(str(type_path))
            if target is None or target.name not in lookup.reference_to:
                raise no_such_object(self._scope.text, type_path.at, str(type_path))
            place = self._scope.target(item.relationship, target)
            cases[target.name] = self._nodes_of([(self._scope.column_of(place, path), path.at) for path in paths])
        otherwise = [(self._scope.column(FieldPath((name, *path.parts), path.at)), path.at) for path in item.otherwise]
        index = self.index(self._scope.own(lookup).sql)
        relationship = lookup.relationship_name or name
        self._top.entries[relationship] = TypeOfRecord(relationship, index, cases, self._nodes_of(otherwise))

    def _nodes_of(self, columns: Sequence[tuple[Column, int]]) -> tuple[Node, ...]:
        """The fields of a TYPEOF branch; their first parent is the TYPEOF's own relationship."""
        level = _Level()
        for column, at in columns:
            self._enter(self._level_of(column, level, 1), self._value(column), at)
        return _frozen(level)

    def _add_fields(self, call: Call) -> None:
        group = str(call.arguments[0]).upper() if len(call.arguments) == 1 else ""
        if group not in _FIELDS_GROUPS:
            raise malformed(self._scope.text, call.at, "The SOQL FIELDS function takes ALL, STANDARD or CUSTOM")
        visibility = self._scope.environment.visibility
        for found in self._scope.sobject.fields:
            wanted = group == "ALL" or found.custom == (group == "CUSTOM")
            selectable = found.type is not FieldType.LOCATION
            if wanted and selectable and found.name not in self._top.entries and visibility.sees_field(self._scope.sobject, found):
                self._place(self._scope.own(found), call.at)

    def _add_label(self, call: Call, alias: str | None) -> None:
        if len(call.arguments) != 1 or not isinstance(call.arguments[0], FieldPath):
            raise malformed(self._scope.text, call.at, "toLabel takes one field")
        column = self._scope.column(call.arguments[0])
        labels = {choice.value: choice.label for choice in column.field.picklist}
        value = self._value(column)
        labelled = Value(alias or value.name, value.index, value.type, str(call), value.field, labels)
        self._enter(self._level_of(column), labelled, call.at)

    def _place(self, column: Column, at: int) -> None:
        self._enter(self._level_of(column), self._value(column), at)

    def _level_of(self, column: Column, level: _Level | None = None, skipped: int = 0) -> _Level:
        level = self._top if level is None else level
        for parent in column.parents[skipped:]:
            entry = level.entries.get(parent.name)
            if not isinstance(entry, _ParentLevel):
                sobject = parent.sobject.name if parent.sobject else None
                entry = _ParentLevel(parent.name, self.index(parent.id_sql), sobject, parent.lookup.name)
                level.entries[parent.name] = entry
            level = entry.level
        return level

    def _enter(self, level: _Level, value: Value, at: int) -> None:
        if value.name in level.entries:
            raise InvalidField(positioned(self._scope.text, at, f"duplicate field selected: {value.name}"))
        level.entries[value.name] = value

    def _value(self, column: Column) -> Value:
        found: Field = column.field
        return Value(found.name, self.index(column.sql), found.type, found.name, found)


def _frozen(level: _Level) -> tuple[Node, ...]:
    nodes: list[Node] = []
    for entry in level.entries.values():
        if isinstance(entry, _ParentLevel):
            nodes.append(ParentRecord(entry.name, entry.id_index, entry.sobject, entry.lookup, _frozen(entry.level)))
        else:
            nodes.append(entry)
    return tuple(nodes)
