"""Duplicate rules and matching rules: what they name exists, and this org can compare it."""

from __future__ import annotations

from collections.abc import Iterator

from ...schema.source import Component, Problem
from ..duplicate_rules import unsupported, unsupported_matching
from .context import DeployContext, Rule, problem


def duplicate_rule(component: Component, context: DeployContext) -> Iterator[Problem]:
    """Its objects, matching rules, fields and filter exist; while it is active they must be of kinds this org can evaluate."""
    for place, text in unsupported(component, context.components, context.schema):
        yield problem(component, place, text)


def matching_rule(component: Component, context: DeployContext) -> Iterator[Problem]:
    """Its fields exist and are stored, and its logic combines them. Fuzzy methods are kept, and compared as Exact."""
    for place, text in unsupported_matching(component, context.schema):
        yield problem(component, place, text)


DUPLICATE_RULE_RULES: tuple[Rule, ...] = (duplicate_rule,)
MATCHING_RULE_RULES: tuple[Rule, ...] = (matching_rule,)
