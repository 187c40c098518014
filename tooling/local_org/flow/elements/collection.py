"""Collection processors: sort in place, filter into a new collection, map into recommendations' or other records."""

from __future__ import annotations

from functools import cmp_to_key
from typing import Any

from .. import costs
from ..faults import FlowFault
from ..frames import Frame, Read, Step, Test
from ..kinds import BOOLEAN, Kind
from ..model import CollectionProcessor, SortOption
from ..program.expressions import Expressions
from ..program.logic import combine
from ..records import FlowRecord, copied
from ..vocabulary import CollectionProcessorType, SortOrder


class SortStep(Step):
    """Sorts the collection itself and, where a limit is given, cuts it."""

    kind = "SortCollectionProcessor"
    cost = costs.ELEMENT
    __slots__ = ("_limit", "_options", "_read", "_write")

    def __init__(self, node: CollectionProcessor, expressions: Expressions) -> None:
        super().__init__(node.name)
        kind = expressions.target(node.collection_reference).kind
        self._read = expressions.read(node.collection_reference)
        self._write = expressions.write(node.collection_reference)
        self._limit = node.limit
        self._options = [_key(option, kind, expressions) for option in node.sort_options]

    def go(self, frame: Frame) -> Step | None:
        items = list(self._read(frame) or [])
        for read, option in reversed(self._options):
            items.sort(key=cmp_to_key(_comparison(read, option, frame)))
        if self._limit is not None:
            items = items[: self._limit]
        self._write(frame, items)
        frame.values[self.name] = items
        frame.host.spend(costs.COLLECTION_ITEM * len(items))
        if frame.interview.trace is not None:
            frame.interview.trace.note(items=len(items))
        return self.next


def _key(option: SortOption, kind: Kind, expressions: Expressions) -> tuple[str | None, SortOption]:
    found = expressions.scope.schema.get(kind.sobject or "")
    field = found.field(option.sort_field) if found and option.sort_field else None
    return (field.name if field else option.sort_field), option


def _comparison(field: str | None, option: SortOption, frame: Frame) -> Any:
    empty_first = option.does_put_empty_string_and_null_first
    descending = option.sort_order is SortOrder.DESC

    def value_of(item: Any) -> Any:
        value = item
        if field is not None and isinstance(item, FlowRecord):
            value = item[field] if field in item else frame.host.resolve(item.sobject, item, (field,))
        return value.casefold() if isinstance(value, str) else value

    def compare(first: Any, second: Any) -> int:
        a, b = value_of(first), value_of(second)
        a_empty, b_empty = a is None or a == "", b is None or b == ""
        if a_empty or b_empty:
            order = 0 if a_empty and b_empty else -1 if a_empty else 1
            return order if empty_first else -order
        order = int(a > b) - int(a < b)
        return -order if descending else order

    return compare


class FilterStep(Step):
    """Keeps the items that meet conditions or a formula, as a new collection under the element's name."""

    kind = "FilterCollectionProcessor"
    cost = costs.ELEMENT
    __slots__ = ("_item", "_read", "_test")

    def __init__(self, node: CollectionProcessor, expressions: Expressions) -> None:
        super().__init__(node.name)
        self._read = expressions.read(node.collection_reference)
        self._item = node.assign_next_value_to_reference or f"currentItem_{node.name}"
        if node.formula:
            self._test: Test = _true(expressions.formula(node.formula, BOOLEAN, node.name))
        else:
            self._test = combine(node.condition_logic, [expressions.condition(c).test for c in node.conditions])

    def go(self, frame: Frame) -> Step | None:
        kept = []
        items = self._read(frame) or []
        for item in items:
            frame.values[self._item] = item
            if self._test(frame):
                kept.append(copied(item))
        frame.values.pop(self._item, None)
        frame.values[self.name] = kept
        frame.host.spend(costs.COLLECTION_ITEM * len(items))
        if frame.interview.trace is not None:
            frame.interview.trace.note(items=len(items), kept=len(kept))
        return self.next


def _true(read: Read) -> Test:
    return lambda frame: read(frame) is True


class MapStep(Step):
    """Makes a record of another type from each item."""

    kind = "RecommendationMapCollectionProcessor"
    cost = costs.ELEMENT
    __slots__ = ("_fields", "_item", "_read", "_sobject")

    def __init__(self, node: CollectionProcessor, expressions: Expressions) -> None:
        super().__init__(node.name)
        self._read = expressions.read(node.collection_reference)
        self._item = node.assign_next_value_to_reference or f"currentItem_{node.name}"
        found = expressions.scope.schema.get(node.output_sobject_type or "")
        if found is None:
            raise FlowFault(f"The object {node.output_sobject_type} doesn't exist.")
        self._sobject = found.name
        self._fields: list[tuple[str, Read]] = []
        for item in node.map_items:
            field = found.field(item.assign_to_field_reference.rsplit(".", 1)[-1])
            if field is not None:
                self._fields.append((field.name, expressions.value(item.value).read))

    def go(self, frame: Frame) -> Step | None:
        made = []
        for item in self._read(frame) or []:
            frame.values[self._item] = item
            record = FlowRecord(self._sobject)
            for name, read in self._fields:
                record.put(name, read(frame))
            made.append(record)
        frame.values.pop(self._item, None)
        frame.values[self.name] = made
        frame.host.spend(costs.COLLECTION_ITEM * len(made))
        return self.next


def collection_step(node: CollectionProcessor, expressions: Expressions) -> Step:
    if node.collection_processor_type is CollectionProcessorType.SORT:
        return SortStep(node, expressions)
    if node.collection_processor_type is CollectionProcessorType.FILTER:
        return FilterStep(node, expressions)
    return MapStep(node, expressions)
