"""A person account answers: the flows know nothing of the feature, and do what they do for a Contact and its company."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from tests.automation.recomputed import recomputed, stored
from tests.automation.world import World
from tooling.spec import Spec


@dataclass(frozen=True)
class Person:
    """Both rows of a person account."""

    account: str
    contact: str


@pytest.fixture
def person(world: World, manager: str) -> Person:
    """The metadata is in the org already: it was deployed without the feature."""
    world.org.settings = replace(world.org.settings, person_accounts=True)
    account = world.add(
        "Account",
        FirstName="Ada",
        LastName="Byron",
        PersonEmail="ada@home.example",
        NPS_Success_Manager__c=manager,
        NPS_Tier__c="Enterprise",
    )
    return Person(account, world.value(account, "PersonContactId"))


def assert_recomputed(world: World, person: Person, spec: Spec) -> None:
    """The Account and the person show what the ledger gives; the Account's page shows the person's values as __pc."""
    assert stored(world, person.account) == recomputed(world, person.account, spec)
    mine = stored(world, person.contact)
    assert mine == recomputed(world, person.contact, spec)
    assert world.record(person.account, *(name.replace("__c", "__pc") for name in mine)) == {
        name.replace("__c", "__pc"): value for name, value in mine.items()
    }


def test_answer__task_timeline_and_case(world: World, person: Person, manager: str) -> None:
    """A detractor who is a person account: the manager's task is about both rows, and so are the entry in the timeline and the Case."""
    response = world.answer(1, person.contact, Verbatim__c="I want to cancel.")

    task, entry = world.task(response), world.task(response, "Timeline")
    assert (task["OwnerId"], task["WhoId"], task["WhatId"]) == (manager, person.contact, person.account)
    assert task["Subject"] == "NPS follow-up: 1 of 10 from Ada Byron"
    assert (entry["WhoId"], entry["WhatId"], entry["Status"]) == (person.contact, person.account, "Completed")
    (case,) = world.cases(response)
    assert (case["ContactId"], case["AccountId"]) == (person.contact, person.account)
    state = world.record(response, "Automation_Status__c", "Follow_Up_Status__c", "Automation_Error__c")
    assert state == {"Automation_Status__c": "Done", "Follow_Up_Status__c": "Open", "Automation_Error__c": None}
    assert world.dead_letters() == []


def test_roll_ups__both_are_flagged(world: World, person: Person, spec: Spec) -> None:
    """What the bridge does: the Account, then the Contact. Both sides are right at once."""
    for score in (9, 3, 10):
        world.answer(score, person.contact, Quiet__c=True)
        world.later(hours=1)
    world.recalculate(person.account)
    world.recalculate(person.contact)
    assert world.value(person.account, "NPS_Response_Count__c") == 3
    assert_recomputed(world, person, spec)
    world.limits_are_kept()


def test_roll_ups__only_the_account_is_flagged(world: World, person: Person, spec: Spec) -> None:
    """Saving the Account starts no flow for the Contact: it is right at once, the person within minutes, by the answer's own path."""
    world.answer(9, person.contact)
    world.later(hours=1)
    world.answer(3, person.contact)
    world.recalculate(person.account)
    assert stored(world, person.account) == recomputed(world, person.account, spec)
    assert world.value(person.contact, "NPS_Score__c") == 9
    world.later(minutes=10)
    assert world.value(person.contact, "NPS_Score__c") == 3
    assert_recomputed(world, person, spec)
    world.limits_are_kept()


def test_roll_ups__edits_on_the_accounts_side(world: World, person: Person, spec: Spec) -> None:
    """Editing the person on the Account's page changes no number; its flag, set there, stands until the Contact itself is saved."""
    world.answer(4, person.contact)
    world.later(minutes=10)
    world.update(person.account, PersonTitle="Countess", LastName="King", Site="London")
    assert_recomputed(world, person, spec)
    assert world.record(person.contact, "Name", "Title") == {"Name": "Ada King", "Title": "Countess"}

    world.update(person.account, NPS_Score__pc=7, NPS_Recalculate__pc=True)
    assert world.record(person.contact, "NPS_Score__c", "NPS_Recalculate__c") == {"NPS_Score__c": 7, "NPS_Recalculate__c": True}
    world.update(person.contact, Department="x")
    assert_recomputed(world, person, spec)
    assert world.value(person.account, "NPS_Recalculate__pc") is False


def test_roll_ups__without_flows_for_the_contact(world: World, person: Person, spec: Spec) -> None:
    """If an org runs no flows for the person's Contact at all, the Account is right, the person shows nothing, and no night complains."""
    world.org.settings = replace(world.org.settings, person_contact_flows=False)
    response = world.answer(3, person.contact)
    world.later(minutes=10)
    world.until_the_sweep()
    world.until_the_sweep()
    assert stored(world, person.account) == recomputed(world, person.account, spec)
    assert world.record(person.contact, "NPS_Score__c", "NPS_Recalculated_At__c") == {"NPS_Score__c": None, "NPS_Recalculated_At__c": None}
    assert len(world.tasks(response)) == 1
    assert world.dead_letters() == []


def test_conversion__without_a_company(world: World, person: Person, spec: Spec) -> None:
    """A Lead without a company becomes a person account: its answers follow to both rows, which are recalculated."""
    lead = world.add("Lead", FirstName="Lee", LastName="Ng", Email="lee@home.example")
    first = world.answer(3, None, Lead__c=lead)
    world.later(hours=1)
    world.answer(9, None, Lead__c=lead)
    converted: Any = world.convert(lead, create_opportunity=False)
    lee = Person(converted.account_id, converted.contact_id)

    links = world.record(first, "Contact__c", "Account__c", "Lead__c")
    assert links == {"Contact__c": lee.contact, "Account__c": lee.account, "Lead__c": lead}
    world.later(minutes=10)
    assert world.value(lee.account, "NPS_Score__c") == 9
    assert_recomputed(world, lee, spec)
