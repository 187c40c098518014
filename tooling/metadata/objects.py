"""Objects and fields of the spec as metadata components."""

from __future__ import annotations

from collections.abc import Iterator

from tooling.metadata.formula_size import check_sizes
from tooling.metadata.formulas import formula_of
from tooling.metadata.pages import COMPACT_LAYOUTS, RECORD_PAGES
from tooling.metadata.rendering import Component
from tooling.metadata.types.custom_field import CustomField, PicklistValue
from tooling.metadata.types.custom_object import CustomObject
from tooling.metadata.validation_rules import validation_rules
from tooling.spec.model import Spec
from tooling.spec.objects import FieldSpec, FieldType, ObjectKind, ObjectSpec, objects_of


def components(spec: Spec) -> Iterator[Component]:
    """Raises:
    SpecError: a formula of the spec's making is longer than Salesforce takes.
    """
    objects = objects_of(spec)
    formulas = {f"{o.api_name}.{f.api_name}": formula_of(o, f, spec) for o in objects for f in o.fields if f.calculated}
    check_sizes(formulas, spec)
    for sobject in objects:
        if sobject.kind is not ObjectKind.STANDARD:
            yield _object(sobject)
        for field in sobject.fields:
            yield _field(sobject, field, formulas.get(f"{sobject.api_name}.{field.api_name}"))
    yield from validation_rules()


def _object(sobject: ObjectSpec) -> CustomObject:
    if sobject.kind is ObjectKind.SETTING:
        return CustomObject(
            name=sobject.api_name,
            label=sobject.label,
            plural_label=None,
            description=sobject.description,
            setting="Hierarchy",
            visibility="Public",
        )
    if sobject.kind is ObjectKind.METADATA_TYPE:
        return CustomObject(
            name=sobject.api_name,
            label=sobject.label,
            plural_label=sobject.plural_label,
            description=sobject.description,
            visibility="Public",
        )
    compact, page = COMPACT_LAYOUTS.get(sobject.api_name), RECORD_PAGES.get(sobject.api_name)
    return CustomObject(
        name=sobject.api_name,
        label=sobject.label,
        plural_label=sobject.plural_label,
        description=sobject.description,
        compact_layout=compact.name if compact else None,
        record_page=page.name if page else None,
        activities=sobject.activities,
        name_label=sobject.name_label,
        name_format=sobject.name_format,
        sharing_model=sobject.sharing_model,
    )


def _field(sobject: ObjectSpec, field: FieldSpec, formula: str | None) -> CustomField:
    stored = formula is None
    text = field.type is FieldType.TEXT and stored
    lookup = field.type is FieldType.LOOKUP
    master = field.type is FieldType.MASTER_DETAIL
    return CustomField(
        sobject=sobject.api_name,
        name=field.api_name,
        case_sensitive=field.case_sensitive if field.unique else None,
        default_value=field.default,
        delete_constraint="SetNull" if lookup else None,
        description=field.description,
        external_id=field.external_id if stored and field.type in (FieldType.TEXT, FieldType.EMAIL, FieldType.NUMBER) else None,
        field_manageability="DeveloperControlled" if sobject.kind is ObjectKind.METADATA_TYPE else None,
        formula=formula,
        treat_blanks_as=None if stored else "BlankAsBlank",
        help_text=field.help_text,
        label=field.label,
        length=field.length if text or field.type is FieldType.LONG_TEXT else None,
        precision=field.precision,
        reference_to=field.reference_to,
        relationship_label=field.relationship_label,
        relationship_name=field.relationship_name,
        relationship_order=0 if master else None,
        reparentable=False if master else None,
        required=False if stored and not master and field.type not in (FieldType.CHECKBOX, FieldType.LONG_TEXT) else None,
        scale=field.scale,
        type=field.type.value,
        unique=field.unique if text or (field.type in (FieldType.EMAIL, FieldType.NUMBER) and stored) else None,
        values=tuple(PicklistValue(c.value, c.label, c.default) for c in field.choices) if field.choices else None,
        restricted=field.restricted,
        visible_lines=field.visible_lines,
        write_requires_master_read=False if master else None,
    )
