"""The standard fields that a route may name, as far as they are known without an org.

`standard_fields.json` says for each field its type as a describe names it, its length or what it refers to, `create` (cannot be
changed later) or `read` (cannot be written), and `always` (visible to all who read the object). Names and types are those of
Salesforce's Object Reference, taken from recorded describe answers (SFDO-Tooling/CumulusCI) and the catalogue of apex-ls
(apex-dev-tools), both BSD-3-Clause.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class KnownField:
    """What a field can hold. `type` is a describe's word; `length` 0: not limited, or not a text."""

    name: str
    type: str
    length: int = 0
    reference_to: tuple[str, ...] = ()
    createable: bool = True
    updateable: bool = True
    permissionable: bool = True
    """Whether field-level security can be granted for it: not so for required and system fields."""


@cache
def standard_fields(sobject: str) -> Mapping[str, KnownField] | None:
    """The standard fields of a standard object; None for an object that is not listed."""
    listed = _listed().get(sobject)
    return None if listed is None else {name: _field(name, text) for name, text in listed.items()}


@cache
def _listed() -> Mapping[str, Mapping[str, str]]:
    found: Mapping[str, Mapping[str, str]] = json.loads((files("tooling.spec") / "standard_fields.json").read_text("utf-8"))
    return found


def _field(name: str, text: str) -> KnownField:
    kind, *rest = text.split()
    always = bool(rest) and rest[-1] == "always"
    rest = rest[:-1] if always else rest
    access = rest.pop() if rest and rest[-1] in ("create", "read") else ""
    detail = rest[0] if rest else ""
    return KnownField(
        name,
        kind,
        length=int(detail) if detail.isdigit() else 0,
        reference_to=tuple(detail.split(",")) if detail and not detail.isdigit() else (),
        createable=access != "read",
        updateable=not access,
        permissionable=not always,
    )
