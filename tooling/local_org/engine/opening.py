"""Makes transactions: limits of their kind, a reader of records, and the host that flow interviews talk to."""

from __future__ import annotations

from .flow_host import FlowHost, OrganizationZoneHost
from .limits import ASYNCHRONOUS, SYNCHRONOUS, Limits
from .record_values import RecordReader
from .runtime import Runtime
from .transaction import Transaction
from .users import User


def open_transaction(runtime: Runtime, user: User, *, generation: int = 0, trace: bool | None = None) -> Transaction:
    """A transaction that has done nothing yet; the store's transaction is the caller's. With a generation it is asynchronous."""
    tx = Transaction(
        runtime=runtime,
        user=user,
        limits=Limits(ASYNCHRONOUS if generation else SYNCHRONOUS, enforced=runtime.settings.governor_limits),
        trace=runtime.settings.trace if trace is None else trace,
        reader=RecordReader(runtime, user),
        generation=generation,
    )
    tx.host = FlowHost(tx)
    tx.organization_host = OrganizationZoneHost(tx)
    return tx
