"""What a deploy would change: components that come, that replace others, that go and what goes with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from ..schema.component_types import BY_NAME, PARENT_OF_CHILD
from ..schema.source import Component, Package, Problem
from .deploy_cleanup import merged_profile, without_removed
from .metadata import OrgMetadata

_FOLDER_TYPES = {entry.name: entry.folder_type for entry in BY_NAME.values() if entry.folder_type}


@dataclass(frozen=True, slots=True)
class Changes:
    before: Mapping[tuple[str, str], Component]
    components: Mapping[tuple[str, str], Component]
    """All that the org would have. One that does not change is the same object as before."""
    deployed: tuple[Component, ...]
    """As they stand in the package, with the lines of their files."""
    removed: tuple[Component, ...]
    asked_to_remove: frozenset[tuple[str, str]]
    removal_file: str

    @property
    def removed_keys(self) -> frozenset[tuple[str, str]]:
        return frozenset(component.key for component in self.removed)


def plan_changes(
    metadata: OrgMetadata, deployed: Iterable[Component], package: Package, excluded: frozenset[tuple[str, str]]
) -> tuple[Changes, list[Problem]]:
    """The org's components after the deploy, and what is wrong with what it asks to remove."""
    before = metadata.components
    deployed = tuple(deployed)
    problems: list[Problem] = []
    removal_file = "destructiveChangesPost.xml" if package.removed_last else "destructiveChanges.xml"
    components = dict(before)
    gone: dict[tuple[str, str], Component] = {}
    asked: set[tuple[str, str]] = set()
    for key in _removals(package.removed_first, excluded, before, metadata, "destructiveChanges.xml", problems):
        asked.add(key)
        gone |= _take_out(components, key)
    for component in deployed:
        components[component.key] = _settled(before.get(component.key), component)
    for key in _removals(package.removed_last, excluded, components, metadata, "destructiveChangesPost.xml", problems):
        asked.add(key)
        gone |= _take_out(components, key)
    gone = {key: component for key, component in gone.items() if key not in components}
    if gone:
        components = {key: without_removed(component, gone) for key, component in components.items()}
    deployed = tuple(component for component in deployed if component.key in components)
    return Changes(before, components, deployed, tuple(gone.values()), frozenset(asked), removal_file), problems


def _settled(known: Component | None, component: Component) -> Component:
    if known is None:
        return component
    if component.type == "Profile":
        # A profile is merged: what the file does not mention stays. Metadata API Developer Guide, "Profile".
        component = merged_profile(known, component)
    if known.xml() == component.xml() and known.content == component.content:
        return known
    return replace(component, id=known.id)


def _removals(
    listed: Iterable[tuple[str, str]],
    excluded: frozenset[tuple[str, str]],
    components: Mapping[tuple[str, str], Component],
    metadata: OrgMetadata,
    file_name: str,
    problems: list[Problem],
) -> Iterator[tuple[str, str]]:
    for kind, name in listed:
        if kind == "Flow":
            name = _without_version(name, metadata)
        key = (kind, name) if (kind, name) in components else (_FOLDER_TYPES.get(kind, kind) or kind, name)
        if key in excluded:
            continue
        if name == "*":
            problems.append(Problem(kind, name, file_name, "Wildcards are not allowed in destructive changes"))
        elif key not in components:
            problems.append(Problem(kind, name, file_name, f"No {kind} named: {name} found", warning=True))
        elif kind == "Flow" and _is_active(metadata, name):
            # An active flow cannot be deleted: deactivate it through FlowDefinition first.
            problems.append(Problem(kind, name, file_name, "insufficient access rights on cross-reference id"))
        else:
            yield key


def _without_version(name: str, metadata: OrgMetadata) -> str:
    """Destructive changes name a version of a flow (`My_Flow-2`); with the newest one the flow goes. Older ones are not kept here."""
    base, _, number = name.rpartition("-")
    flow = metadata.flows.get(base)
    return base if flow is not None and number == str(flow.number) else name


def _is_active(metadata: OrgMetadata, name: str) -> bool:
    flow = metadata.flows.get(name)
    return flow is not None and flow.active


def _take_out(components: dict[tuple[str, str], Component], key: tuple[str, str]) -> dict[tuple[str, str], Component]:
    kind, name = key
    parents = {"CustomObject": ("CustomObject", "Workflow"), "Workflow": ("Workflow",)}.get(kind, ())
    gone = [key]
    for other in components:
        if (
            (other[1].startswith(f"{name}.") and _parent_type(other[0]) in parents)
            or (kind == "CustomObject" and _goes_with_object(other, name))
            or (kind == "Flow" and other == ("FlowDefinition", name))
        ):
            gone.append(other)
    return {found: components.pop(found) for found in gone if found in components}


def _parent_type(kind: str) -> str | None:
    return PARENT_OF_CHILD[kind][0].name if kind in PARENT_OF_CHILD else None


def _goes_with_object(key: tuple[str, str], name: str) -> bool:
    kind, full_name = key
    return (
        (kind == "Layout" and full_name.startswith(f"{name}-"))
        or (kind in ("CustomTab", "Workflow", "SharingRules") and full_name == name)
        or (kind == "CustomMetadata" and full_name.startswith(f"{name.removesuffix('__mdt')}.") and name.endswith("__mdt"))
    )
