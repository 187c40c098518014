"""Projects and milestones, automated by one flow for each pattern of Salesforce's documentation (`package/`), in an org of their own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tooling.local_org.engine.org import Org, SaveResult
from tooling.local_org.schema.source import read_folder

PACKAGE = Path(__file__).parent / "package"
START = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
"""A Monday, 8 o'clock in the morning in Los Angeles, where the org is."""


class Projects:
    """The org's façade in the words of these tests."""

    def __init__(self, org: Org) -> None:
        self.org = org
        self.admin = org.user_named("admin@local.example")

    def save(self, *records: Mapping[str, Any]) -> list[SaveResult]:
        return self.org.insert(self.admin, list(records))

    def saved(self, sobject: str, **values: Any) -> str:
        (result,) = self.save(record(sobject, **values))
        assert result.success, result.errors
        return str(result.id)

    def changed(self, sobject: str, record_id: str, **values: Any) -> None:
        (result,) = self.org.update(self.admin, [record(sobject, Id=record_id, **values)])
        assert result.success, result.errors

    def rows(self, soql: str) -> list[dict[str, Any]]:
        return [{k: v for k, v in row.items() if k != "attributes"} for row in self.org.query(self.admin, soql).records]

    def row(self, soql: str) -> dict[str, Any]:
        (found,) = self.rows(soql)
        return found

    def values(self, soql: str) -> list[Any]:
        return [next(iter(row.values())) for row in self.rows(soql)]

    def project(self, project_id: str, *fields: str) -> list[Any]:
        return list(self.row(f"SELECT {', '.join(fields)} FROM Project__c WHERE Id = '{project_id}'").values())

    def deploy(self, files: Mapping[str, bytes]) -> None:
        result = self.org.deploy(self.admin, files)
        assert result.success, [failure.problem for failure in result.failures]

    def problems(self, files: Mapping[str, bytes]) -> list[str]:
        return [failure.problem or "" for failure in self.org.deploy(self.admin, files).failures]

    def set(self, **settings: Any) -> None:
        self.org.settings = self.org.settings.changed(settings)

    def advance(self, **span: float) -> None:
        self.org.advance(timedelta(**span))


def record(sobject: str, **values: Any) -> dict[str, Any]:
    return {"attributes": {"type": sobject}, **values}


def package_files(*starts: str) -> dict[str, bytes]:
    return {path: content for path, content in read_folder(PACKAGE).items() if path.startswith(starts)}


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an org that has the objects of the package and no flow yet."""
    folder = tmp_path_factory.mktemp("projects")
    with Org.open(folder, clock=START) as org:
        projects = Projects(org)
        projects.deploy(package_files("objects", "permissionsets"))
        assigned = projects.row("SELECT Id FROM PermissionSet WHERE Name = 'Projects'")["Id"]
        projects.saved("PermissionSetAssignment", AssigneeId=projects.admin.id, PermissionSetId=assigned)
        projects.set(**{"async": "on request"})
    return folder


@pytest.fixture(scope="session")
def automated(deployed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same with all flows of the package."""
    folder = tmp_path_factory.mktemp("automated") / "org"
    shutil.copytree(deployed, folder)
    with Org.open(folder, clock=START) as org:
        Projects(org).deploy(package_files("flows"))
    return folder


def copied(folder: Path, target: Path) -> Iterator[Projects]:
    shutil.copytree(folder, target)
    with Org.open(target, clock=START) as org:
        yield Projects(org)


@pytest.fixture
def bare(deployed: Path, tmp_path: Path) -> Iterator[Projects]:
    """Objects without flows."""
    yield from copied(deployed, tmp_path / "org")


@pytest.fixture
def projects(automated: Path, tmp_path: Path) -> Iterator[Projects]:
    """Objects with all flows of the package."""
    yield from copied(automated, tmp_path / "org")
