"""Source format to Metadata API format: what the deploy sends."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from lxml import etree

from tooling.errors import UsageError
from tooling.metadata.package import to_mdapi
from tooling.metadata.writer import write

NAMESPACE = {"m": "http://soap.sforce.com/2006/04/metadata"}
ROOT = Path(__file__).parents[2]


@pytest.fixture
def package(files: dict[str, str], tmp_path: Path) -> dict[str, bytes]:
    write(files, tmp_path / "force-app")
    return to_mdapi(tmp_path / "force-app")


def members(package: dict[str, bytes]) -> dict[str, list[str]]:
    root = etree.fromstring(package["package.xml"])
    return {
        t.findtext("m:name", namespaces=NAMESPACE): [m.text for m in t.findall("m:members", NAMESPACE)]
        for t in root.findall("m:types", NAMESPACE)
    }


def texts(element: etree._Element) -> list[tuple[str, str]]:
    return [(e.tag, (e.text or "").strip()) for e in element.iterdescendants()]


def test_package__same_source_same_bytes(files: dict[str, str], package: dict[str, bytes], tmp_path: Path) -> None:
    """The package does not depend on the order in which files were written."""
    for path in sorted(files, reverse=True):
        target = tmp_path / "again" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(files[path], "utf-8")

    assert to_mdapi(tmp_path / "again") == package
    assert next(iter(package)) == "package.xml"


def test_package__standard_objects_are_named_by_field(package: dict[str, bytes]) -> None:
    """Our fields on standard objects are members by name; the standard objects themselves are not."""
    named = members(package)

    assert "Contact.NPS_Score__c" in named["CustomField"]
    assert "Activity.NPS_Response__c" in named["CustomField"]
    assert set(named["CustomObject"]) == {
        "NPS_About__mdt",
        "NPS_Dead_Letter__c",
        "NPS_Escalation_Keyword__mdt",
        "NPS_Escalation_Route__mdt",
        "NPS_Settings__c",
        "NPS_Sync_Run__c",
        "Survey_Response_Revision__c",
        "Survey_Response__c",
    }
    assert {e.tag for e in etree.fromstring(package["objects/Contact.object"])} == {f"{{{NAMESPACE['m']}}}fields"}


def test_package__nothing_is_lost(files: dict[str, str], package: dict[str, bytes]) -> None:
    """Every source file is a member, and every text of a field survives the merge."""
    assert sum(len(m) for m in members(package).values()) == len(files)
    merged = etree.fromstring(package["objects/Account.object"])
    for path, text in files.items():
        if "/Account/fields/" in path:
            field = etree.fromstring(text.encode())
            name = field.findtext("m:fullName", namespaces=NAMESPACE)
            found = merged.xpath(f"m:fields[m:fullName='{name}']", namespaces=NAMESPACE)[0]
            assert texts(found) == texts(field)


def test_package__obeys_the_schema(package: dict[str, bytes], tmp_path: Path, validator: list[str]) -> None:
    """The merged objects and the manifest are in the schema's order too."""
    for path, body in package.items():
        target = tmp_path / "mdapi" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(body)

    judged = subprocess.run([*validator, str(tmp_path / "mdapi")], capture_output=True, text=True, check=False)

    assert judged.returncode == 0, judged.stdout


def test_package__the_customers_fields() -> None:
    """Source that somebody else wrote is packaged as well."""
    package = to_mdapi(ROOT / "orgs/customer")

    assert "Account.Usage_Score__c" in members(package)["CustomField"]
    assert members(package)["PermissionSet"] == ["Customer_Fields"]


def test_package__unknown_kind(tmp_path: Path) -> None:
    """A kind of file that is not known is refused by name, never left out."""
    (tmp_path / "X.dataspaces-meta.xml").write_text("<x/>")

    with pytest.raises(UsageError, match=r"\.dataspaces-meta\.xml is not supported"):
        to_mdapi(tmp_path)


def test_package__not_well_formed(tmp_path: Path) -> None:
    """XML that is not well-formed is refused with its file and line."""
    target = tmp_path / "objects/A__c/fields/B__c.field-meta.xml"
    target.parent.mkdir(parents=True)
    target.write_text("<CustomField>\n<label>\n</CustomField>")

    with pytest.raises(UsageError, match=r"B__c\.field-meta\.xml:3: "):
        to_mdapi(tmp_path)


def test_package__nothing_there(tmp_path: Path) -> None:
    """An empty folder is a mistake, not an empty deploy."""
    with pytest.raises(UsageError, match="no Salesforce source"):
        to_mdapi(tmp_path)


def test_package__without_flow_tests(files: dict[str, str], package: dict[str, bytes], tmp_path: Path) -> None:
    """What is left out is in neither the files nor the manifest; everything else stays as it is."""
    write(files, tmp_path / "rest")

    rest = to_mdapi(tmp_path / "rest", leave_out=("FlowTest",))

    assert members(package)["FlowTest"]
    assert members(rest) == {kind: names for kind, names in members(package).items() if kind != "FlowTest"}
    assert set(rest) == {path for path in package if not path.startswith("flowtests/")}


def test_package__folders(package: dict[str, bytes], tmp_path: Path) -> None:
    """Reports, dashboards and e-mail templates lie in folders; the folder is a member of the same type, before what is in it."""
    email = tmp_path / "more/main/default/email"
    (email / "Letters").mkdir(parents=True)
    (email / "Letters.emailFolder-meta.xml").write_text("<EmailFolder/>")
    (email / "Letters/Hello.email-meta.xml").write_text("<EmailTemplate/>")
    (email / "Letters/Hello.email").write_text("Hello")

    named = members(package)
    letters = to_mdapi(tmp_path / "more")

    assert named["Report"][0] == "NPS" and "NPS/NPS_Over_Time" in named["Report"]
    assert named["Dashboard"] == ["NPS", "NPS/NPS"]
    assert {"reports/NPS-meta.xml", "reports/NPS/NPS_Over_Time.report", "dashboards/NPS/NPS.dashboard"} <= set(package)
    assert set(letters) == {"package.xml", "email/Letters-meta.xml", "email/Letters/Hello.email", "email/Letters/Hello.email-meta.xml"}
    assert members(letters) == {"EmailTemplate": ["Letters", "Letters/Hello"]}


def test_package__template_without_its_text(tmp_path: Path) -> None:
    """An e-mail template whose text is missing is refused, with its name."""
    (tmp_path / "email/Letters").mkdir(parents=True)
    (tmp_path / "email/Letters/Hello.email-meta.xml").write_text("<EmailTemplate/>")

    with pytest.raises(UsageError, match=r"Hello\.email is missing"):
        to_mdapi(tmp_path)
