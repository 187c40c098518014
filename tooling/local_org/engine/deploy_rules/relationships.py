"""Lookups, master-details, roll-up summaries."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...schema.fields_reader import RELATIONSHIPS
from ...schema.source import Component, Problem
from ...schema.types import Field, ObjectKind
from ...schema.xml import Node
from .context import DeployContext, Rule, problem
from .names import NAME_FORM

MOST_MASTER_DETAILS = 2
MOST_RELATIONSHIPS = 40
MOST_SUMMARIES = 25
_NEVER_MASTER = frozenset({"Lead", "User"})
_RELATIONSHIP_NAME = re.compile(r"[A-Za-z](?:[A-Za-z0-9]|_(?!_|$))*")
_DELETE_CONSTRAINTS = frozenset({"SetNull", "Restrict", "Cascade"})


def target_exists(component: Component, context: DeployContext) -> Iterator[Problem]:
    target = component.node.value("referenceTo")
    if target is None or _kind(component) not in ("Lookup", "MasterDetail", "MetadataRelationship"):
        return
    place = component.node.place("referenceTo")
    sobject = context.sobject(target)
    special = _kind(component) == "MetadataRelationship" and target in ("EntityDefinition", "FieldDefinition", "EntityParticle")
    if (sobject is None and not special) or (
        sobject is not None
        and sobject.kind in (ObjectKind.CUSTOM_SETTING, ObjectKind.CUSTOM_METADATA)
        and _kind(component) != "MetadataRelationship"
    ):
        yield problem(component, place, f"referenceTo value of '{target}' does not resolve to a valid sObject type")


def relationship_name_form(component: Component, context: DeployContext) -> Iterator[Problem]:
    """An identifier without `__r`."""
    name = component.node.value("relationshipName")
    if name is None:
        return
    place = component.node.place("relationshipName")
    if _kind(component) not in RELATIONSHIPS and component.full_name.endswith("__c"):
        yield problem(component, place, f"Can not specify 'relationshipName' for a CustomField of type {_kind(component)}")
    elif not _RELATIONSHIP_NAME.fullmatch(name):
        yield problem(
            component,
            place,
            f"The Child Relationship Name field {NAME_FORM}",
        )


def relationship_name_unique(component: Component, context: DeployContext) -> Iterator[Problem]:
    """Two children of a parent cannot have the same relationship name."""
    name, target = component.node.value("relationshipName"), component.node.value("referenceTo")
    if name is None or target is None:
        return
    for other in context.relationships_to.get(target, ()):
        if other.full_name != component.full_name and (other.node.value("relationshipName") or "").lower() == name.lower():
            place = component.node.place("relationshipName")
            yield problem(component, place, f"There is already a Child Relationship named {name} on {target}.")
            return


def delete_constraint(component: Component, context: DeployContext) -> Iterator[Problem]:
    node, kind = component.node, _kind(component)
    value = node.value("deleteConstraint")
    if kind == "MasterDetail" and value is not None:
        yield problem(
            component, node.place("deleteConstraint"), "Can not specify 'deleteConstraint' for a CustomField of type MasterDetail"
        )
    if kind == "Lookup" and node.flag("required") and value in (None, "SetNull"):
        # Text of the deploy service for a required lookup that would be cleared.
        yield problem(
            component,
            node.place("deleteConstraint"),
            "must specify either cascade delete or restrict delete for required lookup foreign key",
        )
    if kind == "Lookup" and node.value("referenceTo") in ("User",) and value in ("Cascade", "Restrict"):
        yield problem(component, node.place("deleteConstraint"), f"deleteConstraint {value} is not allowed for a lookup to User")


def master_detail(component: Component, context: DeployContext) -> Iterator[Problem]:
    node = component.node
    if _kind(component) != "MasterDetail":
        return
    if node.child("required") is not None:
        yield problem(component, node.place("required"), "Master-Detail Relationship Fields Cannot be Optional or Required")
    if node.child("lookupFilter") is not None:
        yield problem(component, node.place("lookupFilter"), "Lookup filters are only supported on Lookup Relationship Fields")
    target = node.value("referenceTo")
    if target in _NEVER_MASTER:
        yield problem(component, node.place("referenceTo"), f"{target} cannot be the master of a Master-Detail relationship")
    order = node.value("relationshipOrder")
    if order is not None and order not in ("0", "1"):
        yield problem(component, node.place("relationshipOrder"), "relationshipOrder must be 0 or 1")
    name = component.full_name.partition(".")[0]
    siblings = [field for field in context.fields_by_object.get(name, ()) if field.node.value("type") == "MasterDetail"]
    if len(siblings) > MOST_MASTER_DETAILS:
        yield problem(component, node, f"Maximum number of Master-Detail relationships exceeded on {name} ({MOST_MASTER_DETAILS})")
    if not name.endswith("__c"):
        yield problem(component, node, f"A standard object cannot be the detail of a Master-Detail relationship: {name}")


def relationship_limit(component: Component, context: DeployContext) -> Iterator[Problem]:
    name = component.full_name.partition(".")[0]
    siblings = [field for field in context.fields_by_object.get(name, ()) if field.node.value("type") in RELATIONSHIPS]
    if _kind(component) in RELATIONSHIPS and len(siblings) > MOST_RELATIONSHIPS and siblings[-1] is component:
        yield problem(component, component.node, f"Maximum number of relationship fields exceeded on {name} ({MOST_RELATIONSHIPS})")


def lookup_filter(component: Component, context: DeployContext) -> Iterator[Problem]:
    """Kept, but not applied to records: this org refuses it rather than letting every value through unseen."""
    node = component.node.child("lookupFilter")
    if node is not None and node.flag("active", True) and not node.flag("isOptional") and _kind(component) in ("Lookup", "Hierarchy"):
        yield problem(component, node, "Required lookup filters are not supported by this local org")


def summary(component: Component, context: DeployContext) -> Iterator[Problem]:
    node = component.node
    if _kind(component) != "Summary":
        return
    operation, key, summarized = node.value("summaryOperation"), node.value("summaryForeignKey"), node.value("summarizedField")
    parent = component.full_name.partition(".")[0]
    foreign = context.field(key) if key else None
    if foreign is None:
        yield problem(component, node.place("summaryForeignKey"), f"In field: summaryForeignKey - no CustomField named {key} found")
    elif not foreign.master_detail or parent not in foreign.reference_to:
        yield problem(component, node.place("summaryForeignKey"), f"{key} is not a Master-Detail relationship to {parent}")
    if operation == "count":
        if summarized is not None:
            yield problem(component, node.place("summarizedField"), "Can not specify 'summarizedField' for a Summary of operation count")
    elif summarized is None:
        yield problem(component, node, f"Must specify 'summarizedField' for a Summary of operation {operation}")
    else:
        yield from _summarized(component, context, node, operation or "", summarized)
    yield from _summary_filters(component, context, node)
    siblings = [field for field in context.fields_by_object.get(parent, ()) if field.node.value("type") == "Summary"]
    if len(siblings) > MOST_SUMMARIES and siblings[-1] is component:
        yield problem(component, node, f"Maximum number of roll-up summaries exceeded on {parent} ({MOST_SUMMARIES})")


def _summarized(component: Component, context: DeployContext, node: Node, operation: str, path: str) -> Iterator[Problem]:
    field = context.field(path)
    place = node.place("summarizedField")
    if field is None:
        yield problem(component, place, f"In field: summarizedField - no CustomField named {path} found")
    elif not _can_summarize(field, operation):
        yield problem(component, place, f"Summary of operation {operation} cannot use field {path} of type {field.type}")
    elif path.partition(".")[0] != (node.value("summaryForeignKey") or "").partition(".")[0]:
        yield problem(component, place, "summarizedField and summaryForeignKey must be of the same object")


def _can_summarize(field: Field, operation: str) -> bool:
    dates = ("date", "datetime")
    return (field.type.is_number or (operation in ("min", "max") and field.type.value in dates)) and field.type.value != "int"


def _summary_filters(component: Component, context: DeployContext, node: Node) -> Iterator[Problem]:
    for item in node.all("summaryFilterItems"):
        path = item.value("field") or ""
        if context.field(path) is None:
            yield problem(component, item.place("field"), f"In field: field - no CustomField named {path} found")


def _kind(component: Component) -> str | None:
    return component.node.value("type")


RULES: tuple[Rule, ...] = (
    target_exists,
    relationship_name_form,
    relationship_name_unique,
    delete_constraint,
    master_detail,
    relationship_limit,
    lookup_filter,
    summary,
)
