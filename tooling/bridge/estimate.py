"""About how many API calls a plan costs to carry out: for a dry run, which makes the reading calls itself."""

from __future__ import annotations

from tooling.bridge.planning import Plan
from tooling.bridge.writing import LANE

CALLS_OF_A_JOB = 8
"""Bulk API 2.0: make, upload, close, ask a few times, fetch what became of it."""
CALLS_OF_ROUTES = 3
"""Read what is pending, write the targets, note it on the responses; looking up is done in a dry run too."""


def calls_to_write(plan: Plan, *, is_bulk: bool, writers: int) -> int:
    """Calls that write the plan, and that have its parents recalculated."""
    if plan.changes_nothing:
        return 0
    archiving = 2 if plan.revisions else 0
    rows = len(plan.inserts) + len(plan.revisions) + len(plan.refreshes) + len(plan.rematches) + len(plan.removals)
    if is_bulk:
        return archiving + 2 * CALLS_OF_A_JOB
    writing = min(writers, -(-rows // LANE))
    return archiving + writing + min(writing, _homes(plan))


def _homes(plan: Plan) -> int:
    """Accounts, or people without one: those of different homes are flagged side by side."""
    decided = [*(change.decision for change in plan.inserts), *(change.decision for change in plan.rematches)]
    stored = [
        *(change.stored for change in plan.revisions),
        *(change.stored for change in plan.refreshes),
        *(change.stored for change in plan.removals),
    ]
    return len(
        {decision.account_id or decision.contact_id or decision.lead_id for decision in decided}
        | {min((parent.key for parent in one.parents), default=("", ""))[1] for one in stored}
    )


def calls_of_run(*, has_routes: bool) -> int:
    """Calls besides reading and writing: to open and close the run's record, and for the routes."""
    return 2 + (CALLS_OF_ROUTES if has_routes else 0)
