"""API calls, counted by resource, as `Sforce-Limit-Info` and the limits resource report them."""

from __future__ import annotations

import re
import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

DAILY_API_REQUESTS = 15_000
"""Developer Edition; the number is not in Salesforce's public documentation."""

_ID = r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?"
_RESOURCES: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(pattern), name)
    for pattern, name in (
        (r"^/services/data/v[\d.]+/sobjects/([^/]+)/describe$", r"sobjects/\1/describe"),
        (rf"^/services/data/v[\d.]+/sobjects/([^/]+)/{_ID}$", r"sobjects/\1/{id}"),
        (r"^/services/data/v[\d.]+/sobjects/([^/]+)/([^/]+)/.+$", r"sobjects/\1/\2/{value}"),
        (r"^/services/data/v[\d.]+/composite/sobjects/([^/]+)/([^/]+)$", r"composite/sobjects/\1/\2"),
        (r"^/services/data/v[\d.]+/(query|queryAll)/.+$", r"\1/{locator}"),
        (rf"^/services/data/v[\d.]+/(.*?)/{_ID}(/.*)?$", r"\1/{id}\2"),
        (r"^/services/data/v[\d.]+/(.+)$", r"\1"),
        (r"^/services/async/[\d.]+/job$", "async/job"),
        (rf"^/services/async/[\d.]+/job/{_ID}$", "async/job/{id}"),
        (rf"^/services/async/[\d.]+/job/{_ID}/batch(/{_ID})?$", "async/job/{id}/batch"),
        (rf"^/services/async/[\d.]+/job/{_ID}/batch/{_ID}/.*$", "async/job/{id}/batch/{id}/result"),
        (r"^/services/Soap/(\w)/.*$", r"Soap/\1"),
        (r"^/services/(.+)$", r"\1"),
    )
)


def resource_of(path: str) -> str:
    """The resource of a path, ids and values replaced: `sobjects/Contact/{id}`."""
    for pattern, name in _RESOURCES:
        found = pattern.match(path)
        if found:
            return found.expand(name)
    return path


class Usage:
    """Thread-safe counters since the start or the last reset; the limit counts those of the last 24 hours by the org's clock."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._by_hour: Counter[datetime] = Counter()
        self._calls: Counter[str] = Counter()
        self._refused: Counter[str] = Counter()
        self._lock = threading.Lock()

    def count(self, method: str, path: str) -> None:
        hour = self._now().replace(minute=0, second=0, microsecond=0)
        with self._lock:
            self._by_hour[hour] += 1
            self._calls[f"{method} {resource_of(path)}"] += 1

    def count_refused(self, code: str) -> None:
        with self._lock:
            self._refused[code] += 1

    @property
    def of_the_day(self) -> int:
        """Calls of the last 24 hours: the limit is a rolling one, kept by the hour here."""
        now = self._now()
        with self._lock:
            return sum(calls for hour, calls in self._by_hour.items() if now - timedelta(hours=24) < hour <= now)

    @property
    def header(self) -> str:
        """Value of `Sforce-Limit-Info`."""
        return f"api-usage={self.of_the_day}/{DAILY_API_REQUESTS}"

    def clear(self) -> None:
        with self._lock:
            self._calls.clear()
            self._by_hour.clear()
            self._refused.clear()

    def to_json(self) -> dict[str, Any]:
        with self._lock:
            return {
                "total": self._calls.total(),
                "max": DAILY_API_REQUESTS,
                "calls": dict(sorted(self._calls.items())),
                "errors": dict(sorted(self._refused.items())),
            }
