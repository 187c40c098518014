"""Inner joins of transforms: collections, keys and fields that are there."""

from __future__ import annotations

from collections.abc import Iterator

from ..elements.join import LEFT, RIGHT, join_of, table_and_field
from ..model import FlowProblem, Transform, Value
from .context import Checking, no_field, not_supported, refused


def joins(checking: Checking) -> Iterator[FlowProblem]:
    """Joins, and values that only they can have."""
    inside = {id(value) for node in checking.every(Transform) for value in checking.every(Value, node)}
    for value in checking.every(Value):
        if (value.complex_value or value.transform_value_reference) and id(value) not in inside:
            yield not_supported(value, "A complexValue or transformValueReference outside a transform")
    for node in checking.every(Transform):
        try:
            definition = join_of(node)
            references = [v.transform_value_reference for v in checking.every(Value, node) if v.transform_value_reference]
            if definition is None:
                if references:
                    yield refused(node, f'"{references[0]}" refers to no join.')
                continue
            fields = [table_and_field(reference, definition) for reference in references]
        except ValueError as error:
            yield refused(node, f'The join of "{node.name}" isn\'t valid: {error}.')
            continue
        for table, reference, names in (
            (LEFT, definition.left, (*definition.left_keys, *definition.left_fields)),
            (RIGHT, definition.right, (*definition.right_keys, *definition.right_fields)),
        ):
            yield from _joined(checking, node, reference, (*names, *(name for found, name in fields if found == table)))


def _joined(checking: Checking, node: Transform, reference: str, names: tuple[str, ...]) -> Iterator[FlowProblem]:
    target = checking.target(reference)
    sobject = checking.sobject(target.kind.sobject) if target is not None and target.kind.collection else None
    if sobject is None:
        yield refused(node, f'"{reference}" isn\'t a collection of records.')
        return
    for name in dict.fromkeys(names):
        if sobject.field(name) is None:
            yield no_field(node, name, sobject.name)
