"""An org served over real sockets, with a small package deployed; clients as they come."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from simple_salesforce import Salesforce

from tooling.local_org.engine.org import ADMIN_TOKEN, Org
from tooling.local_org.schema.source import read_folder
from tooling.local_org.server import Served, serve

PACKAGE = Path(__file__).parent / "package"
V = "/services/data/v66.0"


@pytest.fixture(scope="session")
def org() -> Iterator[Org]:
    with Org.open() as opened:
        admin = opened.user_of_token(ADMIN_TOKEN)
        result = opened.deploy(admin, read_folder(PACKAGE))
        assert result.success, result
        sets = opened.query(admin, "SELECT Id FROM PermissionSet WHERE Name = 'Widgets'").records
        assignment = {"attributes": {"type": "PermissionSetAssignment"}, "AssigneeId": admin.id, "PermissionSetId": sets[0]["Id"]}
        assert opened.insert(admin, [assignment])[0].success
        yield opened


@pytest.fixture(scope="session")
def served(org: Org, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serve(org, port=0, home=tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture(autouse=True)
def _environment(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proxies cannot reach loopback, and `requests` prefers the variable to its own `verify`."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name in {"CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"}:
            monkeypatch.delenv(name)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(served.ca_bundle))


@pytest.fixture
def clean(org: Org, served: Served) -> Iterator[None]:
    """Records made by the test are gone after it."""
    yield
    with requests.Session() as session:
        session.trust_env = False
        session.post(f"{served.plain_url}/local-org/reset", json={"to": "deployed"}).raise_for_status()


class Rest(requests.Session):
    """A session that takes paths, and carries the administrator's token."""

    def __init__(self, base: str, token: str = ADMIN_TOKEN) -> None:
        super().__init__()
        self.base = base
        self.headers["Authorization"] = f"Bearer {token}"

    def request(self, method: str, url: str, *args: object, **kwargs: object) -> requests.Response:  # type: ignore[override]
        return super().request(method, url if "://" in url else self.base + url, *args, **kwargs)  # type: ignore[arg-type]


@pytest.fixture
def rest(served: Served) -> Iterator[Rest]:
    with Rest(served.url) as session:
        yield session


@pytest.fixture
def salesforce(served: Served) -> Iterator[Salesforce]:
    client = Salesforce(instance_url=served.url, session_id=ADMIN_TOKEN, version="64.0")
    yield client
    client.session.close()
