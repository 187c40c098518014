"""An org with invoices; each test deploys the reports it asks about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tooling.local_org.engine.org import ADMIN_TOKEN, Org
from tooling.local_org.engine.reports import Group, ReportResult, run_report
from tooling.local_org.front.app import create_app

from .metadata import as_reports, files

NOON = datetime(2026, 3, 2, 20, tzinfo=UTC)
"""Midday in Los Angeles, where the reader is."""
LOS_ANGELES = ZoneInfo("America/Los_Angeles")
_INVOICES: tuple[dict[str, Any], ...] = (
    {"Name": "A", "Amount__c": 10, "Due__c": "2026-01-31T20:00:00Z", "Kind__c": "New", "Paid__c": True, "Discount__c": 10},
    # The first of March in London, the last of February in Los Angeles.
    {"Name": "b", "Amount__c": 30, "Due__c": "2026-03-01T04:00:00Z", "Kind__c": "Again", "Discount__c": 30},
    {"Name": "C", "Amount__c": None, "Due__c": "2026-03-02T20:00:00Z", "Kind__c": "New", "Notes__c": "late, again"},
    {"Name": "D", "Amount__c": -5, "Due__c": None, "Kind__c": None, "Paid__c": True},
)


class Desk:
    """Who deploys reports and reads them."""

    def __init__(self, org: Org) -> None:
        self.org = org
        self.admin = org.user_of_token(ADMIN_TOKEN)
        self.web = create_app(org).test_client()

    def deploy(self, deployed: Mapping[str, bytes]) -> None:
        result = self.org.deploy(self.admin, deployed)
        assert result.success, [failure.problem for failure in result.failures]

    def run(self, content: bytes) -> ReportResult:
        self.deploy(as_reports({"Report": content}))
        return run_report(self.org, "Finance/Report", user=None, time_zone=LOS_ANGELES)

    def names(self, content: bytes) -> list[str]:
        """The first column of the rows."""
        return [row[0].value for row in self.run(content).total.rows]

    def insert(self, sobject: str, *records: Mapping[str, Any]) -> list[str]:
        saved = self.org.insert(self.admin, [{"attributes": {"type": sobject}, **record} for record in records])
        assert all(one.success for one in saved), saved
        return [str(one.id) for one in saved]


@pytest.fixture(scope="session")
def deployed() -> Iterator[Desk]:
    with Org.open(clock=NOON) as org:
        desk = Desk(org)
        desk.deploy(files())
        [row] = org.query(None, "SELECT Id FROM PermissionSet WHERE Name = 'Finance'").records
        desk.insert("PermissionSetAssignment", {"PermissionSetId": row["Id"], "AssigneeId": desk.admin.id})
        [acme] = desk.insert("Account", {"Name": "Acme <b>"})
        desk.insert("Invoice__c", *({**each, **({"Account__c": acme} if each["Name"] in "Ab" else {})} for each in _INVOICES))
        org.snapshot("invoices")
        yield desk


@pytest.fixture
def desk(deployed: Desk) -> Desk:
    deployed.org.restore("invoices")
    deployed.org.set_now(NOON)
    return deployed


def figures(result: ReportResult) -> dict[str, tuple[Any, ...]]:
    """Every group's figures, by its labels joined with a slash."""
    found = {"": result.total.figures}

    def walk(groups: tuple[Group, ...], path: tuple[int, ...], around: str) -> None:
        for at, group in enumerate(groups):
            name = f"{around}/{group.label}".removeprefix("/")
            found[name] = result.facts[(*path, at), ()].figures
            walk(group.children, (*path, at), name)

    walk(result.down, (), "")
    return found
