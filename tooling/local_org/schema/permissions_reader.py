"""A PermissionSet or Profile component read into what it grants."""

from __future__ import annotations

from .permissions import FieldPermissions, ObjectPermissions, PermissionSet
from .source import Component
from .xml import Node


def read_permissions(component: Component) -> PermissionSet:
    node = component.node
    return PermissionSet(
        name=component.full_name,
        label=node.value("label") or component.full_name,
        objects={(item.value("object") or "").lower(): _object(item) for item in node.all("objectPermissions")},
        fields={
            (item.value("field") or "").lower(): FieldPermissions(item.flag("readable") or item.flag("editable"), item.flag("editable"))
            for item in node.all("fieldPermissions")
        },
        custom_permissions=frozenset(item.value("name") or "" for item in node.all("customPermissions") if item.flag("enabled")),
        user_permissions=frozenset(item.value("name") or "" for item in node.all("userPermissions") if item.flag("enabled")),
        description=node.value("description") or "",
    )


def _object(item: Node) -> ObjectPermissions:
    return ObjectPermissions(
        read=item.flag("allowRead"),
        create=item.flag("allowCreate"),
        edit=item.flag("allowEdit"),
        delete=item.flag("allowDelete"),
        view_all=item.flag("viewAllRecords"),
        modify_all=item.flag("modifyAllRecords"),
    )
