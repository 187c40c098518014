"""A field as a describe answer shows it, with the full key list of the REST API."""

from __future__ import annotations

from typing import Any

from .derived import derived_fields
from .types import Field, FieldType, PicklistValue, SObject

_SOAP_TYPES = {
    FieldType.ID: "tns:ID",
    FieldType.REFERENCE: "tns:ID",
    FieldType.BOOLEAN: "xsd:boolean",
    FieldType.INT: "xsd:int",
    FieldType.DOUBLE: "xsd:double",
    FieldType.CURRENCY: "xsd:double",
    FieldType.PERCENT: "xsd:double",
    FieldType.DATE: "xsd:date",
    FieldType.DATETIME: "xsd:dateTime",
    FieldType.TIME: "xsd:time",
    FieldType.ADDRESS: "urn:address",
    FieldType.LOCATION: "urn:location",
    FieldType.BASE64: "xsd:base64Binary",
    FieldType.ANY: "xsd:anyType",
}
_UNGROUPED = frozenset(
    {FieldType.DOUBLE, FieldType.CURRENCY, FieldType.PERCENT, FieldType.DATETIME, FieldType.TIME, FieldType.MULTIPICKLIST}
)
_LITERAL_DEFAULTS = {"true": True, "false": False}


def describe_field(sobject: SObject, field: Field, *, createable: bool, updateable: bool) -> dict[str, Any]:
    """`createable` and `updateable` are what the calling user may do, where the field itself allows it."""
    kind = field.type
    compound = kind in (FieldType.ADDRESS, FieldType.LOCATION)
    plain = _is_plain(field)
    is_text = kind.is_text and kind is not FieldType.BASE64
    return {
        "aggregatable": plain and kind is not FieldType.BOOLEAN,
        "aiPredictionField": False,
        "autoNumber": field.auto_number is not None,
        "byteLength": field.length * 3 if is_text and kind not in (FieldType.ID, FieldType.REFERENCE) else field.length,
        "calculated": field.custom and (field.calculated or field.summary is not None),
        "calculatedFormula": field.formula if field.custom else None,
        "cascadeDelete": field.custom and field.delete_constraint == "Cascade",
        "caseSensitive": field.case_sensitive,
        "compoundFieldName": field.compound,
        "controllerName": None,
        "createable": field.createable and createable,
        "custom": field.custom,
        "defaultValue": _default_value(field),
        "defaultValueFormula": field.default_formula,
        "defaultedOnCreate": field.defaulted_on_create,
        "dependentPicklist": False,
        "deprecatedAndHidden": False,
        "digits": field.precision if kind is FieldType.INT else 0,
        "displayLocationInDecimal": False,
        "encrypted": kind is FieldType.ENCRYPTED,
        "externalId": field.external_id,
        "extraTypeInfo": _extra_type(sobject, field),
        "filterable": not field.is_long_text and kind is not FieldType.BASE64,
        "filteredLookupInfo": None,
        "formulaTreatNullNumberAsZero": field.custom and field.calculated and field.blanks_as_zero,
        "groupable": is_groupable(field),
        "highScaleNumber": False,
        "htmlFormatted": field.metadata_type == "Html" or (field.formula is not None and "HYPERLINK" in field.formula.upper()),
        "idLookup": field.id_lookup,
        "inlineHelpText": field.help_text or None,
        "label": field.label,
        "length": field.length,
        "mask": None,
        "maskType": None,
        "name": field.name,
        "nameField": field.name_field,
        "namePointing": len(field.reference_to) > 1,
        "nillable": field.nillable,
        "permissionable": field.permissionable,
        "picklistValues": [_picklist_value(value) for value in field.picklist],
        "polymorphicForeignKey": len(field.reference_to) > 1,
        "precision": 0 if kind is FieldType.INT else field.precision,
        "queryByDistance": compound,
        "referenceTargetField": None,
        "referenceTo": list(field.reference_to),
        "relationshipName": field.relationship_name,
        "relationshipOrder": 0 if field.master_detail else None,
        "restrictedDelete": field.custom and field.delete_constraint == "Restrict",
        "restrictedPicklist": field.restricted,
        "scale": field.scale,
        "searchPrefilterable": False,
        "soapType": _SOAP_TYPES.get(kind, "xsd:string"),
        "sortable": plain and kind is not FieldType.MULTIPICKLIST,
        "type": kind.value,
        "unique": field.unique,
        "updateable": field.updateable and updateable,
        "writeRequiresMasterRead": False,
    }


def _is_plain(field: Field) -> bool:
    return not field.is_long_text and field.type not in (FieldType.ADDRESS, FieldType.LOCATION, FieldType.BASE64)


def is_groupable(field: Field) -> bool:
    """Not numbers with a fraction, not datetimes, not formulas. SOQL and SOSL Reference, "Considerations When Using GROUP BY"."""
    if not _is_plain(field) or field.unique or field.auto_number or (field.custom and field.external_id):
        return False
    if field.custom and field.calculated:
        return field.type in (FieldType.STRING, FieldType.DATE, FieldType.BOOLEAN)
    return field.type not in (
        FieldType.DOUBLE,
        FieldType.CURRENCY,
        FieldType.PERCENT,
        FieldType.DATETIME,
        FieldType.TIME,
        FieldType.MULTIPICKLIST,
    )


def _default_value(field: Field) -> Any:
    if field.type is FieldType.BOOLEAN and not field.calculated:
        return _LITERAL_DEFAULTS.get((field.default_formula or "false").lower(), False)
    if field.custom or not field.defaulted_on_create:
        return None
    return next((value.value for value in field.picklist if value.default), None)


def _extra_type(sobject: SObject, field: Field) -> str | None:
    if field.type is FieldType.TEXTAREA:
        return "richtextarea" if field.metadata_type == "Html" else "plaintextarea"
    if "Name" in derived_fields(sobject.name) and (field.name == "Name" or field.compound == "Name"):
        return "personname"
    return "imageurl" if field.name == "PhotoUrl" else None


def _picklist_value(value: PicklistValue) -> dict[str, Any]:
    return {"active": value.active, "defaultValue": value.default, "label": value.label, "validFor": None, "value": value.value}
