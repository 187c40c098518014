"""Custom metadata records: their type and fields exist, their values fit."""

from __future__ import annotations

from collections.abc import Iterator

from ...errors import OrgError
from ...schema.source import Component, Problem
from ...schema.types import Field, FieldType, ObjectKind, SObject
from ...schema.values import from_json
from ...schema.xml import Node
from ..custom_metadata import raw_value, values_of
from .context import DeployContext, Rule, problem

_XSD = {
    FieldType.BOOLEAN: ("boolean",),
    FieldType.DATE: ("date",),
    FieldType.DATETIME: ("dateTime",),
    FieldType.DOUBLE: ("double", "int"),
    FieldType.PERCENT: ("double", "int"),
    FieldType.INT: ("int", "double"),
}


def type_exists(component: Component, context: DeployContext) -> Iterator[Problem]:
    if "." not in component.full_name:
        yield problem(component, component.node, f"Invalid fullName {component.full_name}: it must be Type.Record")
    elif _type_of(component, context) is None:
        name = component.full_name.partition(".")[0]
        yield problem(
            component, component.node, f"Custom metadata type {name.removesuffix('__mdt')}__mdt is not available in this organization."
        )


def label_present(component: Component, context: DeployContext) -> Iterator[Problem]:
    if component.node.value("label") is None:
        yield problem(component, component.node, "Required field is missing: label")


def values_fit(component: Component, context: DeployContext) -> Iterator[Problem]:
    sobject = _type_of(component, context)
    if sobject is None:
        return
    seen: set[str] = set()
    for item, field in values_of(sobject, component):
        name = item.value("field") or ""
        if field is None or not field.custom:
            yield problem(component, item.place("field"), f"In field: field - no CustomField named {sobject.name}.{name} found")
            continue
        if name.lower() in seen:
            yield problem(component, item.place("field"), f"Duplicate field specified: {name}")
        seen.add(name.lower())
        yield from _value(component, item, field)


def required_values_given(component: Component, context: DeployContext) -> Iterator[Problem]:
    sobject = _type_of(component, context)
    if sobject is None:
        return
    given = {field.name for item, field in values_of(sobject, component) if field is not None and raw_value(item) is not None}
    for field in sobject.fields:
        if field.custom and field.required and field.name not in given:
            yield problem(component, component.node, f"Required fields are missing: [{field.name}]")


def _value(component: Component, item: Node, field: Field) -> Iterator[Problem]:
    value = item.child("value")
    if value is None:
        yield problem(component, item, "Required field is missing: value")
        return
    declared = value.attributes.get("xsi:type", "").rpartition(":")[2]
    raw = raw_value(item)
    if raw is None:
        return
    if not declared:
        yield problem(component, value, f"Value of {field.name} needs an xsi:type")
    elif declared not in _XSD.get(field.type, ("string",)) and field.type in _XSD:
        yield problem(component, value, f"Value of {field.name} is declared as {declared}, not as {_XSD[field.type][0]}")
    if field.type is FieldType.REFERENCE:
        return
    try:
        from_json(field, raw)
    except OrgError as error:
        yield problem(component, value, error.message)


def _type_of(component: Component, context: DeployContext) -> SObject | None:
    name = component.full_name.partition(".")[0].removesuffix("__mdt")
    sobject = context.sobject(f"{name}__mdt")
    return sobject if sobject is not None and sobject.kind is ObjectKind.CUSTOM_METADATA else None


RULES: tuple[Rule, ...] = (type_exists, label_present, values_fit, required_values_given)
