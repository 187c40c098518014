"""Who may be in the store when: one lock, one SQLite transaction per Salesforce transaction, units of work that many calls share."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from ..errors import LimitExceeded, OrgError
from .dml import SaveResult, all_or_none
from .limits import ASYNCHRONOUS, SYNCHRONOUS, Consumption, Limits
from .opening import open_transaction
from .runtime import Runtime
from .transaction import Transaction
from .users import User

T = TypeVar("T")


class _UndoneError(Exception):
    """The end of a trial."""


@dataclass(slots=True)
class _Unit:
    tx: Transaction | None = None


class Units:
    """`runtime` gives the current metadata; `committed` hears of every transaction after its commit."""

    def __init__(self, runtime: Callable[[], Runtime], committed: Callable[[Transaction], None]) -> None:
        self.lock = threading.RLock()
        self.limits_reached: list[str] = []
        self._consumption = (Consumption(SYNCHRONOUS), Consumption(ASYNCHRONOUS))
        self._runtime = runtime
        self._committed = committed
        self._unit: _Unit | None = None
        self._shared: Limits | None = None

    @contextmanager
    def begin(self, user: User, generation: int = 0, trace: bool | None = None) -> Iterator[Transaction]:
        """A Salesforce transaction: committed at the end of the block, undone when it raises."""
        with self.lock:
            runtime = self._runtime()
            tx = open_transaction(runtime, user, generation=generation, trace=trace)
            if self._shared is not None and not generation:
                tx.limits = self._shared
            try:
                with self._undoing(lambda: tx), runtime.store.transaction():
                    yield tx
            finally:
                if tx.limits is not self._shared:
                    self._note(tx.limits)
            self._committed(tx)

    @contextmanager
    def trial(self, user: User) -> Iterator[Transaction]:
        """A Salesforce transaction that is undone at the end of the block, whatever happened in it."""
        with self.lock:
            tx = open_transaction(self._runtime(), user, trace=True)
            try:
                with self._runtime().store.transaction():
                    yield tx
                    raise _UndoneError
            except _UndoneError:
                pass
            finally:
                tx.forget_setup()

    @contextmanager
    def unit_of_work(self) -> Iterator[None]:
        """All calls within are one transaction: rolled back when the block raises."""
        with self.lock:
            if self._unit is not None:
                yield
                return
            unit = self._unit = _Unit()
            try:
                with self._undoing(lambda: unit.tx), self._runtime().store.transaction():
                    yield
            finally:
                self._unit = None
                if unit.tx is not None:
                    self._note(unit.tx.limits)
            if unit.tx is not None:
                self._committed(unit.tx)

    @contextmanager
    def shared_limits(self) -> Iterator[None]:
        """Transactions within count their limits together (a composite call under the setting `composite_limits: call`)."""
        with self.lock:
            shared = self._shared = Limits(enforced=self._runtime().settings.governor_limits)
            try:
                yield
            finally:
                self._shared = None
                self._note(shared)

    def usage(self) -> dict[str, Any]:
        """Limits that were reached, and what transactions used of them, since the last `forget_usage`; trials are left out."""
        synchronous, asynchronous = (consumption.to_json() for consumption in self._consumption)
        return {
            "limitsReached": list(self.limits_reached),
            "transactions": {"synchronous": synchronous, "asynchronous": asynchronous},
        }

    def forget_usage(self) -> None:
        self.limits_reached.clear()
        self._consumption = (Consumption(SYNCHRONOUS), Consumption(ASYNCHRONOUS))

    def _note(self, limits: Limits) -> None:
        for consumption in self._consumption:
            if consumption.caps is limits.caps:
                consumption.add(limits)

    @contextmanager
    def _undoing(self, transaction: Callable[[], Transaction | None]) -> Iterator[None]:
        """Notes breached limits, and forgets what was remembered of users and permissions when the block raises."""
        try:
            yield
        except BaseException as error:
            if isinstance(error, LimitExceeded):
                self.limits_reached.append(error.message)
            tx = transaction()
            if tx is not None:
                tx.forget_setup()
            raise

    def run(
        self, user: User, statement: Callable[[Transaction], list[SaveResult]], count: int, *, together: bool, trace: bool | None
    ) -> list[SaveResult]:
        """One DML call of a client; a breached limit refuses all its records, or ends the unit of work it belongs to.

        Raises:
            LimitExceeded: within a unit of work.
        """
        with self.lock:
            if self._unit is not None:
                return _statement(self._joined(self._unit, user, trace), statement, together=together)
            try:
                with self.begin(user, trace=trace) as tx:
                    return _statement(tx, statement, together=together)
            except LimitExceeded as error:
                return failed(error, count)

    def join(self, user: User, work: Callable[[Transaction], T]) -> T:
        """Work that is done or not done as a whole: within the unit of work, or as a transaction of its own.

        Raises:
            OrgError: what the work raises; it is undone then.
        """
        with self.lock:
            if self._unit is None:
                with self.begin(user) as tx:
                    return work(tx)
            tx = self._joined(self._unit, user, None)
            mark = tx.mark()
            try:
                with tx.runtime.store.savepoint():
                    return work(tx)
            except OrgError:
                tx.rewind(mark)
                raise

    def _joined(self, unit: _Unit, user: User, trace: bool | None) -> Transaction:
        if unit.tx is None:
            unit.tx = open_transaction(self._runtime(), user, trace=trace)
        return unit.tx


def failed(error: OrgError, count: int) -> list[SaveResult]:
    return [SaveResult(None, False, (error,)) for _ in range(count)]


def _statement(tx: Transaction, statement: Callable[[Transaction], list[SaveResult]], *, together: bool) -> list[SaveResult]:
    return all_or_none(tx, lambda: statement(tx)) if together else statement(tx)
