"""What flows make of a response after its save. Open questions 2, 5 and 8."""

from __future__ import annotations

from tests.contract.target import RESPONSE, Target

FIELDS = ("Automation_Status__c", "Automation_Attempt__c", "Automated_Revision__c", "Automation_Error__c")


def done(revision: int, attempt: int) -> dict[str, object]:
    return {
        "Automation_Status__c": "Done",
        "Automation_Attempt__c": attempt,
        "Automated_Revision__c": revision,
        "Automation_Error__c": None,
    }


def test_new_response__pending_then_done(automated: Target) -> None:
    """A new response is known as new before its save: it starts its automation as attempt 1, which finishes it."""
    (response,) = automated.insert(RESPONSE, automated.response())

    saved = automated.record(RESPONSE, response, "Automation_Status__c", "Automation_Attempt__c", "Roll_Up_Changed_At__c")
    # A real org may be quicker than the question.
    assert saved["Automation_Status__c"] in (("Pending",) if automated.is_local else ("Pending", "Done"))
    assert saved["Automation_Attempt__c"] == 1
    assert saved["Roll_Up_Changed_At__c"] is not None
    automated.until(lambda: automated.record(RESPONSE, response, *FIELDS), done(revision=1, attempt=1))


def test_own_write__starts_nothing(automated: Target) -> None:
    """What automation writes on its own response after commit does not start it again."""
    (response,) = automated.insert(RESPONSE, automated.response())
    automated.until(lambda: automated.record(RESPONSE, response, *FIELDS), done(revision=1, attempt=1))

    automated.let_pass()

    assert automated.record(RESPONSE, response, *FIELDS) == done(revision=1, attempt=1)


def test_next_revision__another_attempt(automated: Target) -> None:
    """A changed answer is known as changed: it starts automation once more."""
    (response,) = automated.insert(RESPONSE, automated.response())
    automated.until(lambda: automated.record(RESPONSE, response, *FIELDS), done(revision=1, attempt=1))

    automated.update(RESPONSE, response, Revision__c=2, Score__c=7)

    automated.until(lambda: automated.record(RESPONSE, response, *FIELDS), done(revision=2, attempt=2))


def test_note__no_attempt(automated: Target) -> None:
    """A note on a response starts nothing."""
    (response,) = automated.insert(RESPONSE, automated.response())
    automated.until(lambda: automated.record(RESPONSE, response, *FIELDS), done(revision=1, attempt=1))

    automated.update(RESPONSE, response, Resolution__c="Called and explained.")
    automated.let_pass()

    assert automated.record(RESPONSE, response, *FIELDS) == done(revision=1, attempt=1)


def test_bulk_insert__starts_automation(automated: Target) -> None:
    """Rows of a Bulk API job start their asynchronous paths like all others."""
    rows = [automated.response() for _ in range(3)]
    outcomes = automated.try_insert(RESPONSE, *rows, bulk=True)
    keys = ", ".join(f"'{row['Response_Key__c']}'" for row in rows)
    found = automated.query(f"SELECT Id FROM {RESPONSE} WHERE Response_Key__c IN ({keys})")
    made = [str(row["Id"]) for row in found]
    automated.keep(RESPONSE, made)

    assert [outcome.success for outcome in outcomes] == [True, True, True]
    assert len(made) == 3
    automated.until(lambda: automated.statuses(made), {"Done": 3})
    assert automated.statuses(made, "Automation_Attempt__c") == {1: 3}
