"""Duplicate rules and the matching rules they use, read from the deployed components.

Facts: Metadata API Developer Guide, "DuplicateRule" and "MatchingRule"; Salesforce Help, "Things to Know About Duplicate Rules".
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, cast

from ..flow.program.logic import LogicError, parse_logic
from ..schema.source import Component
from ..schema.types import Field, Schema, SObject
from ..schema.xml import Node
from .filter_items import FilterItem, UnsupportedFilterError, filter_item

FUZZY_METHODS = ("FirstName", "LastName", "CompanyName", "Phone", "City", "Street", "Zip", "Title")
"""Matching methods that are compared as Exact here: whole values, without regard to case."""
DEFAULT_ALERT = "You're creating a duplicate record. We recommend you use an existing record instead."
_TABLES = {"User": "$User", "Profile": "$Profile", "UserRole": "$UserRole", "Organization": "$Organization"}
"""What a rule's filter may look at besides the record: of the running user."""

Flags = Callable[[list[bool]], bool]
"""Combines the results of numbered conditions."""


class Action(StrEnum):
    """What a rule does about a duplicate."""

    BLOCK = "Block"
    ALERT = "Alert"
    NONE = "Report"
    """Allowed without a word; the report of duplicates is not kept here."""


@dataclass(frozen=True, slots=True)
class MatchField:
    """`input` is the saved record's field, `output` that of the records it is compared with."""

    input: Field
    output: Field
    match_blanks: bool


@dataclass(frozen=True, slots=True)
class Matching:
    """One matching rule, as one duplicate rule uses it."""

    name: str
    target: SObject
    fields: tuple[MatchField, ...]
    combined: Flags
    all_needed: bool
    """Without a boolean filter: every field must match."""
    exact: bool


@dataclass(frozen=True, slots=True)
class DuplicateRule:
    name: str
    on_insert: Action
    on_update: Action
    alert: str
    order: int
    enforces_sharing: bool
    matchings: tuple[Matching, ...]
    filter_items: tuple[FilterItem, ...]
    filter_combined: Flags


class UnsupportedRuleError(Exception):
    """A rule this org cannot evaluate: the message names what, the node where."""

    def __init__(self, node: Node, message: str) -> None:
        super().__init__(message)
        self.node = node
        self.message = message


class InvalidRuleError(UnsupportedRuleError):
    """A rule no org can evaluate: it names something that does not exist, or its logic is none."""


def duplicate_rules(components: Mapping[tuple[str, str], Component], schema: Schema, sobject: SObject) -> tuple[DuplicateRule, ...]:
    """The active rules of an object in their order.

    Raises:
        UnsupportedRuleError: one of them cannot be evaluated.
    """
    found = [
        read_rule(component, components, schema)
        for (kind, name), component in components.items()
        if kind == "DuplicateRule" and name.partition(".")[0] == sobject.name and component.node.flag("isActive")
    ]
    return tuple(sorted(found, key=lambda rule: rule.order))


def unsupported(component: Component, components: Mapping[tuple[str, str], Component], schema: Schema) -> Iterator[tuple[Node, str]]:
    """Why a DuplicateRule cannot be evaluated: what a deploy should say of it. One that is not active needs only be valid."""
    try:
        read_rule(component, components, schema)
    except InvalidRuleError as error:
        yield error.node, error.message
    except UnsupportedRuleError as error:
        if component.node.flag("isActive"):
            yield error.node, error.message


def unsupported_matching(component: Component, schema: Schema) -> Iterator[tuple[Node, str]]:
    """Why a MatchingRule cannot be evaluated, whichever duplicate rule uses it."""
    owner = component.full_name.partition(".")[0]
    sobject = schema.get(owner)
    if sobject is None:
        yield component.node, f"no CustomObject named {owner} found"
        return
    items = component.node.all("matchingRuleItems")
    for item in items:
        try:
            _match_field(sobject, sobject, item, None)
        except UnsupportedRuleError as error:
            yield error.node, error.message
    try:
        _combined(component.node, len(items))
    except UnsupportedRuleError as error:
        yield error.node, error.message


def read_rule(component: Component, components: Mapping[tuple[str, str], Component], schema: Schema) -> DuplicateRule:
    """The rule of a DuplicateRule component.

    Raises:
        UnsupportedRuleError: it names something that does not exist, or that is not supported.
    """
    node, (owner, _, name) = component.node, component.full_name.partition(".")
    sobject = schema.get(owner)
    if sobject is None:
        raise InvalidRuleError(node, f"no CustomObject named {owner} found")
    matchings = (_matching(sobject, used, components, schema) for used in node.all("duplicateRuleMatchRules"))
    condition = node.child("duplicateRuleFilter")
    items = condition.all("duplicateRuleFilterItems") if condition is not None else []
    items = sorted(items, key=lambda item: item.number("sortOrder"))
    return DuplicateRule(
        name=name,
        on_insert=_action(node, "Insert"),
        on_update=_action(node, "Update"),
        alert=node.value("alertText") or DEFAULT_ALERT,
        order=node.number("sortOrder"),
        enforces_sharing=node.value("securityOption") == "EnforceSharingRules",
        matchings=tuple(matching for matching in matchings if matching is not None),
        filter_items=tuple(_filter_item(sobject, item, schema) for item in items),
        filter_combined=_combined(condition, len(items)) if condition is not None else all,
    )


def _action(node: Node, event: str) -> Action:
    if node.value(f"actionOn{event}") == "Block":
        return Action.BLOCK
    operations = {operation.text.strip() for operation in node.all(f"operationsOn{event}")}
    return Action.ALERT if "Alert" in operations else Action.NONE


def _matching(sobject: SObject, used: Node, components: Mapping[tuple[str, str], Component], schema: Schema) -> Matching | None:
    """None for a matching rule that is not active."""
    target = schema.get(used.value("matchRuleSObjectType") or "")
    name = used.value("matchingRule") or ""
    if target is None:
        raise InvalidRuleError(used, f"no CustomObject named {used.value('matchRuleSObjectType')} found")
    component = components.get(("MatchingRule", f"{target.name}.{name}"))
    if component is None:
        if name.startswith("Standard_"):
            # They exist in every org, and are made of algorithms that are not published.
            raise UnsupportedRuleError(used, f"the standard matching rule {target.name}.{name} is not supported")
        raise InvalidRuleError(used, f"no MatchingRule named {target.name}.{name} found")
    node = component.node
    if node.value("ruleStatus") != "Active":
        return None
    items = node.all("matchingRuleItems")
    mapped = _mapping(used)
    return Matching(
        name=name,
        target=target,
        fields=tuple(_match_field(sobject, target, item, mapped) for item in items),
        combined=_combined(node, len(items)),
        all_needed=node.value("booleanFilter") is None,
        exact=all(item.value("matchingMethod") == "Exact" for item in items),
    )


def _mapping(used: Node) -> dict[str, str] | None:
    """Output field to input field, where a rule compares records of two objects."""
    node = used.child("objectMapping")
    if node is None or not node.children:
        return None
    return {(pair.value("outputField") or "").lower(): pair.value("inputField") or "" for pair in node.all("mappingFields")}


def _match_field(sobject: SObject, target: SObject, item: Node, mapped: Mapping[str, str] | None) -> MatchField:
    name = item.value("fieldName") or ""
    output = target.field(name)
    source = sobject.field(name if mapped is None else mapped.get(name.lower(), name))
    if output is None or source is None:
        missing = f"{target.name}.{name}" if output is None else f"{sobject.name}.{name}"
        raise InvalidRuleError(item, f"no CustomField named {missing} found")
    for owner, field in ((target, output), (sobject, source)):
        if field.calculated:
            raise UnsupportedRuleError(item, f"a matching rule on the formula field {owner.name}.{field.name} is not supported")
    return MatchField(source, output, item.value("blankValueBehavior") == "MatchBlanks")


def _filter_item(sobject: SObject, item: Node, schema: Schema) -> FilterItem:
    table = item.value("table") or sobject.name
    scope = None if table == sobject.name else _TABLES.get(table)
    owner = sobject if table == sobject.name else schema.get(table)
    field = owner.field(item.value("field") or "") if owner is not None else None
    if field is None or (scope is None and owner is not sobject):
        raise UnsupportedRuleError(item, f"a duplicate rule's filter on {table}.{item.value('field')} is not supported")
    if item.value("valueField"):
        raise UnsupportedRuleError(item, "valueField in a duplicate rule's filter is not supported")
    try:
        return filter_item(field, item.value("operation") or "", item.value("value"), scope)
    except UnsupportedFilterError as error:
        raise UnsupportedRuleError(item, str(error)) from error


def _combined(node: Node, count: int) -> Flags:
    logic = node.value("booleanFilter")
    if logic is None:
        return all
    try:
        test = parse_logic(logic, count, lambda number: lambda flags: cast("Any", flags)[number - 1])
    except LogicError as error:
        raise InvalidRuleError(node.place("booleanFilter"), str(error)) from error
    return cast("Flags", test)
