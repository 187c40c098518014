"""What a save must check of one sObject, compiled once per metadata: required, unique, reference and value rules, defaults, validation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..formula import Context, Formula, SObjectNames, Type, compile_formula, type_of_field
from ..schema.derived import derived_fields
from ..schema.types import Field, FieldType, Schema, SObject, ValidationRule
from .roll_up_fields import empty

AUDIT = frozenset(
    {"CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp", "IsDeleted", "LastActivityDate"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class CompiledRule:
    rule: ValidationRule
    condition: Formula


@dataclass(frozen=True, slots=True)
class ObjectRules:
    """Everything here is derived from the schema; it holds no record."""

    sobject: SObject
    blank: Mapping[str, Any]
    """A record before anything is set: nulls, false for checkboxes, 0 for sums and counts."""
    required: tuple[Field, ...]
    unique: tuple[Field, ...]
    references: tuple[Field, ...]
    auto_numbers: tuple[Field, ...]
    default_values: Mapping[str, Any]
    """Picklist and combobox defaults."""
    default_formulas: tuple[tuple[Field, Formula], ...]
    validation: tuple[CompiledRule, ...]
    validation_paths: tuple[tuple[str, ...], ...]
    audit: frozenset[str]


def compile_rules(schema: Schema, sobject: SObject) -> ObjectRules:
    names = SObjectNames(schema, sobject.name)
    derived = derived_fields(sobject.name)
    stored = [f for f in sobject.fields if not f.calculated and f.type not in (FieldType.ADDRESS, FieldType.LOCATION)]
    validation = tuple(
        CompiledRule(rule, compile_formula(rule.condition, names, result=Type.BOOLEAN, context=Context.VALIDATION))
        for rule in sobject.validation_rules
        if rule.active
    )
    return ObjectRules(
        sobject=sobject,
        blank={f.name: False if f.type is FieldType.BOOLEAN else empty(f) for f in stored if f.name not in derived},
        required=tuple(f for f in stored if _is_required(f) and f.name not in derived),
        unique=tuple(f for f in stored if f.unique and f.name != "Id"),
        references=tuple(f for f in stored if f.type is FieldType.REFERENCE and f.reference_to and f.name not in AUDIT),
        auto_numbers=tuple(f for f in stored if f.auto_number is not None),
        default_values={f.name: value.value for f in stored for value in f.picklist if value.default and value.active},
        default_formulas=tuple(
            (f, compile_formula(f.default_formula, names, result=type_of_field(f), context=Context.DEFAULT_VALUE))
            for f in stored
            if f.default_formula
        ),
        validation=validation,
        validation_paths=tuple({reference.path for compiled in validation for reference in compiled.condition.references}),
        audit=frozenset(f.name for f in stored if f.name in AUDIT),
    )


def _is_required(field: Field) -> bool:
    return (
        not field.nillable
        and (field.createable or field.custom)
        and not field.defaulted_on_create
        and field.type not in (FieldType.BOOLEAN, FieldType.ID)
        and field.auto_number is None
    )
