"""What happened around a record: tasks, events, e-mails and flow interviews, the newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..wire import the_org
from .interviews import Interview

_MOST = 50


@dataclass(frozen=True, slots=True)
class Moment:
    at: str
    kind: str
    title: str
    text: str = ""
    href: str | None = None
    state: str = ""


def of_record(record_id: str, touched: Sequence[Interview]) -> list[Moment]:
    found = [*_activities("Task", record_id), *_activities("Event", record_id), *_emails(record_id)]
    found += [Moment(each.started, "Flow", each.label, each.summary, f"/interviews/{each.number}", each.state) for each in touched]
    return sorted(found, key=lambda each: each.at, reverse=True)[:_MOST]


def _activities(sobject: str, record_id: str) -> list[Moment]:
    described = the_org().metadata.schema.get(sobject)
    if described is None:
        return []
    fields = [name for name in ("Subject", "Description", "Status", "ActivityDate", "CreatedDate") if described.field(name)]
    soql = f"SELECT Id, {', '.join(fields)} FROM {sobject} WHERE WhoId = '{record_id}' OR WhatId = '{record_id}' ORDER BY CreatedDate DESC"
    moments = []
    for each in the_org().query(None, f"{soql} LIMIT {_MOST}").records:
        due = f"Due {each['ActivityDate']}. " if each.get("ActivityDate") else ""
        text = due + (each.get("Description") or "")
        title = each.get("Subject") or sobject
        moments.append(Moment(each["CreatedDate"], sobject, title, text, f"/r/{each['Id']}", each.get("Status") or ""))
    return moments


def _emails(record_id: str) -> list[Moment]:
    key = record_id[:15]
    sent: list[dict[str, Any]] = [
        each for each in the_org().emails() if key in {str(each.get(name) or "")[:15] for name in ("recipient_id", "related_record_id")}
    ]
    return [Moment(each["at"], "E-mail", each.get("subject") or "(no subject)", each.get("body") or "", "/emails") for each in sent]
