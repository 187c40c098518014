"""What a deployed component looks like as records: one function per metadata type."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from ..schema.permissions_reader import read_permissions
from ..schema.source import Component
from ..schema.types import SObject
from ..schema.xml import Node
from ..store import Store
from .custom_metadata import metadata_record
from .metadata import OrgMetadata
from .stamps import ORGANIZATION_ID, stamped

__all__ = ["ROWS", "Row", "SetupContext", "stamped"]


@dataclass(frozen=True, slots=True)
class Row:
    """A record to be: the component's own one carries the component's id."""

    sobject: str
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SetupContext:
    store: Store
    metadata: OrgMetadata
    now: datetime

    def sobject(self, name: str) -> SObject:
        return self.metadata.schema[name]

    def id_of(self, kind: str, full_name: str) -> str | None:
        component = self.metadata.components.get((kind, full_name))
        return component.id if component is not None else None


def _permission_set(component: Component, context: SetupContext) -> Iterator[Row]:
    granted = read_permissions(component)
    sobject = context.sobject("PermissionSet")
    values: dict[str, Any] = {
        "Id": component.id,
        "Name": component.full_name,
        "Label": granted.label,
        "Description": granted.description or None,
        "IsCustom": True,
        "Type": "Regular",
        "HasActivationRequired": component.node.flag("hasActivationRequired"),
    }
    for field in sobject.fields:
        if field.name.startswith("Permissions"):
            values[field.name] = field.name.removeprefix("Permissions") in granted.user_permissions
    yield Row("PermissionSet", values)
    for name, access in granted.objects.items():
        target = context.metadata.schema.get(name)
        yield Row(
            "ObjectPermissions",
            {
                "ParentId": component.id,
                "SobjectType": target.name if target else name,
                "PermissionsRead": access.read,
                "PermissionsCreate": access.create,
                "PermissionsEdit": access.edit,
                "PermissionsDelete": access.delete,
                "PermissionsViewAllRecords": access.view_all,
                "PermissionsModifyAllRecords": access.modify_all,
            },
        )
    for name, grant in granted.fields.items():
        sobject_name, field_name = _canonical(context, name)
        yield Row(
            "FieldPermissions",
            {
                "ParentId": component.id,
                "SobjectType": sobject_name,
                "Field": f"{sobject_name}.{field_name}",
                "PermissionsRead": grant.readable,
                "PermissionsEdit": grant.editable,
            },
        )
    for name in sorted(granted.custom_permissions):
        target_id = context.id_of("CustomPermission", name)
        if target_id:
            yield Row("SetupEntityAccess", {"ParentId": component.id, "SetupEntityId": target_id, "SetupEntityType": "CustomPermission"})


def _canonical(context: SetupContext, name: str) -> tuple[str, str]:
    sobject_name, _, field_name = name.partition(".")
    sobject = context.metadata.schema.get(sobject_name)
    field = sobject.field(field_name) if sobject else None
    return (sobject.name if sobject else sobject_name, field.name if field else field_name)


def _profile(component: Component, context: SetupContext) -> Iterator[Row]:
    """A custom profile; what a standard one grants is read from the component alone."""
    if component.node.flag("custom"):
        yield Row("Profile", {"Id": component.id, "Name": component.full_name, "UserType": "Standard", "PermissionsApiEnabled": True})


def _custom_permission(component: Component, context: SetupContext) -> Iterator[Row]:
    yield Row("CustomPermission", {**_named(component), "IsProtected": component.node.flag("isProtected")})


def _queue(component: Component, context: SetupContext) -> Iterator[Row]:
    node = component.node
    yield Row(
        "Group",
        {
            "Id": component.id,
            "Name": node.value("name") or component.full_name,
            "DeveloperName": component.full_name,
            "Type": "Queue",
            "Email": node.value("email"),
            "DoesSendEmailToMembers": node.flag("doesSendEmailToMembers"),
            "OwnerId": ORGANIZATION_ID,
        },
    )
    for item in node.all("queueSobject"):
        yield Row("QueueSobject", {"QueueId": component.id, "SobjectType": item.value("sobjectType")})
    for user_id in _users(node, context):
        yield Row("GroupMember", {"GroupId": component.id, "UserOrGroupId": user_id})


def _users(node: Node, context: SetupContext) -> list[str]:
    members = node.child("queueMembers")
    users = members.child("users") if members else None
    names = [user.text.strip() for user in users.all("user")] if users else []
    return [record["Id"] for record in context.store.records.find(context.sobject("User"), "Username", names, ["Id"])]


def _group(component: Component, context: SetupContext) -> Iterator[Row]:
    name = component.node.value("name") or component.full_name
    yield Row(
        "Group", {"Id": component.id, "Name": name, "DeveloperName": component.full_name, "Type": "Regular", "OwnerId": ORGANIZATION_ID}
    )


def _role(component: Component, context: SetupContext) -> Iterator[Row]:
    parent = component.node.value("parentRole")
    values = {"Id": component.id, "Name": component.node.value("name"), "DeveloperName": component.full_name}
    yield Row("UserRole", {**values, "ParentRoleId": context.id_of("Role", parent) if parent else None})


def _record_type(component: Component, context: SetupContext) -> Iterator[Row]:
    sobject, _, name = component.full_name.partition(".")
    node = component.node
    values = {"Id": component.id, "Name": node.value("label") or name, "DeveloperName": name, "SobjectType": sobject}
    yield Row("RecordType", {**values, "IsActive": node.flag("active"), "Description": node.value("description")})


def _notification_type(component: Component, context: SetupContext) -> Iterator[Row]:
    node = component.node
    values = {**_named(component), "MasterLabel": node.value("masterLabel"), "CustomNotifTypeName": node.value("customNotifTypeName")}
    yield Row("CustomNotificationType", {**values, "Desktop": node.flag("desktop"), "Mobile": node.flag("mobile")})


def _folder(component: Component, context: SetupContext) -> Iterator[Row]:
    kind = component.type.removesuffix("Folder")
    name = component.full_name.rpartition("/")[2]
    values = {"Id": component.id, "Name": component.node.value("name") or name, "DeveloperName": name, "Type": kind}
    yield Row("Folder", {**values, "AccessType": component.node.value("accessType") or "Public"})


def _email_template(component: Component, context: SetupContext) -> Iterator[Row]:
    node = component.node
    folder, _, name = component.full_name.rpartition("/")
    kind = node.value("type") or "text"
    body = (component.content or b"").decode("utf-8", "replace")
    version = node.value("apiVersion")
    yield Row(
        "EmailTemplate",
        {
            "Id": component.id,
            "Name": node.value("name") or name,
            "DeveloperName": name,
            "FolderId": context.id_of("EmailFolder", folder) or ORGANIZATION_ID,
            "FolderName": folder,
            "TemplateType": kind,
            "TemplateStyle": node.value("style"),
            "IsActive": node.flag("available"),
            "Encoding": node.value("encodingKey"),
            "Subject": node.value("subject"),
            "Description": node.value("description"),
            "Body": body if kind == "text" else node.value("textOnly"),
            "HtmlValue": None if kind == "text" else body,
            "UiType": node.value("uiType") or "Aloha",
            "ApiVersion": Decimal(version) if version else None,
        },
    )


def _report(component: Component, context: SetupContext) -> Iterator[Row]:
    folder, _, name = component.full_name.rpartition("/")
    node = component.node
    values = {"Id": component.id, "Name": node.value("name"), "DeveloperName": name, "FolderName": folder, "Format": node.value("format")}
    yield Row("Report", {**values, "Description": node.value("description"), "OwnerId": context.id_of("ReportFolder", folder)})


def _dashboard(component: Component, context: SetupContext) -> Iterator[Row]:
    folder, _, name = component.full_name.rpartition("/")
    node = component.node
    values = {"Id": component.id, "Title": node.value("title"), "DeveloperName": name, "FolderName": folder}
    kind = node.value("dashboardType") or "SpecifiedUser"
    yield Row(
        "Dashboard",
        {**values, "Type": kind, "FolderId": context.id_of("DashboardFolder", folder), "Description": node.value("description")},
    )


def _apex(component: Component, context: SetupContext) -> Iterator[Row]:
    """Kept and shown, never compiled or run: this org has no Apex."""
    body = (component.content or b"").decode("utf-8", "replace")
    version = component.node.value("apiVersion")
    values: dict[str, Any] = {
        "Id": component.id,
        "Name": component.full_name,
        "Body": body,
        "Status": component.node.value("status") or "Active",
    }
    if component.type == "ApexClass":
        values |= {"ApiVersion": Decimal(version) if version else None, "IsValid": True, "LengthWithoutComments": Decimal(len(body))}
    yield Row(component.type, values)


def _custom_object(component: Component, context: SetupContext) -> Iterator[Row]:
    if component.full_name.endswith(("__c", "__mdt")):
        name = component.full_name.rpartition("__")[0]
        values = {"Id": component.id, "DeveloperName": name, "ManageableState": "unmanaged"}
        node = component.node
        yield Row("CustomObject", {**values, "Description": node.value("description"), "SharingModel": node.value("sharingModel")})


def _custom_field(component: Component, context: SetupContext) -> Iterator[Row]:
    sobject, _, name = component.full_name.partition(".")
    if name.endswith("__c"):
        parent = context.id_of("CustomObject", sobject) if sobject.endswith(("__c", "__mdt")) else sobject
        values = {"Id": component.id, "DeveloperName": name.removesuffix("__c"), "TableEnumOrId": parent}
        yield Row("CustomField", {**values, "ManageableState": "unmanaged"})


def _validation_rule(component: Component, context: SetupContext) -> Iterator[Row]:
    sobject, _, name = component.full_name.partition(".")
    node = component.node
    values = {"Id": component.id, "ValidationName": name, "EntityDefinitionId": sobject, "Active": node.flag("active")}
    texts = {
        "Description": node.value("description"),
        "ErrorMessage": node.value("errorMessage"),
        "ErrorDisplayField": node.value("errorDisplayField"),
    }
    yield Row("ValidationRule", {**values, **texts, "ManageableState": "unmanaged"})


def _custom_metadata(component: Component, context: SetupContext) -> Iterator[Row]:
    sobject = context.sobject(f"{component.full_name.partition('.')[0].removesuffix('__mdt')}__mdt")
    yield Row(sobject.name, {"Id": component.id, **metadata_record(sobject, component, context.id_of)})


def _named(component: Component) -> dict[str, Any]:
    node = component.node
    return {
        "Id": component.id,
        "DeveloperName": component.full_name,
        "MasterLabel": node.value("label") or component.full_name,
        "Description": node.value("description"),
        "Language": "en_US",
    }


ROWS: Mapping[str, Callable[[Component, SetupContext], Iterator[Row]]] = {
    "CustomObject": _custom_object,
    "CustomField": _custom_field,
    "ValidationRule": _validation_rule,
    "RecordType": _record_type,
    "CustomPermission": _custom_permission,
    "ApexClass": _apex,
    "ApexTrigger": _apex,
    "Role": _role,
    "Group": _group,
    "Queue": _queue,
    "Profile": _profile,
    "PermissionSet": _permission_set,
    "CustomNotificationType": _notification_type,
    "EmailFolder": _folder,
    "ReportFolder": _folder,
    "DashboardFolder": _folder,
    "EmailTemplate": _email_template,
    "Report": _report,
    "Dashboard": _dashboard,
    "CustomMetadata": _custom_metadata,
}
