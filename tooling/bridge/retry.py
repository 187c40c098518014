"""What the org refused, tried again now: dead letters by their payload, parked routes by the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import groupby
from typing import Any

from tooling.bridge.batches import BatchWriter
from tooling.bridge.dead_letters import DeadLetter, letters_from, response_from_json
from tooling.bridge.ledger import RESPONSE, Ledger
from tooling.bridge.preflight import Describes, check_org
from tooling.bridge.records import WriteContext
from tooling.bridge.report import SyncReport
from tooling.bridge.resolve import find_response
from tooling.bridge.routes import RoutingStatus
from tooling.bridge.routing import route_pending
from tooling.bridge.runs import Mode, Run, RunStatus
from tooling.errors import NpsError, UsageError
from tooling.nps.response import Response
from tooling.salesforce.org import Operation, Row, TargetOrg, Write
from tooling.salesforce.soql import Identifier, soql
from tooling.spec.model import Spec

MOST_LETTERS = 200
"""Payloads are long: these many are read at once."""


@dataclass(slots=True)
class RetryReport:
    """What became of what was tried again."""

    letters: int = 0
    without_payload: list[str] = field(default_factory=list)
    """Letters that hold no response: there is nothing to send."""
    routes: int = 0
    sync: SyncReport = field(default_factory=SyncReport)

    @property
    def exit_code(self) -> int:
        """1 when the org refused something again."""
        return 1 if self.sync.refused_count or self.sync.routed.parked or self.without_payload else 0

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "sync": self.sync.as_json()}

    def as_text(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        if not (self.letters or self.routes):
            yield "nothing to try again"
            return
        done = self.sync.created + self.sync.revised + self.sync.unchanged
        yield f"{self.letters} dead letters tried again: {done} done, {self.sync.refused_count} refused again"
        yield from (f"  {item.key}: {item.code}: {item.message}" for item in self.sync.refused[:20])
        yield from (f"  {number} holds no response: correct the org, the next sync brings it" for number in self.without_payload)
        if self.routes:
            routed = self.sync.routed
            yield f"{self.routes} routes tried again: {routed.done} done, {routed.parked} parked, {routed.pending} to be tried again"
        yield from (f"  warning: {text}" for text in self.sync.warnings[:20])


def retry(org: TargetOrg, spec: Spec, references: Sequence[str] = ()) -> RetryReport:
    """Tries dead letters and parked routes again: those that are named (DL-…, SR-… or keys), or all.

    Raises:
        UsageError: one of the names is not in the org; nothing was written.
    """
    describes = check_org(org, spec)
    ledger = Ledger(org, describes)
    rows, responses = _named(org, ledger, references) if references else _all(org)
    report = RetryReport(letters=len(rows), routes=len(responses))
    for source, group in groupby(sorted(rows, key=_source), key=_source):
        _retry_letters(org, spec, ledger, describes, source, list(group), report)
    if responses:
        pending = [{"Id": record_id, "Routing_Status__c": RoutingStatus.PENDING.value} for record_id in responses]
        org.write([Write(Operation.UPDATE, RESPONSE, pending)])
    report.sync.routed = route_pending(org, spec.routes, describes)
    return report


def _retry_letters(
    org: TargetOrg, spec: Spec, ledger: Ledger, describes: Describes, source: str, rows: Sequence[Row], report: RetryReport
) -> None:
    letters: Mapping[str, DeadLetter] = letters_from(rows)
    now = org.now()
    run = Run(org, source, Mode.RETRY, quiet=False, now=now, last=None)
    context = WriteContext(run.key, now, False, spec.routes)
    batches = BatchWriter(spec, org, ledger, describes, context, run, report.sync, letters, dry_run=False)
    try:
        for start in range(0, len(rows), MOST_LETTERS):
            batches.process(list(_responses(org, rows[start : start + MOST_LETTERS], report)))
        batches.finish()
    except NpsError as error:
        if run.is_recorded:
            run.finish(RunStatus.FAILED, error=str(error))
        raise
    if run.is_recorded:
        run.finish(RunStatus.DONE)


def _responses(org: TargetOrg, rows: Sequence[Row], report: RetryReport) -> Iterator[Response]:
    payloads = org.query(soql("SELECT Name, Payload__c FROM NPS_Dead_Letter__c WHERE Id IN {ids}", ids=[str(row["Id"]) for row in rows]))
    for row in payloads:
        response = response_from_json(row.get("Payload__c") or "")
        if response is None:
            report.without_payload.append(str(row["Name"]))
        else:
            yield response


_COLUMNS = "SELECT Id, Name, Delivery_Key__c, Attempts__c, Status__c FROM NPS_Dead_Letter__c WHERE Status__c IN ('New','Retry')"


def _all(org: TargetOrg) -> tuple[list[Row], list[str]]:
    letters, parked = org.query_many(
        [_COLUMNS, "SELECT Id FROM Survey_Response__c WHERE Routing_Status__c = 'Parked' AND Erased_At__c = null"]
    )
    return letters, [str(row["Id"]) for row in parked]


def _named(org: TargetOrg, ledger: Ledger, references: Iterable[str]) -> tuple[list[Row], list[str]]:
    letters: dict[str, Row] = {}
    responses: list[str] = []
    for reference in references:
        given = reference.strip()
        name = "Name" if given.upper().startswith("DL-") else "Delivery_Key__c"
        found = org.query(soql(f"{_COLUMNS} AND {{field}} = {{value}}", field=Identifier(name), value=given))
        letters.update((str(row["Id"]), row) for row in found)
        if found:
            continue
        if name == "Name":
            raise UsageError(f"{reference} is no open dead letter of this org", "`nps review` lists what is to be decided.")
        stored, row = find_response(org, ledger, given)
        if not _has_parked_route(org, stored.id):
            raise UsageError(f"{row['Name']}: nothing of it was refused", "`nps review` lists what is to be decided.")
        responses.append(stored.id)
    return list(letters.values()), responses


def _has_parked_route(org: TargetOrg, record_id: str) -> bool:
    return bool(org.query(soql("SELECT Id FROM Survey_Response__c WHERE Id = {id} AND Routing_Status__c = 'Parked'", id=record_id)))


def _source(row: Row) -> str:
    return str(row["Delivery_Key__c"]).partition(":")[0]
