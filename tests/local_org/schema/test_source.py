"""Packages as components: mdapi and source format read alike, places kept, what cannot be read reported."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from tooling.local_org.schema.source import PackageError, read_folder, read_package, unzip
from tooling.local_org.schema.xml import XmlError, parse, write

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
NAMESPACE = 'xmlns="http://soap.sforce.com/2006/04/metadata"'
FIELD = "<fullName>Tier__c</fullName><label>Tier</label><length>10</length><type>Text</type>"
MANIFEST = (
    f"{HEAD}<Package {NAMESPACE}><types><members>Account.Tier__c</members><name>CustomField</name></types><version>66.0</version></Package>"
)


def test_parse__places_of_elements() -> None:
    """Lines count from 1; the column is one past the start tag, as the deploy service counts."""
    root = parse(f"{HEAD}<CustomObject {NAMESPACE}>\n    <fields>\n        <label>x</label>\n    </fields>\n</CustomObject>".encode())
    fields = root.children[0]
    assert (fields.line, fields.column) == (3, 13)
    assert fields.value("label") == "x"
    assert fields.value("absent") is None


@pytest.mark.parametrize("text", ["", "<a>", "<a></b>", "<!DOCTYPE a><a/>", "plain"])
def test_parse__not_readable(text: str) -> None:
    """Broken files and document types are refused."""
    with pytest.raises(XmlError, match="Error parsing file"):
        parse(text.encode())


def test_write__reads_the_same_again() -> None:
    """Special characters and typed values survive."""
    xsi = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
    body = """<label>A &amp; 'b' "c" &lt;</label><values><value xsi:type="xsd:string"> x </value></values>"""
    text = f"{HEAD}<CustomMetadata {NAMESPACE} {xsi}>{body}</CustomMetadata>"
    first = write(parse(text.encode()))
    assert write(parse(first)) == first
    assert b"&apos;b&apos; &quot;c&quot; &lt;" in first
    assert parse(first).children[1].children[0].text == " x "


def test_read_package__mdapi_and_source_are_the_same_components() -> None:
    """One field, in an object file and in a file of its own."""
    mdapi = read_package(
        {
            "package.xml": MANIFEST.encode(),
            "objects/Account.object": f"{HEAD}<CustomObject {NAMESPACE}><fields>{FIELD}</fields></CustomObject>".encode(),
        }
    )
    path = "force-app/main/default/objects/Account/fields/Tier__c.field-meta.xml"
    source = read_package({path: f"{HEAD}<CustomField {NAMESPACE}>{FIELD}</CustomField>".encode()})
    assert mdapi.members == (("CustomField", "Account.Tier__c"),)
    assert source.members is None
    assert source.components[0].key == ("CustomField", "Account.Tier__c")
    assert source.components[0].xml() == next(c for c in mdapi.components if c.type == "CustomField").xml()


@pytest.mark.parametrize(
    ("path", "root", "kind", "full_name"),
    [
        ("layouts/Answer__c-A %28b%29.layout-meta.xml", "Layout", "Layout", "Answer__c-A (b)"),
        ("reports/NPS/Scores.report", "Report", "Report", "NPS/Scores"),
        ("reports/NPS-meta.xml", "ReportFolder", "ReportFolder", "NPS"),
        ("main/default/reports/NPS.reportFolder-meta.xml", "ReportFolder", "ReportFolder", "NPS"),
        ("customMetadata/Word.First.md", "CustomMetadata", "CustomMetadata", "Word.First"),
        ("settings/Case.settings-meta.xml", "CaseSettings", "Settings", "Case"),
        ("objects/Answer__c/listViews/All.listView-meta.xml", "ListView", "ListView", "Answer__c.All"),
    ],
)
def test_read_package__names_of_files(path: str, root: str, kind: str, full_name: str) -> None:
    """The full name comes from folder and file name."""
    [component] = read_package({path: f"{HEAD}<{root} {NAMESPACE}/>".encode()}).components
    assert component.key == (kind, full_name)


def test_read_package__two_files_of_a_template() -> None:
    """The body of an e-mail template comes with it; without it, that is a problem."""
    meta = f"{HEAD}<EmailTemplate {NAMESPACE}/>".encode()
    [template] = read_package({"email/NPS/Hi.email": b"Hi", "email/NPS/Hi.email-meta.xml": meta}).components
    assert (template.full_name, template.content) == ("NPS/Hi", b"Hi")
    assert [p.problem for p in read_package({"email/NPS/Hi.email-meta.xml": meta}).problems] == [
        "File Hi.email is missing beside its -meta.xml"
    ]


def test_read_package__wrong_root_element() -> None:
    """A file that is something else than its folder says."""
    [problem] = read_package({"tabs/X.tab-meta.xml": f"{HEAD}<Layout {NAMESPACE}/>".encode()}).problems
    assert problem.problem == "Error parsing file: Element Layout invalid at this location in type CustomTab"


def test_read_package__broken_manifest() -> None:
    """Without a readable package.xml nothing is known of the package."""
    with pytest.raises(PackageError, match=r"package\.xml"):
        read_package({"package.xml": b"<Package>"})


def test_unzip__too_many_files() -> None:
    """10,000 files at most."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for number in range(10_001):
            archive.writestr(f"classes/{number}", b"")
    with pytest.raises(PackageError, match="10000"):
        unzip(buffer.getvalue())


def test_read_folder__paths_are_relative(tmp_path: Path) -> None:
    """Files by path below the folder, with slashes."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b.txt").write_text("x")
    assert read_folder(tmp_path) == {"a/b.txt": b"x"}
