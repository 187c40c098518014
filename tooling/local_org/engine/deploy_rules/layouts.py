"""Page layouts, compact layouts, field sets, list views."""

from __future__ import annotations

from collections.abc import Iterator

from ...schema.source import Component, Problem
from ...schema.types import SObject
from ...schema.xml import Node
from .context import DeployContext, Rule, problem
from .references import is_list_view_column, layout_field

_MOST_COMPACT_FIELDS = 10
_STANDARD_RELATED_LISTS = (
    "RelatedNoteList",
    "RelatedActivityList",
    "RelatedHistoryList",
    "RelatedContentNoteList",
    "RelatedFileList",
    "RelatedEntityHistoryList",
)


def list_view_object(component: Component, context: DeployContext) -> Iterator[Problem]:
    yield from _object_problem(component, context)


def list_view_columns(component: Component, context: DeployContext) -> Iterator[Problem]:
    sobject = _sobject(component, context)
    if sobject is None:
        return
    seen: set[str] = set()
    for item in component.node.all("columns"):
        column = item.text.strip()
        if not is_list_view_column(sobject, column):
            yield problem(component, item, f"In field: columns - no CustomField named {sobject.name}.{column} found")
        if column in seen:
            yield problem(component, item, f"Duplicate column specified: {column}")
        seen.add(column)
    for item in component.node.all("filters"):
        column = item.value("field") or ""
        if not is_list_view_column(sobject, column):
            yield problem(component, item.place("field"), f"In field: field - no CustomField named {sobject.name}.{column} found")
        yield from _boolean_filter(component, sobject, item, column)


def _boolean_filter(component: Component, sobject: SObject, item: Node, column: str) -> Iterator[Problem]:
    """A checkbox is compared with 1 or 0."""
    field = sobject.field(column)
    if field is not None and field.type.value == "boolean" and item.value("value") not in ("0", "1"):
        yield problem(component, item.place("value"), f"Invalid filter value for {column}: use 1 or 0")


def list_view_queue(component: Component, context: DeployContext) -> Iterator[Problem]:
    queue = component.node.value("queue")
    if queue is not None and not context.exists("Queue", queue):
        yield problem(component, component.node.place("queue"), f"In field: queue - no Queue named {queue} found")


def compact_layout_fields(component: Component, context: DeployContext) -> Iterator[Problem]:
    sobject = _sobject(component, context)
    if sobject is None:
        yield from _object_problem(component, context)
        return
    items = component.node.all("fields")
    for item in items:
        if not layout_field(sobject, item.text.strip()):
            yield problem(component, item, f"In field: fields - no CustomField named {sobject.name}.{item.text.strip()} found")
    if len(items) > _MOST_COMPACT_FIELDS:
        yield problem(component, items[_MOST_COMPACT_FIELDS], f"A compact layout can have at most {_MOST_COMPACT_FIELDS} fields")


def field_set_fields(component: Component, context: DeployContext) -> Iterator[Problem]:
    sobject = _sobject(component, context)
    if sobject is None:
        yield from _object_problem(component, context)
        return
    for element in ("availableFields", "displayedFields"):
        for item in component.node.all(element):
            name = item.value("field") or ""
            if not _path_exists(context, sobject, name):
                yield problem(component, item.place("field"), f"In field: field - no CustomField named {sobject.name}.{name} found")


def layout_object(component: Component, context: DeployContext) -> Iterator[Problem]:
    name = _layout_object(component)
    if context.sobject(name) is None:
        yield problem(component, component.node, f"Parent entity failed to deploy: no CustomObject named {name} found")


def layout_fields_exist(component: Component, context: DeployContext) -> Iterator[Problem]:
    sobject = context.sobject(_layout_object(component))
    if sobject is None:
        return
    seen: set[str] = set()
    for item in _layout_items(component):
        name = item.value("field")
        if name is None:
            continue
        if not layout_field(sobject, name):
            yield problem(component, item.place("field"), f"In field: field - no CustomField named {sobject.name}.{name} found")
        if name in seen:
            yield problem(component, item.place("field"), f"Duplicate field in layout: {name}")
        seen.add(name)


def layout_behavior(component: Component, context: DeployContext) -> Iterator[Problem]:
    """Calculated fields and auto-numbers are read-only; what every record needs is Required."""
    sobject = context.sobject(_layout_object(component))
    for item in _layout_items(component):
        name = item.value("field")
        field = sobject.field(name) if sobject is not None and name else None
        if field is None or name is None:
            continue
        behavior = item.value("behavior")
        place = item.place("behavior")
        if field.calculated or field.auto_number or field.summary:
            if behavior != "Readonly":
                yield problem(component, place, f"Field:{name} must be Readonly")
        elif field.custom and not field.nillable and field.type.value != "boolean" and behavior != "Required":
            yield problem(component, place, f"Field:{name} must be Required")


def layout_has_required_fields(component: Component, context: DeployContext) -> Iterator[Problem]:
    sobject = context.sobject(_layout_object(component))
    if sobject is None or not sobject.custom:
        return
    present = {item.value("field") for item in _layout_items(component)}
    for field in sobject.fields:
        needed = field.name_field or (field.custom and not field.nillable and field.type.value != "boolean" and not field.auto_number)
        if needed and field.name not in present:
            yield problem(component, component.node, f"Layout must contain an item for required layout field: {field.name}")


def related_lists_exist(component: Component, context: DeployContext) -> Iterator[Problem]:
    """`Child__c.Lookup__c`; standard related lists have names of their own."""
    sobject = context.sobject(_layout_object(component))
    for item in component.node.all("relatedLists"):
        name = item.value("relatedList") or ""
        if sobject is None or name.startswith("Related") or name in _STANDARD_RELATED_LISTS:
            continue
        child, _, link = name.partition(".")
        if not link.endswith("__c") and not child.endswith("__c"):
            continue
        field = context.field(name)
        if field is None or sobject.name not in field.reference_to:
            yield problem(component, item.place("relatedList"), f"Cannot find related list:{name}")


def _layout_items(component: Component) -> Iterator[Node]:
    for section in component.node.all("layoutSections"):
        for column in section.all("layoutColumns"):
            yield from column.all("layoutItems")


def _layout_object(component: Component) -> str:
    return component.full_name.partition("-")[0]


def _sobject(component: Component, context: DeployContext) -> SObject | None:
    return context.sobject(component.full_name.partition(".")[0])


def _object_problem(component: Component, context: DeployContext) -> Iterator[Problem]:
    name = component.full_name.partition(".")[0]
    if context.sobject(name) is None:
        yield problem(component, component.node, f"Entity of type 'CustomObject' named '{name}' cannot be found")


def _path_exists(context: DeployContext, sobject: SObject, path: str) -> bool:
    owner: SObject | None = sobject
    *steps, last = path.split(".")
    for step in steps:
        link = owner.relationship(step) if owner else None
        owner = context.sobject(link.reference_to[0]) if link else None
    return owner is not None and owner.field(last) is not None


LIST_VIEW_RULES: tuple[Rule, ...] = (list_view_object, list_view_columns, list_view_queue)
COMPACT_LAYOUT_RULES: tuple[Rule, ...] = (compact_layout_fields,)
FIELD_SET_RULES: tuple[Rule, ...] = (field_set_fields,)
LAYOUT_RULES: tuple[Rule, ...] = (layout_object, layout_fields_exist, layout_behavior, layout_has_required_fields, related_lists_exist)
