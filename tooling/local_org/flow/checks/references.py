"""Every reference leads somewhere: values, conditions, merge fields of texts."""

from __future__ import annotations

from collections.abc import Iterator

from ..model import (
    AssignmentItem,
    CollectionProcessor,
    Condition,
    CustomErrorMessage,
    FlowProblem,
    Located,
    Loop,
    OutputFieldAssignment,
    OutputParameter,
    RecordCreate,
    RecordDelete,
    RecordLookup,
    RecordUpdate,
    TextTemplate,
    Value,
)
from ..scope import UnknownReference
from ..text import merge_fields
from .context import Checking, refused, walk


def references(checking: Checking) -> Iterator[FlowProblem]:
    for part in walk(checking.flow):
        for reference in _of(part):
            try:
                checking.scope.find(reference)
            except UnknownReference as error:
                yield refused(part, str(error))


def _of(part: Located) -> Iterator[str]:
    match part:
        case Value():
            yield from _given(part.element_reference)
            yield from merge_fields(part.string_value or "")
        case Condition():
            yield from _given(part.left_value_reference)
        case AssignmentItem():
            yield from _given(part.assign_to_reference)
        case OutputFieldAssignment() | OutputParameter():
            yield from _given(part.assign_to_reference)
        case TextTemplate():
            yield from merge_fields(part.text)
        case CustomErrorMessage():
            yield from merge_fields(part.error_message)
        case Loop():
            yield from _given(part.collection_reference, part.assign_next_value_to_reference)
        case CollectionProcessor():
            yield from _given(part.collection_reference)
        case RecordLookup():
            yield from _given(part.output_reference)
        case RecordCreate():
            yield from _given(part.input_reference, part.assign_record_id_to_reference)
        case RecordUpdate() | RecordDelete():
            yield from _given(part.input_reference)


def _given(*references: str | None) -> Iterator[str]:
    for reference in references:
        if reference:
            yield reference
