"""An org with our metadata, served over its real protocol; deployed once, restored for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.bridge.world import SPEC, START, World
from tooling.local_org.engine.org import ADMIN_TOKEN, DeployOptions, Org
from tooling.local_org.server import Served, serve
from tooling.metadata import package, writer
from tooling.metadata.generator import plan
from tooling.salesforce.gateway import connect
from tooling.spec.loader import spec_from
from tooling.spec.model import Spec


@pytest.fixture(scope="session")
def spec() -> Spec:
    return spec_from(SPEC)


@pytest.fixture(scope="session")
def served(spec: Spec, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Org, Served]]:
    root: Path = tmp_path_factory.mktemp("force-app")
    writer.write(plan(spec), root)
    with Org.open(clock=START) as org:
        user = org.user_of_token(ADMIN_TOKEN)
        deployed = org.deploy(user, package.to_mdapi(root), DeployOptions())
        assert deployed.success, deployed
        org.settings = org.settings.changed({"async_paths": "on request"})
        sets = org.query(user, "SELECT Id FROM PermissionSet WHERE Name IN ('NPS_Admin', 'NPS_Bridge')").records
        assigned = [
            {"attributes": {"type": "PermissionSetAssignment"}, "PermissionSetId": row["Id"], "AssigneeId": user.id} for row in sets
        ]
        assert all(one.success for one in org.insert(user, assigned))
        org.snapshot("deployed")
        with serve(org, port=0, home=tmp_path_factory.mktemp("local-org")) as running:
            yield org, running


@pytest.fixture
def world(served: tuple[Org, Served], spec: Spec) -> Iterator[World]:
    org, running = served
    org.restore("deployed")
    org.set_now(START)
    requests.delete(f"{running.plain_url}/local-org/faults", timeout=10)
    pauses: list[float] = []
    environ = {"REQUESTS_CA_BUNDLE": str(running.ca_bundle)}
    gateway = connect(running.url, ADMIN_TOKEN, environ=environ, sleep=pauses.append)
    found = World(org, org.user_of_token(ADMIN_TOKEN), running, spec, gateway, pauses)
    yield found
    gateway.close()


@pytest.fixture
def people(world: World) -> dict[str, str]:
    """Anna and Bob at Acme, a Lead, and two Contacts with one address."""
    acme, other = world.insert("Account", {"Name": "Acme"}, {"Name": "Other"})
    anna, bob, twin, second = world.insert(
        "Contact",
        {"LastName": "Anna", "Email": "anna@example.com", "AccountId": acme},
        {"LastName": "Bob", "Email": "bob@example.com", "AccountId": acme},
        {"LastName": "Twin", "Email": "twin@example.com", "AccountId": acme},
        {"LastName": "Twin Two", "Email": "twin@example.com", "AccountId": other},
    )
    (lead,) = world.insert("Lead", {"LastName": "Lea", "Company": "Lead Ltd", "Email": "lea@example.com"})
    return {"acme": acme, "other": other, "anna": anna, "bob": bob, "twin": twin, "second": second, "lead": lead}
