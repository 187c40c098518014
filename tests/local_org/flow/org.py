"""An org in dictionaries: a working `Host` with records, a counter of statements, and a rule or two that refuse records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tooling.local_org.errors import InvalidField, LimitExceeded, OrgError, ValidationRuleRefused
from tooling.local_org.flow.host import Criterion, Email, Notification, NullTraversal, Record, Saved, Selection
from tooling.local_org.schema.types import Schema

from .schema import SCHEMA

Rule = Callable[[str, Record], str | None]


class InMemoryOrg:
    """Filters, sorts and saves as the engine does, without SQL."""

    def __init__(self, *, now: datetime = datetime(2025, 6, 15, 18, 30, tzinfo=UTC), zone: str = "America/Los_Angeles") -> None:
        self.records: dict[str, dict[str, Record]] = {}
        self.statements: list[str] = []
        self.emails: list[Email] = []
        self.notifications: list[Notification] = []
        self.globals: dict[tuple[str, ...], Any] = {("$User", "Id"): "005000000000001AAA"}
        self.refuse: Rule = lambda sobject, record: None
        self.milliseconds = 0.0
        self.cpu_limit: float | None = None
        self.prefetched: list[tuple[str, int, tuple[tuple[str, ...], ...]]] = []
        self._now = now
        self._zone = ZoneInfo(zone)
        self._count = 0

    @property
    def schema(self) -> Schema:
        return SCHEMA

    @property
    def time_zone(self) -> tzinfo:
        return self._zone

    @property
    def running_user_id(self) -> str:
        return "005000000000001AAA"

    def now(self) -> datetime:
        return self._now

    def add(self, sobject: str, **fields: Any) -> Record:
        """A record put there before the test begins."""
        record = {"Id": self._new_id(sobject), **fields}
        self.records.setdefault(sobject, {})[record["Id"]] = record
        return record

    def all(self, sobject: str) -> list[Record]:
        return list(self.records.get(sobject, {}).values())

    def _new_id(self, sobject: str) -> str:
        self._count += 1
        found = SCHEMA.get(sobject)
        return f"{found.key_prefix if found else '000'}{self._count:012d}AAA"

    def select(self, selections: Sequence[Selection]) -> list[list[Record]]:
        self.statements.append(f"select {selections[0].sobject} x{len(selections)}")
        return [self._found(selection) for selection in selections]

    def _found(self, selection: Selection) -> list[Record]:
        found = [r for r in self.all(selection.sobject) if _meets(r, selection)]
        if selection.order_by:
            key = selection.order_by
            found.sort(key=lambda r: (r.get(key) is not None, r.get(key)), reverse=selection.descending)
        picked = found[: selection.limit] if selection.limit else found
        return [{name: r.get(name) for name in selection.fields} if selection.fields else dict(r) for r in picked]

    def insert(self, sobject: str, records: Sequence[Record]) -> list[Saved]:
        self.statements.append(f"insert {sobject} x{len(records)}")
        return [self._insert(sobject, record) for record in records]

    def _insert(self, sobject: str, record: Record) -> Saved:
        message = self.refuse(sobject, record)
        if message:
            return Saved(None, ValidationRuleRefused(message))
        saved = self.add(sobject, **record)
        return Saved(saved["Id"], created=True)

    def update(self, sobject: str, records: Sequence[Record]) -> list[Saved]:
        self.statements.append(f"update {sobject} x{len(records)}")
        return [self._update(sobject, record) for record in records]

    def _update(self, sobject: str, record: Record) -> Saved:
        message = self.refuse(sobject, record)
        if message:
            return Saved(record["Id"], ValidationRuleRefused(message))
        self.records[sobject][record["Id"]].update(record)
        return Saved(record["Id"])

    def upsert(self, sobject: str, records: Sequence[Record], key_field: str, together: Sequence[int] = ()) -> list[Saved]:
        self.statements.append(f"upsert {sobject} x{len(records)} by {key_field}")
        saved = []
        for record in records:
            found = next((r for r in self.all(sobject) if r.get(key_field) == record.get(key_field)), None)
            saved.append(self._update(sobject, {**record, "Id": found["Id"]}) if found else self._insert(sobject, record))
        return saved

    def delete(self, sobject: str, ids: Sequence[str]) -> list[Saved]:
        self.statements.append(f"delete {sobject} x{len(ids)}")
        for record_id in ids:
            del self.records[sobject][record_id]
        return [Saved(record_id) for record_id in ids]

    def resolve(self, sobject: str, record: Mapping[str, Any], path: Sequence[str]) -> Any:
        here, current = SCHEMA.get(sobject), record
        for name in path[:-1]:
            lookup = here.relationship(name) if here else None
            parent_id = current.get(lookup.name) if lookup else None
            if parent_id is None:
                raise NullTraversal(name)
            here = SCHEMA.of_id(parent_id)
            current = self.records[here.name][parent_id] if here else {}
        if here is None or here.field(path[-1]) is None:
            raise InvalidField(f"No such column '{path[-1]}'")
        if path[-1] == "Category__c":
            return None if current.get("Score__c") is None else str(current["Score__c"])
        return current.get(path[-1])

    def prefetch(self, sobject: str, records: Iterable[Mapping[str, Any]], paths: Iterable[Sequence[str]]) -> None:
        self.prefetched.append((sobject, len(list(records)), tuple(tuple(path) for path in paths)))

    def global_value(self, path: Sequence[str]) -> Any:
        return self.globals.get(tuple(path))

    def send_email(self, email: Email) -> OrgError | None:
        self.emails.append(email)
        return None

    def notify(self, notification: Notification) -> OrgError | None:
        self.notifications.append(notification)
        return None

    def spend(self, milliseconds: float) -> None:
        self.milliseconds += milliseconds
        if self.cpu_limit is not None and self.milliseconds > self.cpu_limit:
            raise LimitExceeded("Apex CPU time limit exceeded")


def _meets(record: Record, selection: Selection) -> bool:
    results = [_holds(record.get(c.field), c) for c in selection.criteria]
    if selection.logic == "or":
        return any(results)
    if selection.logic == "and":
        return all(results)
    words = selection.logic.lower().replace("(", " ( ").replace(")", " ) ").split()
    return bool(eval(" ".join(str(results[int(w) - 1]) if w.isdigit() else w for w in words)))


def _holds(value: Any, criterion: Criterion) -> bool:
    wanted = criterion.value
    if isinstance(value, str) and isinstance(wanted, str):
        value, wanted = value.casefold(), wanted.casefold()
    match criterion.operator:
        case "EqualTo":
            return bool(value == wanted)
        case "NotEqualTo":
            return bool(value != wanted)
        case "IsNull":
            return (value is None) is (wanted is not False)
        case "In":
            return value in [w.casefold() if isinstance(w, str) else w for w in wanted or []]
        case "NotIn":
            return value not in (wanted or [])
        case "Contains":
            return wanted in (value or "")
        case "StartsWith":
            return (value or "").startswith(wanted)
        case "GreaterThan":
            return value is not None and value > wanted
        case "LessThanOrEqualTo":
            return value is not None and value <= wanted
    raise NotImplementedError(criterion.operator)


def number(value: str | int) -> Decimal:
    return Decimal(value)
