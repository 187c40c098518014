"""What the platform derives on standard objects."""

from __future__ import annotations

from .conftest import Story


def test_task__completed(story: Story) -> None:
    """Completing a task closes it and stamps when; its account follows from what it is about, else from the person."""
    account = story.saved("Account", Name="Acme")
    contact = story.saved("Contact", LastName="A", AccountId=account)
    task = story.saved("Task", Subject="Call", WhoId=contact)
    (row,) = story.rows("SELECT IsClosed, CompletedDateTime, AccountId, Status, Priority FROM Task")
    assert row == {"IsClosed": False, "CompletedDateTime": None, "AccountId": account, "Status": "Not Started", "Priority": "Normal"}
    story.changed("Task", task, Status="Completed")
    (row,) = story.rows("SELECT IsClosed, CompletedDateTime FROM Task")
    assert row["IsClosed"] is True and row["CompletedDateTime"].startswith("2026-03-02")
    story.changed("Task", task, Status="In Progress")
    assert story.value("SELECT CompletedDateTime FROM Task") is None


def test_task__of_a_lead_about_something(story: Story) -> None:
    """A lead's task has no related record."""
    lead = story.saved("Lead", LastName="L", Company="C")
    account = story.saved("Account", Name="Acme")
    assert story.refusal(story.record("Task", Subject="x", WhoId=lead, WhatId=account))[0] == "FIELD_INTEGRITY_EXCEPTION"


def test_case__closed(story: Story) -> None:
    """A closed case has a date; its account and e-mail address come from the contact."""
    account = story.saved("Account", Name="Acme")
    contact = story.saved("Contact", LastName="A", AccountId=account, Email="a@b.example")
    case = story.saved("Case", Subject="s", ContactId=contact)
    story.changed("Case", case, Status="Closed")
    (row,) = story.rows("SELECT AccountId, IsClosed, ClosedDate, ContactEmail, CaseNumber FROM Case")
    assert row["AccountId"] == account and row["IsClosed"] is True and row["ClosedDate"] is not None
    assert (row["ContactEmail"], row["CaseNumber"]) == ("a@b.example", "00000001")


def test_opportunity__stage(story: Story) -> None:
    """The stage decides probability, forecast and whether the deal is closed."""
    story.saved("Opportunity", Name="Deal", StageName="Closed Won", CloseDate="2026-05-01", Amount=100)
    (row,) = story.rows(
        "SELECT IsClosed, IsWon, Probability, ForecastCategoryName, ExpectedRevenue, FiscalYear, FiscalQuarter FROM Opportunity"
    )
    assert row == {
        "IsClosed": True, "IsWon": True, "Probability": 100.0, "ForecastCategoryName": "Closed", "ExpectedRevenue": 100.0,
        "FiscalYear": 2026, "FiscalQuarter": 2,
    }  # fmt: skip


def test_owner__inactive_user_and_foreign_queue(story: Story) -> None:
    """An inactive user owns nothing new, a queue only objects it was made for."""
    other = story.user("Standard User")
    story.changed("User", other.id, IsActive=False)
    assert story.refusal(story.record("Account", Name="x", OwnerId=other.id))[0] == "INACTIVE_OWNER_OR_USER"
    queue = story.saved("Group", Name="Tier 2", Type="Queue", DeveloperName="Tier_2")
    assert story.refusal(story.record("Case", Subject="x", OwnerId=queue)) == (
        "INVALID_OPERATION",
        "Queue not associated with this SObject type",
    )
    story.saved("QueueSobject", QueueId=queue, SobjectType="Case")
    assert story.saved("Case", Subject="x", OwnerId=queue)
