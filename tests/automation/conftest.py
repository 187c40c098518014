"""One org with our metadata for all stories; each begins with the same snapshot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.automation.world import START, World
from tooling.local_org.engine.org import ADMIN_TOKEN, DeployOptions, Org
from tooling.metadata.generator import plan
from tooling.metadata.package import to_mdapi
from tooling.metadata.writer import write
from tooling.spec import Spec, spec_from

SENDER = "success@acme.example"


@pytest.fixture(scope="session")
def spec() -> Spec:
    return spec_from((Path(__file__).parent / "nps.yml").read_text("utf-8"))


@pytest.fixture(scope="session")
def deployed(spec: Spec, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Org]:
    folder = tmp_path_factory.mktemp("generated")
    write(plan(spec), folder)
    with Org.open(clock=START) as org:
        org.settings = replace(org.settings, async_paths="on request")
        admin = org.user_of_token(ADMIN_TOKEN)
        result = org.deploy(admin, to_mdapi(folder), DeployOptions())
        assert result.success, [failure.problem for failure in result.failures]
        sets = org.query(None, "SELECT Id FROM PermissionSet WHERE Name IN ('NPS_Admin', 'NPS_Bridge')").records
        world = World(org)
        world.insert("PermissionSetAssignment", *({"PermissionSetId": row["Id"], "AssigneeId": admin.id} for row in sets))
        world.user("Desk")
        world.sender(SENDER)
        org.snapshot("deployed")
        yield org


@pytest.fixture
def world(deployed: Org) -> World:
    deployed.restore("deployed")
    deployed.refuse_actions(lambda kind: None)
    return World(deployed)


@pytest.fixture
def manager(world: World) -> str:
    return world.user("Maria")


@pytest.fixture
def account(world: World, manager: str) -> str:
    return world.account(NPS_Success_Manager__c=manager, NPS_Tier__c="Enterprise")


@pytest.fixture
def contact(world: World, account: str) -> str:
    return world.contact(account)
