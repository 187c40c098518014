"""Metadata XML as plain nodes that know their line and column. Document types and entities are refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

METADATA_NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_XSD = "http://www.w3.org/2001/XMLSchema"
_QUOTES = {'"': "&quot;", "'": "&apos;"}


class XmlError(Exception):
    """A file that is no well-formed metadata XML, worded as the deploy service does."""

    def __init__(self, message: str, line: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column


@dataclass(slots=True)
class Node:
    """An element. `column` is one past its start tag, as Salesforce counts; `text` is stripped only where asked for by `value`."""

    tag: str
    line: int
    column: int
    namespace: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)
    text: str = ""

    def all(self, tag: str) -> list[Node]:
        return [child for child in self.children if child.tag == tag]

    def child(self, tag: str) -> Node | None:
        return next((child for child in self.children if child.tag == tag), None)

    def value(self, tag: str) -> str | None:
        """The stripped text of a child element; None when it is absent, empty or nil."""
        found = self.child(tag)
        return (found.text.strip() or None) if found is not None else None

    def flag(self, tag: str, default: bool = False) -> bool:
        text = self.value(tag)
        return default if text is None else text.lower() == "true"

    def number(self, tag: str, default: int = 0) -> int:
        """A whole number, the default when absent or no number: the rules report that."""
        text = self.value(tag)
        try:
            return int(text) if text is not None else default
        except ValueError:
            return default

    def place(self, tag: str) -> Node:
        """The child to point at in a problem, else the element itself."""
        return self.child(tag) or self

    def walk(self) -> Iterator[Node]:
        yield self
        for child in self.children:
            yield from child.walk()


def parse(content: bytes) -> Node:
    """Reads one metadata file.

    Raises:
        XmlError: not well-formed, or it has a document type.
    """
    reader = _Reader()
    try:
        reader.parser.Parse(content, True)
    except expat.ExpatError as error:
        message = expat.errors.messages.get(error.code, str(error))
        raise XmlError(f"Error parsing file: {message}", error.lineno, error.offset + 1) from None
    except (ValueError, LookupError) as error:
        raise XmlError(f"Error parsing file: the encoding cannot be read: {error}") from None
    if reader.root is None:
        raise XmlError("Error parsing file: no element found")
    return reader.root


def write(node: Node, *, tag: str | None = None) -> bytes:
    """The XML of a node as a file of its own, with the namespaces metadata needs."""
    head = f'<?xml version="1.0" encoding="UTF-8"?>\n<{tag or node.tag} xmlns="{METADATA_NAMESPACE}"'
    if any("xsi:" in name for part in node.walk() for name in part.attributes):
        head += f' xmlns:xsi="{_XSI}" xmlns:xsd="{_XSD}"'
    body = "".join(_lines(child, 1) for child in node.children)
    return f"{head}>\n{body}</{tag or node.tag}>\n".encode()


def _lines(node: Node, depth: int) -> str:
    indent = "    " * depth
    attributes = "".join(f" {name}={quoteattr(value)}" for name, value in node.attributes.items())
    if node.children:
        return f"{indent}<{node.tag}{attributes}>\n{''.join(_lines(child, depth + 1) for child in node.children)}{indent}</{node.tag}>\n"
    if not node.text:
        return f"{indent}<{node.tag}{attributes}/>\n"
    return f"{indent}<{node.tag}{attributes}>{escape(node.text, _QUOTES)}</{node.tag}>\n"


class _Reader:
    def __init__(self) -> None:
        self.root: Node | None = None
        self._open: list[Node] = []
        self._prefixes: set[str] = set()
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.ordered_attributes = False
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._doctype
        self.parser.StartNamespaceDeclHandler = self._namespace

    def _doctype(self, *_: Any) -> None:
        raise XmlError("Error parsing file: DOCTYPE is disallowed", self.parser.CurrentLineNumber, self.parser.CurrentColumnNumber + 1)

    def _namespace(self, prefix: str | None, _: str) -> None:
        self._prefixes.add(prefix or "")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, tag = name.rpartition(" ")
        column = self.parser.CurrentColumnNumber + len(tag) + 3
        plain = {_attribute(key): value for key, value in attributes.items()}
        prefix = plain.get("xsi:type", "").rpartition(":")[0]
        if prefix not in self._prefixes | {""}:
            text = f"Error parsing file: The namespace prefix {prefix} of xsi:type is not declared"
            raise XmlError(text, self.parser.CurrentLineNumber, column)
        node = Node(tag, self.parser.CurrentLineNumber, column, namespace or None, plain)
        if self._open:
            self._open[-1].children.append(node)
        else:
            self.root = node
        self._open.append(node)

    def _end(self, name: str) -> None:
        node = self._open.pop()
        if node.children:
            node.text = ""

    def _text(self, text: str) -> None:
        if self._open:
            self._open[-1].text += text


def _attribute(key: str) -> str:
    namespace, _, name = key.rpartition(" ")
    return f"xsi:{name}" if namespace == _XSI else name
