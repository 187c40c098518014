"""Whether a flow runs again for a record that it already ran for in the same transaction is nowhere stated: the org knows both ways.

Metadata reference, "Recursion": our own flows must come to the same end state under both.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tooling.local_org.engine.org import Org
from tooling.local_org.schema.source import read_folder

from .conftest import START, Projects, record

ROOT = Path(__file__).parents[3]
OURS = ROOT / "force-app"
CUSTOMER = ROOT / "orgs/customer"
"""Fields that a customer has, and our package reads."""
OBJECTS = ("Survey_Response__c", "Account", "Contact", "Task", "Case")

COUNTING = """<?xml version="1.0" encoding="UTF-8"?>
<Flow xmlns="http://soap.sforce.com/2006/04/metadata">
    <formulas>
        <name>One_More</name>
        <dataType>Number</dataType>
        <expression>BLANKVALUE({!$Record.Points__c}, 0) + 1</expression>
        <scale>0</scale>
    </formulas>
    <label>Counting</label>
    <recordUpdates>
        <name>Count</name>
        <label>Count</label>
        <locationX>0</locationX>
        <locationY>0</locationY>
        <inputAssignments>
            <field>Points__c</field>
            <value>
                <elementReference>One_More</elementReference>
            </value>
        </inputAssignments>
        <inputReference>$Record</inputReference>
    </recordUpdates>
    <start>
        <locationX>0</locationX>
        <locationY>0</locationY>
        <connector>
            <targetReference>Count</targetReference>
        </connector>
        <filterFormula>BLANKVALUE({!$Record.Points__c}, 0) &lt; 5</filterFormula>
        <object>Project__c</object>
        <recordTriggerType>CreateAndUpdate</recordTriggerType>
        <triggerType>RecordAfterSave</triggerType>
    </start>
    <status>Active</status>
</Flow>
"""


@pytest.mark.parametrize(("reenter", "points"), [(True, 5.0), (False, 1.0)])
def test_reentry__shows_in_a_flow_that_triggers_itself(bare: Projects, reenter: bool, points: float) -> None:
    """A flow whose write meets its own condition again: five times under one hypothesis, once under the other."""
    bare.set(reenter=reenter)
    bare.deploy({"flows/Counting.flow-meta.xml": COUNTING.encode()})
    assert bare.project(bare.saved("Project__c", Name="A"), "Points__c") == [points]


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An org with our package, everything granted to the administrator."""
    if not (OURS.exists() and CUSTOMER.exists()):
        pytest.skip("our package lies beside the tests, and is not there")
    folder = tmp_path_factory.mktemp("ours")
    with Org.open(folder, clock=START) as org:
        projects = Projects(org)
        projects.deploy(read_folder(CUSTOMER))
        projects.deploy(read_folder(OURS))
        for set_id in projects.values("SELECT Id FROM PermissionSet WHERE Name LIKE 'NPS%'"):
            projects.saved("PermissionSetAssignment", AssigneeId=projects.admin.id, PermissionSetId=set_id)
        # Whose e-mails our flows send in the demo's spec; an unverified sender would be a fault.
        projects.saved("OrgWideEmailAddress", Address="success@example.com", DisplayName="Success", IsAllowAllProfiles=True)
        org.verify_sender("success@example.com")
        projects.set(**{"async": "on request"})
    return folder


@pytest.fixture
def both_ways(ours: Path, tmp_path: Path) -> Iterator[list[Projects]]:
    """The same org twice: one in which flows re-enter, one in which they do not."""
    opened = []
    for reenter in (True, False):
        folder = tmp_path / str(reenter)
        shutil.copytree(ours, folder)
        projects = Projects(Org.open(folder, clock=START))
        projects.set(reenter=reenter)
        opened.append(projects)
    yield opened
    for projects in opened:
        projects.org.close()


def test_reentry__our_flows_end_alike(both_ways: list[Projects]) -> None:
    """A response is created, revised, matched to another contact and removed at its source: what is left is the same both ways."""
    ends = [_story(projects) for projects in both_ways]
    assert ends[0] == ends[1]
    responses = {row["Response_Key__c"]: row for row in ends[0]["Survey_Response__c"]}
    assert {row["Automation_Status__c"] for row in responses.values()} == {"Done", "Not needed"}
    assert len(ends[0]["Task"]) > 0


def _story(projects: Projects) -> dict[str, list[dict[str, Any]]]:
    account = projects.saved("Account", Name="Acme")
    first, second = (projects.saved("Contact", LastName=name, AccountId=account, Email=f"{name}@acme.example") for name in ("Ann", "Bob"))
    answers = [_response(f"R{n}", Score__c=score, Contact__c=first, Account__c=account) for n, score in enumerate((10, 2, 7, 0, 9))]
    ids = [str(result.id) for result in projects.save(*answers)]
    assert all(ids), ids
    _pass(projects)
    projects.changed("Survey_Response__c", ids[0], Score__c=3, Revision__c=2, Verbatim__c="Refund please, this is broken")
    _pass(projects)
    projects.changed("Survey_Response__c", ids[1], Contact__c=second, Match_Rule__c="email")
    _pass(projects)
    projects.changed("Survey_Response__c", ids[2], Removed_At_Source__c="2026-03-02T17:00:00Z", Revision__c=2)
    _pass(projects)
    projects.changed("Account", account, NPS_Recalculate__c=True)
    projects.changed("Contact", first, NPS_Recalculate__c=True)
    _pass(projects)
    return {sobject: _end(projects, sobject) for sobject in OBJECTS}


def _response(key: str, **values: Any) -> dict[str, Any]:
    return record(
        "Survey_Response__c", Response_Key__c=key, Source_Response_Id__c=key, Source__c="promoter_io", Revision__c=1,
        Responded_At__c="2026-03-02T15:00:00Z", Received_At__c="2026-03-02T15:00:00Z", **values,
    )  # fmt: skip


def _pass(projects: Projects) -> None:
    """Everything that is due within the next day."""
    projects.org.run_async()
    projects.org.advance(timedelta(days=1))


def _end(projects: Projects, sobject: str) -> list[dict[str, Any]]:
    """All records with all their fields; of a moment that the clock gave, the day."""
    found = projects.org.metadata.schema.get(sobject)
    assert found is not None
    names = [f.name for f in found.fields if f.type.value not in ("address", "location")]
    rows = projects.org.query(None, f"SELECT {', '.join(names)} FROM {found.name} ORDER BY Id").records
    moments = {f.name for f in found.fields if f.type.value == "datetime"}
    return [{name: value[:10] if name in moments and value else value for name, value in row.items() if name in names} for row in rows]
