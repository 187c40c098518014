"""What a sync does once a day: what is shown is compared with the ledger, and records that have expired go."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.bridge.world import START, ListSource, World, response
from tooling.bridge.retention import remove_expired


@pytest.fixture
def source(world: World, people: dict[str, str]) -> ListSource:
    """A source whose first sync is over, an hour ago."""
    found = ListSource([response(1, "anna@example.com", 9, responded_at=START - timedelta(hours=1))])
    report = world.sync(found)
    assert report.reconciled is None
    world.org.advance(timedelta(hours=1))
    # What was changed and recalculated within one second counts as behind.
    world.update("Contact", {"Id": people["anna"], "NPS_Recalculate__c": True})
    world.update("Account", {"Id": people["acme"], "NPS_Recalculate__c": True})
    return found


def reconciles(world: World) -> int:
    return len(world.query("SELECT Id FROM NPS_Sync_Run__c WHERE Mode__c = 'Reconcile'"))


def test_sync__reconciles_daily(world: World, people: dict[str, str], source: ListSource) -> None:
    """The second sync compares everything with the ledger, then one a day; the hourly ones between make no call for it."""
    world.update("Contact", {"Id": people["anna"], "NPS_Response_Count__c": 77})
    report = world.sync(source)
    assert report.reconciled is not None and report.reconciled.reasons == {"count": 1}
    assert "1 different, 1 recalculated" in report.as_text()
    assert report.as_json()["reconciled"]["different"] == {"Contact": 1}
    (anna,) = world.query(f"SELECT NPS_Response_Count__c FROM Contact WHERE Id = '{people['anna']}'")
    assert anna == {"NPS_Response_Count__c": 1.0}

    calls = world.gateway.calls
    world.org.advance(timedelta(hours=22))
    assert world.sync(source).reconciled is None
    hourly = world.gateway.calls - calls
    assert reconciles(world) == 1
    world.org.advance(timedelta(hours=1))
    calls = world.gateway.calls
    assert world.sync(source).reconciled is not None
    assert reconciles(world) == 2
    assert world.gateway.calls - calls <= hourly + 7


@pytest.mark.parametrize("options", [{"dry_run": True}, {"limit": 1}], ids=str)
def test_sync__does_not_reconcile(world: World, source: ListSource, options: dict[str, Any]) -> None:
    """A dry run and a try with a few responses leave it to the next sync."""
    assert world.sync(source, **options).reconciled is None
    assert reconciles(world) == 0


def test_sync__reconcile_fails(world: World, source: ListSource) -> None:
    """What stops the comparison does not stop the sync: it is a warning, and the next sync compares again."""
    world.fault(match={"path": "/composite", "body": "GROUP%20BY%20Contact__c"}, status=400, code="QUERY_TIMEOUT", count=20)
    report = world.sync(source)
    assert report.exit_code() == 0
    assert any("comparison with the ledger stopped" in text for text in report.warnings)


def test_expired__removed(world: World, source: ListSource) -> None:
    """Runs go after 90 days and resolved dead letters after 30; what is open stays, and so does the run that holds a bookmark."""

    def ago(days: int) -> str:
        return (world.org.now() - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")

    world.insert(
        "NPS_Sync_Run__c",
        {"Run_Key__c": "old", "Source__c": "promoter_io", "Started_At__c": ago(91), "Bookmark__c": ago(91)},
        {"Run_Key__c": "old, looked lately", "Source__c": "promoter_io", "Started_At__c": ago(91), "Last_Checked_At__c": ago(2)},
        {"Run_Key__c": "resting source", "Source__c": "csv", "Started_At__c": ago(200), "Bookmark__c": ago(200)},
        {"Run_Key__c": "young", "Source__c": "promoter_io", "Started_At__c": ago(89)},
    )
    world.insert(
        "NPS_Dead_Letter__c",
        {"Delivery_Key__c": "done", "Status__c": "Resolved", "Resolved_At__c": ago(31)},
        {"Delivery_Key__c": "lately done", "Status__c": "Resolved", "Resolved_At__c": ago(29)},
        {"Delivery_Key__c": "erased", "Status__c": "Resolved", "Resolved_At__c": ago(300), "Error_Code__c": "ERASED"},
        {"Delivery_Key__c": "open", "Status__c": "New", "Last_Failed_At__c": ago(300)},
    )
    report = world.sync(source)
    assert (report.expired.runs, report.expired.dead_letters) == (1, 1)
    assert "expired and removed: 1 sync runs, 1 dead letters" in report.as_text()
    kept = {row["Run_Key__c"] for row in world.query("SELECT Run_Key__c FROM NPS_Sync_Run__c")}
    assert {"old, looked lately", "resting source", "young"} <= kept and "old" not in kept
    assert {row["Delivery_Key__c"] for row in world.query("SELECT Delivery_Key__c FROM NPS_Dead_Letter__c")} == {
        "erased",
        "lately done",
        "open",
    }
    assert remove_expired(world.gateway, world.org.now()).runs == 0
