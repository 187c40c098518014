"""What a permission set or profile grants, as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ObjectPermissions:
    read: bool = False
    create: bool = False
    edit: bool = False
    delete: bool = False
    view_all: bool = False
    modify_all: bool = False


@dataclass(frozen=True, slots=True)
class FieldPermissions:
    readable: bool = False
    editable: bool = False


@dataclass(frozen=True, slots=True)
class PermissionSet:
    """Keys of `objects` are lower-case API names, keys of `fields` lower-case `object.field`."""

    name: str
    label: str
    objects: Mapping[str, ObjectPermissions] = field(default_factory=dict)
    fields: Mapping[str, FieldPermissions] = field(default_factory=dict)
    custom_permissions: frozenset[str] = frozenset()
    user_permissions: frozenset[str] = frozenset()
    """System permissions that are on: ViewAllData, ModifyAllData, ApiEnabled …"""
    description: str = ""

    def object(self, name: str) -> ObjectPermissions:
        return self.objects.get(name.lower(), _NO_OBJECT)

    def field(self, sobject: str, name: str) -> FieldPermissions:
        return self.fields.get(f"{sobject}.{name}".lower(), _NO_FIELD)


_NO_OBJECT = ObjectPermissions()
_NO_FIELD = FieldPermissions()
