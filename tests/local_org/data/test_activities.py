"""Tasks and events: shared custom fields, who and what they are about, the account that follows from it."""

from __future__ import annotations

import pytest

from .conftest import DataStory


@pytest.mark.parametrize("kind", ["Task", "Event"])
def test_activity__custom_fields_are_shared(story: DataStory, kind: str) -> None:
    """A custom field of Activity is one of tasks and of events; nothing can be saved as an Activity."""
    more = {"DurationInMinutes": 30, "ActivityDateTime": "2026-03-02T17:00:00Z"} if kind == "Event" else {}
    story.saved(kind, Subject="s", Mood__c="glad", **more)
    assert story.value(f"SELECT Mood__c FROM {kind}") == "glad"
    assert story.refusal(story.record("Activity", Subject="s"))[0] == "INVALID_TYPE"


WHO_AND_WHAT = [
    ("Contact", "Account", None),
    ("Contact", "Sample__c", None),
    ("Lead", None, None),
    (None, "Case", None),
    ("Lead", "Account", "FIELD_INTEGRITY_EXCEPTION"),
    ("Account", None, "FIELD_INTEGRITY_EXCEPTION"),
    (None, "Contact", "FIELD_INTEGRITY_EXCEPTION"),
    (None, "Word__mdt", "FIELD_INTEGRITY_EXCEPTION"),
]


@pytest.mark.parametrize(("who", "what", "refused"), WHO_AND_WHAT)
def test_task__who_and_what(story: DataStory, who: str | None, what: str | None, refused: str | None) -> None:
    """Who is a contact or a lead, what is any object with activities; a lead allows no what."""
    ids = {
        "Account": story.saved("Account", Name="A"),
        "Contact": story.saved("Contact", LastName="C"),
        "Lead": story.saved("Lead", LastName="L", Company="C"),
        "Case": story.saved("Case", Subject="s"),
        "Sample__c": story.saved("Sample__c"),
        "Word__mdt": story.rows("SELECT Id FROM Word__mdt")[0]["Id"],
    }
    (result,) = story.org.insert(story.admin, [story.record("Task", Subject="s", WhoId=ids.get(who or ""), WhatId=ids.get(what or ""))])
    assert [error.code for error in result.errors] == ([refused] if refused else [])


def test_task__account(story: DataStory) -> None:
    """The account is that of what, else that of who; it follows when they change."""
    first, second = story.all_saved([story.record("Account", Name="A"), story.record("Account", Name="B")])
    contact = story.saved("Contact", LastName="C", AccountId=first)
    deal = story.saved("Opportunity", Name="D", StageName="Prospecting", CloseDate="2026-05-01", AccountId=second)
    task = story.saved("Task", Subject="s", WhoId=contact)
    assert story.value("SELECT AccountId FROM Task") == first
    story.changed("Task", task, WhatId=deal)
    assert story.value("SELECT AccountId FROM Task") == second
    story.changed("Task", task, WhatId=None, WhoId=None)
    assert story.value("SELECT AccountId FROM Task") is None
    assert story.refusal(story.record("Task", Subject="s", AccountId=first))[0] == "INVALID_FIELD_FOR_INSERT_UPDATE"


def test_task__polymorphic_query(story: DataStory) -> None:
    """Who and what tell their type and name."""
    contact = story.saved("Contact", FirstName="Ada", LastName="C")
    story.saved("Task", Subject="s", WhoId=contact, WhatId=story.saved("Account", Name="Acme"))
    (row,) = story.rows("SELECT Who.Type, Who.Name, What.Type, What.Name FROM Task WHERE What.Type = 'Account'")
    assert [row["Who"]["Type"], row["Who"]["Name"], row["What"]["Type"], row["What"]["Name"]] == ["Contact", "Ada C", "Account", "Acme"]


def test_event__times(story: DataStory) -> None:
    """An event's end follows from its duration, or its duration from its end."""
    story.saved("Event", Subject="a", DurationInMinutes=45, ActivityDateTime="2026-03-02T17:00:00Z")
    story.saved("Event", Subject="b", StartDateTime="2026-03-02T17:00:00Z", EndDateTime="2026-03-02T19:00:00Z")
    rows = story.rows("SELECT StartDateTime, EndDateTime, DurationInMinutes, ActivityDate FROM Event ORDER BY Subject")
    assert [list(row.values()) for row in rows] == [
        ["2026-03-02T17:00:00.000+0000", "2026-03-02T17:45:00.000+0000", 45, "2026-03-02"],
        ["2026-03-02T17:00:00.000+0000", "2026-03-02T19:00:00.000+0000", 120, "2026-03-02"],
    ]
    missing = story.refusal(story.record("Event", Subject="c"))
    assert missing == ("REQUIRED_FIELD_MISSING", "Required fields are missing: [DurationInMinutes, ActivityDateTime]")
    story.saved("Event", Subject="e", IsAllDayEvent=True, ActivityDate="2026-03-05")
    assert story.value("SELECT StartDateTime FROM Event WHERE IsAllDayEvent = true") == "2026-03-05T00:00:00.000+0000"
    early = story.record("Event", Subject="d", StartDateTime="2026-03-02T17:00:00Z", EndDateTime="2026-03-02T16:00:00Z")
    assert story.refusal(early)[0] == "FIELD_INTEGRITY_EXCEPTION"


def last(story: DataStory, sobject: str) -> str | None:
    value = story.value(f"SELECT LastActivityDate FROM {sobject}")
    assert value is None or isinstance(value, str)
    return value


def test_last_activity__latest_closed_task_or_event(story: DataStory) -> None:
    """The latest due date of closed tasks and date of events: by name for a contact, by what rolls up to it for an account."""
    account = story.saved("Account", Name="A")
    contact = story.saved("Contact", LastName="C", AccountId=account)
    stamped = story.value("SELECT LastModifiedDate FROM Account")
    task = story.saved("Task", Subject="s", WhoId=contact, ActivityDate="2026-03-05")
    assert (last(story, "Contact"), last(story, "Account")) == (None, None)

    story.changed("Task", task, Status="Completed")
    assert (last(story, "Contact"), last(story, "Account")) == ("2026-03-05", "2026-03-05")
    story.saved("Task", Subject="earlier", WhoId=contact, ActivityDate="2026-03-01", Status="Completed")
    story.saved("Event", Subject="e", WhatId=account, DurationInMinutes=30, ActivityDateTime="2026-04-02T17:00:00Z")
    assert (last(story, "Contact"), last(story, "Account")) == ("2026-03-05", "2026-04-02")
    assert story.value("SELECT LastModifiedDate FROM Account") == stamped


def test_last_activity__taken_back(story: DataStory) -> None:
    """Reopened, moved or deleted, it counts no more; what is left does."""
    contact, other = story.all_saved([story.record("Contact", LastName=name) for name in ("A", "B")])
    days = ("2026-03-05", "2026-03-04", "2026-03-03")
    first, second, third = (story.saved("Task", Subject="s", WhoId=contact, ActivityDate=day, Status="Completed") for day in days)

    def of(record_id: str) -> str | None:
        return story.rows(f"SELECT LastActivityDate FROM Contact WHERE Id = '{record_id}'")[0]["LastActivityDate"]  # type: ignore[no-any-return]

    story.changed("Task", first, Status="Not Started")
    assert of(contact) == "2026-03-04"
    story.changed("Task", second, WhoId=other)
    assert (of(contact), of(other)) == ("2026-03-03", "2026-03-04")
    story.org.delete(story.admin, [third])
    assert of(contact) is None
    story.org.undelete(story.admin, [third])
    assert of(contact) == "2026-03-03"
