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


TIGHT = 0.1
"""Of what a run may use: below it calls are packed tighter, and detractors go first."""


@dataclass(frozen=True, slots=True)
class CallBudget:
    """How many calls the bridge may make in a day: a share of the org's, and never into the reserve others need.

    `own_calls` are those of all its runs since the day began.
    """

    daily_share: float
    reserve: int

    def left(self, usage: ApiUsage | None, own_calls: int) -> int | None:
        """Calls that the run may still make; None before the org has said how many it grants."""
        if usage is None or usage.total <= 0:
            return None
        return min(self.share(usage) - own_calls, usage.total - usage.used - self._reserve(usage))

    def is_tight(self, usage: ApiUsage | None, own_calls: int) -> bool:
        """Whether calls are so short that fewer of them count more than time."""
        left = self.left(usage, own_calls)
        return left is not None and usage is not None and left < TIGHT * min(self.share(usage), usage.total - self._reserve(usage))

    def reason_to_stop(self, usage: ApiUsage | None, own_calls: int, upcoming: int = 1) -> str | None:
        """Why the run should stop before its next batch, which takes about `upcoming` calls, or None."""
        left = self.left(usage, own_calls)
        if usage is None or left is None or left >= upcoming:
            return None
        if self.share(usage) - own_calls <= left:
            share = f"{self.share(usage)} of the {usage.total} of a day"
            return f"{own_calls} API calls made today; the share that the spec grants the bridge is {share}"
        return f"the org has {max(usage.total - usage.used, 0)} API calls left today; {self._reserve(usage)} are kept in reserve"

    def share(self, usage: ApiUsage) -> int:
        """Calls of a day that the bridge may make."""
        return int(self.daily_share * usage.total)

    def _reserve(self, usage: ApiUsage) -> int:
        # A reserve that is larger than the org's whole allowance would stop every run before it starts.
        return min(self.reserve, usage.total // 2)
