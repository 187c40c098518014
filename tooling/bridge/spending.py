"""The API calls of the bridge since the day began, over all its runs, against what the spec grants it."""

from __future__ import annotations

from dataclasses import dataclass

from tooling.bridge.estimate import calls_of_run
from tooling.bridge.report import DayOfCalls, SyncReport
from tooling.salesforce.limits import CallBudget
from tooling.salesforce.org import TargetOrg
from tooling.spec.model import Budget


@dataclass(slots=True)
class Spending:
    org: TargetOrg
    granted: Budget
    earlier: int
    """Calls of the day's earlier runs, as their records say."""
    calls_before: int
    """The org's count of calls when this sync began."""
    to_write: int = 0
    """In a dry run: about how many calls the writing would take."""
    is_claimed: bool = False

    @property
    def budget(self) -> CallBudget:
        return CallBudget(self.granted.daily_share, self.granted.reserve)

    @property
    def today(self) -> int:
        return self.earlier + self.org.calls - self.calls_before

    @property
    def is_tight(self) -> bool:
        return self.budget.is_tight(self.org.usage, self.today)

    def reason_to_stop(self, upcoming: int) -> str | None:
        return self.budget.reason_to_stop(self.org.usage, self.today, upcoming)

    def claim(self) -> int:
        """The org's count from which a run counts its calls: what was read before the first run is counted as the first run's."""
        start = self.org.calls if self.is_claimed else self.calls_before
        self.is_claimed = True
        return start

    def tell(self, report: SyncReport, *, has_routes: bool) -> None:
        """Puts into the report what was spent today, what is granted and, in a dry run, what the sync itself would cost."""
        usage = self.org.usage
        report.calls_today = self.today
        if usage is not None:
            report.day = DayOfCalls(usage.total, self.budget.share(usage))
        if report.dry_run:
            report.estimated_calls = report.api_calls + self.to_write + calls_of_run(has_routes=has_routes)
