"""A small org for flow tests: two standard objects, one custom one, with the field types that flows meet."""

from __future__ import annotations

from tooling.local_org.schema.types import Field, FieldType, ObjectKind, PicklistValue, Schema, SObject


def _id() -> Field:
    return Field("Id", "Id", FieldType.ID, length=18, nillable=False, createable=False, updateable=False)


def _text(name: str, length: int = 255, **more: object) -> Field:
    return Field(name, name, FieldType.STRING, length=length, **more)  # type: ignore[arg-type]


def _lookup(name: str, parent: str | tuple[str, ...], relationship: str, children: str | None = None) -> Field:
    parents = (parent,) if isinstance(parent, str) else parent
    return Field(
        name, name, FieldType.REFERENCE, length=18, reference_to=parents, relationship_name=relationship, child_relationship_name=children
    )


def _picklist(name: str, *values: str) -> Field:
    return Field(name, name, FieldType.PICKLIST, custom=True, picklist=tuple(PicklistValue(value, value) for value in values))


USER = SObject("User", "User", "Users", "005", (_id(), _text("Name", name_field=True), _text("Email"), _text("Alias")))
GROUP = SObject("Group", "Group", "Groups", "00G", (_id(), _text("Name", name_field=True), _text("DeveloperName")))
ACCOUNT = SObject(
    "Account", "Account", "Accounts", "001",
    (
        _id(), _text("Name", name_field=True), _text("Industry"), _lookup("OwnerId", "User", "Owner"),
        Field("AnnualRevenue", "Annual Revenue", FieldType.CURRENCY, precision=18, scale=2),
        Field("Rank__c", "Rank", FieldType.DOUBLE, precision=5, scale=0, custom=True),
        Field("Open__c", "Open", FieldType.BOOLEAN, custom=True),
        Field("Renewal__c", "Renewal", FieldType.DATE, custom=True),
        _picklist("Tier__c", "Gold", "Silver"),
    ),
)  # fmt: skip
CONTACT = SObject(
    "Contact", "Contact", "Contacts", "003",
    (
        _id(), Field("Name", "Name", FieldType.STRING, length=121, name_field=True, createable=False, updateable=False),
        _text("FirstName"), _text("LastName", nillable=False), Field("Email", "Email", FieldType.EMAIL, length=80),
        _lookup("AccountId", "Account", "Account", "Contacts"), _lookup("OwnerId", ("User", "Group"), "Owner"),
        Field("CreatedDate", "Created", FieldType.DATETIME, createable=False, updateable=False),
    ),
)  # fmt: skip
TASK = SObject(
    "Task", "Task", "Tasks", "00T",
    (
        _id(), _text("Subject"), _text("Description", 32000), _lookup("OwnerId", "User", "Owner"),
        Field("ActivityDate", "Due", FieldType.DATE),
        Field("WhatId", "What", FieldType.REFERENCE, length=18, reference_to=("Account", "Response__c"), relationship_name="What"),
        _text("Status"), _text("Priority"),
    ),
)  # fmt: skip
RESPONSE = SObject(
    "Response__c", "Response", "Responses", "a00",
    (
        _id(), _text("Name", name_field=True), Field("Score__c", "Score", FieldType.DOUBLE, precision=2, scale=0, custom=True),
        Field("Percent__c", "Percent", FieldType.PERCENT, precision=5, scale=2, custom=True),
        Field("Quiet__c", "Quiet", FieldType.BOOLEAN, custom=True),
        _text("Key__c", 120, external_id=True, unique=True, custom=True),
        _picklist("Status__c", "Pending", "Done"),
        Field("Tags__c", "Tags", FieldType.MULTIPICKLIST, custom=True), _text("Note__c"),
        _text("Category__c", custom=True, formula="TEXT(Score__c)"), Field("Amount__c", "Amount", FieldType.DOUBLE, custom=True),
        Field("Verbatim__c", "Verbatim", FieldType.TEXTAREA, length=32000, custom=True),
        Field("Answered__c", "Answered", FieldType.DATETIME, custom=True), Field("Due__c", "Due", FieldType.DATE, custom=True),
        _lookup("Contact__c", "Contact", "Contact__r", "Responses__r"), _lookup("Account__c", "Account", "Account__r", "Responses__r"),
    ),
    ObjectKind.CUSTOM,
)  # fmt: skip
SETTINGS = SObject(
    "Settings__c", "Settings", "Settings", "a01", (_id(), Field("Off__c", "Off", FieldType.BOOLEAN, custom=True)), ObjectKind.CUSTOM_SETTING
)

SCHEMA = Schema((USER, GROUP, ACCOUNT, CONTACT, TASK, RESPONSE, SETTINGS))
