"""Opportunities: the renewal e-mail by segment, and what the company's answer was when it decided."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.automation.world import World, text_of
from tooling.spec import Spec


def renewal(world: World, account: str, days: int, contact: str | None = None, **values: object) -> str:
    """A renewal that closes in so many days, with a primary contact role if there is a Contact."""
    closes = (world.org.now() + timedelta(days=days)).date().isoformat()
    base = {"Name": "Renewal 2026", "AccountId": account, "StageName": "Prospecting", "Type": "Renewal", "CloseDate": closes}
    opportunity = world.add("Opportunity", **{**base, **values})
    if contact:
        world.add("OpportunityContactRole", OpportunityId=opportunity, ContactId=contact, IsPrimary=True)
    return opportunity


def state(world: World, opportunity: str) -> list[str | None]:
    return list(world.record(opportunity, "NPS_Renewal_Email_Status__c", "NPS_Renewal_Email_Reason__c").values())


@pytest.mark.parametrize(("score", "subject"), [(10, "Your renewal, and what comes next"), (8, "Your renewal: let us check in")])
def test_renewal__by_segment_on_its_day(world: World, account: str, contact: str, score: int, subject: str) -> None:
    """Sixty days before it closes the primary contact gets the e-mail for the Account's segment, once."""
    world.answer(score, contact, Quiet__c=True)
    world.recalculate(account)
    opportunity = renewal(world, account, 70, contact)

    world.later(days=9)
    assert world.emails() == []
    world.later(days=30)
    (email,) = world.emails("ada@acme.example")
    assert email["subject"] == subject
    assert email["body"].startswith("Hello Ada,")
    assert email["body"].endswith("Maria")
    assert state(world, opportunity) == ["Sent", None]


def test_detractor__after_the_follow_up(world: World, account: str, contact: str) -> None:
    """While the follow-up is open it waits; when the sequence has run, the e-mail for detractors leaves."""
    response = world.answer(3, contact)
    world.recalculate(account)
    opportunity = renewal(world, account, 61, contact)
    world.later(days=3)
    assert state(world, opportunity) == ["Waiting", "A follow-up or an escalation of the Account is still open"]

    world.update(world.task(response)["Id"], Status="Completed")
    world.later(days=2)
    assert state(world, opportunity) == ["Sent", None]
    assert world.emails()[-1]["subject"] == "Before your renewal"


def test_detractor__skipped_on_the_last_day(world: World, account: str, contact: str) -> None:
    """The follow-up was never closed: skipped fourteen days before, with the reason."""
    world.answer(3, contact)
    world.recalculate(account)
    opportunity = renewal(world, account, 61, contact)

    world.later(days=50)
    assert state(world, opportunity) == ["Skipped", "A follow-up or an escalation of the Account is still open"]
    assert [email["subject"] for email in world.emails()] == ["Thank you for your answer"]


def test_whom__role_then_contact_then_nobody(world: World, account: str, contact: str) -> None:
    """The primary contact role, else the Opportunity's Contact, else it is skipped."""
    world.answer(10, contact, Quiet__c=True)
    world.recalculate(account)
    with_contact = renewal(world, account, 30, None, ContactId=contact)
    with_nobody = renewal(world, account, 30)
    other = renewal(world, account, 30, contact, Type="New Business")

    world.later(days=2)
    assert state(world, with_contact) == ["Sent", None]
    assert state(world, with_nobody) == ["Skipped", "There is neither a primary contact role nor a Contact"]
    assert state(world, other) == [None, None]


def test_late_opportunity__the_sweep_finds_it(world: World, account: str, contact: str) -> None:
    """Made when its day had passed: sent; made when it was too late: skipped."""
    world.answer(10, contact, Quiet__c=True)
    world.recalculate(account)
    late, too_late = renewal(world, account, 40, contact), renewal(world, account, 5, contact)

    world.later(days=2)
    assert state(world, late) == ["Sent", None]
    assert state(world, too_late) == ["Skipped", "Too late when it came"]


def test_nobody_answered__waits(world: World, account: str, contact: str) -> None:
    """Without any answer there is no segment to write for: it waits, then it is skipped."""
    opportunity = renewal(world, account, 30, contact)
    world.later(days=2)
    assert state(world, opportunity)[0] == "Waiting"

    world.later(days=20)
    assert state(world, opportunity) == ["Skipped", "The Account has no NPS segment: nobody has answered yet"]


def closing(world: World, account: str | None, stage: str = "Closed Won") -> list[object]:
    opportunity = renewal(world, account or "", 0, AccountId=account)
    world.update(opportunity, StageName=stage)
    return list(world.record(opportunity, "NPS_Segment_At_Decision__c", "NPS_Age_Days_At_Decision__c").values())


def test_decision__the_last_answer_that_counts(world: World, account: str, contact: str) -> None:
    """The last answer of the Account between 180 and 7 days before the close date; one from the week of the decision says nothing, nor does
    one of long ago."""
    now = world.org.now()
    for days, score in ((200, 10), (100, 8), (20, 3), (3, 10)):
        world.answer(score, contact, Quiet__c=True, Responded_At__c=text_of(now - timedelta(days=days)))

    assert closing(world, account) == ["Detractor", 20]


def test_decision__nothing_leaks_in_later(world: World, account: str, contact: str) -> None:
    """What is answered or edited after the decision changes nothing; opening again takes the stamp back."""
    opportunity = renewal(world, account, 0)
    world.update(opportunity, StageName="Closed Lost")
    assert world.value(opportunity, "NPS_Segment_At_Decision__c") == "No response"

    world.answer(9, contact, Quiet__c=True, Responded_At__c=text_of(world.org.now() - timedelta(days=30)))
    world.update(opportunity, Description="Lost to nobody")
    assert world.value(opportunity, "NPS_Segment_At_Decision__c") == "No response"

    world.update(opportunity, StageName="Prospecting")
    assert world.value(opportunity, "NPS_Segment_At_Decision__c") is None
    world.update(opportunity, StageName="Closed Won")
    assert world.record(opportunity, "NPS_Segment_At_Decision__c", "NPS_Age_Days_At_Decision__c") == {
        "NPS_Segment_At_Decision__c": "Promoter",
        "NPS_Age_Days_At_Decision__c": 30,
    }


def test_decision__without_an_account(world: World) -> None:
    """An Opportunity without an Account can be closed too."""
    assert closing(world, None) == ["No response", None]


def test_opportunity__shows_the_account(world: World, account: str, contact: str) -> None:
    """An open Opportunity shows segment, average, health and guidance of its Account as they are now."""
    opportunity = renewal(world, account, 90)
    world.answer(3, contact)
    world.recalculate(account)

    shown = world.record(opportunity, "NPS_Segment__c", "NPS_Average_Score__c", "NPS_Guidance__c")
    assert (shown["NPS_Segment__c"], shown["NPS_Average_Score__c"]) == ("Detractor", 3)
    assert shown["NPS_Guidance__c"].startswith("Support first")


@pytest.mark.parametrize(
    ("score", "segment", "said"), [(10, "Promoter", "expand"), (8, "Passive", "check_in"), (3, "Detractor", "support_first")]
)
def test_opportunity__guidance_follows_the_segment(
    world: World, account: str, contact: str, spec: Spec, score: int, segment: str, said: str
) -> None:
    """Expand, check in, or support first: an open Opportunity says so as soon as its Account's segment does, and nothing before."""
    opportunity = renewal(world, account, 90)
    assert world.value(opportunity, "NPS_Guidance__c") is None

    world.answer(score, contact)
    world.recalculate(account)
    assert world.value(opportunity, "NPS_Segment__c") == segment
    assert world.value(opportunity, "NPS_Guidance__c") == getattr(spec.guidance, said)
    assert world.value(opportunity, "NPS_Health_Score__c") == world.value(account, "NPS_Health_Score__c")


def test_opportunity__guidance_changes_with_the_follow_up(world: World, account: str, contact: str) -> None:
    """Support first while the unhappy colleague waits; once the task is closed and others are content, it is another text, unasked."""
    opportunity = renewal(world, account, 90)
    people = [world.contact(account, FirstName=name, Email=f"{name}@acme.example") for name in ("bob", "carl", "dora")]
    response = world.answer(3, contact)
    for person in people:
        world.answer(10, person)
    world.later(minutes=10)
    assert world.value(opportunity, "NPS_Guidance__c").startswith("Support first")

    world.update(world.task(response)["Id"], Status="Completed")
    world.later(minutes=10)
    assert world.value(opportunity, "NPS_Guidance__c").startswith("Expand")
