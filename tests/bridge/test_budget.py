"""The share of the org's API calls that a sync may use, and where a backfill goes on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.bridge.test_faults import behind, clear, keys
from tests.bridge.world import START, ListSource, World, response
from tooling.bridge.sync import SyncOptions, sync
from tooling.errors import Unreachable
from tooling.salesforce.org import ApiUsage
from tooling.spec.loader import spec_from


def test_budget__stops_before_the_share(world: World, people: dict[str, str]) -> None:
    """The run ends politely, says why, keeps the bookmark, and is not tempted to take the last call."""
    spec = spec_from("version: 1\nsources: {promoter_io: {campaigns: all}}\nbudget: {daily_share: 0.001, reserve: 0, bulk_from: 100000}\n")
    source = ListSource([response(number, "anna@example.com") for number in range(2_600)])
    report = sync(spec, [source], world.connect(), SyncOptions())
    assert report.incomplete and "grants the bridge is 15 of the 15000" in report.incomplete
    assert 0 < report.created < 2_600
    assert report.api_calls <= 15
    assert report.exit_code() == 0
    assert world.query("SELECT Status__c FROM NPS_Sync_Run__c WHERE Bookmark__c = null") == [{"Status__c": "Incomplete"}]


def test_budget__tight(world: World, people: dict[str, str]) -> None:
    """When few calls are left they are packed tighter, and detractors are written first."""
    gateway = world.connect()
    source = ListSource([response(number, "anna@example.com", 9 if number % 2 else 2) for number in range(1_200)])
    spec = spec_from("version: 1\nsources: {promoter_io: {campaigns: all}}\nbudget: {daily_share: 1.0, reserve: 0}\n")
    gateway._transport.call("GET", "limits")
    gateway._transport.client.session.hooks["response"].append(
        lambda *_, **__: setattr(gateway._transport, "usage", ApiUsage(14_900, 15_000))
    )
    report = sync(spec, [source], gateway, SyncOptions(limit=600))
    assert report.created == 600
    rows = world.query("SELECT COUNT(Id) found FROM Survey_Response__c WHERE Score__c = 2")
    assert rows[0]["found"] == 300 or report.incomplete
    assert report.api_calls <= 9
    gateway.close()


def test_backfill__goes_on_where_it_stopped(world: World, people: dict[str, str]) -> None:
    """A backfill that was cut off reads on from the oldest quarter it finished, and its bookmark is the first one's start."""
    source = ListSource([response(number, "anna@example.com", responded_at=START - timedelta(days=60 * number)) for number in range(10)])
    world.fault(code="REQUEST_LIMIT_EXCEEDED", message="TotalRequests Limit exceeded.", match={"body": "promoter_io:5"})
    with pytest.raises(Unreachable):
        world.sync(source, backfill=True)
    assert 0 < len(keys(world)) < 10
    clear(world)
    world.org.advance(timedelta(hours=5))
    source.windows.clear()
    report = world.sync(source, backfill=True)
    assert (report.quiet, len(keys(world))) == (True, 10)
    assert source.windows[0][1] is not None
    assert source.windows[0][1] < START - timedelta(days=200)
    assert report.bookmarks["promoter_io"] < START + timedelta(hours=1)
    source.windows.clear()
    world.sync(source, backfill=True)
    assert source.windows[0][1] is None
    assert behind(world) == []
