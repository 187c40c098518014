"""One sync: every source is read, compared, written and confirmed, batch by batch."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from tooling.bridge import dead_letters, runs
from tooling.bridge.batches import BatchWriter, in_batches
from tooling.bridge.bookmark import Bookmark, Reading, Window, plan_reading
from tooling.bridge.dead_letters import DeadLetter
from tooling.bridge.ledger import Ledger, Parked, moment, parked_from
from tooling.bridge.preflight import Describes, check_org
from tooling.bridge.records import WriteContext
from tooling.bridge.removals import find_removals
from tooling.bridge.report import SyncReport
from tooling.bridge.runs import LastRun, Mode, OpenRun, Run, RunStatus
from tooling.errors import NpsError
from tooling.nps.response import Response, ResponseSkipped
from tooling.salesforce.limits import CallBudget
from tooling.salesforce.org import TargetOrg
from tooling.salesforce.soql import soql
from tooling.sources.source import RemovalSource, Source
from tooling.spec.model import Spec

Progress = Callable[[SyncReport], None]
"""Called after each batch with the report so far."""

BATCH = 1_000
"""Responses planned and written together: five collections of 200."""


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
    open_runs: tuple[OpenRun, ...] = ()


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
    describes = check_org(org, spec)
    names = list(dict.fromkeys(source.name for source in sources))
    ledger = Ledger(org, describes)
    states, parked = _read_state(org, ledger, names)
    report = SyncReport(dry_run=options.dry_run, sources=names)
    ordered = sorted(sources, key=lambda source: names.index(source.name))
    for name, group in groupby(ordered, key=lambda source: source.name):
        one = _SourceSync(spec, org, ledger, describes, options, report, progress, name, states[name])
        one.run(list(group), [item for item in parked if item.stored.key.startswith(f"{name}:")])
        if report.incomplete:
            break
    report.api_calls = org.calls - calls_before
    return report


def _read_state(org: TargetOrg, ledger: Ledger, names: Sequence[str]) -> tuple[dict[str, SourceState], list[Parked]]:
    queries = [ledger.parked_query()]
    for name in names:
        earliest = soql("SELECT MIN(Responded_At__c) earliest FROM Survey_Response__c WHERE Source__c = {source}", source=name)
        queries += [runs.last_run_query(name), earliest, dead_letters.open_letters_query(name), runs.open_runs_query(name)]
    answers = org.query_many(queries)
    states = {
        name: SourceState(
            last=runs.last_run_from(answers[1 + 4 * number]),
            earliest=moment(next((row.get("earliest") for row in answers[2 + 4 * number]), None)),
            letters=dead_letters.letters_from(answers[3 + 4 * number]),
            open_runs=runs.open_runs_from(answers[4 + 4 * number]),
        )
        for number, name in enumerate(names)
    }
    return states, [parked_from(row) for row in answers[0]]


class _SourceSync:
    """One sync of the sources that share a name, with its run record."""

    def __init__(
        self, spec: Spec, org: TargetOrg, ledger: Ledger, describes: Describes, options: SyncOptions, report: SyncReport,
        progress: Progress | None, name: str, state: SourceState,
    ) -> None:  # fmt: skip
        self._spec, self._org, self._ledger, self._options, self._report = spec, org, ledger, options, report
        self._progress, self._state = progress, state
        self._budget = CallBudget(spec.budget.daily_share, spec.budget.reserve)
        self._calls_before = org.calls
        is_first = state.last is None
        # Until a run of the source was finished and confirmed, every run is its first: also the one after a crash.
        quiet = (is_first or options.backfill) and not options.with_follow_ups
        self._now = org.now()
        report.quiet = report.quiet or quiet
        mode = Mode.BACKFILL if options.backfill else Mode.SYNC
        self._run = Run(org, name, mode, quiet=quiet, now=self._now, last=state.last)
        context = WriteContext(self._run.key, self._now, quiet)
        self._batches = BatchWriter(spec, org, ledger, describes, context, self._run, report, state.letters, dry_run=options.dry_run)

    def run(self, sources: Sequence[Source], parked: Sequence[Parked]) -> None:
        try:
            self._recover()
            self._batches.match_again(parked)
            self._batches.process(dead_letters.responses_to_retry(self._org, self._state.letters.values()))
            position = self._state.last.bookmark.reread_position if self._state.last else None
            for source in sources:
                reading = self._reading(source)
                position = reading.reread_position or position
                for window in reading.windows:
                    self._read_window(source, window)
            self._batches.finish()
        except NpsError as error:
            if not self._options.dry_run:
                with contextlib.suppress(NpsError):  # the first error is the one to be told
                    self._batches.finish()
                    self._run.finish(RunStatus.FAILED, error=str(error))
            raise
        self._close(position)

    def _recover(self) -> None:
        """Finds the parents that a run which was cut off has left behind."""
        if self._state.open_runs:
            self._batches.catch_up(self._ledger.changed_since(self._state.open_runs[0].started_at))

    def _reading(self, source: Source) -> Reading:
        last, options = self._state.last, self._options
        if options.backfill or options.since is not None or not source.can_be_windowed:
            return Reading((Window(since=options.since),))
        polling = self._spec.sources.promoter_io
        overlap, reread = (polling.poll_overlap, polling.reread) if polling else (timedelta(days=2), timedelta(days=30))
        bookmark = last.bookmark if last else Bookmark()
        return plan_reading(bookmark, now=self._now, earliest=self._state.earliest, overlap=overlap, reread=reread)

    def _read_window(self, source: Source, window: Window) -> None:
        if self._report.incomplete:
            return
        seen: set[str] | None = set() if window.checks_removals and isinstance(source, RemovalSource) else None
        for batch in in_batches(source.read(window.since, window.until), BATCH, self._room):
            responses: list[Response] = []
            for item in batch:
                if isinstance(item, ResponseSkipped):
                    self._batches.skip(item)
                else:
                    responses.append(item)
            if seen is not None:
                seen.update(response.key for response in responses)
            self._batches.process(responses)
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
        return self._budget.reason_to_stop(self._org.usage, self._org.calls - self._calls_before)

    def _close(self, position: datetime | None) -> None:
        if self._options.dry_run:
            return
        report = self._report
        is_partial = report.incomplete is not None or self._options.since is not None
        confirmed = not is_partial and self._batches.all_kept
        bookmark = Bookmark(self._now, position) if confirmed else None
        if bookmark is not None and bookmark.complete_until is not None:
            report.bookmarks[self._run.source] = bookmark.complete_until
        details = {"warnings": report.warnings[:50]} if report.warnings else None
        self._run.finish(
            RunStatus.INCOMPLETE if report.incomplete else RunStatus.DONE, bookmark=bookmark, error=report.incomplete, details=details
        )
        runs.close_open_runs(self._org, self._state.open_runs, self._run.key)
        if self._run.is_recorded:
            report.run_keys.append(self._run.key)
