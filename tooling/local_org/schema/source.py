"""Metadata packages: an mdapi zip or folder, or Salesforce DX source, read into components."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from .component_types import BY_FOLDER, CHILD_BY_FOLDER, UNSUPPORTED_FOLDERS, ChildType, ComponentType
from .xml import Node, XmlError, parse, write

MAX_FILES = 10_000
MAX_BYTES = 600 * 1024 * 1024
_META = "-meta.xml"
_IGNORED = frozenset({"package.xml", "destructiveChanges.xml", "destructiveChangesPre.xml", "destructiveChangesPost.xml"})


class PackageError(Exception):
    """The package as a whole cannot be read."""


@dataclass(frozen=True, slots=True)
class Component:
    """One metadata component. `node` is its XML element; `content` the second file of types that have one (an e-mail's body), and a
    flow's file as it came.
    """

    type: str
    full_name: str
    file_name: str
    node: Node = field(repr=False, compare=False)
    content: bytes | None = field(default=None, repr=False)
    id: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return (self.type, self.full_name)

    def xml(self) -> bytes:
        """As a file of its own; a child (`<fields>`) under the name of its type."""
        return write(self.node, tag=self.node.tag if self.type == "Settings" else self.type)


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a component cannot be deployed: a row of componentFailures."""

    type: str
    full_name: str
    file_name: str
    problem: str
    line: int = 1
    column: int = 1
    warning: bool = False


@dataclass(frozen=True, slots=True)
class Package:
    components: tuple[Component, ...]
    problems: tuple[Problem, ...] = ()
    version: str | None = None
    full_name: str | None = None
    """Of an unmanaged package: `<fullName>` of package.xml."""
    members: tuple[tuple[str, str], ...] | None = None
    """(type, name or `*`) as listed in package.xml; None for source format, where every file counts."""
    removed_first: tuple[tuple[str, str], ...] = ()
    removed_last: tuple[tuple[str, str], ...] = ()


def unzip(content: bytes) -> dict[str, bytes]:
    """The files of a zip, by path.

    Raises:
        PackageError: no zip, a path that leaves it, or more than a deploy may hold (10,000 files, 600 MB).
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except zipfile.BadZipFile:
        raise PackageError("UNKNOWN_EXCEPTION: zip file is not valid") from None
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if len(entries) > MAX_FILES:
        raise PackageError("LIMIT_EXCEEDED: Maximum number of files in a package exceeded (10000)")
    if sum(entry.file_size for entry in entries) > MAX_BYTES:
        raise PackageError("LIMIT_EXCEEDED: Maximum size of an unzipped package exceeded (600 MB)")
    files: dict[str, bytes] = {}
    for entry in entries:
        path = PurePosixPath(entry.filename.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts:
            raise PackageError(f"UNKNOWN_EXCEPTION: illegal path in zip file: {entry.filename}")
        with archive.open(entry) as stream:
            files[str(path)] = stream.read(entry.file_size + 1)[: entry.file_size]
    return files


def read_folder(root: Path) -> dict[str, bytes]:
    """The files below a folder, by path relative to it."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def read_package(files: Mapping[str, bytes]) -> Package:
    """Components of an mdapi package (where a package.xml is) or of DX source; what cannot be read becomes a problem.

    Raises:
        PackageError: package.xml or destructive changes are no XML, or there are more files than a deploy may hold.
    """
    if len(files) > MAX_FILES:
        raise PackageError("LIMIT_EXCEEDED: Maximum number of files in a package exceeded (10000)")
    manifest = min(
        (path for path in files if PurePosixPath(path).name == "package.xml" and "manifest/" not in path), key=_depth, default=None
    )
    if manifest is not None:
        root = manifest[: -len("package.xml")]
        files = {path[len(root) :]: content for path, content in files.items() if path.startswith(root)}
    reader = _Reader(files)
    reader.read()
    package = Package(tuple(reader.components), tuple(reader.problems))
    if manifest is None:
        return package
    listing = _manifest(files["package.xml"], "package.xml")
    before = [
        member
        for name in ("destructiveChangesPre.xml", "destructiveChanges.xml")
        if name in files
        for member in _members(_manifest(files[name], name))
    ]
    after = (
        _members(_manifest(files["destructiveChangesPost.xml"], "destructiveChangesPost.xml"))
        if "destructiveChangesPost.xml" in files
        else []
    )
    # A destructiveChanges.xml without Pre or Post is processed before the additions. Metadata API Developer Guide, "Deleting Components".
    return Package(
        package.components,
        package.problems,
        listing.value("version"),
        listing.value("fullName"),
        tuple(_members(listing)),
        tuple(before),
        tuple(after),
    )


def stored_component(type_name: str, full_name: str, file_name: str, xml: bytes, content: bytes | None, component_id: str) -> Component:
    """A component as the org keeps it."""
    return Component(type_name, full_name, file_name, parse(xml), content, component_id)


def _depth(path: str) -> tuple[int, str]:
    return (path.count("/"), path)


def _manifest(content: bytes, name: str) -> Node:
    try:
        return parse(content)
    except XmlError as error:
        raise PackageError(f"{name}: {error.message} ({error.line}:{error.column})") from None


def _members(manifest: Node) -> list[tuple[str, str]]:
    return [
        # Salesforce's own converter writes a folder of reports or dashboards as `NPS/`.
        (types.value("name") or "", member.text.strip().removesuffix("/"))
        for types in manifest.all("types")
        for member in types.all("members")
        if member.text.strip()
    ]


class _Reader:
    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files
        self.components: list[Component] = []
        self.problems: list[Problem] = []

    def read(self) -> None:
        for path in sorted(self._files):
            name = PurePosixPath(path).name
            if name in _IGNORED or name.startswith("."):
                continue
            parts = path.split("/")
            folder = next((index for index, part in enumerate(parts[:-1]) if part in BY_FOLDER or part in UNSUPPORTED_FOLDERS), None)
            if folder is None:
                continue
            if parts[folder] in UNSUPPORTED_FOLDERS:
                kind = UNSUPPORTED_FOLDERS[parts[folder]]
                self._problem(kind, parts[folder + 1], path, f"{kind} is not supported by this local org")
                continue
            self._read_file(path, BY_FOLDER[parts[folder]], parts[folder + 1 :])

    def _read_file(self, path: str, kind: ComponentType, rest: list[str]) -> None:
        name = rest[-1].removesuffix(_META)
        base, _, suffix = name.rpartition(".") if "." in name else (name, "", "")
        is_meta = rest[-1].endswith(_META)
        if kind.folder == "objects" and len(rest) == 3:
            child = CHILD_BY_FOLDER.get(rest[1])
            if child is not None and suffix == child.suffix:
                self._child_file(path, child, rest[0], unquote(base))
            else:
                self._problem("CustomObject", rest[0], path, f"File {rest[-1]} is not supported here by this local org")
        elif kind.folder_type and is_meta and (not suffix or suffix.endswith("Folder")):
            self._file(path, kind.folder_type, "/".join([*rest[:-1], unquote(base)]), None)
        elif kind.has_meta_file:
            self._file_pair(path, kind, rest, is_meta, base, suffix)
        elif suffix == kind.suffix:
            prefix = rest[:-1] if kind.in_folder else []
            self._file(path, kind.name, "/".join([*prefix, unquote(base)]), kind)
        else:
            self._problem(kind.name, base or name, path, f"File {rest[-1]} does not belong in folder {kind.folder}")

    def _file_pair(self, path: str, kind: ComponentType, rest: list[str], is_meta: bool, base: str, suffix: str) -> None:
        full_name = "/".join([*(rest[:-1] if kind.in_folder else []), unquote(base)])
        if is_meta:
            content_path = path.removesuffix(_META)
            content = self._files.get(content_path)
            if content is None and suffix == "resource":
                content = next(
                    (
                        body
                        for other, body in self._files.items()
                        if other.startswith(content_path.removesuffix("resource")) and other != path
                    ),
                    b"",
                )
            if content is None:
                self._problem(kind.name, full_name, path, f"File {PurePosixPath(content_path).name} is missing beside its -meta.xml")
                return
            self._file(path, kind.name, full_name, None, content)
        elif path + _META not in self._files and suffix == kind.suffix:
            self._problem(kind.name, full_name, path, f"File {rest[-1]}{_META} is missing")

    def _child_file(self, path: str, child: ChildType, parent: str, base: str) -> None:
        node = self._parse(path, child.name, f"{parent}.{base}", child.name)
        if node is not None:
            self.components.append(Component(child.name, f"{parent}.{node.value('fullName') or base}", path, node))

    def _file(self, path: str, type_name: str, full_name: str, kind: ComponentType | None, content: bytes | None = None) -> None:
        node = self._parse(path, type_name, full_name, type_name)
        if node is None:
            return
        elements = dict(kind.children) if kind else {}
        if type_name in ("Flow", "FlowTest"):
            content = self._files[path]
        own = Node(node.tag, node.line, node.column, node.namespace, node.attributes, [c for c in node.children if c.tag not in elements])
        if type_name != "CustomLabels":
            self.components.append(Component(type_name, full_name, path, own, content))
        for part in node.children:
            if part.tag in elements:
                self._part(path, elements[part.tag], full_name, part)

    def _part(self, path: str, type_name: str, parent: str, node: Node) -> None:
        name = node.value("fullName")
        if name is None:
            self._problem(type_name, parent, path, f"Required field is missing: fullName in {type_name}", node)
            return
        full_name = name if type_name == "CustomLabel" else f"{parent}.{name}"
        self.components.append(Component(type_name, full_name, path, node))

    def _parse(self, path: str, type_name: str, full_name: str, root: str) -> Node | None:
        try:
            node = parse(self._files[path])
        except XmlError as error:
            self._problem(type_name, full_name, path, error.message, Node(root, error.line, error.column))
            return None
        fits = node.tag.endswith("Settings") if root == "Settings" else node.tag == root
        if not fits:
            self._problem(
                type_name, full_name, path, f"Error parsing file: Element {node.tag} invalid at this location in type {root}", node
            )
            return None
        return node

    def _problem(self, type_name: str, full_name: str, path: str, problem: str, node: Node | None = None) -> None:
        self.problems.append(Problem(type_name, full_name, path, problem, node.line if node else 1, node.column if node else 1))
