"""Rows to the JSON that REST answers carry: attributes, nested parents, child records, aggregate results, column metadata."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..schema.types import FieldType, Schema
from ..soql import ChildRecords, CompiledQuery, Kind, Node, ParentRecord, TypeOfRecord, Value

Row = tuple[Any, ...]
Build = Callable[[Row], Any]
Children = Mapping[int, Mapping[str, list[dict[str, Any]]]]
"""By `id()` of the ChildRecords node, then by parent id."""

_APEX_TYPES = {
    FieldType.ID: "Id",
    FieldType.REFERENCE: "Id",
    FieldType.BOOLEAN: "Boolean",
    FieldType.INT: "Integer",
    FieldType.DOUBLE: "Double",
    FieldType.CURRENCY: "Double",
    FieldType.PERCENT: "Double",
    FieldType.DATE: "Date",
    FieldType.DATETIME: "Datetime",
    FieldType.TIME: "Time",
}


@dataclass(slots=True)
class QueryResult:
    """`total_size` counts all records found; the rows are made into records when asked for."""

    total_size: int
    columns: list[dict[str, Any]]
    """As `?columns=true` answers."""
    entity: str
    rows: Sequence[Row] = field(default=(), repr=False)
    build: Build = field(default=dict, repr=False)
    long_texts: int = 0
    """Custom long and rich text fields in the select list: with two or more of them pages are short."""

    @property
    def records(self) -> list[dict[str, Any]]:
        return [self.build(row) for row in self.rows]

    def page(self, offset: int, size: int) -> list[dict[str, Any]]:
        """The records from `offset`, at most `size`."""
        return [self.build(row) for row in self.rows[offset : offset + size]]


class RecordBuilder:
    """Makes the functions that turn a row into a record; one per query run."""

    def __init__(self, schema: Schema, api_version: str, *, tooling: bool = False, children: Children | None = None) -> None:
        self._schema = schema
        self._base = f"/services/data/v{api_version}{'/tooling' if tooling else ''}/sobjects/"
        self._children: Children = {} if children is None else children

    def builder(self, query: CompiledQuery) -> Build:
        if query.kind is Kind.AGGREGATE:
            return _aggregate_builder(query)
        return self._record(query.sobject.name, query.sobject.name, query.id_index, query.nodes)

    def _record(self, type_name: str, url_name: str, id_index: int, nodes: Sequence[Node]) -> Build:
        url = f"{self._base}{url_name}/"
        plain: list[tuple[str, int, Callable[[Any], Any] | None]] = []
        nested: list[tuple[str, Build]] = []
        for node in nodes:
            if isinstance(node, Value):
                plain.append((node.name, node.index, converter(node)))
            else:
                # The key's place is kept now, its value filled in later.
                plain.append((node.name, id_index, None))
                nested.append((node.name, self._nested(node, id_index)))

        def build(row: Row) -> dict[str, Any]:
            record: dict[str, Any] = {"attributes": {"type": type_name, "url": url + row[id_index]}}
            for name, index, convert in plain:
                value = row[index]
                record[name] = value if convert is None or value is None else convert(value)
            for name, build_nested in nested:
                record[name] = build_nested(row)
            return record

        return build

    def _nested(self, node: Node, id_index: int) -> Build:
        if isinstance(node, ChildRecords):
            found = self._children.get(id(node), {})
            return lambda row: _children_json(found.get(row[id_index]))
        if isinstance(node, ParentRecord):
            return self._parent(node)
        if isinstance(node, TypeOfRecord):
            return self._type_of(node)
        raise TypeError(node)

    def _parent(self, node: ParentRecord) -> Build:
        index = node.id_index
        if node.sobject is not None:
            known = self._record(node.sobject, node.sobject, index, node.nodes)
            return lambda row: None if row[index] is None else known(row)
        builders: dict[str, Build] = {}

        def polymorphic(row: Row) -> Any:
            if row[index] is None:
                return None
            found = self._schema.of_id(row[index])
            name = found.name if found else "Name"
            if name not in builders:
                # Fields of a polymorphic parent are those of the Name object (Object Reference, "Name").
                builders[name] = self._record("Name", name, index, node.nodes)
            return builders[name](row)

        return polymorphic

    def _type_of(self, node: TypeOfRecord) -> Build:
        index = node.id_index
        builders = {name: self._record(name, name, index, nodes) for name, nodes in node.cases.items()}

        def build(row: Row) -> Any:
            if row[index] is None:
                return None
            found = self._schema.of_id(row[index])
            name = found.name if found else "Name"
            if name not in builders:
                builders[name] = self._record(name, name, index, node.otherwise)
            return builders[name](row)

        return build


def converter(node: Value) -> Callable[[Any], Any] | None:
    """SQLite value (never NULL) to JSON; None where they are the same."""
    labels = node.picklist_labels
    if labels is not None:
        return lambda value: ";".join(labels.get(part, part) for part in value.split(";"))
    if node.type is FieldType.INT:
        return int
    if node.type.is_number:
        return float
    return _CONVERTERS.get(node.type)


def long_texts(nodes: Iterable[Node]) -> int:
    """How many custom long or rich text fields a record has, those of parents included."""
    count = 0
    for node in nodes:
        if isinstance(node, Value):
            count += node.field is not None and node.field.metadata_type in ("LongTextArea", "Html")
        elif isinstance(node, ParentRecord):
            count += long_texts(node.nodes)
    return count


def columns_of(nodes: Sequence[Node]) -> list[dict[str, Any]]:
    """Column metadata, in the form `sf data query` reads."""
    return [_column(node) for node in nodes]


def _column(node: Node) -> dict[str, Any]:
    if isinstance(node, Value):
        field_type = node.type
        return _entry(
            node.name,
            node.label,
            aggregate=node.aggregate and node.field is None,
            apexType=_APEX_TYPES.get(field_type, "String"),
            booleanType=field_type is FieldType.BOOLEAN,
            custom=node.field is not None and node.field.custom,
            insertable=node.field is not None and node.field.createable,
            numberType=field_type.is_number,
            textType=field_type.is_text and field_type not in (FieldType.ID, FieldType.REFERENCE),
            updatable=node.field is not None and node.field.updateable,
        )
    if isinstance(node, ChildRecords):
        return _entry(node.name, node.name, aggregate=True, joinColumns=columns_of(node.query.nodes))
    if isinstance(node, ParentRecord):
        return _entry(node.name, node.name, foreignKeyName=node.lookup, joinColumns=columns_of(node.nodes))
    inner = {child.name: child for nodes in (*node.cases.values(), node.otherwise) for child in nodes}
    return _entry(node.name, node.name, joinColumns=columns_of(tuple(inner.values())))


def _entry(name: str, display_name: str, **known: Any) -> dict[str, Any]:
    return {
        "aggregate": False,
        "apexType": None,
        "booleanType": False,
        "columnName": name,
        "custom": False,
        "displayName": display_name,
        "foreignKeyName": None,
        "insertable": False,
        "joinColumns": [],
        "numberType": False,
        "textType": False,
        "updatable": False,
    } | known


def _aggregate_builder(query: CompiledQuery) -> Build:
    values = [(node.name, node.index, converter(node)) for node in query.nodes if isinstance(node, Value)]

    def build(row: Row) -> dict[str, Any]:
        record: dict[str, Any] = {"attributes": {"type": "AggregateResult"}}
        for name, index, convert in values:
            value = row[index]
            record[name] = value if convert is None or value is None else convert(value)
        return record

    return build


def _children_json(records: list[dict[str, Any]] | None) -> dict[str, Any] | None:
    return {"totalSize": len(records), "done": True, "records": records} if records else None


def _datetime(stored: str) -> str:
    return stored[:-1] + "+0000"


_CONVERTERS: dict[FieldType, Callable[[Any], Any]] = {
    FieldType.BOOLEAN: bool,
    FieldType.DATETIME: _datetime,
    FieldType.ADDRESS: json.loads,
}
