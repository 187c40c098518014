"""The org that a contract is tested on, by Salesforce's public APIs alone. What a test makes there carries a marker, and is deleted."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import requests
from simple_salesforce import Salesforce

from tooling.errors import UsageError
from tooling.salesforce.gateway import Gateway
from tooling.salesforce.org import Operation, RowOutcome, Write
from tooling.salesforce.soql import soql, split

RESPONSE = "Survey_Response__c"
DEADLINE = 120.0
"""Seconds: what a real org gets for asynchronous work before a test fails."""
_QUIET_PERIOD = 20.0
"""Seconds that a real org is watched for something that must not happen."""
_PAUSE = 3.0
T = TypeVar("T")


@dataclass
class Target:
    """An org. `local_url` is the control plane of a local org; without it the org is a real one, where time passes by itself."""

    gateway: Gateway
    local_url: str | None = None
    marker: str = field(default_factory=lambda: f"contract-{uuid.uuid4().hex[:12]}")
    _made: list[tuple[str, str]] = field(default_factory=list)
    _numbers: int = 0

    def __post_init__(self) -> None:
        self.begun = self.gateway.now()

    @property
    def is_local(self) -> bool:
        return self.local_url is not None

    @property
    def client(self) -> Salesforce:
        """For the APIs that the bridge does not use: deploys and the Tooling API."""
        return self.gateway._transport.client

    # Reading

    def query(self, soql: str) -> list[Mapping[str, Any]]:
        return self.gateway.query(soql)

    def record(self, sobject: str, record_id: str, *fields: str) -> dict[str, Any]:
        (found,) = self.query(f"SELECT {', '.join(fields)} FROM {sobject} WHERE Id = '{record_id}'")
        return {name: found[name] for name in fields}

    def statuses(self, record_ids: list[str], name: str = "Automation_Status__c") -> dict[Any, int]:
        """How many of these responses have which value of a field."""
        counted: dict[Any, int] = {}
        for row in self._of_each(f"SELECT {name} FROM {RESPONSE} WHERE Id IN {{ids}}", record_ids):
            counted[row[name]] = counted.get(row[name], 0) + 1
        return counted

    def _of_each(self, template: str, record_ids: list[str]) -> list[Mapping[str, Any]]:
        if not record_ids:
            return []
        queries = list(split(template, over="ids", ids=record_ids))
        return [row for rows in self.gateway.query_many(queries) for row in rows]

    # Writing

    def response(self, score: int | None = 8, **values: Any) -> dict[str, Any]:
        """A response that no flow makes anything for: a passive's, of nobody known. Its key carries the marker."""
        self._numbers += 1
        number = f"{self.marker}-{self._numbers}"
        return {
            "Response_Key__c": f"contract:{number}",
            "Source_Response_Id__c": number,
            "Source__c": "file",
            "Revision__c": 1,
            "Outcome__c": "Answered",
            "Score__c": score,
            "Verbatim__c": "As it was given.",
            "Match_Status__c": "Unmatched",
            **values,
        }

    def try_insert(self, sobject: str, *rows: Mapping[str, Any], bulk: bool = False) -> list[RowOutcome]:
        """What became of each row. What was made is deleted at the end; a Bulk job answers with no ids: see `keep`."""
        (outcomes,) = self.gateway.write([Write(Operation.INSERT, sobject, rows)], bulk=bulk)
        self._made += [(sobject, outcome.id) for outcome in outcomes if outcome.id]
        return outcomes

    def insert(self, sobject: str, *rows: Mapping[str, Any]) -> list[str]:
        outcomes = self.try_insert(sobject, *rows)
        assert all(outcome.success for outcome in outcomes), [outcome for outcome in outcomes if not outcome.success][:3]
        return [str(outcome.id) for outcome in outcomes]

    def keep(self, sobject: str, record_ids: list[str]) -> None:
        """Records that a test made in a way of its own are deleted at the end, too."""
        self._made += [(sobject, record_id) for record_id in record_ids]

    def try_update(self, sobject: str, record_id: str, **values: Any) -> RowOutcome:
        ((outcome,),) = self.gateway.write([Write(Operation.UPDATE, sobject, [{"Id": record_id, **values}])])
        return outcome

    def update(self, sobject: str, record_id: str, **values: Any) -> None:
        outcome = self.try_update(sobject, record_id, **values)
        assert outcome.success, outcome

    def delete_what_was_made(self) -> None:
        """Only records whose ids this object got when it made them, and what flows made for those."""
        ids = [record_id for _, record_id in self._made]
        responses = [record_id for sobject, record_id in self._made if sobject == RESPONSE]
        self._delete("Task", [row["Id"] for row in self._of_each("SELECT Id FROM Task WHERE NPS_Response__c IN {ids}", responses)])
        if ids:
            # A dead letter's key names the record, or the response's key, that it is about.
            letters = self.query(soql("SELECT Id, Delivery_Key__c FROM NPS_Dead_Letter__c WHERE CreatedDate >= {begun}", begun=self.begun))
            ours = {self.marker, *ids}
            self._delete("NPS_Dead_Letter__c", [row["Id"] for row in letters if any(part in row["Delivery_Key__c"] for part in ours)])
        for sobject in dict.fromkeys(sobject for sobject, _ in reversed(self._made)):
            self._delete(sobject, [record_id for one, record_id in self._made if one == sobject])
        self._made.clear()

    def _delete(self, sobject: str, record_ids: list[str]) -> None:
        if record_ids:
            (outcomes,) = self.gateway.write([Write(Operation.DELETE, sobject, [{"Id": record_id} for record_id in record_ids])])
            left = [outcome for outcome in outcomes if not outcome.success and outcome.code != "ENTITY_IS_DELETED"]
            assert not left, f"{len(left)} {sobject} of {self.marker} could not be deleted: {left[:3]}"

    # Time

    def until(self, ask: Callable[[], T], expected: T, deadline: float = DEADLINE) -> None:
        """Waits until the answer is the expected one: a local org does at once what is due, a real one is asked until the deadline."""
        if self.is_local:
            self._control("run-async")
            assert ask() == expected
            return
        end = time.monotonic() + deadline
        while (answer := ask()) != expected:
            assert time.monotonic() < end, f"after {deadline:.0f} s it is still {answer!r}, not {expected!r}"
            time.sleep(_PAUSE)

    def let_pass(self) -> None:
        """Gives the org the time to do what it must not do."""
        if self.is_local:
            self._control("run-async")
        else:
            time.sleep(_QUIET_PERIOD)

    def advance(self, span: str) -> None:
        """Moves a local org's clock. No public API can do that in a real one."""
        assert self.is_local, "a real org's clock cannot be moved"
        self._control("clock", {"advance": span})

    def _control(self, path: str, body: Mapping[str, Any] | None = None) -> None:
        answer = requests.post(f"{self.local_url}/local-org/{path}", json=body, timeout=60)
        assert answer.ok, answer.text


def refuse_production(gateway: Gateway) -> None:
    """
    Raises:
        UsageError: the org is no sandbox or scratch org.
    """
    (organization,) = gateway.query("SELECT IsSandbox, Name FROM Organization")
    if not organization["IsSandbox"]:
        raise UsageError(
            f"{organization['Name']} ({gateway.identity.host}) is no sandbox and no scratch org: contract tests write records",
            "Name a scratch org in NPS_CONTRACT_ORG.",
        )
