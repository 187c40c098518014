"""PermissionSet: what a role may do; every generated field is granted explicitly."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class FieldPermission:
    field: str
    editable: bool
    """Readable in any case."""


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class ObjectPermission:
    sobject: str
    create: bool = False
    edit: bool = False
    delete: bool = False
    view_all: bool = False
    modify_all: bool = False
    """Read in any case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionSet:
    name: str
    label: str
    description: str
    applications: tuple[str, ...] = ()
    custom_metadata_types: tuple[str, ...] = ()
    custom_permissions: tuple[str, ...] = ()
    custom_settings: tuple[str, ...] = ()
    fields: tuple[FieldPermission, ...] = ()
    objects: tuple[ObjectPermission, ...] = ()
    tabs: tuple[str, ...] = ()
    template: str = "PermissionSet.xml.jinja"

    @property
    def path(self) -> str:
        return f"main/default/permissionsets/{self.name}.permissionset-meta.xml"
