"""Promoters: a thank-you with exactly one invitation within two days, or the reason why there is none."""

from __future__ import annotations

from datetime import timedelta

from tests.automation.world import World, text_of


def advocacy(world: World, response: str) -> list[str | None]:
    return list(world.record(response, "Advocacy_Status__c", "Advocacy_Ask__c", "Advocacy_Reason__c").values())


def test_promoter__one_invitation_by_rule(world: World, contact: str) -> None:
    """Some minutes later the thank-you leaves, with the invitation for the Account's tier, once."""
    other = world.contact(world.account("Small"), Email="s@small.example", FirstName="Sam")
    response, of_other = world.answer(9, contact), world.answer(10, other)
    assert world.emails() == []

    world.later(days=3)
    (email,) = world.emails("ada@acme.example")
    assert "https://g2.example/nps" in email["body"]
    assert "appexchange" not in email["body"].lower()
    assert email["body"].startswith("Hello Ada,")
    assert "9 out of 10" in email["body"]
    assert advocacy(world, response) == ["Invited", "g2_review", None]
    assert world.value(response, "Advocacy_Invited_At__c") is not None
    (email,) = world.emails("s@small.example")
    assert "https://appexchange.example/nps" in email["body"]
    assert advocacy(world, of_other) == ["Invited", "appexchange_review", None]


def test_open_detractor__waits_then_invites(world: World, account: str, contact: str) -> None:
    """While a colleague waits for help it waits; when the task is closed in time, the thank-you leaves."""
    bob = world.contact(account, FirstName="Bob", Email="bob@acme.example")
    detractor, promoter = world.answer(3, bob), world.answer(9, contact)

    world.later(hours=1)
    assert advocacy(world, promoter) == ["Waiting", None, "A follow-up or an escalation of the company is still open"]

    world.update(world.task(detractor)["Id"], Status="Completed")
    world.later(days=2)
    assert advocacy(world, promoter)[0] == "Invited"
    assert len(world.emails("ada@acme.example")) == 1


def test_open_escalation__skipped_in_the_end(world: World, account: str, contact: str) -> None:
    """The Case stays open beyond the time: skipped, with what it waited for, never in silence."""
    bob = world.contact(account, FirstName="Bob", Email="bob@acme.example")
    world.answer(6, bob, Verbatim__c="cancel")
    promoter = world.answer(9, contact)

    world.later(days=4)
    assert advocacy(world, promoter) == ["Skipped", None, "A follow-up or an escalation of the company is still open"]
    assert world.emails("ada@acme.example") == []


def test_suppressed__with_the_reason(world: World, account: str) -> None:
    """Who must not be written to is skipped at once."""
    contact = world.contact(account, HasOptedOutOfEmail=True)
    response = world.answer(9, contact)

    world.later(hours=1)
    assert advocacy(world, response) == ["Skipped", None, "The person has opted out of e-mail"]


def test_came_late__skipped(world: World, contact: str) -> None:
    """An answer that reaches the org after the time is thanked no more."""
    response = world.answer(9, contact, Responded_At__c=text_of(world.org.now() - timedelta(days=3)))

    world.later(hours=1)
    assert advocacy(world, response) == ["Skipped", None, "Too late when it came"]


def test_parked__waits_for_the_match(world: World, account: str, contact: str) -> None:
    """Nobody is matched: it waits, and is sent half-way when somebody is; else it is skipped."""
    matched, never = world.answer(9, None), world.answer(9, None)
    world.later(hours=1)
    assert advocacy(world, matched) == ["Waiting", None, "Nobody is matched yet"]

    world.update(matched, Contact__c=contact, Account__c=account, Match_Status__c="Resolved")
    world.later(days=3)
    assert advocacy(world, matched)[0] == "Invited"
    assert advocacy(world, never) == ["Skipped", None, "Nobody is matched yet"]


def test_no_promoter_any_more__nothing(world: World, contact: str) -> None:
    """Revised before the thank-you left: the pending thank-you goes."""
    response = world.answer(9, contact)
    world.revise(response, Score__c=6)

    world.later(days=3)
    assert advocacy(world, response) == [None, None, None]
    assert [email["subject"] for email in world.emails()] == ["Thank you for your answer"]


def test_became_promoter__thanked(world: World, contact: str) -> None:
    """Revised to a promoter's within the time: thanked."""
    response = world.answer(8, contact)
    world.later(hours=2)
    world.revise(response, Score__c=9)

    world.later(days=3)
    assert advocacy(world, response)[0] == "Invited"


def test_quiet__nothing(world: World, contact: str) -> None:
    """A backfilled promoter is history."""
    response = world.answer(10, contact, Quiet__c=True)
    world.later(days=3)

    assert advocacy(world, response) == [None, None, None]
    assert world.emails() == []


def test_switched_off__the_sweep_goes_on(world: World, contact: str) -> None:
    """With the switch off the thank-you waits; after it is on again the sweep sends it, within the time."""
    response = world.answer(9, contact)
    world.switch_off(True)
    world.later(hours=1)
    assert advocacy(world, response) == ["Waiting", None, "Automation is switched off"]

    world.switch_off(False)
    world.until_the_sweep()
    assert advocacy(world, response)[0] == "Invited"
