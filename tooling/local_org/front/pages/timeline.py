"""What happened around a record: tasks, events and e-mails, the newest first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from ...schema.types import SObject
from ..wire import the_org

_MOST = 50


@dataclass(frozen=True, slots=True)
class Moment:
    at: str
    kind: str
    title: str
    text: str = ""
    href: str | None = None
    state: str = ""


def of_record(sobject: SObject, record_id: str, addresses: Collection[str]) -> list[Moment]:
    """Activities and e-mails that name the record, and e-mails to its addresses."""
    found = [*_activities("Task", sobject, record_id), *_activities("Event", sobject, record_id), *_emails(record_id, addresses)]
    return sorted(found, key=lambda each: each.at, reverse=True)[:_MOST]


def _activities(kind: str, sobject: SObject, record_id: str) -> list[Moment]:
    """Activities that name the record in any of their lookups, custom ones included."""
    described = the_org().metadata.schema.get(kind)
    lookups = sorted({each.field.name for each in the_org().metadata.schema.children(sobject.name) if each.child == kind})
    if described is None or not lookups:
        return []
    where = " OR ".join(f"{name} = '{record_id}'" for name in lookups)
    fields = [name for name in ("Subject", "Description", "Status", "ActivityDate", "CreatedDate") if described.field(name)]
    soql = f"SELECT Id, {', '.join(fields)} FROM {kind} WHERE {where} ORDER BY CreatedDate DESC"
    moments = []
    for each in the_org().query(None, f"{soql} LIMIT {_MOST}").records:
        due = f"Due {each['ActivityDate']}. " if each.get("ActivityDate") else ""
        text = due + (each.get("Description") or "")
        title = each.get("Subject") or kind
        moments.append(Moment(each["CreatedDate"], kind, title, text, f"/r/{each['Id']}", each.get("Status") or ""))
    return moments


def _emails(record_id: str, addresses: Collection[str]) -> list[Moment]:
    key, wanted = record_id[:15], {address.lower() for address in addresses}
    sent: list[dict[str, Any]] = [
        each
        for each in the_org().emails()
        if key in {str(each.get(name) or "")[:15] for name in ("recipient_id", "related_record_id")}
        or wanted & {str(address).lower() for address in each["to"]}
    ]
    return [Moment(each["at"], "E-mail", each.get("subject") or "(no subject)", each.get("body") or "", "/emails") for each in sent]
