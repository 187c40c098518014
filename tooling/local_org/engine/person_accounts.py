"""Saving person accounts: one person in two rows, an Account and its Contact, each of which always holds what the other says.

Facts: SOAP API Developer Guide, "Person Account Record Types"; Object Reference, "Account"; Apex Developer Guide, "Operations That Don't
Invoke Triggers" (saving a person account fires what is on Account, not what is on Contact); Change Data Capture Developer Guide,
"Updating a Person Account" (both rows are stamped).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache

from ..errors import InsufficientAccess, OrgError, RequiredFieldMissing, error_class
from ..flow.host import Record
from ..schema.derived import Composed
from ..schema.person_accounts import PERSON_RECORD_TYPE, has_person_accounts, own_pairs, shared_pairs
from ..schema.types import Schema, SObject
from . import save_checks
from .batch import Batch, Change
from .coercion import not_writable

_NAME = Composed(("FirstName", "LastName"))
_STAMPS = ("LastModifiedDate", "LastModifiedById", "SystemModstamp")


def begin(batch: Batch) -> None:
    """A new account with a last name, or with the record type of persons, is a person; any other has none of a person's defaults."""
    if batch.sobject.name != "Account" or not batch.insert or not _is_on(batch):
        return
    own = _pairs(batch.tx.runtime.metadata.schema)[0]
    for change in batch.alive():
        chosen = change.values.get("RecordTypeId")
        if chosen == PERSON_RECORD_TYPE.id or (chosen is None and change.values.get("LastName")):
            change.record.update({"IsPersonAccount": True, "RecordTypeId": PERSON_RECORD_TYPE.id})
        else:
            change.record.update({name: batch.rules.blank[name] for name in own if name not in change.values})


def compose(batch: Batch) -> None:
    """The name of a person account is that of the person."""
    if batch.sobject.name == "Account":
        for change in _persons(batch):
            change.record["Name"] = _NAME.value(change.record)


def check(batch: Batch) -> None:
    """What persons and companies each may not have, and what may not be done to the contact of a person account."""
    if not _is_on(batch):
        return
    if batch.sobject.name == "Account":
        _check_accounts(batch)
    elif batch.sobject.name == "Contact":
        _check_contacts(batch)


def check_uniqueness(batch: Batch) -> None:
    """Unique fields of Contact, for the contacts that are stored with their accounts."""
    if batch.sobject.name != "Account" or not any(True for _ in _persons(batch)):
        return
    contact = _sobject(batch, "Contact")
    rules = batch.tx.runtime.rules(contact)
    if not rules.unique:
        return
    contacts = _contacts(batch, list(_persons(batch)))
    save_checks.check_uniqueness(Batch(batch.tx, contact, rules, list(contacts.values()), batch.insert, batch.how, batch.now))
    for change, half in contacts.items():
        change.errors.extend(half.errors)


def give_ids(batch: Batch) -> None:
    """The account names its contact, and the contact its account."""
    if batch.sobject.name != "Account" or not batch.insert:
        return
    persons, records = list(_persons(batch)), batch.tx.runtime.store.records
    if persons:
        ids = records.new_ids(batch.sobject, len(persons))
        contacts = records.new_ids(_sobject(batch, "Contact"), len(persons))
        for change, record_id, contact_id in zip(persons, ids, contacts, strict=True):
            change.record.update({"Id": record_id, "PersonContactId": contact_id})


def store_other_half(batch: Batch) -> None:
    """The other row, without flows and validation rules of its own."""
    if batch.sobject.name not in ("Account", "Contact"):
        return
    persons = list(_persons(batch))
    if not persons:
        return
    if batch.sobject.name == "Account":
        _store_contacts(batch, persons)
    else:
        _store_accounts(batch, persons)


def cannot_delete(sobject: SObject, record: Record) -> OrgError | None:
    """The contact of a person account goes and comes back with the account."""
    if sobject.name == "Contact" and record.get("IsPersonAccount"):
        return error_class("INVALID_PERSON_ACCOUNT_OPERATION")("cannot reference person contact")
    return None


def refuse_merge(records: Iterable[Record]) -> None:
    """Raises OrgError: one of the records is (or belongs to) a person account."""
    if any(record.get("IsPersonAccount") for record in records):
        raise _unsupported("merging person accounts")


def account_values(schema: Schema, values: Mapping[str, object]) -> Record:
    """Values of a contact as those of a person account; what it does not show is left out."""
    return {name: values[source] for name, source in _pairs(schema)[1].items() if source in values}


@lru_cache(maxsize=4)
def _pairs(schema: Schema) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Fields of Account by which the contact's are known: those of persons only, and all."""
    own = own_pairs(schema)
    return own, {**own, **shared_pairs(schema)}


def _is_on(batch: Batch) -> bool:
    return has_person_accounts(batch.tx.runtime.metadata.schema)


def _persons(batch: Batch) -> Iterator[Change]:
    return (change for change in batch.alive() if change.record.get("IsPersonAccount"))


def _check_accounts(batch: Batch) -> None:
    own = _pairs(batch.tx.runtime.metadata.schema)[0]
    required = {field.name for field in batch.tx.runtime.rules(_sobject(batch, "Contact")).required}
    for change in batch.alive():
        record = change.record
        is_person = bool(record.get("IsPersonAccount"))
        if is_person is not (record.get("RecordTypeId") == PERSON_RECORD_TYPE.id):
            change.refuse(_unsupported("turning companies into person accounts, or person accounts into companies"))
        elif is_person:
            if change.sets("Name"):
                change.refuse(not_writable(["Name"]))
            missing = [name for name, source in own.items() if source in required and record.get(name) is None]
            if missing:
                change.refuse(RequiredFieldMissing(f"Required fields are missing: [{', '.join(missing)}]", missing))
        elif foreign := [name for name in own if record.get(name) not in (None, False)]:
            change.refuse(not_writable(foreign))


def _check_contacts(batch: Batch) -> None:
    moved = [change.record["AccountId"] for change in batch.alive() if change.record.get("AccountId") and change.changes("AccountId")]
    accounts = batch.tx.runtime.store.records.read(_sobject(batch, "Account"), moved, ["IsPersonAccount"])
    for change in batch.alive():
        if change.record.get("IsPersonAccount"):
            if change.changes("AccountId"):
                change.refuse(not_writable(["AccountId"]))
            if change.changes("RecordTypeId"):
                # Salesforce Help 005305352, "RecordTypeId cannot be updated on the Person Contact entity".
                change.refuse(InsufficientAccess("insufficient access rights on object id"))
        elif accounts.get(change.record.get("AccountId") or "", {}).get("IsPersonAccount"):
            text = "A person account has one contact, its own; another cannot be added to it"
            change.refuse(error_class("INVALID_PERSON_ACCOUNT_OPERATION")(text, ("AccountId",)))


def _contacts(batch: Batch, persons: Sequence[Change]) -> dict[Change, Change]:
    """The contact's change that goes with each account's."""
    contact, pairs = _sobject(batch, "Contact"), _pairs(batch.tx.runtime.metadata.schema)[1]
    rules = batch.tx.runtime.rules(contact)
    prior: Mapping[str, Record] = {}
    if not batch.insert:
        prior = batch.tx.runtime.store.records.read(contact, [c.record["PersonContactId"] for c in persons], include_deleted=True)
    found = {}
    for change in persons:
        record = change.record
        before = prior.get(record.get("PersonContactId") or "")
        half = dict(before) if before is not None else {**rules.blank, **rules.default_values}
        half.update({source: record.get(name) for name, source in pairs.items()})
        half["IsEmailBounced"] = half.get("EmailBouncedDate") is not None
        if batch.insert:
            half.update({"Id": record.get("PersonContactId"), "AccountId": record.get("Id"), "IsPersonAccount": True})
            half.update({name: record[name] for name in rules.audit if name in record})
        else:
            half.update({name: record[name] for name in _STAMPS})
        found[change] = Change({}, half.get("Id"), half, before, is_insert=batch.insert)
    return found


def _store_contacts(batch: Batch, persons: Sequence[Change]) -> None:
    contact, records = _sobject(batch, "Contact"), batch.tx.runtime.store.records
    halves = list(_contacts(batch, persons).values())
    if not batch.insert:
        records.update(contact, [(half.record["Id"], _changed(half)) for half in halves])
    else:
        for field in batch.tx.runtime.rules(contact).auto_numbers:
            for half, number in zip(halves, records.auto_numbers(contact, field, len(halves)), strict=True):
                half.record[field.name] = number
        records.insert(contact, [half.record for half in halves])
    batch.tx.reader.forget("Contact", [half.record["Id"] for half in halves])


def _store_accounts(batch: Batch, persons: Sequence[Change]) -> None:
    pairs = _pairs(batch.tx.runtime.metadata.schema)[1]
    written = []
    for change in persons:
        values = {name: change.record.get(source) for name, source in pairs.items()}
        stamps = {name: change.record[name] for name in _STAMPS}
        written.append((change.record["AccountId"], {**values, "Name": _NAME.value(change.record), **stamps}))
    batch.tx.runtime.store.records.update(_sobject(batch, "Account"), written)
    batch.tx.reader.forget("Account", [record_id for record_id, _ in written])


def _changed(change: Change) -> Record:
    before = change.prior or {}
    return {name: value for name, value in change.record.items() if name not in before or before[name] != value}


def _sobject(batch: Batch, name: str) -> SObject:
    return batch.tx.runtime.metadata.schema[name]


def _unsupported(what: str) -> OrgError:
    return error_class("FUNCTIONALITY_NOT_ENABLED")(f"The local org does not support {what}.")
