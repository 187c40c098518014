"""Record-triggered flows within a save: which run for which records, what their failure means, what they leave to do after the commit."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import ValidationRuleRefused
from ..flow import InterviewResult, ScheduledPath, Trigger, due_paths, matching, run
from .active_flows import ActiveFlow
from .batch import Batch, Change
from .transaction import Trace, Transaction
from .work_queue import Kind, Work


def has_before_save(batch: Batch) -> bool:
    return bool(batch.tx.runtime.flows.before_save(batch.sobject.name, insert=batch.insert))


def before_save(batch: Batch) -> None:
    for active in batch.tx.runtime.flows.before_save(batch.sobject.name, insert=batch.insert):
        _interview(batch.tx, active, _entering(batch, active, list(batch.alive())))


def after_save(batch: Batch) -> None:
    for active in batch.tx.runtime.flows.after_save(batch.sobject.name, insert=batch.insert):
        entering = _entering(batch, active, list(batch.alive()))
        batch.entered.append((active, entering))
        if active.runs_at_once:
            _interview(batch.tx, active, entering)


def before_delete(tx: Transaction, sobject: str, changes: Sequence[Change]) -> None:
    """Flows that run before records are deleted; a custom error or a fault keeps the record."""
    for active in tx.runtime.flows.before_delete(sobject):
        alive = [change for change in changes if not change.errors]
        _interview(tx, active, _matching(tx, active, alive))


def queue_paths(batch: Batch) -> None:
    works: list[Work] = []
    for active, entered in batch.entered:
        matched = [change for change in entered if not change.errors]
        if active.has_timed_paths and not batch.insert:
            works += _reconsider(batch, active, {change.id for change in matched})
        if active.has_paths:
            works += [work for change in matched for work in _due(batch, active, change)]
    if works:
        batch.tx.runtime.queue.put(works)
        batch.tx.queued = True


def _entering(batch: Batch, active: ActiveFlow, changes: list[Change]) -> list[Change]:
    tx = batch.tx
    if batch.sobject.name == "Contact" and not tx.runtime.settings.person_contact_flows:
        changes = [change for change in changes if not change.record.get("IsPersonAccount")]
    if not tx.runtime.settings.reenter:
        changes = [change for change in changes if change.id is None or (active.name, change.id) not in tx.ran]
    entering = _matching(tx, active, changes)
    if not tx.runtime.settings.reenter:
        tx.ran.update((active.name, change.id) for change in entering if change.id is not None)
    return entering


def _matching(tx: Transaction, active: ActiveFlow, changes: Sequence[Change]) -> list[Change]:
    triggers = [_trigger(change) for change in changes]
    met = {id(trigger) for trigger in matching(active.program, tx.host, triggers)}
    return [change for change, trigger in zip(changes, triggers, strict=True) if id(trigger) in met]


def _interview(tx: Transaction, active: ActiveFlow, changes: list[Change]) -> None:
    if not changes:
        return
    results = run(active.program, tx.host, [_trigger(change) for change in changes], trace=tx.trace)
    for change, result in zip(changes, results, strict=True):
        keep_trace(tx, result, change)
        for message, field in result.custom_errors:
            change.refuse(ValidationRuleRefused(message, (field,) if field else ()))
        if result.error is not None:
            change.refuse(result.error)


def keep_trace(tx: Transaction, result: InterviewResult, change: Change | None = None) -> None:
    if tx.trace and result.trace is not None:
        tx.traces.append(Trace(result.trace, change, tx.limits.used()))


def _trigger(change: Change) -> Trigger:
    return Trigger(record=change.record, prior=change.prior, is_new=change.is_insert)


def _reconsider(batch: Batch, active: ActiveFlow, entered: set[str | None]) -> list[Work]:
    """Pending scheduled paths of records that are saved again.

    A record that enters again starts its paths anew. Of the others, one that no longer meets the criteria loses them, and a changed date
    moves them. Criteria that speak of a change cannot be asked again: their pending paths stay (not specified publicly).
    """
    queue = batch.tx.runtime.queue
    alive = {change.id: change for change in batch.alive() if change.id is not None}
    pending = queue.pending_paths(active.name, list(alive))
    waiting = {work.record_id: alive[work.record_id] for work in pending if work.record_id not in entered}
    still = waiting
    if not active.asks_for_change:
        triggers = {record_id: Trigger(change.record, None, True) for record_id, change in waiting.items()}
        met = {id(trigger) for trigger in matching(active.program, batch.tx.host, list(triggers.values()))}
        still = {record_id: waiting[record_id] for record_id, trigger in triggers.items() if id(trigger) in met}
    moved = {i: change for i, change in still.items() if any(change.changes(name) for name in active.date_fields.values())}
    queue.remove(work for work in pending if work.record_id not in still or (work.record_id in moved and work.path in active.date_fields))
    return [work for change in moved.values() for work in _due(batch, active, change) if work.path in active.date_fields]


def _due(batch: Batch, active: ActiveFlow, change: Change) -> list[Work]:
    paths = due_paths(active.program, batch.tx.organization_host, _trigger(change))
    return [_work(batch, active, change, path) for path in paths]


def _work(batch: Batch, active: ActiveFlow, change: Change, path: ScheduledPath) -> Work:
    """A moment that is past already is now (whether Salesforce still runs it is not stated publicly)."""
    tx = batch.tx
    return Work(
        kind=Kind.ASYNC if path.due_at is None else Kind.PATH,
        flow=active.name,
        path=path.name,
        sobject=batch.sobject.name,
        record_id=change.id or "",
        user_id=tx.user.id,
        due=batch.now if path.due_at is None else max(path.due_at, batch.now),
        batch_size=path.max_batch_size,
        generation=tx.generation + 1,
        traced=tx.trace,
    )
