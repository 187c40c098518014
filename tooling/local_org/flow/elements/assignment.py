"""Assignment: sets variables, collections and fields of records."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from .. import costs
from ..frames import Frame, Read, Step
from ..kinds import Kind, as_number
from ..model import Assignment, AssignmentItem
from ..program.expressions import Expressions
from ..program.operands import Operand
from ..program.references import Write
from ..records import copied
from ..scope import Target
from ..text import plain
from ..vocabulary import AssignmentOperator, DataType

Apply = Callable[[Frame], None]
Combine = Callable[[Any, Any], Any]


class AssignmentStep(Step):
    kind = "Assignment"
    __slots__ = ("_shown", "cost", "items")

    def __init__(self, node: Assignment, expressions: Expressions) -> None:
        super().__init__(node.name)
        self.items = [_item(item, expressions) for item in node.assignment_items]
        self._shown = [(i.assign_to_reference, expressions.read(i.assign_to_reference, lenient=True)) for i in node.assignment_items]
        self.cost = costs.ELEMENT + costs.ASSIGNMENT_ITEM * len(self.items)

    def go(self, frame: Frame) -> Step | None:
        for apply in self.items:
            apply(frame)
        if frame.interview.trace is not None:
            frame.interview.trace.note(assigned={name: read(frame) for name, read in self._shown})
        return self.next


def _item(item: AssignmentItem, expressions: Expressions) -> Apply:
    target = expressions.target(item.assign_to_reference)
    operand = expressions.value(item.value, target.kind)
    write = expressions.write(item.assign_to_reference)
    operator = item.operator
    if operator is AssignmentOperator.ASSIGN:
        return _assign(write, operand)
    if operator is AssignmentOperator.ASSIGN_COUNT:
        read = operand.read
        return lambda frame: write(frame, Decimal(len(read(frame) or ())))
    current = expressions.read(item.assign_to_reference, lenient=True)
    if target.kind.collection:
        return _on_collection(operator, target, current, write, operand.read)
    combine = _combination(operator, target.kind)
    read = operand.read

    def combined(frame: Frame) -> None:
        write(frame, combine(current(frame), read(frame)))

    return combined


def _assign(write: Write, operand: Operand) -> Apply:
    read = operand.read
    if operand.constant:
        value = operand.value
        return lambda frame: write(frame, value)
    return lambda frame: write(frame, read(frame))


def _combination(operator: AssignmentOperator, kind: Kind) -> Combine:
    subtract = operator is AssignmentOperator.SUBTRACT
    if kind.is_number:
        return _subtracted if subtract else _added
    if kind.data_type in (DataType.DATE, DataType.DATE_TIME):
        return _earlier if subtract else _later
    if kind.data_type is DataType.MULTIPICKLIST:
        return lambda current, value: current if value in (None, "") else value if not current else f"{current};{plain(value)}"
    return lambda current, value: plain(current) + plain(value)


def _number(value: Any) -> Decimal:
    if value is None or value == "":
        return Decimal(0)
    return as_number(value)


def _added(current: Any, value: Any) -> Any:
    if type(current) is Decimal and type(value) is Decimal:
        return current + value
    return _number(current) + _number(value)


def _subtracted(current: Any, value: Any) -> Any:
    return _number(current) - _number(value)


def _days(value: Any) -> timedelta:
    return timedelta(days=int(_number(value)))


def _later(current: date | datetime | None, value: Any) -> Any:
    return None if current is None else current + _days(value)


def _earlier(current: date | datetime | None, value: Any) -> Any:
    return None if current is None else current - _days(value)


def _on_collection(operator: AssignmentOperator, target: Target, current: Read, write: Write, read: Read) -> Apply:
    name = target.name
    whole = not target.fields
    change = _COLLECTION_CHANGES[operator]

    def apply(frame: Frame) -> None:
        value = copied(read(frame))
        items = current(frame)
        changed = change(list(items) if items else [], [] if value is None else value if isinstance(value, list) else [value])
        write(frame, changed)

    def append(frame: Frame) -> None:
        # The hot case of a loop: the collection is the variable's own, so it grows in place.
        value = copied(read(frame))
        items = frame.values.get(name)
        if items is None:
            items = frame.values[name] = []
        if isinstance(value, list):
            items.extend(value)
        elif value is not None:
            items.append(value)

    return append if whole and operator in (AssignmentOperator.ADD, AssignmentOperator.ADD_ITEM) else apply


def _remove_first(items: list[Any], values: list[Any]) -> list[Any]:
    for value in values:
        if value in items:
            items.remove(value)
    return items


def _remove_all(items: list[Any], values: list[Any]) -> list[Any]:
    return [item for item in items if item not in values]


def _remove_before_first(items: list[Any], values: list[Any]) -> list[Any]:
    return items[items.index(values[0]) :] if values and values[0] in items else items


def _remove_after_first(items: list[Any], values: list[Any]) -> list[Any]:
    return items[: items.index(values[0]) + 1] if values and values[0] in items else items


def _remove_position(items: list[Any], values: list[Any]) -> list[Any]:
    # Positions count from 1; "Flow" page of the Metadata API guide, FlowAssignmentOperator.
    position = int(_number(values[0])) if values else 0
    if 1 <= position <= len(items):
        del items[position - 1]
    return items


_COLLECTION_CHANGES: dict[AssignmentOperator, Callable[[list[Any], list[Any]], list[Any]]] = {
    AssignmentOperator.ADD: lambda items, values: items + values,
    AssignmentOperator.ADD_ITEM: lambda items, values: items + values,
    AssignmentOperator.ADD_AT_START: lambda items, values: values + items,
    AssignmentOperator.SUBTRACT: _remove_all,
    AssignmentOperator.REMOVE_ALL: _remove_all,
    AssignmentOperator.REMOVE_FIRST: _remove_first,
    AssignmentOperator.REMOVE_BEFORE_FIRST: _remove_before_first,
    AssignmentOperator.REMOVE_AFTER_FIRST: _remove_after_first,
    AssignmentOperator.REMOVE_UNCOMMON: lambda items, values: [item for item in items if item in values],
    AssignmentOperator.REMOVE_POSITION: _remove_position,
}
