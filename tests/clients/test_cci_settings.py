"""Settings that admins change in Setup: `cci` leaves them alone, `nps pull settings` makes them the spec's; each a process of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.clients.nodejs import run
from tests.clients.test_cci import Cci
from tests.clients.world import open_world
from tooling.local_org.engine.org import ADMIN_TOKEN

pytestmark = pytest.mark.clients

_KEYWORDS = "SELECT DeveloperName, Keyword__c, Severity__c, Active__c, Order__c FROM NPS_Escalation_Keyword__mdt ORDER BY Order__c"
_ROUTES = "SELECT DeveloperName, Queue__c, Priority__c FROM NPS_Escalation_Route__mdt ORDER BY Order__c"
_DEPLOY = ("task", "run", "nps_deploy", "--org", "local")
_INSTALLED = "installed"
_MANIFEST = (
    '<?xml version="1.0"?><Package xmlns="http://soap.sforce.com/2006/04/metadata">'
    "<types>{}<name>CustomMetadata</name></types><version>66.0</version></Package>"
)


@pytest.fixture(scope="module")
def installed(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cci]:
    """An org with our metadata, as the project's spec has it."""
    with open_world(tmp_path_factory.mktemp("settings")) as world:
        for source in ("orgs/customer", "force-app"):
            world.deploy(source)
        world.assign("NPS_Admin")
        world.org.snapshot(_INSTALLED)
        yield Cci(project, world)


@pytest.fixture
def cci(installed: Cci) -> Cci:
    installed.world.org.restore(_INSTALLED)
    return installed


def nps(cci: Cci, *arguments: str, fails: bool = False) -> str:
    """What the command printed, standard error too, in a process of its own."""
    command = ["sh", "-c", 'exec "$0" "$@" 2>&1', "nps", *arguments]
    return run(command, environ=cci.world.environ(), cwd=cci.project, fails=fails)


def generated(cci: Cci, name: str) -> str:
    return (cci.project / f"force-app/main/default/customMetadata/{name}.md-meta.xml").read_text("utf-8")


def in_setup(cci: Cci, records: dict[str, str]) -> None:
    """What an admin saves in Setup."""
    org = cci.world.org
    members = "".join(f"<members>{name}</members>" for name in records)
    files = {f"customMetadata/{name}.md": text.encode() for name, text in records.items()}
    result = org.deploy(org.user_of_token(ADMIN_TOKEN), {"package.xml": _MANIFEST.format(members).encode(), **files})
    assert result.success, result


def an_admin_changes_them(cci: Cci) -> None:
    """A keyword is less grave, another is switched off, one is new and comes first; Enterprise goes to the other queue."""
    cancel, route = generated(cci, "NPS_Escalation_Keyword.cancel"), generated(cci, "NPS_Escalation_Route.Route_10")
    in_setup(
        cci,
        {
            "NPS_Escalation_Keyword.cancel": cancel.replace(">high<", ">low<"),
            "NPS_Escalation_Keyword.switch": generated(cci, "NPS_Escalation_Keyword.switch").replace(">true<", ">false<"),
            "NPS_Escalation_Keyword.Legal_threat": cancel.replace(">cancel<", ">lawyer<").replace(">10<", ">5<"),
            "NPS_Escalation_Route.Route_10": route.replace(">NPS_Enterprise_Escalations<", ">NPS_Escalations<"),
        },
    )


def settings(cci: Cci) -> list[dict[str, Any]]:
    return cci.world.records(_KEYWORDS) + cci.world.records(_ROUTES)


def test_settings__an_admins_become_the_specs(cci: Cci) -> None:
    """A deploy leaves an admin's settings alone and says so; pulled and generated they are the spec's, and the next deploy has nothing to
    say and changes nothing."""
    before = (cci.project / "nps.yml").read_text("utf-8")
    assert "as in the org" in nps(cci, "pull", "settings", "--check")
    an_admin_changes_them(cci)
    theirs = settings(cci)

    said = " ".join(cci(*_DEPLOY).split())
    assert "NPS_Escalation_Keyword.cancel is left as it is in the org: Severity__c is low in the org, high here" in said
    assert "NPS_Escalation_Keyword.switch is left as it is in the org: Active__c is false in the org, true here" in said
    assert "Queue__c is NPS_Escalations in the org, NPS_Enterprise_Escalations here" in said
    assert settings(cci) == theirs

    assert "Run `nps pull settings`" in nps(cci, "pull", "settings", "--check", fails=True)
    assert (cci.project / "nps.yml").read_text("utf-8") == before
    assert "Next: nps generate" in nps(cci, "pull", "settings")
    after = (cci.project / "nps.yml").read_text("utf-8").splitlines()
    new = [line.strip() for line in after if line not in before.splitlines()]
    assert new == [
        "lawyer: {severity: high, match: prefix}",
        "cancel: {severity: low, match: prefix}",
        "switch: {severity: high, active: false}",
        "- {tier: [Enterprise], queue: NPS_Escalations, priority: High}",
        "- {queue: NPS_Escalations}",
    ]
    nps(cci, "generate")
    assert ">low<" in generated(cci, "NPS_Escalation_Keyword.cancel")
    assert ">lawyer<" in generated(cci, "NPS_Escalation_Keyword.lawyer")

    assert "is left as it is in the org" not in " ".join(cci(*_DEPLOY).split())
    assert settings(cci) == theirs
    assert "as in the org" in nps(cci, "pull", "settings", "--check")

    (cci.project / "nps.yml").write_text(before, "utf-8")
    nps(cci, "generate")


def test_settings__overwritten_when_asked(cci: Cci) -> None:
    """The other way: only when asked does a deploy put the spec's settings over an admin's; what an admin added stays."""
    ours = settings(cci)
    an_admin_changes_them(cci)

    cci(*_DEPLOY, "-o", "overwrite_settings", "True")
    assert [row for row in settings(cci) if row["DeveloperName"] != "Legal_threat"] == ours
    assert len(settings(cci)) == len(ours) + 1


@pytest.mark.parametrize(
    ("field", "old", "new", "said"),
    [
        ("Severity__c", '<value xsi:nil="true"/>', '<value xsi:type="xsd:string">urgent</value>', "its severity is 'urgent'"),
        ("Queue__c", '<value xsi:type="xsd:string">NPS_Enterprise_Escalations</value>', '<value xsi:nil="true"/>', "its queue is blank"),
    ],
    ids=["severity", "queue"],
)
def test_settings__what_no_spec_can_say(cci: Cci, field: str, old: str, new: str, said: str) -> None:
    """A record that Setup takes and the spec does not is named, with what to do; the spec stays as it is."""
    before = (cci.project / "nps.yml").read_text("utf-8")
    route = generated(cci, "NPS_Escalation_Route.Route_10")
    place = f"<field>{field}</field>\n        "
    assert place + old in route
    in_setup(cci, {"NPS_Escalation_Route.Route_10": route.replace(place + old, place + new)})

    printed = nps(cci, "pull", "settings", fails=True)
    assert f"NPS Escalation Route Route_10: {said}" in printed
    assert "Correct the record in Setup" in printed and "Traceback" not in printed
    assert (cci.project / "nps.yml").read_text("utf-8") == before


def test_settings__one_word_twice(cci: Cci) -> None:
    """Two keywords that are the same word make no spec: the command says which, and the spec stays as it is."""
    before = (cci.project / "nps.yml").read_text("utf-8")
    in_setup(cci, {"NPS_Escalation_Keyword.Again": generated(cci, "NPS_Escalation_Keyword.cancel").replace(">cancel<", ">CANCEL!<")})

    printed = nps(cci, "pull", "settings", fails=True)
    assert "it is left as it was" in printed and "is the same keyword as" in printed
    assert (cci.project / "nps.yml").read_text("utf-8") == before
