"""What a deploy rule may look at: the org as it would be after the deploy, and as it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from ...flow.model import Flow
from ...schema.source import Component, Problem
from ...schema.types import Field, Schema, SObject
from ...schema.xml import Node
from ..metadata import OrgMetadata


@dataclass(frozen=True)
class DeployContext:
    before: OrgMetadata
    schema: Schema
    """With everything of the package in it, also what will be refused."""
    components: Mapping[tuple[str, str], Component]
    """All that the org would have."""
    deployed: frozenset[tuple[str, str]]
    """Type and full name of what this deploy brings."""
    flows: Mapping[str, Flow]
    usernames: frozenset[str]
    production: str = "off"

    def exists(self, kind: str, full_name: str) -> bool:
        return (kind, full_name) in self.components

    def sobject(self, name: str | None) -> SObject | None:
        found = self.schema.get(name) if name else None
        return None if found is None or found.tooling else found

    def field(self, path: str) -> Field | None:
        """The field of `Object.Field`; `Activity.X__c` is looked for on Task."""
        owner, _, name = path.partition(".")
        sobject = self.sobject("Task" if owner == "Activity" else owner)
        return sobject.field(name) if sobject is not None else None

    @cached_property
    def labels(self) -> frozenset[str]:
        return frozenset(name.lower() for kind, name in self.components if kind == "CustomLabel")

    @cached_property
    def custom_permissions(self) -> frozenset[str]:
        return frozenset(name.lower() for kind, name in self.components if kind == "CustomPermission")

    @cached_property
    def fields_by_object(self) -> Mapping[str, tuple[Component, ...]]:
        grouped: dict[str, list[Component]] = {}
        for (kind, name), component in self.components.items():
            if kind == "CustomField":
                grouped.setdefault(name.partition(".")[0], []).append(component)
        return {name: tuple(found) for name, found in grouped.items()}

    @cached_property
    def formulas_by_object(self) -> Mapping[str, tuple[Component, ...]]:
        """Formula fields and validation rules."""
        grouped: dict[str, list[Component]] = {}
        for (kind, name), component in self.components.items():
            if kind == "ValidationRule" or (kind == "CustomField" and component.node.child("formula") is not None):
                grouped.setdefault(name.partition(".")[0], []).append(component)
        return {name: tuple(found) for name, found in grouped.items()}

    @cached_property
    def relationships_to(self) -> Mapping[str, tuple[Component, ...]]:
        """Relationship fields by what they refer to."""
        grouped: dict[str, list[Component]] = {}
        for found in self.fields_by_object.values():
            for component in found:
                grouped.setdefault(component.node.value("referenceTo") or "", []).append(component)
        return {name: tuple(found) for name, found in grouped.items()}


Rule = Callable[[Component, DeployContext], Iterable[Problem]]
"""One thing Salesforce refuses. Rules see one component at a time and report everything they find."""


def problem(component: Component, place: Node, text: str, *, warning: bool = False) -> Problem:
    """A problem at an element of the component's file."""
    return Problem(component.type, component.full_name, component.file_name, text, place.line, place.column, warning)
