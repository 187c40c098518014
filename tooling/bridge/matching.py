"""Whose response it is: the rules of the spec over people that were looked up. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from tooling.nps.response import Person
from tooling.spec.model import EmailRule, Match, UserIdRule

CONTACT, LEAD, ACCOUNT = "Contact", "Lead", "Account"


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


def normalised_email(text: str | None) -> str | None:
    """For comparison: trimmed, case-folded; None when it is no address."""
    clean = (text or "").strip().casefold()
    return clean if "@" in clean else None


@dataclass(slots=True)
class Directory:
    """People and Accounts that were looked up, by the field and the value they were found with."""

    people: dict[tuple[str, str], dict[str, Candidate]] = field(default_factory=dict)
    accounts: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def add_person(self, field_name: str, value: str, candidate: Candidate) -> None:
        found = self.people.setdefault((field_name, value.strip().casefold()), {})
        earlier = found.get(candidate.id)
        # A converted Lead and its Contact are one person: keep both ids.
        if earlier is None or (earlier.lead_id is None and candidate.lead_id is not None):
            found[candidate.id] = candidate

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


def rule_value(rule: UserIdRule | EmailRule, person: Person) -> str | None:
    """What the rule looks for, None when the response does not carry it."""
    if isinstance(rule, EmailRule):
        return normalised_email(person.email)
    return (person.user_id or "").strip() or None


def rule_fields(rule: UserIdRule | EmailRule) -> tuple[str, ...]:
    return rule.fields if isinstance(rule, EmailRule) else (rule.field,)


def decide(person: Person, directory: Directory, rules: Match) -> Decision:
    """Applies the rules in order: the first that finds exactly one person wins.

    Several found by one rule are narrowed by the later rules and then by the tie-breakers; without a winner the
    response is ambiguous. A later rule that contradicts an earlier one decides nothing.
    """
    company = _company_account(person, directory)
    remaining: dict[str, Candidate] = {}
    asked: list[str] = []
    first_rule = ""
    for rule in rules.people:
        value = rule_value(rule, person)
        if value is None:
            continue
        asked.append(rule.by)
        found = directory.find(rule_fields(rule), value)
        if not found:
            continue
        if not remaining:
            remaining, first_rule = found, rule.by
        else:
            common = {identity: candidate for identity, candidate in found.items() if identity in remaining}
            if not common:
                break  # the rules name different people
            remaining = common
            if len(common) == 1:
                return _matched(next(iter(common.values())), f"{first_rule}, then {rule.by}", company)
        if len(remaining) == 1:
            return _matched(next(iter(remaining.values())), rule.by, company)
    if not remaining:
        why = f"nobody found by {', '.join(asked)}" if asked else "the response carries nothing to match by"
        return Decision(MatchStatus.UNMATCHED, why, account_id=company)
    return _break_tie(remaining.values(), first_rule, rules.prefer, company)


def _break_tie(found: Iterable[Candidate], rule: str, prefer: Sequence[str], company: str | None) -> Decision:
    left = list(found)
    used: list[str] = []
    for tie_breaker in prefer:
        narrowed = _narrowed(left, tie_breaker)
        if narrowed and len(narrowed) < len(left):
            left, used = narrowed, [*used, tie_breaker]
        if len(left) == 1:
            return _matched(left[0], ", ".join([rule, *used]), company)
    ordered = tuple(sorted(left, key=lambda candidate: (candidate.sobject, candidate.id)))
    return Decision(MatchStatus.AMBIGUOUS, f"{len(left)} found by {', '.join([rule, *used])}", account_id=company, candidates=ordered)


def _narrowed(candidates: Sequence[Candidate], tie_breaker: str) -> list[Candidate]:
    if tie_breaker == "contact_over_lead":
        return [candidate for candidate in candidates if candidate.sobject == CONTACT]
    raise ValueError(f"match.prefer: {tie_breaker} is not available in this version")


def _matched(candidate: Candidate, rule: str, company: str | None) -> Decision:
    is_contact = candidate.sobject == CONTACT
    return Decision(
        MatchStatus.MATCHED,
        rule,
        contact_id=candidate.id if is_contact else None,
        lead_id=candidate.lead_id if is_contact else candidate.id,
        account_id=company or candidate.account_id,
        is_person_account=candidate.is_person_account,
    )


def _company_account(person: Person, directory: Directory) -> str | None:
    """The Account of the company id when exactly one has it; several decide nothing."""
    if not person.company_id:
        return None
    found = directory.accounts.get(person.company_id.strip().casefold(), ())
    return found[0] if len(found) == 1 else None


def sought(people: Iterable[Person], rules: Match) -> Mapping[tuple[str, ...], list[str]]:
    """What has to be looked up: the fields of each rule → the distinct values sought there."""
    values: dict[tuple[str, ...], dict[str, None]] = {}
    for person in people:
        for rule in rules.people:
            value = rule_value(rule, person)
            if value is not None:
                values.setdefault(rule_fields(rule), {})[value] = None
    return {names: list(found) for names, found in values.items()}
