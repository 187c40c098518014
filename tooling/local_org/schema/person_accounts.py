"""What person accounts add to a schema: an account that is a person shows the fields of its contact as its own.

Facts: Object Reference, "Account" (IsPersonAccount and the fields that begin with Person), "Contact" (IsPersonAccount), "Lead" (Company),
"RecordType" (IsPersonType); SOAP API Developer Guide, "Person Account Record Types".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from .ids import to_18
from .types import Field, FieldType, RecordType, Schema, SObject

PERSON_RECORD_TYPE = RecordType("PersonAccount", "Person Account", id=to_18("012000000000PER"))
"""The record type that switching the feature on makes."""
_NAMES = ("FirstName", "LastName", "Salutation")
_PREFIXED = (
    "Email", "Title", "Department", "AssistantName", "AssistantPhone", "MobilePhone", "HomePhone", "OtherPhone", "Birthdate", "LeadSource",
    "HasOptedOutOfEmail", "EmailBouncedReason", "EmailBouncedDate", "LastCURequestDate", "LastCUUpdateDate",
)  # fmt: skip
_ADDRESSES = ("Mailing", "Other")
_SHARED = ("Phone", "Fax", "OwnerId")
"""Fields of both objects that have one value in a person account."""


def has_person_accounts(schema: Schema) -> bool:
    account = schema.get("Account")
    return account is not None and account.field("IsPersonAccount") is not None


def contact_field(name: str) -> str | None:
    """The custom field of Contact that a field of Account shows; None for all others."""
    return f"{name[:-4]}__c" if name.lower().endswith("__pc") else None


def own_pairs(schema: Schema) -> dict[str, str]:
    """Fields that only person accounts have, and the fields of Contact that hold them; what cannot be written is left out."""
    account, contact = schema.get("Account"), schema.get("Contact")
    if account is None or contact is None or not has_person_accounts(schema):
        return {}
    names = {person.name: source.name for source in contact.fields for person in _shown(source) if person.type is not FieldType.ADDRESS}
    return {name: source for name, source in names.items() if (field := account.field(name)) is not None and not field.calculated}


def shared_pairs(schema: Schema) -> dict[str, str]:
    """Fields of every account that in a person account hold what the contact holds."""
    return {name: name for name in _SHARED} if has_person_accounts(schema) else {}


def with_person_accounts(sobjects: Iterable[SObject]) -> list[SObject]:
    """The sObjects of an org where the feature is on."""
    listed = list(sobjects)
    contact = next(sobject for sobject in listed if sobject.name == "Contact")
    return [_changed(sobject, contact) for sobject in listed]


def _changed(sobject: SObject, contact: SObject) -> SObject:
    match sobject.name:
        case "Account":
            shown = (person for field in contact.fields for person in _shown(field))
            fields = (*sobject.fields, _flag("IsPersonAccount", "Is Person Account"), _person_contact(), *shown)
            return replace(sobject, fields=fields, record_types=(*sobject.record_types, PERSON_RECORD_TYPE))
        case "Contact":
            return replace(sobject, fields=(*sobject.fields, _flag("IsPersonAccount", "Is Person Account")))
        case "RecordType":
            return replace(sobject, fields=(*sobject.fields, _flag("IsPersonType", "Person Account")))
        case "Lead":
            # A lead without a company becomes a person account.
            return replace(sobject, fields=tuple(replace(f, nillable=True) if f.name == "Company" else f for f in sobject.fields))
    return sobject


def _flag(name: str, label: str) -> Field:
    return Field(
        name, label, FieldType.BOOLEAN, nillable=False, createable=False, updateable=False, defaulted_on_create=True, permissionable=False
    )


def _person_contact() -> Field:
    return Field(
        "PersonContactId", "Contact ID", FieldType.REFERENCE, length=18, createable=False, updateable=False, reference_to=("Contact",),
        relationship_name="PersonContact", permissionable=False,
    )  # fmt: skip


def _shown(source: Field) -> Iterator[Field]:
    """The field of Account that shows a field of Contact, if there is one."""
    if source.custom:
        # Roll-up summaries are not shown.
        if source.summary is None:
            yield _custom(source)
    elif source.name in _NAMES:
        yield replace(source, nillable=True, name_field=False)
    elif source.name in _PREFIXED:
        yield replace(source, name=f"Person{source.name}", id_lookup=False)
    elif source.compound in _compounds() or source.name in _compounds():
        compound = f"Person{source.compound}" if source.compound else None
        yield replace(source, name=f"Person{source.name}", compound=compound)


def _compounds() -> frozenset[str]:
    return frozenset(f"{kind}Address" for kind in _ADDRESSES)


def _custom(source: Field) -> Field:
    """`X__c` is `X__pc`, and its relationship `X__pr`. What Contact computes is read through the contact."""
    plain = source.name[:-3]
    shown = replace(
        source,
        name=f"{plain}__pc",
        unique=False,
        external_id=False,
        id_lookup=False,
        child_relationship_name=None,
        nillable=source.type is not FieldType.BOOLEAN,
    )
    if source.relationship_name:
        shown = replace(shown, relationship_name=f"{plain}__pr")
    if source.calculated or source.auto_number is not None:
        shown = replace(shown, formula=f"PersonContact.{source.name}", auto_number=None, createable=False, updateable=False)
    return shown
