"""Converting a lead: an Account, a Contact and an Opportunity of it, its activities and campaign memberships moved.

Facts: SOAP API Developer Guide, convertLead(); Salesforce Help, "Lead Conversion Field Mapping".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from ..errors import EntityIsDeleted, InsufficientAccess, InvalidCrossReference, OrgError, RequiredFieldMissing, error_class
from ..flow.host import Record
from ..schema.person_accounts import has_person_accounts
from ..schema.types import SObject
from .batch import Change, DuplicateCheck, Saving
from .order_of_execution import save
from .person_accounts import account_values
from .transaction import Transaction

_ADDRESS = ("Street", "City", "State", "PostalCode", "Country", "Latitude", "Longitude", "GeocodeAccuracy")
_TO_ACCOUNT = {
    "Company": "Name", "Phone": "Phone", "Fax": "Fax", "Website": "Website", "Industry": "Industry", "Rating": "Rating",
    "AnnualRevenue": "AnnualRevenue", "NumberOfEmployees": "NumberOfEmployees", "LeadSource": "AccountSource",
    **{part: f"Billing{part}" for part in _ADDRESS},
}  # fmt: skip
_TO_CONTACT = {
    **{name: name for name in ("FirstName", "LastName", "Salutation", "Title", "Email", "Phone", "MobilePhone", "Fax")},
    "LeadSource": "LeadSource", "Description": "Description",
    **{part: f"Mailing{part}" for part in _ADDRESS},
}  # fmt: skip
_FIRST_STAGE = "Prospecting"
_CONVERTING = Saving(duplicates=DuplicateCheck.OFF)
"""Duplicate rules run only in orgs with Apex lead conversion: Salesforce Help, "Things to Know About Duplicate Rules"."""


@dataclass(frozen=True, slots=True)
class LeadConvert:
    """What a client asks: existing records to use, or new ones."""

    lead_id: str
    converted_status: str
    account_id: str | None = None
    contact_id: str | None = None
    create_opportunity: bool = True
    opportunity_name: str | None = None
    owner_id: str | None = None


@dataclass(frozen=True, slots=True)
class ConvertedLead:
    lead_id: str
    account_id: str
    contact_id: str
    opportunity_id: str | None


def convert_lead(tx: Transaction, wanted: LeadConvert) -> ConvertedLead:
    """Custom fields go where a deployed LeadConvertSettings maps them; custom lookups to the lead stay, as on the platform.

    Raises:
        OrgError: the lead cannot be converted, or one of the records is refused; nothing is saved then.
    """
    lead_type = _sobject(tx, "Lead")
    lead = tx.runtime.store.records.read(lead_type, [wanted.lead_id], include_deleted=True).get(wanted.lead_id)
    _demand_convertible(tx, lead, wanted)
    assert lead is not None
    owner = wanted.owner_id or (lead["OwnerId"] if str(lead["OwnerId"]).startswith("005") else tx.user.id)
    if wanted.account_id is None and not lead.get("Company"):
        account_id, contact_id = _person(tx, lead, owner)
    else:
        account_id = _account(tx, lead, wanted, owner)
        contact_id = _contact(tx, lead, wanted, account_id, owner)
    opportunity_id = _opportunity(tx, lead, wanted, account_id, contact_id, owner) if wanted.create_opportunity else None
    change = Change(
        {
            "IsConverted": True,
            "Status": wanted.converted_status,
            "ConvertedDate": tx.runtime.clock.now().astimezone(tx.user.time_zone).date(),
            "ConvertedAccountId": account_id,
            "ConvertedContactId": contact_id,
            "ConvertedOpportunityId": opportunity_id,
            "IsUnreadByOwner": False,
        },
        wanted.lead_id,
    )
    save(tx, lead_type, [change], insert=False)
    _demand_saved(change)
    _move(tx, wanted.lead_id, contact_id, account_id)
    return ConvertedLead(wanted.lead_id, account_id, contact_id, opportunity_id)


def _demand_convertible(tx: Transaction, lead: Record | None, wanted: LeadConvert) -> None:
    if lead is None:
        raise InvalidCrossReference("invalid cross reference id")
    if lead.get("IsDeleted"):
        raise EntityIsDeleted("entity is deleted")
    if lead.get("IsConverted"):
        raise error_class("CANNOT_UPDATE_CONVERTED_LEAD")("cannot reference converted lead")
    if not tx.runtime.access.object(tx.user, "Lead").edit or not tx.runtime.access.may_edit_record(tx.user, "Lead", lead):
        raise InsufficientAccess("insufficient access rights on object id")
    if not lead.get("Company") and wanted.account_id is None and not has_person_accounts(tx.runtime.metadata.schema):
        raise RequiredFieldMissing("Required fields are missing: [Company]", ("Company",))
    if wanted.contact_id is not None and wanted.account_id is None:
        raise error_class("REQUIRED_FIELD_MISSING")("accountId is required when contactId is given", ("accountId",))
    statuses = tx.runtime.store.records.all(_sobject(tx, "LeadStatus"))
    if not any(status.get("MasterLabel") == wanted.converted_status and status.get("IsConverted") for status in statuses):
        raise error_class("INVALID_STATUS")(f"invalid convertedStatus: {wanted.converted_status}")


def _person(tx: Transaction, lead: Record, owner: str) -> tuple[str, str]:
    """A lead without a company becomes a person account: Object Reference, Lead.Company."""
    person = account_values(tx.runtime.metadata.schema, _values(tx, lead, "Contact", _TO_CONTACT))
    account_id = _create(tx, "Account", {**_values(tx, lead, "Account", _TO_ACCOUNT), **person, "OwnerId": owner})
    saved = tx.runtime.store.records.read(_sobject(tx, "Account"), [account_id], ["PersonContactId"])[account_id]
    return account_id, saved["PersonContactId"]


def _account(tx: Transaction, lead: Record, wanted: LeadConvert, owner: str) -> str:
    values = _values(tx, lead, "Account", _TO_ACCOUNT)
    if wanted.account_id is None:
        return _create(tx, "Account", {**values, "OwnerId": owner})
    return _complete(tx, "Account", wanted.account_id, values)


def _contact(tx: Transaction, lead: Record, wanted: LeadConvert, account_id: str, owner: str) -> str:
    values = {**_values(tx, lead, "Contact", _TO_CONTACT), "AccountId": account_id}
    if wanted.contact_id is None:
        return _create(tx, "Contact", {**values, "OwnerId": owner})
    return _complete(tx, "Contact", wanted.contact_id, values)


def _complete(tx: Transaction, sobject_name: str, record_id: str, values: Record) -> str:
    """Only what is blank in an existing record is taken from the lead: SOAP API Developer Guide, convertLead()."""
    sobject = _sobject(tx, sobject_name)
    record = tx.runtime.store.records.read(sobject, [record_id]).get(record_id, {})
    change = Change({name: value for name, value in values.items() if record.get(name) is None}, record_id)
    save(tx, sobject, [change], insert=False, how=_CONVERTING)
    return _demand_saved(change)


def _opportunity(tx: Transaction, lead: Record, wanted: LeadConvert, account_id: str, contact_id: str, owner: str) -> str:
    values = {
        **_values(tx, lead, "Opportunity", {}),
        "Name": wanted.opportunity_name or lead.get("Company") or lead.get("Name"),
        "AccountId": account_id,
        "StageName": _FIRST_STAGE,
        "CloseDate": _end_of_quarter(tx.runtime.clock.now().astimezone(tx.user.time_zone).date()),
        "LeadSource": lead.get("LeadSource"),
        "OwnerId": owner,
    }
    opportunity_id = _create(tx, "Opportunity", values)
    _create(tx, "OpportunityContactRole", {"OpportunityId": opportunity_id, "ContactId": contact_id, "IsPrimary": True})
    return opportunity_id


def _move(tx: Transaction, lead_id: str, contact_id: str, account_id: str) -> None:
    """Activities and campaign memberships follow the person; no flow runs for them."""
    records = tx.runtime.store.records
    for name in ("Task", "Event"):
        sobject = _sobject(tx, name)
        found = records.find(sobject, "WhoId", [lead_id])
        records.update(sobject, [(r["Id"], {"WhoId": contact_id, "WhatId": account_id, "AccountId": account_id}) for r in found])
    members = _sobject(tx, "CampaignMember")
    records.update(members, [(r["Id"], {"ContactId": contact_id}) for r in records.find(members, "LeadId", [lead_id])])
    tx.reader.forget_all()


def _create(tx: Transaction, sobject_name: str, values: Record) -> str:
    sobject = _sobject(tx, sobject_name)
    change = Change({name: value for name, value in values.items() if value is not None and sobject.field(name) is not None})
    save(tx, sobject, [change], insert=True, how=_CONVERTING)
    return _demand_saved(change)


def _demand_saved(change: Change) -> str:
    if change.errors or change.id is None:
        raise change.errors[0] if change.errors else OrgError("The record was not saved")
    return change.id


def _values(tx: Transaction, lead: Mapping[str, Any], target: str, names: Mapping[str, str]) -> Record:
    """What a new record takes from the lead; blanks are left out, so that defaults apply."""
    mapped = [*names.items(), *_custom_mapping(tx, target)]
    return {name: lead[source] for source, name in mapped if lead.get(source) is not None}


def _custom_mapping(tx: Transaction, target: str) -> Iterator[tuple[str, str]]:
    """Lead fields and what they become: Metadata API Developer Guide, "LeadConvertSettings"."""
    lead, sobject = _sobject(tx, "Lead"), _sobject(tx, target)
    for settings in tx.runtime.metadata.of_type("LeadConvertSettings").values():
        for mapping in settings.node.all("objectMapping"):
            if mapping.value("outputObject") == target:
                for pair in mapping.all("mappingFields"):
                    source, found = lead.field(pair.value("inputField") or ""), sobject.field(pair.value("outputField") or "")
                    if source is not None and found is not None:
                        yield source.name, found.name


def _end_of_quarter(day: date) -> date:
    """The close date of an opportunity made by a conversion: the last day of the current quarter."""
    month = (day.month - 1) // 3 * 3 + 3
    return date(day.year, month, 31 if month in (3, 12) else 30)


def _sobject(tx: Transaction, name: str) -> SObject:
    return tx.runtime.metadata.schema[name]
