"""YAML text as plain data in which every key and value still knows its line and column."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from tooling.spec.findings import Finding, Path
from tooling.spec.refusals import refusal


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Line and column, both counted from 1."""

    line: int
    column: int


class _Mark(Protocol):
    """Where PyYAML, with or without its C parser, saw something; counted from 0."""

    @property
    def line(self) -> int: ...

    @property
    def column(self) -> int: ...


@dataclass
class Document:
    """The data (lists as tuples), where each value and key stands, and what was wrong with the YAML itself."""

    data: dict[str, object] = field(default_factory=dict)
    values: dict[Path, Place] = field(default_factory=dict)
    keys: dict[Path, Place] = field(default_factory=dict)
    findings: list[tuple[Place, Finding]] = field(default_factory=list)
    refused: set[Path] = field(default_factory=set)
    """Keys that are left out of the data because this version has not got them."""
    is_readable: bool = False
    """False when the text is not YAML, or not a set of sections: there is nothing more to say about it."""

    def place(self, path: Path, at_key: bool = False) -> Place:
        """Where a path stands; for a path that is not written, where its nearest parent stands."""
        places = (self.keys, self.values) if at_key else (self.values, self.keys)
        while path:
            for known in places:
                if path in known:
                    return known[path]
            path = path[:-1]
        return Place(1, 1)


def read_document(text: str) -> Document:
    """Syntax errors are findings too; a text that is not YAML gives a document without data."""
    document = Document()
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            if isinstance(event, yaml.AliasEvent):
                _note(document, event.start_mark, Finding((), f"the alias *{event.anchor} is not supported", "write the value out"))
                return document
        loader = yaml.SafeLoader(text)
        root = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        problem = f"this is not YAML: {error.problem or error.context}"
        _note(document, error.problem_mark or error.context_mark, Finding((), problem, "correct it"))
        return document
    except yaml.YAMLError as error:
        document.findings.append((Place(1, 1), Finding((), f"this is not YAML: {error}", "correct it")))
        return document
    if root is None:
        document.is_readable = True
        return document
    if not isinstance(root, MappingNode):
        _note(document, root.start_mark, Finding((), "the spec is not a set of sections", "begin with version: 1"))
        return document
    document.is_readable = True
    _Reader(loader, document).mapping(root, ())
    return document


class _Reader:
    def __init__(self, loader: yaml.SafeLoader, document: Document) -> None:
        self._loader = loader
        self._document = document

    def mapping(self, node: MappingNode, path: Path) -> dict[str, object]:
        result: dict[str, object] = {}
        if not path:
            self._document.data = result
        for key_node, value_node in node.value:
            key = self._scalar(key_node, path) if isinstance(key_node, ScalarNode) else None
            if not isinstance(key, str):
                said = key_node.value if isinstance(key_node, ScalarNode) else "this"
                _note(self._document, key_node.start_mark, Finding(path, f"the key {said} is not a text", "put it in quotes"))
                continue
            here = (*path, key)
            if here in self._document.keys:
                first = self._document.keys[here].line
                problem = f"{key} is already in line {first}"
                _note(self._document, key_node.start_mark, Finding(here, problem, "keep one of the two"))
                continue
            self._document.keys[here] = _place(key_node.start_mark)
            if self._keep(value_node, here):
                result[key] = self._value(value_node, here)
        return result

    def _value(self, node: Node, path: Path) -> object:
        self._document.values[path] = _place(node.start_mark)
        if isinstance(node, MappingNode):
            return self.mapping(node, path)
        if isinstance(node, SequenceNode):
            items: list[object] = []
            for item in node.value:
                # Counted without what is refused: the index is that of the data, not of the text.
                here = (*path, len(items))
                if self._keep(item, here):
                    items.append(self._value(item, here))
            return tuple(items)
        return self._scalar(node, path)

    def _keep(self, node: Node, path: Path) -> bool:
        """False, with a finding, for what this version has not got."""
        value = self._scalar(node, path, quiet=True) if isinstance(node, ScalarNode) else None
        found = refusal(path, value)
        if found is None:
            return True
        place = self._document.keys[path] if found.at_key else _place(node.start_mark)
        self._document.findings.append((place, found))
        if isinstance(path[-1], str):
            self._document.refused.add(path)
        return False

    def _scalar(self, node: Node, path: Path, *, quiet: bool = False) -> object:
        try:
            return self._loader.construct_object(node)
        except (yaml.YAMLError, ValueError):
            if not quiet:
                _note(self._document, node.start_mark, Finding(path, f"{node.value!r} cannot be read as {node.tag}", "put it in quotes"))
            return node.value


def _place(mark: _Mark | None) -> Place:
    return Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)


def _note(document: Document, mark: _Mark | None, finding: Finding) -> None:
    document.findings.append((_place(mark), finding))
