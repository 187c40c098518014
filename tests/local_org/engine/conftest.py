"""A deployed org to tell stories in: made once, every test works on a copy of its database."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tooling.local_org.engine.org import Org, User

from . import metadata

START = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
"""A Monday morning, 8 o'clock in Los Angeles."""


class Story:
    """The façade as a test wants it: the administrator calls, records are short to write."""

    def __init__(self, org: Org) -> None:
        self.org = org
        self.admin: User = org.user_named("admin@local.example")

    def record(self, sobject: str, **values: Any) -> dict[str, Any]:
        return {"attributes": {"type": sobject}, **values}

    def response(self, **values: Any) -> dict[str, Any]:
        return self.record("Response__c", **values)

    def saved(self, sobject: str, **values: Any) -> str:
        """Inserts a record that must be accepted, and gives its id."""
        return self.all_saved([self.record(sobject, **values)])[0]

    def all_saved(self, records: list[dict[str, Any]]) -> list[str]:
        results = self.org.insert(self.admin, records)
        assert all(result.success for result in results), [result.errors for result in results if not result.success]
        return [str(result.id) for result in results]

    def changed(self, sobject: str, record_id: str, **values: Any) -> None:
        result = self.org.update(self.admin, [self.record(sobject, Id=record_id, **values)])[0]
        assert result.success, result.errors

    def refusal(self, record: Mapping[str, Any], user: User | None = None) -> tuple[str, str]:
        """Code and message of the one error a new record is refused with."""
        (result,) = self.org.insert(user or self.admin, [record])
        assert not result.success
        (error,) = result.errors
        return error.code, error.message

    def rows(self, soql: str) -> list[dict[str, Any]]:
        return [{k: v for k, v in record.items() if k != "attributes"} for record in self.org.query(self.admin, soql).records]

    def values(self, soql: str) -> list[Any]:
        """The only column of a query."""
        return [next(iter(row.values())) for row in self.rows(soql)]

    def value(self, soql: str) -> Any:
        (found,) = self.values(soql)
        return found

    def deploy(self, files: Mapping[str, str]) -> None:
        result = self.org.deploy(self.admin, metadata.package(dict(files)))
        assert result.success, result.failures

    def deploy_flows(self, **flows: str) -> None:
        self.deploy({f"flows/{name}.flow": xml for name, xml in flows.items()})

    def set(self, **settings: Any) -> None:
        self.org.settings = self.org.settings.changed(settings)

    def user(self, profile: str, *, username: str = "other@local.example") -> User:
        """A second user with a profile of that name."""
        profile_id = self.value(f"SELECT Id FROM Profile WHERE Name = '{profile}'")
        self.saved(
            "User", Username=username, LastName="Other", Email="other@local.example", Alias="other", TimeZoneSidKey="Europe/Berlin",
            LocaleSidKey="en_US", EmailEncodingKey="UTF-8", ProfileId=profile_id, LanguageLocaleKey="en_US", IsActive=True,
        )  # fmt: skip
        return self.org.user_named(username)

    def assign(self, user: User, permission_set: str) -> None:
        set_id = self.value(f"SELECT Id FROM PermissionSet WHERE Name = '{permission_set}'")
        self.saved("PermissionSetAssignment", AssigneeId=user.id, PermissionSetId=set_id)


@pytest.fixture(scope="session")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an org that has the object Response__c, visible to the administrator."""
    folder = tmp_path_factory.mktemp("deployed")
    with Org.open(folder, clock=START) as org:
        story = Story(org)
        story.deploy({"objects/Response__c.object": metadata.RESPONSE, "permissionsets/All_Access.permissionset": metadata.ALL_ACCESS})
        story.assign(story.admin, "All_Access")
        story.set(**{"async": "on request"})
    return folder


@pytest.fixture
def story(deployed: Path, tmp_path: Path) -> Iterator[Story]:
    folder = tmp_path / "org"
    shutil.copytree(deployed, folder)
    with Org.open(folder, clock=START) as org:
        yield Story(org)
