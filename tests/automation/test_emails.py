"""E-mails to customers: in their language, from somebody they know, once, and never against their wish."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.automation.conftest import SENDER
from tests.automation.test_renewals import renewal, state
from tests.automation.world import World
from tooling.spec.message import MOST_WORDS


def status(world: World, response: str) -> list[str | None]:
    return list(world.record(response, "Acknowledgement_Status__c", "Acknowledgement_Reason__c").values())


def test_acknowledgement__from_the_manager(world: World, contact: str) -> None:
    """A detractor is written to at once, with one question, signed by the manager; the sender is the spec's, as the manager's own address
    is not verified."""
    response = world.answer(3, contact)

    (email,) = world.emails()
    assert (email["to"], email["sender_type"], email["sender_address"]) == (["ada@acme.example"], "OrgWideEmailAddress", SENDER)
    assert email["subject"] == "Thank you for your answer"
    assert email["body"] == "Hello Ada,\n\nthank you for your 3. What could we have done better?\n\nMaria"
    assert status(world, response) == ["Sent", None]
    assert world.value(response, "Acknowledged_At__c") is not None


def test_acknowledgement__from_the_managers_own_address(world: World, contact: str) -> None:
    """A manager whose address is a verified organisation-wide one writes from it."""
    world.sender("maria@acme.example", DisplayName="Maria")
    world.answer(3, contact)

    assert world.emails()[0]["sender_address"] == "maria@acme.example"


@pytest.mark.parametrize("how", ["unverified", "not for everybody"])
def test_acknowledgement__not_from_an_address_that_may_not_send(world: World, contact: str, how: str) -> None:
    """The manager's address is known to the org, but may not send: the spec's sender stands."""
    if how == "unverified":
        world.add("OrgWideEmailAddress", Address="maria@acme.example", DisplayName="Maria", IsAllowAllProfiles=True)
    else:
        world.sender("maria@acme.example", IsAllowAllProfiles=False)
    response = world.answer(3, contact)

    assert [email["sender_address"] for email in world.emails()] == [SENDER]
    assert status(world, response) == ["Sent", None]


@pytest.mark.parametrize(
    ("language", "subject"),
    [
        ("de", "Danke für Ihre Antwort"),
        ("de-AT", "Danke für Ihre Antwort"),
        ("DE_ch", "Danke für Ihre Antwort"),
        ("fr", "Thank you for your answer"),
    ],
)
def test_acknowledgement__in_their_language(world: World, contact: str, language: str, subject: str) -> None:
    """The language of the answer, or the one it is a form of, else the fallback."""
    world.answer(3, contact, Language__c=language)

    assert world.emails()[0]["subject"] == subject


def test_acknowledgement__without_names(world: World) -> None:
    """Nothing is known but the address: no sentence is broken."""
    nameless = world.contact(None, FirstName=None)
    world.answer(3, nameless)

    assert world.emails()[0]["body"].startswith("Hello there,")
    assert world.emails()[0]["body"].endswith("Desk")


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        ({"HasOptedOutOfEmail": True}, "The person has opted out of e-mail"),
        ({"EmailBouncedDate": "2026-01-01T00:00:00.000Z", "EmailBouncedReason": "unknown"}, "The person's address bounced"),
        ({"NPS_Opted_Out__c": True}, "The person does not want to be surveyed"),
        ({"Email": None}, "The person has no e-mail address"),
    ],
    ids=["opted out", "bounced", "no surveys", "no address"],
)
def test_acknowledgement__suppressed(world: World, account: str, person: dict[str, object], reason: str) -> None:
    """Who must not be written to is not, with the reason on the response; the task is made all the same."""
    contact = world.contact(account, **person)
    response = world.answer(3, contact)
    world.revise(response, Verbatim__c="Still there?")

    assert world.emails() == []
    assert status(world, response) == ["Suppressed", reason]
    assert len(world.tasks(response)) == 1
    assert world.value(response, "Automation_Status__c") == "Done"


Send = Callable[[World, str, str, str], list[str | None]]
"""Makes the moment of an e-mail to the Contact of an Account, in a language; answers with status and reason."""


def acknowledged(world: World, account: str, contact: str, language: str) -> list[str | None]:
    return status(world, world.answer(3, contact, Language__c=language))


def thanked(world: World, account: str, contact: str, language: str) -> list[str | None]:
    response = world.answer(9, contact, Language__c=language)
    world.later(hours=1)
    return list(world.record(response, "Advocacy_Status__c", "Advocacy_Reason__c").values())


def renewed_after(score: int) -> Send:
    def renewed(world: World, account: str, contact: str, language: str) -> list[str | None]:
        world.answer(score, contact, Quiet__c=True, Language__c=language)
        world.recalculate(account)
        opportunity = renewal(world, account, 61, contact)
        world.later(days=3)
        return state(world, opportunity)

    return renewed


EVERY = {"acknowledgement": acknowledged, "thank-you": thanked}
EVERY |= {f"renewal of a {name}": renewed_after(score) for name, score in (("promoter", 9), ("passive", 8), ("detractor", 3))}
EVERY_EMAIL = pytest.mark.parametrize("send", EVERY.values(), ids=EVERY.keys())


@EVERY_EMAIL
@pytest.mark.parametrize("named", [True, False], ids=["named", "nameless"])
@pytest.mark.parametrize("language", ["en", "de"])
def test_every_email__complete_and_short(world: World, account: str, contact: str, send: Send, named: bool, language: str) -> None:
    """Every merge field is filled in, with or without a name, in every language; fewer than eighty words reach the reader."""
    if not named:
        world.update(contact, FirstName=None)
        world.update(account, NPS_Success_Manager__c=None)
    send(world, account, contact, language)

    (email,) = world.emails("ada@acme.example")
    for text in (email["subject"], email["body"]):
        assert text.strip()
        assert not re.search(r"[{}]|null|None|  |(?<!\w)[,.!]", text), text
    assert len(email["body"].split()) < MOST_WORDS
    hello, otherwise = ("Hello", "there") if language == "en" else ("Guten Tag", "zusammen")
    assert email["body"].startswith(f"{hello} {'Ada' if named else otherwise},")
    assert email["sender_address"] == SENDER


@EVERY_EMAIL
@pytest.mark.parametrize(
    ("person", "reason"),
    [
        ({"HasOptedOutOfEmail": True}, "The person has opted out of e-mail"),
        ({"EmailBouncedDate": "2026-01-01T00:00:00.000Z", "EmailBouncedReason": "unknown"}, "The person's address bounced"),
        ({}, "This org is a sandbox: no e-mail goes to customers"),
    ],
    ids=["opted out", "bounced", "sandbox"],
)
def test_every_email__suppressed(world: World, account: str, contact: str, send: Send, person: dict[str, object], reason: str) -> None:
    """None goes to whom must not be written to, nor out of a sandbox; the reason stands on the record."""
    if person:
        world.update(contact, **person)
    else:
        world.is_sandbox()

    assert send(world, account, contact, "en")[1] == reason
    assert world.emails() == []


def test_sandbox__nothing_goes_out(world: World, contact: str) -> None:
    """In a sandbox customers get nothing."""
    world.is_sandbox()
    response = world.answer(3, contact)

    assert world.emails() == []
    assert status(world, response) == ["Suppressed", "This org is a sandbox: no e-mail goes to customers"]


def test_acknowledgement__only_once(world: World, contact: str) -> None:
    """Revisions and retries send nothing more."""
    response = world.answer(3, contact)
    world.revise(response, Score__c=1)
    world.retry(response)

    assert len(world.emails()) == 1


def test_address_changed__the_new_one(world: World, contact: str) -> None:
    """The person's address is the Contact's, as it is now."""
    world.update(contact, Email="ada@new.example")
    world.answer(3, contact)

    assert world.emails()[0]["to"] == ["ada@new.example"]
