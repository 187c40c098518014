"""Tabs, apps, Lightning pages."""

from __future__ import annotations

from collections.abc import Iterator

from ...schema.source import Component, Problem
from ...schema.types import ObjectKind
from .context import DeployContext, Rule, problem
from .references import has_tab


def tab_shows_something(component: Component, context: DeployContext) -> Iterator[Problem]:
    """An object tab has customObject and a motif and no label; other tabs have a page, a URL or a component, and a label."""
    node = component.node
    if not node.flag("customObject"):
        if not any(node.value(element) for element in ("flexiPage", "url", "page", "lwcComponent", "auraComponent", "scontrol")):
            yield problem(component, node, "A CustomTab must have one of customObject, flexiPage, url, page, lwcComponent or auraComponent")
        if node.value("label") is None:
            yield problem(component, node, "Required field is missing: label")
        return
    sobject = context.sobject(component.full_name)
    if sobject is None or sobject.kind is not ObjectKind.CUSTOM:
        yield problem(component, node, f"Entity of type 'CustomObject' named '{component.full_name}' cannot be found")
    if node.value("label") is not None:
        yield problem(component, node.place("label"), "You cannot specify a label for an object tab: it has the label of the object")


def tab_motif(component: Component, context: DeployContext) -> Iterator[Problem]:
    if component.node.value("motif") is None and component.node.value("icon") is None:
        yield problem(component, component.node, "Required field is missing: motif")


def tab_flexipage(component: Component, context: DeployContext) -> Iterator[Problem]:
    page = component.node.value("flexiPage")
    if page is not None and not context.exists("FlexiPage", page):
        yield problem(component, component.node.place("flexiPage"), f"In field: flexiPage - no FlexiPage named {page} found")


def application_tabs(component: Component, context: DeployContext) -> Iterator[Problem]:
    for item in component.node.all("tabs"):
        if not has_tab(context, item.text.strip()):
            yield problem(component, item, f"In field: tabs - no CustomTab named {item.text.strip()} found")


def application_references(component: Component, context: DeployContext) -> Iterator[Problem]:
    node = component.node
    bar = node.value("utilityBar")
    if bar is not None and not context.exists("FlexiPage", bar):
        yield problem(component, node.place("utilityBar"), f"In field: utilityBar - no FlexiPage named {bar} found")
    for override in node.all("actionOverrides"):
        page = override.value("content")
        if override.value("type") == "Flexipage" and page is not None and not context.exists("FlexiPage", page):
            yield problem(component, override.place("content"), f"In field: content - no FlexiPage named {page} found")


def application_label(component: Component, context: DeployContext) -> Iterator[Problem]:
    if component.node.value("label") is None and not component.full_name.startswith("standard__"):
        yield problem(component, component.node, "Required field is missing: label")


def flexipage_object(component: Component, context: DeployContext) -> Iterator[Problem]:
    node = component.node
    name = node.value("sobjectType")
    if name is not None and context.sobject(name) is None:
        yield problem(component, node.place("sobjectType"), f"In field: sobjectType - no CustomObject named {name} found")
    if node.value("type") == "RecordPage" and name is None:
        yield problem(component, node, "Required field is missing: sobjectType")


def flexipage_fields(component: Component, context: DeployContext) -> Iterator[Problem]:
    """`Record.Field__c` of a field on a dynamic form."""
    sobject = context.sobject(component.node.value("sobjectType"))
    for item in component.node.walk():
        if item.tag == "fieldItem" and sobject is not None:
            name = item.text.strip().removeprefix("Record.")
            if "." not in name and sobject.field(name) is None and sobject.field(f"{name}Id") is None:
                yield problem(component, item, f"In field: fieldItem - no CustomField named {sobject.name}.{name} found")


TAB_RULES: tuple[Rule, ...] = (tab_shows_something, tab_motif, tab_flexipage)
APPLICATION_RULES: tuple[Rule, ...] = (application_label, application_tabs, application_references)
FLEXIPAGE_RULES: tuple[Rule, ...] = (flexipage_object, flexipage_fields)
