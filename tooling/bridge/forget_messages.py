"""The part of an erasure that is about e-mail messages: emptied where the org allows it, deleted, and named where they can be restored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tooling.bridge.erasure import SUBJECT, Erasure, children, some_ids, update
from tooling.salesforce.org import ObjectDescribe, Operation, Row, TargetOrg, Write
from tooling.salesforce.soql import Identifier, fields, split

Describes = Mapping[str, ObjectDescribe | None]
_CASE_PREFIX = "500"
_MESSAGE_TEXTS = ("Subject", "TextBody", "HtmlBody", "FromName", "FromAddress", "ToAddress", "CcAddress", "BccAddress", "Headers")


def erase_messages(org: TargetOrg, describes: Describes, about: Sequence[str], erasure: Erasure) -> None:
    """Messages about the responses and their Cases are emptied where the org allows it, and deleted.

    Only drafts can be edited for certain (Object Reference, EmailMessage); what was deleted with its text is named by `look_for_messages`.
    """
    message, task = describes.get("EmailMessage"), describes.get("Task")
    if message is None:
        return
    rows = _messages(org, message, about, include_deleted=False)
    activities = sorted({str(row["ActivityId"]) for row in rows if row.get("ActivityId")})
    if activities and task is not None:
        erasure.tasks += update(org, "Task", [{"Id": one, "Subject": SUBJECT, "Description": None} for one in activities])
    if not rows:
        return
    blank = {name: SUBJECT if name == "Subject" else None for name in _texts(message) if message.fields[name].updateable}
    if blank:
        org.write([Write(Operation.UPDATE, "EmailMessage", [{"Id": row["Id"], **blank} for row in rows])])
    outcomes = org.write([Write(Operation.DELETE, "EmailMessage", [{"Id": row["Id"]} for row in rows])])[0]
    erasure.email_messages = sum(outcome.success for outcome in outcomes)
    erasure.remaining += [f"EmailMessage {row['Id']}: {o.message}" for row, o in zip(rows, outcomes, strict=True) if not o.success]


def _messages(org: TargetOrg, message: ObjectDescribe, about: Sequence[str], *, include_deleted: bool) -> list[Row]:
    links = [name for name in ("RelatedToId", "ParentId") if message.has(name)]  # a Case's messages have it as their parent
    columns = ["Id", "IsDeleted", *(["ActivityId"] if message.has("ActivityId") else []), *_texts(message)]
    template = "SELECT {columns} FROM EmailMessage WHERE {link} IN {ids}"
    queries = [
        query
        for name in links
        for query in split(template, over="ids", ids=_fit(about, name), columns=fields(columns), link=Identifier(name))
    ]
    answers = org.query_many(queries, include_deleted=include_deleted) if queries else []
    return list({str(row["Id"]): row for rows in answers for row in rows}.values())


def _fit(about: Sequence[str], link: str) -> list[str]:
    """A parent is a Case: a filter by another object's id is refused."""
    return [one for one in about if link == "RelatedToId" or one.startswith(_CASE_PREFIX)]


def _texts(message: ObjectDescribe) -> list[str]:
    return [name for name in _MESSAGE_TEXTS if message.has(name)]


def look_for_messages(org: TargetOrg, describes: Describes, responses: Sequence[str], erasure: Erasure) -> None:
    """Deleted messages that still have their text."""
    message, case = describes.get("EmailMessage"), describes.get("Case")
    if message is None or not responses:
        return
    by_response = "SELECT Id FROM Case WHERE NPS_Response__c IN {ids}"
    cases = [str(row["Id"]) for row in children(org, by_response, responses)] if case is not None and case.has("NPS_Response__c") else []
    rows = [
        row
        for row in _messages(org, message, [*responses, *cases], include_deleted=True)
        if row.get("IsDeleted") and any(row.get(name) not in (None, "", SUBJECT) for name in _texts(message))
    ]
    if rows:
        erasure.remaining.append(
            f"{len(rows)} deleted EmailMessage in the Recycle Bin ({some_ids(rows)}): empty it, or they can be restored"
        )
