"""Flow metadata XML to a `Flow`: structure, enumerations and simple types, with the Metadata API's own words for what is wrong."""

from __future__ import annotations

import dataclasses
import re
import types
import typing
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, TypeVar

from lxml import etree

from .model import Flow, FlowProblem, FlowTest, Located
from .moments import parse_date, parse_date_time, parse_time
from .vocabulary import WSDL_NAMES

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"


F = TypeVar("F", Flow, FlowTest)


def read_flow(name: str, xml: bytes) -> Flow:
    """The flow of a `.flow` file. What is wrong with the file stands in `Flow.problems`, which `check_flow` reports."""
    return _read(Flow, name, xml)


def read_flow_test(name: str, xml: bytes) -> FlowTest:
    """The flow test of a `.flowtest` file; `FlowTest.problems` is what `check_flow_test` reports."""
    return _read(FlowTest, name, xml)


def _read(cls: type[F], name: str, xml: bytes) -> F:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root: Any = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        return cls(full_name=name, problems=(FlowProblem(line or 1, column or 1, f"Error parsing file: {error.msg}"),))
    wanted = f"{{{NAMESPACE}}}{cls.wsdl_name}"
    if root.tag != wanted:
        problem = FlowProblem(root.sourceline or 1, 1, f"Error parsing file: Element {root.tag} invalid, expected {wanted}")
        return cls(full_name=name, problems=(problem,))
    reading = _Reading(xml.decode("utf-8", "replace").splitlines())
    found: F = reading.read(root, cls)
    return dataclasses.replace(found, full_name=name, problems=tuple(sorted(reading.problems, key=lambda p: (p.line, p.column))))


@dataclass(frozen=True, slots=True)
class _Attribute:
    name: str
    type: Any
    many: bool


def _attributes(cls: type[Located]) -> dict[str, _Attribute]:
    """The attributes of a model class by element name."""
    known = _KNOWN.get(cls)
    if known is not None:
        return known
    hints = typing.get_type_hints(cls)
    found: dict[str, _Attribute] = {}
    for item in dataclasses.fields(cls):
        if item.name in ("line", "column"):
            continue
        head, *rest = item.name.split("_")
        element = item.metadata.get("xml", head + "".join(word.capitalize() for word in rest))
        if element:
            found[element] = _Attribute(item.name, *_kind(hints[item.name]))
    _KNOWN[cls] = found
    return found


_KNOWN: dict[type[Located], dict[str, _Attribute]] = {}


def _kind(hint: Any) -> tuple[Any, bool]:
    if typing.get_origin(hint) is tuple:
        return typing.get_args(hint)[0], True
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return next(a for a in typing.get_args(hint) if a is not type(None)), False
    return hint, False


class _Reading:
    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.problems: list[FlowProblem] = []

    def read(self, element: Any, cls: type[Located]) -> Any:
        attributes = _attributes(cls)
        given: dict[str, Any] = {}
        seen: set[str] = set()
        previous = ""
        for child in element:
            if not isinstance(child.tag, str):
                continue
            tag = etree.QName(child).localname
            if tag in seen and tag != previous:
                self._problem(child, f"Error parsing file: Element {tag} is duplicated at this location in type {cls.wsdl_name}")
            seen.add(tag)
            attribute = attributes.get(tag)
            if attribute is None:
                self._not_read(child, tag, cls)
            elif attribute.many:
                given.setdefault(attribute.name, []).append(self._value(child, attribute.type))
            elif tag == previous:
                self._problem(child, f"Error parsing file: Element {tag} is duplicated at this location in type {cls.wsdl_name}")
            else:
                value = self._value(child, attribute.type)
                if value is not None:
                    given[attribute.name] = value
            previous = tag
        for name in cls.required:
            if name not in seen:
                self._problem(element, f"Required field is missing: {name}")
        line, column = self._place(element)
        return cls(line=line, column=column, **{k: tuple(v) if isinstance(v, list) else v for k, v in given.items()})

    def _not_read(self, child: Any, tag: str, cls: type[Located]) -> None:
        if tag in cls.unsupported:
            self._problem(child, f"{tag} of {cls.wsdl_name} is not supported by the local org")
        elif tag not in cls.ignored:
            line, column = self._place(child)
            # The wording and the place (just behind the start tag) are the Metadata API's: forcedotcom/cli issue 3275.
            text = f"Element {{{NAMESPACE}}}{tag} invalid at this location in type {cls.wsdl_name}"
            self.problems.append(FlowProblem(line, column, f"Error parsing file: {text} ({line}:{column})"))

    def _value(self, child: Any, kind: Any) -> Any:
        if isinstance(kind, type) and issubclass(kind, Located):
            return self.read(child, kind)
        text = child.text or ""
        if kind is str:
            return text
        if isinstance(kind, type) and issubclass(kind, StrEnum):
            try:
                return kind(text.strip())
            except ValueError:
                self._problem(child, f"Error parsing file: '{text.strip()}' is not a valid value for the enum '{WSDL_NAMES[kind]}'")
                return None
        try:
            return _SIMPLE[kind](text.strip())
        except (ValueError, InvalidOperation):
            self._problem(child, f"Error parsing file: '{text.strip()}' is not a valid value for the type xsd:{_XSD[kind]}")
            return None

    def _problem(self, element: Any, text: str) -> None:
        self.problems.append(FlowProblem(*self._place(element), text))

    def _place(self, element: Any) -> tuple[int, int]:
        line = element.sourceline or 1
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        found = re.search(rf"<(?:\w+:)?{etree.QName(element).localname}\b[^>]*>?", text)
        return line, (found.end() + 1 if found else 1)


def _boolean(text: str) -> bool:
    if text not in ("true", "false", "1", "0"):
        raise ValueError(text)
    return text in ("true", "1")


_SIMPLE: dict[Any, Any] = {
    bool: _boolean,
    int: int,
    Decimal: Decimal,
    date: parse_date,
    datetime: parse_date_time,
    time: parse_time,
}
_XSD: dict[Any, str] = {bool: "boolean", int: "int", Decimal: "double", date: "date", datetime: "dateTime", time: "time"}
