"""What the tests with real clients share: the npm folder, judges that lie beside the repository, a served org, a place for `cci`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clients.nodejs import Nodejs, installed

ROOT = Path(__file__).parents[2]
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
