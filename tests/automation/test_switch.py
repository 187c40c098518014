"""The switch and the sweep: nothing is lost while automation is off, and nothing is done twice."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.automation.recomputed import recomputed, stored
from tests.automation.test_renewals import renewal, state
from tests.automation.world import World
from tooling.spec import Spec


def test_switched_off__then_on(world: World, contact: str) -> None:
    """With the switch off answers are saved and nothing else happens; after it is on again the sweep catches up with all of them, once."""
    world.switch_off(True)
    response = world.answer(1, contact, Verbatim__c="cancel")
    assert world.value(response, "Automation_Status__c") == "Suppressed"
    world.until_the_sweep()
    assert (world.tasks(response), world.cases(response), world.emails()) == ([], [], [])

    world.switch_off(False)
    world.until_the_sweep()
    world.until_the_sweep()
    assert world.value(response, "Automation_Status__c") == "Done"
    assert (len(world.tasks(response)), len(world.tasks(response, "Timeline")), len(world.cases(response)), len(world.emails())) == (
        1,
        1,
        1,
        1,
    )


def test_switched_off__what_people_do_still_counts(world: World, account: str, contact: str, spec: Spec) -> None:
    """While automation is off people go on working: who closes a task closes the loop, a closed Case leaves the numbers, and those stay
    right; what would be written to a customer waits, says why, and leaves once when automation is on again."""
    response = world.answer(3, contact, Verbatim__c="cancel")
    opportunity = renewal(world, account, 61, contact)
    world.switch_off(True)
    silent = world.answer(3, contact)
    world.update(world.task(response)["Id"], Status="Completed")
    world.update(world.cases(response)[0]["Id"], Status="Closed")
    world.later(days=2)

    assert world.value(response, "Follow_Up_Status__c") == "Done"
    assert world.value(account, "NPS_Open_Escalations__c") == 0
    for parent in (account, contact):
        assert stored(world, parent) == recomputed(world, parent, spec)
    assert state(world, opportunity) == ["Waiting", "Automation is switched off"]
    assert (world.tasks(silent), len(world.emails())) == ([], 1)

    world.switch_off(False)
    world.until_the_sweep()
    assert len(world.tasks(silent)) == 1
    world.update(world.task(silent)["Id"], Status="Completed")
    world.later(days=3)
    assert state(world, opportunity) == ["Sent", None]
    assert sorted(email["subject"] for email in world.emails()) == ["Before your renewal", *["Thank you for your answer"] * 2]


def test_sweep__gives_up_after_five_attempts(world: World, contact: str) -> None:
    """What fails again and again is tried five times, then it waits for an admin, whose Retry counts always."""
    world.rule("Task", "TRUE")
    response = world.answer(3, contact)
    for _ in range(7):
        world.until_the_sweep()
    assert world.record(response, "Automation_Status__c", "Automation_Attempt__c") == {
        "Automation_Status__c": "Failed",
        "Automation_Attempt__c": 5,
    }

    world.no_rule("Task")
    world.retry(response)
    assert world.value(response, "Automation_Status__c") == "Done"
    assert len(world.tasks(response)) == 1


@pytest.mark.parametrize("reenter", [True, False])
def test_reentry__the_same_end_either_way(world: World, account: str, contact: str, spec: Spec, reenter: bool) -> None:
    """However the platform re-enters a flow on its own record within a transaction (it does not say), the end is the same."""
    world.org.settings = replace(world.org.settings, reenter=reenter)
    response = world.answer(3, contact, Verbatim__c="cancel")
    promoter = world.answer(9, contact, Responded_At__c="2026-03-02T16:00:00.000Z")
    world.revise(response, Score__c=2)
    world.update(world.task(response)["Id"], Status="Completed")
    world.update(world.cases(response)[0]["Id"], Status="Closed")
    world.later(days=3)

    assert (len(world.tasks(response)), len(world.tasks(response, "Timeline")), len(world.cases(response))) == (1, 1, 1)
    assert sorted(email["subject"] for email in world.emails()) == ["Thank you for your answer", "Thank you, Ada"]
    state = ("Automation_Status__c", "Automation_Attempt__c", "Automated_Revision__c", "Follow_Up_Status__c", "Advocacy_Status__c")
    assert list(world.record(response, *state).values()) == ["Done", 2, 2, "Done", None]
    assert list(world.record(promoter, *state).values()) == ["Done", 1, 1, "Not needed", "Invited"]
    for parent in (account, contact):
        assert stored(world, parent) == recomputed(world, parent, spec)
    world.limits_are_kept()


def test_crash__a_pending_response_is_found(world: World, contact: str) -> None:
    """The asynchronous run was lost (a limit breach undoes all of it): the response is still pending, and the sweep starts it."""
    world.insert("Survey_Response__c", world.answer_values(3, contact))
    (row,) = world.rows("SELECT Id FROM Survey_Response__c")
    runtime = world.org._runtime
    with runtime.store.transaction():
        runtime.queue.clear()
    world.until_the_sweep()
    world.until_the_sweep()

    assert world.value(row["Id"], "Automation_Status__c") == "Done"
    assert len(world.tasks(row["Id"])) == 1
