"""`nps review`, `resolve`, `retry` and `forget` as commands, and the bridge with nothing but its permission set."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.bridge.world import SPEC, ListSource, World, response
from tooling.bridge.sync import sync
from tooling.cli import main
from tooling.cli.options import folded
from tooling.local_org.engine.org import ADMIN_TOKEN, DeployOptions
from tooling.metadata import package, writer
from tooling.metadata.generator import plan
from tooling.spec.loader import spec_from

Command = Callable[..., Result]


@pytest.fixture
def nps(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """A command in a folder with a spec, in an environment that names the org."""
    (tmp_path / "nps.yml").write_text(SPEC)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SF_INSTANCE_URL", world.served.url)
    monkeypatch.setenv("SF_ACCESS_TOKEN", ADMIN_TOKEN)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(world.served.ca_bundle))

    def run(*arguments: str, **options: str) -> Result:
        return CliRunner().invoke(main, list(arguments), prog_name="nps", **options)  # type: ignore[arg-type]

    return run


@pytest.mark.parametrize("command", ["review", "resolve", "retry", "forget"])
def test_help(command: str) -> None:
    """Every command explains itself with an example."""
    result = CliRunner().invoke(main, [command, "--help"], prog_name="nps")
    assert result.exit_code == 0
    assert "Examples:" in result.output and f"nps {command}" in result.output and "--json" in result.output


def test_folded() -> None:
    """Lines that are too long for a terminal go on under their own beginning; ids and keys stay whole, short lines as they are."""
    text = "short\n  create  promoter_io:1  Contact 003000000000001AAA (email)\n\n" + "x" * 50
    lines = folded(text, 36).splitlines()
    assert lines == ["short", "  create  promoter_io:1  Contact", "      003000000000001AAA (email)", "", "x" * 50]


def test_commands(nps: Command, world: World, people: dict[str, str]) -> None:
    """What review lists, resolve decides; what is asked wrongly is refused with exit code 2 and changes nothing."""
    world.sync(ListSource([response(1, "twin@example.com", 3)]))
    listed = json.loads(nps("review", "--json").stdout)
    assert (listed["counts"]["ambiguous"], listed["items"][0]["kind"]) == (1, "ambiguous")
    number = listed["items"][0]["number"]
    assert number in nps("review").stdout
    assert nps("resolve", number).exit_code == 2
    wrong = nps("resolve", number, "--contact", "nobody@example.com")
    assert (wrong.exit_code, "there is no Contact" in wrong.stderr) == (2, True)
    resolved = nps("resolve", number, "--contact", people["anna"], "--json")
    assert (resolved.exit_code, json.loads(resolved.stdout)["contact_id"]) == (0, people["anna"])
    assert "nothing waits" in nps("review").stdout
    assert (nps("retry").exit_code, nps("retry", "--all").exit_code, nps("retry", "DL-000009").exit_code) == (2, 0, 2)
    assert nps("forget", "twin@example.com", input="n\n").exit_code == 2
    unasked = nps("forget", "twin@example.com", input="")
    assert (unasked.exit_code, "--yes" in unasked.stderr) == (2, True)
    assert world.query("SELECT Id FROM Survey_Response__c WHERE Erased_At__c != null") == []
    erased = nps("forget", "twin@example.com", "--yes", "--json")
    assert (erased.exit_code, json.loads(erased.stdout)["responses"]) == (0, 1)
    assert "nothing was erased" in nps("forget", "stranger@example.com", "--yes").stdout


EVERYTHING = (
    SPEC
    + """
match:
  people: [{by: salesforce_id}, {by: user_id}, {by: email}]
  prefer: [contact_over_lead, same_account, open_opportunity, most_recent_activity]
  on_missing: create_lead
routes:
  - name: deal
    object: Opportunity
    lookup: {field: NextStep, from: attributes.renewal}
    fields: {Description: verbatim}
  - name: complaint
    when: {category: detractor}
    object: Case
    lookup: {field: SuppliedCompany, from: key}
    on_missing: create
    fields: {Subject: {text: "Score {score}"}, AccountId: account}
"""
)


def test_sync__with_its_permission_set_alone(world: World, people: dict[str, str], tmp_path: Path) -> None:
    """A user who has nothing but NPS_Bridge of a spec with routes and new Leads can do all that the spec says."""
    spec = spec_from(EVERYTHING)
    writer.write(plan(spec), tmp_path)
    deployed = world.org.deploy(world.user, package.to_mdapi(tmp_path), DeployOptions())
    assert deployed.success, deployed
    profile = world.query("SELECT Id FROM Profile WHERE Name = 'Minimum Access - Salesforce'")[0]["Id"]
    (user,) = world.insert(
        "User",
        {
            "LastName": "Bridge", "Username": "bridge@acme.example",
            "Email": "bridge@acme.example", "Alias": "bridge", "ProfileId": profile, "IsActive": True,
            "TimeZoneSidKey": "Europe/Zurich", "LocaleSidKey": "en_US", "EmailEncodingKey": "UTF-8", "LanguageLocaleKey": "en_US",
        },
    )  # fmt: skip
    granted = world.query("SELECT Id FROM PermissionSet WHERE Name = 'NPS_Bridge'")[0]["Id"]
    world.insert("PermissionSetAssignment", {"PermissionSetId": granted, "AssigneeId": user})
    (deal,) = world.insert(
        "Opportunity", {"Name": "D", "NextStep": "R-1", "StageName": "Prospecting", "CloseDate": "2026-06-01", "OwnerId": user}
    )
    answers = [
        response(1, "anna@example.com", 3, attributes={"renewal": "R-1"}),
        response(2, "twin@example.com", 9),
        response(3, "new@example.com", 2),
    ]
    gateway = world.connect(world.org.issue_token(user))
    report = sync(spec, [ListSource(answers)], gateway)
    gateway.close()
    assert (report.created, report.refused_count, report.dropped_fields, report.ambiguous, report.unmatched) == (3, 0, 0, 1, 0)
    assert (report.routed.created, report.routed.updated, report.routed.parked) == (2, 1, 0)
    assert world.query(f"SELECT Description FROM Opportunity WHERE Id = '{deal}'") == [{"Description": "words of 1"}]
    assert world.query("SELECT LastName FROM Lead WHERE Email = 'new@example.com'") == [{"LastName": "new"}]
