"""Components that change because others do: profiles are merged, grants and layout items of what was removed disappear."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from ..schema.source import Component
from ..schema.xml import Node

_KEYS = {
    "applicationVisibilities": "application",
    "classAccesses": "apexClass",
    "customMetadataTypeAccesses": "name",
    "customPermissions": "name",
    "customSettingAccesses": "name",
    "fieldPermissions": "field",
    "flowAccesses": "flow",
    "objectPermissions": "object",
    "pageAccesses": "apexPage",
    "recordTypeVisibilities": "recordType",
    "tabSettings": "tab",
    "tabVisibilities": "tab",
    "userPermissions": "name",
}
"""The element that names what an entry of a profile or permission set is about."""
_GRANTED = frozenset({"CustomApplication", "CustomField", "CustomObject", "CustomTab", "RecordType", "CustomPermission"})


def merged_profile(known: Component, component: Component) -> Component:
    """The known profile with the entries of the new one in place of those about the same thing."""
    new = component.node.children
    mentioned = {_entry(child) for child in new}
    kept = [child for child in known.node.children if _entry(child) not in mentioned]
    children = sorted([*kept, *new], key=lambda child: child.tag)
    return replace(component, node=_with_children(component.node, children), id=known.id)


def without_removed(component: Component, gone: Mapping[tuple[str, str], Component]) -> Component:
    """Permission sets, profiles, layouts and list views lose what they said about removed components; others stay as they are."""
    names = {full_name for kind, full_name in gone if kind in _GRANTED}
    if component.type in ("PermissionSet", "Profile"):
        return _filtered(component, lambda child: child.value(_KEYS.get(child.tag, "")) not in names)
    if component.type == "Layout":
        owner = component.full_name.partition("-")[0]
        fields = {name.partition(".")[2] for name in names if name.startswith(f"{owner}.")}
        node = _without_fields(component.node, fields)
        return component if node is component.node else replace(component, node=node)
    if component.type == "ListView":
        owner = component.full_name.partition(".")[0]
        fields = {name.partition(".")[2] for name in names if name.startswith(f"{owner}.")}
        return _filtered(component, lambda child: _list_view_field(child) not in fields)
    return component


def _list_view_field(child: Node) -> str:
    if child.tag == "columns":
        return child.text.strip()
    return (child.value("field") or "") if child.tag == "filters" else ""


def _filtered(component: Component, keep: Callable[[Node], bool]) -> Component:
    children = [child for child in component.node.children if keep(child)]
    if len(children) == len(component.node.children):
        return component
    return replace(component, node=_with_children(component.node, children))


def _without_fields(node: Node, fields: Iterable[str]) -> Node:
    """A copy without the layout items of certain fields, the node itself when there are none."""
    unwanted = frozenset(fields)
    children = []
    changed = False
    for child in node.children:
        if child.tag == "layoutItems" and child.value("field") in unwanted:
            changed = True
            continue
        kept = _without_fields(child, unwanted) if child.children else child
        changed = changed or kept is not child
        children.append(kept)
    return _with_children(node, children) if changed else node


def _with_children(node: Node, children: list[Node]) -> Node:
    return Node(node.tag, node.line, node.column, node.namespace, node.attributes, children, node.text)


def _entry(node: Node) -> tuple[str, str]:
    key = _KEYS.get(node.tag)
    return (node.tag, (node.value(key) or "") if key else node.text.strip() if node.tag == "layoutAssignments" else "")
