"""How long the bridge's own records are kept: sync runs for 90 days, resolved dead letters for 30."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from tooling.bridge.dead_letters import DEAD_LETTER, ERASED
from tooling.bridge.ledger import moment
from tooling.bridge.runs import RUN
from tooling.salesforce.org import Operation, TargetOrg, Write
from tooling.salesforce.soql import soql

RUNS_KEPT, LETTERS_KEPT = timedelta(days=90), timedelta(days=30)
MOST = 1_000
"""Records of each kind that are removed at once: the rest has time until tomorrow."""
_ROWS_PER_WRITE = 200


@dataclass(frozen=True, slots=True)
class Removed:
    runs: int = 0
    dead_letters: int = 0


def remove_expired(org: TargetOrg, now: datetime) -> Removed:
    """Deletes what has expired. The run that holds the bookmark of a source stays, however old: the next one goes on from there.

    So does the letter of an erased person: its key keeps a later sync from bringing the answer back.
    """
    old_runs, bookmarks, letters = org.query_many(
        [
            soql(
                "SELECT Id, Source__c, Bookmark__c FROM NPS_Sync_Run__c WHERE Started_At__c < {before} "
                "AND (Last_Checked_At__c = null OR Last_Checked_At__c < {before}) ORDER BY Started_At__c LIMIT {most}",
                before=now - RUNS_KEPT, most=MOST,
            ),
            "SELECT Source__c, MAX(Bookmark__c) latest FROM NPS_Sync_Run__c WHERE Bookmark__c != null GROUP BY Source__c",
            soql(
                "SELECT Id FROM NPS_Dead_Letter__c WHERE Status__c = 'Resolved' AND Resolved_At__c < {before} "
                "AND Error_Code__c != {erased} ORDER BY Resolved_At__c LIMIT {most}",
                before=now - LETTERS_KEPT, erased=ERASED, most=MOST,
            ),
        ]
    )  # fmt: skip
    kept = {(row["Source__c"], moment(row["latest"])) for row in bookmarks}
    runs = [row["Id"] for row in old_runs if (row["Source__c"], moment(row["Bookmark__c"])) not in kept]
    return Removed(_delete(org, RUN, runs), _delete(org, DEAD_LETTER, [row["Id"] for row in letters]))


def _delete(org: TargetOrg, sobject: str, ids: list[str]) -> int:
    rows = [{"Id": one} for one in ids]
    writes = [Write(Operation.DELETE, sobject, rows[at : at + _ROWS_PER_WRITE]) for at in range(0, len(rows), _ROWS_PER_WRITE)]
    return sum(outcome.success for outcomes in (org.write(writes) if writes else ()) for outcome in outcomes)
