"""Looking up Contacts, Leads and Accounts in batch: many values in a query, several queries in a call.

Deleted records are asked for too: a merged one names its master, and who was deleted is nobody to make anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tooling.bridge.matching import ACCOUNT, CONTACT, LEAD, PREFIXES, Candidate, Decision, Directory, sought
from tooling.nps.response import Person
from tooling.salesforce.org import ObjectDescribe, Row, TargetOrg
from tooling.salesforce.soql import Identifier, fields, split
from tooling.spec.model import Match

Describes = Mapping[str, ObjectDescribe | None]
MOST_STEPS = 5
"""Merges and conversions that are followed, one after another."""


@dataclass(frozen=True, slots=True)
class _Lookup:
    """One query, and the field its rows were found by."""

    sobject: str
    field: str
    query: str


@dataclass(frozen=True, slots=True)
class _Hit:
    """A record that holds a value that was sought."""

    sobject: str
    field: str
    value: str
    id: str


@dataclass(slots=True)
class _Records:
    """Everything read so far, by id, and the ids that were asked for in vain."""

    rows: dict[str, tuple[str, Row]] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)

    def add(self, sobject: str, row: Row) -> None:
        self.rows[str(row["Id"])] = (sobject, row)

    def knows(self, record_id: str) -> bool:
        return record_id in self.rows or record_id in self.missing

    def next_of(self, record_id: str) -> tuple[str, str, str] | None:
        """SObject and id of the record that stands for this one now, and why; None when it stands for itself, or nobody does."""
        sobject, row = self.rows[record_id]
        if row.get("IsDeleted"):
            master = row.get("MasterRecordId")
            return (sobject, str(master), "merged") if master else None
        if sobject == LEAD and row.get("IsConverted") and row.get("ConvertedContactId"):
            return CONTACT, str(row["ConvertedContactId"]), "converted"
        return None


def look_up(org: TargetOrg, people: Sequence[Person], rules: Match, describes: Describes) -> Directory:
    """Everybody whom the rules could mean, and the Accounts of the company ids."""
    lookups = [*_people_lookups(people, rules, describes), *_account_lookups(people, rules, describes)]
    records, hits = _Records(), list[_Hit]()
    answers = org.query_many([lookup.query for lookup in lookups], include_deleted=True) if lookups else []
    for lookup, rows in zip(lookups, answers, strict=True):
        for row in rows:
            records.add(lookup.sobject, row)
            hits.append(_Hit(lookup.sobject, lookup.field, str(row[lookup.field]), str(row["Id"])))
    _follow(org, records, describes)
    return _directory(hits, records)


def look_closer(org: TargetOrg, directory: Directory, decisions: Iterable[Decision], rules: Match, describes: Describes) -> None:
    """Adds to the directory what the tie-breakers need to know of those who could not be told apart."""
    tied = [decision for decision in decisions if decision.candidates]
    contacts = sorted({one.id for decision in tied for one in decision.candidates if one.sobject == CONTACT})
    accounts = sorted({one.account_id for decision in tied for one in decision.candidates if one.account_id})
    companies = sorted({decision.account_id for decision in tied if decision.account_id})
    queries: dict[str, list[str]] = {}
    if "same_account" in rules.prefer and contacts and companies and describes.get("AccountContactRelation"):
        template = "SELECT ContactId, AccountId FROM AccountContactRelation WHERE IsActive = true AND ContactId IN {contacts}"
        queries["related"] = list(split(template, over="contacts", contacts=contacts))
    if "open_opportunity" in rules.prefer and describes.get("Opportunity"):
        if contacts and describes.get("OpportunityContactRole"):
            template = (
                "SELECT ContactId found FROM OpportunityContactRole WHERE Opportunity.IsClosed = false AND ContactId IN {ids} "
                "GROUP BY ContactId"
            )
            queries["roles"] = list(split(template, over="ids", ids=contacts))
        if accounts:
            template = "SELECT AccountId found FROM Opportunity WHERE IsClosed = false AND AccountId IN {ids} GROUP BY AccountId"
            queries["opportunities"] = list(split(template, over="ids", ids=accounts))
    wanted = [query for part in queries.values() for query in part]
    if not wanted:
        return
    answers = iter(org.query_many(wanted))
    rows = {name: [row for _ in part for row in next(answers)] for name, part in queries.items()}
    related: dict[str, set[str]] = {}
    for row in rows.get("related", ()):
        related.setdefault(str(row["ContactId"]), set()).add(str(row["AccountId"]))
    directory.related = {contact: frozenset(found) for contact, found in related.items()}
    directory.in_opportunity = frozenset(str(row["found"]) for name in ("roles", "opportunities") for row in rows.get(name, ()))


def people_query(sobject: str, field_name: str, values: Sequence[str], describes: Describes) -> Iterator[str]:
    """Queries for the Contacts or Leads whose field has one of the values."""
    describe = describes[sobject]
    if describe is None:
        return
    yield from split(
        "SELECT {columns} FROM {sobject} WHERE {field} IN {values}",
        over="values", values=values, columns=fields([*_columns(sobject, describe), field_name]), sobject=Identifier(sobject),
        field=Identifier(field_name),
    )  # fmt: skip


def _people_lookups(people: Sequence[Person], rules: Match, describes: Describes) -> Iterator[_Lookup]:
    for names, values in sought(people, rules).items():
        for sobject in (CONTACT, LEAD):
            describe = describes.get(sobject)
            for name in names:
                if describe is None or not describe.has(name):
                    continue  # a field that only one of the two has is used there
                meant = [value for value in values if PREFIXES[value[:3]] == sobject] if name == "Id" else values
                for query in people_query(sobject, name, meant, describes):
                    yield _Lookup(sobject, name, query)


def _account_lookups(people: Sequence[Person], rules: Match, describes: Describes) -> Iterator[_Lookup]:
    companies = list(dict.fromkeys(person.company_id.strip() for person in people if person.company_id and person.company_id.strip()))
    name, describe = rules.account.field, describes.get(ACCOUNT)
    if describe is None:
        return
    columns = fields([*_columns(ACCOUNT, describe), name])
    for query in split(
        "SELECT {columns} FROM Account WHERE {field} IN {values}", over="values", values=companies, columns=columns, field=Identifier(name)
    ):
        yield _Lookup(ACCOUNT, name, query)


def _columns(sobject: str, describe: ObjectDescribe) -> list[str]:
    wanted = ["Id", "IsDeleted", "MasterRecordId", *(() if sobject == ACCOUNT else ("Name", "LastActivityDate"))]
    if sobject == CONTACT:
        wanted += ["AccountId", "IsPersonAccount"]  # the latter exists only where person accounts are switched on
    elif sobject == LEAD:
        wanted += ["IsConverted", "ConvertedContactId", "ConvertedAccountId"]
    return [name for name in wanted if describe.has(name) or name in ("Id", "Name", "IsDeleted")]


def _follow(org: TargetOrg, records: _Records, describes: Describes) -> None:
    """Reads the masters of merged records and the Contacts of converted Leads, until all are known."""
    for _ in range(MOST_STEPS):
        wanted: dict[str, list[str]] = {}
        for record_id in list(records.rows):
            following = records.next_of(record_id)
            if following and not records.knows(following[1]):
                wanted.setdefault(following[0], []).append(following[1])
        if not wanted:
            return
        lookups = [
            (sobject, query)
            for sobject, ids in wanted.items()
            if (describe := describes.get(sobject)) is not None
            for query in split(
                "SELECT {columns} FROM {sobject} WHERE Id IN {ids}",
                over="ids",
                ids=ids,
                columns=fields(_columns(sobject, describe)),
                sobject=Identifier(sobject),
            )
        ]
        answers = org.query_many([query for _, query in lookups], include_deleted=True)
        for (sobject, _), rows in zip(lookups, answers, strict=True):
            for row in rows:
                records.add(sobject, row)
        records.missing |= {record_id for ids in wanted.values() for record_id in ids if record_id not in records.rows}


def _directory(hits: Sequence[_Hit], records: _Records) -> Directory:
    directory = Directory()
    live = [hit for hit in hits if not records.rows[hit.id][1].get("IsDeleted")]
    for hit in live:
        _add(directory, hit, records)
    found = {(hit.sobject == ACCOUNT, hit.field, hit.value.strip().casefold()) for hit in live}
    for hit in hits:
        # What a merged record said counts only where no living record says it.
        if records.rows[hit.id][1].get("IsDeleted") and (hit.sobject == ACCOUNT, hit.field, hit.value.strip().casefold()) not in found:
            _add(directory, hit, records)
    return directory


def _add(directory: Directory, hit: _Hit, records: _Records) -> None:
    sobject, row, how, lead_id = hit.sobject, records.rows[hit.id][1], list[str](), None
    current = hit.id
    for _ in range(MOST_STEPS + 1):
        if sobject == LEAD and row.get("IsConverted") and not row.get("IsDeleted"):
            lead_id = current
        following = records.next_of(current)
        if following is None:
            break
        sobject, current, why = following
        how.append(why)
        if current not in records.rows:
            return  # its Contact is gone for good: there is nobody to act on
        row = records.rows[current][1]
    if row.get("IsDeleted") or (sobject == LEAD and row.get("IsConverted")):
        if sobject != ACCOUNT:
            directory.add_deleted(hit.field, hit.value, f"{sobject} {current}")
        return
    if sobject == ACCOUNT:
        directory.add_account(hit.value, current)
        return
    candidate = Candidate(
        sobject,
        current,
        row.get("AccountId") if sobject == CONTACT else None,
        lead_id=lead_id,
        name=row.get("Name") or "",
        is_person_account=bool(row.get("IsPersonAccount")),
        last_activity=row.get("LastActivityDate") or "",
        via=", ".join(dict.fromkeys(how)),
    )
    directory.add_person(hit.field, hit.value, candidate)
