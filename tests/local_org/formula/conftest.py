"""One record with a field of every type, and a formula evaluated on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tooling.local_org.formula import Context, Formula, Reference, Type, compile_formula

FIELDS = {
    "Name": Reference(("Name",), Type.TEXT),
    "Nick__c": Reference(("Nick__c",), Type.TEXT),
    "Score__c": Reference(("Score__c",), Type.NUMBER),
    "Other__c": Reference(("Other__c",), Type.NUMBER),
    "Rate__c": Reference(("Rate__c",), Type.NUMBER, percent=True),
    "Flag__c": Reference(("Flag__c",), Type.BOOLEAN),
    "Day__c": Reference(("Day__c",), Type.DATE),
    "Day2__c": Reference(("Day2__c",), Type.DATE),
    "Moment__c": Reference(("Moment__c",), Type.DATETIME),
    "Moment2__c": Reference(("Moment2__c",), Type.DATETIME),
    "Clock__c": Reference(("Clock__c",), Type.TIME),
    "Status__c": Reference(("Status__c",), Type.PICKLIST),
    "Topics__c": Reference(("Topics__c",), Type.MULTIPICKLIST),
    "Notes__c": Reference(("Notes__c",), Type.TEXT, long_text=True),
    "Id": Reference(("Id",), Type.TEXT, identifier=True),
    "Account.Name": Reference(("Account", "Name"), Type.TEXT),
    "$Record.Name": Reference(("$Record", "Name"), Type.TEXT),
    "$Record.Account.Name": Reference(("$Record", "Account", "Name"), Type.TEXT),
    "$Record.Score__c": Reference(("$Record", "Score__c"), Type.NUMBER),
    "$Record__Prior.Score__c": Reference(("$Record__Prior", "Score__c"), Type.NUMBER),
    "$ObjectType.Zip__c.Fields.City__c": Reference(("$ObjectType", "Zip__c", "Fields", "City__c"), Type.TEXT),
    "$ObjectType.Zip__c.Fields.Name": Reference(("$ObjectType", "Zip__c", "Fields", "Name"), Type.TEXT),
}


@dataclass
class Record:
    now: dict[str, Any] = field(default_factory=dict)
    before: dict[str, Any] = field(default_factory=dict)
    is_new: bool = False
    moment: datetime = datetime(2026, 3, 1, 4, 30, tzinfo=UTC)
    time_zone: tzinfo = field(default_factory=lambda: ZoneInfo("America/Los_Angeles"))

    def find(self, path: tuple[str, ...]) -> Reference | None:
        wanted = ".".join(path).lower()
        return next((r for n, r in FIELDS.items() if n.lower() == wanted), None)

    def value(self, path: tuple[str, ...]) -> Any:
        return self.now.get(".".join(path))

    def prior(self, path: tuple[str, ...]) -> Any:
        return self.before.get(".".join(path))

    def look_up(self, sobject: str, wanted: str, key_field: str, key: str | None) -> Any:
        return {"94105": "San Francisco"}.get(key or "") if (sobject, wanted, key_field) == ("Zip__c", "City__c", "Name") else None


class _View:
    """A record as `Values` has it: `now` is the clock there."""

    def __init__(self, record: Record) -> None:
        self.is_new, self.now, self.time_zone = record.is_new, record.moment, record.time_zone
        self.value, self.prior, self.look_up = record.value, record.prior, record.look_up


def _number(value: Any) -> Any:
    return Decimal(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else value


@pytest.fixture
def compiled() -> Callable[..., Formula]:
    """Compiles a source text over the fields of the record."""

    def compile_source(source: str, context: Context = Context.VALIDATION, **options: Any) -> Formula:
        return compile_formula(source, Record(), result=options.pop("result", None), context=context, **options)

    return compile_source


@pytest.fixture
def evaluate(compiled: Callable[..., Formula]) -> Callable[..., Any]:
    """The value of a source text for a record with the given field values."""

    def evaluate_source(source: str, *, before: dict[str, Any] | None = None, is_new: bool = False, **values: Any) -> Any:
        options = {k: values.pop(k) for k in ("context", "blanks_as_zero", "result") if k in values}
        now = {name: _number(value) for name, value in values.items()}
        record = Record(now, {n: _number(v) for n, v in (before or {}).items()}, is_new)
        return compiled(source, **options).evaluate(_View(record))

    return evaluate_source
