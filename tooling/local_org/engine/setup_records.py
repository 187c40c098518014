"""Records that stand for metadata (PermissionSet, Group, RecordType, EntityDefinition …), kept in step with what is deployed."""

from __future__ import annotations

from datetime import datetime

from ..schema.source import Component
from ..store import Store
from .metadata import OrgMetadata
from .setup_rows import ROWS, Row, SetupContext, stamped
from .setup_views import VIEWS


def sync_setup_records(store: Store, before: OrgMetadata | None, after: OrgMetadata, now: datetime) -> None:
    """Adds, changes and removes setup records for the components that differ between two states of an org."""
    old = before.components if before is not None else {}
    context = SetupContext(store, after, now)
    removed = [component for key, component in old.items() if key not in after.components]
    changed = [component for key, component in after.components.items() if key not in old or old[key] is not component]
    for component in removed:
        _remove(context, component)
    # Parents first: folders before what lies in them, queues and permission sets before what names them.
    for kind, make_rows in ROWS.items():
        for component in changed:
            if component.type == kind:
                _replace(context, list(make_rows(component, context)), component)
    for view in VIEWS:
        view(before, context)


def _replace(context: SetupContext, rows: list[Row], component: Component) -> None:
    own = [row for row in rows if row.values.get("Id") == component.id]
    for row in own:
        sobject = context.sobject(row.sobject)
        values = stamped(sobject, row.values, context.now)
        if context.store.records.read(sobject, [component.id], ["Id"], include_deleted=True):
            kept = {"CreatedDate", "CreatedById", "OwnerId", "Id"}
            context.store.records.update(sobject, [(component.id, {name: value for name, value in values.items() if name not in kept})])
        else:
            context.store.records.insert(sobject, [values])
    _remove_children(context, component)
    for row in rows:
        if row.values.get("Id") != component.id:
            sobject = context.sobject(row.sobject)
            context.store.records.insert(sobject, [stamped(sobject, row.values, context.now)])


def _remove(context: SetupContext, component: Component) -> None:
    sobject = context.metadata.schema.of_id(component.id)
    if component.type in ROWS and sobject is not None:
        _remove_children(context, component)
        context.store.records.purge(sobject, [component.id])
        if component.type == "PermissionSet":
            _purge_where(context, "PermissionSetAssignment", "PermissionSetId", component.id)


_CHILDREN = {
    "PermissionSet": (("ObjectPermissions", "ParentId"), ("FieldPermissions", "ParentId"), ("SetupEntityAccess", "ParentId")),
    "Queue": (("QueueSobject", "QueueId"), ("GroupMember", "GroupId")),
}


def _remove_children(context: SetupContext, component: Component) -> None:
    for sobject_name, field in _CHILDREN.get(component.type, ()):
        _purge_where(context, sobject_name, field, component.id)


def _purge_where(context: SetupContext, sobject_name: str, field: str, value: str) -> None:
    sobject = context.sobject(sobject_name)
    found = context.store.records.find(sobject, field, [value], ["Id"])
    context.store.records.purge(sobject, [record["Id"] for record in found])
