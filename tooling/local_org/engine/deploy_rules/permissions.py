"""Permission sets and profiles: what they grant exists, can be granted, and is consistent."""

from __future__ import annotations

from collections.abc import Iterator

from ...schema.source import Component, Problem
from ...schema.types import Field, ObjectKind
from ...schema.xml import Node
from .context import DeployContext, Rule, problem
from .references import has_tab

_EDITS = (("allowCreate", "Create"), ("allowEdit", "Edit"), ("allowDelete", "Delete"))


def fields_exist(component: Component, context: DeployContext) -> Iterator[Problem]:
    for item in component.node.all("fieldPermissions"):
        path = item.value("field") or ""
        if path.startswith("Activity.") or context.field(path) is None:
            yield problem(component, item.place("field"), f"In field: field - no CustomField named {path} found")


def fields_can_be_granted(component: Component, context: DeployContext) -> Iterator[Problem]:
    """Not required ones, master-details or system fields; what computes itself is never editable (a profile may say so, to no effect)."""
    for item in component.node.all("fieldPermissions"):
        path = item.value("field") or ""
        field = context.field(path)
        if field is None:
            continue
        if not field.permissionable:
            yield problem(component, item, f"You cannot deploy to a required field: {path}")
        elif component.type == "PermissionSet" and item.flag("editable") and field.custom and _computes_itself(field):
            yield problem(component, item.place("editable"), f"Field {path} is not editable: it is calculated")
        elif item.flag("editable") and not item.flag("readable", True):
            yield problem(component, item.place("editable"), f"Field {path}: editable requires readable")


def _computes_itself(field: Field) -> bool:
    return field.calculated or field.auto_number is not None or field.summary is not None


def each_field_once(component: Component, context: DeployContext) -> Iterator[Problem]:
    for element, key in (
        ("fieldPermissions", "field"),
        ("objectPermissions", "object"),
        ("tabSettings", "tab"),
        ("tabVisibilities", "tab"),
    ):
        seen: set[str] = set()
        for item in component.node.all(element):
            name = (item.value(key) or "").lower()
            if name in seen:
                yield problem(component, item, f"Duplicate {element} specified for: {item.value(key)}")
            seen.add(name)


def objects_exist(component: Component, context: DeployContext) -> Iterator[Problem]:
    for item in component.node.all("objectPermissions"):
        name = item.value("object") or ""
        sobject = context.sobject(name)
        if sobject is None or sobject.kind is ObjectKind.CUSTOM_METADATA:
            yield problem(component, item.place("object"), f"In field: object - no CustomObject named {name} found")
        elif sobject.kind is ObjectKind.CUSTOM_SETTING:
            yield problem(component, item.place("object"), f"Object permissions cannot be granted for custom setting {name}")


def object_permissions_consistent(component: Component, context: DeployContext) -> Iterator[Problem]:
    """Create, edit and delete need read; Modify All needs View All, edit and delete; View All needs read."""
    for item in component.node.all("objectPermissions"):
        name = item.value("object") or ""
        for element, word in _EDITS:
            if item.flag(element) and not item.flag("allowRead"):
                yield _missing(component, item.place(element), word, "Read", name)
        if item.flag("allowDelete") and not item.flag("allowEdit"):
            yield _missing(component, item.place("allowDelete"), "Delete", "Edit", name)
        if item.flag("viewAllRecords") and not item.flag("allowRead"):
            yield _missing(component, item.place("viewAllRecords"), "View All", "Read", name)
        if item.flag("modifyAllRecords"):
            for element, word in (("viewAllRecords", "View All"), ("allowEdit", "Edit"), ("allowDelete", "Delete")):
                if not item.flag(element):
                    yield _missing(component, item.place("modifyAllRecords"), "Modify All", word, name)


def masters_readable(component: Component, context: DeployContext) -> Iterator[Problem]:
    """A detail can be read only by who reads its master."""
    readable = {(item.value("object") or "").lower() for item in component.node.all("objectPermissions") if item.flag("allowRead")}
    for item in component.node.all("objectPermissions"):
        sobject = context.sobject(item.value("object"))
        if sobject is None or not item.flag("allowRead"):
            continue
        for master in (parent for field in sobject.fields if field.master_detail for parent in field.reference_to):
            if master.lower() not in readable:
                yield _missing(component, item, f"Read {sobject.name}", f"Read {master}", sobject.name)


def _missing(component: Component, place: Node, wanted: str, needed: str, name: str) -> Problem:
    return problem(component, place, f"Permission {wanted} depends on permission(s): {needed} ({name})")


def tabs_exist(component: Component, context: DeployContext) -> Iterator[Problem]:
    for element in ("tabSettings", "tabVisibilities"):
        for item in component.node.all(element):
            tab = item.value("tab") or ""
            if not has_tab(context, tab):
                yield problem(component, item.place("tab"), f"In field: tab - no CustomTab named {tab} found")


def other_references_exist(component: Component, context: DeployContext) -> Iterator[Problem]:
    for element, key, kind in (
        ("applicationVisibilities", "application", "CustomApplication"), ("customPermissions", "name", "CustomPermission"),
        ("flowAccesses", "flow", "Flow"), ("recordTypeVisibilities", "recordType", "RecordType"), ("classAccesses", "apexClass",
        "ApexClass"),
    ):  # fmt: skip
        for item in component.node.all(element):
            name = item.value(key) or ""
            if not context.exists(kind, name) and not (kind == "CustomApplication" and name.startswith("standard__")):
                yield problem(component, item.place(key), f"In field: {key} - no {kind} named {name} found")
    for element, kind in (("customMetadataTypeAccesses", ObjectKind.CUSTOM_METADATA), ("customSettingAccesses", ObjectKind.CUSTOM_SETTING)):
        for item in component.node.all(element):
            name = item.value("name") or ""
            sobject = context.sobject(name)
            if sobject is None or sobject.kind is not kind:
                yield problem(component, item.place("name"), f"In field: name - no CustomObject named {name} found")


RULES: tuple[Rule, ...] = (
    fields_exist,
    fields_can_be_granted,
    each_field_once,
    objects_exist,
    object_permissions_consistent,
    masters_readable,
    tabs_exist,
    other_references_exist,
)
