"""Deleting and undeleting: what goes along, what forbids it, what comes back."""

from __future__ import annotations

import pytest

from .conftest import DataStory
from .package import SAMPLE_FIELDS, custom_object


def binned(story: DataStory, sobject: str) -> int:
    return story.org.query(story.admin, f"SELECT Id FROM {sobject} WHERE IsDeleted = true", include_deleted=True).total_size


def test_delete__set_null_restrict_cascade(story: DataStory) -> None:
    """A lookup is cleared, forbids, or takes its record along, as its field says."""
    account = story.saved("Account", Name="A")
    contact = story.saved("Contact", LastName="C")
    sample = story.saved("Sample__c", Account__c=account, Contact__c=contact)
    part = story.saved("Part__c", Sample__c=sample)
    assert story.org.delete(story.admin, [contact])[0].success
    assert story.value("SELECT Contact__c FROM Sample__c") is None
    (refused,) = story.org.delete(story.admin, [account])
    assert refused.errors[0].code == "DELETE_FAILED"
    assert story.org.delete(story.admin, [sample])[0].success
    assert story.rows("SELECT Id FROM Part__c") == []
    assert story.org.undelete(story.admin, [sample])[0].success
    assert story.values("SELECT Id FROM Part__c") == [part]


def test_delete__cascade_of_a_lookup(story: DataStory) -> None:
    """A lookup may be deployed with Cascade: its record goes along, grandchildren too."""
    body = SAMPLE_FIELDS["Contact__c"].replace("SetNull", "Cascade")
    story.deploy({"objects/Sample__c.object": custom_object("Sample", body)})
    contact = story.saved("Contact", LastName="C")
    sample = story.saved("Sample__c", Contact__c=contact)
    story.saved("Part__c", Sample__c=sample)
    assert story.org.delete(story.admin, [contact])[0].success
    assert (binned(story, "Sample__c"), binned(story, "Part__c")) == (1, 1)
    assert story.org.undelete(story.admin, [contact])[0].success
    assert (binned(story, "Sample__c"), binned(story, "Part__c")) == (0, 0)


@pytest.mark.parametrize("sobject", ["Task", "Event"])
@pytest.mark.parametrize("reference", ["WhoId", "WhatId"])
def test_delete__activities_go_along(story: DataStory, sobject: str, reference: str) -> None:
    """Tasks and events of a deleted person or record are deleted with it (recorded describes: cascadeDelete of WhoId and WhatId)."""
    parent = story.saved("Contact", LastName="C") if reference == "WhoId" else story.saved("Account", Name="A")
    times = {"DurationInMinutes": 30, "ActivityDateTime": "2026-01-05T10:00:00Z"} if sobject == "Event" else {}
    story.saved(sobject, Subject="Call", **{reference: parent}, **times)
    assert story.org.delete(story.admin, [parent])[0].success
    assert (story.rows(f"SELECT Id FROM {sobject}"), binned(story, sobject)) == ([], 1)
    assert story.org.undelete(story.admin, [parent])[0].success
    assert binned(story, sobject) == 0


def test_delete__contracts_of_an_account(story: DataStory) -> None:
    """Drafts go along with their account; an activated contract keeps it (recorded describe: cascadeDelete and restrictedDelete)."""
    account = story.saved("Account", Name="A")
    story.saved("Contract", AccountId=account)
    kept = story.saved("Contract", AccountId=account)
    story.changed("Contract", kept, Status="Activated")
    (refused,) = story.org.delete(story.admin, [account])
    assert refused.errors[0].code == "DELETE_FAILED"
    story.changed("Contract", kept, Status="Draft")
    assert story.org.delete(story.admin, [account])[0].success
    assert binned(story, "Contract") == 2


def test_undelete__not_what_was_deleted_before(story: DataStory) -> None:
    """What was in the recycle bin already stays there when its parent comes back."""
    sample = story.saved("Sample__c")
    first, _ = (story.saved("Part__c", Sample__c=sample) for _ in range(2))
    story.org.delete(story.admin, [first])
    story.org.delete(story.admin, [sample])
    story.org.undelete(story.admin, [sample])
    assert (len(story.rows("SELECT Id FROM Part__c")), binned(story, "Part__c")) == (1, 1)


def test_undelete__lookup_taken_meanwhile(story: DataStory) -> None:
    """A cleared lookup is restored only where it is still empty."""
    first, second = story.all_saved([story.record("Contact", LastName="A"), story.record("Contact", LastName="B")])
    one, two = (story.saved("Sample__c", Contact__c=first) for _ in range(2))
    story.org.delete(story.admin, [first])
    story.changed("Sample__c", two, Contact__c=second)
    story.org.undelete(story.admin, [first])
    assert story.rows("SELECT Id, Contact__c FROM Sample__c ORDER BY Id") == [
        {"Id": one, "Contact__c": first},
        {"Id": two, "Contact__c": second},
    ]


def test_undelete__unique_value_taken(story: DataStory) -> None:
    """A record whose unique value is taken stays in the recycle bin."""
    gone = story.saved("Sample__c", Key__c="k")
    story.org.delete(story.admin, [gone])
    story.saved("Sample__c", Key__c="K")
    (result,) = story.org.undelete(story.admin, [gone])
    assert result.errors[0].code == "DUPLICATE_VALUE" and binned(story, "Sample__c") == 1


REFUSED = [
    ("003000000009999AAA", "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"),
    ("nonsense", "MALFORMED_ID", None),
    ("zzz000000009999AAA", "MALFORMED_ID", None),
]


@pytest.mark.parametrize(("record_id", "code", "message"), REFUSED)
def test_delete__refused(story: DataStory, record_id: str, code: str, message: str | None) -> None:
    """An id that leads nowhere, or is none."""
    (result,) = story.org.delete(story.admin, [record_id])
    assert result.errors[0].code == code
    assert message is None or result.errors[0].message == message


def test_delete__twice_and_undelete_of_the_living(story: DataStory) -> None:
    """A deleted record cannot be deleted again, a living one not be undeleted."""
    sample = story.saved("Sample__c")
    assert [result.success for result in story.org.delete(story.admin, [sample, sample])] == [True, False]
    (again,) = story.org.delete(story.admin, [sample])
    assert (again.errors[0].code, again.errors[0].message) == ("ENTITY_IS_DELETED", "entity is deleted")
    assert story.org.undelete(story.admin, [sample])[0].success
    (living,) = story.org.undelete(story.admin, [sample])
    assert living.errors[0].code == "UNDELETE_FAILED"


def test_delete__all_or_none(story: DataStory) -> None:
    """With allOrNone nothing is deleted when one record is refused."""
    sample = story.saved("Sample__c")
    results = story.org.delete(story.admin, [sample, "003000000009999AAA"], all_or_none=True)
    assert [result.errors[0].code for result in results] == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "INVALID_CROSS_REFERENCE_KEY"]
    assert story.values("SELECT Id FROM Sample__c") == [sample]
