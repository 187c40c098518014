"""Contract tests run on a local org, or on the scratch org that NPS_CONTRACT_ORG names; see the README beside this file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.contract.target import RESPONSE, Target, refuse_production
from tooling.connect import connect
from tooling.local_org.engine.org import ADMIN_TOKEN, DeployOptions, Org
from tooling.local_org.server import serve
from tooling.metadata.package import to_mdapi
from tooling.salesforce.gateway import connect as open_gateway
from tooling.spec import Spec, load_spec

ROOT = Path(__file__).parents[2]
NAMED = "NPS_CONTRACT_ORG"
ENVIRONMENT = "environment"
"""The name under which the org is taken that the SF_… variables describe: those alone never make tests write to an org."""
_ASSIGNED = ("NPS_Bridge", "NPS_User", "Customer_Fields")


@pytest.fixture(scope="session")
def spec() -> Spec:
    return load_spec(ROOT / "nps.yml")


@pytest.fixture(scope="session")
def _org(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Target]:
    name = os.environ.get(NAMED)
    if name:
        gateway = connect(None if name == ENVIRONMENT else name)
        refuse_production(gateway)
        if gateway.describe([RESPONSE])[RESPONSE] is None:
            pytest.fail(f"{RESPONSE} is not in the org: deploy first with `cci flow run dev_org --org {name}`", pytrace=False)
        yield Target(gateway)
        gateway.close()
    else:
        yield from _local_org(tmp_path_factory.mktemp("local-org"))


def _local_org(home: Path) -> Iterator[Target]:
    with Org.open() as org:
        admin = org.user_of_token(ADMIN_TOKEN)
        for source in ("orgs/customer", "force-app"):
            deployed = org.deploy(admin, to_mdapi(ROOT / source), DeployOptions())
            assert deployed.success, [failure.problem for failure in deployed.failures]
        org.settings = org.settings.changed({"async_paths": "on request"})
        # Not NPS_Admin: who has it may repair the ledger, and is exempt from what is tested here.
        listed = ", ".join(f"'{name}'" for name in _ASSIGNED)
        sets = org.query(admin, f"SELECT Id FROM PermissionSet WHERE Name IN ({listed})").records
        rows = [{"attributes": {"type": "PermissionSetAssignment"}, "PermissionSetId": row["Id"], "AssigneeId": admin.id} for row in sets]
        assert all(saved.success for saved in org.insert(admin, rows))
        with serve(org, port=0, home=home) as running:
            gateway = open_gateway(running.url, ADMIN_TOKEN, environ={"REQUESTS_CA_BUNDLE": str(running.ca_bundle)})
            yield Target(gateway, running.plain_url)
            gateway.close()


@pytest.fixture
def target(_org: Target) -> Iterator[Target]:
    """The org, under a marker of the test's own; what the test made is gone afterwards."""
    found = Target(_org.gateway, _org.local_url)
    yield found
    found.delete_what_was_made()


@pytest.fixture
def automated(target: Target) -> Target:
    """An org whose automation is on."""
    if any(row["Automation_Off__c"] for row in target.query("SELECT Automation_Off__c FROM NPS_Settings__c")):
        pytest.skip("automation is switched off in NPS Settings: switch it on in Setup > Custom Settings, and run again")
    return target


@pytest.fixture
def bound(target: Target) -> Target:
    """A connected user who is not exempt from the rules that keep the ledger as it is."""
    user = target.gateway.identity.user_id
    held = target.query(f"SELECT PermissionSet.Name FROM PermissionSetAssignment WHERE AssigneeId = '{user}'")
    if any(row["PermissionSet"]["Name"] == "NPS_Admin" for row in held):
        pytest.skip("the connected user has NPS_Admin and may repair the ledger: take it from the user in Setup, and run again")
    return target
