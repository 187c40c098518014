"""Revisions and removals when others write too, or the source is only half read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.bridge.world import START, ListSource, World, response
from tooling.bridge.sync import SyncOptions, sync
from tooling.errors import Unreachable
from tooling.nps.response import Response, ResponseSkipped
from tooling.salesforce.org import RowOutcome, Write


class InterruptedOrg:
    """An org in which somebody else does something just before the n-th write of responses."""

    def __init__(self, world: World, meanwhile: Callable[[], object], sobject: str = "Survey_Response__c") -> None:
        self._gateway, self._meanwhile, self._sobject, self._done = world.connect(), meanwhile, sobject, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._gateway, name)

    def write(self, writes: Sequence[Write], **options: Any) -> list[list[RowOutcome]]:
        if not self._done and any(one.sobject == self._sobject for one in writes):
            self._done = True
            self._meanwhile()
        return self._gateway.write(writes, **options)


@pytest.fixture
def bridge_only(world: World) -> None:
    """The user may not repair the ledger: NPS Admin is exempt from the rule that refuses a stale revision."""
    assigned = world.query("SELECT Id FROM PermissionSetAssignment WHERE PermissionSet.Name = 'NPS_Admin'")
    world.org.delete(world.user, [row["Id"] for row in assigned])


def archived(world: World) -> list[tuple[str, int]]:
    rows = world.query("SELECT Revision_Key__c, Score__c FROM Survey_Response_Revision__c ORDER BY Revision_Key__c")
    return [(row["Revision_Key__c"], int(row["Score__c"])) for row in rows]


def run(world: World, org: Any, *responses: Response) -> Any:
    return sync(world.spec, [ListSource(list(responses))], org, SyncOptions())


def test_sync__two_insert_the_same_response(world: World, people: dict[str, str]) -> None:
    """Another bridge inserts the response first: one record, no refusal, and an edit that came with it is a revision."""
    first = response(1, "anna@example.com", 3)
    edited = replace(first, score=8, modified_at=START + timedelta(hours=1))
    report = run(world, InterruptedOrg(world, lambda: run(world, world.connect(), first)), edited)
    assert (report.refused_count, report.revised) == (0, 1)
    assert [(row["Score__c"], row["Revision__c"]) for row in world.query("SELECT Score__c, Revision__c FROM Survey_Response__c")] == [
        (8, 2)
    ]
    assert archived(world) == [("promoter_io:1:r1", 3)]


@pytest.mark.usefixtures("bridge_only")
@pytest.mark.parametrize("before", ["Survey_Response__c", "Survey_Response_Revision__c"])
def test_sync__two_revise_the_same_response(world: World, people: dict[str, str], before: str) -> None:
    """Another bridge revises first: the stale revision is refused and planned anew, every content is archived once, the latest stands."""
    first = response(1, "anna@example.com", 3, modified_at=START)
    second = replace(first, score=5, modified_at=START + timedelta(hours=1))
    third = replace(first, score=9, modified_at=START + timedelta(hours=2))
    world.sync(ListSource([first]))
    report = run(world, InterruptedOrg(world, lambda: run(world, world.connect(), second), before), third)
    assert report.refused_count == 0
    (row,) = world.query("SELECT Score__c, Revision__c FROM Survey_Response__c")
    assert (row["Score__c"], row["Revision__c"]) == (9, 3)
    assert archived(world) == [("promoter_io:1:r1", 3), ("promoter_io:1:r2", 5)]


@pytest.mark.usefixtures("bridge_only")
def test_sync__an_older_revision_loses(world: World, people: dict[str, str]) -> None:
    """The other bridge wrote something later: what this one read before is dropped, not written over it."""
    first = response(1, "anna@example.com", 3, modified_at=START)
    second = replace(first, score=5, modified_at=START + timedelta(hours=1))
    third = replace(first, score=9, modified_at=START + timedelta(hours=2))
    world.sync(ListSource([first]))
    report = run(world, InterruptedOrg(world, lambda: run(world, world.connect(), third)), second)
    assert (report.refused_count, report.unchanged) == (0, 1)
    assert [int(row["Score__c"]) for row in world.query("SELECT Score__c FROM Survey_Response__c")] == [9]


def test_sync__the_matched_contact_vanishes(world: World, people: dict[str, str]) -> None:
    """The Contact is deleted between matching and writing: the response is matched anew and parked, not lost."""
    meanwhile = InterruptedOrg(world, lambda: world.org.delete(world.user, [people["anna"]]))
    report = run(world, meanwhile, response(1, "anna@example.com", 3), response(2, "bob@example.com", 4))
    assert (report.created, report.refused_count) == (2, 0)
    rows = world.query("SELECT Contact__c, Match_Status__c, Match_Rule__c FROM Survey_Response__c ORDER BY Response_Key__c")
    assert [(row["Contact__c"], row["Match_Status__c"]) for row in rows] == [(None, "Unmatched"), (people["bob"], "Matched")]
    assert "was deleted" in rows[0]["Match_Rule__c"]


class HalfReadSource(ListSource):
    """A source that breaks off after the first response."""

    def read(self, since: datetime | None, until: datetime | None) -> Iterator[Response | ResponseSkipped]:
        for item in super().read(since, until):
            yield item
            raise Unreachable("half a page")


def test_sync__half_a_page_removes_nothing(world: World, people: dict[str, str]) -> None:
    """A read that breaks off says nothing about what it did not show: nothing is marked, and the bookmark stays."""
    answers = [response(number, "anna@example.com", responded_at=START - timedelta(days=10)) for number in range(5)]
    world.sync(ListSource(answers))
    world.org.advance(timedelta(days=31))
    bookmark = world.query("SELECT MAX(Bookmark__c) b FROM NPS_Sync_Run__c")
    with pytest.raises(Unreachable, match="half a page"):
        sync(world.spec, [HalfReadSource(answers[:2], removed={"1", "2", "3", "4"})], world.connect())
    assert world.query("SELECT Id FROM Survey_Response__c WHERE Removed_At_Source__c != null") == []
    assert world.query("SELECT MAX(Bookmark__c) b FROM NPS_Sync_Run__c") == bookmark


def test_sync__removed_and_back(world: World, people: dict[str, str]) -> None:
    """A removed response leaves the numbers; when the source shows it again it counts again, without a revision."""
    answers = [response(1, "anna@example.com", 3, responded_at=START - timedelta(days=10))]
    source = ListSource(list(answers))
    world.sync(source)
    query = f"SELECT NPS_Score__c FROM Contact WHERE Id = '{people['anna']}'"
    assert [int(row["NPS_Score__c"]) for row in world.query(query)] == [3]
    world.org.advance(timedelta(days=31))
    source.responses, source.removed = [], {"1"}
    assert world.sync(source).removed == 1
    assert world.query(query) == [{"NPS_Score__c": None}]
    world.org.advance(timedelta(minutes=1))
    source.responses, source.removed = answers, set()
    assert sync(world.spec, [source], world.connect(), SyncOptions(backfill=True)).refreshed == 1
    assert [int(row["NPS_Score__c"]) for row in world.query(query)] == [3]
    assert archived(world) == []
