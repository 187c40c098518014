"""Runs as records in the org: where the bookmark lives, and the log of what was done."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, cast

from tooling.bridge.bookmark import Bookmark
from tooling.bridge.ledger import moment
from tooling.bridge.records import moment_text
from tooling.errors import OrgRefused
from tooling.salesforce.org import Operation, Row, TargetOrg, Write
from tooling.salesforce.soql import soql

RUN = "NPS_Sync_Run__c"
MOST_RUNS = 2_000
"""Read at the start of a sync: what fits on one page of an answer."""
_LONGEST_ERROR, _LONGEST_DETAILS = 4_000, 32_000
_CHANGES = ("Created_Count__c", "Revised_Count__c", "Removed_Count__c", "Refused_Count__c")


class RunStatus(StrEnum):
    RUNNING = "Running"
    DONE = "Done"
    INCOMPLETE = "Incomplete"
    FAILED = "Failed"


class Mode(StrEnum):
    SYNC = "Sync"
    BACKFILL = "Backfill"
    RETRY = "Retry"
    RECONCILE = "Reconcile"


@dataclass(slots=True)
class RunCounts:
    """What one run did, in the fields of its record."""

    read: int = 0
    created: int = 0
    revised: int = 0
    unchanged: int = 0
    removed: int = 0
    skipped: int = 0
    unmatched: int = 0
    ambiguous: int = 0
    refused: int = 0
    recalculated: int = 0
    other_changes: int = 0
    """Refreshed and matched again: no field of their own, but the run was not idle."""

    @property
    def changes_nothing(self) -> bool:
        return not (self.created or self.revised or self.removed or self.refused or self.other_changes)

    def values(self) -> dict[str, int]:
        return {
            "Responses_Read__c": self.read,
            "Created_Count__c": self.created,
            "Revised_Count__c": self.revised,
            "Unchanged_Count__c": self.unchanged,
            "Removed_Count__c": self.removed,
            "Skipped_Count__c": self.skipped,
            "Unmatched_Count__c": self.unmatched,
            "Ambiguous_Count__c": self.ambiguous,
            "Refused_Count__c": self.refused,
            "Recalculated_Count__c": self.recalculated,
        }


@dataclass(frozen=True, slots=True)
class LastRun:
    """The last run of a source that was confirmed up to a moment."""

    id: str
    bookmark: Bookmark
    is_idle: bool
    started_at: datetime | None = None
    calls: int = 0
    """API calls that it made, and the idle runs that are noted on its record."""

    def takes_note_of(self, now: datetime) -> bool:
        """Whether a run that changes nothing now may be noted on this record. Not on another day's: calls are counted by the day."""
        return self.is_idle and self.started_at is not None and _day(self.started_at) == _day(now)


def last_run_query(source: str) -> str:
    columns = ", ".join(("Id", "Bookmark__c", "Reread_Position__c", "Status__c", "Details__c", "Started_At__c", "API_Calls__c", *_CHANGES))
    return soql(
        f"SELECT {columns} FROM NPS_Sync_Run__c WHERE Source__c = {{source}} AND Bookmark__c != null "
        "ORDER BY Bookmark__c DESC, Started_At__c DESC, Name DESC LIMIT 1",
        source=source,
    )


@dataclass(frozen=True, slots=True)
class OpenRun:
    """A run that never closed its record: it was cut off, or is still at work elsewhere."""

    id: str
    started_at: datetime


def last_backfill_query(source: str) -> str:
    return soql(
        "SELECT Status__c, Details__c FROM NPS_Sync_Run__c WHERE Source__c = {source} AND Mode__c = 'Backfill' "
        "ORDER BY Started_At__c DESC, Name DESC LIMIT 1",
        source=source,
    )


def open_runs_query(source: str) -> str:
    """The source's open runs, and every run of the last days: when the last reconcile was, and what today's runs have cost."""
    return soql(
        "SELECT Id, Started_At__c, Mode__c, Status__c, Source__c, API_Calls__c FROM NPS_Sync_Run__c WHERE Started_At__c != null AND "
        "((Source__c = {source} AND Status__c = 'Running') OR Started_At__c = LAST_N_DAYS:2) ORDER BY Started_At__c DESC LIMIT {most}",
        source=source, most=MOST_RUNS,
    )  # fmt: skip


def open_runs_from(rows: Iterable[Row], source: str) -> tuple[OpenRun, ...]:
    """The runs of the source that never closed their record, the earliest first."""
    found = (
        OpenRun(row["Id"], started)
        for row in rows
        if row["Source__c"] == source and row["Status__c"] == RunStatus.RUNNING and (started := moment(row["Started_At__c"])) is not None
    )
    return tuple(sorted(found, key=lambda run: run.started_at))


def reconciled_at_from(rows: Iterable[Row]) -> datetime | None:
    """When the last reconcile began, if that is not days ago."""
    done = (row for row in rows if row["Mode__c"] == Mode.RECONCILE and row["Status__c"] == RunStatus.DONE)
    return max((started for row in done if (started := moment(row["Started_At__c"]))), default=None)


def calls_today_from(rows: Iterable[Row], now: datetime) -> int:
    """API calls of the runs that began today (UTC, by the org's clock)."""
    return sum(
        int(row.get("API_Calls__c") or 0) for row in rows if (started := moment(row["Started_At__c"])) and _day(started) == _day(now)
    )


def close_open_runs(org: TargetOrg, open_runs: Iterable[OpenRun], by: str) -> None:
    """Marks runs that were cut off, once what they left undone is done. One that is still at work corrects this when it ends."""
    error = f"ended without closing its record; what it left was done by {by}"
    rows = [{"Id": run.id, "Status__c": RunStatus.FAILED.value, "Error__c": error} for run in open_runs]
    if rows:
        org.write([Write(Operation.UPDATE, RUN, rows)])


def last_run_from(rows: Iterable[Row]) -> LastRun | None:
    row = next(iter(rows), None)
    if row is None:
        return None
    idle = row.get("Status__c") == RunStatus.DONE and not any(row.get(name) for name in _CHANGES) and not row.get("Details__c")
    bookmark = Bookmark(moment(row["Bookmark__c"]), moment(row.get("Reread_Position__c")))
    return LastRun(row["Id"], bookmark, idle, moment(row.get("Started_At__c")), int(row.get("API_Calls__c") or 0))


class Run:
    """The record of one run of one source: made before the first write, closed at the end.

    A run that changes nothing has no record of its own when the last one was idle too: it only says there that it looked.
    """

    def __init__(
        self, org: TargetOrg, source: str, mode: Mode, *, quiet: bool, now: datetime, last: LastRun | None, calls_before: int | None = None
    ) -> None:
        """`calls_before`: the org's count of calls when this run's own began. Default: now."""
        self.key = f"{source}-{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}"
        self.counts = RunCounts()
        self.source = source
        self._org, self._mode, self._quiet, self._started_at, self._last = org, mode, quiet, now, last
        self._calls_before = org.calls if calls_before is None else calls_before
        self.is_recorded = False

    def begin(self) -> None:
        """Makes the record, once."""
        if not self.is_recorded:
            self._write(self._opened())
            self.is_recorded = True

    def note(self, details: dict[str, Any]) -> None:
        """Writes into the open record how far a long run has come; a run that has changed nothing yet has no record to note it in."""
        if self.is_recorded:
            self._save({**self.counts.values(), "Details__c": json.dumps(details)})

    def opened_along(self, org: TargetOrg) -> TargetOrg:
        """The org, whose first batch of queries also makes the record: one call less."""
        return org if self.is_recorded else cast(TargetOrg, _OpenedAlong(org, self))

    def _opened(self) -> Write:
        return self._upsert({**self._opening(), "Status__c": RunStatus.RUNNING.value})

    def finish(
        self, status: RunStatus, *, bookmark: Bookmark | None = None, error: str | None = None, details: dict[str, Any] | None = None
    ) -> None:
        """Closes the record; `bookmark` only when everything up to it is confirmed."""
        now = moment_text(self._org.now())
        ending: dict[str, Any] = {}
        if bookmark is not None:
            ending = {"Bookmark__c": moment_text(bookmark.complete_until), "Reread_Position__c": moment_text(bookmark.reread_position)}
        last = self._last
        is_idle = status is RunStatus.DONE and self.counts.changes_nothing and not self.is_recorded
        calls = self._org.calls - self._calls_before + 1
        if is_idle and last is not None and last.takes_note_of(self._started_at):
            noted = {"Last_Checked_At__c": now, "API_Calls__c": last.calls + calls}
            self._write(Write(Operation.UPDATE, RUN, [{"Id": last.id, **noted, **ending}]))
            return
        values = {
            **({} if self.is_recorded else self._opening()),
            **self.counts.values(),
            **ending,
            "Status__c": status.value,
            "Finished_At__c": now,
            "Last_Checked_At__c": now,
            "API_Calls__c": calls,
            "Error__c": error[:_LONGEST_ERROR] if error else None,
            "Details__c": json.dumps(details, ensure_ascii=False, default=str)[:_LONGEST_DETAILS] if details else None,
        }
        self._save(values)
        self.is_recorded = True

    def _opening(self) -> dict[str, Any]:
        return {
            "Source__c": self.source,
            "Mode__c": self._mode.value,
            "Started_At__c": moment_text(self._started_at),
            "Quiet__c": self._quiet,
        }

    def _save(self, values: dict[str, Any]) -> None:
        self._write(self._upsert(values))

    def _upsert(self, values: dict[str, Any]) -> Write:
        return Write(Operation.UPSERT, RUN, [{"Run_Key__c": self.key, **values}], key="Run_Key__c")

    def _write(self, write: Write) -> None:
        outcome = self._org.write([write])[0][0]
        if not outcome.success:
            raise OrgRefused(outcome.code, f"the run's record cannot be written: {outcome.message}", outcome.fields)


class _OpenedAlong:
    def __init__(self, org: TargetOrg, run: Run) -> None:
        self._org, self._run = org, run

    def __getattr__(self, name: str) -> Any:
        return getattr(self._org, name)

    def query_many(self, queries: Sequence[str], *, include_deleted: bool = False) -> list[list[Row]]:
        if self._run.is_recorded or not queries:
            return self._org.query_many(queries, include_deleted=include_deleted)
        found = self._org.query_many(queries, include_deleted=include_deleted, along=self._run._opened())  # noqa: SLF001 - a part of the run
        self._run.is_recorded = True
        return found


def _day(moment: datetime) -> date:
    return moment.astimezone(UTC).date()
