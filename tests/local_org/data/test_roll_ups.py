"""Roll-up summaries: right after every change of the details, and saved with the master's own automation."""

from __future__ import annotations

import pytest

from ..engine.metadata import assign, flow, formula, reference
from .conftest import DataStory
from .package import custom_object, permission_set, rule, summary

GOOD = "<summaryFilterItems><field>Part__c.Kind__c</field><operation>equals</operation><value>Good</value></summaryFilterItems>"
SUMS = {
    "Parts__c": summary("Parts__c", "count", "Part__c", "Sample__c"),
    "Points__c": summary("Points__c", "sum", "Part__c", "Sample__c", "Points__c"),
    "Good_Points__c": summary("Good_Points__c", "sum", "Part__c", "Sample__c", "Points__c", GOOD),
    "Best__c": summary("Best__c", "max", "Part__c", "Sample__c", "Points__c"),
    "First__c": summary("First__c", "min", "Part__c", "Sample__c", "On__c"),
}
QUERY = "SELECT Parts__c, Points__c, Good_Points__c, Best__c, First__c FROM Sample__c ORDER BY Id"


def deploy_sums(story: DataStory, more: str = "") -> None:
    fields = tuple(f"Sample__c.{name}" for name in SUMS)
    story.deploy(
        {
            "objects/Sample__c.object": custom_object("Sample", "".join(SUMS.values()) + more),
            "permissionsets/Sums.permissionset": permission_set("Sums", read_only=fields),
        }
    )
    story.assign(story.admin, "Sums")


@pytest.fixture
def summed(story: DataStory) -> DataStory:
    deploy_sums(story)
    return story


def sums(story: DataStory) -> list[list[object]]:
    return [list(row.values()) for row in story.rows(QUERY)]


def part(story: DataStory, sample: str, points: float | None, kind: str | None = None, on: str | None = None) -> str:
    return story.saved("Part__c", Sample__c=sample, Points__c=points, Kind__c=kind, On__c=on)


def test_roll_up__without_details(summed: DataStory) -> None:
    """A count and a sum of nothing are 0, a minimum and a maximum are blank."""
    summed.saved("Sample__c")
    assert sums(summed) == [[0, 0.0, 0.0, None, None]]


def test_roll_up__insert_update_move_delete_undelete(summed: DataStory) -> None:
    """Every change of a detail is in the sums when the call answers; blanks are left out."""
    sample = summed.saved("Sample__c")
    first = part(summed, sample, 3, "Good", "2026-02-01")
    part(summed, sample, 5, "Bad", "2026-01-01")
    part(summed, sample, None)
    assert sums(summed) == [[3, 8.0, 3.0, 5.0, "2026-01-01"]]
    summed.changed("Part__c", first, Points__c=10)
    assert sums(summed) == [[3, 15.0, 10.0, 10.0, "2026-01-01"]]
    assert summed.org.delete(summed.admin, [first])[0].success
    assert sums(summed) == [[2, 5.0, 0.0, 5.0, "2026-01-01"]]
    assert summed.org.undelete(summed.admin, [first])[0].success
    assert sums(summed) == [[3, 15.0, 10.0, 10.0, "2026-01-01"]]


def test_roll_up__not_writable(summed: DataStory) -> None:
    """Nobody writes a summary."""
    assert summed.refusal(summed.record("Sample__c", Points__c=1))[0] == "INVALID_FIELD_FOR_INSERT_UPDATE"


def test_roll_up__deployed_later(story: DataStory) -> None:
    """A summary that is deployed when details exist knows them at once."""
    sample = story.saved("Sample__c")
    part(story, sample, 4, "Good", "2026-02-01")
    deploy_sums(story)
    assert sums(story) == [[1, 4.0, 4.0, 4.0, "2026-02-01"]]


def test_roll_up__master_goes_through_its_save(story: DataStory) -> None:
    """The master's flows and validation rules see the new sums; a master that is refused refuses the detail."""
    deploy_sums(story, rule("Few_Points", "Points__c > 10", "Too many points."))
    shown = formula("Shown", "TEXT({!$Record.Points__c})")
    source = flow(
        "Show", assign("First", "Text__c", reference("Shown")) + shown, trigger="RecordBeforeSave", on="Update", sobject="Sample__c"
    )
    story.deploy({"flows/Show.flow": source})
    sample = story.saved("Sample__c")
    part(story, sample, 6)
    assert story.value("SELECT Text__c FROM Sample__c") == "6"
    results = story.org.insert(story.admin, [story.record("Part__c", Sample__c=sample, Points__c=points) for points in (1, 9)])
    assert [result.success for result in results] == [False, False]
    assert results[0].errors[0].message == "Too many points."
    assert sums(story)[0][:2] == [1, 6.0]


def test_roll_up__deleted_master(story: DataStory) -> None:
    """Deleting a master takes its details along, and leaves other masters' sums alone."""
    deploy_sums(story)
    keep, gone = story.all_saved([story.record("Sample__c"), story.record("Sample__c")])
    part(story, keep, 1)
    part(story, gone, 2)
    assert story.org.delete(story.admin, [gone])[0].success
    assert sums(story) == [[1, 1.0, 0.0, 1.0, None]]
    assert story.values("SELECT Points__c FROM Part__c") == [1.0]
