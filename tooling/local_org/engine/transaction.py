"""One Salesforce transaction: its running user, its governor limits, what it has read, and where it can go back to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from ..errors import OrgError
from ..flow import InterviewTrace
from ..flow.host import Host
from .limits import Limits
from .record_values import RecordReader
from .runtime import Runtime
from .users import User


class Traced(Protocol):
    """The record an interview runs for."""

    id: str | None
    errors: list[OrgError]


@dataclass(slots=True)
class Trace:
    """What an interview did, and the record it ran for, whose id a before-save flow does not know yet."""

    interview: InterviewTrace
    change: Traced | None = None
    limits: dict[str, float] = field(default_factory=dict)
    """What the whole transaction had used when the interview ended."""

    def to_json(self) -> dict[str, Any]:
        found = {**self.interview.as_json(), "transaction": self.limits}
        if self.change is not None:
            found["recordId"] = found.get("recordId") or self.change.id
            if self.change.errors:
                found["error"] = str(self.change.errors[0])
        return found


@dataclass(slots=True)
class Mark:
    """A point to go back to."""

    limits: Limits
    ran: frozenset[tuple[str, str]]
    traces: int
    queued: bool


@dataclass
class Transaction:
    """Lives within exactly one SQLite transaction; the store's savepoints are its savepoints. `opening.open_transaction` makes them."""

    runtime: Runtime
    user: User
    limits: Limits
    trace: bool
    reader: RecordReader
    host: Host = field(init=False)
    """What flow interviews of this transaction talk to."""
    organization_host: Host = field(init=False)
    """The same in the organization's time zone, which scheduled paths count in."""
    generation: int = 0
    """How many asynchronous transactions led to this one."""
    depth: int = 0
    ran: set[tuple[str, str]] = field(default_factory=set)
    """(flow, record id) that ran already, for the hypothesis that a flow does not re-enter."""
    traces: list[Trace] = field(default_factory=list)
    queued: bool = False
    """Whether automation was queued that runs after commit."""
    setup_changed: bool = False
    """Whether users, permissions or queues were changed: what is remembered of them is stale after the save and after its rollback."""

    @contextmanager
    def nested(self) -> Iterator[None]:
        """One save deeper: a save that a flow causes within a save."""
        self.depth += 1
        try:
            self.limits.check_depth(self.depth)
            yield
        finally:
            self.depth -= 1

    def forget_setup(self) -> None:
        if self.setup_changed:
            self.runtime.setup_changed()

    def mark(self) -> Mark:
        return Mark(self.limits.mark(), frozenset(self.ran), len(self.traces), self.queued)

    def rewind(self, mark: Mark) -> None:
        """After the store went back to a savepoint: nothing that was read since holds any longer."""
        self.limits.rewind(mark.limits)
        self.ran = set(mark.ran)
        # What refused a record stays to be looked at; the others run again.
        self.traces[mark.traces :] = [trace for trace in self.traces[mark.traces :] if trace.change is not None and trace.change.errors]
        self.queued = mark.queued
        self.forget_setup()
        self.reader.forget_all()
