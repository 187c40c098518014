"""The fields Salesforce itself gives to every custom object, custom setting and custom metadata type."""

from __future__ import annotations

from dataclasses import replace

from .types import Field, FieldType


def record_id(label: str) -> Field:
    return replace(_read_only("Id", f"{label} ID", FieldType.ID), length=18, id_lookup=True)


def owner() -> Field:
    return Field(
        "OwnerId",
        "Owner ID",
        FieldType.REFERENCE,
        18,
        nillable=False,
        defaulted_on_create=True,
        permissionable=False,
        reference_to=("Group", "User"),
        relationship_name="Owner",
    )


def setup_owner() -> Field:
    """Of a custom setting: whose value it is."""
    return Field(
        "SetupOwnerId",
        "Location",
        FieldType.REFERENCE,
        18,
        nillable=False,
        updateable=False,
        defaulted_on_create=True,
        permissionable=False,
        reference_to=("Organization", "Profile", "User"),
        relationship_name="SetupOwner",
    )


def record_type() -> Field:
    return Field(
        "RecordTypeId",
        "Record Type ID",
        FieldType.REFERENCE,
        18,
        reference_to=("RecordType",),
        relationship_name="RecordType",
        permissionable=False,
    )


def name(label: str, length: int = 80) -> Field:
    """A text name; without one, Salesforce stores the id."""
    text = Field("Name", label, FieldType.STRING, length, defaulted_on_create=True, permissionable=False)
    return replace(text, name_field=True, id_lookup=True)


def numbered_name(label: str, display_format: str) -> Field:
    return replace(name(label), nillable=False, createable=False, updateable=False, auto_number=display_format, metadata_type="AutoNumber")


def is_deleted() -> Field:
    return _read_only("IsDeleted", "Deleted", FieldType.BOOLEAN)


def audit() -> tuple[Field, ...]:
    return (
        _read_only("CreatedDate", "Created Date", FieldType.DATETIME),
        _user("CreatedById", "Created By ID", "CreatedBy"),
        _read_only("LastModifiedDate", "Last Modified Date", FieldType.DATETIME),
        _user("LastModifiedById", "Last Modified By ID", "LastModifiedBy"),
        _read_only("SystemModstamp", "System Modstamp", FieldType.DATETIME),
    )


def last_activity() -> Field:
    return replace(_read_only("LastActivityDate", "Last Activity Date", FieldType.DATE), nillable=True, defaulted_on_create=False)


def metadata_record() -> tuple[Field, ...]:
    """Of a custom metadata type."""
    return (
        _text("DeveloperName", "Custom Metadata Record Name", 40),
        replace(_text("MasterLabel", "Label", 40), name_field=True),
        _text("Language", "Master Language", 40, nillable=True),
        _text("NamespacePrefix", "Namespace Prefix", 15, nillable=True),
        _text("Label", "Label", 40, nillable=True),
        _text("QualifiedApiName", "Qualified API Name", 70, nillable=True),
        _read_only("IsProtected", "Is Protected", FieldType.BOOLEAN),
        _read_only("SystemModstamp", "System Modstamp", FieldType.DATETIME),
    )


def _text(field_name: str, label: str, length: int, *, nillable: bool = False) -> Field:
    return Field(field_name, label, FieldType.STRING, length, nillable=nillable, createable=False, updateable=False, permissionable=False)


def _read_only(field_name: str, label: str, kind: FieldType) -> Field:
    return Field(
        field_name, label, kind, nillable=False, createable=False, updateable=False, defaulted_on_create=True, permissionable=False
    )


def _user(field_name: str, label: str, relationship: str) -> Field:
    return replace(
        _read_only(field_name, label, FieldType.REFERENCE), length=18, reference_to=("User",), relationship_name=relationship
    )  # fmt: skip
