"""The health of an Account: always current, and it says what it is made of."""

from __future__ import annotations

from datetime import timedelta

from tests.automation.world import World, text_of


def health(world: World, account: str) -> tuple[float | None, str]:
    shown = world.record(account, "NPS_Health_Score__c", "NPS_Health_Status__c")
    return shown["NPS_Health_Score__c"], shown["NPS_Health_Status__c"]


def test_health__nobody_has_answered(world: World, account: str) -> None:
    """Without data there is no number, rather than a bad one."""
    assert health(world, account) == (None, "Insufficient data")


def test_health__falls_and_recovers_with_an_escalation(world: World, account: str, contact: str) -> None:
    """A Case of a colleague costs points within minutes, and gives them back when it is closed; the explanation names it."""
    world.answer(10, contact)
    world.later(minutes=10)
    before, status = health(world, account)
    assert before is not None and status == "Green"

    world.answer(9, contact)
    bob = world.contact(account, FirstName="Bob", Email="bob@acme.example")
    response = world.answer(6, bob, Verbatim__c="cancel")
    world.later(minutes=10)
    during, _ = health(world, account)
    assert during is not None and during < before
    assert "escalation" in world.value(account, "NPS_Health_Explanation__c").lower()

    (case,) = world.cases(response)
    world.update(case["Id"], Status="Closed")
    world.later(minutes=10)
    after, _ = health(world, account)
    assert after is not None and during < after


def test_health__fades_by_itself(world: World, account: str, contact: str) -> None:
    """Nobody does anything: as the last answer grows old the score goes down from day to day, without any run of ours."""
    world.answer(10, contact, Quiet__c=True, Responded_At__c=text_of(world.org.now() - timedelta(days=1)))
    world.recalculate(account)
    world.later(days=95)
    still, _ = health(world, account)
    stamped = world.value(account, "NPS_Recalculated_At__c")

    world.later(days=60)
    old, _ = health(world, account)
    assert world.value(account, "NPS_Recalculated_At__c") == stamped
    assert still is not None and old is not None and old < still
