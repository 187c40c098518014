"""Unmodified `cci` on what belongs to the customer: their own page layouts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.test_cci import Cci
from tests.clients.world import open_world
from tooling.local_org.engine.org import ADMIN_TOKEN

pytestmark = pytest.mark.clients

_LAYOUT = "Account-Account Layout"
_THEIRS = """<?xml version="1.0" encoding="UTF-8"?>
<Layout xmlns="http://soap.sforce.com/2006/04/metadata">
    <layoutSections>
        <customLabel>true</customLabel>
        <label>Our own section</label>
        <layoutColumns>
            <layoutItems>
                <behavior>Required</behavior>
                <field>Name</field>
            </layoutItems>
            <layoutItems>
                <behavior>Edit</behavior>
                <field>Usage_Score__c</field>
            </layoutItems>
        </layoutColumns>
        <layoutColumns/>
        <style>TwoColumnsTopToBottom</style>
    </layoutSections>
</Layout>
"""
_SPEC_PAGES = ("nps_pages", "--org", "local")


def _manifest(kind: str, name: str) -> str:
    return (
        '<?xml version="1.0"?><Package xmlns="http://soap.sforce.com/2006/04/metadata">'
        f"<types><members>{name}</members><name>{kind}</name></types><version>66.0</version></Package>"
    )


@pytest.fixture(scope="module")
def cci(project: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cci]:
    """An org with the customer's fields, a layout of their own, and our metadata."""
    spec = project / "nps.yml"
    spec.write_text(spec.read_text("utf-8").replace('  Contact: ["Contact Layout"]\n', ""), "utf-8")
    with open_world(tmp_path_factory.mktemp("pages")) as world:
        for source in ("orgs/customer", "force-app"):
            world.deploy(source)
        deploy(world.org, "Layout", _LAYOUT, f"layouts/{_LAYOUT}.layout", _THEIRS)
        yield Cci(project, world)


def deploy(org, kind: str, name: str, path: str, text: str) -> None:
    result = org.deploy(org.user_of_token(ADMIN_TOKEN), {"package.xml": _manifest(kind, name).encode(), path: text.encode()})
    assert result.success, result


def fields(cci: Cci) -> list[str]:
    layout = cci.world.org.metadata.components[("Layout", _LAYOUT)]
    return [item.text.strip() for item in layout.node.walk() if item.tag == "field"]


def shape(cci: Cci) -> list[tuple[str, str]]:
    """Every part of the layout with its text, in order."""
    return [(item.tag, item.text.strip()) for item in cci.world.org.metadata.components[("Layout", _LAYOUT)].node.walk()]


def test_nps_pages__adds_once_and_takes_off(cci: Cci) -> None:
    """The section goes onto the customer's layout beside what is theirs; a second run changes nothing; taken off, theirs is left."""
    theirs = shape(cci)
    assert fields(cci) == ["Name", "Usage_Score__c"]

    cci("task", "run", *_SPEC_PAGES)
    added = fields(cci)
    ours = shape(cci)
    again = cci("task", "run", *_SPEC_PAGES)
    cci("task", "run", *_SPEC_PAGES, "-o", "remove", "True")

    assert added[:2] == ["Name", "Usage_Score__c"]
    assert {"NPS_Health_Score__c", "NPS_Segment__c", "NPS_Success_Manager__c"} <= set(added)
    assert "already as it should be" in again
    assert ("label", "NPS") in ours
    assert ("relatedList", "Survey_Response__c.Account__c") in ours
    assert shape(cci) == theirs
