"""Custom objects, custom settings, custom metadata types, record types."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import unquote

from ...schema.source import Component, Problem
from .context import DeployContext, Rule, problem

_SHARING = frozenset({"Private", "Read", "ReadWrite", "ControlledByParent"})


def labels_present(component: Component, context: DeployContext) -> Iterator[Problem]:
    if not _is_custom(component):
        return
    if component.node.value("label") is None:
        yield problem(component, component.node, "Must specify a non-empty label for the CustomObject")
    if component.node.value("pluralLabel") is None and not component.node.value("customSettingsType"):
        yield problem(component, component.node, "Must specify a non-empty pluralLabel for the CustomObject")


def object_exists(component: Component, context: DeployContext) -> Iterator[Problem]:
    if not _is_custom(component) and component.full_name != "Activity" and context.sobject(component.full_name) is None:
        yield problem(
            component,
            component.node,
            f"{component.full_name} is not a standard object of this org, and a custom object's name ends with __c",
        )


def name_field(component: Component, context: DeployContext) -> Iterator[Problem]:
    """A plain custom object has a nameField; an auto-number needs a display format with a `{0}`."""
    if not component.full_name.endswith("__c") or component.node.value("customSettingsType"):
        return
    node = component.node.child("nameField")
    if node is None:
        yield problem(component, component.node, "Must specify a nameField for the CustomObject")
        return
    kind = node.value("type")
    if node.value("label") is None:
        yield problem(component, node, "Must specify a non-empty label for the CustomField")
    if kind not in ("Text", "AutoNumber"):
        yield problem(component, node.place("type"), f"Invalid type for the name field: {kind}. It must be Text or AutoNumber")
    if kind == "AutoNumber" and "{0" not in (node.value("displayFormat") or ""):
        yield problem(component, node.place("displayFormat"), "Must specify 'displayFormat' with a {0} for a name field of type AutoNumber")


def deployment_and_sharing(component: Component, context: DeployContext) -> Iterator[Problem]:
    """Both are optional in the schema and demanded by the deploy of a plain custom object."""
    if not component.full_name.endswith("__c") or component.node.value("customSettingsType"):
        return
    if component.node.value("deploymentStatus") is None:
        yield problem(component, component.node, "Must specify a deploymentStatus for the CustomObject")
    sharing = component.node.value("sharingModel")
    if sharing is None:
        yield problem(component, component.node, "Must specify a sharingModel for the CustomObject")
    elif sharing not in _SHARING:
        yield problem(component, component.node.place("sharingModel"), f"sharingModel {sharing} is not supported by this local org")


def sharing_follows_master(component: Component, context: DeployContext) -> Iterator[Problem]:
    """ControlledByParent if, and only if, the object is the detail of a master-detail relationship."""
    sharing = component.node.value("sharingModel")
    if not component.full_name.endswith("__c") or sharing is None or component.node.value("customSettingsType"):
        return
    is_detail = any(field.node.value("type") == "MasterDetail" for field in context.fields_by_object.get(component.full_name, ()))
    place = component.node.place("sharingModel")
    if is_detail and sharing != "ControlledByParent":
        yield problem(component, place, f"Cannot set sharingModel to {sharing} on a CustomObject with a MasterDetail relationship field")
    if not is_detail and sharing == "ControlledByParent":
        yield problem(
            component, place, "Cannot set sharingModel to ControlledByParent on a CustomObject without a MasterDetail relationship field"
        )


def setting_type(component: Component, context: DeployContext) -> Iterator[Problem]:
    """Neither a custom setting nor a custom metadata type has what belongs to records of users."""
    node = component.node
    if component.full_name.endswith("__mdt"):
        forbidden: tuple[str, ...] = (
            "nameField",
            "sharingModel",
            "deploymentStatus",
            "enableActivities",
            "enableHistory",
            "customSettingsType",
        )
        what = "custom metadata type"
    elif node.value("customSettingsType"):
        forbidden, what = ("nameField", "sharingModel", "deploymentStatus"), "custom setting"
    else:
        return
    for element in forbidden:
        if node.child(element) is not None:
            yield problem(component, node.place(element), f"Can not specify '{element}' for a {what}")


def kind_stays(component: Component, context: DeployContext) -> Iterator[Problem]:
    known = context.before.components.get(component.key)
    if known is not None and known.node.value("customSettingsType") != component.node.value("customSettingsType"):
        yield problem(component, component.node.place("customSettingsType"), "Cannot change the customSettingsType of an existing object")


def record_type_on_object(component: Component, context: DeployContext) -> Iterator[Problem]:
    name = component.full_name.partition(".")[0]
    sobject = context.sobject(name)
    if sobject is None:
        yield problem(component, component.node, f"Entity of type 'CustomObject' named '{name}' cannot be found")
        return
    for values in component.node.all("picklistValues"):
        picklist = values.value("picklist") or ""
        field = sobject.field(picklist)
        if field is None or not field.picklist:
            yield problem(component, values.place("picklist"), f"Picklist {name}.{picklist} does not exist")
            continue
        known = {entry.value for entry in field.picklist}
        for item in values.all("values"):
            # Record types write the values they allow percent-encoded ("In%20Progress"); a bare % stays as it is.
            value = unquote(item.value("fullName") or "")
            if value not in known and item.value("fullName") not in known:
                yield problem(component, item.place("fullName"), f"Picklist value: {value} in picklist: {picklist} not found")


def _is_custom(component: Component) -> bool:
    return component.full_name.endswith(("__c", "__mdt"))


RULES: tuple[Rule, ...] = (
    labels_present,
    object_exists,
    name_field,
    deployment_and_sharing,
    sharing_follows_master,
    setting_type,
    kind_stays,
)
RECORD_TYPE_RULES: tuple[Rule, ...] = (record_type_on_object,)
