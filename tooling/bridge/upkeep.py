"""What a sync does once a day when everything else is done: compare what is shown with the ledger, remove expired records."""

from __future__ import annotations

from datetime import datetime, timedelta

from tooling.bridge.reconcile import reconcile
from tooling.bridge.report import SyncReport
from tooling.bridge.retention import remove_expired
from tooling.errors import NpsError
from tooling.salesforce.limits import CallBudget
from tooling.salesforce.org import TargetOrg
from tooling.spec.model import Spec

A_DAY = timedelta(hours=23)
"""Between two of them at least: an hour's play, for a sync that runs daily at the same time."""


def keep_up_daily(org: TargetOrg, spec: Spec, report: SyncReport, *, last: datetime | None, own_calls: int) -> None:
    """Reconciles and removes what has expired, unless it was done today, the sync was cut short, or API calls are.

    What fails is a warning: the responses are in the org, and the next sync tries again.

    Args:
        org: the org.
        spec: the mapping spec.
        report: of the sync; says what was done.
        last: when the last reconcile began, None if days ago.
        own_calls: that the bridge has made today.
    """
    now = org.now()
    if report.incomplete or (last is not None and now - last < A_DAY):
        return
    if CallBudget(spec.budget.daily_share, spec.budget.reserve).is_tight(org.usage, own_calls):
        return
    try:
        report.reconciled = reconcile(org, spec)
        report.expired = remove_expired(org, now)
    except NpsError as error:
        report.warn(f"the daily comparison with the ledger stopped: {error}")
