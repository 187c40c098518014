"""Our packaging of source for a deploy, against Salesforce's own converter."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest
from lxml import etree

from tests.clients.nodejs import Nodejs
from tooling.metadata.package import to_mdapi

pytestmark = pytest.mark.clients

ROOT = Path(__file__).parents[2]
SOURCES = ("force-app", "orgs/customer")
NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"
STANDARD_OBJECT = re.compile(r"main/default/objects/([A-Za-z]+)/\1\.object-meta\.xml")


@pytest.fixture(scope="module", params=SOURCES)
def source(request: pytest.FixtureRequest) -> Path:
    return ROOT / str(request.param)


@pytest.fixture(scope="module")
def converted(source: Path, nodejs: Nodejs, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that Salesforce's converter makes of our source, in Metadata API format."""
    target = tmp_path_factory.mktemp("mdapi")
    nodejs.run("convert.mjs", "metadata", source, target)
    return target


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def canonical(xml: bytes) -> bytes:
    """Canonical XML without white space between elements; an object's parts sorted, because their order says nothing.

    The converter puts the files of an object one after the other, we keep the order of the Metadata API's schema.
    """
    root = etree.fromstring(xml, etree.XMLParser(remove_blank_text=True, resolve_entities=False, no_network=True))
    if root.tag == f"{NAMESPACE}CustomObject":
        root[:] = sorted(root, key=lambda element: (str(element.tag), element.findtext(f"{NAMESPACE}fullName") or ""))
    canonical_form: bytes = etree.tostring(root, method="c14n")
    return canonical_form


def members(manifest: bytes) -> Mapping[str, list[str]]:
    """Members of a package.xml by type, sorted. A folder is `NPS/` there and `NPS` here (as CumulusCI writes it)."""
    root = etree.fromstring(manifest)
    return {
        str(types.findtext(f"{NAMESPACE}name")): sorted(
            str(member.text).removesuffix("/") for member in types.findall(f"{NAMESPACE}members")
        )
        for types in root.findall(f"{NAMESPACE}types")
    }


def test_packaging__same_files(source: Path, converted: Path) -> None:
    """We send the files that Salesforce's converter would send, no more and no fewer."""
    assert set(to_mdapi(source)) == set(contents(converted))


def test_packaging__same_manifest(source: Path, converted: Path) -> None:
    """package.xml names the same components of the same types, for the same API version."""
    ours, theirs = to_mdapi(source)["package.xml"], (converted / "package.xml").read_bytes()

    assert members(ours) == members(theirs)
    assert etree.fromstring(ours).findtext(f"{NAMESPACE}version") == etree.fromstring(theirs).findtext(f"{NAMESPACE}version")


def test_packaging__same_components(source: Path, converted: Path) -> None:
    """Each component says the same, element by element."""
    ours, theirs = to_mdapi(source), contents(converted)

    different = [name for name in theirs if name != "package.xml" and canonical(ours[name]) != canonical(theirs[name])]
    assert different == []


def test_round_trip__generated_source_comes_back_byte_by_byte(nodejs: Nodejs, tmp_path: Path) -> None:
    """Converted to Metadata API format and back, every file is what it was: a retrieve into source control shows no change.

    For a standard object the converter adds an empty file of the object itself: we write none, so that nothing else of it is touched.
    """
    nodejs.run("convert.mjs", "metadata", ROOT / "force-app", tmp_path / "mdapi")
    nodejs.run("convert.mjs", "source", tmp_path / "mdapi", tmp_path / "source")

    before, after = contents(ROOT / "force-app"), contents(tmp_path / "source")
    added = set(after) - set(before)
    assert {name for name in added if not STANDARD_OBJECT.fullmatch(name)} == set()
    assert all(len(etree.fromstring(after[name])) == 0 for name in added)
    assert [name for name in before if before[name] != after.get(name)] == []


def test_round_trip__our_package_comes_back_too(source: Path, nodejs: Nodejs, tmp_path: Path) -> None:
    """What we send is what Salesforce's converter takes apart into the same source, whoever packaged it."""
    package = tmp_path / "package"
    for name, body in to_mdapi(source).items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_bytes(body)

    nodejs.run("convert.mjs", "source", package, tmp_path / "source")

    after = contents(tmp_path / "source")
    assert [name for name, body in contents(source).items() if canonical(body) != canonical(after[name])] == []
