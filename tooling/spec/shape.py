"""Does the data have the shape of the model? Pydantic's errors in the words of people who edit YAML."""

from __future__ import annotations

import re
import types
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from tooling.spec.findings import Finding, Path, shown, suggestion
from tooling.spec.model import Spec
from tooling.spec.section import Section

_KEYS = ("a set of keys and values", "write keys and values below it")
_EXPECTED = {
    "int_type": ("a whole number", "write digits, for example 3"),
    "int_from_float": ("a whole number", "write digits, for example 3"),
    "float_type": ("a number", "write digits, for example 0.5"),
    "string_type": ("a text", "write a text"),
    "bool_type": ("true or false", "write true or false"),
    "tuple_type": ("a list", "put it in brackets, for example [a, b]"),
    "dict_type": _KEYS,
    "model_type": _KEYS,
    "model_attributes_type": _KEYS,
}


def filled(data: object, annotation: object = Spec) -> object:
    """The data with empty sections (`labels:` with nothing below) as empty ones: their defaults apply."""
    if data is None and (kind := _container(annotation)) is not None:
        return kind()
    if isinstance(data, dict):
        return {key: filled(value, _child(annotation, key)) for key, value in data.items()}
    if isinstance(data, tuple):
        return tuple(filled(value, _child(annotation, 0)) for value in data)
    return data


def findings_of(error: ValidationError, data: object) -> Iterator[Finding]:
    for detail in error.errors(include_url=False):
        yield _finding(detail, data)


def _finding(error: ErrorDetails, data: object) -> Finding:
    location = error["loc"]
    if location and location[-1] == "[key]":
        problem, _, remedy = str(_context(error, "error")).partition("; ")
        return Finding(_path(location[:-1], data), problem, remedy, at_key=True)
    path = _path(location, data)
    name, kind = shown(path), error["type"]
    if kind == "extra_forbidden":
        parent, key = path[:-1], str(path[-1])
        known = list(_keys(parent, location))
        where = f"{shown(parent)} has no key {key}" if parent else f"there is no section {key}"
        return Finding(path, where, suggestion(key, known, f"there are {', '.join(known)}"), at_key=True)
    if kind == "missing":
        return Finding(path, f"{name} is missing", "add it")
    if kind in ("literal_error", "union_tag_invalid"):
        return _not_one_of(error, path)
    if kind == "union_tag_not_found":
        return Finding((*path, "by"), f"{name}.by is missing", "write by: user_id, by: salesforce_id or by: email")
    if kind == "value_error":
        problem, _, remedy = str(_context(error, "error")).partition("; ")
        return Finding(path, f"{name}: {problem}", remedy or "correct it")
    return Finding(path, *_wrong_value(error, name))


def _not_one_of(error: ErrorDetails, path: Path) -> Finding:
    expected = str(_context(error, "expected") or _context(error, "expected_tags"))
    known = re.findall(r"'([^']*)'", expected) or [expected]
    if error["type"] == "union_tag_invalid":
        path = (*path, "by")
        said = str(_context(error, "tag"))
    else:
        said = _said(error["input"])
    choices = " or ".join(known) if len(known) < 3 else f"one of {', '.join(known)}"
    return Finding(path, f"{shown(path)} cannot be {said}", suggestion(said, known, f"write {choices}"))


def _wrong_value(error: ErrorDetails, name: str) -> tuple[str, str]:
    kind, said = error["type"], _said(error["input"])
    if kind in _EXPECTED:
        noun, hint = _EXPECTED[kind]
        if error["input"] is None:
            return f"{name} is empty", f"write {noun} or remove the key"
        if kind == "string_type" and isinstance(error["input"], int | float):
            hint = f'put it in quotes: "{said}"'
        return f"{name}: {said} is not {noun}", hint
    bounds = {"greater_than": ("gt", "more than"), "greater_than_equal": ("ge", "at least"), "less_than_equal": ("le", "at most")}
    if kind in bounds:
        key, words = bounds[kind]
        return f"{name} cannot be {said}", f"write {words} {_context(error, key)}"
    if kind in ("string_too_short", "too_short"):
        return f"{name} is empty", "write something or remove the key"
    if kind == "string_too_long":
        return f"{name} is {len(error['input'])} characters long", f"write at most {_context(error, 'max_length')}"
    if kind == "string_pattern_mismatch":
        return f"{name} cannot be {said}", 'write for example "66.0", in quotes'
    return f"{name}: {error['msg']}", "correct it"


def _context(error: ErrorDetails, key: str) -> Any:
    return error.get("ctx", {}).get(key)


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "a set of keys"
    if isinstance(value, tuple):
        return "a list"
    return "nothing" if value is None else str(value)


def _path(location: tuple[str | int, ...], data: object) -> Path:
    """Pydantic's location without the parts that are not in the document: it names the chosen member of a union."""
    path: list[str | int] = []
    for index, part in enumerate(location):
        if (isinstance(data, dict) and part in data) or (isinstance(data, tuple) and isinstance(part, int) and part < len(data)):
            data = data[part]  # type: ignore[index]
            path.append(part)
        elif index == len(location) - 1:
            path.append(part)
    return tuple(path)


def _keys(path: Path, location: tuple[str | int, ...]) -> Iterator[str]:
    annotation: object = Spec
    for part in path:
        annotation = _child(annotation, part)
    for section in _sections(annotation):
        tag = section.model_fields.get("by")
        if tag is not None and len(list(_sections(annotation))) > 1 and tag.default not in location:
            continue
        yield from (info.alias or name for name, info in section.model_fields.items())


def _child(annotation: object, part: str | int) -> object:
    """The type of what stands at a key or an index of something of this type; None when there is no such key."""
    for member in _members(annotation):
        if isinstance(member, type) and issubclass(member, Section):
            for name, info in member.model_fields.items():
                if part in (info.alias or name, name):
                    return info.annotation
        elif get_origin(member) in (tuple, dict):
            return get_args(member)[0 if get_origin(member) is tuple else 1]
    return None


def _container(annotation: object) -> type[dict[str, object]] | type[tuple[object, ...]] | None:
    for member in _members(annotation):
        if get_origin(member) is tuple:
            return tuple
        if get_origin(member) is dict or (isinstance(member, type) and issubclass(member, Section)):
            return dict
    return None


def _sections(annotation: object) -> Iterator[type[Section]]:
    return (m for m in _members(annotation) if isinstance(m, type) and issubclass(m, Section))


def _members(annotation: object) -> Iterator[object]:
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _members(get_args(annotation)[0])
    elif origin in (Union, types.UnionType):
        for member in get_args(annotation):
            yield from _members(member)
    else:
        yield annotation
