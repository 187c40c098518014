"""What the tests with real clients share: the npm folder, judges that lie beside the repository, served orgs, copies of the project."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.clients.nodejs import Nodejs, installed
from tests.clients.world import ROOT, World, copy_of_the_project, open_world

SHARED_TOOLS = ROOT / "../shared/tools"


@pytest.fixture(scope="session")
def nodejs() -> Nodejs:
    return installed()


@pytest.fixture(scope="session")
def judge() -> Callable[[str], Path]:
    """The path of a judge by its file name; the test is skipped where it is absent."""

    def find(name: str) -> Path:
        path = SHARED_TOOLS / name
        if not path.exists():
            pytest.skip(f"{name} lies beside the repository, and is not there")
        return path.resolve()

    return find


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A served org with the customer's fields, our metadata, and the permission sets assigned; tests use records of their own."""
    with open_world(tmp_path_factory.mktemp("world")) as opened:
        for source in ("orgs/customer", "force-app"):
            opened.deploy(source)
        opened.assign("NPS_Admin", "NPS_Bridge", "Customer_Fields")
        yield opened


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this project that a client may write into."""
    return copy_of_the_project(tmp_path_factory.mktemp("project"))
