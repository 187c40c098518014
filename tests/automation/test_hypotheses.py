"""What Salesforce does not say about its own order of things must not matter: the same stories, the same org in the end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.automation.world import World, text_of
from tooling.local_org.schema.types import FieldType, ObjectKind

WITH_OUR_FIELDS = ("Account", "Contact", "Lead", "Opportunity", "Task", "Case")
STANDARD = frozenset({
    "Id", "Name", "Subject", "Description", "Status", "Priority", "OwnerId", "WhoId", "WhatId", "ActivityDate", "AccountId", "ContactId",
    "IsConverted",
})  # fmt: skip


def final_state(world: World) -> dict[str, list[dict[str, Any]]]:
    """Every row of our objects, and of the standard ones with our fields. Of a moment only whether there is one: both runs take their own
    time."""
    found: dict[str, list[dict[str, Any]]] = {}
    for sobject in world.org.metadata.schema:
        if sobject.kind is not ObjectKind.CUSTOM and sobject.name not in WITH_OUR_FIELDS:
            continue
        shown = [field for field in sobject.fields if field.custom or field.name in STANDARD]
        moments = {field.name for field in shown if field.type is FieldType.DATETIME}
        rows = world.rows(f"SELECT {', '.join(field.name for field in shown)} FROM {sobject.name} ORDER BY Id")
        found[sobject.name] = [{key: bool(value) if key in moments else value for key, value in row.items()} for row in rows]
    found["e-mails"] = [{key: mail[key] for key in ("to", "subject", "body")} for mail in world.emails()]
    found["bells"] = [{key: bell[key] for key in ("recipient_ids", "title", "target_id")} for bell in world.org.notifications()]
    return found


def before(world: World, minutes: int) -> str:
    """A moment of its own: of two answers of one second either may be the latest."""
    return text_of(world.org.now() - timedelta(minutes=minutes))


def tell_stories(world: World) -> None:
    """A detractor who writes again, whose Case and task are closed and opened; promoters; a Lead that is converted; renewals; a crowd."""
    manager = world.user("Maria")
    account = world.account(NPS_Success_Manager__c=manager, NPS_Tier__c="Enterprise")
    ada, bob = world.contact(account), world.contact(account, FirstName="Bob", Email="bob@acme.example")
    happy = world.account("Happy", NPS_Success_Manager__c=manager)
    zoe = world.contact(happy, FirstName="Zoe", Email="zoe@happy.example")
    renewals = [
        world.add("Opportunity", Name="Renewal", AccountId=company, StageName="Prospecting", Type="Renewal", ContactId=contact,
                  CloseDate=(world.org.now() + timedelta(days=61)).date().isoformat())
        for company, contact in ((account, ada), (happy, zoe))
    ]  # fmt: skip

    detractor = world.answer(3, ada, Verbatim__c="We will cancel.", Responded_At__c=before(world, 30))
    world.answer(9, bob, Responded_At__c=before(world, 20))
    world.answer(10, zoe, Responded_At__c=before(world, 10))
    world.revise(detractor, Score__c=2, Verbatim__c="We will cancel, and it is broken.")
    world.recalculate(account, happy, ada, bob, zoe)
    task, (case,) = world.task(detractor)["Id"], world.cases(detractor)
    for status in ("Completed", "Not Started", "Completed"):
        world.update(task, Status=status)
        world.run()
        world.later(hours=1)
    world.update(case["Id"], Status="Closed")
    world.later(hours=2)
    world.update(case["Id"], Status="New")
    world.later(hours=2)
    world.update(case["Id"], Status="Closed")

    lead = world.add("Lead", FirstName="Lee", LastName="Ng", Company="Firm", Email="lee@firm.example")
    of_lead = {"Lead__c": lead, "Respondent_Email__c": "lee@firm.example"}
    asked = [world.answer(score, None, Responded_At__c=before(world, 90 - score), **of_lead) for score in (4, 9)]
    world.convert(lead)
    world.update(world.task(asked[0])["Id"], Status="Completed")
    # Thirty of one person in one request, by whoever is not the bridge. No promoter: with detractors open it would wait until its last
    # moment, and on which side of that the clock stands is chance.
    carl = world.contact(world.account("Crowd"), FirstName="Carl", Email="carl@crowd.example")
    world.insert(
        "Survey_Response__c", *(world.answer_values(number % 9, carl, Responded_At__c=before(world, number)) for number in range(30))
    )
    world.run()
    world.later(days=3)
    world.revise(detractor, Score__c=9, Verbatim__c="All is well.")
    world.update(asked[0], Removed_At_Source__c=text_of(world.org.now()))
    world.later(days=2)
    world.update(renewals[0], StageName="Closed Won")
    world.update(renewals[0], StageName="Prospecting")
    world.update(renewals[0], StageName="Closed Lost")


@pytest.fixture
def two_ends(world: World) -> list[dict[str, list[dict[str, Any]]]]:
    """The end of the stories where a flow runs again for a record it ran for in the same transaction, and where it does not."""
    world.org.snapshot("before-the-stories")
    ends = []
    for reenter in (True, False):
        world.org.restore("before-the-stories")
        told = World(world.org)
        world.org.settings = replace(world.org.settings, reenter=reenter)
        tell_stories(told)
        told.limits_are_kept()
        ends.append(final_state(told))
    return ends


def _differences(some: list[dict[str, Any]], others: list[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
    """Row, field, and what the two say."""
    for one, other in zip(some, others, strict=True):
        yield from ((one.get("Id"), name, value, other[name]) for name, value in one.items() if value != other[name])


def test_reentry__the_same_rows_in_the_end(two_ends: list[dict[str, list[dict[str, Any]]]]) -> None:
    """Detractor, revision, escalation, closing and opening, conversion, thanks, renewals, a crowd: every row is the same either way, and no
    limit is breached."""
    again, once = two_ends
    for name, rows in again.items():
        assert list(_differences(once[name], rows)) == [], name
    assert [mail["to"] for mail in again["e-mails"] if mail["subject"] == "Thank you, Lee"] == [["lee@firm.example"]]
    assert len([case for case in again["Case"] if case["AccountId"] == again["Account"][0]["Id"]]) == 1
    assert [row["NPS_Renewal_Email_Status__c"] for row in again["Opportunity"]] == ["Sent", "Sent", None]
    assert {row["Automation_Status__c"] for row in again["Survey_Response__c"]} == {"Done", "Not needed"}
    advocacy = [row["Advocacy_Status__c"] for row in again["Survey_Response__c"] if row["Advocacy_Status__c"]]
    assert sorted(advocacy) == ["Invited", "Invited", "Invited", "Skipped"]
