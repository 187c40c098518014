"""How the bridge and the automation are doing, as the org's own records say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tooling.bridge.ledger import RESPONSE
from tooling.errors import UsageError
from tooling.salesforce.org import Row, TargetOrg

RUNS_SHOWN = 10
_RUN_FIELDS = (
    "Name", "Source__c", "Mode__c", "Status__c", "Started_At__c", "Finished_At__c", "Last_Checked_At__c", "Bookmark__c", "Created_Count__c",
    "Revised_Count__c", "Removed_Count__c", "Skipped_Count__c", "Refused_Count__c", "API_Calls__c", "Error__c",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Status:
    """The last runs, the latest first, and what waits for somebody."""

    runs: tuple[Mapping[str, Any], ...]
    """API name → value of NPS_Sync_Run__c."""
    bookmarks: Mapping[str, str]
    """Source → everything up to this moment is in the org."""
    ambiguous: int
    unmatched: int
    automation: Mapping[str, int]
    """Automation Status → responses."""
    dead_letters: int

    @property
    def needs_attention(self) -> bool:
        failed_run = bool(self.runs) and self.runs[0].get("Status__c") == "Failed"
        return failed_run or bool(self.ambiguous or self.dead_letters or self.automation.get("Failed"))

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "needs_attention": self.needs_attention}

    def as_text(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        if not self.runs:
            yield "no sync has run yet"
        for run in self.runs:
            counts = f"{_count(run, 'Created')} created, {_count(run, 'Revised')} revised, {_count(run, 'Refused')} refused"
            when = run.get("Last_Checked_At__c") or run.get("Started_At__c")
            yield f"{run['Name']}  {run.get('Source__c')}  {run.get('Status__c')}  {when}  {counts}"
            if run.get("Error__c"):
                yield f"    {run['Error__c']}"
        yield from (f"bookmark of {source}: {moment}" for source, moment in self.bookmarks.items())
        yield f"parked: {self.ambiguous} ambiguous, {self.unmatched} unmatched"
        yield "automation: " + (", ".join(f"{count} {name}" for name, count in sorted(self.automation.items())) or "nothing yet")
        yield f"dead letters: {self.dead_letters}"


def status(org: TargetOrg) -> Status:
    """Asks the org once.

    Raises:
        UsageError: our objects are not there, or not visible to the user.
    """
    if org.describe([RESPONSE])[RESPONSE] is None:
        raise UsageError(f"{RESPONSE} does not exist, or this user may not see it", "Deploy the metadata, or assign a permission set.")
    runs, bookmarks, matches, automation, letters = org.query_many(
        [
            f"SELECT {', '.join(_RUN_FIELDS)} FROM NPS_Sync_Run__c ORDER BY Started_At__c DESC NULLS LAST, Name DESC LIMIT {RUNS_SHOWN}",
            "SELECT Source__c, MAX(Bookmark__c) latest FROM NPS_Sync_Run__c WHERE Bookmark__c != null GROUP BY Source__c",
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
        bookmarks={str(row["Source__c"]): str(row["latest"]) for row in bookmarks},
        ambiguous=parked.get("Ambiguous", 0),
        unmatched=parked.get("Unmatched", 0),
        automation=_counts(automation),
        dead_letters=sum(_counts(letters).values()),
    )


def _counts(rows: Sequence[Row]) -> dict[str, int]:
    return {str(row["status"]): int(row["n"]) for row in rows}


def _count(run: Mapping[str, Any], name: str) -> int:
    return int(run.get(f"{name}_Count__c") or 0)
