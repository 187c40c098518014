"""How many fields of which kind an object can have."""

from __future__ import annotations

from collections.abc import Iterator

from ...schema.source import Component, Problem
from .context import DeployContext, Rule, problem

MOST_EXTERNAL_IDS = 25
MOST_CUSTOM_FIELDS = 500
MOST_LONG_TEXT = 1_638_400
_LONG = ("LongTextArea", "Html")


def object_limits(component: Component, context: DeployContext) -> Iterator[Problem]:
    """25 external ids and 500 custom fields per object (help 000385134, custom_field_allocations)."""
    name = component.full_name.partition(".")[0]
    siblings = [field for field in context.fields_by_object.get(name, ()) if field.full_name.endswith("__c")]
    if component.node.flag("externalId") and sum(field.node.flag("externalId") for field in siblings) > MOST_EXTERNAL_IDS:
        yield problem(
            component, component.node.place("externalId"), f"Maximum number of External ID fields exceeded on {name} ({MOST_EXTERNAL_IDS})"
        )
    if len(siblings) > MOST_CUSTOM_FIELDS and siblings[-1].full_name == component.full_name:
        yield problem(component, component.node, f"Maximum number of custom fields exceeded on {name} ({MOST_CUSTOM_FIELDS})")


def long_text_limit(component: Component, context: DeployContext) -> Iterator[Problem]:
    """All long and rich text areas of an object together hold some 1.6 million characters (help "Custom Fields Allowed Per Object")."""
    if component.node.value("type") not in _LONG:
        return
    name = component.full_name.partition(".")[0]
    siblings = [field for field in context.fields_by_object.get(name, ()) if field.node.value("type") in _LONG]
    if sum(field.node.number("length") for field in siblings) > MOST_LONG_TEXT and siblings[-1].full_name == component.full_name:
        text = f"You have reached the maximum number of {MOST_LONG_TEXT:,} characters in long text areas on {name}"
        yield problem(component, component.node.place("length"), text)


RULES: tuple[Rule, ...] = (object_limits, long_text_limit)
