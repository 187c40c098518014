"""The words a formula is compiled and run with: types, contexts, references, and the two protocols a caller satisfies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Any, Protocol


class Type(StrEnum):
    """A formula's data types; the value is the name that Salesforce's messages use."""

    TEXT = "Text"
    NUMBER = "Number"
    BOOLEAN = "Boolean"
    DATE = "Date"
    DATETIME = "DateTime"
    TIME = "Time"
    PICKLIST = "Picklist"
    MULTIPICKLIST = "Multi-Select Picklist"
    LOCATION = "Geolocation"
    NULL = "Null"


class Context(StrEnum):
    """Where a formula stands: some functions are allowed in some places only."""

    FIELD = "formula field"
    DEFAULT_VALUE = "default value"
    VALIDATION = "validation rule"
    ENTRY = "flow entry criteria"
    FLOW = "flow formula"


@dataclass(frozen=True, slots=True)
class Reference:
    """A field, flow resource or global that a formula names. `path` holds canonical names: `("Account", "Owner", "Email")`."""

    path: tuple[str, ...]
    type: Type
    label: str = ""
    percent: bool = False
    long_text: bool = False
    calculated: bool = False
    identifier: bool = False
    """An Id or a lookup: 15 characters long inside formulas, 18 in flows."""
    compiled_size: int = 0
    """Of the formula behind a calculated field: Salesforce inlines it."""

    @property
    def name(self) -> str:
        return ".".join(self.path)


class Names(Protocol):
    """What the names in a formula stand for, asked once, when it is compiled."""

    def find(self, path: tuple[str, ...]) -> Reference | None:
        """The reference at a path, whatever its case; None when there is none.

        Raises:
            FormulaError: the path exists, but cannot be used in a formula.
        """


class Values(Protocol):
    """The values behind a formula's references during one evaluation."""

    @property
    def is_new(self) -> bool:
        """The record is being created."""

    @property
    def now(self) -> datetime:
        """The org's time, aware, UTC."""

    @property
    def time_zone(self) -> tzinfo:
        """Of the running user."""

    def value(self, path: tuple[str, ...]) -> Any:
        """The typed value at a canonical path; None through an empty lookup; a percent as it is stored (50 is 50 %)."""

    def prior(self, path: tuple[str, ...]) -> Any:
        """The value before the save."""

    def look_up(self, sobject: str, wanted: str, key_field: str, key: str | None) -> Any:
        """VLOOKUP: field `wanted` of the record of `sobject` whose `key_field` equals `key`, else None."""


Run = Callable[[Any], Any]
"""A compiled piece of a formula: takes a Values, gives the typed value. Text is never '' but None."""
