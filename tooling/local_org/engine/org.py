"""A whole org behind one class: what front ends and tests use. Thread-safe; every answer follows its commit."""

from __future__ import annotations

import atexit
from collections import deque
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

from ..errors import OrgError
from ..schema.ids import to_18
from ..schema.person_accounts import has_person_accounts
from ..store import Store
from .automation import Automation
from .clock import Clock
from .coercion import SaveOptions
from .deploy import DeployOptions, DeployResult, deploy, package_members
from .dml import SaveResult
from .fresh_org import create_org, is_empty
from .lead_conversion import ConvertedLead, LeadConvert
from .listing import list_metadata
from .merging import MergeResult
from .metadata import OrgMetadata, load
from .org_records import OrgRecords
from .person_account_switch import switch_person_accounts
from .production import FLOW_SETTINGS, use_organization_type, with_flow_settings
from .query_result import QueryResult
from .retrieve import FileProperties, Retrieved, retrieve
from .roll_ups import recalculate
from .runtime import RefusedAction, Runtime
from .senders import verify_sender
from .settings import Settings
from .snapshots import Snapshots, clear_business_records
from .transaction import Transaction
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


class Org(OrgRecords):
    """Open one with `Org.open`; close it, or use it as a context manager. A user of None reads in system context."""

    id = ORGANIZATION_ID

    def __init__(self, store: Store, metadata: OrgMetadata, clock: Clock, settings: Settings) -> None:
        super().__init__(Runtime(store, metadata, clock, settings), self._after_commit)
        self._traces: deque[dict[str, Any]] = deque(maxlen=_MOST_TRACES)
        self._automation = Automation(lambda: self._runtime, self._units.begin, self._traces.extend)
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
            self._set_clock(moment)
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
        """Governor limits that were reached, what transactions used of them since the start, the last reset or restore, and what waits."""
        with self._units.lock:
            return {**self._units.usage(), "waiting": self._runtime.queue.count()}

    def verify_sender(self, address: str) -> None:
        """The link that was sent to an organization-wide address is followed: flows may send from it now.

        Raises:
            NotFound: no such organization-wide address.
        """
        with self._units.lock:
            verify_sender(self._runtime.store, self.metadata.schema, address)

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
            self._switch_features(settings)
            runtime = self._runtime
            runtime.settings = settings
            with runtime.store.transaction():
                runtime.store.set_meta("settings", settings.to_text())
                use_organization_type(runtime.store, runtime.metadata, settings)
        self._worker.wake()

    def refuse_actions(self, refused: RefusedAction) -> None:
        """From now on `refused` is asked before every action of a flow, with its type; an error that it answers is the action's."""
        with self._units.lock:
            self._runtime.refused_action = refused

    def snapshot(self, name: str) -> None:
        with self._units.lock:
            self._snapshots.take(name, self.now())

    def restore(self, name: str, *, keep_clock: bool = False) -> None:
        """Records, metadata, what waits, settings and the clock are as they were; with `keep_clock` it is now, and what is overdue runs.

        Raises:
            NotFound: no such snapshot.
        """
        with self._units.lock:
            store, now = self._runtime.store, self.now()
            taken_at = self._snapshots.restore(name)
            self._traces.clear()
            self._units.forget_usage()
            self._runtime.settings = Settings.from_text(store.meta("settings"))
            self._set_clock(now if keep_clock or taken_at is None else taken_at)
            self._use(load(store))
        self._worker.wake()

    def reset(self, to: str) -> None:
        """`empty`: a fresh org; `deployed`: metadata, users and permissions stay, business records go.

        Raises:
            OrgError: another word.
        """
        with self._units.lock:
            if to == "empty":
                self._snapshots.start_over(self.now())
                self._use(load(self._runtime.store))
                self._set_clock(self.now())
                self.settings = self.settings
            elif to == "deployed":
                clear_business_records(self._runtime.store, self.metadata.schema)
                with self._runtime.store.transaction():
                    self._runtime.queue.clear()
                    self._runtime.outbox.clear()
            else:
                raise OrgError(f"reset takes 'empty' or 'deployed', not '{to}'")
            self._traces.clear()
            self._units.forget_usage()

    # Behind the scenes

    def _set_clock(self, moment: datetime) -> None:
        self._runtime.clock.set(moment)
        self._runtime.store.set_meta("clock", str(self._runtime.clock.offset.total_seconds()))

    def _switch_features(self, settings: Settings) -> None:
        store, metadata = self._runtime.store, self._runtime.metadata
        if settings.person_accounts != has_person_accounts(metadata.schema):
            with store.transaction():
                switched = switch_person_accounts(store, metadata, settings.person_accounts, self.now())
                store.set_meta("settings", settings.to_text())
            self._use(switched)

    def _use(self, metadata: OrgMetadata) -> None:
        old = self._runtime
        self._runtime = Runtime(old.store, metadata, old.clock, old.settings, old.refused_action)
        old.formulas.forget()
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
