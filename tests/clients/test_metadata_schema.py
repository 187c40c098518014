"""The generated source, judged by Salesforce's own metadata schema and by Salesforce's own registry of source files."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.clients.nodejs import ClientFailed, Nodejs, as_json, run

pytestmark = pytest.mark.clients

ROOT = Path(__file__).parents[2]
SOURCES = ("force-app", "orgs/customer")

Judge = Callable[[str], Path]


@pytest.mark.parametrize("source", SOURCES)
def test_schema__source_obeys_the_metadata_api(source: str, judge: Judge) -> None:
    """Every file is valid against the Metadata API's types, its elements in the schema's order, none left unjudged."""
    said = run([sys.executable, str(judge("validate_metadata.py")), "--strict-order", str(ROOT / source)])

    files = len(list((ROOT / source).rglob("*-meta.xml")))
    assert said.strip().splitlines()[-1] == f"API 66.0: {files} valid, 0 invalid, 0 skipped; 0 not in schema order"


def test_schema__a_wrong_file_is_found(judge: Judge, tmp_path: Path) -> None:
    """The judge can say no: an unknown element is reported."""
    namespace = "http://soap.sforce.com/2006/04/metadata"
    (tmp_path / "X.tab-meta.xml").write_text(f'<CustomTab xmlns="{namespace}"><motiv>a</motiv></CustomTab>', "utf-8")

    said = run([sys.executable, str(judge("validate_metadata.py")), "--strict-order", str(tmp_path)], fails=True)

    assert "motiv" in said


@pytest.mark.parametrize("source", SOURCES)
def test_source_files__are_where_salesforce_looks(source: str, judge: Judge, nodejs: Nodejs) -> None:
    """Names, folders, orphans and duplicates, by the registry of Salesforce's converter."""
    said = as_json(nodejs.run(judge("check_source.mjs"), ROOT / source))

    assert said["message"] == ""
    assert said["count"] >= len(list((ROOT / source).rglob("*-meta.xml")))


def test_source_files__a_wrong_folder_is_found(judge: Judge, nodejs: Nodejs, tmp_path: Path) -> None:
    """The judge can say no: a file outside its type's folder is reported."""
    namespace = "http://soap.sforce.com/2006/04/metadata"
    stray = tmp_path / "force-app/main/default/elsewhere/X.tab-meta.xml"
    stray.parent.mkdir(parents=True)
    stray.write_text(f'<CustomTab xmlns="{namespace}"><motif>Custom1: Heart</motif></CustomTab>', "utf-8")

    with pytest.raises(ClientFailed, match="not under tabs/"):
        nodejs.run(judge("check_source.mjs"), tmp_path / "force-app")
