"""The generator: the same spec gives the same files, and another spec gives others with no other edit."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from lxml import etree

from tooling.metadata.about import VERSION
from tooling.metadata.generator import plan
from tooling.metadata.writer import diff, write
from tooling.spec import Spec, load_spec, spec_from
from tooling.spec.objects import FieldType, ObjectKind, objects_of

ROOT = Path(__file__).parents[2]
NAMESPACE = {"m": "http://soap.sforce.com/2006/04/metadata"}
SCORE = "main/default/objects/Survey_Response__c/fields/Score__c.field-meta.xml"
HEALTH = "main/default/objects/Account/fields/NPS_Health_Score__c.field-meta.xml"
ABOUT = "main/default/customMetadata/NPS_About.NPS.md-meta.xml"


def text_of(xml: str, name: str) -> str | None:
    return etree.fromstring(xml.encode()).findtext(f"m:{name}", namespaces=NAMESPACE)


def grants(files: dict[str, str], name: str) -> dict[str, bool]:
    """Field to editable of a permission set."""
    root = etree.fromstring(files[f"main/default/permissionsets/{name}.permissionset-meta.xml"].encode())
    return {
        p.findtext("m:field", namespaces=NAMESPACE): p.findtext("m:editable", namespaces=NAMESPACE) == "true"
        for p in root.findall("m:fieldPermissions", NAMESPACE)
    }


def test_plan__is_pure_and_sorted(small: Spec) -> None:
    """Two plans of one spec are equal, and their paths are in order."""
    assert list(plan(small).items()) == list(plan(small).items())
    assert list(plan(small)) == sorted(plan(small))


def test_plan__equals_force_app() -> None:
    """What is checked in is what the spec of this repository generates."""
    assert diff(plan(load_spec(ROOT / "nps.yml")), ROOT / "force-app") == ""


def test_plan__obeys_the_schema(files: dict[str, str], tmp_path: Path, validator: list[str]) -> None:
    """Salesforce's published schema, element order included, has nothing to say."""
    write(files, tmp_path / "force-app")

    judged = subprocess.run([*validator, str(tmp_path / "force-app")], capture_output=True, text=True, check=False)

    assert judged.returncode == 0, judged.stdout
    assert f"{len(files)} valid, 0 invalid, 0 skipped; 0 not in schema order" in judged.stdout


def test_plan__every_field_is_granted(files: dict[str, str], small: Spec) -> None:
    """The admin's permission set names every field that can be granted; a field that is not named there is invisible to everybody."""
    expected = {
        f"{seen}.{f.api_name}"
        for o in objects_of(small)
        if o.kind in (ObjectKind.CUSTOM, ObjectKind.STANDARD)
        for seen in (("Task", "Event") if o.api_name == "Activity" else (o.api_name,))
        for f in o.fields
        if f.type is not FieldType.MASTER_DETAIL
    }

    assert set(grants(files, "NPS_Admin")) == expected


@pytest.mark.parametrize("name", ["NPS_Admin", "NPS_User", "NPS_Bridge"])
def test_plan__grants_what_can_be_granted(files: dict[str, str], small: Spec, name: str) -> None:
    """No formula field is editable, no master-detail field is listed: Salesforce refuses both."""
    fields = {f"{o.api_name}.{f.api_name}": f for o in objects_of(small) for f in o.fields}

    for granted, editable in grants(files, name).items():
        field = fields.get(granted)
        assert field is None or field.type is not FieldType.MASTER_DETAIL
        assert not (editable and field is not None and field.calculated)


def test_plan__users_edit_only_follow_ups(files: dict[str, str]) -> None:
    """NPS User reads the ledger and edits what a follow-up needs; not one word of the answer."""
    editable = {f for f, may in grants(files, "NPS_User").items() if may and f.startswith("Survey_Response__c.")}

    assert {"Survey_Response__c.Root_Cause__c", "Survey_Response__c.Resolution__c"} <= editable
    assert not editable & {f"Survey_Response__c.{n}" for n in ("Score__c", "Verbatim__c", "Contact__c", "Match_Status__c")}


def test_plan__standard_objects_get_fields_only(files: dict[str, str]) -> None:
    """A standard object's own settings and layouts are never deployed: that would overwrite the customer's."""
    for path in files:
        parts = Path(path).parts
        if parts[2] == "objects" and not parts[3].endswith(("__c", "__mdt")):
            assert parts[4] == "fields" or (parts[4] == "listViews" and parts[5].startswith("NPS_"))
        if parts[2] == "layouts":
            assert parts[3].split("-")[0].endswith("__c")


def test_plan__label() -> None:
    """A changed label in the spec changes that label, the marker, and nothing else."""
    before = plan(spec_from("sources: {promoter_io: {}}"))
    after = plan(spec_from('sources: {promoter_io: {}}\nlabels: {Survey_Response__c.Score__c: "Rating & more"}'))

    assert text_of(after[SCORE], "label") == "Rating & more"
    assert {p for p in after if after[p] != before[p]} == {SCORE, ABOUT}


def test_plan__weight() -> None:
    """A changed weight changes the formulas of the health score."""
    before = plan(spec_from("sources: {promoter_io: {}}"))
    after = plan(spec_from("sources: {promoter_io: {}}\nhealth_score: {trend: {weight: 33}}"))

    assert "33 * CASE(NPS_Trend__c" in (text_of(after[HEALTH], "formula") or "")
    assert {Path(p).name for p in after if after[p] != before[p]} == {
        "NPS_Health_Score__c.field-meta.xml",
        "NPS_Health_Explanation__c.field-meta.xml",
        Path(ABOUT).name,
    }


def test_plan__escapes_as_a_retrieve_does(files: dict[str, str]) -> None:
    """Quotation marks and apostrophes are entities, as in what Salesforce gives back."""
    assert "&quot;Improving&quot;" in files[HEALTH]
    assert '"Improving"' not in files[HEALTH]


def test_plan__marker(files: dict[str, str], small: Spec) -> None:
    """The marker names the version of the package and the fingerprint of the spec."""
    pyproject = (ROOT / "pyproject.toml").read_text("utf-8")

    assert small.fingerprint() in files[ABOUT]
    assert f'version = "{VERSION}"' in pyproject


def test_plan__never_writes_the_customers_fields(files: dict[str, str]) -> None:
    """A field that the spec only mentions is the customer's: it is not generated."""
    assert not any("Usage_Score__c" in path for path in files)
