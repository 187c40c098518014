"""Keys, tokens and private keys are in nothing that we print, log, write into the org or put on disk, whatever fails."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.bridge.feedback_service import KEY, FeedbackService, feedback, serve
from tests.bridge.world import World
from tooling.bridge.sync import sync
from tooling.errors import NpsError
from tooling.local_org.engine.users import ADMIN_TOKEN
from tooling.sources.configured import configured_sources
from tooling.spec.loader import spec_from

SPEC = "version: 1\nsources: {promoter_io: {campaigns: all}}\nbudget: {daily_share: 1.0, reserve: 0, bulk_from: %d}\n"
ORG_FAULTS: list[dict[str, Any]] = [
    {"status": 503},
    {"status": 429},
    {"html": True, "status": 404},
    {"lose": True},
    {"drop": True},
    {"code": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."},
    {"code": "INVALID_SESSION_ID"},
    {"code": "INVALID_SESSION_ID", "message": f"Session expired: {ADMIN_TOKEN}"},
    {"code": "MALFORMED_QUERY", "message": f"your header was Bearer {ADMIN_TOKEN}", "status": 400},
    {"record": "Response_Key__c", "code": "FIELD_INTEGRITY_EXCEPTION", "message": f"saved by {ADMIN_TOKEN}"},
    {"record": "Response_Key__c", "code": "STRING_TOO_LONG", "message": f"saved by {ADMIN_TOKEN}", "fields": ["Channel__c"]},
    {"match": {"path": "/jobs/ingest"}, "code": "FEATURENOTENABLED", "status": 400, "message": ADMIN_TOKEN},
]


@pytest.fixture
def service() -> Iterator[FeedbackService]:
    with serve(FeedbackService([feedback(number, "anna@example.com", number % 11, channel="email") for number in range(12)])) as running:
        yield running


def everything_told(world: World, service: FeedbackService, folder: Path, bulk_from: int, log: pytest.LogCaptureFixture) -> str:
    """All texts of a sync: report, errors with their causes, log, and every record of ours in the org."""
    environ = {"PROMOTER_IO_API_KEY": KEY, "PROMOTER_IO_BASE_URL": service.url}
    spec = spec_from(SPEC % bulk_from)
    told: list[str] = []
    gateway = world.connect()
    sources = configured_sources(spec.sources, folder, environ)
    for source in sources:
        source._client._sleep = lambda _: None  # type: ignore[attr-defined]
    with log.at_level(logging.DEBUG):
        try:
            report = sync(spec, sources, gateway)
            told += [report.as_text(), json.dumps(report.as_json(), default=str)]
        except NpsError as error:
            told += [str(error), repr(error), str(error.remedy)]
    gateway.close()
    requests.delete(f"{world.served.plain_url}/local-org/faults", timeout=10)
    for name in ("Survey_Response__c", "Survey_Response_Revision__c", "NPS_Dead_Letter__c", "NPS_Sync_Run__c"):
        fields = [field["name"] for field in world.org.describe(world.user, name)["fields"]]
        told.append(str(world.query(f"SELECT {', '.join(fields)} FROM {name}")))
    told += [log.text, *(path.read_text() for path in folder.rglob("*") if path.is_file())]
    return "\n".join(told)


@pytest.mark.parametrize("bulk_from", [2_000, 5], ids=["collections", "bulk"])
@pytest.mark.parametrize("fault", ORG_FAULTS, ids=lambda fault: "-".join(str(value) for value in fault.values())[:40])
def test_sync__org_fails(
    world: World, people: dict[str, str], service: FeedbackService, tmp_path: Path, caplog: pytest.LogCaptureFixture, fault: dict[str, Any],
    bulk_from: int,
) -> None:  # fmt: skip
    """Whatever the org answers, also when it repeats the token."""
    world.fault(**fault)
    told = everything_told(world, service, tmp_path, bulk_from, caplog)
    assert KEY not in told
    assert ADMIN_TOKEN not in told


@pytest.mark.parametrize("kind", ["429", "500", "401", "400", "html", "half", "cut"])
@pytest.mark.parametrize("times", [1, 10], ids=["once", "always"])
def test_sync__source_fails(
    world: World, people: dict[str, str], service: FeedbackService, tmp_path: Path, caplog: pytest.LogCaptureFixture, kind: str, times: int
) -> None:
    """Whatever the source answers, also when it repeats the key; what passes by itself costs nothing, and half a page never counts."""
    service.broken = [kind] * times
    told = everything_told(world, service, tmp_path, 2_000, caplog)
    assert KEY not in told
    assert ADMIN_TOKEN not in told
    saved = len(world.query("SELECT Id FROM Survey_Response__c"))
    assert saved == (12 if times == 1 and kind in {"429", "500", "half"} else 0)
    assert world.query("SELECT Id FROM Survey_Response__c WHERE Removed_At_Source__c != null") == []
