"""Retrieve: deployed components back as the files of an mdapi package."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import quote

from ..schema.component_types import BY_NAME, PARENT_OF_CHILD, ComponentType
from ..schema.source import Component
from ..schema.xml import METADATA_NAMESPACE, Node, write
from .deploy_selection import wildcard_covers
from .metadata import OrgMetadata
from .profile_retrieve import profile_component

_FOLDER_TYPES = {entry.folder_type: entry for entry in BY_NAME.values() if entry.folder_type}
_PROFILES = {"Admin": "Admin", "Standard": "Standard", "Minimum Access - Salesforce": "Minimum Access - Salesforce"}
_ZIP_TIME = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class FileProperties:
    """Of one component: what listMetadata and a retrieve's fileProperties carry."""

    type: str
    full_name: str
    file_name: str
    id: str


@dataclass(frozen=True, slots=True)
class Retrieved:
    files: Mapping[str, bytes]
    """By path inside the package, package.xml included."""
    properties: tuple[FileProperties, ...]
    messages: tuple[tuple[str, str], ...]
    """(file name, problem): members that were asked for and do not exist."""


def retrieve(
    metadata: OrgMetadata, members: Iterable[tuple[str, str]], *, api_version: str = "66.0", package_name: str | None = None
) -> Retrieved:
    """Collects components by (type, full name or `*`); children come merged into the file of their object, as mdapi has it."""
    chosen, messages = _choose(metadata, members)
    files: dict[str, bytes] = {}
    properties = []
    parents: dict[tuple[str, str], list[Component]] = {}
    for component in chosen:
        if component.type in PARENT_OF_CHILD or (BY_NAME.get(component.type) is not None and BY_NAME[component.type].children):
            parents.setdefault(_parent_key(component), []).append(component)
        else:
            files |= _files_of(component)
        path = file_of(component.type, component.full_name)
        properties.append(FileProperties(component.type, component.full_name, path, component.id))
    for (kind, name), parts in parents.items():
        files[file_of(kind, name)] = _merged(metadata, BY_NAME[kind], name, parts)
    files["package.xml"] = manifest(chosen, api_version, package_name)
    return Retrieved(files, tuple(properties), tuple(messages))


def zip_files(files: Mapping[str, bytes], root: str) -> bytes:
    """A zip of the files under a folder (`unpackaged/`, or the package's name); the same files give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(files):
            archive.writestr(zipfile.ZipInfo(f"{root}/{path}" if root else path, _ZIP_TIME), files[path], zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def file_of(kind: str, full_name: str) -> str:
    """The path of a component's file inside an mdapi package."""
    if kind in _FOLDER_TYPES:
        return f"{_FOLDER_TYPES[kind].folder}/{full_name}-meta.xml"
    if kind in PARENT_OF_CHILD:
        parent = PARENT_OF_CHILD[kind][0]
        return file_of(parent.name, "CustomLabels" if parent.name == "CustomLabels" else full_name.partition(".")[0])
    known = BY_NAME[kind]
    # Spaces stay as they are; only what a file name cannot carry is encoded.
    return f"{known.folder}/{quote(full_name, safe='/ ()._-$')}.{known.suffix}"


def manifest(components: Iterable[Component], api_version: str, package_name: str | None = None) -> bytes:
    listed: dict[str, set[str]] = {}
    for component in components:
        kind = _FOLDER_TYPES[component.type].name if component.type in _FOLDER_TYPES else component.type
        listed.setdefault(kind, set()).add(component.full_name)
    root = Node("Package", 1, 1, METADATA_NAMESPACE)
    if package_name:
        root.children.append(_text("fullName", package_name))
    for kind in sorted(listed):
        members = [_text("members", name) for name in sorted(listed[kind])]
        root.children.append(Node("types", 1, 1, children=[*members, _text("name", kind)]))
    root.children.append(_text("version", api_version))
    return write(root)


def _choose(metadata: OrgMetadata, members: Iterable[tuple[str, str]]) -> tuple[list[Component], list[tuple[str, str]]]:
    chosen: dict[tuple[str, str], Component] = {}
    messages: list[tuple[str, str]] = []
    for kind, name in members:
        found = _members(metadata, kind, name)
        if not found and name != "*" and not _is_standard(metadata, kind, name):
            messages.append(("unpackaged/package.xml", f"Entity of type '{kind}' named '{name}' cannot be found"))
        chosen |= {component.key: component for component in found}
    return list(chosen.values()), messages


def _members(metadata: OrgMetadata, kind: str, name: str) -> list[Component]:
    if kind == "Profile":
        wanted = _PROFILES if name == "*" else {name: name}
        names = [*wanted, *(n for n in metadata.of_type("Profile") if name == "*" and n not in wanted)]
        return [component for each in names if (component := profile_component(metadata, each)) is not None]
    found = []
    folder_type = BY_NAME[kind].folder_type if kind in BY_NAME else None
    for (other, full_name), component in metadata.components.items():
        covered = full_name == name or (name == "*" and wildcard_covers(kind, full_name))
        if (other == kind and covered) or (other == folder_type and full_name == name):
            found.append(component)
    if kind in ("CustomObject", "CustomLabels", "Workflow", "MatchingRules"):
        owners = {component.full_name for component in found} if name == "*" else {name}
        found += [component for component in metadata.components.values() if _child_of(component, kind, owners)]
    return found


def _child_of(component: Component, kind: str, owners: set[str]) -> bool:
    parent = PARENT_OF_CHILD.get(component.type)
    if parent is None or parent[0].name != kind:
        return False
    return kind == "CustomLabels" or component.full_name.partition(".")[0] in owners


def _is_standard(metadata: OrgMetadata, kind: str, name: str) -> bool:
    """Standard objects, their standard fields, standard apps and tabs exist without a component of their own."""
    if kind == "CustomObject":
        return metadata.schema.get(name) is not None
    if kind == "CustomField":
        owner, _, field = name.partition(".")
        sobject = metadata.schema.get(owner)
        return sobject is not None and sobject.field(field) is not None
    return name.startswith("standard") or kind in ("InstalledPackage", "StandardValueSet", "Settings", "CustomLabels")


def _parent_key(component: Component) -> tuple[str, str]:
    if component.type not in PARENT_OF_CHILD:
        return (component.type, component.full_name)
    parent = PARENT_OF_CHILD[component.type][0].name
    return (parent, "CustomLabels" if parent == "CustomLabels" else component.full_name.partition(".")[0])


def _merged(metadata: OrgMetadata, kind: ComponentType, name: str, parts: list[Component]) -> bytes:
    own = next((part for part in parts if part.type == kind.name), None)
    node = Node(kind.name, 1, 1, METADATA_NAMESPACE, children=list(own.node.children) if own is not None else [])
    for part in parts:
        if part is not own:
            element = PARENT_OF_CHILD[part.type][1]
            node.children.append(_named(part, element))
    node.children.sort(key=lambda child: child.tag)
    return write(node)


def _named(component: Component, element: str) -> Node:
    """A child under its element, its own name first."""
    name = component.full_name if component.type == "CustomLabel" else component.full_name.partition(".")[2]
    rest = [child for child in component.node.children if child.tag != "fullName"]
    return Node(element, 1, 1, children=[_text("fullName", name), *rest])


def _files_of(component: Component) -> dict[str, bytes]:
    path = file_of(component.type, component.full_name)
    if component.type == "Flow":
        return {path: component.content or component.xml()}
    if component.type in BY_NAME and BY_NAME[component.type].has_meta_file:
        return {path: component.content or b"", f"{path}-meta.xml": component.xml()}
    return {path: component.xml()}


def _text(tag: str, text: str) -> Node:
    return Node(tag, 1, 1, text=text)
