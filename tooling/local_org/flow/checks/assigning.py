"""What can be assigned to what: targets that take a value, operators by data type."""

from __future__ import annotations

from collections.abc import Iterator

from ..kinds import NUMBERS, Kind
from ..model import AssignmentItem, FlowProblem, Located
from ..scope import Root, Target
from ..vocabulary import AssignmentOperator, DataType
from .conditions import comparable_kinds, value_kind
from .context import Checking, refused

_COLLECTION_ONLY = frozenset(
    {AssignmentOperator.ADD_AT_START, AssignmentOperator.REMOVE_FIRST, AssignmentOperator.REMOVE_BEFORE_FIRST}
    | {AssignmentOperator.REMOVE_AFTER_FIRST, AssignmentOperator.REMOVE_ALL, AssignmentOperator.REMOVE_UNCOMMON}
    | {AssignmentOperator.REMOVE_POSITION}
)
_ADDED_TO = frozenset({*NUMBERS, DataType.DATE, DataType.STRING, DataType.PICKLIST, DataType.MULTIPICKLIST})


def assignments(checking: Checking) -> Iterator[FlowProblem]:
    for item in checking.every(AssignmentItem):
        target = checking.target(item.assign_to_reference)
        if target is not None:
            yield from assignable(checking, item, target)
            yield from _operator(checking, item, target.kind)


def assignable(checking: Checking, part: Located, target: Target) -> Iterator[FlowProblem]:
    """Whether something can be written there."""
    writable = target.root is Root.VARIABLE or (target.root is Root.RECORD and bool(target.fields))
    if not writable or target.each:
        yield refused(part, f'A value can\'t be assigned to "{target}".')
    elif len(target.fields) > 1 or target.relationship is not None:
        yield refused(part, f'A value can\'t be assigned to "{target}": fields of related records are read-only.')
    elif target.kind.field is not None and target.kind.field.calculated:
        yield refused(part, f'A value can\'t be assigned to "{target}": the field is a formula.')


def _operator(checking: Checking, item: AssignmentItem, kind: Kind) -> Iterator[FlowProblem]:
    operator = item.operator
    value = value_kind(checking, item.value)
    if operator is AssignmentOperator.NONE:
        yield refused(item, "The assignment operator None can't be used.")
    elif operator is AssignmentOperator.ASSIGN_COUNT:
        if kind.data_type not in NUMBERS or kind.collection:
            yield refused(item, "The assignment operator AssignCount needs a number to assign to.")
        if value is not None and not value.collection:
            yield refused(item, "The assignment operator AssignCount needs a collection to count.")
    elif kind.collection:
        if operator is AssignmentOperator.ASSIGN and value is not None and not value.collection:
            yield refused(item, f'A single value can\'t be assigned to the collection "{item.assign_to_reference}": use Add.')
        elif operator is not AssignmentOperator.REMOVE_POSITION and value is not None and not _same(kind.item, value.item):
            yield refused(item, f"A value of the type {value} can't be used with a collection of the type {kind.item}.")
    elif operator in _COLLECTION_ONLY or (operator is AssignmentOperator.ADD_ITEM and kind.data_type is not DataType.MULTIPICKLIST):
        yield refused(item, f"The assignment operator {operator} is only for collections.")
    elif operator is AssignmentOperator.ADD and kind.data_type not in _ADDED_TO:
        # "Flow" page of the Metadata API guide, FlowAssignmentOperator.
        yield refused(item, f"The assignment operator Add isn't available for the data type {kind.data_type}.")
    elif operator is AssignmentOperator.SUBTRACT and kind.data_type not in {*NUMBERS, DataType.DATE}:
        yield refused(item, f"The assignment operator Subtract isn't available for the data type {kind.data_type}.")
    elif value is not None and operator is AssignmentOperator.ASSIGN and (value.collection or not _same(kind, value)):
        yield refused(item, f"A value of the type {value} can't be assigned to {item.assign_to_reference}, which is of the type {kind}.")


def _same(target: Kind, value: Kind) -> bool:
    if DataType.SOBJECT in (target.data_type, value.data_type):
        return target.data_type is value.data_type and (target.sobject or "").lower() == (value.sobject or "").lower()
    return target.is_text or comparable_kinds(target, value)
