"""Governor limits of one transaction: counted always, enforced when the org's settings say so.

Facts: Apex Developer Guide, "Execution Governors and Limits"; Flow Builder help, "Flow Limits per Transaction".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, Self

from ..errors import LimitExceeded


@dataclass(frozen=True, slots=True)
class Caps:
    """The most that one transaction may use; CPU in milliseconds."""

    soql: int = 100
    """SOQL queries"""
    rows: int = 50_000
    """rows that queries read"""
    dml: int = 150
    """DML statements"""
    dml_rows: int = 10_000
    """rows of DML statements"""
    cpu: float = 10_000
    """milliseconds of CPU, estimated"""
    duplicate_updates: int = 12
    """updates of one record in one batch"""
    depth: int = 16
    """saves within saves"""


SYNCHRONOUS = Caps()
ASYNCHRONOUS = Caps(soql=200, cpu=60_000)


@dataclass(slots=True)
class Limits:
    """The counters; every `count_…` raises LimitExceeded on a breach, which no fault path can catch."""

    caps: Caps = SYNCHRONOUS
    enforced: bool = True
    soql: int = 0
    rows: int = 0
    dml: int = 0
    dml_rows: int = 0
    cpu: float = 0.0
    updates: Counter[str] = field(default_factory=Counter)

    def count_soql(self) -> None:
        self.soql += 1
        self._check(self.soql, self.caps.soql, f"Too many SOQL queries: {self.soql}")

    def count_rows(self, rows: int) -> None:
        self.rows += rows
        self._check(self.rows, self.caps.rows, f"Too many query rows: {self.caps.rows + 1}")

    def count_dml(self, rows: int) -> None:
        self.dml += 1
        self._check(self.dml, self.caps.dml, f"Too many DML statements: {self.dml}")
        self.dml_rows += rows
        self._check(self.dml_rows, self.caps.dml_rows, f"Too many DML rows: {self.dml_rows}")

    def count_updates(self, ids: Iterable[str]) -> None:
        """Updates by flows of one record within a transaction: the thirteenth is refused."""
        for record_id in ids:
            self.updates[record_id] += 1
            self._check(
                self.updates[record_id],
                self.caps.duplicate_updates,
                "You or your organization has exceeded the maximum limit for this operation. "
                f"Maximum number of duplicate updates in one batch ({self.caps.duplicate_updates} allowed). "
                f"Attempt to update Id more than once in this Apex transaction: {record_id}",
            )

    def spend(self, milliseconds: float) -> None:
        self.cpu += milliseconds
        self._check(self.cpu, self.caps.cpu, "Apex CPU time limit exceeded")

    def check_depth(self, depth: int) -> None:
        """A save within a save within a save … is refused beyond sixteen."""
        self._check(depth, self.caps.depth, "maximum trigger depth exceeded")

    def mark(self) -> Self:
        """A copy to `rewind` to: the retry of a partial save starts with the counters it began with."""
        return deepcopy(self)

    def rewind(self, mark: Limits) -> None:
        self.soql, self.rows, self.dml, self.dml_rows, self.cpu = mark.soql, mark.rows, mark.dml, mark.dml_rows, mark.cpu
        self.updates = Counter(mark.updates)

    def used(self) -> dict[str, float]:
        return {"soql": self.soql, "rows": self.rows, "dml": self.dml, "dmlRows": self.dml_rows, "cpu": round(self.cpu, 3)}

    @property
    def most_updates(self) -> int:
        """Updates by flows of the record that was updated most often."""
        return max(self.updates.values(), default=0)

    def _check(self, used: float, cap: float, message: str) -> None:
        if self.enforced and used > cap:
            raise LimitExceeded(message)


@dataclass(slots=True)
class Consumption:
    """What the transactions under the same caps have used: how many there were, all of them together, and the most that one used."""

    caps: Caps
    count: int = 0
    total: dict[str, float] = field(default_factory=dict)
    highest: dict[str, float] = field(default_factory=dict)

    def add(self, limits: Limits) -> None:
        """A transaction that is over, committed or not."""
        used = limits.used()
        self.count += 1
        for name, value in used.items():
            self.total[name] = round(self.total.get(name, 0) + value, 3)
        for name, value in {**used, "duplicateUpdates": limits.most_updates}.items():
            self.highest[name] = max(self.highest.get(name, 0), value)

    def to_json(self) -> dict[str, Any]:
        caps = self.caps
        return {
            "count": self.count,
            "total": dict(self.total),
            "highest": dict(self.highest),
            "limits": {
                "soql": caps.soql, "rows": caps.rows, "dml": caps.dml, "dmlRows": caps.dml_rows, "cpu": caps.cpu,
                "duplicateUpdates": caps.duplicate_updates,
            },
        }  # fmt: skip
