"""The org of the stories with the flows that claim, and the bridge's way into it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.automation.claim.deploying import deploy_claiming, with_match
from tests.automation.world import World
from tooling.local_org.engine.org import ADMIN_TOKEN, Org
from tooling.local_org.server import serve
from tooling.salesforce.gateway import Gateway, connect
from tooling.spec import Spec


@pytest.fixture(scope="module")
def claiming(deployed: Org, spec: Spec) -> Spec:
    """Flows claim, beside everything else."""
    wanted = with_match(spec)
    deployed.restore("deployed")
    deploy_claiming(World(deployed), wanted)
    deployed.snapshot("claiming")
    return wanted


@pytest.fixture
def world(deployed: Org, claiming: Spec) -> World:
    deployed.restore("claiming")
    return World(deployed)


@pytest.fixture
def gateway(deployed: Org, tmp_path: Path) -> Iterator[Gateway]:
    """The bridge's way into the org."""
    with serve(deployed, port=0, home=tmp_path) as running:
        connected = connect(running.url, ADMIN_TOKEN, environ={"REQUESTS_CA_BUNDLE": str(running.ca_bundle)})
        yield connected
        connected.close()
