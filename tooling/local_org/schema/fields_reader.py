"""A CustomField component read into a Field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from .types import Field, FieldType, PicklistValue, Summary, SummaryFilter
from .xml import Node

ValueSets = Mapping[str, tuple[PicklistValue, ...]]
"""Global value sets by developer name."""

_TYPES = {
    "AutoNumber": FieldType.STRING,
    "Checkbox": FieldType.BOOLEAN,
    "Currency": FieldType.CURRENCY,
    "Date": FieldType.DATE,
    "DateTime": FieldType.DATETIME,
    "Email": FieldType.EMAIL,
    "EncryptedText": FieldType.ENCRYPTED,
    "Hierarchy": FieldType.REFERENCE,
    "Html": FieldType.TEXTAREA,
    "LongTextArea": FieldType.TEXTAREA,
    "Lookup": FieldType.REFERENCE,
    "MasterDetail": FieldType.REFERENCE,
    "MetadataRelationship": FieldType.REFERENCE,
    "MultiselectPicklist": FieldType.MULTIPICKLIST,
    "Number": FieldType.DOUBLE,
    "Percent": FieldType.PERCENT,
    "Phone": FieldType.PHONE,
    "Picklist": FieldType.PICKLIST,
    "Summary": FieldType.DOUBLE,
    "Text": FieldType.STRING,
    "TextArea": FieldType.TEXTAREA,
    "Time": FieldType.TIME,
    "Url": FieldType.URL,
}
FIELD_TYPES = frozenset(_TYPES)
"""The Metadata API's field types this org can hold."""
FORMULA_TYPES = frozenset({"Checkbox", "Currency", "Date", "DateTime", "Number", "Percent", "Text", "Time"})
RELATIONSHIPS = frozenset({"Lookup", "MasterDetail", "Hierarchy", "MetadataRelationship"})
_LENGTHS = {
    "AutoNumber": 30,
    "Email": 80,
    "Hierarchy": 18,
    "Lookup": 18,
    "MasterDetail": 18,
    "MetadataRelationship": 18,
    "MultiselectPicklist": 4099,
    "Phone": 40,
    "Picklist": 255,
    "TextArea": 255,
    "Url": 255,
}
FORMULA_TEXT_LENGTH = 1300


def read_field(node: Node, value_sets: ValueSets, *, object_name: str) -> Field:
    """The field a component defines; whether the component is allowed at all is for the deploy rules to say."""
    name = node.value("fullName") or ""
    kind = node.value("type") or "Text"
    formula = node.value("formula")
    field_type = FieldType.STRING if formula and kind == "Text" else _TYPES.get(kind, FieldType.STRING)
    required = node.flag("required") or kind == "MasterDetail"
    default = node.value("defaultValue")
    values = _picklist(node, value_sets)
    written = formula is None and kind not in ("AutoNumber", "Summary")
    settled = field_type is FieldType.BOOLEAN or default is not None or any(v.default for v in values) or kind == "AutoNumber"
    target = object_name if kind == "Hierarchy" else node.value("referenceTo")
    return Field(
        name=name,
        label=node.value("label") or name.removesuffix("__c").replace("_", " "),
        type=field_type,
        length=FORMULA_TEXT_LENGTH if formula and kind == "Text" else node.number("length", _LENGTHS.get(kind, 0)),
        precision=18 if kind == "Summary" else node.number("precision"),
        scale=node.number("scale"),
        nillable=not required and field_type is not FieldType.BOOLEAN and kind != "AutoNumber",
        createable=written,
        updateable=written and not (kind == "MasterDetail" and not node.flag("reparentableMasterDetail")),
        custom=True,
        unique=node.flag("unique"),
        case_sensitive=node.flag("caseSensitive"),
        external_id=node.flag("externalId"),
        id_lookup=node.flag("externalId"),
        defaulted_on_create=settled and formula is None,
        picklist=values,
        restricted=_restricted(node),
        reference_to=(target,) if target and kind in RELATIONSHIPS else (),
        relationship_name=relationship_of(name) if kind in RELATIONSHIPS else None,
        child_relationship_name=_child_relationship(node),
        delete_constraint="Cascade" if kind == "MasterDetail" else node.value("deleteConstraint") or "SetNull",
        master_detail=kind == "MasterDetail",
        default_formula=default,
        formula=formula,
        blanks_as_zero=node.value("formulaTreatBlanksAs") == "BlankAsZero",
        auto_number=node.value("displayFormat") if kind == "AutoNumber" else None,
        metadata_type=kind,
        description=node.value("description") or "",
        help_text=node.value("inlineHelpText") or "",
        permissionable=not required,
        summary=_summary(node) if kind == "Summary" else None,
    )


def read_value_set(node: Node) -> tuple[PicklistValue, ...]:
    """The values of a GlobalValueSet."""
    return _values(node.all("customValue"))


def relationship_of(field_name: str) -> str:
    """`Contact__c` is followed by `Contact__r`."""
    return field_name[:-1] + "r" if field_name.endswith("__c") else field_name


def with_summary_types(fields: Iterable[Field], look_up: Callable[[str, str], Field | None]) -> list[Field]:
    """Gives roll-up summaries the type of what they summarise; a count is a whole number."""
    typed = []
    for field in fields:
        if field.summary is not None and field.summary.field is not None:
            source = look_up(field.summary.child, field.summary.field)
            if source is not None:
                field = _retyped(field, source)
        typed.append(field)
    return typed


def _retyped(field: Field, source: Field) -> Field:
    values = {name: getattr(field, name) for name in Field.__slots__}
    values.update(type=source.type, scale=source.scale, precision=18 if source.type.is_number else 0)
    return Field(**values)


def _summary(node: Node) -> Summary:
    child, _, key = (node.value("summaryForeignKey") or "").partition(".")
    _, _, summarized = (node.value("summarizedField") or "").partition(".")
    filters = tuple(
        SummaryFilter((item.value("field") or "").partition(".")[2], item.value("operation") or "", item.value("value") or "")
        for item in node.all("summaryFilterItems")
    )
    return Summary(node.value("summaryOperation") or "", child, key, summarized or None, filters)


def _child_relationship(node: Node) -> str | None:
    name = node.value("relationshipName")
    return f"{name}__r" if name else None


def _restricted(node: Node) -> bool:
    value_set = node.child("valueSet")
    # A picklist on a global value set is always restricted. Metadata API Developer Guide, "ValueSet".
    return value_set is not None and (value_set.flag("restricted") or value_set.child("valueSetName") is not None)


def _picklist(node: Node, value_sets: ValueSets) -> tuple[PicklistValue, ...]:
    value_set = node.child("valueSet")
    if value_set is None:
        return ()
    named = value_set.value("valueSetName")
    if named is not None:
        return value_sets.get(named, ())
    definition = value_set.child("valueSetDefinition")
    if definition is None:
        return ()
    values = _values(definition.all("value"))
    return tuple(sorted(values, key=lambda entry: entry.label.casefold())) if definition.flag("sorted") else values


def _values(nodes: Iterable[Node]) -> tuple[PicklistValue, ...]:
    return tuple(
        PicklistValue(
            node.value("fullName") or "",
            node.value("label") or node.value("fullName") or "",
            node.flag("isActive", True),
            node.flag("default"),
        )
        for node in nodes
    )
