"""What a flow interview may ask of the org it runs in. The engine satisfies it and imports `flow`, never the other way round."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Protocol, runtime_checkable

from ..errors import OrgError
from ..schema.types import Schema

Record = dict[str, Any]
"""Canonical field name to typed value (see `schema.values`); stored fields only, formula fields are asked of the host."""


class NullTraversal(Exception):
    """A path led through an empty lookup: null in a formula, a fault everywhere else in a flow."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """One filter line of a Get, Update or Delete element, its right side already evaluated."""

    field: str
    operator: str
    """A FlowRecordFilterOperator of the Metadata API: EqualTo, NotEqualTo, IsNull, In …"""
    value: Any


@dataclass(frozen=True, slots=True)
class Selection:
    """What one interview wants to read."""

    sobject: str
    criteria: tuple[Criterion, ...]
    logic: str = "and"
    """`and`, `or`, or a custom logic such as `1 AND (2 OR 3)`."""
    fields: tuple[str, ...] | None = None
    """None: every field of the object, as "automatically store all fields" does."""
    order_by: str | None = None
    descending: bool = False
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of one record of a DML statement."""

    id: str | None
    error: OrgError | None = None
    created: bool = False


@dataclass(frozen=True, slots=True)
class Email:
    to: tuple[str, ...]
    subject: str
    body: str
    html: bool = False
    sender_type: str = "CurrentUser"
    sender_address: str | None = None
    recipient_id: str | None = None
    related_record_id: str | None = None
    log_on_send: bool = False
    template_id: str | None = None
    """An EmailTemplate that gives subject and body."""
    cc: tuple[str, ...] = ()
    bcc: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Notification:
    type_id: str
    recipient_ids: tuple[str, ...]
    title: str
    body: str
    target_id: str | None = None


class Host(Protocol):
    """One transaction of the org, seen from a flow. Everything here raises LimitExceeded when a governor limit is reached."""

    @property
    def schema(self) -> Schema: ...

    @property
    def time_zone(self) -> tzinfo:
        """Of the running user."""

    @property
    def running_user_id(self) -> str: ...

    def now(self) -> datetime:
        """The org's time, aware, UTC."""

    def select(self, selections: Sequence[Selection]) -> list[list[Record]]:
        """The records each selection finds; counts as ONE SOQL statement whatever the number of selections."""

    def insert(self, sobject: str, records: Sequence[Record]) -> list[Saved]:
        """One DML statement; a refused record does not stop the others."""

    def update(self, sobject: str, records: Sequence[Record]) -> list[Saved]:
        """One DML statement; each record carries Id and the fields to change."""

    def upsert(self, sobject: str, records: Sequence[Record], key_field: str, together: Sequence[int] = ()) -> list[Saved]:
        """One DML statement. `together` gives each record the number of its group: of a group all records are saved, or none."""

    def delete(self, sobject: str, ids: Sequence[str]) -> list[Saved]: ...

    def resolve(self, sobject: str, record: Mapping[str, Any], path: Sequence[str]) -> Any:
        """The value at a field path seen from a record: stored and formula fields, parents (`Account.Owner.Name`), case-insensitive.

        Raises:
            NullTraversal: a lookup on the way is empty.
            OrgError: the path names no field.
        """

    def prefetch(self, sobject: str, records: Iterable[Mapping[str, Any]], paths: Iterable[Sequence[str]]) -> None:
        """Reads the parents that `resolve` will be asked for, all at once."""

    def global_value(self, path: Sequence[str]) -> Any:
        """`$User.X`, `$Profile.X`, `$Organization.X`, `$Setup.Obj__c.F__c`, `$Permission.X`, `$Label.X`, `$CustomMetadata.T__mdt.R.F__c`,
        `$Api.X`.
        """

    def send_email(self, email: Email) -> OrgError | None:
        """Captures an e-mail; the error a refusing org answers (unverified sender, limit), else None."""

    def notify(self, notification: Notification) -> OrgError | None: ...

    def spend(self, milliseconds: float) -> None:
        """Adds to the transaction's CPU time, by a fixed cost table: the same on every machine."""


@runtime_checkable
class SendsEmailAlerts(Protocol):
    """A host that knows workflow e-mail alerts. Without it, an alert action takes its fault path."""

    def send_email_alert(self, full_name: str, record_id: str) -> OrgError | None:
        """Sends the alert `Object.Alert_Name` for a record; the error a refusing org answers, else None."""
