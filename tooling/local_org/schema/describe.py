"""Describe answers: an sObject in full, and its entry in the global list."""

from __future__ import annotations

from typing import Any, Protocol

from .describe_field import describe_field
from .types import ObjectKind, Schema, SObject

MASTER_RECORD_TYPE_ID = "012000000000000AAA"
_FLAGS = (
    "activateable", "deepCloneable", "feedEnabled", "hasSubtypes", "layoutable", "mergeable", "mruEnabled", "replicateable", "retrieveable",
    "searchable", "triggerable", "undeletable",
)  # fmt: skip


class ObjectAccess(Protocol):
    """What the calling user may do with records of an object."""

    @property
    def create(self) -> bool: ...

    @property
    def edit(self) -> bool: ...

    @property
    def delete(self) -> bool: ...


class DescribeAccess(Protocol):
    """What the calling user may see; `user` is whatever the engine knows a user by."""

    def object(self, user: Any, sobject: str) -> ObjectAccess: ...

    def can_read(self, user: Any, sobject: str, field: str) -> bool: ...

    def can_edit(self, user: Any, sobject: str, field: str) -> bool: ...


def describe_global_entry(
    sobject: SObject, schema: Schema, access: ObjectAccess | None = None, *, api_version: str = "66.0"
) -> dict[str, Any]:
    """An entry of `GET sobjects`. Without `access`: as an all-powerful user sees it."""
    entry: dict[str, Any] = {flag: flag in sobject.flags for flag in _FLAGS}
    entry |= {
        "associateEntityType": None,
        "associateParentEntity": None,
        "createable": sobject.createable and (access is None or access.create),
        "custom": sobject.custom,
        "customSetting": sobject.kind is ObjectKind.CUSTOM_SETTING,
        "deletable": sobject.deletable and (access is None or access.delete),
        "deprecatedAndHidden": False,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": sobject.key_prefix or None,
        "label": sobject.label,
        "labelPlural": sobject.label_plural,
        "name": sobject.name,
        "queryable": sobject.queryable,
        "updateable": sobject.updateable and (access is None or access.edit),
    }
    base = _base(sobject, api_version)
    urls = {"describe": f"{base}/describe", "rowTemplate": f"{base}/{{ID}}", "sobject": base}
    if "layoutable" in sobject.flags:
        urls |= {"approvalLayouts": f"{base}/describe/approvalLayouts", "compactLayouts": f"{base}/describe/compactLayouts"}
        urls |= {"defaultValues": f"{base}/defaultValues?recordTypeId&fields", "layouts": f"{base}/describe/layouts"}
        urls |= {"listviews": f"{base}/listviews", "quickActions": f"{base}/quickActions"}
    return dict(sorted(entry.items())) | {"urls": urls}


def describe_sobject(
    sobject: SObject, schema: Schema, access: DescribeAccess | None = None, user: Any = None, *, api_version: str = "66.0"
) -> dict[str, Any]:
    """The answer of `GET sobjects/X/describe` for a user: fields outside the user's field-level security are left out."""
    rights = access.object(user, sobject.name) if access is not None else None
    entry = describe_global_entry(sobject, schema, rights, api_version=api_version)
    urls = entry.pop("urls")
    fields = []
    for field in sobject.fields:
        if access is not None and not access.can_read(user, sobject.name, field.name):
            continue
        editable = access is None or access.can_edit(user, sobject.name, field.name)
        creates = sobject.createable and editable
        fields.append(describe_field(sobject, field, createable=creates, updateable=sobject.updateable and editable))
    entry |= {
        "actionOverrides": [],
        "childRelationships": _child_relationships(sobject, schema),
        "compactLayoutable": "layoutable" in sobject.flags,
        "defaultImplementation": None,
        "extendedBy": None,
        "extendsInterfaces": None,
        "fields": fields,
        "implementedBy": None,
        "implementsInterfaces": None,
        "listviewable": None,
        "lookupLayoutable": None,
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": _record_types(sobject, api_version),
        "searchLayoutable": "searchable" in sobject.flags,
        "sobjectDescribeOption": "FULL",
        "supportedScopes": _scopes(sobject),
    }
    host = "https://localhost"
    urls |= {"uiDetailTemplate": f"{host}/{{ID}}", "uiEditTemplate": f"{host}/{{ID}}/e", "uiNewRecord": f"{host}/{sobject.key_prefix}/e"}
    return dict(sorted(entry.items())) | {"urls": urls}


def _child_relationships(sobject: SObject, schema: Schema) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {
            "cascadeDelete": child.field.delete_constraint in ("Cascade", "CascadeUnlessActivated"),
            "childSObject": child.child,
            "deprecatedAndHidden": False,
            "field": child.field.name,
            "junctionIdListNames": [],
            "junctionReferenceTo": [],
            "relationshipName": child.name,
            "restrictedDelete": child.field.delete_constraint in ("Restrict", "CascadeUnlessActivated"),
        }
        for child in schema.children(sobject.name)
    ]
    return sorted(found, key=lambda entry: (str(entry["childSObject"]), str(entry["field"])))


def _record_types(sobject: SObject, api_version: str) -> list[dict[str, Any]]:
    if sobject.field("RecordTypeId") is None and sobject.kind is not ObjectKind.CUSTOM:
        return []
    layouts = f"{_base(sobject, api_version)}/describe/layouts"
    infos = [_record_type(t.label, t.developer_name, t.id, t.active, layouts) for t in sobject.record_types]
    return [*infos, _record_type("Master", "Master", MASTER_RECORD_TYPE_ID, True, layouts, default=not infos, master=True)]


def _record_type(
    label: str, developer_name: str, record_id: str, active: bool, layouts: str, *, default: bool = False, master: bool = False
) -> dict[str, Any]:
    return {
        "active": active,
        "available": True,
        "defaultRecordTypeMapping": default,
        "developerName": developer_name,
        "master": master,
        "name": label,
        "recordTypeId": record_id,
        "urls": {"layout": f"{layouts}/{record_id}"},
    }


def _scopes(sobject: SObject) -> list[dict[str, str]]:
    scopes = [{"label": f"All {sobject.label_plural.lower()}", "name": "everything"}]
    if sobject.field("OwnerId"):
        scopes.append({"label": f"My {sobject.label_plural.lower()}", "name": "mine"})
    return scopes


def _base(sobject: SObject, api_version: str) -> str:
    return f"/services/data/v{api_version}/sobjects/{sobject.name}"
