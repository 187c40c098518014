"""Decides for a batch of people: looks them up, applies the rules, breaks ties, and makes who is missing if the spec says so."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import takewhile
from typing import Any

from tooling.bridge.matching import ACCOUNT, CONTACT, LEAD, Decision, MatchStatus, decide, normalised_email
from tooling.bridge.people import look_closer, look_up
from tooling.nps.response import Person
from tooling.salesforce.org import ObjectDescribe, Operation, RowOutcome, TargetOrg, Write
from tooling.spec.model import Match, TieBreaker, UserIdRule
from tooling.spec.objects.people import MADE_FOR

Describes = Mapping[str, ObjectDescribe | None]
UNKNOWN_COMPANY = "[not provided]"
"""What Salesforce itself writes into a Lead's company when an import has none."""
_COMPANY_NAMES = ("company_name", "company", "organization", "organisation")
_LONGEST_NAME, _LONGEST_COMPANY, _LONGEST_EMAIL = 80, 255, 80
_DUPLICATE = {"DUPLICATES_DETECTED", "DUPLICATE_VALUE"}
_RULE_LENGTH = 120
_NEEDS_A_CLOSER_LOOK = {"same_account", "open_opportunity"}


class Matcher:
    """The match section of the spec over one org."""

    def __init__(self, org: TargetOrg, rules: Match, describes: Describes, *, dry_run: bool = False) -> None:
        self._org, self._rules, self._describes, self._dry_run = org, rules, describes, dry_run

    def decide(self, people: Mapping[str, Person]) -> dict[str, Decision]:
        """A decision per key."""
        if not people:
            return {}
        directory = look_up(self._org, list(people.values()), self._rules, self._describes)
        # A tie-breaker must not decide before those in front of it know all they need.
        at_first = self._rules.model_copy(update={"prefer": _before_looking_closer(self._rules.prefer)})
        decisions = {key: decide(person, directory, at_first) for key, person in people.items()}
        tied = [key for key, decision in decisions.items() if decision.status is MatchStatus.AMBIGUOUS]
        if tied and _NEEDS_A_CLOSER_LOOK & set(self._rules.prefer):
            look_closer(self._org, directory, [decisions[key] for key in tied], self._rules, self._describes)
            decisions |= {key: decide(people[key], directory, self._rules) for key in tied}
        return self._with_missing(people, decisions) if self._rules.on_missing != "park" else decisions

    def _with_missing(self, people: Mapping[str, Person], decisions: dict[str, Decision]) -> dict[str, Decision]:
        """Makes a Lead or Contact for whoever is unknown, one per address."""
        sobject = LEAD if self._rules.on_missing == "create_lead" else CONTACT
        wanted: dict[str, list[str]] = {}
        for key, decision in decisions.items():
            if decision.status is not MatchStatus.UNMATCHED:
                continue
            reason = self._reason_not_to(people[key], decision, sobject)
            if reason:
                decisions[key] = replace(decision, rule=f"{decision.rule}; no {sobject} was made: {reason}")
            else:
                wanted.setdefault(normalised_email(people[key].email) or "", []).append(key)
        if not wanted:
            return decisions
        rows = [self._row(sobject, people[keys[0]], email, decisions[keys[0]]) for email, keys in wanted.items()]
        made: dict[str, str] = {}
        for row, keys, outcome in zip(rows, wanted.values(), self._create(sobject, rows), strict=True):
            for key in keys:
                decisions[key] = _decided(decisions[key], sobject, outcome)
                if outcome.code in _DUPLICATE:
                    made[key] = str(row[MADE_FOR.api_name])
        return self._with_made_before(decisions, made, sobject) if made else decisions

    def _with_made_before(self, decisions: dict[str, Decision], made: Mapping[str, str], sobject: str) -> dict[str, Decision]:
        """Another bridge made the record a moment ago, or its address was changed since it was made: it is who answered."""
        rules = Match(people=(UserIdRule(field=MADE_FOR.api_name),))
        people = {key: Person(user_id=value) for key, value in made.items()}
        directory = look_up(self._org, list(people.values()), rules, self._describes)
        for key, person in people.items():
            found = decide(person, directory, rules)
            if found.status is MatchStatus.MATCHED:
                rule = f"{decisions[key].rule.partition(';')[0]}; the {sobject} that was made for this address"
                decisions[key] = replace(found, rule=rule, account_id=decisions[key].account_id or found.account_id)
        return decisions

    def _reason_not_to(self, person: Person, decision: Decision, sobject: str) -> str | None:
        email = normalised_email(person.email)
        if email is None:
            return "the response carries no e-mail address"
        if len(email) > _LONGEST_EMAIL:
            return f"the address has {len(email)} characters, {_LONGEST_EMAIL} fit"
        if decision.was_deleted:
            return "whoever deleted the record did not want it"
        if sobject == CONTACT and decision.account_id is None:
            return "no Account is known for it by company_id"
        return None

    def _row(self, sobject: str, person: Person, email: str, decision: Decision) -> dict[str, Any]:
        row: dict[str, Any] = {"LastName": (person.last_name or email.partition("@")[0])[:_LONGEST_NAME], "Email": email}
        row[MADE_FOR.api_name] = made_for(email, self._org.identity.org_id)
        if person.first_name:
            row["FirstName"] = person.first_name[:40]
        user_id = next((rule.field for rule in self._rules.people if isinstance(rule, UserIdRule)), None)
        if person.user_id and user_id and _is_writable(self._describes.get(sobject), user_id):
            row[user_id] = person.user_id
        if sobject == LEAD:
            row["Company"] = next(_company_names(person), UNKNOWN_COMPANY)[:_LONGEST_COMPANY]
        else:
            row[f"{ACCOUNT}Id"] = decision.account_id
        return row

    def _create(self, sobject: str, rows: list[dict[str, Any]]) -> list[RowOutcome]:
        if self._dry_run:
            return [RowOutcome(None, True) for _ in rows]
        # Unlike a response, a Lead or Contact must not get past a duplicate rule.
        return self._org.write([Write(Operation.INSERT, sobject, rows, key=MADE_FOR.api_name, allow_duplicates=False)])[0]


def made_for(email: str, org_id: str) -> str:
    """The key under which at most one record is made for an address: 64 hexadecimal digits that tell nobody the address."""
    return hmac.new(org_id[:15].encode(), email.encode(), hashlib.sha256).hexdigest()


def _before_looking_closer(prefer: tuple[TieBreaker, ...]) -> tuple[TieBreaker, ...]:
    """The tie-breakers up to the first that needs more than what the first look-up brings.

    `same_account` prefers those whose own Account it is, which is known; who else is related to it is asked only then.
    """
    known = tuple(takewhile(lambda name: name not in _NEEDS_A_CLOSER_LOOK, prefer))
    return (*known, "same_account") if "same_account" in prefer[len(known) : len(known) + 1] else known


def _decided(decision: Decision, sobject: str, outcome: RowOutcome) -> Decision:
    if not outcome.success:
        why = "a duplicate rule found somebody alike" if outcome.code in _DUPLICATE else f"{outcome.code}: {outcome.message[:_RULE_LENGTH]}"
        return replace(decision, rule=f"{decision.rule}; no {sobject} was made: {why}")
    if outcome.id is None:
        return replace(decision, rule=f"{decision.rule}; a {sobject} would be made")
    return Decision(
        MatchStatus.MATCHED,
        f"{decision.rule}; {sobject} was made",
        contact_id=outcome.id if sobject == CONTACT else None,
        lead_id=outcome.id if sobject == LEAD else None,
        account_id=decision.account_id,
    )


def _company_names(person: Person) -> Iterator[str]:
    for name in _COMPANY_NAMES:
        value = person.attributes.get(name)
        if isinstance(value, str) and value.strip():
            yield value.strip()


def _is_writable(describe: ObjectDescribe | None, name: str) -> bool:
    return describe is not None and describe.has(name) and describe.fields[name].createable
