from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from tooling.local_org.engine.deploy import DeployOptions, DeployResult, deploy
from tooling.local_org.engine.fresh_org import create_org
from tooling.local_org.engine.metadata import OrgMetadata
from tooling.local_org.schema.types import SObject
from tooling.local_org.store import Store

from .package_files import FILES

NOW = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Admin:
    id: str = "005000000000001AAA"
    name: str = "Local Admin"


@dataclass
class DeployTarget:
    """A store and the metadata of the org in it."""

    store: Store
    metadata: OrgMetadata
    results: list[DeployResult] = field(default_factory=list)

    def deploy(self, files: Mapping[str, bytes] | bytes, **options: object) -> DeployResult:
        result, self.metadata = deploy(self.store, self.metadata, files, DeployOptions(**options), user=Admin(), now=NOW)  # type: ignore[arg-type]
        return result

    def sobject(self, name: str) -> SObject:
        found = self.metadata.schema.get(name)
        assert found is not None
        return found

    def problems(self, files: Mapping[str, bytes], **options: object) -> list[str]:
        return [failure.problem or "" for failure in self.deploy(files, **options).failures]


def new_target() -> DeployTarget:
    store = Store.open()
    return DeployTarget(store, create_org(store, NOW))


@pytest.fixture
def target() -> Iterator[DeployTarget]:
    made = new_target()
    yield made
    made.store.close()


@pytest.fixture
def deployed(target: DeployTarget) -> DeployTarget:
    result = target.deploy(FILES)
    assert [failure.problem for failure in result.failures] == []
    return target
