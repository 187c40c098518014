"""How the bridge and the automation are doing, as the org's own records say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Any

from tooling.bridge.ledger import NOT_VISIBLE, RESPONSE, moment
from tooling.bridge.runs import Mode, RunStatus
from tooling.errors import UsageError
from tooling.salesforce.org import Row, TargetOrg

RUNS_SHOWN = 10
_RUN_FIELDS = (
    "Name", "Source__c", "Mode__c", "Status__c", "Started_At__c", "Finished_At__c", "Last_Checked_At__c", "Bookmark__c", "Created_Count__c",
    "Revised_Count__c", "Removed_Count__c", "Skipped_Count__c", "Refused_Count__c", "API_Calls__c", "Error__c",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SourceStatus:
    """How one source is doing."""

    bookmark: str | None = None
    """Everything up to this moment is in the org."""
    last_done: str | None = None
    """When the last run that was confirmed began, or an idle one last looked."""
    failing_since: str | None = None
    """When the first of the runs began that have failed since; None: the last one did not fail."""
    failures: int = 0
    """Runs in a row that failed, as far as they are shown."""


@dataclass(frozen=True, slots=True)
class Status:
    """The last runs, the latest first, and what waits for somebody."""

    runs: tuple[Mapping[str, Any], ...]
    """API name → value of NPS_Sync_Run__c."""
    sources: Mapping[str, SourceStatus]
    ambiguous: int
    unmatched: int
    automation: Mapping[str, int]
    """Automation Status → responses."""
    dead_letters: int
    now: datetime
    """By the org's clock."""

    @property
    def bookmarks(self) -> dict[str, str]:
        """Source → everything up to this moment is in the org."""
        return {name: one.bookmark for name, one in self.sources.items() if one.bookmark}

    @property
    def needs_attention(self) -> bool:
        is_failing = any(one.failing_since for one in self.sources.values())
        return is_failing or bool(self.ambiguous or self.dead_letters or self.automation.get("Failed"))

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "now": self.now.isoformat(), "bookmarks": self.bookmarks, "needs_attention": self.needs_attention}

    def as_text(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        if not self.runs:
            yield "no sync has run yet. Next: nps sync --dry-run"
        for name, one in self.sources.items():
            yield from self._source(name, one)
        yield f"parked: {self.ambiguous} ambiguous, {self.unmatched} unmatched" + (
            " (nps review)" if self.ambiguous or self.unmatched else ""
        )
        yield "automation: " + (", ".join(f"{count} {name}" for name, count in sorted(self.automation.items())) or "nothing yet")
        if self.automation.get("Failed"):
            yield "    Automation Error on the responses says why; correct it and tick Retry Automation, the nightly sweep tries again too"
        yield f"dead letters: {self.dead_letters}" + (" (nps review; nps retry once the cause is corrected)" if self.dead_letters else "")
        yield from self._runs()

    def _source(self, name: str, one: SourceStatus) -> Iterator[str]:
        if one.failing_since:
            latest = next(run for run in self.runs if run.get("Source__c") == name)
            error = str(latest.get("Error__c") or "no reason was noted").splitlines()
            yield f"{name}: FAILING since {self._when(one.failing_since)}, {one.failures} runs in a row"
            yield from (f"    {line}" for line in error)
            done = f"the last complete run was {self._when(one.last_done)}" if one.last_done else "no run was complete yet"
            yield f"    {done}; nothing is lost: the next run goes on from the bookmark"
            yield "    Safe to run again at any time: nps sync"
        elif one.last_done:
            yield f"{name}: fine, last looked {self._when(one.last_done)}"
        else:
            yield f"{name}: not complete yet. Next: nps sync"
        if one.bookmark:
            yield f"    everything answered until {_moment(one.bookmark)} is in the org"

    def _runs(self) -> Iterator[str]:
        if self.runs:
            yield "last runs:"
        for run in self.runs:
            counts = f"{_count(run, 'Created')} created, {_count(run, 'Revised')} revised, {_count(run, 'Refused')} refused"
            when = _moment(run.get("Last_Checked_At__c") or run.get("Started_At__c"))
            yield f"  {run['Name']}  {when}  {run.get('Status__c') or '':<10}  {run.get('Source__c')}: {counts}"
            if run.get("Error__c"):
                yield f"    {str(run['Error__c']).splitlines()[0]}"
            if run.get("Status__c") == RunStatus.RUNNING:
                yield "    at work, or cut off: then the next sync does what it left"

    def _when(self, value: str) -> str:
        """A moment, and how long ago that is."""
        found = moment(value)
        return _moment(value) if found is None else f"{_moment(value)} ({_ago(self.now - found)} ago)"


def status(org: TargetOrg) -> Status:
    """Asks the org once.

    Raises:
        UsageError: our objects are not there, or not visible to the user.
    """
    if org.describe([RESPONSE])[RESPONSE] is None:
        raise UsageError(f"{RESPONSE} does not exist, or this user may not see it", NOT_VISIBLE)
    runs, done, matches, automation, letters = org.query_many(
        [
            f"SELECT {', '.join(_RUN_FIELDS)} FROM NPS_Sync_Run__c ORDER BY Started_At__c DESC NULLS LAST, Name DESC LIMIT {RUNS_SHOWN}",
            "SELECT Source__c, MAX(Bookmark__c) bookmark, MAX(Last_Checked_At__c) checked FROM NPS_Sync_Run__c WHERE Status__c = 'Done' "
            f"AND Mode__c IN ('{Mode.SYNC}','{Mode.BACKFILL}') GROUP BY Source__c",
            "SELECT Match_Status__c status, COUNT(Id) n FROM Survey_Response__c WHERE Match_Status__c IN ('Ambiguous','Unmatched') "
            "GROUP BY Match_Status__c",
            "SELECT Automation_Status__c status, COUNT(Id) n FROM Survey_Response__c WHERE Automation_Status__c != null "
            "GROUP BY Automation_Status__c",
            "SELECT Status__c status, COUNT(Id) n FROM NPS_Dead_Letter__c WHERE Status__c != 'Resolved' GROUP BY Status__c",
        ]
    )
    parked = _counts(matches)
    return Status(
        runs=tuple({name: run.get(name) for name in _RUN_FIELDS} for run in runs),
        sources=_sources(runs, done),
        ambiguous=parked.get("Ambiguous", 0),
        unmatched=parked.get("Unmatched", 0),
        automation=_counts(automation),
        dead_letters=sum(_counts(letters).values()),
        now=org.now(),
    )


def _sources(runs: Sequence[Row], done: Sequence[Row]) -> dict[str, SourceStatus]:
    confirmed = {str(row["Source__c"]): row for row in done}
    reading = [run for run in runs if run.get("Mode__c") in (Mode.SYNC, Mode.BACKFILL)]
    names = dict.fromkeys([*(str(run["Source__c"]) for run in reading), *sorted(confirmed)])
    found: dict[str, SourceStatus] = {}
    for name in names:
        failed = list(takewhile(lambda run: run.get("Status__c") == RunStatus.FAILED, (run for run in reading if run["Source__c"] == name)))
        row = confirmed.get(name, {})
        since = str(failed[-1].get("Started_At__c")) if failed else None
        found[name] = SourceStatus(row.get("bookmark"), row.get("checked"), since, len(failed))
    return found


def _moment(value: object) -> str:
    found = moment(value)
    return f"{found:%Y-%m-%d %H:%M} UTC" if found else "at an unknown time"


def _ago(passed: timedelta) -> str:
    minutes = max(int(passed.total_seconds() // 60), 0)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} days"


def _counts(rows: Sequence[Row]) -> dict[str, int]:
    return {str(row["status"]): int(row["n"]) for row in rows}


def _count(run: Mapping[str, Any], name: str) -> int:
    return int(run.get(f"{name}_Count__c") or 0)
