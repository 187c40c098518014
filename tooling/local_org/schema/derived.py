"""Standard fields whose value follows from others of the same record: composed names, and what a status or stage implies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Composed:
    """A name made of parts, joined by a blank; empty parts are left out."""

    parts: tuple[str, ...]

    def sql(self) -> str:
        joined = " || ".join(f"COALESCE(\"{part}\" || ' ', '')" for part in self.parts)
        return f"NULLIF(RTRIM({joined}), '')"

    def value(self, record: Mapping[str, Any]) -> Any:
        return " ".join(record[part] for part in self.parts if record.get(part)) or None


@dataclass(frozen=True, slots=True)
class Implied:
    """True when another field has one of certain values."""

    source: str
    values: frozenset[str]

    def sql(self) -> str:
        listed = ", ".join("'" + value.replace("'", "''") + "'" for value in sorted(self.values))
        return f'"{self.source}" IS NOT NULL AND "{self.source}" IN ({listed})'

    def value(self, record: Mapping[str, Any]) -> Any:
        return record.get(self.source) in self.values


_RULES: dict[tuple[str, str], Composed | Implied] = {
    ("Contact", "Name"): Composed(("FirstName", "LastName")),
    ("Lead", "Name"): Composed(("FirstName", "LastName")),
    ("User", "Name"): Composed(("FirstName", "LastName")),
    ("Task", "IsClosed"): Implied("Status", frozenset({"Completed"})),
    ("Task", "IsHighPriority"): Implied("Priority", frozenset({"High"})),
    ("Case", "IsClosed"): Implied("Status", frozenset({"Closed"})),
    ("Opportunity", "IsClosed"): Implied("StageName", frozenset({"Closed Won", "Closed Lost"})),
    ("Opportunity", "IsWon"): Implied("StageName", frozenset({"Closed Won"})),
}
_BY_OBJECT: dict[str, dict[str, Composed | Implied]] = {}
for (_object, _field), _rule in _RULES.items():
    _BY_OBJECT.setdefault(_object, {})[_field] = _rule


def generated_sql(sobject: str, field: str) -> str | None:
    """The SQL expression of a derived field, None for any other field."""
    rule = _RULES.get((sobject, field))
    return None if rule is None else rule.sql()


def derived_fields(sobject: str) -> frozenset[str]:
    """The names of an object's derived fields: never written, always up to date in the store."""
    return frozenset(_BY_OBJECT.get(sobject, ()))


def derived_values(sobject: str, record: Mapping[str, Any]) -> dict[str, Any]:
    """The derived fields of a record that is not (or not yet) in the store."""
    return {field: rule.value(record) for field, rule in _BY_OBJECT.get(sobject, {}).items()}
