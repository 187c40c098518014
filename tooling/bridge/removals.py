"""Responses that the source no longer has: suspected when a complete read misses them, believed only when the source says so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from tooling.bridge.bookmark import EDGE, Window
from tooling.bridge.ledger import Ledger, stored_from
from tooling.bridge.planning import Remove
from tooling.salesforce.org import TargetOrg
from tooling.sources.source import RemovalSource

MOST_CHECKS = 50
"""Single reads in one run; the rest waits for the next."""
LARGEST_SHARE_MISSING = 0.1
"""Of a window: above it the source's answer is doubted, not the responses."""
FEWEST_FOR_SHARE = 10
"""In a window with fewer responses a share says nothing: each suspect is checked singly anyway."""


def find_removals(
    org: TargetOrg, ledger: Ledger, source: RemovalSource, name: str, window: Window, seen: set[str], now: datetime
) -> tuple[Sequence[Remove], str | None]:
    """What is to be marked as removed in a completely read window, and a warning if nothing can be said.

    `seen` holds the keys of all responses that the source showed.
    """
    if window.since is None:
        return (), None
    since, until = window.since + EDGE, (window.until or now) - EDGE
    if since >= until:
        return (), None
    rows = org.query(ledger.window_query(name, since, until))
    missing = [row for row in rows if row["Response_Key__c"] not in seen]
    if len(rows) >= FEWEST_FOR_SHARE and len(missing) > LARGEST_SHARE_MISSING * len(rows):
        return (), (
            f"{len(missing)} of {len(rows)} responses between {since:%Y-%m-%d} and {until:%Y-%m-%d} are missing at {name}: "
            "nothing was marked as removed"
        )
    checked = missing[:MOST_CHECKS]
    removed = tuple(Remove(stored_from(row)) for row in checked if source.is_removed(str(row["Source_Response_Id__c"])))
    left = len(missing) - len(checked)
    return removed, f"{left} responses missing at {name} wait for the next run to be checked" if left else None
