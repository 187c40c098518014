"""Queues, e-mail templates, notification types, global value sets, workflow alerts."""

from __future__ import annotations

from collections.abc import Iterator

from ...schema.source import Component, Problem
from ...schema.types import ObjectKind
from .context import DeployContext, Rule, problem
from .fields import duplicate_values

_QUEUE_STANDARD = frozenset({"Case", "Lead", "Task", "Contract", "Campaign", "Order", "Event"})
_PUBLIC_FOLDER = "unfiled$public"


def queue_objects(component: Component, context: DeployContext) -> Iterator[Problem]:
    """Cases, leads, tasks and the like, and custom objects that have owners of their own."""
    for item in component.node.all("queueSobject"):
        name = item.value("sobjectType") or ""
        sobject = context.sobject(name)
        if sobject is None:
            yield problem(component, item.place("sobjectType"), f"In field: sobjectType - no CustomObject named {name} found")
        elif name not in _QUEUE_STANDARD and not (sobject.kind is ObjectKind.CUSTOM and sobject.field("OwnerId")):
            yield problem(component, item.place("sobjectType"), f"{name} cannot be owned by a queue")


def queue_members(component: Component, context: DeployContext) -> Iterator[Problem]:
    for item in component.node.walk():
        if item.tag == "user" and item.text.strip().lower() not in context.usernames:
            yield problem(component, item, f"Could not find user: {item.text.strip()}")


def template_folder(component: Component, context: DeployContext) -> Iterator[Problem]:
    folder, slash, _ = component.full_name.rpartition("/")
    if not slash or not (folder == _PUBLIC_FOLDER or context.exists("EmailFolder", folder)):
        yield problem(component, component.node, f"Cannot find folder:{folder}")


def template_complete(component: Component, context: DeployContext) -> Iterator[Problem]:
    node = component.node
    if node.value("subject") is None and node.value("type") != "visualforce":
        yield problem(component, node, "Required field is missing: subject")
    if not component.content:
        yield problem(component, node, "An EmailTemplate needs content")


def template_unique(component: Component, context: DeployContext) -> Iterator[Problem]:
    """A developer name is unique in the org, not only in its folder."""
    name = component.full_name.rpartition("/")[2].lower()
    for kind, other in sorted(context.components):
        if kind == "EmailTemplate" and other != component.full_name and other.rpartition("/")[2].lower() == name:
            yield problem(component, component.node, f"duplicate value found: DeveloperName duplicates value on record: {other}")


def notification_channel(component: Component, context: DeployContext) -> Iterator[Problem]:
    if not component.node.flag("desktop") and not component.node.flag("mobile"):
        yield problem(component, component.node, "A CustomNotificationType must have at least one channel: desktop or mobile")


def global_values(component: Component, context: DeployContext) -> Iterator[Problem]:
    values = component.node.all("customValue")
    if not values:
        yield problem(component, component.node, "Must specify at least one picklist value")
    yield from duplicate_values(component, values)


def alert_references(component: Component, context: DeployContext) -> Iterator[Problem]:
    node = component.node
    name = component.full_name.partition(".")[0]
    sobject = context.sobject(name)
    if sobject is None:
        yield problem(component, node, f"Entity of type 'CustomObject' named '{name}' cannot be found")
    template = node.value("template")
    if template is not None and not context.exists("EmailTemplate", template):
        yield problem(component, node.place("template"), f"In field: template - no EmailTemplate named {template} found")
    for recipient in node.all("recipients"):
        field = recipient.value("field")
        if (
            recipient.value("type") in ("email", "userLookup", "contactLookup")
            and field is not None
            and sobject is not None
            and sobject.field(field) is None
        ):
            yield problem(component, recipient.place("field"), f"In field: field - no CustomField named {name}.{field} found")
        user = recipient.value("recipient")
        if recipient.value("type") == "user" and (user or "").lower() not in context.usernames:
            yield problem(component, recipient.place("recipient"), f"Could not find user: {user}")


QUEUE_RULES: tuple[Rule, ...] = (queue_objects, queue_members)
EMAIL_TEMPLATE_RULES: tuple[Rule, ...] = (template_folder, template_complete, template_unique)
NOTIFICATION_TYPE_RULES: tuple[Rule, ...] = (notification_channel,)
GLOBAL_VALUE_SET_RULES: tuple[Rule, ...] = (global_values,)
WORKFLOW_ALERT_RULES: tuple[Rule, ...] = (alert_references,)
