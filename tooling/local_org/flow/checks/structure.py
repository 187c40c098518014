"""Resources, loops, collections, transforms, custom errors: parts that must be there, and parts that do not run here."""

from __future__ import annotations

from collections.abc import Iterator

from ..model import (
    CollectionProcessor,
    CustomError,
    FlowProblem,
    FormulaResource,
    Loop,
    RecordRollback,
    Transform,
    TransformAction,
    Variable,
)
from ..vocabulary import CollectionProcessorType, DataType, TransformType
from .context import Checking, no_field, no_object, not_supported, refused

UNSUPPORTED_TRANSFORMS = (TransformType.INVOCABLE_ACTION,)


def process_type(checking: Checking) -> Iterator[FlowProblem]:
    if checking.flow.process_type != "AutoLaunchedFlow":
        yield not_supported(checking.flow, f"processType {checking.flow.process_type}")


def resources(checking: Checking) -> Iterator[FlowProblem]:
    for variable in checking.every(Variable):
        if variable.data_type is DataType.APEX:
            yield not_supported(variable, "dataType Apex")
        if variable.data_type is DataType.SOBJECT:
            if not variable.object_type:
                yield refused(variable, f'The record variable "{variable.name}" needs an objectType.')
            elif checking.sobject(variable.object_type) is None:
                yield no_object(variable, variable.object_type)
        elif variable.object_type:
            yield refused(variable, f'objectType of "{variable.name}" is only for the data type SObject.')
    scaled: list[Variable | FormulaResource] = [*checking.every(Variable), *checking.every(FormulaResource)]
    for part in scaled:
        if part.scale is not None and not 0 <= part.scale <= 17:
            yield refused(part, f'scale of "{part.name}" must be between 0 and 17, not {part.scale}.')


def loops(checking: Checking) -> Iterator[FlowProblem]:
    for loop in checking.every(Loop):
        target = checking.target(loop.collection_reference)
        if target is None:
            continue
        if not target.kind.collection:
            yield refused(loop, f'"{loop.collection_reference}" isn\'t a collection.')
        into = checking.target(loop.assign_next_value_to_reference)
        if into is not None and (
            into.kind.collection or into.kind.item.data_type is not target.kind.data_type or into.kind.sobject != target.kind.sobject
        ):
            yield refused(loop, f'"{loop.assign_next_value_to_reference}" can\'t hold an item of "{loop.collection_reference}".')


def collections(checking: Checking) -> Iterator[FlowProblem]:
    for node in checking.every(CollectionProcessor):
        target = checking.target(node.collection_reference)
        if target is None:
            continue
        if not target.kind.collection:
            yield refused(node, f'"{node.collection_reference}" isn\'t a collection.')
        sobject = checking.sobject(target.kind.sobject)
        if node.collection_processor_type is CollectionProcessorType.SORT:
            if not node.sort_options:
                yield refused(node, f'"{node.name}" has no sortOptions.')
            for option in node.sort_options:
                if sobject is not None and not option.sort_field:
                    yield refused(option, "Required field is missing: sortField")
                elif sobject is not None and option.sort_field and sobject.field(option.sort_field) is None:
                    yield no_field(option, option.sort_field, sobject.name)
        elif node.collection_processor_type is CollectionProcessorType.FILTER:
            if not node.conditions and not node.formula:
                yield refused(node, f'"{node.name}" has neither conditions nor a formula.')
        else:
            yield from _mapping(checking, node)


def _mapping(checking: Checking, node: CollectionProcessor) -> Iterator[FlowProblem]:
    made = checking.sobject(node.output_sobject_type)
    if made is None:
        yield no_object(node, node.output_sobject_type or "")
        return
    for item in node.map_items:
        name = item.assign_to_field_reference.rsplit(".", 1)[-1]
        if made.field(name) is None:
            yield no_field(item, name, made.name)


def transforms(checking: Checking) -> Iterator[FlowProblem]:
    for node in checking.every(Transform):
        made = checking.sobject(node.object_type)
        if node.data_type is DataType.SOBJECT and made is None:
            yield no_object(node, node.object_type or "")
        if node.data_type is DataType.APEX:
            yield not_supported(node, "dataType Apex")
        for action in checking.every(TransformAction, node):
            if action.transform_type in UNSUPPORTED_TRANSFORMS:
                yield not_supported(action, f"transformType {action.transform_type}")
            if made is not None and action.output_field_api_name and made.field(action.output_field_api_name) is None:
                yield no_field(action, action.output_field_api_name, made.name)


def custom_errors(checking: Checking) -> Iterator[FlowProblem]:
    for node in checking.every(CustomError):
        if not checking.flow.record_triggered:
            yield refused(node, "Custom errors are only for flows that a record triggers.")
        if not node.custom_error_messages:
            yield refused(node, f'"{node.name}" has no message.')
        sobject = checking.sobject(checking.flow.trigger_object)
        for message in node.custom_error_messages:
            if not message.is_field_error:
                continue
            if not message.field_selection:
                yield refused(message, "A field error needs a fieldSelection.")
            elif sobject is not None and sobject.field(message.field_selection) is None:
                yield no_field(message, message.field_selection, sobject.name)


def rollbacks(checking: Checking) -> Iterator[FlowProblem]:
    for node in checking.every(RecordRollback):
        # salesforce/sf-pi, flow guide: for screen flows only.
        yield refused(node, "Roll Back Records isn't available in autolaunched flows.")
