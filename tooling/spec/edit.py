"""Changes the text of a spec where the org knows better; every other line, with its comments, stays as it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node

from tooling.spec.escalation import EscalationRoute, Keyword

_INDENT = "  "


def with_settings(text: str, keywords: Mapping[str, Keyword], routes: Sequence[EscalationRoute]) -> str:
    """The spec's text with these escalation keywords and routes.

    Only a list that says something else is written anew; comments within it are lost then.
    """
    text = _with(text, "keywords", {word: _given(keyword) for word, keyword in keywords.items()})
    return _with(text, "route", [_given(route) for route in routes])


def _given(section: Keyword | EscalationRoute) -> dict[str, object]:
    return section.model_dump(mode="json", exclude_defaults=True)


def _with(text: str, key: str, wanted: Mapping[str, object] | Sequence[object]) -> str:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    escalation = _value(root, "escalation")
    if escalation is None:
        if not wanted:
            return text
        return f"{text.rstrip()}\n\nescalation:\n{_block(key, wanted)}"
    found = _value(escalation, key)
    if found is None:
        if not wanted:
            return text
        end = text.index("\n", escalation.start_mark.index) + 1 if "\n" in text[escalation.start_mark.index :] else len(text)
        if isinstance(escalation, MappingNode) and not escalation.flow_style:
            start = text.rfind("\n", 0, escalation.start_mark.index) + 1
            return text[:start] + _block(key, wanted) + text[start:]
        inside = ", ".join(f"{k}: {_flow(v)}" for k, v in {**_loaded(escalation), key: wanted}.items())
        return text[: escalation.start_mark.index] + f"{{{inside}}}" + text[_end(text, escalation) : end] + text[end:]
    if _normal(_loaded(found)) == _normal(_plain(wanted)):
        return text
    if not wanted or (isinstance(escalation, MappingNode) and escalation.flow_style):
        return text[: found.start_mark.index] + _flow(wanted) + text[_end(text, found) :]
    named = _key(escalation, key)
    start = text.rfind("\n", 0, named.start_mark.index) + 1
    indent = " " * (len(text[start:]) - len(text[start:].lstrip(" ")))
    rest = text[_end(text, found) :]
    if getattr(found, "flow_style", True):
        rest = rest.partition("\n")[2]
    block = _block(key, wanted, indent)
    if found.start_mark.line > named.start_mark.line:
        # The key's own line keeps its comment.
        block = text[start : text.index("\n", start) + 1] + block.partition("\n")[2]
    return text[:start] + block + rest


def _value(node: Node | None, key: str) -> Node | None:
    if not isinstance(node, MappingNode):
        return None
    return next((value for name, value in node.value if name.value == key), None)


def _key(node: Node, key: str) -> Node:
    assert isinstance(node, MappingNode)
    name: Node = next(name for name, _ in node.value if name.value == key)
    return name


def _end(text: str, node: Node) -> int:
    """Where a value's own text ends: a block's mark stands at the next key, behind comments and blank lines that are not its own."""
    end = node.end_mark.index
    if getattr(node, "flow_style", True):
        return end
    lines = text[node.start_mark.index : end].splitlines(keepends=True)
    while lines and (not lines[-1].strip() or lines[-1].lstrip().startswith("#") or not lines[-1].endswith("\n")):
        last = lines.pop()
        if last.strip() and not last.lstrip().startswith("#"):
            lines.append(last)
            break
    return node.start_mark.index + sum(map(len, lines))


def _loaded(node: Node) -> Any:
    return yaml.safe_load(yaml.serialize(node))


def _normal(value: object) -> object:
    """A list of settings with every default filled in, as the model reads it."""
    if isinstance(value, dict):
        return [(word, Keyword.model_validate(_tuples(keyword or {}))) for word, keyword in value.items()]
    return [EscalationRoute.model_validate(_tuples(route)) for route in value] if isinstance(value, list) else value


def _tuples(value: object) -> object:
    if isinstance(value, dict):
        return {k: _tuples(v) for k, v in value.items()}
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _plain(value: object) -> object:
    return yaml.safe_load(yaml.safe_dump(dict(value) if isinstance(value, Mapping) else value, allow_unicode=True, sort_keys=False))


def _flow(value: object) -> str:
    dumped = yaml.safe_dump(_plain(value), default_flow_style=True, allow_unicode=True, sort_keys=False, width=10_000)
    return dumped.removesuffix("...\n").strip()


def _block(key: str, value: Mapping[str, object] | Sequence[object], indent: str = _INDENT) -> str:
    if not value:
        return f"{indent}{key}: {_flow(value)}\n"
    if isinstance(value, Mapping):
        lines = [f"{indent}{_INDENT}{_flow(k)}: {_flow(v)}\n" for k, v in value.items()]
    else:
        lines = [f"{indent}{_INDENT}- {_flow(item)}\n" for item in value]
    return f"{indent}{key}:\n{''.join(lines)}"
