"""An org with an object of every kind of field, made once; every test works on a copy of its database."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tooling.local_org.engine.org import Org

from ..engine.conftest import START, Story
from .package import FILES, package


class DataStory(Story):
    def deploy(self, files: Mapping[str, str]) -> None:
        result = self.org.deploy(self.admin, package(dict(files)))
        assert result.success, [(failure.full_name, failure.problem) for failure in result.failures]


@pytest.fixture(scope="session")
def deployed_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("deployed")
    with Org.open(folder, clock=START) as org:
        story = DataStory(org)
        story.deploy(FILES)
        story.assign(story.admin, "Everything")
        story.set(**{"async": "on request"})
    return folder


@pytest.fixture
def story(deployed_data: Path, tmp_path: Path) -> Iterator[DataStory]:
    folder = tmp_path / "org"
    shutil.copytree(deployed_data, folder)
    with Org.open(folder, clock=START) as org:
        yield DataStory(org)
