"""A profile as a retrieve shows it: every object, field, tab and app of the org is listed, granted or not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..schema.source import Component
from ..schema.types import ObjectKind
from ..schema.xml import METADATA_NAMESPACE, Node
from .deploy_cleanup import merged_profile
from .metadata import OrgMetadata

_STANDARD = frozenset({"Admin", "Standard", "Minimum Access - Salesforce"})
_OBJECT_RIGHTS = ("allowCreate", "allowDelete", "allowEdit", "allowRead", "modifyAllRecords", "viewAllRecords")


def profile_component(metadata: OrgMetadata, name: str) -> Component | None:
    """The profile of that metadata name; None when there is none."""
    deployed = metadata.components.get(("Profile", name))
    if deployed is None and name not in _STANDARD:
        return None
    children = [_node("custom", "false"), *_entries(metadata, is_admin=name == "Admin"), _node("userLicense", "Salesforce")]
    base = Component("Profile", name, f"profiles/{name}.profile", Node("Profile", 1, 1, METADATA_NAMESPACE, children=children))
    if deployed is None:
        return replace(base, node=_sorted(base.node))
    return merged_profile(base, deployed)


def _entries(metadata: OrgMetadata, *, is_admin: bool) -> Iterator[Node]:
    granted = "true" if is_admin else "false"
    for name in sorted(metadata.of_type("CustomApplication")):
        yield _entry("applicationVisibilities", application=name, default="false", visible="false")
    for name in sorted(metadata.of_type("CustomPermission")):
        yield _entry("customPermissions", enabled="false", name=name)
    for sobject in sorted(metadata.schema, key=lambda found: found.name):
        if sobject.kind not in (ObjectKind.STANDARD, ObjectKind.CUSTOM):
            continue
        for field in sobject.fields:
            if field.custom and field.permissionable:
                yield _entry("fieldPermissions", editable="false", field=f"{sobject.name}.{field.name}", readable="false")
        if sobject.kind is ObjectKind.CUSTOM:
            yield _entry("objectPermissions", **dict.fromkeys(_OBJECT_RIGHTS, granted), object=sobject.name)
        for record_type in sobject.record_types:
            name = f"{sobject.name}.{record_type.developer_name}"
            yield _entry("recordTypeVisibilities", default="false", recordType=name, visible="false")
    for name in sorted(metadata.of_type("CustomTab")):
        yield _entry("tabVisibilities", tab=name, visibility="Hidden")


def _entry(tag: str, **values: str) -> Node:
    return Node(tag, 1, 1, children=[_node(key, value) for key, value in sorted(values.items())])


def _node(tag: str, text: str) -> Node:
    return Node(tag, 1, 1, text=text)


def _sorted(node: Node) -> Node:
    return Node(node.tag, 1, 1, node.namespace, children=sorted(node.children, key=lambda child: child.tag))
