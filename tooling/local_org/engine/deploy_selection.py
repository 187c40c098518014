"""Which components of a package are meant: package.xml decides, where there is one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..schema.component_types import BY_NAME, PARENT_OF_CHILD, UNSUPPORTED_FOLDERS
from ..schema.source import Component, Package, Problem
from .deploy_result import DeployOptions
from .metadata import OrgMetadata

_FOLDER_TYPES = {entry.folder_type: entry.name for entry in BY_NAME.values() if entry.folder_type}
_UNSUPPORTED = frozenset(UNSUPPORTED_FOLDERS.values())
_PACKAGE = "package.xml"


@dataclass(frozen=True, slots=True)
class Selection:
    components: tuple[Component, ...]
    problems: tuple[Problem, ...]


def select(package: Package, options: DeployOptions, metadata: OrgMetadata) -> Selection:
    """The components to deploy, and what package.xml and the files say differently."""
    doubled = list(_doubled(package))
    if package.members is None:
        return Selection(package.components, (*package.problems, *doubled))
    listed = frozenset(package.members)
    chosen = tuple(component for component in package.components if _is_listed(component, listed))
    problems = [*package.problems, *doubled, *_unlisted(package, listed, chosen)]
    if not options.allow_missing_files:
        problems += _missing(package, chosen, metadata)
    return Selection(chosen, tuple(problems))


def _is_listed(component: Component, listed: frozenset[tuple[str, str]]) -> bool:
    kind = _FOLDER_TYPES.get(component.type, component.type)
    if (kind, component.full_name) in listed or ((kind, "*") in listed and wildcard_covers(kind, component.full_name)):
        return True
    if component.type not in PARENT_OF_CHILD:
        return False
    parent = PARENT_OF_CHILD[component.type][0].name
    name = component.full_name.partition(".")[0]
    if parent == "CustomLabels":
        return any(found == parent for found, _ in listed)
    return (parent, name) in listed or ((parent, "*") in listed and wildcard_covers(parent, name))


def wildcard_covers(kind: str, full_name: str) -> bool:
    """`*` means neither standard objects nor their fields, nor what lies in folders. Metadata API Developer Guide, "Sample package.xml"."""
    if kind in ("CustomObject", "CustomField"):
        return full_name.partition(".")[0].endswith(("__c", "__mdt"))
    return kind not in BY_NAME or not BY_NAME[kind].in_folder


def _unlisted(package: Package, listed: frozenset[tuple[str, str]], chosen: tuple[Component, ...]) -> Iterator[Problem]:
    """A file none of whose components is listed."""
    used = {component.file_name for component in chosen}
    for component in package.components:
        if component.file_name not in used:
            used.add(component.file_name)
            yield Problem(component.type, component.full_name, component.file_name, "Not in package.xml")


def _missing(package: Package, chosen: tuple[Component, ...], metadata: OrgMetadata) -> Iterator[Problem]:
    present = {(_FOLDER_TYPES.get(component.type, component.type), component.full_name) for component in chosen}
    unread = {(item.type, item.full_name) for item in package.problems}
    for kind, name in package.members or ():
        if kind in _UNSUPPORTED or (kind not in BY_NAME and kind not in PARENT_OF_CHILD):
            yield Problem("", _PACKAGE, _PACKAGE, f"Metadata type {kind} is not supported by this local org")
        elif name != "*" and kind != "CustomLabels" and (kind, name) not in present and (kind, name) not in unread:
            if kind == "CustomObject" and any(c.full_name.startswith(f"{name}.") for c in chosen):
                continue
            text = f"An object '{name}' of type {kind} was named in package.xml, but was not found in zipped directory"
            yield Problem("", _PACKAGE, _PACKAGE, text)


def _doubled(package: Package) -> Iterator[Problem]:
    seen: dict[tuple[str, str], str] = {}
    for component in package.components:
        if component.key in seen:
            text = f"Duplicate {component.type} named {component.full_name}: also in {seen[component.key]}"
            yield Problem(component.type, component.full_name, component.file_name, text, component.node.line, component.node.column)
        seen[component.key] = component.file_name
