"""A dry run says what a sync would write, where to, and at what cost; and the day's share of API calls is the day's."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.bridge.test_routes import CREATE, RENEWAL, spec_with
from tests.bridge.world import SPEC, START, ListSource, World, response
from tooling.bridge.report import SyncReport
from tooling.bridge.sync import SyncOptions, sync
from tooling.spec.loader import spec_from

DRY = SyncOptions(dry_run=True)
CASE_AND_EMAILS = """
escalation: {very_low: 1, score_below: 7, keywords: {cancel: {}, "so slow": {match: prefix}}}
emails: {sender: success@example.com}
"""


def routes_of(report: SyncReport) -> list[str]:
    return [str(change) for change in report.planned_routes]


def test_dry_run__routes(world: World, people: dict[str, str]) -> None:
    """For each response: which record its route would write, with which fields; or why none. What is said is what a sync then does."""
    (deal,) = world.insert(
        "Opportunity",
        {"Name": "D", "NextStep": "R-1", "StageName": "Prospecting", "CloseDate": "2026-06-01", "AccountId": people["acme"]},
    )
    spec = spec_with(RENEWAL + CREATE.partition("routes:\n")[2])
    source = ListSource(
        [
            response(1, "anna@example.com", 3, attributes={"renewal": "R-1", "plan": "Web"}),
            response(2, "anna@example.com", 9, attributes={"renewal": "R-9"}),
            response(3, "nobody@example.com", 2),
        ]
    )
    report = sync(spec, [source], world.connect(), DRY)
    found = routes_of(report)
    assert f"route      promoter_io:1  renewal: Opportunity {deal}: Description, LeadSource" in found
    assert "route      promoter_io:1  complaint: a new Case: Subject, Description, ContactId, Origin, SuppliedCompany" in found
    assert any(line.startswith("route      promoter_io:2  renewal: skipped, there is no Opportunity") for line in found)
    assert any(line.startswith("route      promoter_io:3  complaint: waits until the contact is known") for line in found)
    assert world.query("SELECT Id FROM Case") + world.query("SELECT Id FROM Survey_Response__c") == []
    assert "routes: 1 records would be updated, 1 would be created; 1 responses wait" in report.as_text()
    done = sync(spec, [source], world.connect())
    assert (done.routed.updated, done.routed.created, done.routed.waiting) == (1, 1, 1)
    assert (report.routed.updated, report.routed.created, report.routed.waiting) == (1, 1, 1)


def test_dry_run__routes_of_what_is_there(world: World, people: dict[str, str]) -> None:
    """A revision, a response that waited for its person, and what an earlier run left to do are told too."""
    spec = spec_with(CREATE)
    first, waiting = response(1, "anna@example.com", 9), response(2, "new@example.com", 2)
    source = ListSource([first, waiting, response(3, "bob@example.com", 1)])
    sync(spec, [source], world.connect())
    (left,) = world.query("SELECT Id FROM Survey_Response__c WHERE Response_Key__c = 'promoter_io:3'")
    world.update("Survey_Response__c", {"Id": left["Id"], "Routing_Status__c": "Pending"})
    world.insert("Contact", {"LastName": "New", "Email": "new@example.com"})
    source.responses[0] = replace(first, score=2)
    found = routes_of(sync(spec, [source], world.connect(), DRY))
    assert sorted(line.split()[1] for line in found) == ["promoter_io:1", "promoter_io:2", "promoter_io:3"]
    assert [line.partition("complaint: ")[2].split(":")[0] for line in sorted(found)] == [
        "a new Case",
        "a new Case",
        "skipped, there is already a Case with SuppliedCompany 'promoter_io",
    ]


def test_dry_run__follow_ups(world: World, people: dict[str, str]) -> None:
    """Tasks, Cases and e-mails that stay quiet in a first sync are counted, and those that would start later; an old answer starts none."""
    spec = spec_from(SPEC + CASE_AND_EMAILS)
    answers = [
        response(1, "anna@example.com", 0),
        response(2, "anna@example.com", 5, verbatim="We will CANCEL."),
        response(3, "anna@example.com", 5, verbatim="cancelled? no. So slowly!"),
        response(4, "anna@example.com", 6, verbatim="fine"),
        response(5, "anna@example.com", 8, verbatim="cancel"),
        response(6, "anna@example.com", 0, responded_at=START - timedelta(days=30)),
    ]
    report = sync(spec, [ListSource(answers)], world.connect(), DRY)
    assert (report.follow_ups, report.cases, report.emails) == (4, 3, 4)
    assert "this is the first sync of promoter_io: 4 follow-up Tasks and 3 Cases and at most 4 e-mails would not be" in report.as_text()
    sync(spec, [ListSource([])], world.connect())
    later = sync(spec, [ListSource(answers)], world.connect(), DRY)
    assert "follow-ups: 4 follow-up Tasks" in later.as_text() and "would be started" in later.as_text()


@pytest.mark.parametrize("count", [1, 700])
def test_dry_run__cost(world: World, people: dict[str, str], count: int) -> None:
    """The estimate is near what the sync then takes."""
    source = ListSource([response(number, "anna@example.com", 9) for number in range(count)])
    dry = sync(world.spec, [source], world.connect(), DRY)
    done = world.sync(source)
    assert dry.estimated_calls is not None
    assert abs(dry.estimated_calls - done.api_calls) <= 3
    assert f"about {dry.estimated_calls} API calls; the spec grants 7,500 of the org's 15,000 a day" in dry.as_text()
    assert json.loads(json.dumps(dry.as_json()))["day"] == {"total": 15000, "share": 7500}


# the budget of the day ------------------------------------------------------------------------------------------------------------


def budget(share: float) -> Any:
    return spec_from(SPEC + f"budget: {{daily_share: {share}, reserve: 0, bulk_from: 100000}}\n")


def test_budget__is_the_days(world: World, people: dict[str, str]) -> None:
    """Every run of the day counts, idle ones too: when the share is used up the next one stops before it reads; tomorrow it goes on."""
    spec, source = budget(0.004), ListSource([response(1, "anna@example.com")])  # 60 of 15,000
    spent = [sync(spec, [source], world.connect()).calls_today]
    for _ in range(30):
        world.org.advance(timedelta(minutes=5))
        report = sync(spec, [source], world.connect())
        spent.append(report.calls_today)
        if report.incomplete:
            break
    assert report.incomplete and "share that the spec grants the bridge is 60 of the 15000" in report.incomplete
    assert spent == sorted(spent) and 48 <= spent[-1] <= 66
    read_before = len(source.windows)
    world.org.advance(timedelta(minutes=5))
    assert sync(spec, [source], world.connect()).incomplete and len(source.windows) == read_before
    world.org.advance(timedelta(hours=24))
    tomorrow = sync(spec, [source], world.connect())
    assert (tomorrow.incomplete, tomorrow.unchanged, len(source.windows) > read_before) == (None, 1, True)
    assert tomorrow.calls_today < 30


def test_budget__costs_no_call(world: World, people: dict[str, str]) -> None:
    """What the day's runs have cost is read with what a sync reads anyway: looking in vain takes four calls, as ever."""
    source = ListSource([response(1, "anna@example.com")])
    for _ in range(3):
        world.sync(source)
    assert world.sync(source).api_calls <= 4


def test_budget__idle_runs_are_noted_by_the_day(world: World, people: dict[str, str]) -> None:
    """Idle runs of a day are noted on one record, with their calls; those of the next day on another."""
    source = ListSource([])
    for hours in (0, 1, 1, 24, 1):
        world.org.advance(timedelta(hours=hours))
        world.sync(source)
    rows = world.query("SELECT API_Calls__c FROM NPS_Sync_Run__c WHERE Mode__c = 'Sync' ORDER BY Started_At__c")
    assert len(rows) == 2
    assert all(row["API_Calls__c"] >= 6 for row in rows)
