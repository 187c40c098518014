"""What the code says of itself: first sentences of docstrings, attribute docstrings, the texts with which a rule refuses."""

from __future__ import annotations

import ast
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from functools import cache
from types import ModuleType
from typing import Any

_TEXT_AT = {"problem": 2, "Problem": 3, "refused": 1, "not_supported": 1, "no_field": 1, "no_object": 1, "_problem": 1, "FlowProblem": 2}
"""The functions that make a problem, and which argument is its text."""
_AROUND = {
    "not_supported": "{} is not supported by the local org",
    "no_field": 'The field "{}" for the object "{{object}}" doesn\'t exist.',
    "no_object": 'The object "{}" doesn\'t exist.',
}
WORDS_OF_OTHERS = "in the words of the compiler or reader that it asks"
_ELSEWHERE = re.compile(r"\{[^{}]*\}")
"""A text that comes as a whole from somewhere else: what a parser or compiler complains of."""


def summary(thing: object) -> str:
    """The first sentence of a docstring."""
    text = " ".join((inspect.getdoc(thing) or "").split())
    return re.split(r"(?<=[.!?])\s+(?=[A-Z\"`])", text)[0]


def attribute_docs(owner: type | ModuleType) -> dict[str, str]:
    """The docstrings that stand below attributes, by attribute name."""
    source = inspect.getsource(owner)
    tree = ast.parse(source)
    body = tree.body if isinstance(owner, ModuleType) else next(node.body for node in tree.body if isinstance(node, ast.ClassDef))
    found = {}
    for node, after in zip(body, [*body[1:], None], strict=True):
        target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0] if isinstance(node, ast.Assign) else None
        documented = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) and isinstance(after.value.value, str)
        if isinstance(target, ast.Name) and documented:
            found[target.id] = " ".join(after.value.value.split())  # type: ignore[union-attr]
    return found


def complaints(package: ModuleType, error: type[Exception]) -> list[str]:
    """The texts with which a package raises an error, `{…}` for what varies."""
    found: dict[str, None] = {}
    names = {error.__name__, *(kind.__name__ for kind in error.__subclasses__())}
    modules = [module for name, module in sorted(sys.modules.items()) if name.startswith(f"{package.__name__}.")]
    for module in modules:
        for function in (node for node in ast.walk(ast.parse(inspect.getsource(module))) if isinstance(node, ast.FunctionDef)):
            for call in (part for part in ast.walk(function) if isinstance(part, ast.Call) and isinstance(part.func, ast.Name)):
                if call.func.id in names and call.args:  # type: ignore[attr-defined]
                    found.update(dict.fromkeys(_templates(call.args[0], function, module)))
    return sorted(text for text in found if not _ELSEWHERE.fullmatch(text))


def refusals(rule: Callable[..., Any]) -> list[str]:
    """The texts with which a rule refuses, `{…}` for what varies, in the order of the source; those of its helpers too."""
    return list(dict.fromkeys(_texts(sys.modules[rule.__module__], rule.__name__, set())))


def _texts(module: ModuleType, name: str, seen: set[tuple[str, str]]) -> Iterator[str]:
    node = _functions(module).get(name)
    if node is None or (module.__name__, name) in seen:
        return
    seen.add((module.__name__, name))
    for call in (part for part in ast.walk(node) if isinstance(part, ast.Call) and isinstance(part.func, ast.Name)):
        called = call.func.id  # type: ignore[attr-defined]
        at = _TEXT_AT.get(called)
        if at is not None and called not in _functions(module):
            if len(call.args) > at:
                around = _AROUND.get(called, "{}")
                texts = _templates(call.args[at], node, module)
                yield from (around.format(text) for text in texts if called in _AROUND or not _ELSEWHERE.fullmatch(text))
            continue
        helper = vars(module).get(called)
        if inspect.isfunction(helper) and helper.__module__.startswith(__name__.rpartition(".")[0].rpartition(".")[0]):
            yield from _texts(sys.modules[helper.__module__], helper.__name__, seen)


@cache
def _functions(module: ModuleType) -> dict[str, ast.FunctionDef]:
    return {node.name: node for node in ast.parse(inspect.getsource(module)).body if isinstance(node, ast.FunctionDef)}


def _templates(node: ast.expr, function: ast.FunctionDef, module: ModuleType) -> Iterator[str]:
    """What an expression can be as text; a name stands for everything the function assigns to it."""
    match node:
        case ast.Constant(value=str() as text):
            yield text
        case ast.JoinedStr(values=parts):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else _varying(part, module) for part in parts)
        case ast.IfExp(body=first, orelse=second):
            yield from _templates(first, function, module)
            yield from _templates(second, function, module)
        case ast.Name(id=name):
            assigned = [
                statement.value
                for statement in ast.walk(function)
                if isinstance(statement, ast.Assign) and any(isinstance(t, ast.Name) and t.id == name for t in statement.targets)
            ]
            if not assigned:
                yield _varying(node, module)
            for value in assigned:
                yield from _templates(value, function, module)
        case _:
            yield _varying(node, module)


def _varying(node: ast.expr, module: ModuleType) -> str:
    """`{name}` of what varies; a constant of the module is written out."""
    name = _name(node)
    constant = vars(module).get(name)
    if isinstance(constant, int) and name.isupper():
        return f"{constant:,}"
    return constant if isinstance(constant, str) and name.isupper() else f"{{{name}}}"


def _name(node: ast.expr) -> str:
    """A short name of an expression: `component.full_name` is full_name."""
    match node:
        case ast.FormattedValue(value=value):
            return _name(value)
        case ast.Name(id=name):
            return name
        case ast.Attribute(attr=name):
            return name
        case ast.Call(args=[ast.Constant(value=str() as key), *_]):
            return key
        case _:
            return "…"
