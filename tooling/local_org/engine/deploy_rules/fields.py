"""Custom fields: what each type needs and forbids."""

from __future__ import annotations

from collections.abc import Iterator

from ...schema.fields_reader import FIELD_TYPES, FORMULA_TYPES
from ...schema.source import Component, Problem
from ...schema.types import ObjectKind
from ...schema.xml import Node
from .context import DeployContext, Rule, problem

MOST_PICKLIST_VALUES = 1000
_NEEDED = {
    "Text": ("length",),
    "LongTextArea": ("length", "visibleLines"),
    "Html": ("length", "visibleLines"),
    "EncryptedText": ("length", "maskChar", "maskType"),
    "Number": ("precision", "scale"),
    "Currency": ("precision", "scale"),
    "Percent": ("precision", "scale"),
    "Checkbox": ("defaultValue",),
    "Picklist": ("valueSet",),
    "MultiselectPicklist": ("valueSet", "visibleLines"),
    "AutoNumber": ("displayFormat",),
    "Lookup": ("referenceTo",),
    "MasterDetail": ("referenceTo", "relationshipName"),
    "MetadataRelationship": ("referenceTo",),
    "Summary": ("summaryOperation", "summaryForeignKey"),
}
_NUMERIC = ("Number", "Currency", "Percent")
_SIZES = ("length", "precision", "scale", "visibleLines")
_HAS_LENGTH = frozenset({"Text", "LongTextArea", "Html", "EncryptedText", "TextArea"})
_UNIQUE = frozenset({"Text", "Email", "Number"})
_EXTERNAL = frozenset({"Text", "Email", "Number", "AutoNumber"})
_RANGES = {
    ("Text", "length"): (1, 255),
    ("TextArea", "length"): (1, 255),
    ("LongTextArea", "length"): (256, 131_072),
    ("Html", "length"): (256, 131_072),
    ("EncryptedText", "length"): (1, 175),
    ("LongTextArea", "visibleLines"): (2, 50),
    ("Html", "visibleLines"): (10, 50),
    ("MultiselectPicklist", "visibleLines"): (3, 10),
}
_ALLOWED_CHANGES = frozenset(
    {
        ("Text", "TextArea"), ("Text", "LongTextArea"), ("Text", "Email"), ("Text", "Phone"), ("Text", "Url"), ("Text", "Picklist"),
        ("Text", "AutoNumber"),
        ("TextArea", "LongTextArea"), ("TextArea", "Text"), ("Email", "Text"), ("Phone", "Text"), ("Url", "Text"), ("Picklist", "Text"),
        ("Picklist", "MultiselectPicklist"), ("LongTextArea", "Html"), ("Html", "LongTextArea"), ("AutoNumber", "Text"), ("LongTextArea",
        "TextArea"),
        ("Number", "Currency"), ("Number", "Percent"), ("Currency", "Number"), ("Percent", "Number"), ("Currency", "Percent"),
        ("Percent", "Currency"),
        ("Date", "DateTime"), ("Lookup", "MasterDetail"), ("MasterDetail", "Lookup"),
    }
)  # fmt: skip


def on_known_object(component: Component, context: DeployContext) -> Iterator[Problem]:
    name = component.full_name.partition(".")[0]
    if name in ("Task", "Event") and component.full_name.endswith("__c"):
        # Custom fields of tasks and events are defined on Activity (salto-io/salto#6454).
        yield problem(
            component,
            component.node,
            f"Custom fields of {name} are defined on Activity: use Activity.{component.full_name.partition('.')[2]}",
        )
    elif name != "Activity" and context.sobject(name) is None:
        # forcedotcom/cli#2230: fields of an object whose definition is not in the package.
        message = (
            "Must specify a non-empty label for the CustomObject"
            if name.endswith(("__c", "__mdt"))
            else f"Entity Enumeration Or ID: bad value for restricted picklist field: {name}"
        )
        yield problem(component, component.node, message)


def label_and_type(component: Component, context: DeployContext) -> Iterator[Problem]:
    if not _is_custom(component):
        return
    node = component.node
    if node.value("label") is None:
        yield problem(component, node, "Must specify a non-empty label for the CustomField")
    kind = node.value("type")
    if kind is None:
        yield problem(component, node, "Must specify a type for the CustomField")
    elif kind not in FIELD_TYPES:
        yield problem(component, node.place("type"), f"Fields of type {kind} are not supported by this local org")


def needed_attributes(component: Component, context: DeployContext) -> Iterator[Problem]:
    node, kind = component.node, _kind(component)
    if kind is None:
        return
    if _is_formula(node):
        needed: tuple[str, ...] = ("precision", "scale") if kind in _NUMERIC else ()
    else:
        needed = _NEEDED.get(kind, ())
    for element in needed:
        if node.child(element) is None:
            yield problem(component, node, f"Must specify '{element}' for a CustomField of type {kind}")


def forbidden_attributes(component: Component, context: DeployContext) -> Iterator[Problem]:
    node, kind = component.node, _kind(component)
    if kind is None:
        return
    for element in _forbidden(node, kind):
        if node.child(element) is not None:
            yield problem(component, node.place(element), f"Can not specify '{element}' for a CustomField of type {kind}")


def _forbidden(node: Node, kind: str) -> Iterator[str]:
    if _is_formula(node):
        yield from ("defaultValue", "length", "displayFormat", "valueSet", "deleteConstraint", "referenceTo")
        # A retrieve writes these as false.
        yield from (element for element in ("required", "unique", "externalId") if node.flag(element))
        return
    yield from ("formulaTreatBlanksAs",)
    if kind not in _HAS_LENGTH:
        yield "length"
    if kind not in _NUMERIC:
        yield from ("precision", "scale")
    if node.flag("unique") and kind not in _UNIQUE:
        yield "unique"
    if node.flag("externalId") and kind not in _EXTERNAL:
        yield "externalId"
    if node.flag("required") and kind in ("Checkbox", "AutoNumber", "Summary", "LongTextArea", "Html", "MultiselectPicklist"):
        yield "required"
    if kind in ("AutoNumber", "Summary", "Lookup", "MasterDetail", "Picklist", "MultiselectPicklist", "Html"):
        yield "defaultValue"


def sizes_in_range(component: Component, context: DeployContext) -> Iterator[Problem]:
    node, kind = component.node, _kind(component)
    if kind is None:
        return
    for element in _SIZES:
        bounds = _RANGES.get((kind, element))
        if (
            bounds is not None
            and not _is_formula(node)
            and node.child(element) is not None
            and not bounds[0] <= node.number(element, -1) <= bounds[1]
        ):
            text = f"Value for '{element}' must be between {bounds[0]} and {bounds[1]} for a CustomField of type {kind}"
            yield problem(component, node.place(element), text)
    if kind in _NUMERIC and node.child("precision") is not None and node.child("scale") is not None:
        precision, scale = node.number("precision"), node.number("scale")
        if not 1 <= precision <= 18 or not 0 <= scale <= precision or (scale > 17):
            yield problem(
                component, node.place("precision"), f"Precision {precision} and scale {scale} are out of range: at most 18 digits in all"
            )


def checkbox_default(component: Component, context: DeployContext) -> Iterator[Problem]:
    value = component.node.value("defaultValue")
    if _kind(component) == "Checkbox" and value is not None and value.lower() not in ("true", "false"):
        yield problem(component, component.node.place("defaultValue"), f"Default value of a Checkbox must be true or false, not {value}")


def formula_type(component: Component, context: DeployContext) -> Iterator[Problem]:
    node, kind = component.node, _kind(component)
    if kind is not None and _is_formula(node) and kind not in FORMULA_TYPES:
        yield problem(component, node.place("type"), f"A formula field cannot be of type {kind}")


def value_set(component: Component, context: DeployContext) -> Iterator[Problem]:
    """A global value set or a definition of its own, not both; every value once; at most 1,000."""
    node = component.node.child("valueSet")
    if node is None:
        return
    named, definition = node.value("valueSetName"), node.child("valueSetDefinition")
    if (named is None) == (definition is None):
        yield problem(component, node, "Must specify either 'valueSetName' or 'valueSetDefinition' for a valueSet")
    if named is not None and not context.exists("GlobalValueSet", named):
        yield problem(component, node.place("valueSetName"), f"In field: valueSet - no GlobalValueSet named {named} found")
    if definition is None:
        return
    values = definition.all("value")
    if not values:
        yield problem(component, definition, "Must specify at least one picklist value")
    if len(values) > MOST_PICKLIST_VALUES:
        yield problem(component, definition, f"A picklist can have at most {MOST_PICKLIST_VALUES} values")
    yield from duplicate_values(component, values)
    if sum(value.flag("default") for value in values) > 1 and _kind(component) == "Picklist":
        yield problem(component, definition, "Only one picklist value can be the default")


def duplicate_values(component: Component, values: list[Node]) -> Iterator[Problem]:
    seen: set[str] = set()
    for value in values:
        name = (value.value("fullName") or "").casefold()
        if name in seen:
            yield problem(component, value.place("fullName"), f"Duplicate picklist value: {value.value('fullName')}")
        if not name:
            yield problem(component, value, "Must specify a fullName for a picklist value")
        if len(name) > 255:
            yield problem(component, value.place("fullName"), "Picklist value too long: at most 255 characters")
        seen.add(name)


def display_format(component: Component, context: DeployContext) -> Iterator[Problem]:
    text = component.node.value("displayFormat")
    if _kind(component) == "AutoNumber" and text is not None and "{0" not in text:
        yield problem(component, component.node.place("displayFormat"), "Display Format: must contain a {0} for the number")


def case_sensitive_needs_unique(component: Component, context: DeployContext) -> Iterator[Problem]:
    node = component.node
    if node.flag("caseSensitive") and not node.flag("unique"):
        yield problem(component, node.place("caseSensitive"), "Can not specify 'caseSensitive' for a CustomField that is not unique")


def type_stays(component: Component, context: DeployContext) -> Iterator[Problem]:
    known = context.before.components.get(component.key)
    if known is None or not _is_custom(component):
        return
    old, new = known.node.value("type"), component.node.value("type")
    if _is_formula(known.node) != _is_formula(component.node):
        yield problem(component, component.node, "Cannot change a field between formula and non-formula")
    elif old != new and (old, new) not in _ALLOWED_CHANGES and not _is_formula(component.node):
        yield problem(component, component.node.place("type"), f"Cannot change the type of an existing field from {old} to {new}")


def fits_object_kind(component: Component, context: DeployContext) -> Iterator[Problem]:
    """Custom settings and custom metadata types hold no lookups, roll-ups, formulas (settings may) or long text (settings)."""
    sobject = context.sobject(component.full_name.partition(".")[0])
    kind = _kind(component)
    if sobject is None or kind is None:
        return
    refused: tuple[str, ...] = ()
    if sobject.kind is ObjectKind.CUSTOM_SETTING:
        refused = (
            "Lookup",
            "MasterDetail",
            "Summary",
            "LongTextArea",
            "Html",
            "Picklist",
            "MultiselectPicklist",
            "AutoNumber",
            "MetadataRelationship",
        )
    elif sobject.kind is ObjectKind.CUSTOM_METADATA:
        refused = ("Lookup", "MasterDetail", "Summary", "Html", "MultiselectPicklist", "AutoNumber", "Currency", "Time")
    if kind in refused or (sobject.kind is ObjectKind.CUSTOM_METADATA and _is_formula(component.node)):
        yield problem(component, component.node.place("type"), f"A {sobject.kind} cannot have a field of type {kind}")
    elif kind == "MetadataRelationship" and sobject.kind is not ObjectKind.CUSTOM_METADATA:
        yield problem(component, component.node.place("type"), "A MetadataRelationship field is for custom metadata types only")


def _kind(component: Component) -> str | None:
    kind = component.node.value("type")
    return kind if _is_custom(component) and kind in FIELD_TYPES else None


def _is_custom(component: Component) -> bool:
    return component.full_name.endswith("__c")


def _is_formula(node: Node) -> bool:
    return node.child("formula") is not None


RULES: tuple[Rule, ...] = (
    on_known_object,
    label_and_type,
    needed_attributes,
    forbidden_attributes,
    sizes_in_range,
    checkbox_default,
    formula_type,
    value_set,
    display_format,
    case_sensitive_needs_unique,
    type_stays,
    fits_object_kind,
)
