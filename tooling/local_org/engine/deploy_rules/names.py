"""Developer names, labels, descriptions: how they may look and how long they may be."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...schema.source import Component, Problem
from .context import DeployContext, Rule, problem

_NAME = re.compile(r"[A-Za-z](?:[A-Za-z0-9]|_(?!_|$))*")
NAME_FORM = (
    "can only contain underscores and alphanumeric characters. It must be unique, begin with a letter, not include spaces, "
    "not end with an underscore, and not contain two consecutive underscores."
)
_WITH_NAMES = frozenset(
    {
        "CustomObject", "CustomField", "ValidationRule", "RecordType", "ListView", "CompactLayout", "FieldSet", "CustomTab",
        "CustomApplication", "PermissionSet", "CustomPermission", "Queue", "Group", "Role", "CustomNotificationType", "CustomLabel",
        "GlobalValueSet", "Report", "ReportType", "Dashboard", "EmailTemplate", "FlexiPage", "CustomMetadata", "Flow", "FlowTest",
        "WorkflowAlert", "WorkflowFieldUpdate", "ReportFolder", "DashboardFolder", "EmailFolder", "QuickAction",
    }
)  # fmt: skip
_SUFFIX = re.compile(r"__(c|mdt|e|b|x|pc)$")
_NAME_LENGTHS = {"CustomObject": 40, "CustomField": 40, "ValidationRule": 40, "ListView": 40, "Queue": 80, "CustomMetadata": 40}
_LENGTHS: dict[str, dict[str, int]] = {
    "CustomObject": {"label": 40, "pluralLabel": 40, "description": 1000},
    "CustomField": {"label": 40, "description": 1000, "inlineHelpText": 510, "relationshipName": 40, "relationshipLabel": 80},
    "ValidationRule": {"errorMessage": 255, "description": 255},
    "RecordType": {"label": 80, "description": 255},
    "ListView": {"label": 40},
    "PermissionSet": {"label": 80, "description": 255},
    "CustomPermission": {"label": 80, "description": 255},
    "Queue": {"name": 40},
    "Report": {"name": 40, "description": 255},
    "Dashboard": {"title": 80, "description": 255},
    "ReportType": {"label": 50, "description": 1000},
    "EmailTemplate": {"name": 80, "subject": 1000},
    "CustomMetadata": {"label": 40},
    "CustomNotificationType": {"masterLabel": 80, "customNotifTypeName": 80, "description": 255},
    "CustomLabel": {"shortDescription": 80, "value": 1000},
    "CustomApplication": {"label": 80},
    "GlobalValueSet": {"masterLabel": 80},
    "FlexiPage": {"masterLabel": 80},
    "FlowTest": {"label": 80},
}  # fmt: skip


def developer_name(component: Component, context: DeployContext) -> Iterator[Problem]:
    """Letters, digits and single underscores; a letter first; no underscore last."""
    if component.type not in _WITH_NAMES or not _is_new(component, context):
        return
    name = _own_name(component)
    if component.type == "CustomField" and not component.full_name.endswith("__c"):
        return
    bare = _SUFFIX.sub("", name)
    place = component.node.place("fullName")
    if not _NAME.fullmatch(bare):
        yield problem(
            component,
            place,
            f"The {_what(component)} Name field {NAME_FORM}",
        )
    longest = _NAME_LENGTHS.get(component.type, 80)
    if len(bare) > longest:
        yield problem(component, place, f"{_what(component)} Name: data value too large: {bare} (max length={longest})")


def lengths(component: Component, context: DeployContext) -> Iterator[Problem]:
    for element, longest in _LENGTHS.get(component.type, {}).items():
        text = component.node.value(element)
        if text is not None and len(text) > longest:
            yield problem(component, component.node.place(element), f"Value too long for field: {element} maximum length is:{longest}")


def custom_suffix(component: Component, context: DeployContext) -> Iterator[Problem]:
    """A validation rule's name has no `__c`; a field that no standard object has must end with it."""
    if component.type == "ValidationRule" and component.full_name.endswith("__c"):
        yield problem(component, component.node.place("fullName"), "The name of a validation rule must not end with __c")
    if component.type == "CustomField" and not component.full_name.endswith("__c") and context.field(component.full_name) is None:
        yield problem(component, component.node.place("fullName"), f"Invalid fullName, must end in __c: {component.full_name}")


def unique_in_any_case(component: Component, context: DeployContext) -> Iterator[Problem]:
    """Names differ by more than upper and lower case."""
    for kind, name in context.deployed:
        if kind == component.type and name != component.full_name and name.lower() == component.full_name.lower():
            yield problem(
                component, component.node.place("fullName"), f"duplicate value found: {name} duplicates value of {component.full_name}"
            )


def _is_new(component: Component, context: DeployContext) -> bool:
    return component.key not in context.before.components


def _own_name(component: Component) -> str:
    name = component.full_name.rpartition("/")[2]
    parented = component.type not in ("CustomObject", "CustomLabel", "Flow")
    return name.partition(".")[2] if parented and "." in name else name


def _what(component: Component) -> str:
    return {"CustomField": "Field", "CustomObject": "Object"}.get(component.type, re.sub(r"(?<=[a-z])(?=[A-Z])", " ", component.type))


RULES: tuple[Rule, ...] = (developer_name, lengths, custom_suffix, unique_in_any_case)
