"""Operators of conditions and filters against what they compare."""

from __future__ import annotations

from collections.abc import Iterator

from ..kinds import Kind, kind_of_field
from ..model import (
    CollectionProcessor,
    Condition,
    Decision,
    FlowProblem,
    Node,
    RecordDelete,
    RecordFilter,
    RecordLookup,
    RecordUpdate,
    Start,
    Value,
    connectors,
)
from ..scope import Root
from ..vocabulary import ComparisonOperator, DataType, FilterOperator
from .context import Checking, no_field, no_object, not_supported, refused
from .start import logic

UNSUPPORTED_OPERATORS = (ComparisonOperator.NONE, ComparisonOperator.WAS_SELECTED)
"""Those of screens, and of nothing."""
_TEXTUAL = frozenset({"StartsWith", "EndsWith", "Contains"})
_ORDERED = frozenset({"GreaterThan", "LessThan", "GreaterThanOrEqualTo", "LessThanOrEqualTo"})
_TRUE_OR_FALSE = frozenset({"IsNull", "IsBlank", "IsEmpty", "IsChanged", "WasVisited", "WasSet", "HasError"})


def conditions(checking: Checking) -> Iterator[FlowProblem]:
    for decision in checking.every(Decision):
        if not decision.rules:
            yield refused(decision, f'The decision "{decision.name}" has no outcome.')
        for rule in decision.rules:
            if not rule.conditions:
                yield refused(rule, f'The outcome "{rule.name}" has no conditions.')
            yield from logic(rule, rule.condition_logic, len(rule.conditions))
            if rule.does_require_record_changed_to_meet_criteria and not checking.flow.record_triggered:
                yield refused(rule, "doesRequireRecordChangedToMeetCriteria is only for flows that a record triggers.")
    for processor in checking.every(CollectionProcessor):
        yield from logic(processor, processor.condition_logic, len(processor.conditions))
    after_commit = _after_commit(checking)
    for node in checking.flow.nodes():
        for condition in checking.every(Condition, node):
            yield from _condition(checking, condition)
            if condition.operator is ComparisonOperator.IS_CHANGED and node.name.lower() in after_commit:
                # Salesforce Help, "Considerations for Record-Triggered Flows".
                yield refused(condition, "The operator IsChanged isn't available in asynchronous and scheduled paths.")


def _condition(checking: Checking, condition: Condition) -> Iterator[FlowProblem]:
    operator = condition.operator
    if operator in UNSUPPORTED_OPERATORS:
        yield not_supported(condition, f"The operator {operator}")
        return
    if not condition.left_value_reference:
        yield refused(condition, "Required field is missing: leftValueReference")
        return
    target = checking.target(condition.left_value_reference)
    if target is None:
        return
    if operator is ComparisonOperator.IS_CHANGED and (target.root is not Root.RECORD or not checking.flow.record_triggered):
        yield refused(condition, "The operator IsChanged is only for fields of $Record in flows that a record triggers.")
    if operator is ComparisonOperator.IS_EMPTY and not target.kind.collection:
        yield refused(condition, "The operator IsEmpty is only for collections.")
    yield from _fits(checking, condition, operator.value, target.kind, condition.right_value)


def _fits(checking: Checking, part: Condition | RecordFilter, operator: str, kind: Kind, right: Value | None) -> Iterator[FlowProblem]:
    right_kind = value_kind(checking, right)
    if operator in _TRUE_OR_FALSE:
        if right_kind is not None and right_kind.data_type is not DataType.BOOLEAN:
            yield refused(part, f"The operator {operator} needs a Boolean value.")
    elif operator in ("In", "NotIn"):
        if right_kind is not None and not right_kind.collection:
            yield refused(part, f"The operator {operator} needs a collection.")
    elif kind.collection:
        if operator not in ("EqualTo", "NotEqualTo", "Contains"):
            yield refused(part, f"The operator {operator} isn't available for collections.")
    elif (operator in _TEXTUAL and not kind.is_text) or (operator in _ORDERED and kind.data_type in (DataType.BOOLEAN, DataType.SOBJECT)):
        yield refused(part, f"The operator {operator} isn't available for the data type {kind.data_type}.")
    elif right_kind is not None and not comparable_kinds(kind, right_kind):
        yield refused(part, f"A value of the type {right_kind} can't be compared with one of the type {kind}.")


def filters(checking: Checking) -> Iterator[FlowProblem]:
    for node in (*([checking.flow.start] if checking.flow.start else []), *checking.flow.nodes()):
        if isinstance(node, Start | RecordLookup | RecordUpdate | RecordDelete):
            yield from _filters(checking, node)


def _filters(checking: Checking, node: Start | RecordLookup | RecordUpdate | RecordDelete) -> Iterator[FlowProblem]:
    if not isinstance(node, Start):
        yield from logic(node, node.filter_logic, len(node.filters))
    held = checking.target(node.input_reference) if isinstance(node, RecordUpdate) else None
    sobject = checking.sobject(held.kind.sobject if held else node.object)
    if sobject is None:
        if node.object and not isinstance(node, Start):
            yield no_object(node, node.object)
        return
    for item in node.filters:
        field = sobject.field(item.field)
        if field is None:
            yield no_field(item, item.field, sobject.name)
            continue
        if item.operator is FilterOperator.IS_CHANGED and not isinstance(node, Start):
            yield refused(item, "The operator IsChanged is only for entry conditions.")
        if field.is_long_text and item.operator is not FilterOperator.IS_CHANGED and not isinstance(node, Start):
            yield refused(item, f'The field "{field.name}" for the object "{sobject.name}" can\'t be filtered.')
        yield from _fits(checking, item, item.operator.value, kind_of_field(field), item.value)


def value_kind(checking: Checking, value: Value | None) -> Kind | None:
    """The static type of a value; None where it has none or is null."""
    if value is None:
        return None
    if value.element_reference is not None:
        target = checking.target(value.element_reference)
        return target.kind if target else None
    if value.formula_expression is not None:
        return Kind(value.formula_data_type) if value.formula_data_type else None
    for given, data_type in (
        (value.string_value, DataType.STRING), (value.boolean_value, DataType.BOOLEAN), (value.number_value, DataType.NUMBER),
        (value.date_value, DataType.DATE), (value.date_time_value, DataType.DATE_TIME), (value.time_value, DataType.TIME),
    ):  # fmt: skip
        if given is not None:
            return Kind(data_type)
    return None


_GROUPS = {
    DataType.STRING: "text", DataType.PICKLIST: "text", DataType.MULTIPICKLIST: "text", DataType.NUMBER: "number",
    DataType.CURRENCY: "number", DataType.DATE: "date", DataType.DATE_TIME: "date",
}  # fmt: skip


def comparable_kinds(left: Kind, right: Kind) -> bool:
    """Whether two types may meet; text stands for any literal, as Flow Builder writes some of them."""
    first = _GROUPS.get(left.data_type, left.data_type.value)
    second = _GROUPS.get(right.data_type, right.data_type.value)
    return first == second or "text" in (first, second)


def _after_commit(checking: Checking) -> set[str]:
    """The elements that asynchronous and scheduled paths lead to, lower case."""
    flow = checking.flow
    nodes: dict[str, Node] = {node.name.lower(): node for node in flow.nodes()}
    paths = flow.start.scheduled_paths if flow.start else ()
    waiting = [path.connector.target_reference.lower() for path in paths if path.connector]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        node = nodes.get(name)
        if name not in found and node is not None:
            found.add(name)
            waiting.extend(connector.target_reference.lower() for _, connector in connectors(node))
    return found
