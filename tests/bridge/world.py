"""What the tests of the bridge share: an org seen from inside, a source that can be changed at will, responses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import requests

from tooling.bridge.report import SyncReport
from tooling.bridge.sync import SyncOptions, sync
from tooling.local_org.engine.org import ADMIN_TOKEN, Org, User
from tooling.local_org.server import Served
from tooling.nps.response import Person, Response, ResponseSkipped
from tooling.salesforce.gateway import Gateway, connect
from tooling.spec.model import Spec

START = datetime(2026, 3, 4, 12, tzinfo=UTC)
SPEC = """
version: 1
sources:
  promoter_io: {campaigns: all}
  files: [{path: "*.csv", columns: {id: id, score: score, email: email, responded_at: date}}]
"""


@dataclass
class ListSource:
    """A source whose responses a test may change at will."""

    responses: list[Response] = field(default_factory=list)
    name: str = "promoter_io"
    can_be_windowed: bool = True
    removed: set[str] = field(default_factory=set)
    skipped: list[ResponseSkipped] = field(default_factory=list)
    windows: list[tuple[datetime | None, datetime | None]] = field(default_factory=list)

    def read(self, since: datetime | None, until: datetime | None) -> Iterator[Response | ResponseSkipped]:
        self.windows.append((since, until))
        yield from self.skipped
        for response in self.responses:
            at = response.responded_at
            if at is None or ((since is None or at >= since) and (until is None or at < until)):
                yield response

    def is_removed(self, response_id: str) -> bool:
        return response_id in self.removed


def response(number: int | str, email: str | None, score: int | None = 9, **changes: Any) -> Response:
    values: dict[str, Any] = {"responded_at": START, "verbatim": f"words of {number}", **changes}
    return Response("promoter_io", str(number), Person(email=email), score=score, **values)


@dataclass
class World:
    """An org with some people, the gateway to it, and what a test needs to look behind it."""

    org: Org
    user: User
    served: Served
    spec: Spec
    gateway: Gateway
    pauses: list[float]

    def sync(self, source: ListSource, **options: Any) -> SyncReport:
        return sync(self.spec, [source], self.gateway, SyncOptions(**options))

    def connect(self, token: str = ADMIN_TOKEN, **settings: Any) -> Gateway:
        environ = {"REQUESTS_CA_BUNDLE": str(self.served.ca_bundle)}
        return connect(self.served.url, token, environ=environ, sleep=self.pauses.append, **settings)

    def insert(self, sobject: str, *records: dict[str, Any]) -> list[str]:
        saved = self.org.insert(self.user, [{"attributes": {"type": sobject}, **record} for record in records])
        assert all(one.success for one in saved), saved
        return [str(one.id) for one in saved]

    def update(self, sobject: str, *records: dict[str, Any]) -> None:
        saved = self.org.update(self.user, [{"attributes": {"type": sobject}, **record} for record in records])
        assert all(one.success for one in saved), saved

    def query(self, soql: str) -> list[dict[str, Any]]:
        rows = self.org.query(self.user, soql).records
        return [{name: value for name, value in row.items() if name != "attributes"} for row in rows]

    def fault(self, **values: Any) -> None:
        answer = requests.post(f"{self.served.plain_url}/local-org/faults", json=values, timeout=10)
        assert answer.ok, answer.text

    def ledger(self) -> list[dict[str, Any]]:
        """Everything that has to be the same after a crash as without one."""
        return self.query(
            "SELECT Response_Key__c, Score__c, Verbatim__c, Revision__c, Content_Hash__c, Contact__c, Lead__c, Account__c, "
            "Match_Status__c, Quiet__c, Source_Status__c FROM Survey_Response__c ORDER BY Response_Key__c"
        ) + self.query("SELECT Revision_Key__c, Score__c, Verbatim__c FROM Survey_Response_Revision__c ORDER BY Revision_Key__c")
