"""Keys, tokens and private keys are in nothing that we print, log, write into the org or put on disk, whatever fails."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
import traceback
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.bridge.feedback_service import KEY, FeedbackService, feedback, serve
from tests.bridge.world import World
from tests.connect.world import CONSUMER_KEY, CONSUMER_SECRET, certificate_of, pem
from tooling.bridge.sync import sync
from tooling.connect import connect
from tooling.errors import NpsError
from tooling.salesforce.gateway import Gateway
from tooling.sources.configured import configured_sources
from tooling.spec.loader import spec_from

SPEC = "version: 1\nsources: {promoter_io: {campaigns: all}}\nbudget: {daily_share: 1.0, reserve: 0, bulk_from: %d}\n"
ADMIN = "admin@local.example"
TOKEN_OF_ORG = re.compile(r"00D000000000001!\S")
JWT_SHAPE = re.compile(r"eyJ[\w-]+\.eyJ[\w-]+")
ECHO = "<token>"
"""In a fault: the access token of the session that meets it, as a careless proxy would repeat it."""
ORG_FAULTS: list[dict[str, Any]] = [
    {"status": 503},
    {"status": 503, "count": 3},
    {"status": 429},
    {"html": True, "status": 404},
    {"html": True, "status": 502, "count": 2},
    {"lose": True},
    {"drop": True},
    {"drop": True, "count": 2},
    {"code": "UNABLE_TO_LOCK_ROW", "count": 2, "message": ECHO, "match": {"path": "/composite", "body": '"POST"'}},
    {"code": "SERVER_UNAVAILABLE", "message": f"asked with Bearer {ECHO}"},
    {"code": "REQUEST_LIMIT_EXCEEDED", "message": f"TotalRequests Limit exceeded. {ECHO}"},
    {"code": "API_DISABLED_FOR_ORG", "status": 403, "message": f"API is disabled for {ECHO}"},
    {"code": "INVALID_SESSION_ID"},
    {"code": "INVALID_SESSION_ID", "count": 1, "message": f"Session expired: {ECHO}"},
    {"code": "INVALID_SESSION_ID", "message": f"Session expired: {ECHO}"},
    {"code": "MALFORMED_QUERY", "message": f"your header was Bearer {ECHO}", "status": 400},
    {"code": "APEX_ERROR", "message": ECHO, "status": 400, "match": {"path": "/composite", "body": "NPS_Recalculate__c"}},
    {"record": "Response_Key__c", "code": "FIELD_INTEGRITY_EXCEPTION", "message": f"saved by {ECHO}"},
    {"record": "Response_Key__c", "code": "STRING_TOO_LONG", "message": f"saved by {ECHO}", "fields": ["Channel__c"]},
    {"record": "Response_Key__c", "code": "UNABLE_TO_LOCK_ROW", "message": f"locked by {ECHO}"},
    {"record": "Delivery_Key__c", "code": "STORAGE_LIMIT_EXCEEDED", "message": ECHO},
    {"match": {"path": "/jobs/ingest"}, "code": "FEATURENOTENABLED", "status": 400, "message": ECHO},
]


@dataclass
class Login:
    """A connected app in the served org, and the two ways to log in through it."""

    world: World
    key: str

    @property
    def secrets(self) -> list[str]:
        return [KEY, CONSUMER_SECRET, *(line for line in self.key.splitlines() if not line.startswith("-----"))]

    def environ(self, way: str) -> dict[str, str]:
        ways = {
            "jwt": {"SF_USERNAME": ADMIN, "SF_PRIVATE_KEY": self.key},
            "client credentials": {"SF_CLIENT_SECRET": CONSUMER_SECRET},
        }
        served = self.world.served
        return {"SF_CLIENT_ID": CONSUMER_KEY, "SF_LOGIN_URL": served.url, "REQUESTS_CA_BUNDLE": str(served.ca_bundle), **ways[way]}

    def gateway(self, way: str) -> Gateway:
        """Logged in, and never waiting for long."""
        found = connect(None, environ=self.environ(way))
        found._transport._sleep = found._bulk._sleep = self.world.pauses.append
        return found

    def assert_absent(self, told: str) -> None:
        """No secret, no token that the org ever issued, and no assertion."""
        for secret in self.secrets:
            assert secret not in told, f"a secret was told: …{told[max(0, told.index(secret) - 200) :][:400]}…"
        for shape in (TOKEN_OF_ORG, JWT_SHAPE):
            found = shape.search(told)
            assert found is None, f"a token was told: …{told[max(0, found.start() - 200) :][:400]}…"


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture
def login(world: World, key: rsa.RSAPrivateKey) -> Iterator[Login]:
    apps = f"{world.served.plain_url}/local-org/connected-apps"
    app = {
        "consumer_key": CONSUMER_KEY, "consumer_secret": CONSUMER_SECRET, "certificate": certificate_of(key), "approved": [ADMIN],
        "run_as": ADMIN,
    }  # fmt: skip
    assert requests.post(apps, json=app, timeout=10).ok
    yield Login(world, pem(key))
    requests.delete(apps, timeout=10)


@pytest.fixture
def service() -> Iterator[FeedbackService]:
    with serve(FeedbackService([feedback(number, "anna@example.com", number % 11, channel="email") for number in range(12)])) as running:
        yield running


def told_by_sync(gateway: Gateway, service: FeedbackService, folder: Path, bulk_from: int, log: pytest.LogCaptureFixture) -> str:
    """What a sync says: its report as text and as JSON, or its error with the whole traceback; and the log of every library."""
    spec = spec_from(SPEC % bulk_from)
    sources = configured_sources(spec.sources, folder, {"PROMOTER_IO_API_KEY": KEY, "PROMOTER_IO_BASE_URL": service.url})
    for source in sources:
        source._client._sleep = lambda _: None  # type: ignore[attr-defined]
    told: list[str] = []
    with log.at_level(logging.DEBUG):
        try:
            report = sync(spec, sources, gateway)
            told += [report.as_text(), json.dumps(report.as_json(), default=str)]
        except NpsError as error:
            told += [str(error), repr(error), "".join(traceback.format_exception(error))]
    assert "urllib3" in log.text  # the log is really that of the libraries too
    return "\n".join([*told, log.text])


def written(world: World, folder: Path) -> str:
    """Every record of ours in the org, and every file."""
    requests.delete(f"{world.served.plain_url}/local-org/faults", timeout=10)
    told: list[str] = []
    for name in ("Survey_Response__c", "Survey_Response_Revision__c", "NPS_Dead_Letter__c", "NPS_Sync_Run__c"):
        fields = [field["name"] for field in world.org.describe(world.user, name)["fields"]]
        told.append(str(world.query(f"SELECT {', '.join(fields)} FROM {name}")))
    return "\n".join([*told, *(path.read_text() for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc")])


def echoed(fault: dict[str, Any], gateway: Gateway) -> dict[str, Any]:
    """The fault with the session's own token in its message."""
    told = str(fault.get("message", "")).replace(ECHO, gateway._transport.client.session_id)
    return {**fault, "message": told} if told else fault


@pytest.mark.parametrize("bulk_from", [2_000, 5], ids=["collections", "bulk"])
@pytest.mark.parametrize("fault", ORG_FAULTS, ids=lambda fault: "-".join(str(value) for value in fault.values())[:50])
def test_sync__org_fails(
    login: Login, people: dict[str, str], service: FeedbackService, tmp_path: Path, caplog: pytest.LogCaptureFixture, fault: dict[str, Any],
    bulk_from: int,
) -> None:  # fmt: skip
    """Whatever the org answers, also when it repeats the token; sessions that end are renewed meanwhile."""
    with closing(login.gateway("jwt" if bulk_from == 5 else "client credentials")) as gateway:
        login.world.fault(**echoed(fault, gateway))
        told = told_by_sync(gateway, service, tmp_path, bulk_from, caplog)
    login.assert_absent(told + written(login.world, tmp_path))


@pytest.mark.parametrize("kind", ["429", "500", "401", "400", "html", "half", "cut"])
@pytest.mark.parametrize("times", [1, 10], ids=["once", "always"])
def test_sync__source_fails(
    login: Login, people: dict[str, str], service: FeedbackService, tmp_path: Path, caplog: pytest.LogCaptureFixture, kind: str, times: int
) -> None:
    """Whatever the source answers, also when it repeats the key; what passes by itself costs nothing, and half a page never counts."""
    service.broken = [kind] * times
    world = login.world
    with closing(login.gateway("jwt")) as gateway:
        told = told_by_sync(gateway, service, tmp_path, 2_000, caplog)
    login.assert_absent(told + written(world, tmp_path))
    saved = len(world.query("SELECT Id FROM Survey_Response__c"))
    assert saved == (12 if times == 1 and kind in {"429", "500", "half"} else 0)
    assert world.query("SELECT Id FROM Survey_Response__c WHERE Removed_At_Source__c != null") == []


@pytest.mark.parametrize("way", ["jwt", "client credentials"])
@pytest.mark.parametrize(
    "trouble", [{"html": True, "status": 404}, {"status": 503}, {"lose": True}, {"code": "UNKNOWN_EXCEPTION", "status": 400}, None],
    ids=["html", "503", "lost", "no login host", "refused"],
)  # fmt: skip
def test_sync__renewal_fails(
    login: Login, people: dict[str, str], service: FeedbackService, tmp_path: Path, caplog: pytest.LogCaptureFixture, way: str,
    trouble: dict[str, Any] | None,
) -> None:  # fmt: skip
    """The session ends at the first write, and the login host refuses, is away, or is none."""
    world = login.world
    with closing(login.gateway(way)) as gateway:
        end = {"code": "INVALID_SESSION_ID", "match": {"path": "/composite", "body": '"POST"'}, "message": ECHO}
        world.fault(**echoed(end, gateway))
        if trouble is None:
            app = {"consumer_key": CONSUMER_KEY, "consumer_secret": "renewed-since"}
            requests.post(f"{world.served.plain_url}/local-org/connected-apps", json=app, timeout=10)
        else:
            world.fault(**trouble, match={"path": "/services/oauth2/token"})
        told = told_by_sync(gateway, service, tmp_path, 2_000, caplog)
    assert "login" in told
    login.assert_absent(told + written(world, tmp_path))


# Every library logs what it can; the report cannot be shown, which nobody expects.
SITE = """
import logging, os
logging.basicConfig(level=logging.DEBUG)
if os.environ.get("BREAK"):
    from tooling.bridge.report import SyncReport
    def broken(self):
        raise RuntimeError("unexpected")
    SyncReport.as_text = broken
"""
COMMANDS: dict[str, tuple[str, list[str], dict[str, str], int, str]] = {
    "sync as JSON": ("client credentials", ["sync", "--json"], {}, 0, '"created"'),
    "unexpected error": ("jwt", ["sync"], {"BREAK": "1"}, 1, "Traceback"),
    "secret wrong": ("client credentials", ["status"], {"SF_CLIENT_SECRET": f"{CONSUMER_SECRET}-of-another"}, 2, "invalid_client"),
    "user unknown": ("jwt", ["status", "--json"], {"SF_USERNAME": "nobody@acme.example.com"}, 2, "hasn't approved"),
    "token ended": ("jwt", ["status"], {"SF_INSTANCE_URL": "served", "SF_ACCESS_TOKEN": "00D000000000001!AQ4AQgone"}, 2, "no longer valid"),
    "unreachable": ("jwt", ["sync"], {"SF_LOGIN_URL": "https://localhost:1"}, 3, "cannot reach"),
}


@pytest.mark.parametrize("case", COMMANDS)
def test_command__in_a_process(login: Login, people: dict[str, str], service: FeedbackService, tmp_path: Path, case: str) -> None:
    """Both outputs of a process in which every library logs at DEBUG, and what it leaves behind."""
    way, arguments, changes, code, says = COMMANDS[case]
    world = login.world
    (tmp_path / "nps.yml").write_text(SPEC % 2_000)
    (tmp_path / "sitecustomize.py").write_text(SITE)
    variables = {
        "PYTHONPATH": f"{tmp_path}:{Path(__file__).parents[2]}", "PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "LANG": "C.UTF-8",
        "PROMOTER_IO_API_KEY": KEY, "PROMOTER_IO_BASE_URL": service.url, **login.environ(way), **changes,
    }  # fmt: skip
    if "SF_INSTANCE_URL" in changes:
        variables["SF_INSTANCE_URL"] = world.served.url
    command = [str(Path(sys.executable).with_name("nps")), *arguments]
    ran = subprocess.run(command, cwd=tmp_path, env=variables, capture_output=True, text=True, timeout=120, check=False)
    assert (ran.returncode, says in ran.stdout + ran.stderr) == (code, True), ran.stdout + ran.stderr
    assert "DEBUG:urllib3" in ran.stderr
    login.assert_absent(ran.stdout + ran.stderr + written(world, tmp_path))


def test_check__finds_what_is_told(login: Login) -> None:
    """The search itself: each kind of secret is found in a text that has it."""
    with closing(login.gateway("jwt")) as gateway:
        token = gateway._transport.client.session_id
    assertion = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJ4In0.c2ln"
    for told in (KEY, CONSUMER_SECRET, login.key, token, assertion):
        with pytest.raises(AssertionError, match="was told"):
            login.assert_absent(f"Authorization: Bearer {told}\n")
