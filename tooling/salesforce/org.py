"""What the bridge asks of an org: values and the `TargetOrg` protocol."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from tooling.errors import NpsError

Row = Mapping[str, Any]
"""A record as REST shows it: field name → JSON value, `attributes` included."""


class Operation(StrEnum):
    INSERT = "insert"
    UPDATE = "update"
    UPSERT = "upsert"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Write:
    """Records of one sObject to be saved the same way.

    `key` is the external ID field of an upsert. For an insert it is the unique field by which a call that timed out
    is read back before it is repeated. Updates and deletes carry `Id` in each row.
    """

    operation: Operation
    sobject: str
    rows: Sequence[Row]
    key: str | None = None
    allow_duplicates: bool = True
    """Whether a record passes a duplicate rule that alerts: nobody is there to confirm it."""


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What became of one record. `code`, `message` and `fields` are Salesforce's, of the first error."""

    id: str | None
    success: bool
    created: bool = False
    code: str = ""
    message: str = ""
    fields: tuple[str, ...] = ()
    attempts: int = 1


@dataclass(frozen=True, slots=True)
class ApiUsage:
    """API calls of the org in the last 24 hours, and how many it grants."""

    used: int
    total: int


@dataclass(frozen=True, slots=True)
class Identity:
    """Who writes, and where: printed before anything is written."""

    org_id: str
    user_id: str
    username: str
    host: str


@dataclass(frozen=True, slots=True)
class FieldDescribe:
    name: str
    type: str
    label: str = ""
    length: int = 0
    createable: bool = False
    updateable: bool = False
    nillable: bool = True
    unique: bool = False
    external_id: bool = False
    calculated: bool = False
    reference_to: tuple[str, ...] = ()
    relationship: str | None = None
    picklist: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ObjectDescribe:
    """An sObject as the connected user sees it: fields they may not see are absent."""

    name: str
    createable: bool = False
    updateable: bool = False
    queryable: bool = False
    fields: Mapping[str, FieldDescribe] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        return name in self.fields


class TargetOrg(Protocol):
    """An org that can be asked and written to. Every method may raise `Unreachable`, `SessionExpired` or `OrgRefused`."""

    @property
    def identity(self) -> Identity: ...

    @property
    def calls(self) -> int:
        """API calls made through this object."""
        ...

    @property
    def usage(self) -> ApiUsage | None:
        """As the last answer told; None before the first."""
        ...

    def now(self) -> datetime:
        """The org's time (UTC), from its own answers: never the machine's."""
        ...

    def query(self, soql: str) -> list[Row]:
        """All records of the query, every page."""
        ...

    def query_many(self, queries: Sequence[str], *, include_deleted: bool = False, along: Write | None = None) -> list[list[Row]]:
        """All records of each query, in order; five queries travel in one call. `along`: an upsert of one record that goes with them.

        Raises:
            OrgRefused: also when the record of `along` was not saved.
        """
        ...

    def describe_and_query(
        self, names: Sequence[str], queries: Sequence[str]
    ) -> tuple[Mapping[str, ObjectDescribe | None], list[list[Row] | NpsError]]:
        """Describes and up to five queries in one call. A query about something the user may not see is an error beside the others."""
        ...

    def bulk_query(self, query: str) -> Iterator[Mapping[str, str]]:
        """All records of a query by Bulk API 2.0, as texts, page by page; nothing is kept."""
        ...

    def describe(self, names: Sequence[str]) -> Mapping[str, ObjectDescribe | None]:
        """Each sObject as the user sees it, None for one that does not exist for them. Kept for the life of this object."""
        ...

    @property
    def writers(self) -> int:
        """How many calls may run side by side."""
        ...

    def write(self, writes: Sequence[Write], *, together: bool = False, bulk: bool = False) -> list[list[RowOutcome]]:
        """Saves all rows, one outcome per row, in order. A refused row never costs its neighbours.

        Args:
            writes: what to save.
            together: in as few calls as possible, one after another, instead of side by side.
            bulk: by Bulk API 2.0, whose outcomes have no ids.
        """
        ...
