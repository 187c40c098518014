"""Standard objects plus deployed components make the schema of an org."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from . import system_fields
from .fields_reader import ValueSets, read_field, read_value_set, with_summary_types
from .person_accounts import with_person_accounts
from .source import Component
from .standard import resolve_activity_subjects, standard_sobjects
from .types import Field, ObjectKind, RecordType, Schema, SObject, ValidationRule

Components = Mapping[tuple[str, str], Component]
_CUSTOM_SUFFIXES = ("__c", "__mdt")
_CUSTOM_FLAGS = frozenset({"layoutable", "replicateable", "retrieveable", "triggerable", "undeletable", "mruEnabled", "searchable"})


def build_schema(components: Components, key_prefixes: Mapping[str, str], *, person_accounts: bool = False) -> Schema:
    """The schema after a deploy. `key_prefixes` has one for every custom object, by API name; `person_accounts`: the feature is on."""
    fields, rules, record_types = (
        _by_object(components, "CustomField"),
        _by_object(components, "ValidationRule"),
        _by_object(components, "RecordType"),
    )
    value_sets = {full_name: read_value_set(c.node) for (kind, full_name), c in components.items() if kind == "GlobalValueSet"}
    sobjects = []
    for sobject in (*standard_sobjects(), *_custom_objects(components, key_prefixes, fields)):
        own = list(_fields_of(sobject.name, fields, value_sets))
        types = tuple(_record_type(component) for component in record_types.get(sobject.name, ()))
        settings = components.get(("CustomObject", sobject.name))
        if not sobject.custom and settings is not None:
            sobject = _with_settings(sobject, settings)
        system = sobject.fields
        if types and sobject.field("RecordTypeId") is None:
            system = (*system, system_fields.record_type())
        sobjects.append(
            replace(
                sobject,
                fields=(*system, *own),
                validation_rules=tuple(_validation_rule(component) for component in rules.get(sobject.name, ())),
                record_types=types,
            )
        )
    sobjects = _with_summaries(sobjects)
    return resolve_activity_subjects(with_person_accounts(sobjects) if person_accounts else sobjects)


def is_custom_object(name: str) -> bool:
    return name.endswith(_CUSTOM_SUFFIXES)


def _by_object(components: Components, kind: str) -> dict[str, list[Component]]:
    grouped: dict[str, list[Component]] = {}
    for (found, full_name), component in components.items():
        if found == kind:
            grouped.setdefault(full_name.partition(".")[0], []).append(component)
    return grouped


def _custom_objects(components: Components, key_prefixes: Mapping[str, str], fields: Mapping[str, list[Component]]) -> Iterator[SObject]:
    for (kind, name), component in components.items():
        if kind == "CustomObject" and is_custom_object(name):
            is_detail = any(field.node.value("type") == "MasterDetail" for field in fields.get(name, ()))
            yield _custom_object(component, key_prefixes[name], is_detail)


def _custom_object(component: Component, key_prefix: str, is_detail: bool) -> SObject:
    node, name = component.node, component.full_name
    label = node.value("label") or name
    setting = node.value("customSettingsType")
    kind = ObjectKind.CUSTOM_METADATA if name.endswith("__mdt") else ObjectKind.CUSTOM_SETTING if setting else ObjectKind.CUSTOM
    activities = node.flag("enableActivities")
    sharing = node.value("sharingModel") or ("ControlledByParent" if is_detail else "ReadWrite")
    writable = kind is not ObjectKind.CUSTOM_METADATA
    return SObject(
        name=name,
        label=label,
        label_plural=node.value("pluralLabel") or label,
        key_prefix=key_prefix,
        fields=tuple(_system_fields(component, kind, is_detail, activities)),
        kind=kind,
        sharing_model=sharing,
        createable=writable,
        updateable=writable,
        deletable=writable,
        description=node.value("description") or "",
        flags=_CUSTOM_FLAGS if kind is ObjectKind.CUSTOM else frozenset({"retrieveable", "replicateable"}),
        activities=activities,
        setting_type=setting,
    )


def _system_fields(component: Component, kind: ObjectKind, is_detail: bool, activities: bool) -> Iterator[Field]:
    label = component.node.value("label") or component.full_name
    yield system_fields.record_id("Record" if kind is ObjectKind.CUSTOM else label)
    if kind is ObjectKind.CUSTOM_METADATA:
        yield from system_fields.metadata_record()
        return
    if kind is ObjectKind.CUSTOM and not is_detail:
        yield system_fields.owner()
    yield system_fields.is_deleted()
    if kind is ObjectKind.CUSTOM_SETTING:
        yield replace(system_fields.name("Name", 38), nillable=True)
        yield system_fields.setup_owner()
    else:
        yield _name_field(component, label)
    yield from system_fields.audit()
    if activities:
        yield system_fields.last_activity()


def _name_field(component: Component, label: str) -> Field:
    node = component.node.child("nameField")
    name_label = (node.value("label") if node else None) or f"{label} Name"
    if node is not None and node.value("type") == "AutoNumber":
        return system_fields.numbered_name(name_label, node.value("displayFormat") or "{0}")
    return system_fields.name(name_label)


def _with_settings(sobject: SObject, component: Component) -> SObject:
    sharing = component.node.value("sharingModel")
    return replace(sobject, sharing_model=sharing) if sharing else sobject


def _fields_of(name: str, fields: Mapping[str, list[Component]], value_sets: ValueSets) -> Iterator[Field]:
    for component in fields.get(name, ()):
        if is_custom_field(component):
            yield read_field(component.node, value_sets, object_name=name)
    if name in ("Task", "Event"):
        for component in fields.get("Activity", ()):
            field = read_field(component.node, value_sets, object_name=name)
            # One relationship name on Activity serves both; the parent's child relationship of that name lists tasks. Unverified.
            yield field if name == "Task" else replace(field, child_relationship_name=None)


def is_custom_field(component: Component) -> bool:
    """Not the settings of a standard field (`Account.Name`), which a package may carry too."""
    return component.full_name.endswith("__c")


def _validation_rule(component: Component) -> ValidationRule:
    node = component.node
    return ValidationRule(
        name=component.full_name.partition(".")[2],
        condition=node.value("errorConditionFormula") or "",
        message=node.value("errorMessage") or "",
        error_field=node.value("errorDisplayField"),
        active=node.flag("active"),
        description=node.value("description") or "",
    )


def _record_type(component: Component) -> RecordType:
    node = component.node
    name = component.full_name.partition(".")[2]
    return RecordType(name, node.value("label") or name, node.flag("active"), node.value("description") or "", component.id)


def _with_summaries(sobjects: Iterable[SObject]) -> list[SObject]:
    listed = list(sobjects)
    by_name = {sobject.name: sobject for sobject in listed}

    def look_up(sobject: str, field: str) -> Field | None:
        found = by_name.get(sobject)
        return found.field(field) if found else None

    return [
        replace(sobject, fields=tuple(with_summary_types(sobject.fields, look_up))) if any(f.summary for f in sobject.fields) else sobject
        for sobject in listed
    ]
