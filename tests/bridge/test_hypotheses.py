"""What Salesforce does not say about re-entering flows and about the limits of composite calls must not matter to a sync."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from tests.bridge.world import START, ListSource, World, response
from tooling.nps.response import Response

PEOPLE, FIRST, CHANGED, NEW = 300, 260, 250, 760
COMPOSITE_LIMITS = ("subrequest", "call")


def answers(numbers: range, revision: int = 0) -> list[Response]:
    """Answers of 300 people, some of whom nobody knows, each at a minute of its own; a revision says and scores something else."""
    return [
        response(number, f"p{number * 7 % (PEOPLE + 20)}@example.com", (number + 5 * revision) % 11, verbatim=f"{number} says {revision}",
                 responded_at=START - timedelta(minutes=number))
        for number in numbers
    ]  # fmt: skip


@pytest.fixture
def company(world: World) -> Iterator[World]:
    """300 people at 30 Accounts, whose first 260 answers are there."""
    accounts = world.insert("Account", *({"Name": f"Company {number}"} for number in range(30)))
    for first in range(0, PEOPLE, 200):
        numbers = range(first, min(first + 200, PEOPLE))
        world.insert("Contact", *({"LastName": f"P{n}", "Email": f"p{n}@example.com", "AccountId": accounts[n % 30]} for n in numbers))
    before = world.org.settings
    world.org.settings = replace(before, trace=False)
    world.sync(ListSource(answers(range(FIRST))))
    world.org.run_async()
    world.org.snapshot("first-sync")
    yield world
    world.org.settings = before


def settled(world: World) -> dict[str, list[Any]]:
    """Everything that people and the next sync see, once automation has caught up."""
    world.org.advance(timedelta(hours=1))
    query = world.query
    parent = "NPS_Score__c, NPS_Previous_Score__c, NPS_Average_Score__c, NPS_Response_Count__c, NPS_Trend__c, NPS_Recalculate__c"
    found = {
        "ledger": world.ledger(),
        "automation": query(
            "SELECT Response_Key__c, Automation_Status__c, Automated_Revision__c, Automation_Error__c, Follow_Up_Status__c, "
            "Acknowledgement_Status__c, Advocacy_Status__c FROM Survey_Response__c ORDER BY Response_Key__c"
        ),
        "tasks": query(
            "SELECT NPS_Response__r.Response_Key__c, NPS_Kind__c, Subject, Status, WhoId, WhatId FROM Task "
            "ORDER BY NPS_Response__r.Response_Key__c, NPS_Kind__c"
        ),
        "cases": query("SELECT NPS_Response__r.Response_Key__c, Subject, Status FROM Case ORDER BY NPS_Response__r.Response_Key__c"),
        "contacts": query(f"SELECT Name, {parent} FROM Contact ORDER BY Name"),
        "accounts": query(f"SELECT Name, {parent}, NPS_Segment__c, NPS_Net_Promoter_Score__c FROM Account ORDER BY Name"),
        "letters": query("SELECT Delivery_Key__c, Error_Code__c FROM NPS_Dead_Letter__c ORDER BY Delivery_Key__c"),
        "runs": query("SELECT Status__c, Created_Count__c, Revised_Count__c FROM NPS_Sync_Run__c ORDER BY Name"),
    }
    for row in [*found["tasks"], *found["cases"]]:
        row["NPS_Response__r"] = row["NPS_Response__r"]["Response_Key__c"]  # beside its id, which depends on the writers' order
    return found


def test_sync__the_same_under_all_hypotheses(company: World) -> None:
    """760 new answers and 250 edited ones, written while flows re-enter or not and while a composite call's limits are those of each
    subrequest or of all together: the same org each time, nothing refused, and no limit is breached."""
    ends = {}
    for reenter, limits in product((True, False), COMPOSITE_LIMITS):
        company.org.restore("first-sync")
        company.org.set_now(START + timedelta(minutes=30))
        company.org.settings = replace(company.org.settings, reenter=reenter, composite_limits=limits)
        changed = [*answers(range(CHANGED), 1), *answers(range(CHANGED, FIRST)), *answers(range(FIRST, FIRST + NEW))]
        report = company.sync(ListSource(changed))
        assert (report.created, report.revised, report.refused_count, report.incomplete) == (NEW, CHANGED, 0, None)
        ends[reenter, limits] = settled(company)
        assert company.org.usage()["limitsReached"] == []

    expected = ends.pop((True, "subrequest"))
    assert len(expected["tasks"]) > 300
    assert {row["Automation_Status__c"] for row in expected["automation"]} == {"Done"}
    for hypotheses, end in ends.items():
        for name, rows in expected.items():
            assert end[name] == rows, (hypotheses, name)
