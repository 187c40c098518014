"""Erases a person on request: everything they said and who they are goes, score and date stay.

First what was derived from the responses, then the responses themselves: killed in between, running it again finds the rest.
Records of the customer's own (the Contact, the Lead) are the customer's to delete.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tooling.bridge.dead_letters import DEAD_LETTER, ERASED
from tooling.bridge.erasure import REMEDY, SUBJECT, Erasure, children, some_ids, update
from tooling.bridge.forget_messages import erase_messages, look_for_messages
from tooling.bridge.ledger import RESPONSE, REVISION, Ledger, Stored, stored_from
from tooling.bridge.matching import CONTACT, LEAD, normalised_email
from tooling.bridge.preflight import check_org
from tooling.bridge.records import moment_text
from tooling.bridge.rollups import Recalculations
from tooling.errors import UsageError
from tooling.salesforce.org import ObjectDescribe, Row, TargetOrg
from tooling.salesforce.soql import Identifier, fields, soql, split
from tooling.spec.model import EmailRule, Spec
from tooling.spec.objects.survey_response import SURVEY_RESPONSE
from tooling.spec.objects.survey_response_revision import SURVEY_RESPONSE_REVISION
from tooling.spec.objects.types import ObjectSpec

RECENT_DAYS = 7
"""Parents of what was erased this recently are recalculated again: an earlier run may have been cut off."""

_RECENTLY_ERASED = "SELECT {columns} FROM Survey_Response__c WHERE Erased_At__c = LAST_N_DAYS:{days}"
_DELETED_REVISIONS = "SELECT Id FROM Survey_Response_Revision__c WHERE IsDeleted = true AND Survey_Response__c IN {ids}"
_CONVERTED = "SELECT Id, NPS_Verbatim__c FROM Lead WHERE IsConverted = true AND Id IN {ids}"

Describes = Mapping[str, ObjectDescribe | None]


@dataclass(frozen=True, slots=True)
class _Found:
    """The person's rows, before anything is changed."""

    responses: tuple[Row, ...]
    people: frozenset[str]
    """Ids of Contacts and Leads with the address."""
    names: frozenset[str]

    @property
    def ids(self) -> list[str]:
        return [str(row["Id"]) for row in self.responses]


def forget(org: TargetOrg, spec: Spec, email: str) -> Erasure:
    """Erases whoever has this e-mail address. Running it again finds what an interrupted run has left.

    Raises:
        UsageError: not an address, or the user may not do it; nothing was written.
        OrgRefused: the org does not take a change.
    """
    address = normalised_email(email)
    if address is None:
        raise UsageError(f"{email!r} is not an e-mail address")
    describes = {**check_org(org, spec), **org.describe(["Task", "Event", "Case", "EmailMessage"])}
    _may_erase(describes)
    ledger = Ledger(org, describes)
    found = _find(org, spec, ledger, describes, address)
    erasure = Erasure()
    _erase_revisions(org, found.ids, erasure)
    _erase_work(org, describes, found.ids, erasure)
    _erase_letters(org, address, {str(row["Response_Key__c"]) for row in found.responses}, erasure)
    _erase_candidates(org, found, erasure)
    _erase_responses(org, found, erasure)
    _recalculate(org, ledger, found, erasure)
    _look_again(org, describes, found, address, erasure)
    return erasure


def _may_erase(describes: Describes) -> None:
    """Erasing needs fields that nobody else may edit: found out before the first of them is written."""
    response, revision = describes[RESPONSE], describes[REVISION]
    missing = [
        f"{describe.name}.{name}"
        for describe, ours in ((response, SURVEY_RESPONSE), (revision, SURVEY_RESPONSE_REVISION))
        if describe is not None
        for name in _personal(ours)
        if not (describe.has(name) and describe.fields[name].updateable)
    ]
    if missing:
        raise UsageError(f"this user may not edit {', '.join(missing)}", REMEDY)


def _personal(sobject: ObjectSpec) -> tuple[str, ...]:
    return tuple(one.api_name for one in sobject.fields if one.personal)


def _find(org: TargetOrg, spec: Spec, ledger: Ledger, describes: Describes, address: str) -> _Found:
    """The person's responses: sent from the address, or linked to a Contact or Lead that has it."""
    columns = fields([*ledger.columns, "Respondent_Name__c", "Respondent_Email__c"])
    people: dict[str, str] = {}
    queries = [
        soql(
            "SELECT Id, Name FROM {sobject} WHERE {field} = {address}", sobject=Identifier(sobject), field=Identifier(name), address=address
        )
        for sobject in (CONTACT, LEAD)
        for name in _email_fields(spec)
        if (describe := describes[sobject]) is not None and describe.has(name)
    ]
    for rows in org.query_many(queries):
        people.update((str(row["Id"]), str(row.get("Name") or "")) for row in rows)
    template = "SELECT {columns} FROM Survey_Response__c WHERE {field} IN {values}"
    wanted = [soql(template, columns=columns, field=Identifier("Respondent_Email__c"), values=[address])]
    for name in ("Contact__c", "Lead__c"):
        wanted += split(template, over="values", columns=columns, field=Identifier(name), values=sorted(people))
    responses: dict[str, Row] = {}
    for rows in org.query_many(wanted):
        responses.update((str(row["Id"]), row) for row in rows)
    names = {str(row.get("Respondent_Name__c") or "") for row in responses.values()} | set(people.values())
    return _Found(tuple(responses.values()), frozenset(people), frozenset(name for name in names if name.strip()))


def _email_fields(spec: Spec) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for rule in spec.match.people if isinstance(rule, EmailRule) for name in rule.fields)) or ("Email",)


def _erase_revisions(org: TargetOrg, ids: Sequence[str], erasure: Erasure) -> None:
    rows = children(org, "SELECT Id FROM Survey_Response_Revision__c WHERE Survey_Response__c IN {ids}", ids)
    blank = {**dict.fromkeys(_personal(SURVEY_RESPONSE_REVISION)), "Content_Hash__c": None}
    erasure.revisions = update(org, REVISION, [{"Id": row["Id"], **blank} for row in rows])


def _erase_work(org: TargetOrg, describes: Describes, ids: Sequence[str], erasure: Erasure) -> None:
    """The texts that flows made of the responses: Tasks and Cases keep their status and dates, e-mail messages go."""
    case = describes.get("Case")
    cases: list[str] = []
    for name in ("Task", "Event"):
        activity = describes.get(name)
        if activity is not None and activity.has("NPS_Response__c"):
            rows = children(org, f"SELECT Id FROM {name} WHERE NPS_Response__c IN {{ids}}", ids)
            erasure.tasks += update(org, name, [{"Id": row["Id"], "Subject": SUBJECT, "Description": None} for row in rows])
    if case is not None and case.has("NPS_Response__c"):
        rows = children(org, "SELECT Id FROM Case WHERE NPS_Response__c IN {ids}", ids)
        cases = [str(row["Id"]) for row in rows]
        erasure.cases = update(org, "Case", [{"Id": row["Id"], "Subject": SUBJECT, "Description": None} for row in rows])
    erase_messages(org, describes, [*ids, *cases], erasure)


def _erase_letters(org: TargetOrg, address: str, keys: set[str], erasure: Erasure) -> None:
    """A letter's key stays, marked: the next sync must not bring its response back."""
    rows = org.query("SELECT Id, Delivery_Key__c, Payload__c, Error_Message__c FROM NPS_Dead_Letter__c")
    theirs = [
        row
        for row in rows
        if row.get("Delivery_Key__c") in keys
        or any(address in (row.get(name) or "").casefold() for name in ("Payload__c", "Error_Message__c"))
    ]
    blank = {"Payload__c": None, "Error_Message__c": None, "Error_Code__c": ERASED, "Status__c": "Resolved"}
    erasure.dead_letters = update(org, DEAD_LETTER, [{"Id": row["Id"], **blank} for row in theirs])


def _erase_candidates(org: TargetOrg, found: _Found, erasure: Erasure) -> None:
    """A long text cannot be searched for: all that were ever ambiguous are read."""
    rows = org.query("SELECT Id, Match_Candidates__c FROM Survey_Response__c WHERE Match_Status__c IN ('Ambiguous','Resolved')")
    others: list[dict[str, Any]] = []
    for row in rows:
        lines = (row.get("Match_Candidates__c") or "").splitlines()
        kept = [line for line in lines if not any(person[:15] in line for person in found.people)]
        if len(kept) < len(lines) and row["Id"] not in found.ids:
            others.append({"Id": row["Id"], "Match_Candidates__c": "\n".join([*kept, "one was erased on request"])})
    erasure.candidates = update(org, RESPONSE, others)


def _erase_responses(org: TargetOrg, found: _Found, erasure: Erasure) -> None:
    now = moment_text(org.now())
    blank = {**dict.fromkeys(_personal(SURVEY_RESPONSE)), "Content_Hash__c": None, "Quiet__c": True}
    rows = [{"Id": row["Id"], **blank, "Erased_At__c": row.get("Erased_At__c") or now} for row in found.responses]
    erasure.responses = update(org, RESPONSE, rows)


def _recalculate(org: TargetOrg, ledger: Ledger, found: _Found, erasure: Erasure) -> None:
    """The parents' NPS Verbatim is a copy: it follows when they are recalculated."""
    query = soql(_RECENTLY_ERASED, columns=fields(ledger.columns), days=RECENT_DAYS)
    stored: list[Stored] = [stored_from(row) for row in found.responses] + [stored_from(row) for row in org.query(query)]
    recalculations = Recalculations()
    recalculations.add(parent for one in stored for parent in one.parents)
    recalculations.flush(org)
    erasure.recalculated = recalculations.done
    erasure.remaining += [f"{parent.sobject} {parent.id}: {o.code}: {o.message}" for parent, o in recalculations.refused]


def _look_again(org: TargetOrg, describes: Describes, found: _Found, address: str, erasure: Erasure) -> None:
    """What this command cannot reach: deleted records that can still be restored, and converted Leads."""
    deleted = "SELECT Id FROM Survey_Response__c WHERE IsDeleted = true AND Respondent_Email__c = {address}"
    lead = describes[LEAD]
    queries = [soql(deleted, address=address), "SELECT Id, Payload__c FROM NPS_Dead_Letter__c WHERE IsDeleted = true"]
    if found.ids:
        queries += split(_DELETED_REVISIONS, over="ids", ids=found.ids)
    answers = org.query_many(queries, include_deleted=True)
    look_for_messages(org, describes, found.ids, erasure)
    letters = [row for row in answers[1] if address in (row.get("Payload__c") or "").casefold()]
    for name, rows in ((RESPONSE, answers[0]), (DEAD_LETTER, letters), (REVISION, [row for part in answers[2:] for row in part])):
        if rows:
            erasure.remaining.append(f"{len(rows)} deleted {name} in the Recycle Bin ({some_ids(rows)}): empty it, or they can be restored")
    leads = sorted(one for one in found.people if one.startswith("00Q"))
    if leads and lead is not None and lead.has("NPS_Verbatim__c"):
        kept = [row["Id"] for row in org.query(soql(_CONVERTED, ids=leads)) if row.get("NPS_Verbatim__c")]
        erasure.remaining += [f"the converted Lead {one} keeps its NPS Verbatim: only an administrator can edit it" for one in kept]
