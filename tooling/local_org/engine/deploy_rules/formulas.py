"""Formula fields, default values and validation rules: they compile, and their results fit."""

from __future__ import annotations

from collections.abc import Iterator

from ...formula import Context, FormulaError, GlobalNames, SObjectNames, Type, compile_formula
from ...schema.source import Component, Problem
from ...schema.types import Field, SObject
from ...schema.xml import Node
from .context import DeployContext, Rule, problem

MOST_COMPILED = 15_000
_RESULTS = {
    "Checkbox": Type.BOOLEAN,
    "Currency": Type.NUMBER,
    "Date": Type.DATE,
    "DateTime": Type.DATETIME,
    "Email": Type.TEXT,
    "LongTextArea": Type.TEXT,
    "Number": Type.NUMBER,
    "Percent": Type.NUMBER,
    "Phone": Type.TEXT,
    "Text": Type.TEXT,
    "TextArea": Type.TEXT,
    "Time": Type.TIME,
    "Url": Type.TEXT,
}


def formula_compiles(component: Component, context: DeployContext) -> Iterator[Problem]:
    node = component.node.child("formula")
    if node is None:
        return
    for sobject in _objects(component, context):
        blanks_as_zero = component.node.value("formulaTreatBlanksAs") != "BlankAsBlank"
        result = _RESULTS.get(component.node.value("type") or "")
        yield from _compile(component, context, node, sobject, result, Context.FIELD, blanks_as_zero=blanks_as_zero)


def formula_refers_not_to_itself(component: Component, context: DeployContext) -> Iterator[Problem]:
    """Directly or through other formula fields."""
    owner, _, name = component.full_name.partition(".")
    sobject = context.sobject("Task" if owner == "Activity" else owner)
    field = sobject.field(name) if sobject else None
    if sobject is None or field is None or field.formula is None:
        return
    if _reaches(context, sobject, field, (sobject.name, field.name), set()):
        message = f"The formula contains a direct or indirect reference to itself: {field.name}"
        yield problem(component, component.node.place("formula"), message)


def default_value_compiles(component: Component, context: DeployContext) -> Iterator[Problem]:
    node = component.node.child("defaultValue")
    kind = component.node.value("type") or ""
    if node is None or not node.text.strip() or kind not in _RESULTS or kind == "Checkbox" or component.node.child("formula") is not None:
        return
    for sobject in _objects(component, context):
        yield from _compile(component, context, node, sobject, _RESULTS[kind], Context.DEFAULT_VALUE)


def rule_is_complete(component: Component, context: DeployContext) -> Iterator[Problem]:
    node = component.node
    for element in ("active", "errorConditionFormula", "errorMessage"):
        if node.value(element) is None:
            yield problem(component, node, f"Required field is missing: {element}")


def condition_compiles(component: Component, context: DeployContext) -> Iterator[Problem]:
    node = component.node.child("errorConditionFormula")
    if node is None or not node.text.strip():
        return
    sobjects = _objects(component, context)
    if not sobjects:
        name = component.full_name.partition(".")[0]
        yield problem(component, component.node, f"Entity of type 'CustomObject' named '{name}' cannot be found")
    for sobject in sobjects:
        yield from _compile(component, context, node, sobject, Type.BOOLEAN, Context.VALIDATION)


def error_field_exists(component: Component, context: DeployContext) -> Iterator[Problem]:
    name = component.node.value("errorDisplayField")
    sobject = context.sobject(component.full_name.partition(".")[0])
    if name is not None and sobject is not None and sobject.field(name) is None:
        yield problem(
            component,
            component.node.place("errorDisplayField"),
            f"In field: errorDisplayField - no CustomField named {sobject.name}.{name} found",
        )


def _compile(
    component: Component,
    context: DeployContext,
    node: Node,
    sobject: SObject,
    result: Type | None,
    place: Context,
    *,
    blanks_as_zero: bool = False,
) -> Iterator[Problem]:
    global_names = GlobalNames(context.schema, labels=context.labels, permissions=context.custom_permissions)
    names = SObjectNames(context.schema, sobject.name, global_names)
    source = node.text.strip()
    try:
        formula = compile_formula(source, names, result=result, context=place, blanks_as_zero=blanks_as_zero)
    except FormulaError as error:
        yield problem(component, node, error.message)
        return
    if formula.compiled_size > MOST_COMPILED:
        message = (
            f"Compiled formula is too big to execute ({formula.compiled_size:,} characters). Maximum size is {MOST_COMPILED:,} characters"
        )
        yield problem(component, node, message)


def _objects(component: Component, context: DeployContext) -> list[SObject]:
    """A field of Activity must do for tasks and for events."""
    owner = component.full_name.partition(".")[0]
    found = [context.sobject(name) for name in (("Task", "Event") if owner == "Activity" else (owner,))]
    return [sobject for sobject in found if sobject is not None]


def _reaches(context: DeployContext, sobject: SObject, field: Field, goal: tuple[str, str], seen: set[tuple[str, str]]) -> bool:
    try:
        names = SObjectNames(context.schema, sobject.name)
        formula = compile_formula(field.formula or "", names, result=None)
    except FormulaError:
        return False
    for reference in formula.references:
        found = _resolve(context, sobject, reference.path)
        if found is None or found[1].formula is None:
            continue
        key = (found[0].name, found[1].name)
        if key == goal:
            return True
        if key not in seen:
            seen.add(key)
            if _reaches(context, *found, goal, seen):
                return True
    return False


def _resolve(context: DeployContext, sobject: SObject, path: tuple[str, ...]) -> tuple[SObject, Field] | None:
    owner: SObject | None = sobject
    for step in path[:-1]:
        name, _, chosen = step.partition(":")
        link = owner.relationship(name) if owner else None
        if link is None:
            return None
        owner = context.schema.get(chosen or ("User" if "User" in link.reference_to else link.reference_to[0]))
    field = owner.field(path[-1]) if owner else None
    return (owner, field) if owner is not None and field is not None else None


FIELD_RULES: tuple[Rule, ...] = (formula_compiles, formula_refers_not_to_itself, default_value_compiles)
VALIDATION_RULES: tuple[Rule, ...] = (rule_is_complete, condition_compiles, error_field_exists)
