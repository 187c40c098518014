"""Formula fields, default values and validation rules: they compile, and their results fit."""

from __future__ import annotations

from collections.abc import Iterator

from ...formula import Context, FormulaError, GlobalNames, SObjectNames, Type, compile_formula, relationships_in
from ...schema.source import Component, Problem
from ...schema.types import SObject
from ...schema.xml import Node
from .context import DeployContext, Rule, problem

MOST_COMPILED = 15_000
MOST_REFERENCES = 15
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


def object_references(component: Component, context: DeployContext) -> Iterator[Problem]:
    """All formula fields and validation rules of an object together cross at most 15 different relationships (help 000383053)."""
    own = _relationships(component)
    owner = component.full_name.partition(".")[0]
    if not own:
        return
    everything = set().union(*(_relationships(other) for other in context.formulas_by_object.get(owner, ())))
    if len(everything) > MOST_REFERENCES:
        what = "Formula Field" if component.type == "CustomField" else "Validation Rule"
        text = (
            f"You have reached the maximum number of {MOST_REFERENCES} object references on {owner}. You must remove at least "
            f"{len(everything) - MOST_REFERENCES} relationship(s) in order to save this {what}. "
            f"Related objects referenced in this {what}: {', '.join(sorted(own))}"
        )
        yield problem(component, _source(component) or component.node, text)


def _relationships(component: Component) -> frozenset[str]:
    node = _source(component)
    try:
        return relationships_in(node.text.strip()) if node is not None else frozenset()
    except FormulaError:
        return frozenset()


def _source(component: Component) -> Node | None:
    return component.node.child("formula" if component.type == "CustomField" else "errorConditionFormula")


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


FIELD_RULES: tuple[Rule, ...] = (formula_compiles, default_value_compiles, object_references)
VALIDATION_RULES: tuple[Rule, ...] = (rule_is_complete, condition_compiles, object_references, error_field_exists)
