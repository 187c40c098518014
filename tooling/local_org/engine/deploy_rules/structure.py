"""The Metadata API's own schema: elements a type has, which repeat, which must be there, enumerations and simple types."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from ...schema.metadata_types import Element, elements_of, enumeration, is_known
from ...schema.source import Component, Problem
from ...schema.xml import METADATA_NAMESPACE, Node
from .context import DeployContext, Rule, problem

_SIMPLE = {
    "boolean": re.compile(r"true|false|1|0"),
    "int": re.compile(r"[+-]?\d{1,10}"),
    "long": re.compile(r"[+-]?\d{1,19}"),
    "double": re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?"),
    "date": re.compile(r"\d{4}-\d\d-\d\d(Z|[+-]\d\d:\d\d)?"),
    "dateTime": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?"),
    "time": re.compile(r"\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?"),
}


def in_metadata_namespace(component: Component, context: DeployContext) -> Iterator[Problem]:
    if component.node.namespace != METADATA_NAMESPACE:
        found = component.node.namespace or ""
        yield problem(component, component.node, f"Error parsing file: Element {{{found}}}{component.node.tag} invalid, wrong namespace")


def matches_schema(component: Component, context: DeployContext) -> Iterable[Problem]:
    root = component.node.tag if component.type == "Settings" else component.type
    if component.type == "Flow":
        return ()
    if not is_known(root):
        return [problem(component, component.node, f"Error parsing file: Unknown type {root}")]
    return _element(component, component.node, root)


def _element(component: Component, node: Node, kind: str) -> Iterator[Problem]:
    known = elements_of(kind)
    seen: set[str] = set()
    last = None
    for child in node.children:
        element = known.get(child.tag)
        if element is None:
            # Metadata API: an unknown element stops the file with its qualified name and place (seen in forcedotcom/cli#3275).
            yield problem(
                component,
                child,
                f"Error parsing file: Element {{{METADATA_NAMESPACE}}}{child.tag} invalid at this location in type {kind}"
                f" ({child.line}:{child.column})",
            )
            continue
        if child.tag in seen and (last != child.tag or not element.repeats):
            yield problem(component, child, f"Error parsing file: Element {child.tag} is duplicated at this location in type {kind}")
        seen.add(child.tag)
        last = child.tag
        yield from _content(component, child, element)
    for name, element in known.items():
        if element.required and name not in seen:
            yield problem(component, node, f"Required field is missing: {name}")


def _content(component: Component, node: Node, element: Element) -> Iterator[Problem]:
    allowed = enumeration(element.type)
    text = node.text.strip()
    if node.attributes.get("xsi:nil") == "true":
        return
    if allowed is not None:
        if text not in allowed:
            yield problem(component, node, f"'{text}' is not a valid value for the enum '{element.type}'")
    elif is_known(element.type):
        if text and not node.children:
            yield problem(component, node, f"Error parsing file: Unexpected text '{text[:40]}' in element {node.tag}")
        else:
            yield from _element(component, node, element.type)
    elif element.type in _SIMPLE and not _SIMPLE[element.type].fullmatch(text):
        yield problem(component, node, f"Error parsing file: '{text}' is not a valid value for {node.tag} of type {element.type}")


RULES: tuple[Rule, ...] = (in_metadata_namespace, matches_schema)
