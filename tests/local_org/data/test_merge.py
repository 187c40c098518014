"""Merging: children go to the master without automation, the others are deleted and name it."""

from __future__ import annotations

import pytest

from tooling.local_org.errors import OrgError

from ..engine.metadata import assign, flow, text
from .conftest import DataStory

PEOPLE = [{"LastName": "Keep", "Email": "keep@b.example"}, {"LastName": "Gone"}, {"LastName": "Gone too"}]


def people(story: DataStory) -> list[str]:
    return story.all_saved([story.record("Contact", **values) for values in PEOPLE])


def test_merge__children_and_losers(story: DataStory) -> None:
    """All lookups lead to the master; losers are in the recycle bin with MasterRecordId."""
    master, second, third = people(story)
    story.saved("Sample__c", Text__c="s", Contact__c=second)
    story.saved("Task", Subject="t", WhoId=third)
    story.saved("Case", Subject="c", ContactId=third)
    story.deploy(
        {
            "flows/Touch.flow": flow(
                "Touch", assign("First", "Text__c", text("touched")), trigger="RecordBeforeSave", on="CreateAndUpdate", sobject="Sample__c"
            )
        }
    )
    merged = story.org.merge(story.admin, "Contact", {"Id": master, "Title": "Merged"}, [second[:15], third])
    assert set(merged.merged_record_ids) == {second, third}
    assert story.rows("SELECT Text__c, Contact__c FROM Sample__c") == [{"Text__c": "s", "Contact__c": master}], "no flow ran"
    assert story.value("SELECT WhoId FROM Task") == story.value("SELECT ContactId FROM Case") == master
    assert story.rows("SELECT Title, Email FROM Contact") == [{"Title": "Merged", "Email": "keep@b.example"}]
    found = story.org.query(story.admin, "SELECT MasterRecordId FROM Contact WHERE IsDeleted = true", include_deleted=True)
    assert [record["MasterRecordId"] for record in found.records] == [master, master]


REFUSED = [
    ("Opportunity", 1, "INVALID_OPERATION"),
    ("Contact", 0, "INVALID_ARGUMENT"),
    ("Contact", 3, "INVALID_ARGUMENT"),
]


@pytest.mark.parametrize(("sobject", "losers", "code"), REFUSED)
def test_merge__refused(story: DataStory, sobject: str, losers: int, code: str) -> None:
    """Only accounts, contacts, leads and cases are merged, two or three at a time."""
    contacts = [*people(story), story.saved("Contact", LastName="Fourth")]
    deals = [story.saved("Opportunity", Name=n, StageName="Prospecting", CloseDate="2026-05-01") for n in "AB"]
    ids = deals if sobject == "Opportunity" else contacts
    with pytest.raises(OrgError) as refused:
        story.org.merge(story.admin, sobject, {"Id": ids[0]}, ids[1 : 1 + losers])
    assert refused.value.code == code


def test_merge__refused_as_a_whole(story: DataStory) -> None:
    """When the master cannot be saved nothing is merged."""
    master, second, _ = people(story)
    with pytest.raises(OrgError):
        story.org.merge(story.admin, "Contact", {"Id": master, "Email": "nonsense"}, [second])
    with pytest.raises(OrgError):
        story.org.merge(story.admin, "Contact", {"Id": master, "LastName": None}, [second])
    assert len(story.rows("SELECT Id FROM Contact")) == 3
