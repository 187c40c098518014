"""`nps reconcile`: the values that Contacts, Leads and Accounts show are compared with the ledger; who differs is recalculated.

It finds what reaches no flow: deleted responses, merges (children move without flows), values edited by hand, missed conversions.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

from tooling.bridge.conversions import follow_conversions
from tooling.bridge.derived import PAGE, compare_all, shown_fields
from tooling.bridge.ledger import RESPONSE
from tooling.bridge.reconcile_report import PARENTS, NotFlagged, ReconcileReport
from tooling.bridge.rollups import Recalculations
from tooling.bridge.runs import RUN, Mode, Run, RunStatus
from tooling.errors import NpsError, UsageError
from tooling.salesforce.org import ObjectDescribe, TargetOrg
from tooling.spec.model import Spec

LEDGER = "ledger"
"""What stands as the source in a reconcile's run record."""


def reconcile(org: TargetOrg, spec: Spec, *, dry_run: bool = False, page: int = PAGE) -> ReconcileReport:
    """Compares all parents with the ledger and flags those that differ or are behind. Safe to kill and to run again.

    Args:
        org: the org.
        spec: says how far back the values look.
        dry_run: compare only.
        page: parents compared in one call, and held in memory, at most.

    Raises:
        UsageError: the user lacks what a reconcile reads or writes; nothing was written.
        Unreachable: the org cannot be reached; running again is safe.
    """
    calls_before = org.calls
    describes = _checked(org)
    now = org.now()
    report = ReconcileReport(dry_run=dry_run)
    run = Run(org, LEDGER, Mode.RECONCILE, quiet=True, now=now, last=None)
    try:
        report.conversions = follow_conversions(org, dry_run=dry_run)
        for sobject in PARENTS:
            recalculations = Recalculations()
            for compared in compare_all(org, sobject, describes[sobject], spec.rollup, now, page=page):
                for one in compared:
                    report.compared(sobject, one.parent.id, one.reasons)
                    if one.reasons:
                        recalculations.add([one.parent])
                if not dry_run:
                    recalculations.flush(org)
                    report.flagged += recalculations.done
                    for parent, outcome in recalculations.refused:
                        report.refuse(NotFlagged(parent.sobject, parent.id, outcome.code, outcome.message))
                    recalculations.done, recalculations.refused = 0, []
    except NpsError as error:
        if not dry_run and report.flagged:
            with contextlib.suppress(NpsError):  # the first error is the one to be told
                run.finish(RunStatus.FAILED, error=str(error))
        raise
    if not dry_run:
        run.counts.read = sum(report.checked.values())
        run.counts.recalculated, run.counts.refused = report.flagged, report.refused_count
        run.finish(RunStatus.DONE, details={"different": report.different, "reasons": report.reasons})
    report.api_calls = org.calls - calls_before
    return report


def _checked(org: TargetOrg) -> Mapping[str, ObjectDescribe]:
    described = org.describe([RESPONSE, *PARENTS, RUN])
    found = {name: describe for name, describe in described.items() if describe is not None and describe.queryable}
    lacking = [f"{name} does not exist, or this user may not see it" for name in (RESPONSE, *PARENTS, RUN) if name not in found]
    for sobject in PARENTS:
        if sobject in found:
            names = [name for name in (*shown_fields(sobject), "NPS_Recalculate__c") if not found[sobject].has(name)]
            lacking += [f"{sobject}.{name} does not exist, or this user may not read it" for name in names]
    if lacking:
        who = f"{org.identity.username} at {org.identity.host}"
        raise UsageError(
            "\n".join([f"what is shown cannot be compared with the ledger as {who}:", *(f"  {one}" for one in lacking)]),
            "Deploy the metadata if it is not there yet, and assign the permission set NPS_Bridge to the user.",
        )
    return found
