"""`nps reconcile`: the values that Contacts, Leads and Accounts show are compared with the ledger; who differs is recalculated.

It finds what reaches no flow: deleted responses, merges (children move without flows), values edited by hand, missed conversions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from tooling.bridge.conversions import follow_conversions
from tooling.bridge.derived import PAGE, compare_all, shown_fields
from tooling.bridge.ledger import RESPONSE
from tooling.bridge.rollups import Recalculations
from tooling.bridge.runs import RUN, Mode, Run, RunStatus
from tooling.errors import NpsError, UsageError
from tooling.salesforce.org import ObjectDescribe, TargetOrg
from tooling.spec.model import Spec

PARENTS = ("Contact", "Lead", "Account")
LEDGER = "ledger"
"""What stands as the source in a reconcile's run record."""
MOST_LISTED = 200


@dataclass(frozen=True, slots=True)
class Difference:
    """A record whose values are not those of its responses."""

    sobject: str
    id: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotFlagged:
    """A record that refused the recalculation flag."""

    sobject: str
    id: str
    code: str
    message: str


@dataclass(slots=True)
class ReconcileReport:
    """What was compared and what was done about it."""

    dry_run: bool = False
    checked: Counter[str] = field(default_factory=Counter)
    different: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    flagged: int = 0
    refused_count: int = 0
    conversions: int = 0
    """Responses of converted Leads that got their Contact."""
    api_calls: int = 0
    differences: list[Difference] = field(default_factory=list)
    """The first of them."""
    refused: list[NotFlagged] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """1: the org refused some flags."""
        return 1 if self.refused_count else 0

    def as_json(self) -> dict[str, Any]:
        values = asdict(self)
        return {**values, "checked": dict(self.checked), "different": dict(self.different), "reasons": dict(self.reasons)}

    def as_text(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        for sobject in PARENTS:
            yield f"{sobject}: {self.checked[sobject]} checked, {self.different[sobject]} different from the ledger"
        if self.reasons:
            yield "different in: " + ", ".join(f"{name} {count}" for name, count in self.reasons.most_common())
        yield from (f"  {one.sobject} {one.id}: {', '.join(one.reasons)}" for one in self.differences[:20])
        if self.conversions:
            verb = "would be" if self.dry_run else "were"
            yield f"{self.conversions} responses of converted Leads {verb} given their Contact"
        total = self.different.total()
        yield f"{total} would be recalculated" if self.dry_run else f"{self.flagged} recalculated, {self.refused_count} refused"
        yield from (f"  {one.sobject} {one.id}: {one.code}: {one.message}" for one in self.refused[:20])


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
                    report.checked[sobject] += 1
                    if one.reasons:
                        report.different[sobject] += 1
                        report.reasons.update(one.reasons)
                        if len(report.differences) < MOST_LISTED:
                            report.differences.append(Difference(sobject, one.parent.id, one.reasons))
                        recalculations.add([one.parent])
                if not dry_run:
                    recalculations.flush(org)
                    _take_over(recalculations, report)
    except NpsError as error:
        if not dry_run and report.flagged:
            run.finish(RunStatus.FAILED, error=str(error))
        raise
    if not dry_run:
        run.counts.read = report.checked.total()
        run.counts.recalculated, run.counts.refused = report.flagged, report.refused_count
        run.finish(RunStatus.DONE, details={"different": dict(report.different), "reasons": dict(report.reasons)})
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


def _take_over(recalculations: Recalculations, report: ReconcileReport) -> None:
    report.flagged += recalculations.done
    report.refused_count += len(recalculations.refused)
    for parent, outcome in recalculations.refused:
        if len(report.refused) < MOST_LISTED:
            report.refused.append(NotFlagged(parent.sobject, parent.id, outcome.code, outcome.message))
    recalculations.done, recalculations.refused = 0, []
