"""What goes through the save order: changes of records, in batches of one sObject."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ..errors import OrgError
from ..flow.host import Record
from ..schema.types import SObject
from .active_flows import ActiveFlow
from .object_rules import ObjectRules
from .transaction import Transaction

CHUNK = 200
"""Records that are saved together at most."""


@dataclass(slots=True, eq=False)
class Change:
    """One record on its way through a save."""

    values: Record
    """What the caller sets, typed."""
    id: str | None = None
    """Of an update; an insert gets it when it is stored."""
    record: Record = field(default_factory=dict)
    """The record as it will be: complete, changed in place by before-save flows."""
    prior: Record | None = None
    errors: list[OrgError] = field(default_factory=list)
    is_insert: bool = True

    def refuse(self, error: OrgError) -> None:
        self.errors.append(error)

    def sets(self, name: str) -> bool:
        """Whether the caller sets the field."""
        return name in self.values

    def changes(self, name: str) -> bool:
        """Whether the field's value differs from the one before the save."""
        before = None if self.prior is None else self.prior.get(name)
        return bool(self.record.get(name) != before)


class DuplicateCheck(StrEnum):
    """What duplicate rules may do about a save."""

    ON = "on"
    ALLOW_SAVE = "allowSave"
    """The caller saw the alert: only rules that block still refuse."""
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Saving:
    """How a save is done."""

    as_user: bool = False
    """Record access of the running user counts; flows run in system context."""
    automation: bool = True
    """Flows and validation rules run: merges and lead conversion move children without them."""
    duplicates: DuplicateCheck = DuplicateCheck.ON
    """Duplicate rules do not run for merges and conversions. Salesforce Help, "Things to Know About Duplicate Rules"."""


SYSTEM = Saving()


@dataclass(slots=True)
class Batch:
    """At most 200 changes of one sObject that are saved together."""

    tx: Transaction
    sobject: SObject
    rules: ObjectRules
    changes: Sequence[Change]
    insert: bool
    how: Saving
    now: datetime
    entered: list[tuple[ActiveFlow, list[Change]]] = field(default_factory=list)
    """After-save flows and the changes that met their entry criteria."""

    def alive(self) -> Iterator[Change]:
        return (change for change in self.changes if not change.errors)
