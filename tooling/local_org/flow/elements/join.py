"""The inner join of a Transform: pairs of items of two record collections whose keys agree. Source: salesforce/sf-pi, transform join."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..frames import Frame, Read
from ..model import Transform, TransformAction, Value
from ..program.expressions import Expressions
from ..records import FlowRecord
from ..scope import EACH_ITEM
from ..vocabulary import TransformType

Pair = dict[str, FlowRecord]
LEFT, RIGHT = "LeftTable", "RightTable"


@dataclass(frozen=True, slots=True)
class JoinDefinition:
    """A complexValue of the type JoinDefinition. `name` is that of the transform value, which later values refer to."""

    name: str
    left: str
    left_keys: tuple[str, ...]
    left_fields: tuple[str, ...]
    right: str
    right_keys: tuple[str, ...]
    right_fields: tuple[str, ...]


def join_of(node: Transform) -> JoinDefinition | None:
    """The join of a transform, None where it has none.

    Raises:
        ValueError: its definition cannot be read.
    """
    for part in node.transform_values:
        for action in part.transform_value_actions:
            if action.transform_type is TransformType.INNER_JOIN:
                return _definition(part.transform_value_name, action)
    return None


def _definition(name: str, action: TransformAction) -> JoinDefinition:
    values = [p.value for p in action.input_parameters if p.value is not None and p.value.complex_value]
    given = json.loads(values[0].complex_value or "") if values and values[0].complex_value_type == "JoinDefinition" else None
    if not isinstance(given, dict):
        raise ValueError("an InnerJoin needs a JoinDefinition")
    lists = {key: given.get(key) or [] for key in ("leftJoinKeys", "leftSelectedFields", "rightJoinKeys", "rightSelectedFields")}
    if not all(isinstance(value, list) for value in lists.values()) or len(lists["leftJoinKeys"]) != len(lists["rightJoinKeys"]):
        raise ValueError("a JoinDefinition needs as many left as right join keys")
    return JoinDefinition(
        name, str(given.get("leftElementReference") or ""), tuple(lists["leftJoinKeys"]), tuple(lists["leftSelectedFields"]),
        str(given.get("rightElementReference") or ""), tuple(lists["rightJoinKeys"]), tuple(lists["rightSelectedFields"]),
    )  # fmt: skip


def joined(definition: JoinDefinition, expressions: Expressions) -> Callable[[Frame], list[Pair]]:
    """A reader of the pairs, in the order of the left collection; a key without a value joins nothing."""
    left, right = expressions.read(definition.left), expressions.read(definition.right)
    left_keys = _canonical(definition.left, definition.left_keys, expressions)
    right_keys = _canonical(definition.right, definition.right_keys, expressions)

    def pairs(frame: Frame) -> list[Pair]:
        by_key: dict[tuple[Any, ...], list[FlowRecord]] = {}
        for record in right(frame) or []:
            by_key.setdefault(tuple(record.get(name) for name in right_keys), []).append(record)
        found: list[Pair] = []
        for record in left(frame) or []:
            key = tuple(record.get(name) for name in left_keys)
            if None not in key:
                found += [{LEFT: record, RIGHT: other} for other in by_key.get(key, [])]
        return found

    return pairs


def slot(node_name: str, join_name: str) -> str:
    """Where a frame holds the pair that is at hand."""
    return f"{node_name}.{join_name}{EACH_ITEM}"


def from_pair(value: Value, node_name: str, definition: JoinDefinition, expressions: Expressions) -> Read:
    """A reader of `Joined[$EachItem].LeftTable.Field`.

    Raises:
        ValueError: the reference names no table or field of the join.
    """
    table, name = table_and_field(value.transform_value_reference or "", definition)
    (field,) = _canonical(definition.left if table == LEFT else definition.right, (name,), expressions)
    at = slot(node_name, definition.name)
    return lambda frame: frame.values[at][table].get(field)


def table_and_field(reference: str, definition: JoinDefinition) -> tuple[str, str]:
    words = reference.split(".")
    if len(words) != 3 or words[0] != definition.name + EACH_ITEM or words[1] not in (LEFT, RIGHT):
        raise ValueError(f"{reference} names no table of the join {definition.name}")
    return words[1], words[2]


def _canonical(reference: str, names: tuple[str, ...], expressions: Expressions) -> tuple[str, ...]:
    sobject = expressions.scope.schema.get(expressions.target(reference).kind.sobject or "")
    return tuple(field.name if sobject and (field := sobject.field(name)) else name for name in names)
