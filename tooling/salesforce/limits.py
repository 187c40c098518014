"""API call usage as the org reports it, and the share of it a run may take."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tooling.salesforce.org import ApiUsage

# REST API Developer Guide, "Limit Info Header": `api-usage=25/5000; per-app-api-usage=17/250(appName=x)`.
_USAGE = re.compile(r"(?:^|[^-])\bapi-usage=(\d+)/(\d+)")


def usage_from(header: str | None) -> ApiUsage | None:
    """The org's usage from a `Sforce-Limit-Info` header.

    >>> usage_from("api-usage=25/5000; per-app-api-usage=17/250(appName=x)")
    ApiUsage(used=25, total=5000)
    """
    found = _USAGE.search(header or "")
    return ApiUsage(int(found[1]), int(found[2])) if found else None


@dataclass(frozen=True, slots=True)
class CallBudget:
    """How many calls a run may make: a share of the day's, and never into the reserve others need."""

    daily_share: float
    reserve: int

    def reason_to_stop(self, usage: ApiUsage | None, own_calls: int) -> str | None:
        """Why the run should stop before its next batch, or None."""
        if usage is None or usage.total <= 0:
            return None
        if own_calls >= self.daily_share * usage.total:
            return f"this run has used its share of the day's API calls ({own_calls} of {usage.total})"
        # A reserve that is larger than the org's whole allowance would stop every run before it starts.
        reserve = min(self.reserve, usage.total // 2)
        if usage.total - usage.used <= reserve:
            return f"the org has {usage.total - usage.used} API calls left today; {reserve} are kept in reserve"
        return None
