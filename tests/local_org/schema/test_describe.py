"""Describe answers against those of a real org."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tooling.local_org.schema.describe import describe_global_entry, describe_sobject
from tooling.local_org.schema.standard import standard_schema

RECORDED = Path(__file__).parents[3] / "../shared/reference/describe"
OBJECTS = ("Account", "Contact", "Lead", "Opportunity", "Case", "Event", "OpportunityContactRole")
NEWER_KEYS = {"associateEntityType", "associateParentEntity", "sobjectDescribeOption"}
# Where this org knowingly differs: objects it does not have, and flags nothing reads.
DIFFERENT_KEYS = {"searchPrefilterable", "extraTypeInfo", "byteLength", "aggregatable", "sortable", "groupable", "filterable"}
DIFFERENT_CHILD_KEYS = {"junctionIdListNames", "junctionReferenceTo"}
DIFFERENT_FIELDS = {("Event", "WhatId"), ("Event", "OwnerId"), ("Event", "GroupEventType"), ("Account", "Name")}


@pytest.fixture(params=OBJECTS)
def recorded(request: pytest.FixtureRequest) -> dict[str, Any]:
    path = RECORDED / f"{request.param}.json"
    if not path.exists():
        pytest.skip("recorded describes are not here")
    answer: dict[str, Any] = json.loads(path.read_text())
    return answer


def test_describe_sobject__same_keys(recorded: dict[str, Any]) -> None:
    """Every key a real answer has, of the object, its fields, relationships and record types."""
    sobject = standard_schema().get(recorded["name"])
    assert sobject is not None
    answer = describe_sobject(sobject, standard_schema())
    assert set(answer) - NEWER_KEYS == set(recorded) - NEWER_KEYS
    assert set(answer["fields"][0]) == set(recorded["fields"][0])
    for part in ("childRelationships", "recordTypeInfos"):
        if recorded[part] and answer[part]:
            assert set(answer[part][0]) == set(recorded[part][0])


def test_describe_sobject__same_fields(recorded: dict[str, Any]) -> None:
    """Types, lengths, references, picklist values and write flags are those of a real org."""
    sobject = standard_schema().get(recorded["name"])
    assert sobject is not None
    mine = {field["name"]: field for field in describe_sobject(sobject, standard_schema())["fields"]}
    for field in recorded["fields"]:
        name = field["name"]
        if name not in mine or (recorded["name"], name) in DIFFERENT_FIELDS:
            continue
        differing = {key for key in field if field[key] != mine[name][key]}
        assert differing - DIFFERENT_KEYS == set(), name


def test_describe_sobject__same_child_relationships(recorded: dict[str, Any]) -> None:
    """What a deletion takes along, what forbids it and what relationships are called is as in a real org."""
    sobject = standard_schema().get(recorded["name"])
    assert sobject is not None
    mine = {(c["childSObject"], c["field"]): c for c in describe_sobject(sobject, standard_schema())["childRelationships"]}
    for child in recorded["childRelationships"]:
        known = mine.get((child["childSObject"], child["field"]))
        differing = {key for key in child if child[key] != known[key]} if known else set()
        assert differing - DIFFERENT_CHILD_KEYS == set(), (child["childSObject"], child["field"])


def test_describe_global_entry__same_keys() -> None:
    """The global list's entries have every key of a real one."""
    path = RECORDED / "Global.json"
    if not path.exists():
        pytest.skip("recorded describes are not here")
    real = next(entry for entry in json.loads(path.read_text())["sobjects"] if entry["name"] == "Account")
    sobject = standard_schema().get("Account")
    assert sobject is not None
    mine = describe_global_entry(sobject, standard_schema())
    assert set(mine) == set(real)
    assert {key: value for key, value in mine.items() if key != "urls"} == {key: value for key, value in real.items() if key != "urls"}


def test_standard_schema__references_resolve() -> None:
    """No lookup of a standard object leads to an object this org does not have."""
    schema = standard_schema()
    for sobject in schema:
        for field in sobject.fields:
            assert all(schema.get(target) is not None for target in field.reference_to), (sobject.name, field.name)
    assert schema.get("ScratchOrgInfo") is None
    assert schema.get("SourceMember") is None
