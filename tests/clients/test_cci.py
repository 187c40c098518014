"""Unmodified `cci`, with a home of its own, in a copy of this project, against a served org."""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.clients.nodejs import ClientFailed, Nodejs, run
from tests.clients.world import ROOT, World, open_world

pytestmark = pytest.mark.clients

_SECONDS = 240
_SAVEPOINT = "developed"


@dataclass(frozen=True, slots=True)
class Cci:
    """The command line in one project, for one world."""

    project: Path
    world: World
    nodejs: Nodejs | None = None

    def __call__(self, *arguments: str | Path, fails: bool = False) -> str:
        """What it printed, standard error too."""
        command = ["sh", "-c", 'exec "$0" "$@" 2>&1', "cci", *map(str, arguments)]
        return run(command, environ=self.world.environ(self.nodejs), cwd=self.project, seconds=_SECONDS, fails=fails)


@pytest.fixture(scope="module")
def cci(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cci]:
    """A fresh org: what is in it later, cci brought."""
    with open_world(tmp_path_factory.mktemp("cci")) as world:
        yield Cci(project, world)


@pytest.fixture(scope="module")
def dev_org(cci: Cci) -> str:
    """What `cci flow run dev_org` printed; the org is kept as it was after it."""
    printed = cci("flow", "run", "dev_org", "--org", "local")
    cci.world.org.snapshot(_SAVEPOINT)
    return printed


@pytest.fixture
def developed(cci: Cci, dev_org: str) -> Cci:
    """The org as `dev_org` left it, whatever the test before did."""
    cci.world.org.restore(_SAVEPOINT)
    return cci


def test_cci__org_info(cci: Cci) -> None:
    """cci knows the org by the environment alone."""
    printed = cci("org", "info", "local")

    assert "00D000000000001EAA" in printed
    assert "admin@local.example" in printed
    assert "Developer Edition" in printed


def test_dev_org__deploys_loads_and_verifies(developed: Cci, dev_org: str) -> None:
    """One flow makes a complete development org: metadata, active flows, permission sets, sample data."""
    assert "Completed flow 'dev_org' on org local successfully!" in dev_org
    world = developed.world
    assert world.records("SELECT Id FROM Contact")
    assert {flow["ActiveVersionId"] is not None for flow in world.records("SELECT ActiveVersionId FROM FlowDefinitionView")} == {True}
    assigned = world.records("SELECT PermissionSet.Name FROM PermissionSetAssignment WHERE PermissionSet.IsOwnedByProfile = false")
    assert {row["PermissionSet"]["Name"] for row in assigned} == {"NPS_Admin", "NPS_User", "NPS_Bridge", "Customer_Fields"}


def test_dev_org__runs_twice(developed: Cci) -> None:
    """What is deployed, assigned and activated already is no error the second time."""
    assert "every flow is active" in developed("task", "run", "nps_deploy", "--org", "local") + developed(
        "task", "run", "nps_verify", "--org", "local"
    )


def test_nps_deploy__without_flow_tests(cci: Cci) -> None:
    """Where an org does not take a flow test, the rest is deployed without them."""
    cci.world.org.reset("empty")

    cci("task", "run", "nps_deploy_customer_fields", "--org", "local")
    cci("task", "run", "nps_deploy", "--org", "local", "-o", "flow_tests", "False")

    assert not cci.world.org.metadata.of_type("FlowTest")
    assert cci.world.records("SELECT ApiName FROM FlowDefinitionView")


def test_query__by_bulk_api(developed: Cci, tmp_path: Path) -> None:
    """`cci task run query` sends a Bulk API query and writes its CSV."""
    soql = "SELECT Id, Name, Account.Name FROM Contact WHERE Email != null ORDER BY Name LIMIT 5"
    developed(
        "task", "run", "query", "--org", "local", "-o", "object", "Contact", "-o", "query", soql, "-o", "result_file", tmp_path / "q.csv"
    )

    with (tmp_path / "q.csv").open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    expected = developed.world.records(soql)
    assert [(row["Id"], row["Name"], row["Account.Name"]) for row in found] == [
        (row["Id"], row["Name"], row["Account"]["Name"]) for row in expected
    ]


def test_extract_dataset__what_was_loaded(developed: Cci, tmp_path: Path) -> None:
    """The sample data comes out as it went in, lookups included."""
    developed(
        "task", "run", "extract_dataset", "--org", "local", "-o", "mapping", "datasets/mapping.yml", "-o", "sql_path", tmp_path / "out.sql"
    )

    before, after = database(ROOT / "datasets/sample.sql"), database(tmp_path / "out.sql")
    people = "SELECT c.FirstName, c.LastName, c.Email, a.Name FROM Contact c LEFT JOIN Account a ON a.id = c.AccountId"
    assert sorted(before.execute(people)) == sorted(after.execute(people))
    opportunities = "SELECT o.Name, o.StageName, o.CloseDate, a.Name FROM Opportunity o JOIN Account a ON a.id = o.AccountId"
    assert sorted(before.execute(opportunities)) == sorted(after.execute(opportunities))
    for opened in (before, after):
        opened.close()


def test_delete_data__deletes_and_says_so(developed: Cci) -> None:
    """cci asks for the ids and deletes them by the API it finds best."""
    developed("task", "run", "delete_data", "--org", "local", "-o", "objects", "Lead")

    assert developed.world.records("SELECT Id FROM Lead") == []


def test_deploy__ccis_own_task_converts_with_sf(developed: Cci, nodejs: Nodejs) -> None:
    """cci's own deploy task takes the source folder too, when `sf` is there to convert it."""
    printed = Cci(developed.project, developed.world, nodejs)("task", "run", "deploy", "--org", "local", "-o", "path", "force-app")

    assert "[Success]" in printed or "Succeeded" in printed


def test_uninstall__leaves_the_records(developed: Cci) -> None:
    """The uninstall takes flows, app, tabs and permission sets; records and their fields stay."""
    people = len(developed.world.records("SELECT Id FROM Contact"))

    printed = developed("flow", "run", "uninstall", "--org", "local")

    assert "Completed flow 'uninstall' on org local successfully!" in printed
    assert developed.world.records("SELECT Id FROM PermissionSet WHERE Name LIKE 'NPS%'") == []
    assert developed.world.records("SELECT ApiName FROM FlowDefinitionView") == []
    assert not developed.world.org.metadata.of_type("FlowTest")
    assert len(developed.world.records("SELECT Id FROM Contact")) == people
    assert any(key == ("CustomObject", "Survey_Response__c") for key in developed.world.org.metadata.components)


def test_uninstall__with_the_data_when_asked(developed: Cci) -> None:
    """Asked for it, the uninstall takes our objects and fields as well, and nothing of the customer's."""
    developed("flow", "run", "uninstall", "--org", "local", "-o", "nps_remove__delete_data", "True")

    left = {full_name for _, full_name in developed.world.org.metadata.components}
    assert {name for name in left if "NPS" in name or "Survey_Response" in name} == set()
    assert "Account.Usage_Score__c" in left


def test_install_prod__activates_what_arrived_inactive(project: Path, tmp_path: Path) -> None:
    """In a production org deployed flows arrive inactive; the install ends with every flow active, and verified."""
    with open_world(tmp_path) as world:
        world.deploy("orgs/customer")
        world.org.settings = world.org.settings.changed({"production": "flows inactive"})

        printed = Cci(project, world)("flow", "run", "install_prod", "--org", "local")

        assert "Completed flow 'install_prod' on org local successfully!" in printed
        flows = world.records("SELECT ApiName, ActiveVersionId FROM FlowDefinitionView")
        assert flows
        assert [flow["ApiName"] for flow in flows if flow["ActiveVersionId"] is None] == []


def test_install_prod__stops_before_a_deploy_that_would_be_rolled_back(project: Path, tmp_path: Path) -> None:
    """With "deploy processes and flows as active" on, the install stops with a sentence for the admin, and nothing was deployed."""
    with open_world(tmp_path) as world:
        world.deploy("orgs/customer")
        world.org.settings = world.org.settings.changed({"production": "coverage required"})

        with pytest.raises(ClientFailed, match="Deploy processes and flows as active"):
            Cci(project, world)("flow", "run", "install_prod", "--org", "local")

        assert world.records("SELECT Id FROM FlowDefinitionView") == []


def database(script: Path) -> sqlite3.Connection:
    """A dataset of CumulusCI, which is SQL, opened."""
    opened = sqlite3.connect(":memory:")
    opened.executescript(script.read_text("utf-8"))
    return opened
