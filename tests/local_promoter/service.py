"""The double, its clock and the product's own client, as one thing that tests hold."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from tooling.local_promoter.app import Double
from tooling.nps.response import Response
from tooling.sources.promoter_io.client import PromoterIoClient
from tooling.sources.promoter_io.source import PromoterIoSource

NOW = datetime(2026, 3, 2, 17, tzinfo=UTC)


@dataclass
class Clock:
    """Time passes when somebody waits, or when a test says so."""

    moment: datetime = NOW
    pauses: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return self.moment

    def ticks(self) -> float:
        return self.moment.timestamp()

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.moment += timedelta(seconds=seconds)


@dataclass
class Service:
    """The double, its clock, and the client as the product uses it."""

    double: Double
    clock: Clock
    url: str
    session: requests.Session

    def assume(self, **switches: Any) -> None:
        self.double.assumed = replace(self.double.assumed, **switches)

    def play(self, *events: dict[str, Any]) -> None:
        self.double.feed.play(events, self.clock.now())

    def client(self, key: str | None = None) -> PromoterIoClient:
        return PromoterIoClient(key or self.double.key, self.url, session=self.session, sleep=self.clock.sleep)

    def source(self) -> PromoterIoSource:
        return PromoterIoSource(self.client())

    def read(self, since: datetime | None = None, until: datetime | None = None) -> list[Response]:
        """All responses between the two moments, oldest first; none is skipped."""
        found = list(self.source().read(since, until))
        assert all(isinstance(one, Response) for one in found), found
        return sorted((one for one in found if isinstance(one, Response)), key=lambda one: (one.responded_at or NOW, one.id))

    def get(self, path: str, **params: Any) -> requests.Response:
        """The bare answer of the API."""
        return self.session.get(f"{self.url}{path}", params=params, headers={"Authorization": f"Token {self.double.key}"}, timeout=5)

    def raw(self, **params: Any) -> list[dict[str, Any]]:
        """The rows of the first page, as they are on the wire."""
        return list(self.get("v2/feedback/", **params).json()["results"])


ABOUT = {"event": "about", "campaigns": [{"id": 101, "name": "Relationship survey"}]}


def feedback(number: int, days_ago: float, **more: Any) -> dict[str, Any]:
    person = {"email": f"person{number}@customer.example.com", "first_name": "Ann", "attributes": {"user_id": f"U-{number}"}}
    return {"event": "feedback", "id": number, "days_ago": days_ago, "score": 9, "campaign": 101, "contact": person, **more}


SEVEN = (
    ABOUT,
    feedback(1, 9, comment="Good.", tags=["support", "price"]),
    feedback(2, 8, score=0, comment="Bad."),
    feedback(3, 7, attributes={"order_id": "A-1001"}),
    feedback(4, 5, score=None, outcome="dismissed"),
    feedback(5, 3, score=None, comment="Only words."),
    feedback(6, 2, score=7),
    feedback(7, 1, score=10, comment="Great!"),
)
