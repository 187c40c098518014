"""Our section on a customer's own layout: added once, taken off without a trace, and accepted by an org."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from tooling.local_org.engine.org import Org
from tooling.metadata.layout_section import items, with_section, without_section
from tooling.metadata.package import to_mdapi
from tooling.metadata.writer import write
from tooling.spec import Spec

ROOT = Path(__file__).parents[2]
NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"
THEIRS = b"""<?xml version="1.0" encoding="UTF-8"?>
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
                <field>NPS_Tier__c</field>
            </layoutItems>
        </layoutColumns>
        <layoutColumns/>
        <style>TwoColumnsTopToBottom</style>
    </layoutSections>
    <layoutSections>
        <customLabel>false</customLabel>
        <label>Custom Links</label>
        <layoutColumns/>
        <style>CustomLinks</style>
    </layoutSections>
    <relatedLists>
        <fields>FULL_NAME</fields>
        <relatedList>RelatedContactList</relatedList>
    </relatedLists>
    <showEmailCheckbox>false</showEmailCheckbox>
</Layout>
"""


def fields(layout: bytes) -> list[str]:
    return [str(e.text) for e in etree.fromstring(layout).iter(f"{NAMESPACE}field")]


def shape(layout: bytes) -> list[tuple[str, str]]:
    return [(etree.QName(e).localname, (e.text or "").strip()) for e in etree.fromstring(layout).iter()]


def test_with_section__adds_what_is_missing(small: Spec) -> None:
    """Every field of ours is on the layout once; one that the customer placed elsewhere stays there."""
    after = with_section(THEIRS, "Account", small)

    placed = fields(after)
    assert {i.field for i in items("Account", small)} <= set(placed)
    assert len(placed) == len(set(placed))
    labels = [e.text for e in etree.fromstring(after).iter(f"{NAMESPACE}label")]
    assert labels == ["Our own section", "NPS", "Custom Links"]
    lists = [e.text for e in etree.fromstring(after).iter(f"{NAMESPACE}relatedList")]
    assert lists == ["RelatedContactList", "Survey_Response__c.Account__c"]


def test_with_section__twice(small: Spec) -> None:
    """A second time changes not one byte."""
    once = with_section(THEIRS, "Account", small)

    assert with_section(once, "Account", small) == once


def test_without_section__as_before(small: Spec) -> None:
    """Taken off, the layout is as the customer had it; a layout that never had the section is untouched."""
    assert shape(without_section(with_section(THEIRS, "Account", small), "Account", small)) == shape(THEIRS)
    assert without_section(THEIRS, "Account", small) == THEIRS


def test_with_section__keeps_what_the_customer_put_there(small: Spec) -> None:
    """A field of the customer's own within our section survives its removal, and so does the section."""
    ours = with_section(THEIRS, "Account", small)
    tree = etree.fromstring(ours)
    column = tree.findall(f"{NAMESPACE}layoutSections")[1].find(f"{NAMESPACE}layoutColumns")
    assert column is not None
    item = etree.SubElement(column, f"{NAMESPACE}layoutItems")
    etree.SubElement(item, f"{NAMESPACE}behavior").text = "Edit"
    etree.SubElement(item, f"{NAMESPACE}field").text = "Industry"

    left = without_section(etree.tostring(tree), "Account", small)

    assert fields(left) == ["Name", "NPS_Tier__c", "Industry"]


@pytest.fixture(scope="module")
def org(files: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Org]:
    """An org with the sample customer's fields and everything of ours."""
    folder = tmp_path_factory.mktemp("layouts") / "force-app"
    write(files, folder)
    org = Org.open()
    admin = org.user_named("admin@local.example")
    assert all(org.deploy(admin, to_mdapi(source)).success for source in (ROOT / "orgs/customer", folder))
    yield org
    org.close()


@pytest.mark.parametrize("sobject", ["Account", "Contact", "Lead", "Opportunity", "Case"])
def test_with_section__an_org_accepts_it(org: Org, small: Spec, sobject: str) -> None:
    """The changed layout deploys, fields and related list included."""
    theirs = THEIRS
    if sobject != "Account":
        name = {"Contact": "Name", "Lead": "Name", "Case": "Subject"}.get(sobject, "Name")
        theirs = THEIRS.replace(b"<field>Name<", f"<field>{name}<".encode()).replace(b"NPS_Tier__c", b"Description")
        theirs = theirs.replace(b"RelatedContactList", b"RelatedActivityList").replace(b"FULL_NAME", b"TASK.SUBJECT")
    full_name = f"{sobject}-{sobject} Layout"
    manifest = (
        '<?xml version="1.0"?><Package xmlns="http://soap.sforce.com/2006/04/metadata"><types>'
        f"<members>{full_name}</members><name>Layout</name></types><version>66.0</version></Package>"
    )
    layout = with_section(theirs, sobject, small)

    deployed = org.deploy(org.user_named("admin@local.example"), {"package.xml": manifest.encode(), f"layouts/{full_name}.layout": layout})

    assert deployed.success, deployed
