"""Running what waits: asynchronous paths, scheduled paths and scheduled flows, in batches, each batch a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

from ..errors import LimitExceeded, NotFound, OrgError, error_class
from ..flow import LARGEST_BATCH, InterviewResult, Trigger, matching, run, scheduled_selection
from ..flow.vocabulary import Frequency
from .active_flows import ActiveFlow
from .opening import open_transaction
from .record_triggers import keep_trace
from .runtime import Runtime
from .schedules import next_run
from .transaction import Transaction
from .users import ADMIN_ID, User
from .work_queue import Kind, Work

_MOST_GENERATIONS = 100
"""Asynchronous work that leads to asynchronous work that leads to … is a flow that triggers itself for ever."""
_SCAN = 2_000

Begin = Callable[[User, int, bool], Any]
"""Opens a transaction: user, generation, trace; a context manager that commits, or rolls back when its block raises."""


class Automation:
    """`runtime` gives the current metadata; `begin` opens a Salesforce transaction on the store; `record` keeps traces."""

    def __init__(self, runtime: Callable[[], Runtime], begin: Begin, record: Callable[[list[dict[str, Any]]], None]) -> None:
        self._runtime = runtime
        self._begin = begin
        self._record = record

    def run_batch(self, now: datetime) -> dict[str, int]:
        """Runs the next batch that is due: how many interviews it had, by `async` and `scheduled`; empty when nothing is due."""
        works = self._runtime().queue.next_batch(now)
        if not works:
            return {}
        head = works[0]
        active = self._runtime().flows.get(head.flow)
        if head.kind is Kind.SCHEDULE:
            self._start_schedule(head, active)
            return {"scheduled": 0}
        count = self._run(works, active)
        return {"async" if head.kind is Kind.ASYNC else "scheduled": count}

    def synchronise(self) -> None:
        """After a deploy: schedule-triggered flows that became active get their next run, others lose theirs."""
        runtime = self._runtime()
        planned = {work.flow: work for work in runtime.queue.schedules()}
        active = {flow.name: flow for flow in runtime.flows.scheduled()}
        gone = [work for name, work in planned.items() if name not in active or work.path != _signature(active[name])]
        with runtime.store.transaction():
            runtime.queue.remove(gone)
            kept = planned.keys() - {work.flow for work in gone}
            for name in active.keys() - kept:
                self._plan(active[name], runtime.clock.now(), activated=True)

    def _plan(self, active: ActiveFlow, after: datetime, *, activated: bool = False) -> None:
        runtime = self._runtime()
        start = active.flow.start
        schedule = start.schedule if start is not None else None
        if schedule is None:
            return
        if schedule.frequency is Frequency.ON_ACTIVATE:
            due = after if activated else None
        else:
            due = next_run(schedule, runtime.organization_time_zone, after)
        if due is not None:
            sobject = active.flow.trigger_object or ""
            runtime.queue.put([Work(Kind.SCHEDULE, active.name, _signature(active), sobject, "", ADMIN_ID, due)])

    def _start_schedule(self, work: Work, active: ActiveFlow | None) -> None:
        """Plans the run after this one and queues an interview per record, or the only one of a flow without an object."""
        runtime = self._runtime()
        with runtime.store.transaction():
            runtime.queue.remove([work])
            if active is None:
                return
            # A run that was missed while the org was closed is made up for once, not once for every moment that passed.
            self._plan(active, max(work.due, runtime.clock.now()))
            sobject = active.flow.trigger_object or ""
            ids = list(_matching(runtime, active, self._user(work.user_id))) if sobject else [""]
            size = (active.flow.start.max_batch_size if active.flow.start is not None else None) or LARGEST_BATCH
            runtime.queue.put(
                Work(Kind.RECORD, active.name, "", sobject, record_id, work.user_id, work.due, size, generation=1, traced=work.traced)
                for record_id in ids
            )

    def _run(self, works: list[Work], active: ActiveFlow | None) -> int:
        """Runs interviews together; when one fails, all are undone and each runs alone, so that the others survive."""
        if active is None or works[0].generation > _MOST_GENERATIONS:
            self._drop(works, "the flow triggers itself without end" if active is not None else "")
            return 0
        try:
            return self._attempt(works, active)
        except LimitExceeded as error:
            self._give_up(works, active, error)
        except _InterviewFailedError as failed:
            if len(works) > 1:
                return sum(self._run([work], active) for work in works)
            self._give_up(works, active, failed.error, failed.trace)
        return len(works)

    def _attempt(self, works: list[Work], active: ActiveFlow) -> int:
        head = works[0]
        with self._begin(self._user(head.user_id), head.generation, head.traced) as tx:
            tx.runtime.queue.remove(works)
            triggers = _triggers(tx, works)
            if not triggers:
                return 0
            path = head.path if head.kind in (Kind.ASYNC, Kind.PATH) else None
            if path is not None and path not in active.program.paths:
                return 0
            results = run(active.program, tx.host, triggers, path=path, trace=tx.trace)
            for result in results:
                _demand_success(active, result)
                keep_trace(tx, result)
            return len(triggers)

    def _give_up(self, works: list[Work], active: ActiveFlow, error: OrgError, trace: dict[str, Any] | None = None) -> None:
        """What failed is recorded, and not tried again."""
        runtime = self._runtime()
        with runtime.store.transaction():
            runtime.queue.remove(works)
        for work in works:
            blank: dict[str, Any] = {
                "flow": active.name,
                "label": active.label,
                "path": work.path or None,
                "recordId": work.record_id or None,
                "elements": [],
            }
            self._record([{**(trace or blank), "error": str(error)}])

    def _drop(self, works: list[Work], why: str) -> None:
        runtime = self._runtime()
        with runtime.store.transaction():
            runtime.queue.remove(works)
        if why:
            text = str(error_class("MAX_DEPTH_IN_FLOW_EXECUTION")(why))
            self._record([{"flow": w.flow, "path": w.path, "recordId": w.record_id, "elements": [], "error": text} for w in works])

    def _user(self, user_id: str) -> User:
        """Who changed the record, or the default workflow user when that user is gone: Help, "Scheduled Paths"."""
        users = self._runtime().users
        try:
            user = users.of_id(user_id)
        except NotFound:
            return users.of_id(ADMIN_ID)
        return user if user.active else users.of_id(ADMIN_ID)


class _InterviewFailedError(Exception):
    def __init__(self, error: OrgError, trace: dict[str, Any] | None) -> None:
        super().__init__(str(error))
        self.error = error
        self.trace = trace


def _demand_success(active: ActiveFlow, result: InterviewResult) -> None:
    trace = result.trace.as_json() if result.trace is not None else None
    if result.error is not None:
        raise _InterviewFailedError(result.error, trace)
    for message, _ in result.custom_errors:
        raise _InterviewFailedError(error_class("FIELD_CUSTOM_VALIDATION_EXCEPTION")(message), trace)


def _triggers(tx: Transaction, works: list[Work]) -> list[Trigger]:
    """Current values, not those of the moment of the save; records that are gone have no interview any more."""
    sobject = tx.runtime.metadata.schema.get(works[0].sobject)
    if sobject is None:
        return [] if works[0].sobject else [Trigger(record={}, prior=None, is_new=False)]
    found = tx.reader.records(sobject, [work.record_id for work in works])
    records = [found[work.record_id] for work in works]
    return [Trigger(record=dict(record), prior=None, is_new=False) for record in records if record is not None]


def _matching(runtime: Runtime, active: ActiveFlow, user: User) -> Iterator[str]:
    """Ids of the records that a schedule-triggered flow runs for."""
    host = open_transaction(runtime, user, generation=1, trace=False).host
    selection = scheduled_selection(active.program, host)
    if selection is None:
        return
    sobject = runtime.metadata.schema.get(selection.sobject)
    ids = [record["Id"] for record in runtime.query.select([replace(selection, fields=("Id",))], user)[0]]
    if sobject is None or active.flow.start is None or not active.flow.start.filter_formula:
        yield from ids
        return
    for first in range(0, len(ids), _SCAN):
        found = runtime.store.records.read(sobject, ids[first : first + _SCAN])
        triggers = [Trigger(record=record, prior=None, is_new=False) for record in found.values()]
        yield from (trigger.record["Id"] for trigger in matching(active.program, host, triggers))


def _signature(active: ActiveFlow) -> str:
    """Changes when the schedule changes: the next run is planned anew."""
    schedule = active.flow.start.schedule if active.flow.start is not None else None
    return "" if schedule is None else repr(replace(schedule, line=0, column=0))
