"""Our objects and fields as data: what Salesforce would refuse must not be in them."""

from __future__ import annotations

from collections import Counter

import pytest

from tooling.metadata.formulas import FORMULAS
from tooling.nps.score import Category
from tooling.spec import Spec, spec_from
from tooling.spec.objects import OBJECTS, FieldSpec, FieldType, ObjectKind, ObjectSpec, field_named, objects_of

FIELDS = [(o, f) for o in OBJECTS for f in o.fields]
MOST_EXTERNAL_IDS = 25


@pytest.mark.parametrize(("sobject", "field"), FIELDS, ids=lambda v: v.api_name)
def test_field__texts_and_limits(sobject: ObjectSpec, field: FieldSpec) -> None:
    """Every field has label, description and help text, within the lengths Salesforce takes."""
    assert 0 < len(field.label) <= 40
    assert 0 < len(field.description) <= 1000
    assert 0 < len(field.help_text) <= 510
    assert field.api_name.endswith("__c") and len(field.api_name.removesuffix("__c")) <= 40
    assert "__" not in field.api_name.removesuffix("__c")


@pytest.mark.parametrize(("sobject", "field"), FIELDS, ids=lambda v: v.api_name)
def test_field__what_its_type_needs(sobject: ObjectSpec, field: FieldSpec) -> None:
    """Each type has what the Metadata API needs of it."""
    if field.type is FieldType.TEXT and not field.calculated:
        assert field.length and field.length <= 255
    if field.type is FieldType.LONG_TEXT:
        assert field.length and 256 <= field.length <= 131072 and field.visible_lines
        assert not field.unique and not field.external_id
    if field.type is FieldType.NUMBER:
        assert field.precision and field.scale is not None and field.scale <= field.precision <= 18
    if field.type is FieldType.CHECKBOX:
        assert (field.default is None) == field.calculated
    if field.type is FieldType.PICKLIST:
        assert len({c.value for c in field.choices}) == len(field.choices) > 0
    if field.is_reference:
        assert field.reference_to and field.relationship_name and field.relationship_label


def test_fields__on_standard_objects_are_named_ours() -> None:
    """Every field of ours on a standard object says so."""
    ours = [f.api_name for o, f in FIELDS if o.kind is ObjectKind.STANDARD]

    assert ours and all(name.startswith("NPS_") for name in ours)


def test_fields__names_and_relationships_are_unique() -> None:
    """No object has a field twice, no parent two child relationships of one name."""
    names = Counter((o.api_name, f.api_name) for o, f in FIELDS)
    relationships = Counter((f.reference_to, f.relationship_name) for o, f in FIELDS if f.is_reference)

    assert max(names.values()) == 1
    assert max(relationships.values()) == 1


def test_fields__external_ids_are_within_the_limit() -> None:
    """An object takes 25 external IDs."""
    assert all(sum(f.external_id for f in o.fields) <= MOST_EXTERNAL_IDS for o in OBJECTS)


def test_fields__calculated_ones_have_a_formula() -> None:
    """Every formula field has its text, and every text its field."""
    assert {f"{o.api_name}.{f.api_name}" for o, f in FIELDS if f.calculated} == set(FORMULAS)


def test_objects_of__labels() -> None:
    """A spec relabels a field; everything else stays."""
    spec = spec_from('sources: {promoter_io: {}}\nlabels: {Survey_Response__c.Score__c: "Rating"}')
    response = objects_of(spec)[0]

    assert (field := response.field("Score__c")) is not None and field.label == "Rating"
    assert field_named("Survey_Response__c.Score__c") is not None


def test_objects_of__the_customers_own_fields() -> None:
    """Where the spec names a field of the customer's, ours is not made."""
    spec = spec_from("sources: {promoter_io: {}}\norg: {success_manager: Account.CSM__c}")
    account = next(o for o in objects_of(spec) if o.api_name == "Account")

    assert account.field("NPS_Success_Manager__c") is None
    assert account.field("NPS_Tier__c") is not None


def test_objects_of__sources_and_sharing() -> None:
    """A file source's name is a value of Source, and the ledger is shared as the spec says."""
    columns = "columns: {email: e, responded_at: d}"
    spec = spec_from(f"sources: {{files: [{{path: a.csv, name: web_form, {columns}}}]}}\norg: {{ledger_sharing: Private}}")
    response = objects_of(spec)[0]
    source = response.field("Source__c")

    assert response.sharing_model == "Private"
    assert source is not None and [c.value for c in source.choices] == ["promoter_io", "file", "web_form"]


def test_objects__speak_the_domains_words() -> None:
    """The segment's values are the categories of the domain."""
    segment = field_named("Account.NPS_Segment__c")

    assert segment is not None and [c.value for c in segment.choices] == [c.value for c in Category]
    assert len(objects_of(Spec())) == len(OBJECTS)
