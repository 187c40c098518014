"""Roll-ups are right: equal to a recomputation in Python, whatever came in whatever way, and no limit is breached."""

from __future__ import annotations

import os
import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tests.automation.recomputed import recomputed, stored
from tests.automation.world import World, text_of
from tooling.bridge.rollups import RESPONSES_PER_TRANSACTION
from tooling.spec import Spec

NIGHT = os.environ.get("NPS_NIGHT", "40x30")
"""Accounts and answers of each in the night that concerns them all; a customer's size is 200x300, which takes some minutes."""
DAY = 24 * 60


def answers(
    world: World, contacts: list[str], account: str, count: int, *, days: int = 900, seed: int = 7, **values: Any
) -> list[dict[str, Any]]:
    """Answers of an Account's people, spread over some days, no two at one moment."""
    return answers_at(world, contacts, account, random.Random(seed).sample(range(1, days * DAY), count), seed=seed, **values)


def answers_at(
    world: World, contacts: list[str], account: str, moments: list[int], *, seed: int = 7, **values: Any
) -> list[dict[str, Any]]:
    """An answer for each of these moments, in minutes before now."""
    chance = random.Random(seed)
    return [
        world.answer_values(
            chance.randint(0, 10), None, Contact__c=chance.choice(contacts), Account__c=account, Match_Status__c="Matched",
            Responded_At__c=text_of(world.org.now() - timedelta(minutes=minutes)), **values,
        )
        for minutes in moments
    ]  # fmt: skip


def people(world: World, account: str, count: int) -> list[str]:
    return world.insert("Contact", *({"LastName": f"P{n}", "AccountId": account, "Email": f"p{n}@acme.example"} for n in range(count)))


def test_one_request__two_hundred_answers_of_one_account(world: World, account: str, spec: Spec) -> None:
    """200 answers of one Account in one request, then the bridge's flags: equal, and no limit breached by the automation they start."""
    contacts = people(world, account, 20)
    world.insert("Survey_Response__c", *answers(world, contacts, account, 200, days=13))
    world.run()
    world.recalculate(account, *contacts)

    for parent in (account, *contacts):
        assert stored(world, parent) == recomputed(world, parent, spec)
    world.later(minutes=15)
    assert stored(world, account) == recomputed(world, account, spec)
    world.limits_are_kept()
    assert {row["Automation_Status__c"] for row in world.rows("SELECT Automation_Status__c FROM Survey_Response__c")} == {"Done"}


def test_ten_requests__two_thousand_answers_of_one_account(world: World, account: str, spec: Spec) -> None:
    """2,000 answers of one Account in ten requests, backfilled: equal after the flags."""
    contacts = people(world, account, 50)
    given = answers(world, contacts, account, 2000, Quiet__c=True)
    for first in range(0, 2000, 200):
        world.insert("Survey_Response__c", *given[first : first + 200])
    world.recalculate(account, *contacts)

    for parent in (account, *contacts):
        assert stored(world, parent) == recomputed(world, parent, spec)
    world.limits_are_kept()


def test_thirty_edits__of_one_answer(world: World, account: str, contact: str, spec: Spec) -> None:
    """30 edits of one answer: 30 revisions, one task, one Case, one acknowledgement, and the numbers of the last wording."""
    chance = random.Random(3)
    response = world.answer(5, contact, Verbatim__c="cancel")
    for _ in range(30):
        world.revise(response, Score__c=chance.randint(0, 6), Verbatim__c=f"cancel {chance.random()}")
    world.later(minutes=10)

    assert world.value(response, "Revision__c") == 31
    assert (len(world.tasks(response)), len(world.tasks(response, "Timeline")), len(world.cases(response)), len(world.emails())) == (
        1,
        1,
        1,
        1,
    )
    for parent in (account, contact):
        assert stored(world, parent) == recomputed(world, parent, spec)
    world.limits_are_kept()


def test_nobody_asks__the_flows_do(world: World, account: str, spec: Spec) -> None:
    """Answers that come without the bridge, from twelve people of one Account: minutes later all is right, within the limits."""
    contacts = people(world, account, 12)
    world.insert("Survey_Response__c", *answers(world, contacts, account, 60, days=13))
    world.run()
    world.later(minutes=20)

    for parent in (account, *contacts):
        assert stored(world, parent) == recomputed(world, parent, spec)
    world.limits_are_kept()


def test_night__what_time_alone_changes(world: World, spec: Spec) -> None:
    """24 Accounts with 20 answers each: months later, without any new answer, each night's run keeps all of them right."""
    accounts = world.insert("Account", *({"Name": f"Company {n}"} for n in range(24)))
    for n, account in enumerate(accounts):
        contacts = people(world, account, 3)
        world.insert("Survey_Response__c", *answers(world, contacts, account, 20, days=300, seed=n, Quiet__c=True))
    world.recalculate(*accounts)
    before = [stored(world, account) for account in accounts]

    world.later(days=120)
    after = [stored(world, account) for account in accounts]
    assert sum(one != other for one, other in zip(before, after, strict=True)) > 20
    # What left a window yesterday or before is out; what leaves it today is out tomorrow.
    midnight = world.org.now().replace(hour=0, minute=0, second=0, microsecond=0)
    assert after == [recomputed(world, account, spec, not_before=midnight) for account in accounts]
    assert world.rows("SELECT Id FROM Account WHERE NPS_Recalculation_Requested_At__c != null") == []
    world.limits_are_kept()


def test_night__of_all_accounts(world: World, spec: Spec) -> None:
    """Six months after a survey that every Account answered, one night's run recalculates all of them at once: each is right in the
    morning, and no transaction of the night comes near a limit."""
    count, each = (int(number) for number in NIGHT.split("x"))
    world.org.settings = replace(world.org.settings, trace=False)
    accounts = world.insert_all("Account", ({"Name": f"Company {n}"} for n in range(count)))
    half = int(spec.rollup.window / timedelta(minutes=2))
    survey = half - 20 * 60
    # No other answer changes halves before that of the survey does, or an earlier night would have recalculated for both.
    others = [*range(1, survey), *range(half, 800 * DAY)]
    for n, account in enumerate(accounts):
        contacts = people(world, account, 10)
        moments = [survey, *random.Random(n).sample(others, each - 1)]
        world.insert_all("Survey_Response__c", answers_at(world, contacts, account, moments, seed=n, Quiet__c=True))
    chunk = max(RESPONSES_PER_TRANSACTION // each, 1)
    for first in range(0, count, chunk):
        world.recalculate(*accounts[first : first + chunk])
    world.later(hours=30)
    asleep = {row["Id"]: row["NPS_Recalculated_At__c"] for row in world.rows("SELECT Id, NPS_Recalculated_At__c FROM Account")}
    world.limits_are_kept()
    world.org.snapshot("evening")
    world.org.restore("evening")

    world.later(hours=12)
    world.limits_are_kept()
    night = world.org.usage()["transactions"]["asynchronous"]
    print(f"\n{NIGHT}, the night: {night['count']} transactions; {used(night['total'])}")
    print(f"  most in one: {used(night['highest'])}")
    print(f"  limits:      {used(night['limits'])}")
    assert all(night["highest"][name] <= most / 2 for name, most in night["limits"].items())
    assert all(world.value(account, "NPS_Recalculated_At__c") != asleep[account] for account in accounts)
    midnight = world.org.now().replace(hour=0, minute=0, second=0, microsecond=0)
    for account in accounts:
        assert stored(world, account) == recomputed(world, account, spec, not_before=midnight)


def used(counts: dict[str, float]) -> str:
    return ", ".join(f"{name} {value:,.0f}" for name, value in counts.items())


def test_night__a_refused_recalculation_is_asked_for_again(world: World, account: str, contact: str, spec: Spec) -> None:
    """A customer's rule refuses the change of an Account: an admin sees it, nobody's save fails, and once the rule is gone the night
    makes it right."""
    world.answer(9, contact, Quiet__c=True)
    world.recalculate(account)
    world.rule("Account", "ISCHANGED(NPS_Recalculated_At__c)")
    world.later(days=190)
    assert "RECALCULATION_REFUSED" in {letter["Error_Code__c"] for letter in world.dead_letters()}
    assert world.value(account, "NPS_Average_Score__c") == 9

    world.no_rule("Account")
    world.later(days=3)
    assert stored(world, account) == recomputed(world, account, spec)
    assert world.value(account, "NPS_Average_Score__c") is None


def test_removal__leaves_the_roll_ups(world: World, account: str, contact: str, spec: Spec) -> None:
    """A response that was removed at its source counts no more."""
    world.answer(9, contact)
    world.later(hours=1)
    gone = world.answer(1, contact)
    world.update(gone, Removed_At_Source__c=text_of(world.org.now()))
    world.recalculate(account, contact)

    for parent in (account, contact):
        assert stored(world, parent) == recomputed(world, parent, spec)
    assert world.value(contact, "NPS_Score__c") == 9


def test_lead__latest_and_previous(world: World) -> None:
    """A Lead shows its latest answer and the score before it; a dismissal in between is recorded and is no answer."""
    lead = world.add("Lead", LastName="Ng", Company="Firm", Email="lee@firm.example")
    world.answer(6, None, Lead__c=lead, Verbatim__c="So so")
    world.later(hours=1)
    dismissed = world.answer(None, None, Lead__c=lead, Outcome__c="Dismissed")
    world.later(hours=1)
    world.answer(9, None, Lead__c=lead, Verbatim__c="Much better")
    world.recalculate(lead)

    shown = world.record(lead, "NPS_Score__c", "NPS_Category__c", "NPS_Verbatim__c", "NPS_Previous_Score__c", "NPS_Average_Score__c",
                         "NPS_Response_Count__c", "NPS_Trend__c")  # fmt: skip
    assert list(shown.values()) == [9, "Promoter", "Much better", 6, 7.5, 2, "Improving"]
    assert world.record(dismissed, "Outcome__c", "Score__c", "Category__c") == {
        "Outcome__c": "Dismissed", "Score__c": None, "Category__c": None,
    }  # fmt: skip


def test_dismissed_and_partial__what_counts(world: World, account: str, contact: str, spec: Spec) -> None:
    """A dismissal never counts, whatever there is beside it; of answers that were broken off those with a score do."""
    world.answer(None, contact, Outcome__c="Dismissed", Verbatim__c="Not now")
    world.answer(None, contact, Outcome__c="Partial", Verbatim__c="I will write lat")
    world.recalculate(account, contact)
    assert world.record(account, "NPS_Response_Count__c", "NPS_Segment__c") == {"NPS_Response_Count__c": 0, "NPS_Segment__c": None}
    assert world.value(contact, "NPS_Score__c") is None

    world.answer(8, contact, Outcome__c="Partial")
    world.recalculate(account, contact)
    assert (world.value(account, "NPS_Response_Count__c"), world.value(contact, "NPS_Score__c")) == (1, 8)
    assert stored(world, account) == recomputed(world, account, spec)


def test_segment_and_trend__as_people_change_their_minds(world: World, account: str) -> None:
    """Too few people make no trend; when three who were unhappy are content months later, the company improves and is a promoter, though
    its detractors' follow-ups of then were never needed."""
    contacts = people(world, account, 3)
    for number, person in enumerate(contacts):
        world.answer(3, person, Quiet__c=True, Responded_At__c=text_of(world.org.now() - timedelta(days=120, minutes=number)))
    world.recalculate(account)
    fields = ("NPS_Segment__c", "NPS_Trend__c", "NPS_Net_Promoter_Score__c")
    assert list(world.record(account, *fields).values()) == ["Detractor", "Not enough responses", -100]

    for person in contacts:
        world.answer(9, person)
    world.recalculate(account)
    assert list(world.record(account, *fields).values()) == ["Promoter", "Improving", 100]
