"""A person decides whose response it is: the response, and everybody whose numbers change by it, follow."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from tooling.bridge.ledger import RESPONSE, Ledger, Parent, Stored, stored_from
from tooling.bridge.matching import ACCOUNT, CONTACT, LEAD, PREFIXES, Candidate, Directory, MatchStatus, normalised_email
from tooling.bridge.people import look_up
from tooling.bridge.preflight import Describes, check_org
from tooling.bridge.rollups import Recalculations
from tooling.errors import OrgRefused, UsageError
from tooling.nps.response import Person
from tooling.salesforce.ids import record_id
from tooling.salesforce.org import Operation, Row, TargetOrg, Write
from tooling.salesforce.soql import Identifier, fields, soql
from tooling.spec.model import EmailRule, Match, SalesforceIdRule, Spec

_LONGEST_RULE = 255
QUIET = "the response is quiet (it came in a first sync or a backfill, or was too old): no follow-up is started"
LOUD = "runs in the org now, for the person it belongs to: Tasks are given or moved to whoever looks after them"


@dataclass(frozen=True, slots=True)
class Resolution:
    """What was decided, and who follows."""

    number: str
    id: str
    contact_id: str | None
    lead_id: str | None
    account_id: str | None
    rule: str
    before: str
    """What the response said until now."""
    recalculated: int = 0
    automation: str = ""
    """What the org's automation is about to do, or has done."""
    person: str = ""
    """The person's name."""
    warnings: tuple[str, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def as_text(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        links = (("Contact", self.contact_id), ("Lead", self.lead_id), ("Account", self.account_id))
        called = f" ({self.person})" if self.person else ""
        yield f"{self.number} belongs to {', '.join(f'{name} {value}' for name, value in links if value)}{called}"
        yield f"  before: {self.before}"
        yield f"  {self.recalculated} records are recalculated: who has it now, and who had it before"
        yield f"  automation: {self.automation}"
        yield from (f"  warning: {text}" for text in self.warnings)
        yield f"Next: nps explain {self.number}, in a minute: what automation made of it; nps review for the rest"


def resolve(
    org: TargetOrg, spec: Spec, reference: str, *, contact: str | None = None, lead: str | None = None, account: str | None = None
) -> Resolution:
    """Gives a response the Contact or Lead, the Account, or both. Running it again changes nothing more.

    Args:
        org: where.
        spec: its e-mail fields are those an address is looked for in.
        reference: SR-…, the response's key or its record id.
        contact: id or e-mail address of a Contact; a merged one is followed.
        lead: id or e-mail address of a Lead; for a converted one the Contact is taken.
        account: id or exact name; without it the Contact's own.

    Raises:
        UsageError: nobody, or more than one record, is meant; nothing was written.
        OrgRefused: the org does not take the change.
    """
    if not (contact or lead or account) or (contact and lead):
        raise UsageError(
            "whose response is it?", "Name one: --contact or --lead with an id or e-mail address, or --account with an id or name."
        )
    describes = check_org(org, spec)
    stored, row = find_response(org, Ledger(org, describes), reference)
    if stored.erased_at is not None:
        raise UsageError(f"{row['Name']} was erased: nobody is to be linked to it any more")
    chosen = _person(org, spec, describes, CONTACT if contact else LEAD, contact or lead or "") if contact or lead else None
    account_id = _account(org, account) if account else (chosen.account_id if chosen else None) or row.get("Account__c")
    who = org.identity.username
    said = ", ".join(name for name, given in (("contact", contact), ("lead", lead), ("account", account)) if given)
    values: dict[str, Any] = {"Account__c": account_id}
    if chosen is not None:
        is_contact = chosen.sobject == CONTACT
        values |= {"Contact__c": chosen.id if is_contact else None, "Lead__c": chosen.lead_id if is_contact else chosen.id}
    rule = f"resolved by {who}: {said}"[:_LONGEST_RULE]
    values |= {"Match_Status__c": MatchStatus.RESOLVED.value, "Match_Rule__c": rule}
    outcome = org.write([Write(Operation.UPDATE, RESPONSE, [{"Id": stored.id, **values}])])[0][0]
    if not outcome.success:
        raise OrgRefused(outcome.code, outcome.message, outcome.fields)
    recalculations = Recalculations()
    recalculations.add(stored.parents)  # whoever had it before, too
    recalculations.add(_parents(chosen, account_id))
    recalculations.flush(org)
    return Resolution(
        number=row["Name"],
        id=stored.id,
        contact_id=values.get("Contact__c", row.get("Contact__c")),
        lead_id=values.get("Lead__c", row.get("Lead__c")),
        account_id=account_id,
        rule=rule,
        before=f"{row.get('Match_Status__c') or 'no match'}: {row.get('Match_Rule__c') or ''}",
        recalculated=recalculations.done,
        automation=QUIET if row.get("Quiet__c") else LOUD,
        person=chosen.name if chosen else "",
        warnings=tuple(f"{one.sobject} {one.id} cannot be recalculated: {o.code}: {o.message}" for one, o in recalculations.refused),
    )


def find_response(org: TargetOrg, ledger: Ledger, reference: str) -> tuple[Stored, Row]:
    """A response by its number, its key or its record id.

    Raises:
        UsageError: there is none.
    """
    given = reference.strip()
    field_name = "Name" if given.upper().startswith("SR-") else "Response_Key__c" if ":" in given else "Id"
    if field_name == "Id" and record_id(given) is None:
        raise UsageError(f"{reference!r} is no response", "Name a response (SR-00000001), a key (promoter_io:270) or a record id.")
    rows = org.query(
        soql(
            "SELECT {columns}, Name, Match_Rule__c, Quiet__c FROM Survey_Response__c WHERE {field} = {value}",
            columns=fields(ledger.columns), field=Identifier(field_name), value=given,
        )
    )  # fmt: skip
    if len(rows) != 1:
        raise UsageError(f"{reference} is not in the org, or this user may not see it", "`nps review` lists what is to be decided.")
    return stored_from(rows[0]), rows[0]


def _person(org: TargetOrg, spec: Spec, describes: Describes, sobject: str, given: str) -> Candidate:
    identity, email = record_id(given), normalised_email(given)
    if identity is not None:
        if PREFIXES.get(identity[:3]) != sobject:
            raise UsageError(f"{given} is not the id of a {sobject}", f"Ids of a {sobject} begin with {_prefix(sobject)}.")
        rules = Match(people=(SalesforceIdRule(),))
        directory = look_up(org, [Person(salesforce_id=identity)], rules, describes)
        found = directory.find(["Id"], identity)
    elif email is not None:
        names = _email_fields(spec)
        directory = look_up(org, [Person(email=email)], Match(people=(EmailRule(fields=names),)), describes)
        found = {
            key: one for key, one in directory.find(names, email).items() if one.sobject == sobject or (sobject == LEAD and one.lead_id)
        }
    else:
        raise UsageError(f"{given!r} is neither a record id nor an e-mail address", f"The id of a {sobject} is in the address of its page.")
    return _only(found.values(), directory, sobject, given)


def _email_fields(spec: Spec) -> tuple[str, ...]:
    return next((rule.fields for rule in spec.match.people if isinstance(rule, EmailRule)), ("Email",))


def _only(found: Any, directory: Directory, sobject: str, given: str) -> Candidate:
    candidates: Sequence[Candidate] = sorted(found, key=lambda one: one.id)
    if len(candidates) == 1:
        return candidates[0]
    if not candidates:
        gone = ", ".join(dict.fromkeys(directory.deleted.values()))
        why = f": {gone} was deleted" if gone else ", or this user may not see it"
        raise UsageError(f"there is no {sobject} {given}{why}", f"Look for the {sobject} in Salesforce and name it by its id.")
    raise UsageError(f"{len(candidates)} have {given}: {', '.join(map(str, candidates))}", "Name one of them by its id.")


def _account(org: TargetOrg, given: str) -> str:
    identity = record_id(given)
    if identity is not None and not identity.startswith("001"):
        raise UsageError(f"{given} is not the id of an Account", "Ids of an Account begin with 001.")
    template = "SELECT Id, Name FROM Account WHERE {field} = {value} LIMIT 3"
    rows = org.query(soql(template, field=Identifier("Id" if identity else "Name"), value=identity or given.strip()))
    if len(rows) == 1:
        return str(rows[0]["Id"])
    if not rows:
        raise UsageError(
            f"there is no {ACCOUNT} {given}, or this user may not see it", "Name it by its id, or by its name as in Salesforce."
        )
    raise UsageError(f"several Accounts are called {given}", f"Name one by its id: {', '.join(str(row['Id']) for row in rows)}.")


def _prefix(sobject: str) -> str:
    return next(prefix for prefix, name in PREFIXES.items() if name == sobject)


def _parents(chosen: Candidate | None, account_id: str | None) -> Iterator[Parent]:
    if chosen is not None:
        yield Parent(chosen.sobject, chosen.id, is_person_account=chosen.is_person_account)
    if account_id:
        yield Parent(ACCOUNT, account_id)
