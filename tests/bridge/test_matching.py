"""Whose response it is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tooling.bridge.matching import CONTACT, LEAD, Candidate, Directory, MatchStatus, decide, normalised_email, sought
from tooling.nps.response import Person
from tooling.spec.model import EmailRule, Match

RULES = Match()
ANNA = Candidate(CONTACT, "003A", "001A", name="Anna")
TWIN = Candidate(CONTACT, "003B", "001B", name="Anna Two")
LEAD_ANNA = Candidate(LEAD, "00QA", name="Anna")
PERSON = Person(email="Anna@Example.com", user_id="u1")


def directory(*found: tuple[str, str, Candidate], accounts: tuple[tuple[str, str], ...] = ()) -> Directory:
    result = Directory()
    for field, value, candidate in found:
        result.add_person(field, value, candidate)
    for value, account in accounts:
        result.add_account(value, account)
    return result


def test_decide__by_email() -> None:
    """An e-mail address matches whatever its case; the Account is the Contact's."""
    found = decide(PERSON, directory(("Email", "anna@example.com", ANNA)), RULES)
    assert (found.status, found.rule, found.contact_id, found.lead_id, found.account_id) == (
        MatchStatus.MATCHED,
        "email",
        "003A",
        None,
        "001A",
    )


def test_decide__first_rule_wins() -> None:
    """The user id is asked first; what the e-mail address would say does not matter then."""
    found = decide(PERSON, directory(("NPS_User_Id__c", "u1", ANNA), ("Email", "anna@example.com", TWIN)), RULES)
    assert (found.contact_id, found.rule) == ("003A", "user_id")


def test_decide__later_rule_narrows() -> None:
    """Two with one user id: the e-mail address decides between them."""
    people = directory(("NPS_User_Id__c", "u1", ANNA), ("NPS_User_Id__c", "u1", TWIN), ("Email", "anna@example.com", TWIN))
    found = decide(PERSON, people, RULES)
    assert (found.contact_id, found.rule) == ("003B", "user_id, then email")


def test_decide__rules_contradict() -> None:
    """Two with one user id, and a third with the e-mail address: nobody is guessed."""
    other = Candidate(CONTACT, "003C")
    people = directory(("NPS_User_Id__c", "u1", ANNA), ("NPS_User_Id__c", "u1", TWIN), ("Email", "anna@example.com", other))
    found = decide(PERSON, people, RULES)
    assert found.status is MatchStatus.AMBIGUOUS
    assert [candidate.id for candidate in found.candidates] == ["003A", "003B"]


def test_decide__contact_over_lead() -> None:
    """A Contact and a Lead with one address: the Contact wins, and the rule says why."""
    found = decide(PERSON, directory(("Email", "anna@example.com", ANNA), ("Email", "anna@example.com", LEAD_ANNA)), RULES)
    assert (found.contact_id, found.lead_id, found.rule) == ("003A", None, "email, contact_over_lead")


def test_decide__lead_alone() -> None:
    """A Lead alone is matched."""
    found = decide(PERSON, directory(("Email", "anna@example.com", LEAD_ANNA)), RULES)
    assert (found.contact_id, found.lead_id, found.account_id) == (None, "00QA", None)


def test_decide__converted_lead_and_its_contact() -> None:
    """A converted Lead is its Contact: both found are one person, with both ids."""
    converted = Candidate(CONTACT, "003A", "001A", lead_id="00QA")
    for order in ((ANNA, converted), (converted, ANNA)):
        found = decide(PERSON, directory(*(("Email", "anna@example.com", one) for one in order)), RULES)
        assert (found.status, found.contact_id, found.lead_id) == (MatchStatus.MATCHED, "003A", "00QA")


def test_decide__two_contacts() -> None:
    """Two Contacts with one address: ambiguous, both are named."""
    found = decide(PERSON, directory(("Email", "anna@example.com", TWIN), ("Email", "anna@example.com", ANNA)), RULES)
    assert (found.status, found.contact_id, found.rule) == (MatchStatus.AMBIGUOUS, None, "2 found by email")
    assert [str(candidate) for candidate in found.candidates] == ["Contact 003A (Anna)", "Contact 003B (Anna Two)"]


def test_decide__nobody() -> None:
    """Nobody is found, or there is nothing to look for: unmatched, and the reason says which."""
    assert decide(PERSON, Directory(), RULES).rule == "nobody found by user_id, email"
    assert decide(Person(email="not an address"), Directory(), RULES).rule == "the response carries nothing to match by"


def test_decide__several_email_fields() -> None:
    """Any of the named fields may hold the address."""
    rules = Match(people=(EmailRule(fields=("Email", "Secondary_Email__c")),))
    found = decide(PERSON, directory(("Secondary_Email__c", "anna@example.com", ANNA)), rules)
    assert found.contact_id == "003A"


@pytest.mark.parametrize(
    ("accounts", "expected"), [((("acme", "001X"),), "001X"), ((("acme", "001X"), ("acme", "001Y")), "001A"), ((), "001A")]
)
def test_decide__company(accounts: tuple[tuple[str, str], ...], expected: str) -> None:
    """The company id names the Account when exactly one has it; else the Contact's own Account counts."""
    people = directory(("Email", "anna@example.com", ANNA), accounts=accounts)
    assert decide(Person(email="anna@example.com", company_id="ACME"), people, RULES).account_id == expected


def test_decide__company_of_nobody() -> None:
    """A response whose person is unknown still counts for its company."""
    found = decide(Person(email="x@y.z", company_id="acme"), directory(accounts=(("acme", "001X"),)), RULES)
    assert (found.status, found.account_id) == (MatchStatus.UNMATCHED, "001X")


def test_decide__most_recent_activity() -> None:
    """The one somebody was last in touch with; on the same day, or without any contact, nobody is preferred."""
    rules = Match(prefer=("most_recent_activity",))
    days = [("2026-01-01", "2026-02-01"), ("2026-02-01", "2026-02-01"), ("", "")]
    entries = [[("Email", "anna@example.com", replace(one, last_activity=day)) for one, day in ((ANNA, a), (TWIN, b))] for a, b in days]
    found = [decide(PERSON, directory(*both), rules).contact_id for both in entries]
    assert found == ["003B", None, None]


def test_sought() -> None:
    """Each value is looked up once, whatever its case."""
    people = [Person(email="A@b.c", user_id=" u1 "), Person(email="a@b.C"), Person(email=None, user_id="u1")]
    assert sought(people, RULES) == {("NPS_User_Id__c",): ["u1"], ("Email",): ["a@b.c"]}


@given(st.lists(st.sampled_from([ANNA, TWIN, LEAD_ANNA]), max_size=4), st.lists(st.sampled_from([ANNA, TWIN, LEAD_ANNA]), max_size=4))
def test_decide__never_guesses(by_user_id: list[Candidate], by_email: list[Candidate]) -> None:
    """A match is always one of those found, and the order in which they were found does not matter."""
    entries = [*(("NPS_User_Id__c", "u1", one) for one in by_user_id), *(("Email", "anna@example.com", one) for one in by_email)]
    found = decide(PERSON, directory(*entries), RULES)
    assert found == decide(PERSON, directory(*reversed(entries)), RULES)
    ids = {candidate.id for candidate in (*by_user_id, *by_email)}
    assert (found.status is MatchStatus.UNMATCHED) == (not ids)
    if found.status is MatchStatus.MATCHED:
        assert (found.contact_id or found.lead_id) in ids


@pytest.mark.parametrize(("text", "expected"), [(" A@B.c ", "a@b.c"), ("", None), (None, None), ("nobody", None)])
def test_normalised_email(text: str | None, expected: str | None) -> None:
    """Trimmed and without case; what is no address is nothing."""
    assert normalised_email(text) == expected
