"""The Metadata API's types as its WSDL (API 66) defines them: `standard_data/metadata_types.json`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_DATA = Path(__file__).parent / "standard_data" / "metadata_types.json"


@dataclass(frozen=True, slots=True)
class Element:
    type: str
    required: bool
    repeats: bool


def is_known(kind: str) -> bool:
    return kind in _data()["types"]


@cache
def elements_of(kind: str) -> Mapping[str, Element]:
    """The elements of a type by name, inherited ones included."""
    found = {}
    for entry in _data()["types"][kind].split():
        name, _, element_type = entry.partition(":")
        found[name.rstrip("!*")] = Element(element_type, "!" in name, "*" in name)
    return found


@cache
def enumeration(kind: str) -> frozenset[str] | None:
    """The values of an enumeration; None for any other type."""
    values = _data()["enums"].get(kind)
    return frozenset(values.split()) if values is not None else None


@cache
def _data() -> dict[str, dict[str, str]]:
    loaded: dict[str, dict[str, str]] = json.loads(_DATA.read_text("utf-8"))
    return loaded
