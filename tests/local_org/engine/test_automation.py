"""What runs after the commit: asynchronous paths, scheduled paths, schedule-triggered flows, and the clock."""

from __future__ import annotations

import threading
from datetime import timedelta

from tooling.local_org.engine.org import Org

from .conftest import START, Story
from .metadata import assign, create, criterion, flow, formula, path, reference, text, update_record

DONE = update_record("First", "Note__c", text("done"))
MARK = create("First", "Task", {"Subject": text("Reminder"), "WhatId": reference("$Record.Id")})
DAILY = "<schedule><frequency>Daily</frequency><startDate>2026-03-01</startDate><startTime>01:00:00.000Z</startTime></schedule>"


def test_async_path__after_commit(story: Story) -> None:
    """An asynchronous path runs after the commit, once per record, also over more than one batch."""
    story.deploy_flows(Later=flow("Later", DONE, first=None, paths=path("Async", "First")))
    story.all_saved([story.response(Key__c=str(n)) for n in range(250)])
    assert story.value("SELECT COUNT(Id) FROM Response__c WHERE Note__c = 'done'") == 0
    assert story.org.run_async() == {"async": 250, "scheduled": 0}
    assert story.value("SELECT COUNT(Id) FROM Response__c WHERE Note__c = 'done'") == 250
    assert story.org.run_async() == {"async": 0, "scheduled": 0}


def test_async_path__current_values(story: Story) -> None:
    """It reads the record as it is when it runs, and does not run for one that is gone."""
    copy = flow("Copy", update_record("First", "Note__c", reference("$Record.Status__c")), first=None, paths=path("Async", "First"))
    story.deploy_flows(Copy=copy)
    kept, gone = story.all_saved([story.response(Key__c="1"), story.response(Key__c="2")])
    story.changed("Response__c", kept, Status__c="Changed")
    story.org.delete(story.admin, [gone])
    assert story.org.run_async()["async"] == 1
    assert story.value("SELECT Note__c FROM Response__c") == "Changed"


def test_async_path__one_fails(story: Story) -> None:
    """A failed interview undoes itself alone; its trace says why, and it is not tried again."""
    story.deploy_flows(
        Score=flow("Score", update_record("First", "Score__c", reference("$Record.Runs__c")), first=None, paths=path("A", "First"))
    )
    story.all_saved([story.response(Key__c=str(n), Runs__c=runs) for n, runs in enumerate((5, 99, 7))])
    assert story.org.run_async()["async"] == 3
    assert story.values("SELECT Score__c FROM Response__c ORDER BY Key__c") == [5.0, None, 7.0]
    errors = [trace["error"] for trace in story.org.interviews() if trace.get("error")]
    assert len(errors) == 1 and "A score is 0 to 10." in errors[0]
    assert story.org.usage()["waiting"] == {}


def test_async_path__immediately(story: Story) -> None:
    """With the setting `immediate` nobody has to ask."""
    story.deploy_flows(Later=flow("Later", DONE, first=None, paths=path("Async", "First")))
    done = threading.Event()
    record_traces = story.org._after_commit

    def heard(tx: object) -> None:
        record_traces(tx)  # type: ignore[arg-type]
        if tx.generation:  # type: ignore[attr-defined]
            done.set()

    story.org._units._committed = heard
    story.set(**{"async": "immediate"})
    story.saved("Response__c", Key__c="1")
    assert done.wait(10)
    assert story.value("SELECT Note__c FROM Response__c") == "done"


def test_async_path__survives_a_restart(story: Story) -> None:
    """What was queued is in the store."""
    story.deploy_flows(Later=flow("Later", DONE, first=None, paths=path("Async", "First")))
    story.saved("Response__c", Key__c="1")
    folder = story.org._runtime.store.path.parent
    story.org.close()
    with Org.open(folder) as org:
        assert org.settings.async_paths == "on request"
        assert org.run_async() == {"async": 1, "scheduled": 0}


def test_scheduled_path__from_the_save(story: Story) -> None:
    """It runs when the clock reaches it, not before."""
    story.deploy_flows(Remind=flow("Remind", MARK, first=None, paths=path("In_Two_Days", "First", offset=(2, "Days"))))
    story.saved("Response__c", Key__c="1")
    story.org.advance(timedelta(hours=47))
    assert story.values("SELECT Id FROM Task") == []
    story.org.advance(timedelta(hours=2))
    (task,) = story.rows("SELECT CreatedDate FROM Task")
    assert task["CreatedDate"].startswith("2026-03-04T16:0")


def test_scheduled_path__date_field_in_the_organizations_zone(story: Story) -> None:
    """A path counted from a date starts at midnight of the organization's time zone; a new date moves it, no date removes it."""
    story.deploy_flows(
        Remind=flow("Remind", MARK, first=None, on="CreateAndUpdate", paths=path("Day_Before", "First", offset=(-1, "Days"),
                    field="Due__c"),
                    filters=criterion("Status__c", "EqualTo", text("New")), change_needed=True)
    )  # fmt: skip
    moved, cleared = story.all_saved([story.response(Key__c="1", Due__c="2026-03-10"), story.response(Key__c="2", Due__c="2026-03-10")])
    story.changed("Response__c", moved, Due__c="2026-03-20")
    story.changed("Response__c", cleared, Due__c=None)
    story.org.advance(timedelta(days=12))
    assert story.values("SELECT Id FROM Task") == []
    story.org.advance(timedelta(days=8))
    (task,) = story.rows("SELECT WhatId, CreatedDate FROM Task")
    assert task["WhatId"] == moved
    # Midnight of the 19th in Los Angeles, which is on daylight saving time by then.
    assert task["CreatedDate"].startswith("2026-03-19T07:00")


def test_scheduled_path__criteria_no_longer_met(story: Story) -> None:
    """A pending path is re-evaluated at each save: a record that no longer meets the criteria loses it."""
    story.deploy_flows(
        Remind=flow("Remind", MARK, first=None, on="CreateAndUpdate", paths=path("Later", "First", offset=(1, "Days")),
                    filters=criterion("Status__c", "EqualTo", text("New")), change_needed=True)
    )  # fmt: skip
    kept, lost = story.all_saved([story.response(Key__c="1"), story.response(Key__c="2")])
    story.changed("Response__c", kept, Note__c="still new")
    story.changed("Response__c", lost, Status__c="Closed")
    story.org.advance(timedelta(days=2))
    assert story.values("SELECT WhatId FROM Task") == [kept]


def test_scheduled_path__batch_size(story: Story) -> None:
    """maxBatchSize bounds how many interviews share a transaction."""
    sizes: list[int] = []
    story.deploy_flows(Remind=flow("Remind", DONE, first=None, paths=path("Soon", "First", offset=(0, "Minutes"), batch=10)))
    story.all_saved([story.response(Key__c=str(n)) for n in range(25)])
    queue = story.org._runtime.queue
    while batch := queue.next_batch(story.org.now()):
        sizes.append(len(batch))
        story.org._automation.run_batch(story.org.now())
    assert sizes == [10, 10, 5]


def test_schedule__every_night(story: Story) -> None:
    """A daily flow runs at its time of day in the organization's zone, for the records that meet its filters, each night anew."""
    nightly = flow("Nightly", formula("Next", "BLANKVALUE({!$Record.Runs__c}, 0) + 1", "Number", 0)
                   + update_record("First", "Runs__c", reference("Next")), trigger="Scheduled", schedule=DAILY,
                   filters=criterion("Status__c", "EqualTo", text("New")))  # fmt: skip
    story.deploy_flows(Nightly=nightly)
    story.all_saved([story.response(Key__c="1"), story.response(Key__c="2", Status__c="Closed")])
    story.org.advance(timedelta(hours=16, minutes=55))
    assert story.values("SELECT Runs__c FROM Response__c ORDER BY Key__c") == [None, None]
    story.org.advance(timedelta(minutes=10))
    assert story.values("SELECT Runs__c FROM Response__c ORDER BY Key__c") == [1.0, None]
    story.org.advance(timedelta(days=3))
    assert story.values("SELECT Runs__c FROM Response__c ORDER BY Key__c") == [4.0, None]


def test_schedule__without_object(story: Story) -> None:
    """A schedule-triggered flow without an object has one interview."""
    story.deploy_flows(
        Nightly=flow("Nightly", create("First", "Account", {"Name": text("Night")}), trigger="Scheduled", schedule=DAILY, sobject=None)
    )
    story.org.set_now(START + timedelta(days=2))
    assert story.values("SELECT Name FROM Account") == ["Night", "Night"]


def test_flow__triggering_itself_for_ever(story: Story) -> None:
    """Asynchronous work that always leads to more ends, and says so."""
    endless = flow("Endless", formula("Next", "BLANKVALUE({!$Record.Runs__c}, 0) + 1", "Number", 0)
                   + update_record("First", "Runs__c", reference("Next")), first=None, on="CreateAndUpdate",
                   filters=criterion("Runs__c", "IsChanged", "<booleanValue>true</booleanValue>"),
                   paths=path("Async", "First"))  # fmt: skip
    story.deploy_flows(Endless=endless)
    record_id = story.saved("Response__c", Key__c="1")
    story.changed("Response__c", record_id, Runs__c=1)
    assert story.org.run_async()["async"] == 100
    assert "triggers itself without end" in story.org.interviews()[-1]["error"]


def test_email_and_rollback(story: Story) -> None:
    """Nothing is sent from a transaction that was rolled back."""
    mail = (
        "<actionCalls><name>First</name><label>First</label><locationX>0</locationX><locationY>0</locationY><actionName>emailSimple</actionName>"
        "<actionType>emailSimple</actionType>"
        "<inputParameters><name>emailAddresses</name><value><stringValue>a@b.example</stringValue></value></inputParameters>"
        "<inputParameters><name>emailSubject</name><value><stringValue>Hello</stringValue></value></inputParameters>"
        "<inputParameters><name>emailBody</name><value><stringValue>Text</stringValue></value></inputParameters></actionCalls>"
    )
    story.deploy_flows(Mail=flow("Mail", mail))
    story.org.insert(story.admin, [story.response(Key__c="1"), story.response(Score__c=99)], all_or_none=True)
    assert story.org.emails() == []
    story.saved("Response__c", Key__c="1")
    assert [(mail["to"], mail["subject"]) for mail in story.org.emails()] == [(["a@b.example"], "Hello")]


def test_before_save__not_in_async(story: Story) -> None:
    """An asynchronous update goes through the save order like any other."""
    story.deploy_flows(
        Prepare=flow("Prepare", assign("First", "Status__c", text("Prepared")), trigger="RecordBeforeSave", on="Update"),
        Later=flow("Later", DONE, first=None, paths=path("Async", "First")),
    )
    story.saved("Response__c", Key__c="1")
    story.org.run_async()
    assert story.value("SELECT Status__c FROM Response__c") == "Prepared"
