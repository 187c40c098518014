"""A whole org behind one class: what front ends and tests use. Thread-safe; every answer follows its commit."""

from __future__ import annotations

import atexit
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

from ..errors import MalformedId, NotFound, OrgError
from ..schema.describe import describe_global_entry, describe_sobject
from ..schema.ids import to_18
from ..schema.types import SObject
from ..schema.values import from_json
from ..store import Store
from .automation import Automation
from .client_calls import ClientCalls
from .clock import Clock
from .coercion import SaveOptions, matches
from .deploy import DeployOptions, DeployResult, deploy, package_members
from .dml import SaveResult
from .fresh_org import create_org, is_empty
from .lead_conversion import ConvertedLead, LeadConvert, convert_lead
from .listing import list_metadata
from .merging import MergeResult, merge
from .metadata import OrgMetadata, load
from .opening import open_transaction
from .production import FLOW_SETTINGS, use_organization_type, with_flow_settings
from .query_result import QueryResult
from .retrieve import FileProperties, Retrieved, retrieve
from .roll_ups import recalculate
from .runtime import Runtime
from .settings import Settings
from .snapshots import Snapshots, clear_business_records
from .transaction import Transaction
from .units import Units
from .users import ADMIN_TOKEN, ORGANIZATION_ID, User
from .worker import Worker

__all__ = [
    "ADMIN_TOKEN",
    "ConvertedLead",
    "DeployOptions",
    "DeployResult",
    "LeadConvert",
    "MergeResult",
    "Org",
    "QueryResult",
    "SaveOptions",
    "SaveResult",
    "User",
]

_MOST_TRACES = 1_000
RecordJson = Mapping[str, Any]


class Org:
    """Open one with `Org.open`; close it, or use it as a context manager. A user of None reads in system context."""

    id = ORGANIZATION_ID

    def __init__(self, store: Store, metadata: OrgMetadata, clock: Clock, settings: Settings) -> None:
        self._runtime = Runtime(store, metadata, clock, settings)
        self._traces: deque[dict[str, Any]] = deque(maxlen=_MOST_TRACES)
        self._units = Units(lambda: self._runtime, self._after_commit)
        self._automation = Automation(lambda: self._runtime, self._units.begin, self._traces.extend)
        self._calls = ClientCalls(self._units, lambda: self._runtime)
        self._snapshots = Snapshots(store)
        self._worker = Worker(self._automatic_step)
        self._closed = False
        self._automation.synchronise()
        self._worker.start()
        # A thread that still holds the store while the interpreter goes down crashes it.
        atexit.register(self.close)

    @classmethod
    def open(cls, data: Path | None = None, *, clock: datetime | None = None) -> Self:
        """The org kept in the folder `data`, made when absent; without a folder a temporary one. `clock` is an aware start time."""
        if data is not None:
            data.mkdir(parents=True, exist_ok=True)
        store = Store.open(None if data is None else data / "org.sqlite")
        offset = float(store.meta("clock") or 0)
        ticking = Clock(clock, offset=timedelta(seconds=offset))
        store.set_meta("clock", str(ticking.offset.total_seconds()))
        metadata = create_org(store, ticking.now()) if is_empty(store) else load(store)
        return cls(store, metadata, ticking, Settings.from_text(store.meta("settings")))

    def close(self) -> None:
        """Waits for the automation that runs at the moment; what is queued stays queued."""
        if not self._closed:
            self._closed = True
            atexit.unregister(self.close)
            self._worker.stop()
            with self._units.lock:
                self._runtime.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    # Metadata

    @property
    def metadata(self) -> OrgMetadata:
        return self._runtime.metadata

    def deploy(self, user: User, source: bytes | Mapping[str, bytes], options: DeployOptions | None = None) -> DeployResult:
        """Deploys a zip or its files; all problems are in the result, and nothing changed when there are any."""
        with self._units.lock:
            runtime = self._runtime
            chosen = options or DeployOptions(production=self.settings.production)
            result, metadata = deploy(runtime.store, runtime.metadata, source, chosen, user=user, now=self.now())
            if metadata is not runtime.metadata:
                self._use(metadata)
                with runtime.store.transaction():
                    recalculate(self._runtime, runtime.metadata.schema)
            return result

    def retrieve_metadata(
        self, members: Iterable[tuple[str, str]], *, api_version: str = "66.0", package_name: str | None = None
    ) -> Retrieved:
        """Deployed components as files, asked for by (type, full name or `*`)."""
        asked = list(members)
        found = retrieve(self.metadata, [one for one in asked if one != FLOW_SETTINGS], api_version=api_version, package_name=package_name)
        return with_flow_settings(found, self.settings, asked)

    def list_metadata(self, kind: str, folder: str | None = None) -> tuple[FileProperties, ...]:
        return list_metadata(self.metadata, kind, folder)

    def package_members(self, name: str) -> tuple[tuple[str, str], ...] | None:
        """What was deployed into an unmanaged package; None when no package of that name ever came."""
        with self._units.lock:
            return package_members(self._runtime.store, name)

    def describe_global(self, user: User | None) -> list[dict[str, Any]]:
        """One entry per sObject that the user may see."""
        with self._units.lock:
            access = self._runtime.access
            return [
                describe_global_entry(sobject, self.metadata.schema, access.object(user, sobject.name))
                for sobject in self.metadata.schema
                if access.object(user, sobject.name).read
            ]

    def describe(self, user: User | None, sobject: str) -> dict[str, Any]:
        """Raises NotFound: no such sObject, or none the user may see."""
        with self._units.lock:
            return describe_sobject(self._visible(user, sobject), self.metadata.schema, self._runtime.access, user)

    # Reading

    def query(
        self, user: User | None, soql: str, *, api_version: str = "66.0", include_deleted: bool = False, tooling: bool = False
    ) -> QueryResult:
        """Raises MalformedQuery, InvalidField, InvalidType as Salesforce words them."""
        with self._units.lock:
            return self._runtime.query.run(soql, user, api_version=api_version, include_deleted=include_deleted, tooling=tooling)

    def retrieve(
        self, user: User | None, sobject: str, ids: Sequence[str], fields: Sequence[str] | None = None, *, api_version: str = "66.0"
    ) -> list[dict[str, Any] | None]:
        """JSON-ready records in the order of the ids, None for those the user cannot see; `fields` None means all readable ones.

        Raises:
            NotFound: no such sObject. InvalidField: no such field.
        """
        with self._units.lock:
            found = self._visible(user, sobject)
            wanted = {raw: record_id for raw in ids if (record_id := _id_or_none(raw)) is not None}
            names = list(fields) if fields is not None else self._readable(user, found)
            listed = ", ".join(f"'{record_id}'" for record_id in dict.fromkeys(wanted.values()))
            if not listed:
                return [None] * len(ids)
            selected = dict.fromkeys(["Id", *names])
            soql = f"SELECT {', '.join(selected)} FROM {found.name} WHERE Id IN ({listed})"
            records = {record["Id"]: record for record in self.query(user, soql, api_version=api_version).records}
            if fields is not None and "id" not in {name.lower() for name in fields}:
                for record in records.values():
                    record.pop("Id")
            return [records.get(wanted.get(raw, "")) for raw in ids]

    def ids_by_key(self, user: User, sobject: str, field: str, value: str) -> list[str]:
        """Ids of the records whose external id (or id-lookup) field has the value.

        Raises:
            NotFound: no such sObject or field.
        """
        with self._units.lock:
            found = self._visible(user, sobject)
            key = found.field(field)
            if key is None or not (key.external_id or key.id_lookup or key.name == "Id"):
                raise NotFound("The requested resource does not exist")
            tx = open_transaction(self._runtime, user)
            matched = matches(tx, found, key, [from_json(key, value)])
            return [record_id for ids in matched.values() for record_id in ids]

    # DML

    def insert(
        self, user: User, records: Sequence[RecordJson], *, all_or_none: bool = False, options: SaveOptions | None = None
    ) -> list[SaveResult]:
        """Results in the order of the records, which name their sObject in `attributes.type`."""
        return self._calls.insert(user, records, all_or_none=all_or_none, options=options or SaveOptions())

    def update(
        self, user: User, records: Sequence[RecordJson], *, all_or_none: bool = False, options: SaveOptions | None = None
    ) -> list[SaveResult]:
        """Each record carries its `Id` (or `id`)."""
        return self._calls.update(user, records, all_or_none=all_or_none, options=options or SaveOptions())

    def upsert(
        self,
        user: User,
        sobject: str,
        key_field: str,
        records: Sequence[RecordJson],
        *,
        all_or_none: bool = False,
        options: SaveOptions | None = None,
    ) -> list[SaveResult]:
        """Raises InvalidField: the key field is no external id, id-lookup field or Id. NotFound: no such sObject."""
        found = self._visible(user, sobject)
        return self._calls.upsert(user, found, key_field, records, all_or_none=all_or_none, options=options or SaveOptions())

    def delete(self, user: User, ids: Sequence[str], *, all_or_none: bool = False, options: SaveOptions | None = None) -> list[SaveResult]:
        return self._calls.delete(user, ids, all_or_none=all_or_none, options=options or SaveOptions())

    def undelete(self, user: User, ids: Sequence[str], *, all_or_none: bool = False) -> list[SaveResult]:
        return self._calls.undelete(user, ids, all_or_none=all_or_none)

    def convert_lead(self, user: User, wanted: LeadConvert) -> ConvertedLead:
        """Raises OrgError: the lead cannot be converted; nothing is saved then."""
        return self._units.join(user, lambda tx: convert_lead(tx, wanted))

    def merge(self, user: User, sobject: str, master: RecordJson, losers: Sequence[str]) -> MergeResult:
        """Raises OrgError: the records cannot be merged; nothing is saved then."""
        found = self._visible(user, sobject)
        return self._units.join(user, lambda tx: merge(tx, found, master, losers))

    @contextmanager
    def unit_of_work(self) -> Iterator[None]:
        """Everything inside is one transaction, rolled back when the block raises."""
        with self._units.unit_of_work():
            yield

    @contextmanager
    def shared_limits(self) -> Iterator[None]:
        """Calls inside stay transactions of their own, and count their governor limits together."""
        with self._units.shared_limits():
            yield

    def trial(self, user: User) -> AbstractContextManager[Transaction]:
        """A transaction that is undone at the end of the block: what a test does leaves nothing behind."""
        return self._units.trial(user)

    # Time and automation

    def now(self) -> datetime:
        return self._runtime.clock.now()

    def advance(self, span: timedelta) -> None:
        """Steps the clock forward through every moment at which something is due."""
        self.set_now(self.now() + span)

    def set_now(self, moment: datetime) -> None:
        """Sets the clock. On the way forward it stops at every moment at which something is due, and runs it."""
        with self._units.lock:
            self.run_async()
            while (due := self._runtime.queue.next_due()) is not None and self.now() < due <= moment:
                self._runtime.clock.set(due)
                self.run_async()
            self._runtime.clock.set(moment)
            self._runtime.store.set_meta("clock", str(self._runtime.clock.offset.total_seconds()))
            self.run_async()

    def run_async(self) -> dict[str, int]:
        """Runs all that is due, until nothing is: how many interviews ran, asynchronous and scheduled."""
        counts = {"async": 0, "scheduled": 0}
        while True:
            with self._units.lock:
                ran = self._automation.run_batch(self.now())
            if not ran:
                return counts
            for kind, count in ran.items():
                counts[kind] += count

    def emails(self) -> list[dict[str, Any]]:
        """Captured e-mails, oldest first."""
        with self._units.lock:
            return self._runtime.outbox.emails()

    def notifications(self) -> list[dict[str, Any]]:
        """Captured custom notifications, oldest first."""
        with self._units.lock:
            return self._runtime.outbox.notifications()

    def interviews(self) -> list[dict[str, Any]]:
        """Traces of the last 1,000 flow interviews, oldest first."""
        with self._units.lock:
            return list(self._traces)

    def usage(self) -> dict[str, Any]:
        """Governor limits that were reached, and what waits."""
        with self._units.lock:
            return {"limitsReached": list(self._units.limits_reached), "waiting": self._runtime.queue.count()}

    # Users

    def user_of_token(self, token: str) -> User:
        """Raises InvalidSession: unknown or expired token."""
        with self._units.lock:
            return self._runtime.users.of_token(token)

    def issue_token(self, user_id: str) -> str:
        with self._units.lock, self._runtime.store.transaction():
            return self._runtime.users.issue_token(to_18(user_id))

    def user_named(self, username: str) -> User:
        """Raises NotFound: no such user."""
        with self._units.lock:
            return self._runtime.users.named(username)

    # The org itself

    @property
    def settings(self) -> Settings:
        return self._runtime.settings

    @settings.setter
    def settings(self, settings: Settings) -> None:
        with self._units.lock:
            runtime = self._runtime
            runtime.settings = settings
            with runtime.store.transaction():
                runtime.store.set_meta("settings", settings.to_text())
                use_organization_type(runtime.store, runtime.metadata, settings)
        self._worker.wake()

    def snapshot(self, name: str) -> None:
        with self._units.lock:
            self._snapshots.take(name)

    def restore(self, name: str) -> None:
        """Raises NotFound: no such snapshot."""
        with self._units.lock:
            self._snapshots.restore(name)
            self._use(load(self._runtime.store))

    def reset(self, to: str) -> None:
        """`empty`: a fresh org; `deployed`: metadata, users and permissions stay, business records go.

        Raises:
            OrgError: another word.
        """
        with self._units.lock:
            if to == "empty":
                self._snapshots.start_over(self.now())
                self._use(load(self._runtime.store))
            elif to == "deployed":
                clear_business_records(self._runtime.store, self.metadata.schema)
                with self._runtime.store.transaction():
                    self._runtime.queue.clear()
                    self._runtime.outbox.clear()
            else:
                raise OrgError(f"reset takes 'empty' or 'deployed', not '{to}'")
            self._traces.clear()
            self._units.limits_reached.clear()

    # Behind the scenes

    def _use(self, metadata: OrgMetadata) -> None:
        old = self._runtime
        self._runtime = Runtime(old.store, metadata, old.clock, old.settings)
        self._automation.synchronise()

    def _after_commit(self, tx: Transaction) -> None:
        self._traces.extend(trace.to_json() for trace in tx.traces)
        if tx.queued:
            self._worker.wake()

    def _automatic_step(self) -> bool:
        with self._units.lock:
            if self._closed or self._runtime.settings.async_paths != "immediate":
                return False
            return bool(self._automation.run_batch(self.now()))

    def _visible(self, user: User | None, name: str) -> SObject:
        found = self.metadata.schema.get(name)
        if found is None or not self._runtime.access.object(user, found.name).read:
            raise NotFound("The requested resource does not exist")
        return found

    def _readable(self, user: User | None, sobject: SObject) -> list[str]:
        return [field.name for field in sobject.fields if self._runtime.access.can_read(user, sobject.name, field.name)]


def _id_or_none(raw: str) -> str | None:
    try:
        return to_18(raw)
    except MalformedId:
        return None
