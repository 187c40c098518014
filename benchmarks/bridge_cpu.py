"""Own processor time of the bridge: payloads to responses, matching, planning, records; nothing of the network or the org.

An org's answers to a dry run are recorded, then the same dry run is repeated on the record alone, so that what is measured is our code.
"""

from __future__ import annotations

import gc
import json
import random
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from tooling.bridge.matching import Decision, MatchStatus
from tooling.bridge.records import WriteContext, new_record
from tooling.bridge.sync import SyncOptions, sync
from tooling.nps.content import content_hash
from tooling.nps.response import Response, ResponseSkipped
from tooling.salesforce.gateway import Gateway
from tooling.salesforce.org import Row
from tooling.sources.promoter_io.payloads import response_from
from tooling.spec.model import Spec

PAGE = 50
"""Items of one answer of the source."""
TURNS = 3
_MEMORABLE = ("identity", "query", "query_many", "describe", "describe_and_query", "bulk_query")
_START = datetime(2026, 3, 4, 12, tzinfo=UTC)


def pages(count: int, people: int) -> list[str]:
    """What the source answers, as text: items with everything that Promoter.io documents."""
    items = [_item(number, people) for number in range(count)]
    return [json.dumps({"count": count, "next": None, "results": items[first : first + PAGE]}) for first in range(0, count, PAGE)]


def _item(number: int, people: int) -> dict[str, Any]:
    chance = random.Random(number)
    # Every hundredth address belongs to two Contacts.
    address = f"twin{number % 50}@example.com" if number % 100 == 99 else f"p{chance.randrange(people)}@example.com"
    answered = (_START - timedelta(days=2, minutes=chance.randrange(10_000))).isoformat().replace("+00:00", "Z")
    return {
        "id": 100_000 + number, "score": number % 11, "score_type": "promoter", "status": "OPEN", "score_created": answered,
        "score_modified": answered, "comment": f"What customer {number} wrote about us, in a sentence or two.",
        "comment_updated_date": answered, "tags": ["price", "support"], "campaign": {"id": 270, "name": "Yearly"},
        "contact": {"email": address, "first_name": "Kim", "last_name": f"P{number}", "attributes": {"plan": "gold", "seats": 40}},
        "survey": {"sent_date": answered, "channel": "email", "attributes": {"segment": "b2b"}},
    }  # fmt: skip


class PagedSource:
    """The pages as the source of a sync."""

    name = "promoter_io"
    can_be_windowed = False

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts

    def read(self, since: datetime | None, until: datetime | None) -> Iterator[Response | ResponseSkipped]:
        for text in self._texts:
            yield from map(response_from, json.loads(text)["results"])


class Recording:
    """An org whose answers are kept: what was asked once is answered again without a call."""

    def __init__(self, org: Gateway) -> None:
        self._org = org
        self._answers: dict[str, Any] = {}
        self.usage, self.calls, self.writers = None, 0, 1

    def now(self) -> datetime:
        return _START

    def __getattr__(self, name: str) -> Any:
        if name not in _MEMORABLE:
            raise AttributeError(f"a dry run does not need {name}")
        if name == "identity":
            return self._org.identity
        return lambda *given, **options: self._answer(name, given, options)

    def _answer(self, name: str, given: Sequence[Any], options: Mapping[str, Any]) -> Any:
        asked = f"{name}{given}{options}"
        if asked not in self._answers:
            answer = getattr(self._org, name)(*given, **options)
            self._answers[asked] = list(answer) if name == "bulk_query" else answer
        return self._answers[asked]


def measure_cpu(gateway: Gateway, spec: Spec, count: int, people: int) -> None:
    """Prints responses per second of processor time: new ones, unchanged ones, and what a plain loop does with the same payloads."""
    texts = pages(count, people)
    print(f"own processor time, {count:,} responses of {len(texts)} pages, best and median of {TURNS} turns:")
    _measure_dry_run("new: normalise, match, plan", gateway, spec, texts, count)
    _told("new: as records of the org", count, lambda: _records(texts, gateway.identity.org_id))
    sync(spec, [PagedSource(texts)], gateway)
    _measure_dry_run("unchanged: normalise, read the ledger, compare", gateway, spec, texts, count)
    _told("a plain loop: parse, one dict for each", count, lambda: _loop(texts))


def _measure_dry_run(name: str, gateway: Gateway, spec: Spec, texts: Sequence[str], count: int) -> None:
    org = Recording(gateway)

    def run() -> None:
        report = sync(spec, [PagedSource(texts)], org, SyncOptions(dry_run=True, backfill=True))
        assert report.created + report.unchanged == count, report.as_text()[:1_000]

    run()
    _told(name, count, run)


def _records(texts: Sequence[str], org_id: str) -> None:
    context = WriteContext("run", _START)
    decision = Decision(MatchStatus.MATCHED, "email", contact_id="003000000000001AAA", account_id="001000000000001AAA")
    for response in PagedSource(texts).read(None, None):
        assert isinstance(response, Response)
        new_record(response, content_hash(response, org_id), decision, context)


def _loop(texts: Sequence[str]) -> list[Row]:
    return [
        {
            "Response_Key__c": f"promoter_io:{item['id']}", "Source__c": "promoter_io", "Source_Response_Id__c": str(item["id"]),
            "Score__c": item["score"], "Outcome__c": "Answered", "Verbatim__c": item["comment"], "Respondent_Email__c":
            item["contact"]["email"], "Campaign_Id__c": str(item["campaign"]["id"]), "Responded_At__c": item["score_created"],
        }
        for text in texts
        for item in json.loads(text)["results"]
    ]  # fmt: skip


def _told(name: str, count: int, work: Callable[[], object]) -> None:
    rates = []
    for _ in range(TURNS):
        gc.collect()
        started = time.process_time()
        work()
        rates.append(count / (time.process_time() - started))
    print(f"  {name:<50} {max(rates):>9,.0f} per second (median {statistics.median(rates):,.0f})")
