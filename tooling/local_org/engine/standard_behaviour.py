"""What Salesforce itself writes into records of standard objects when others of their fields change.

Facts: Object Reference, pages Task, Event, Case, Opportunity.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from ..errors import RequiredFieldMissing, error_class
from ..schema.types import FieldType, SObject
from .batch import Batch, Change

_DAY = Decimal(24 * 60)
"""Minutes."""

Behaviour = Callable[["Batch", Iterable["Change"]], None]


def apply(batch: Batch) -> None:
    """Derives what the platform derives; runs before and after the before-save flows, which may change what it derives from."""
    behaviour = _BEHAVIOURS.get(batch.sobject.name)
    if behaviour is not None:
        behaviour(batch, batch.alive())


def _task(batch: Batch, changes: Iterable[Change]) -> None:
    changes = list(changes)
    _activity(batch, changes)
    for change in changes:
        record = change.record
        closed = record.get("Status") == "Completed"
        if not closed:
            _set(batch, record, "CompletedDateTime", None)
        elif record.get("CompletedDateTime") is None:
            _set(batch, record, "CompletedDateTime", batch.now)


def _event(batch: Batch, changes: Iterable[Change]) -> None:
    """When it begins and how long it lasts is needed; the end follows from both, or the length from the end."""
    changes = list(changes)
    _activity(batch, changes)
    for change in changes:
        start, minutes, end = _times(change)
        if minutes is None and start is not None and end is not None:
            minutes = Decimal(int((end - start).total_seconds() // 60))
        if start is None or minutes is None:
            missing = [name for name, value in (("DurationInMinutes", minutes or end), ("ActivityDateTime", start)) if value is None]
            change.refuse(RequiredFieldMissing(f"Required fields are missing: [{', '.join(missing)}]", missing))
            continue
        if minutes < 0:
            text = "End Date Time: the end of an event cannot be before its start"
            change.refuse(error_class("FIELD_INTEGRITY_EXCEPTION")(text, ("EndDateTime",)))
        for name, value in (
            ("StartDateTime", start), ("ActivityDateTime", start), ("EndDateTime", start + timedelta(minutes=int(minutes))),
            ("DurationInMinutes", minutes), ("ActivityDate", start.date()),
        ):  # fmt: skip
            _set(batch, change.record, name, value)


def _times(change: Change) -> tuple[datetime | None, Decimal | None, datetime | None]:
    """Start, minutes and end of an event; what the caller sets counts, and of minutes and end the one that was set."""
    record = change.record
    ours, other = ("StartDateTime", "ActivityDateTime") if change.sets("StartDateTime") else ("ActivityDateTime", "StartDateTime")
    start = record.get(ours) or (None if change.sets(ours) else record.get(other))
    minutes, end = record.get("DurationInMinutes"), record.get("EndDateTime")
    if end is not None and change.sets("EndDateTime"):
        minutes = None
    if record.get("IsAllDayEvent") and start is None and record.get("ActivityDate") is not None:
        # An all-day event is kept from midnight to midnight UTC: Object Reference, Event.ActivityDate.
        start = datetime.combine(record["ActivityDate"], time(), UTC)
        minutes = minutes if minutes is not None or end is not None else _DAY
    return start, minutes, end


def _activity(batch: Batch, changes: list[Change]) -> None:
    _refuse_lead_with_related_record(changes)
    affected = [change for change in changes if change.is_insert or change.changes("WhoId") or change.changes("WhatId")]
    account_of = _accounts_of_activities(batch, affected)
    for change in affected:
        what, who = change.record.get("WhatId"), change.record.get("WhoId")
        _set(batch, change.record, "AccountId", account_of.get(what) or account_of.get(who))


def _refuse_lead_with_related_record(changes: list[Change]) -> None:
    """A Task or Event of a Lead has no related record: Object Reference, Task.WhatId."""
    for change in changes:
        who, what = change.record.get("WhoId"), change.record.get("WhatId")
        if who and what and who.startswith("00Q"):
            refused = error_class("FIELD_INTEGRITY_EXCEPTION")
            change.refuse(refused("Related To ID: cannot specify a related record when the name is a lead", ("WhatId", "WhoId")))


def _accounts_of_activities(batch: Batch, changes: list[Change]) -> dict[str | None, str]:
    """Account ids by WhatId or WhoId: of an Account, Opportunity, Contract, a custom child of Account, else of the Contact."""
    schema = batch.tx.runtime.metadata.schema
    groups: dict[str, list[str]] = {}
    for change in changes:
        for related in (change.record.get("WhatId"), change.record.get("WhoId")):
            parent = schema.of_id(related) if related else None
            if parent is not None and related:
                groups.setdefault(parent.name, []).append(related)
    accounts: dict[str | None, str] = {}
    for name, ids in groups.items():
        parent = schema.get(name)
        link = _account_field(parent) if parent is not None else None
        if parent is None or link is None:
            continue
        found = batch.tx.reader.records(parent, ids)
        accounts.update({i: record[link] for i in ids if (record := found[i]) is not None and record.get(link)})
    return accounts


def _account_field(sobject: SObject) -> str | None:
    if sobject.name == "Account":
        return "Id"
    if sobject.name in ("Opportunity", "Contract", "Contact"):
        return "AccountId"
    if sobject.custom:
        return next(
            (f.name for f in sobject.fields if f.type is FieldType.REFERENCE and f.master_detail and f.reference_to == ("Account",)), None
        )
    return None


def _case(batch: Batch, changes: Iterable[Change]) -> None:
    changes = list(changes)
    orphans = [
        c for c in changes if c.record.get("ContactId") and not c.record.get("AccountId") and (c.is_insert or c.changes("ContactId"))
    ]
    contact = batch.tx.runtime.metadata.schema.get("Contact")
    if orphans and contact is not None:
        contacts = batch.tx.reader.records(contact, [change.record["ContactId"] for change in orphans])
        for change in orphans:
            found = contacts[change.record["ContactId"]]
            if found is not None and not change.sets("AccountId"):
                change.record["AccountId"] = found.get("AccountId")
    _copy_contact(batch, changes)
    for change in changes:
        closed = change.record.get("Status") == "Closed"
        if not closed:
            _set(batch, change.record, "ClosedDate", None)
        elif change.record.get("ClosedDate") is None:
            _set(batch, change.record, "ClosedDate", batch.now)


def _copy_contact(batch: Batch, changes: list[Change]) -> None:
    """A case shows how its contact is reached."""
    contact = batch.tx.runtime.metadata.schema.get("Contact")
    moved = [change for change in changes if change.changes("ContactId")]
    if contact is None or not moved:
        return
    contacts = batch.tx.reader.records(contact, [c.record["ContactId"] for c in moved if c.record.get("ContactId")])
    for change in moved:
        found = contacts.get(change.record.get("ContactId") or "") or {}
        for target, source in (
            ("ContactEmail", "Email"),
            ("ContactPhone", "Phone"),
            ("ContactMobile", "MobilePhone"),
            ("ContactFax", "Fax"),
        ):
            _set(batch, change.record, target, found.get(source))


def _opportunity(batch: Batch, changes: Iterable[Change]) -> None:
    stages = batch.tx.runtime.stages
    for change in changes:
        record = change.record
        stage = stages.get(record.get("StageName") or "")
        if stage is not None and (change.is_insert or change.changes("StageName")):
            if not change.sets("Probability"):
                record["Probability"] = stage.get("DefaultProbability")
            _set(batch, record, "ForecastCategory", stage.get("ForecastCategory"))
            if not change.sets("ForecastCategoryName"):
                _set(batch, record, "ForecastCategoryName", stage.get("ForecastCategoryName"))
        amount, chance = record.get("Amount"), record.get("Probability")
        _set(batch, record, "ExpectedRevenue", amount * chance / 100 if amount is not None and chance is not None else None)
        closes = record.get("CloseDate")
        if closes is not None:
            quarter = (closes.month - 1) // 3 + 1
            _set(batch, record, "FiscalYear", Decimal(closes.year))
            _set(batch, record, "FiscalQuarter", Decimal(quarter))
            _set(batch, record, "Fiscal", f"{closes.year} {quarter}")


def _contact(batch: Batch, changes: Iterable[Change]) -> None:
    for change in changes:
        _set(batch, change.record, "IsEmailBounced", change.record.get("EmailBouncedDate") is not None)


def _organization_wide_address(batch: Batch, changes: Iterable[Change]) -> None:
    """Another address has another owner, who has to verify it anew: Salesforce Help, "Organization-Wide Addresses"."""
    for change in changes:
        if change.is_insert or change.changes("Address"):
            _set(batch, change.record, "IsVerified", False)


def _set(batch: Batch, record: dict[str, Any], name: str, value: Any) -> None:
    if name in batch.rules.blank:
        record[name] = value


_BEHAVIOURS: Mapping[str, Behaviour] = {
    "Task": _task,
    "Event": _event,
    "Case": _case,
    "Opportunity": _opportunity,
    "Contact": _contact,
    "OrgWideEmailAddress": _organization_wide_address,
}
