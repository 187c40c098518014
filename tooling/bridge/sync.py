"""One sync: every source is read, compared, written and confirmed, batch by batch."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from tooling.bridge import dead_letters, runs
from tooling.bridge.backfill import Backfill
from tooling.bridge.batches import BatchWriter, in_batches
from tooling.bridge.bookmark import Bookmark, Reading, Window, plan_reading
from tooling.bridge.dead_letters import DeadLetter
from tooling.bridge.ledger import Ledger, Parked, moment, parked_from, parked_query
from tooling.bridge.preflight import Describes, check_org, needed
from tooling.bridge.records import WriteContext
from tooling.bridge.removals import find_removals
from tooling.bridge.report import SyncReport
from tooling.bridge.route_preview import preview_pending
from tooling.bridge.routing import route_pending
from tooling.bridge.runs import LastRun, Mode, OpenRun, Run, RunStatus
from tooling.bridge.spending import Spending
from tooling.bridge.upkeep import keep_up_daily
from tooling.errors import NpsError, UsageError
from tooling.nps.response import Response, ResponseSkipped
from tooling.nps.score import Category
from tooling.salesforce.org import Row, TargetOrg
from tooling.salesforce.record_writer import COLLECTIONS_PER_CALL
from tooling.salesforce.soql import soql
from tooling.sources.source import CountingSource, RemovalSource, Source
from tooling.spec.model import Spec

Progress = Callable[[SyncReport], None]
"""Called after each batch with the report so far."""

BATCH = 1_000
"""Responses planned and written together: five collections of 200."""
BULK_BATCH = 35_000
"""Responses planned and written together by Bulk API 2.0: bounds what is in memory."""
CALLS_TO_END = 4
"""To flag who waits and to close the run's record."""


@dataclass(frozen=True, slots=True)
class SyncOptions:
    dry_run: bool = False
    limit: int | None = None
    """Responses at most, over all sources: for a first try. The bookmark stays."""
    backfill: bool = False
    """Everything a source has, quietly."""
    since: datetime | None = None
    with_follow_ups: bool = False
    """Start follow-ups although the sync would be quiet."""


@dataclass(frozen=True, slots=True)
class SourceState:
    """What the org knows of one source."""

    last: LastRun | None
    earliest: datetime | None
    letters: dict[str, DeadLetter]
    is_empty: bool = False
    """The ledger has no response of the source."""
    open_runs: tuple[OpenRun, ...] = ()
    calls_today: int = 0
    """API calls of the day's earlier runs, whatever their source. The same for every source."""
    reconciled_at: datetime | None = None
    """When what is shown was last compared with the whole ledger; None if that is days ago. The same for every source."""


def sync(
    spec: Spec,
    sources: Sequence[Source],
    org: TargetOrg,
    options: SyncOptions = SyncOptions(),
    progress: Progress | None = None,
) -> SyncReport:
    """Brings the responses of all sources into the org. Safe to kill at any moment and to run again.

    Raises:
        UsageError: the org lacks our metadata, or the user permissions; nothing was written.
        SourceRefused: a source refused us, or its answer is not its API's. What was confirmed before stays.
        Unreachable: a source or the org cannot be reached. What was confirmed before stays; running again is safe.
    """
    calls_before = org.calls
    names = list(dict.fromkeys(source.name for source in sources))
    describes, states, parked = _read_state(org, spec, names)
    ledger = Ledger(org, describes)
    report = SyncReport(dry_run=options.dry_run, limit=options.limit, sources=names, waiting=len(parked))
    calls_today = next((state.calls_today for state in states.values()), 0)
    spending = Spending(org, spec.budget, calls_today, calls_before)
    ordered = sorted(sources, key=lambda source: names.index(source.name))
    for name, group in groupby(ordered, key=lambda source: source.name):
        one = _SourceSync(spec, org, ledger, describes, options, report, progress, name, states[name], spending)
        one.run(list(group), [item for item in parked if item.stored.key.startswith(f"{name}:")])
        if report.incomplete:
            break
    if options.dry_run:
        preview_pending(org, spec.routes, describes, report)
    else:
        report.routed = route_pending(org, spec.routes, describes)
        known = [state for state in states.values() if state.last is not None]
        if known and options.limit is None:  # a first sync has nothing to catch up on
            keep_up_daily(org, spec, report, last=known[0].reconciled_at, own_calls=spending.today)
    report.waiting = max(report.waiting - report.rematched, 0)
    report.api_calls = org.calls - calls_before
    spending.tell(report, has_routes=bool(report.routed.done or report.routed.waiting or report.routed.parked))
    return report


def _read_state(org: TargetOrg, spec: Spec, names: Sequence[str]) -> tuple[Describes, dict[str, SourceState], list[Parked]]:
    """What the org can do and what it knows, for a single source in a single call."""
    queries = [parked_query()]
    for name in names:
        held = "SELECT MIN(Responded_At__c) earliest, COUNT(Id) held FROM Survey_Response__c WHERE Source__c = {source}"
        queries += [runs.last_run_query(name), soql(held, source=name), dead_letters.open_letters_query(name), runs.open_runs_query(name)]
    _, first = org.describe_and_query(needed(spec), queries[:COLLECTIONS_PER_CALL])
    describes = check_org(org, spec)  # what is missing is told by name, not as the error of a query
    answers: list[list[Row]] = []
    for answer in first:
        if isinstance(answer, NpsError):
            raise answer
        answers.append(answer)
    if queries[len(answers) :]:
        answers += org.query_many(queries[len(answers) :])
    states = {
        name: SourceState(
            last=runs.last_run_from(answers[1 + 4 * number]),
            earliest=moment(next((row.get("earliest") for row in answers[2 + 4 * number]), None)),
            is_empty=not any(row.get("held") for row in answers[2 + 4 * number]),
            letters=dead_letters.letters_from(answers[3 + 4 * number]),
            open_runs=runs.open_runs_from(answers[4 + 4 * number], name),
            calls_today=runs.calls_today_from(answers[4 + 4 * number], org.now()),
            reconciled_at=runs.reconciled_at_from(answers[4 + 4 * number]),
        )
        for number, name in enumerate(names)
    }
    return describes, states, [parked_from(row) for row in answers[0]]


class _SourceSync:
    """One sync of the sources that share a name, with its run record."""

    def __init__(
        self, spec: Spec, org: TargetOrg, ledger: Ledger, describes: Describes, options: SyncOptions, report: SyncReport,
        progress: Progress | None, name: str, state: SourceState, spending: Spending,
    ) -> None:  # fmt: skip
        self._spec, self._org, self._ledger, self._options, self._report = spec, org, ledger, options, report
        self._progress, self._state = progress, state
        self._spending = spending
        is_first = state.last is None
        # Until a run of the source was finished and confirmed, every run is its first: also the one after a crash.
        quiet = (is_first or options.backfill) and not options.with_follow_ups
        self._now = org.now()
        report.quiet = report.quiet or quiet
        report.is_first = report.is_first or is_first
        if quiet:
            report.quiet_because = "a backfill" if options.backfill else f"the first sync of {name}"
        mode = Mode.BACKFILL if options.backfill else Mode.SYNC
        self._run = Run(org, name, mode, quiet=quiet, now=self._now, last=state.last, calls_before=spending.claim())
        context = WriteContext(self._run.key, self._now, quiet, spec.routes)
        self._batches = BatchWriter(
            spec, org, ledger, describes, context, self._run, report, state.letters, dry_run=options.dry_run, ledger_is_empty=state.is_empty
        )
        self._backfill = Backfill.resumed(org, name, self._now) if options.backfill else None
        self._cost_of_batch = 0

    def run(self, sources: Sequence[Source], parked: Sequence[Parked]) -> None:
        try:
            self._recover()
            self._batches.match_again(parked)
            self._batches.process(dead_letters.responses_to_retry(self._org, self._state.letters.values()))
            position = self._state.last.bookmark.reread_position if self._state.last else None
            for source in sources:
                reading = self._reading(source)
                position = reading.reread_position or position
                self._expect(source)
                for window in reading.windows:
                    self._read_window(source, window)
                    if self._backfill is not None and source.can_be_windowed and not self._report.incomplete:
                        self._backfill = self._backfill.after(window)
                        self._note_backfill()
            self._batches.finish()
        except NpsError as error:
            # Wrong input or configuration leaves nothing behind, not even a run, unless the run had begun to write.
            if not self._options.dry_run and (self._run.is_recorded or not isinstance(error, UsageError)):
                with contextlib.suppress(NpsError):  # the first error is the one to be told
                    self._batches.finish()
                    self._run.finish(
                        RunStatus.FAILED, error=str(error), details=self._backfill.details() if self._backfill is not None else None
                    )
            raise
        self._spending.to_write += self._batches.calls_to_write
        self._close(position)

    def _recover(self) -> None:
        """Finds the parents that a run which was cut off has left behind."""
        if self._state.open_runs:
            self._batches.catch_up(self._ledger.changed_since(self._state.open_runs[0].started_at))

    def _reading(self, source: Source) -> Reading:
        last, options = self._state.last, self._options
        if self._backfill is not None and source.can_be_windowed and options.since is None:
            return Reading(self._backfill.windows())
        if options.backfill or options.since is not None or not source.can_be_windowed:
            return Reading((Window(since=options.since),))
        polling = self._spec.sources.promoter_io
        overlap, reread = (polling.poll_overlap, polling.reread) if polling else (timedelta(days=2), timedelta(days=30))
        bookmark = last.bookmark if last else Bookmark()
        return plan_reading(bookmark, now=self._now, earliest=self._state.earliest, overlap=overlap, reread=reread)

    def _read_window(self, source: Source, window: Window) -> None:
        self._report.incomplete = self._report.incomplete or self._reason_to_stop()
        if self._report.incomplete:
            return
        seen: set[str] | None = set() if window.checks_removals and isinstance(source, RemovalSource) else None
        items = source.read(window.since, window.until)
        for batch in in_batches(
            items, BATCH, self._room, bulk_from=self._spec.budget.bulk_from, bulk_size=max(BULK_BATCH, self._spec.budget.bulk_from),
            order=self._ordered,
        ):  # fmt: skip
            calls_before = self._org.calls
            responses: list[Response] = []
            for item in batch.items:
                if isinstance(item, ResponseSkipped):
                    self._batches.skip(item)
                else:
                    responses.append(item)
            if seen is not None:
                seen.update(response.key for response in responses)
            self._batches.process(responses, is_last=batch.is_last, is_bulk=batch.is_bulk, is_tight=self._spending.is_tight)
            self._cost_of_batch = max(self._cost_of_batch, self._org.calls - calls_before)
            if self._progress:
                self._progress(self._report)
            reason = self._reason_to_stop()
            if reason:
                self._report.incomplete = reason
                return
        if seen is not None and isinstance(source, RemovalSource):
            self._remove_missing(source, window, seen)

    def _remove_missing(self, source: Source, window: Window, seen: set[str]) -> None:
        if not isinstance(source, RemovalSource) or window.since is None:
            return
        removals, warning = find_removals(self._org, self._ledger, source, source.name, window, seen, self._now)
        if warning:
            self._report.warn(warning)
        self._batches.remove(removals)

    def _room(self) -> int | None:
        return None if self._options.limit is None else self._options.limit - self._report.read

    def _reason_to_stop(self) -> str | None:
        if self._options.limit is not None and self._report.read >= self._options.limit:
            return f"--limit {self._options.limit} is reached"
        return self._spending.reason_to_stop(self._cost_of_batch + CALLS_TO_END)

    def _ordered(self, items: list[Response | ResponseSkipped]) -> list[Response | ResponseSkipped]:
        """When calls are short, detractors first: they are whom somebody waits for."""
        if not self._spending.is_tight:
            return items
        return sorted(items, key=lambda item: isinstance(item, ResponseSkipped) or item.category is not Category.DETRACTOR)

    def _expect(self, source: Source) -> None:
        """Asks the source how many there are, for the estimate of a long run."""
        is_long = self._options.backfill or self._state.last is None
        if self._progress and is_long and isinstance(source, CountingSource):
            count = source.count()
            if count is not None:
                self._report.expected = (self._report.expected or 0) + max(0, count - self._read_before(source))

    def _read_before(self, source: Source) -> int:
        """How many responses a backfill that goes on does not read again."""
        if self._backfill is None or self._backfill.until is None:
            return 0
        template = "SELECT COUNT(Id) n FROM Survey_Response__c WHERE Source__c = {source} AND Responded_At__c >= {until}"
        return int(self._org.query(soql(template, source=source.name, until=self._backfill.until))[0]["n"])

    def _note_backfill(self) -> None:
        if self._backfill is not None and not self._options.dry_run:
            self._batches.finish()  # what a resumed backfill skips has to be complete
            self._run.note(self._backfill.details())

    def _close(self, position: datetime | None) -> None:
        if self._options.dry_run:
            return
        report = self._report
        is_partial = report.incomplete is not None or self._options.since is not None
        confirmed = not is_partial and self._batches.all_kept
        started = self._backfill.started_at if self._backfill is not None else self._now
        bookmark = Bookmark(started, position) if confirmed else None
        if bookmark is not None and bookmark.complete_until is not None:
            report.bookmarks[self._run.source] = bookmark.complete_until
        details: dict[str, Any] = {"warnings": report.warnings[:50]} if report.warnings else {}
        if self._backfill is not None:
            details |= self._backfill.details()
        self._run.finish(
            RunStatus.INCOMPLETE if report.incomplete else RunStatus.DONE,
            bookmark=bookmark,
            error=report.incomplete,
            details=details or None,
        )
        runs.close_open_runs(self._org, self._state.open_runs, self._run.key)
        if self._run.is_recorded:
            report.run_keys.append(self._run.key)
