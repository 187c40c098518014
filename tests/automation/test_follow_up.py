"""A detractor answers: somebody is to call, hears of it, and the loop is closed on the response."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.automation.world import World, moment, text_of
from tooling.metadata.generator import plan
from tooling.spec import Spec


def test_detractor__one_task_for_the_manager(world: World, account: str, contact: str, manager: str) -> None:
    """One task with high priority for the success manager, due in a day, with a reminder, the comment and the reason why it exists; a bell
    rings."""
    response = world.answer(3, contact, Verbatim__c="It does not hold what was promised.")

    task = world.task(response)
    assert (task["OwnerId"], task["Priority"], task["Status"]) == (manager, "High", "Not Started")
    assert (task["WhoId"], task["WhatId"], task["ActivityDate"]) == (contact, account, "2026-03-03")
    assert task["IsReminderSet"] is True
    assert task["Subject"] == "NPS follow-up: 3 of 10 from Ada Byron"
    assert "It does not hold what was promised." in task["Description"]
    assert world.value(response, "Name") in task["Description"]
    state = world.record(response, "Automation_Status__c", "Automated_Revision__c", "Follow_Up_Status__c", "Automation_Error__c")
    assert state == {"Automation_Status__c": "Done", "Automated_Revision__c": 1, "Follow_Up_Status__c": "Open", "Automation_Error__c": None}
    due = moment(world.value(response, "Follow_Up_Due_At__c"))
    assert timedelta(0) <= due - world.org.now() - timedelta(hours=24) + timedelta(minutes=1) <= timedelta(minutes=1)
    (bell,) = world.org.notifications()
    assert (bell["recipient_ids"], bell["target_id"]) == ([manager], response)
    assert "3 of 10" in bell["title"]


def test_others__no_task(world: World, contact: str) -> None:
    """A passive, a promoter, a dismissal, a quiet answer and one that is too old start nothing."""
    answers = [
        world.answer(8, contact),
        world.answer(10, contact),
        world.answer(None, contact, Outcome__c="Dismissed"),
        world.answer(0, contact, Quiet__c=True),
        world.answer(0, contact, Responded_At__c=text_of(world.org.now() - timedelta(days=15))),
    ]

    assert [world.tasks(response) for response in answers] == [[]] * len(answers)
    assert {world.value(response, "Follow_Up_Status__c") for response in answers} == {"Not needed"}
    assert world.org.notifications() == []
    assert world.rows("SELECT Id FROM Case") == []


def test_assignment__order(world: World, manager: str) -> None:
    """Without an active manager the Account's owner gets it, a Lead's owner a Lead's; queues and inactive users are passed over, and the
    default user is the last."""
    owner = world.user("Olga")
    desk = world.org.user_named("desk@acme.example").id
    (queue,) = world.insert("Group", {"Name": "Leads", "DeveloperName": "Leads", "Type": "Queue"})
    world.add("QueueSobject", QueueId=queue, SobjectType="Lead")
    owned = world.account("Owned", OwnerId=owner)
    world.update(manager, IsActive=False)
    left = world.account("Left", NPS_Success_Manager__c=manager, OwnerId=owner)
    lead = world.add("Lead", LastName="Known", Company="Firm", OwnerId=owner)
    queued = world.add("Lead", LastName="Waiting", Company="Firm", OwnerId=queue)

    assert world.task(world.answer(2, None, Account__c=owned))["OwnerId"] == owner
    assert world.task(world.answer(2, None, Account__c=left))["OwnerId"] == owner
    of_lead = world.task(world.answer(2, None, Lead__c=lead))
    assert (of_lead["OwnerId"], of_lead["WhoId"], of_lead["WhatId"]) == (owner, lead, None)
    assert world.task(world.answer(2, None, Lead__c=queued))["OwnerId"] == desk


def test_revision__the_same_task_says_so(world: World, contact: str) -> None:
    """A changed comment is written on the task that is there; a better score too, and the task stays."""
    response = world.answer(3, contact, Verbatim__c="Slow.")
    task = world.task(response)["Id"]

    world.revise(response, Verbatim__c="Slow, and nobody calls back.")
    assert "nobody calls back" in world.task(response)["Description"]
    assert "was changed" in world.task(response)["Description"]

    world.revise(response, Score__c=9)
    improved = world.task(response)
    assert improved["Id"] == task
    assert improved["Description"].startswith("Improved since: 9 of 10 now.")
    assert improved["Status"] == "Not Started"
    assert len(world.org.notifications()) == 1


def test_worse__a_passive_becomes_a_detractor(world: World, contact: str) -> None:
    """A revision that makes a detractor of a passive gets the task then."""
    response = world.answer(8, contact)
    assert world.tasks(response) == []

    world.revise(response, Score__c=4)
    assert len(world.tasks(response)) == 1
    assert world.value(response, "Follow_Up_Status__c") == "Open"


def test_removed__the_task_stays_with_a_note(world: World, contact: str) -> None:
    """An answer that was removed at its source: the task says so, the automation has nothing more to do."""
    response = world.answer(3, contact)

    world.update(response, Removed_At_Source__c=text_of(world.org.now()))
    world.run()
    assert world.task(response)["Description"].startswith("The answer was removed at its source.")
    assert world.value(response, "Automation_Status__c") == "Not needed"


def test_parked__ends_as_if_matched_at_once(world: World, account: str, contact: str, manager: str) -> None:
    """Nobody is matched: the default user gets the task. Matched later, everything is as it would have been at once, with one task."""
    at_once = world.answer(3, contact, Verbatim__c="I will cancel.")
    parked = world.answer(3, None, Verbatim__c="I will cancel.")
    desk = world.org.user_named("desk@acme.example").id
    assert world.task(parked)["OwnerId"] == desk
    assert world.value(parked, "Acknowledgement_Status__c") == "Waiting"
    assert world.tasks(parked, "Timeline") == []
    (case,) = world.cases(parked)
    assert case["Owner"]["Name"] == "NPS Escalations"
    assert (case["SuppliedName"], case["SuppliedEmail"]) == ("Ada Byron", "ada@acme.example")

    world.update(parked, Contact__c=contact, Account__c=account, Match_Status__c="Resolved")
    world.run()

    def outcome(response: str) -> list[object]:
        task, logged, case = world.task(response), world.task(response, "Timeline"), world.cases(response)[0]
        return [
            *(task[field] for field in ("OwnerId", "WhoId", "WhatId", "Subject")),
            *(logged[field] for field in ("WhoId", "WhatId", "Subject")),
            *(case[field] for field in ("ContactId", "AccountId", "Priority", "Type", "Subject")),
            case["Owner"]["Name"],
            *world.record(response, "Automation_Status__c", "Follow_Up_Status__c", "Acknowledgement_Status__c").values(),
        ]

    assert outcome(parked) == outcome(at_once)
    assert len(world.emails("ada@acme.example")) == 2
    assert [bell["recipient_ids"] for bell in world.org.notifications()] == [[manager], [desk], [manager]]


def test_closed__stamps_the_response_and_asks_for_the_cause(world: World, account: str, contact: str, manager: str) -> None:
    """Closing the task stamps the response, asks its owner for root cause and resolution, and the Account is recalculated."""
    response = world.answer(3, contact)
    world.recalculate(account, contact)
    assert world.value(account, "NPS_Segment__c") == "Detractor"

    world.later(hours=3)
    world.update(world.task(response)["Id"], Status="Completed")
    world.run()
    state = world.record(response, "Follow_Up_Status__c", "Hours_To_Follow_Up__c", "Follow_Up_Band__c")
    assert state == {"Follow_Up_Status__c": "Done", "Hours_To_Follow_Up__c": 3.1, "Follow_Up_Band__c": "<=24h"}
    asked = world.org.notifications()[-1]
    assert (asked["recipient_ids"], asked["target_id"]) == ([manager], response)
    assert "cause" in asked["title"]
    assert "root cause and resolution" in asked["body"]

    world.later(minutes=10)
    assert moment(world.value(account, "NPS_Recalculated_At__c")) > world.org.now() - timedelta(minutes=10)


@pytest.mark.parametrize("noted", [{"Root_Cause__c": "Product gap"}, {"Resolution__c": "Planned for May"}], ids=["cause", "resolution"])
def test_closed__with_half_of_it_asks_too(world: World, contact: str, noted: dict[str, str]) -> None:
    """A cause without a resolution, or the other way round, teaches others too little: it is asked for."""
    response = world.answer(3, contact)
    world.update(response, **noted)
    world.update(world.task(response)["Id"], Status="Completed")
    world.run()

    assert len(world.org.notifications()) == 2


def test_closed__with_a_cause_nobody_is_asked(world: World, contact: str) -> None:
    """Whoever noted root cause and resolution before closing is left alone."""
    response = world.answer(3, contact)
    world.update(response, Root_Cause__c="Product gap", Resolution__c="Planned for May")
    world.update(world.task(response)["Id"], Status="Completed")
    world.run()

    assert len(world.org.notifications()) == 1


def test_reopened__the_loop_is_open_again(world: World, contact: str) -> None:
    """Opening the task again clears the time; closing it again sets the later one."""
    response = world.answer(3, contact)
    task = world.task(response)["Id"]
    world.update(task, Status="Completed")
    world.run()
    first = world.value(response, "Followed_Up_At__c")

    world.later(hours=1)
    world.update(task, Status="Not Started")
    world.run()
    assert world.record(response, "Follow_Up_Status__c", "Followed_Up_At__c") == {"Follow_Up_Status__c": "Open", "Followed_Up_At__c": None}

    world.later(hours=1)
    world.update(task, Status="Completed")
    world.run()
    assert world.value(response, "Follow_Up_Status__c") == "Done"
    assert moment(world.value(response, "Followed_Up_At__c")) - moment(first) > timedelta(hours=1)


def test_closed_task__a_later_revision_leaves_it(world: World, contact: str) -> None:
    """Somebody has called: a later wording makes no new task and opens none."""
    response = world.answer(3, contact)
    world.update(world.task(response)["Id"], Status="Completed")
    world.run()
    stamped = world.value(response, "Followed_Up_At__c")

    world.revise(response, Verbatim__c="And another thing")
    assert world.task(response)["Status"] == "Completed"
    assert world.record(response, "Follow_Up_Status__c", "Followed_Up_At__c") == {
        "Follow_Up_Status__c": "Done",
        "Followed_Up_At__c": stamped,
    }


def test_other_tasks__of_no_interest(world: World, contact: str) -> None:
    """A customer's own task, open or closed, starts nothing of ours."""
    task = world.add("Task", Subject="Call", WhoId=contact, Status="Not Started", Priority="Normal")
    world.update(task, Status="Completed")

    assert world.org.run_async() == {"async": 0, "scheduled": 0}


def test_zone__the_day_is_the_orgs(world: World, contact: str) -> None:
    """At ten in the evening in Los Angeles it is tomorrow in GMT: the task is due on the day after today there."""
    world.org.set_now(datetime.fromisoformat("2026-03-03T06:00:00+00:00"))
    response = world.answer(3, contact)

    assert world.task(response)["ActivityDate"] == "2026-03-03"


def only_business_days(world: World, spec: Spec) -> None:
    detractor = spec.follow_up.detractor.model_copy(update={"business_days": True})
    other = spec.model_copy(update={"follow_up": spec.follow_up.model_copy(update={"detractor": detractor})})
    flow = plan(other)["main/default/flows/NPS_Follow_Up.flow-meta.xml"]
    members = "<types><members>NPS_Follow_Up</members><name>Flow</name></types>"
    world.deploy({"flows/NPS_Follow_Up.flow": flow.encode()}, members)


def test_business_days__a_weekends_becomes_mondays(world: World, contact: str, spec: Spec) -> None:
    """With business days, what comes on a Friday or at the weekend is due on Monday; on a Monday nothing changes."""
    only_business_days(world, spec)
    due = {}
    for day in ("2026-03-02", "2026-03-06", "2026-03-07", "2026-03-08"):
        world.org.set_now(datetime.fromisoformat(f"{day}T18:00:00+00:00"))
        response = world.answer(3, contact)
        due[day] = (world.task(response)["ActivityDate"], moment(world.value(response, "Follow_Up_Due_At__c")).date().isoformat())
    assert due == {
        "2026-03-02": ("2026-03-03", "2026-03-03"),
        "2026-03-06": ("2026-03-09", "2026-03-09"),
        "2026-03-07": ("2026-03-09", "2026-03-09"),
        "2026-03-08": ("2026-03-09", "2026-03-09"),
    }


@pytest.mark.parametrize(
    ("zone", "now", "task", "due"),
    [
        # Clocks go forward on Sunday, 8 March, and back on Sunday, 1 November: 72 hours are 72 hours.
        ("America/Los_Angeles", "2026-03-06T10:00", "2026-03-09", "2026-03-09T11:00"),
        ("America/Los_Angeles", "2026-03-08T01:30", "2026-03-09", "2026-03-09T02:30"),
        ("America/Los_Angeles", "2026-10-30T10:00", "2026-11-02", "2026-11-02T09:00"),
        # In the night of a clock change the moment is off by its hour; the task's day is right all the same.
        ("America/Los_Angeles", "2026-10-30T00:30", "2026-11-02", "2026-11-01T23:30"),
        # 13 hours ahead: Friday there is Thursday in GMT, Monday there begins on Sunday in GMT.
        ("Pacific/Tongatapu", "2026-03-05T23:30", "2026-03-06", "2026-03-06T23:30"),
        ("Pacific/Tongatapu", "2026-03-06T00:30", "2026-03-09", "2026-03-09T00:30"),
        ("Pacific/Tongatapu", "2026-03-08T00:30", "2026-03-09", "2026-03-09T00:30"),
        ("Pacific/Tongatapu", "2026-03-09T00:30", "2026-03-10", "2026-03-10T00:30"),
        # Clocks go back on Sunday, 5 April.
        ("Pacific/Auckland", "2026-04-03T10:00", "2026-04-06", "2026-04-06T09:00"),
    ],
)
def test_business_days__of_the_users_zone(world: World, contact: str, spec: Spec, zone: str, now: str, task: str, due: str) -> None:
    """Weekends are those of the zone, however far it is from GMT, also while its clocks change."""
    only_business_days(world, spec)
    world.update(world.admin.id, TimeZoneSidKey=zone)
    world.org.set_now(datetime.fromisoformat(now).replace(tzinfo=ZoneInfo(zone)))
    response = world.answer(3, contact)

    assert world.task(response)["ActivityDate"] == task
    assert moment(world.value(response, "Follow_Up_Due_At__c")).astimezone(ZoneInfo(zone)).isoformat()[:16] == due
