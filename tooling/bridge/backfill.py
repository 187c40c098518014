"""A backfill in windows of time, the newest first: one that was cut off goes on where it stopped."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from tooling.bridge import runs
from tooling.bridge.bookmark import Window
from tooling.salesforce.org import TargetOrg

STEP = timedelta(days=91)
STEPS = 20
"""Five years in quarters; what is older is one last window."""


@dataclass(frozen=True, slots=True)
class Backfill:
    """How far a backfill has come. `until`: everything given at or after it is in the org; None at the beginning."""

    started_at: datetime
    until: datetime | None = None
    is_resumed: bool = False

    @classmethod
    def resumed(cls, org: TargetOrg, source: str, now: datetime) -> Backfill:
        """Where the last backfill of the source stopped, or a new one if it was finished."""
        (row,) = org.query(runs.last_backfill_query(source)) or [{}]
        if not row or row.get("Status__c") == runs.RunStatus.DONE:
            return cls(now)
        try:
            told = json.loads(row.get("Details__c") or "{}")["backfill"]
            return cls(datetime.fromisoformat(told["started_at"]), datetime.fromisoformat(told["until"]), is_resumed=True)
        except (ValueError, KeyError, TypeError):
            return cls(now)

    def windows(self) -> tuple[Window, ...]:
        """What is still to be read."""
        edges = [self.started_at - number * STEP for number in range(1, STEPS + 1)]
        edges = [edge for edge in edges if self.until is None or edge < self.until]
        ends = [self.until, *edges]
        return tuple(Window(since, until) for since, until in zip([*edges, None], ends, strict=True))

    def after(self, window: Window) -> Backfill:
        """Once the window is in the org."""
        return self if window.since is None else replace(self, until=window.since)

    def details(self) -> dict[str, Any]:
        """What `resumed` reads, for the run's record."""
        if self.until is None:
            return {}
        return {"backfill": {"started_at": self.started_at.isoformat(), "until": self.until.isoformat()}}
