"""Whose response it is: the rules of the spec over people that were looked up. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from tooling.nps.response import Person
from tooling.salesforce.ids import record_id
from tooling.spec.model import EmailRule, Match, SalesforceIdRule, UserIdRule

Rule = UserIdRule | SalesforceIdRule | EmailRule

CONTACT, LEAD, ACCOUNT = "Contact", "Lead", "Account"
PREFIXES = {"003": CONTACT, "00Q": LEAD}


class MatchStatus(StrEnum):
    MATCHED = "Matched"
    AMBIGUOUS = "Ambiguous"
    UNMATCHED = "Unmatched"
    RESOLVED = "Resolved"
    """Decided by a person; a sync leaves it alone."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A Contact or Lead that a rule found. A converted Lead is its Contact, with the Lead it was."""

    sobject: str
    id: str
    account_id: str | None = None
    lead_id: str | None = None
    name: str = ""
    is_person_account: bool = False
    last_activity: str = ""
    """The day, as ISO text; empty: none."""
    via: str = ""
    """How it was reached from the record that was found: merged, converted. Empty: it is that record."""

    def __str__(self) -> str:
        return f"{self.sobject} {self.id}" + (f" ({self.name})" if self.name else "")


@dataclass(frozen=True, slots=True)
class Decision:
    """Where a response goes, and why."""

    status: MatchStatus
    rule: str = ""
    """What decided, or why nothing did: readable by an admin."""
    contact_id: str | None = None
    lead_id: str | None = None
    account_id: str | None = None
    candidates: tuple[Candidate, ...] = ()
    is_person_account: bool = False
    was_deleted: bool = False
    """Nobody is found now, but somebody in the Recycle Bin: no reason to make a new one."""


def normalised_email(text: str | None) -> str | None:
    """For comparison: trimmed, case-folded; None when it is no address."""
    clean = (text or "").strip().casefold()
    return clean if "@" in clean else None


@dataclass(slots=True)
class Directory:
    """People and Accounts that were looked up, by the field and the value they were found with."""

    people: dict[tuple[str, str], dict[str, Candidate]] = field(default_factory=dict)
    accounts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    deleted: dict[tuple[str, str], str] = field(default_factory=dict)
    """What was found in the Recycle Bin only, for the reason shown to people."""
    related: dict[str, frozenset[str]] = field(default_factory=dict)
    """Contact → the Accounts it is related to besides its own."""
    in_opportunity: frozenset[str] = frozenset()
    """Contacts with a role in an open Opportunity, and Accounts that have one."""

    def add_person(self, field_name: str, value: str, candidate: Candidate) -> None:
        found = self.people.setdefault((field_name, value.strip().casefold()), {})
        earlier = found.get(candidate.id)
        # A converted Lead and its Contact are one person: keep both ids.
        if earlier is None or (earlier.lead_id is None and candidate.lead_id is not None):
            found[candidate.id] = candidate

    def add_deleted(self, field_name: str, value: str, what: str) -> None:
        self.deleted[field_name, value.strip().casefold()] = what

    def add_account(self, value: str, account_id: str) -> None:
        known = self.accounts.get(value.strip().casefold(), ())
        if account_id not in known:
            self.accounts[value.strip().casefold()] = (*known, account_id)

    def find(self, field_names: Iterable[str], value: str) -> dict[str, Candidate]:
        found: dict[str, Candidate] = {}
        for name in field_names:
            for identity, candidate in self.people.get((name, value.strip().casefold()), {}).items():
                if identity not in found or candidate.lead_id is not None:
                    found[identity] = candidate
        return found

    def deleted_with(self, field_names: Iterable[str], value: str) -> Iterator[str]:
        for name in field_names:
            if what := self.deleted.get((name, value.strip().casefold())):
                yield what


def rule_values(rule: Rule, person: Person) -> tuple[tuple[str, str], ...]:
    """What the rule looks for, in order, each with what an admin calls it; empty when the response does not carry it."""
    if isinstance(rule, EmailRule):
        address = normalised_email(person.email)
        return () if address is None else ((rule.by, address), *_variants(rule, address))
    if isinstance(rule, SalesforceIdRule):
        identity = record_id(person.salesforce_id or "")
        return ((rule.by, identity),) if identity and identity[:3] in PREFIXES else ()
    user_id = (person.user_id or "").strip()
    return ((rule.by, user_id),) if user_id else ()


def rule_fields(rule: Rule) -> tuple[str, ...]:
    if isinstance(rule, SalesforceIdRule):
        return ("Id",)
    return rule.fields if isinstance(rule, EmailRule) else (rule.field,)


def _variants(rule: EmailRule, address: str) -> Iterator[tuple[str, str]]:
    """The address in the other forms that the spec allows, the least changed first."""
    if not rule.also_without:
        return
    local, _, domain = address.rpartition("@")
    plain, dotless = local.partition("+")[0], local.replace(".", "")
    forms: dict[str, str] = {}
    if "plus_tag" in rule.also_without and plain:
        forms.setdefault(plain, "email without +tag")
    if "dots" in rule.also_without and dotless:
        forms.setdefault(dotless, "email without dots")
    if len(rule.also_without) == 2 and plain.replace(".", ""):
        forms.setdefault(plain.replace(".", ""), "email without +tag and dots")
    yield from ((label, f"{form}@{domain}") for form, label in forms.items() if form != local)


def decide(person: Person, directory: Directory, rules: Match) -> Decision:
    """Applies the rules in order: the first that finds exactly one person wins.

    Several found by one rule are narrowed by the later rules and then by the tie-breakers; without a winner the
    response is ambiguous. A later rule that contradicts an earlier one decides nothing.
    """
    company = _company(person, directory)
    remaining: dict[str, Candidate] = {}
    asked: list[str] = []
    deleted: list[str] = []
    first_rule = ""
    for rule in rules.people:
        values = rule_values(rule, person)
        if not values:
            continue
        asked.append(rule.by)
        found, name = _found(directory, rule, values)
        if not found:
            deleted += [what for _, value in values for what in directory.deleted_with(rule_fields(rule), value)]
            continue
        if not remaining:
            remaining, first_rule = found, name
        else:
            common = {identity: candidate for identity, candidate in found.items() if identity in remaining}
            if not common:
                break  # the rules name different people
            remaining = common
            if len(common) == 1:
                return _matched(next(iter(common.values())), f"{first_rule}, then {name}", company)
        if len(remaining) == 1:
            return _matched(next(iter(remaining.values())), name, company)
    if not remaining:
        why = f"nobody found by {', '.join(asked)}" if asked else "the response carries nothing to match by"
        why += "".join(f"; {what} was deleted" for what in dict.fromkeys(deleted))
        return Decision(MatchStatus.UNMATCHED, why, account_id=company.id, was_deleted=bool(deleted))
    return _break_tie(remaining.values(), first_rule, rules.prefer, company, directory)


def _found(directory: Directory, rule: Rule, values: Iterable[tuple[str, str]]) -> tuple[dict[str, Candidate], str]:
    """Whom the rule finds by the first of its values that finds anybody, and what that value is called."""
    for name, value in values:
        found = directory.find(rule_fields(rule), value)
        if found:
            return found, name
    return {}, rule.by


def _break_tie(found: Iterable[Candidate], rule: str, prefer: Sequence[str], company: _Company, directory: Directory) -> Decision:
    left = list(found)
    used: list[str] = []
    for tie_breaker in prefer:
        narrowed = _NARROWING[tie_breaker](left, company, directory)
        if narrowed and len(narrowed) < len(left):
            left, used = narrowed, [*used, tie_breaker]
        if len(left) == 1:
            return _matched(left[0], ", ".join([rule, *used]), company)
    ordered = tuple(sorted(left, key=lambda candidate: (candidate.sobject, candidate.id)))
    return Decision(MatchStatus.AMBIGUOUS, f"{len(left)} found by {', '.join([rule, *used])}", account_id=company.id, candidates=ordered)


def _contacts(candidates: Sequence[Candidate], _company: _Company, _directory: Directory) -> list[Candidate]:
    return [candidate for candidate in candidates if candidate.sobject == CONTACT]


def _at_company(candidates: Sequence[Candidate], company: _Company, directory: Directory) -> list[Candidate]:
    """Whose own Account is the response's company; if nobody's, who is related to it."""
    if company.id is None:
        return []
    own = [candidate for candidate in candidates if candidate.account_id == company.id]
    return own or [candidate for candidate in candidates if company.id in directory.related.get(candidate.id, ())]


def _in_opportunity(candidates: Sequence[Candidate], _company: _Company, directory: Directory) -> list[Candidate]:
    """Who has a role in an open Opportunity; if nobody has, whose Account has one."""
    own = [candidate for candidate in candidates if candidate.id in directory.in_opportunity]
    return own or [candidate for candidate in candidates if candidate.account_id in directory.in_opportunity]


def _most_active(candidates: Sequence[Candidate], _company: _Company, _directory: Directory) -> list[Candidate]:
    latest = max((candidate.last_activity for candidate in candidates), default="")
    return [candidate for candidate in candidates if latest and candidate.last_activity == latest]


_NARROWING: Mapping[str, Callable[[Sequence[Candidate], _Company, Directory], list[Candidate]]] = {
    "contact_over_lead": _contacts,
    "same_account": _at_company,
    "open_opportunity": _in_opportunity,
    "most_recent_activity": _most_active,
}


def _matched(candidate: Candidate, rule: str, company: _Company) -> Decision:
    is_contact = candidate.sobject == CONTACT
    how = f"{rule} ({candidate.via})" if candidate.via else rule
    return Decision(
        MatchStatus.MATCHED,
        f"{how}; {company.note}" if company.note else how,
        contact_id=candidate.id if is_contact else None,
        lead_id=candidate.lead_id if is_contact else candidate.id,
        account_id=company.id or candidate.account_id,
        is_person_account=candidate.is_person_account,
    )


@dataclass(frozen=True, slots=True)
class _Company:
    """The Account of the response's company id, and what to say about it."""

    id: str | None = None
    note: str = ""


def _company(person: Person, directory: Directory) -> _Company:
    """The Account of the company id when exactly one has it; several decide nothing."""
    sent = (person.company_id or "").strip()
    found = directory.accounts.get(sent.casefold(), ()) if sent else ()
    if len(found) > 1:
        return _Company(None, f"{len(found)} Accounts have its company id")
    return _Company(found[0], "Account by company_id") if found else _Company()


def sought(people: Iterable[Person], rules: Match) -> Mapping[tuple[str, ...], list[str]]:
    """What has to be looked up: the fields of each rule → the distinct values sought there."""
    values: dict[tuple[str, ...], dict[str, None]] = {}
    for person in people:
        for rule in rules.people:
            for _, value in rule_values(rule, person):
                values.setdefault(rule_fields(rule), {})[value] = None
    return {names: list(found) for names, found in values.items()}
