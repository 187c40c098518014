"""Transform: a value, a record or a collection made from other ones by mapping, counting and adding up."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from .. import costs
from ..faults import FlowFault
from ..frames import Frame, Read, Step
from ..kinds import Coercer, Kind, coercer, kind_of_field
from ..model import Transform, TransformAction
from ..program.expressions import Expressions, each_item
from ..records import FlowRecord, copied
from ..scope import EACH_ITEM
from ..text import merge_fields, plain
from ..vocabulary import DataType, TransformType
from .join import JoinDefinition, from_pair, join_of, joined, slot


class TransformStep(Step):
    """The output is stored under the element's name. `[$EachItem]` makes one output item per item of the source collection."""

    kind = "Transform"
    cost = costs.ELEMENT
    __slots__ = ("_collection", "_fields", "_fit", "_many", "_slot", "_sobject", "_source")

    def __init__(self, node: Transform, expressions: Expressions) -> None:
        super().__init__(node.name)
        found = expressions.scope.schema.get(node.object_type or "")
        self._sobject = found.name if found else None
        self._many = node.is_collection
        self._fit = coercer(Kind(node.data_type or DataType.STRING, scale=node.scale)) if not self._sobject else None
        self._fields: list[tuple[str | None, Coercer | None, Read]] = []
        actions = [action for value in node.transform_values for action in value.transform_value_actions]
        join = join_of(node)
        for action in actions:
            if action.transform_type is TransformType.INNER_JOIN:
                continue
            field = found.field(action.output_field_api_name) if found and action.output_field_api_name else None
            fit = coercer(kind_of_field(field)) if field else None
            self._fields.append((field.name if field else None, fit, _action(action, expressions, node.name, join)))
        self._source = next((s for action in actions if node.is_collection for s in _sources(action)), None)
        self._collection = expressions.read(self._source) if self._source else None
        self._slot = expressions.target(self._source + EACH_ITEM).name if self._source else ""
        if join is not None:
            self._collection, self._slot = joined(join, expressions), slot(node.name, join.name)

    def go(self, frame: Frame) -> Step | None:
        if not self._many:
            frame.values[self.name] = self._made(frame)
            return self.next
        if self._collection is None:
            made = [self._made(frame)]
        else:
            made = []
            items = self._collection(frame) or []
            for item in items:
                frame.values[self._slot] = item
                made.append(self._made(frame))
            frame.values.pop(self._slot, None)
            frame.host.spend(costs.COLLECTION_ITEM * len(items))
        frame.values[self.name] = made
        if frame.interview.trace is not None:
            frame.interview.trace.note(items=len(made))
        return self.next

    def _made(self, frame: Frame) -> Any:
        if self._sobject is None:
            value = self._fields[0][2](frame) if self._fields else None
            return value if self._fit is None else self._fit(value, frame.zone)
        record = FlowRecord(self._sobject)
        for field, fit, read in self._fields:
            if field is None:
                return copied(read(frame))
            value = read(frame)
            record.put(field, fit(value, frame.zone) if fit else value)
        return record


def _sources(action: TransformAction) -> list[str]:
    """The collections that an action walks through item by item."""
    if action.transform_type is not TransformType.MAP or action.value is None:
        return []
    references = [action.value.element_reference] if action.value.element_reference else []
    for text in (action.value.string_value, action.value.formula_expression):
        references += list(merge_fields(text or ""))
    return [source for reference in references if (source := each_item(reference))]


def _action(action: TransformAction, expressions: Expressions, node_name: str, join: JoinDefinition | None) -> Read:
    if join is not None and action.value is not None and action.value.transform_value_reference:
        return from_pair(action.value, node_name, join, expressions)
    if action.transform_type is TransformType.MAP:
        return expressions.value(action.value).read
    reference = collection_of(action)
    if reference is None:
        raise FlowFault(f"The transform action {action.transform_type} names no collection.")
    collection, field = _collection_and_field(reference, action, expressions)
    if action.transform_type is TransformType.COUNT:
        return lambda frame: Decimal(len(collection(frame) or ()))
    if action.transform_type is TransformType.SUM:
        return _sum(collection, field)
    index = next((expressions.value(p.value).read for p in action.input_parameters if "index" in p.name.lower()), None)
    return _item_at(collection, field, index)


def collection_of(action: TransformAction) -> str | None:
    """The collection that Count and Sum work on: their value, or their parameter `aggregationValues` (salesforce/sf-pi, flow guide)."""
    if action.value is not None and action.value.element_reference:
        return action.value.element_reference
    return next((p.value.element_reference for p in action.input_parameters if p.value and p.value.element_reference), None)


def _collection_and_field(reference: str, action: TransformAction, expressions: Expressions) -> tuple[Read, str | None]:
    source = each_item(reference)
    if source is not None:
        fields = expressions.target(reference).fields
        return expressions.read(source), (fields[-1] if fields else None)
    named = next((p.value.string_value for p in action.input_parameters if p.name == "aggregationField" and p.value), None)
    found = expressions.scope.schema.get(expressions.target(reference).kind.sobject or "")
    field = found.field(named) if found and named else None
    return expressions.read(reference), (field.name if field else None)


def _sum(collection: Read, field: str | None) -> Callable[[Frame], Any]:
    def total(frame: Frame) -> Any:
        values = [_field_of(item, field, frame) if field else item for item in collection(frame) or []]
        return sum((value for value in values if isinstance(value, Decimal)), Decimal(0))

    return total


def _field_of(item: Any, field: str, frame: Frame) -> Any:
    if not isinstance(item, FlowRecord):
        return item
    return item[field] if field in item else frame.host.resolve(item.sobject, item, (field,))


def _item_at(collection: Read, field: str | None, index: Read | None) -> Callable[[Frame], Any]:
    def item(frame: Frame) -> Any:
        items = collection(frame) or []
        position = int(Decimal(plain(index(frame)))) if index else 0
        found = items[position] if 0 <= position < len(items) else None
        return found.get(field) if isinstance(found, dict) and field else found

    return item
