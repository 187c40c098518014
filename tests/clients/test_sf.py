"""Unmodified `sf` against a served org."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.clients.nodejs import ClientFailed, Nodejs, as_json, run
from tests.clients.world import World

pytestmark = pytest.mark.clients


@dataclass(frozen=True, slots=True)
class Sf:
    """The command line, in a folder, for one world."""

    folder: Path
    world: World
    nodejs: Nodejs

    def __call__(self, *arguments: str | Path) -> Any:
        """The `result` of a command that was asked for JSON."""
        command = ["sf", *map(str, arguments), "--json"]
        answer = as_json(run(command, environ=self.world.environ(self.nodejs), cwd=self.folder, seconds=120))
        assert answer["status"] == 0, answer
        return answer["result"]


@pytest.fixture
def sf(world: World, nodejs: Nodejs, tmp_path: Path) -> Sf:
    """sf in an empty folder: the org is known by the environment, without a login."""
    return Sf(tmp_path, world, nodejs)


@pytest.fixture
def project_sf(project: Path, world: World, nodejs: Nodejs) -> Sf:
    """sf in a copy of this project."""
    return Sf(project, world, nodejs)


def write_csv(path: Path, rows: Sequence[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def test_sf__org_display(sf: Sf) -> None:
    """sf reaches the org that the environment names."""
    shown = sf("org", "display")

    assert shown["connectedStatus"] == "Connected"
    assert shown["id"] == "00D000000000001"


def test_sf__logs_in(sf: Sf) -> None:
    """A login with an access token makes the org known by an alias."""
    sf("org", "login", "access-token", "--instance-url", sf.world.served.url, "--no-prompt", "--alias", "loc")

    shown = sf("org", "display", "--target-org", "loc")

    assert shown["username"] == "admin@local.example"


def test_sf__writes_and_queries(sf: Sf) -> None:
    """A record that sf created is what sf finds, with the labels it asks for."""
    created = sf("data", "create", "record", "--sobject", "Account", "--values", "Name='Sf and Sons' NPS_Tier__c=Enterprise")
    found = sf("data", "query", "--query", f"SELECT Name, NPS_Tier__c FROM Account WHERE Id = '{created['id']}'")

    assert [(row["Name"], row["NPS_Tier__c"]) for row in found["records"]] == [("Sf and Sons", "Enterprise")]


def test_sf__names_the_mistake_in_a_query(sf: Sf) -> None:
    """A wrong query comes back as Salesforce words it."""
    with pytest.raises(ClientFailed, match="INVALID_FIELD"):
        sf("data", "query", "--query", "SELECT Nothing__c FROM Account")


def test_sf__upserts_in_bulk(sf: Sf, tmp_path: Path) -> None:
    """A Bulk API 2.0 upsert by our key: the second time nothing is new."""
    rows = [
        {"Response_Key__c": f"test:sf-{n}", "Source__c": "promoter_io", "Source_Response_Id__c": f"sf-{n}", "Score__c": str(n)}
        for n in range(11)
    ]
    command = ["data", "upsert", "bulk", "--sobject", "Survey_Response__c", "--external-id", "Response_Key__c", "--wait", "2", "--file"]
    for _ in range(2):
        done = sf(*command, write_csv(tmp_path / "responses.csv", rows))
        assert (done["jobInfo"]["numberRecordsProcessed"], done["jobInfo"]["numberRecordsFailed"]) == (11, 0)

    stored = sf.world.records("SELECT Score__c FROM Survey_Response__c WHERE Response_Key__c LIKE 'test:sf-%'")
    assert sorted(row["Score__c"] for row in stored) == list(range(11))


def test_sf__deploys_the_project(project_sf: Sf) -> None:
    """`sf project deploy start` converts and deploys the whole of force-app."""
    done = project_sf("project", "deploy", "start", "--source-dir", "force-app", "--wait", "5")

    assert done["success"] is True
    assert done["numberComponentErrors"] == 0
    assert done["numberComponentsDeployed"] == done["numberComponentsTotal"] > 200


def test_sf__deploy_names_file_and_line_of_a_mistake(project_sf: Sf, tmp_path: Path) -> None:
    """What the org refuses is shown beside the source file it came from."""
    source = project_sf.folder / "refused/main/default/objects/Contact/fields/Wrong__c.field-meta.xml"
    source.parent.mkdir(parents=True)
    source.write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n<CustomField xmlns="http://soap.sforce.com/2006/04/metadata">\n'
        "    <fullName>Wrong__c</fullName>\n    <label>Wrong</label>\n    <formula>No_Such_Field__c + 1</formula>\n"
        "    <precision>18</precision>\n    <scale>0</scale>\n    <type>Number</type>\n</CustomField>\n",
        "utf-8",
    )

    with pytest.raises(ClientFailed, match="No_Such_Field__c does not exist"):
        project_sf("project", "deploy", "start", "--source-dir", source, "--wait", "5")


def test_sf__retrieves_what_was_deployed(project_sf: Sf) -> None:
    """A permission set retrieved into the project is the file that was deployed: no change for version control."""
    file = project_sf.folder / "force-app/main/default/permissionsets/NPS_User.permissionset-meta.xml"
    before = file.read_bytes()

    project_sf("project", "retrieve", "start", "--metadata", "PermissionSet:NPS_User", "--wait", "5")

    assert file.read_bytes() == before


def test_sf__describes(sf: Sf) -> None:
    """The describe of our object, as sf shows it."""
    described = sf("sobject", "describe", "--sobject", "Survey_Response__c")

    assert described["name"] == "Survey_Response__c"
    assert "Response_Key__c" in {field["name"] for field in described["fields"]}
