"""Looking up Contacts, Leads and Accounts in batch: many values in a query, several queries in a call."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tooling.bridge.matching import CONTACT, LEAD, Candidate, Directory, sought
from tooling.nps.response import Person
from tooling.salesforce.org import ObjectDescribe, Row, TargetOrg
from tooling.salesforce.soql import Identifier, fields, split
from tooling.spec.model import Match


@dataclass(frozen=True, slots=True)
class _Lookup:
    """One query, and the field its rows were found by."""

    sobject: str
    field: str
    query: str


def look_up(org: TargetOrg, people: Sequence[Person], rules: Match, describes: Mapping[str, ObjectDescribe | None]) -> Directory:
    """Everybody whom the rules could mean, and the Accounts of the company ids."""
    lookups = [*_people_lookups(people, rules, describes), *_account_lookups(people, rules)]
    directory = Directory()
    answers = org.query_many([lookup.query for lookup in lookups]) if lookups else []
    for lookup, rows in zip(lookups, answers, strict=True):
        for row in rows:
            value = str(row[lookup.field])
            if lookup.sobject == "Account":
                directory.add_account(value, row["Id"])
            else:
                candidate = _contact(row) if lookup.sobject == CONTACT else _lead(row)
                if candidate is not None:
                    directory.add_person(lookup.field, value, candidate)
    return directory


def _people_lookups(people: Sequence[Person], rules: Match, describes: Mapping[str, ObjectDescribe | None]) -> Iterator[_Lookup]:
    for names, values in sought(people, rules).items():
        for sobject in (CONTACT, LEAD):
            describe = describes.get(sobject)
            if describe is None:
                continue
            for name in names:
                if not describe.has(name):
                    continue  # a field that only one of the two has is used there
                columns = _columns(sobject, describe)
                for query in split(
                    "SELECT {columns} FROM {sobject} WHERE {field} IN {values}",
                    over="values", values=values, columns=fields([*columns, name]), sobject=Identifier(sobject), field=Identifier(name),
                ):  # fmt: skip
                    yield _Lookup(sobject, name, query)


def _account_lookups(people: Sequence[Person], rules: Match) -> Iterator[_Lookup]:
    companies = list(dict.fromkeys(person.company_id.strip() for person in people if person.company_id and person.company_id.strip()))
    name = rules.account.field
    for query in split(
        "SELECT Id, {field} FROM Account WHERE {field} IN {values}", over="values", values=companies, field=Identifier(name)
    ):
        yield _Lookup("Account", name, query)


def _columns(sobject: str, describe: ObjectDescribe) -> list[str]:
    wanted = ["Id", "Name"]
    if sobject == CONTACT:
        # IsPersonAccount exists only where person accounts are switched on.
        wanted += ["AccountId", *(["IsPersonAccount"] if describe.has("IsPersonAccount") else [])]
    else:
        wanted += ["IsConverted", "ConvertedContactId", "ConvertedAccountId"]
    return wanted


def _contact(row: Row) -> Candidate:
    return Candidate(
        CONTACT, row["Id"], row.get("AccountId"), name=row.get("Name") or "", is_person_account=bool(row.get("IsPersonAccount"))
    )


def _lead(row: Row) -> Candidate | None:
    if not row.get("IsConverted"):
        return Candidate(LEAD, row["Id"], name=row.get("Name") or "")
    if not row.get("ConvertedContactId"):
        return None  # its Contact was deleted: there is nobody to act on
    return Candidate(CONTACT, row["ConvertedContactId"], row.get("ConvertedAccountId"), lead_id=row["Id"], name=row.get("Name") or "")
