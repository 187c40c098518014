"""Get, Create, Update and Delete Records: which of their parts go together, and whether their fields exist."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ...schema.types import SObject
from ..kinds import kind_of_field
from ..model import FlowProblem, InputFieldAssignment, RecordCreate, RecordDelete, RecordLookup, RecordUpdate
from ..scope import Root
from ..vocabulary import DataType
from .assigning import assignable
from .conditions import comparable_kinds, value_kind
from .context import Checking, no_field, no_object, refused


def lookups(checking: Checking) -> Iterator[FlowProblem]:
    for node in checking.every(RecordLookup):
        manual = bool(node.output_assignments) or node.output_reference is not None
        if node.store_output_automatically and manual:
            yield refused(node, "storeOutputAutomatically can't be combined with outputAssignments or outputReference.")
        if not node.store_output_automatically and not manual:
            yield refused(node, f'"{node.name}" stores nothing: set storeOutputAutomatically, outputReference or outputAssignments.')
        if node.output_assignments and node.output_reference:
            yield refused(node, "outputAssignments can't be combined with outputReference.")
        sobject = checking.sobject(node.object)
        if sobject is None:
            continue
        yield from _lookup_fields(node, sobject)
        yield from _lookup_output(checking, node, sobject)


def _lookup_fields(node: RecordLookup, sobject: SObject) -> Iterator[FlowProblem]:
    # queriedFields don't reach parents: "Manager.Name" is no field of User. Jaganpro/sf-skills, xml-gotchas.
    for name in (*node.queried_fields, *(o.field for o in node.output_assignments), *([node.sort_field] if node.sort_field else [])):
        if sobject.field(name) is None:
            yield no_field(node, name, sobject.name)
    field = sobject.field(node.sort_field) if node.sort_field else None
    if field is not None and field.is_long_text:
        yield refused(node, f'The field "{field.name}" for the object "{sobject.name}" can\'t be sorted by.')
    if node.sort_order is not None and not node.sort_field:
        yield refused(node, "sortOrder needs a sortField.")
    number = node.limit.number_value if node.limit else None
    if number is not None and not 2 <= number <= 20000:
        yield refused(node, f"limit must be between 2 and 20000, not {number}.")


def _lookup_output(checking: Checking, node: RecordLookup, sobject: SObject) -> Iterator[FlowProblem]:
    target = checking.target(node.output_reference)
    if target is not None and (target.root is not Root.VARIABLE or target.kind.sobject != sobject.name):
        yield refused(node, f'outputReference "{node.output_reference}" must be a record variable of the object "{sobject.name}".')
    for output in node.output_assignments:
        into = checking.target(output.assign_to_reference)
        if into is not None:
            yield from assignable(checking, output, into)


def creates(checking: Checking) -> Iterator[FlowProblem]:
    for node in checking.every(RecordCreate):
        if node.input_reference:
            if node.object or node.input_assignments:
                yield refused(node, "inputReference can't be combined with object and inputAssignments.")
            yield from _record_input(checking, node, node.input_reference)
        else:
            yield from _field_input(checking, node, node.object, node.input_assignments)
        if node.assign_record_id_to_reference and node.store_output_automatically:
            yield refused(node, "assignRecordIdToReference can't be combined with storeOutputAutomatically.")
        into = checking.target(node.assign_record_id_to_reference)
        if into is not None:
            yield from assignable(checking, node, into)
        yield from _upsert(checking, node)


def _upsert(checking: Checking, node: RecordCreate) -> Iterator[FlowProblem]:
    key = node.upsert_external_id_field or node.upsert_standard_id_field
    if not node.does_upsert:
        if key:
            yield refused(node, "upsertExternalIdField and upsertStandardIdField need doesUpsert.")
        return
    if node.upsert_external_id_field and node.upsert_standard_id_field:
        yield refused(node, "upsertExternalIdField can't be combined with upsertStandardIdField.")
    target = checking.target(node.input_reference)
    sobject = checking.sobject(target.kind.sobject if target else node.object)
    if sobject is None or not key:
        return
    field = sobject.field(key)
    if field is None:
        yield no_field(node, key, sobject.name)
    elif not (field.external_id or field.id_lookup or field.name == "Id"):
        yield refused(node, f'The field "{field.name}" for the object "{sobject.name}" isn\'t an external ID.')


def updates(checking: Checking) -> Iterator[FlowProblem]:
    for node in checking.every(RecordUpdate):
        if not node.input_reference:
            yield from _filtered(node, node.object, len(node.filters))
            yield from _field_input(checking, node, node.object, node.input_assignments)
            continue
        target = checking.target(node.input_reference)
        triggering = target is not None and target.root is Root.RECORD and not target.fields
        if node.object or (node.filters and not triggering):
            yield refused(node, "inputReference can't be combined with object and filters.")
        yield from _record_input(checking, node, node.input_reference)
        if target is not None:
            if target.kind.collection and node.input_assignments:
                yield refused(node, "inputAssignments can't be combined with a collection.")
            if target.relationship is not None and not node.input_assignments:
                yield refused(node, f'An update of "{node.input_reference}" needs inputAssignments.')
            yield from _fields(checking, node.input_assignments, checking.sobject(target.kind.sobject))


def deletes(checking: Checking) -> Iterator[FlowProblem]:
    for node in checking.every(RecordDelete):
        if not node.input_reference:
            yield from _filtered(node, node.object, len(node.filters))
            continue
        if node.filters or node.object:
            yield refused(node, "inputReference can't be combined with object and filters.")
        yield from _record_input(checking, node, node.input_reference)


def _filtered(node: RecordUpdate | RecordDelete, sobject: str | None, filters: int) -> Iterator[FlowProblem]:
    if not sobject:
        yield refused(node, "Required field is missing: object")
    if not filters:
        # Without filters it would be every record of the object: Flow Builder forbids it.
        yield refused(node, f'"{node.name}" needs filters: without them it would reach all records of the object.')


def _record_input(checking: Checking, node: RecordCreate | RecordUpdate | RecordDelete, reference: str) -> Iterator[FlowProblem]:
    target = checking.target(reference)
    if target is not None and target.kind.data_type is not DataType.SOBJECT:
        yield refused(node, f'inputReference "{reference}" must be a record or a record collection.')


def _field_input(
    checking: Checking, node: RecordCreate | RecordUpdate, sobject: str | None, assignments: Sequence[InputFieldAssignment]
) -> Iterator[FlowProblem]:
    found = checking.sobject(sobject)
    if not sobject:
        if isinstance(node, RecordCreate):
            yield refused(node, "Required field is missing: object")
    elif found is None and isinstance(node, RecordCreate):
        yield no_object(node, sobject)
    if not assignments:
        yield refused(node, f'"{node.name}" sets no field: inputAssignments are missing.')
    yield from _fields(checking, assignments, found)


def _fields(checking: Checking, assignments: Sequence[InputFieldAssignment], sobject: SObject | None) -> Iterator[FlowProblem]:
    if sobject is None:
        return
    seen: set[str] = set()
    for item in assignments:
        field = sobject.field(item.field)
        if field is None:
            yield no_field(item, item.field, sobject.name)
            continue
        if field.name in seen:
            yield refused(item, f'The field "{field.name}" is set more than once.')
        seen.add(field.name)
        if field.calculated or field.auto_number is not None:
            yield refused(item, f'The field "{field.name}" for the object "{sobject.name}" can\'t be set.')
        value, kind = value_kind(checking, item.value), kind_of_field(field)
        if value is not None and (
            value.collection or value.data_type is DataType.SOBJECT or not (kind.is_text or comparable_kinds(kind, value))
        ):
            yield refused(item, f'A value of the type {value} can\'t be assigned to the field "{field.name}" of the type {kind}.')
