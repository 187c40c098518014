"""Person accounts over the real protocol: found by the Contact, linked to both, and right on both sides afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from tests.bridge.world import START, ListSource, World, response
from tooling.bridge.reconcile import reconcile
from tooling.bridge.resolve import resolve
from tooling.salesforce.org import RowOutcome, Write

SHOWN = "NPS_Score__c, NPS_Previous_Score__c, NPS_Average_Score__c, NPS_Response_Count__c, NPS_Recalculate__c"


@pytest.fixture
def person(world: World) -> dict[str, str]:
    """Ada, a person account, beside Anna, a Contact of a company, who says as much."""
    world.org.settings = world.org.settings.changed({"person_accounts": True})
    (account,) = world.insert("Account", {"FirstName": "Ada", "LastName": "Byron", "PersonEmail": "ada@example.com"})
    (company,) = world.insert("Account", {"Name": "Acme"})
    (anna,) = world.insert("Contact", {"LastName": "Anna", "Email": "anna@example.com", "AccountId": company})
    (row,) = world.query(f"SELECT PersonContactId FROM Account WHERE Id = '{account}'")
    return {"account": account, "contact": row["PersonContactId"], "company": company, "anna": anna}


def shown(world: World, record_id: str) -> dict[str, Any]:
    sobject = "Account" if record_id.startswith("001") else "Contact"
    (row,) = world.query(f"SELECT {SHOWN} FROM {sobject} WHERE Id = '{record_id}'")
    return row


def answers(*emails: str) -> ListSource:
    return ListSource(
        [
            response(n, email, score, responded_at=START - timedelta(days=n))
            for n, (email, score) in enumerate([(email, score) for email in emails for score in (10, 4)])
        ]
    )


def test_sync__linked_to_both(world: World, person: dict[str, str]) -> None:
    """The address is found on the Contact; response, person and Account agree, as do those of a Contact with the same answers."""
    source = answers("ada@example.com", "anna@example.com")
    planned = world.sync(source, dry_run=True)
    assert (planned.dry_run, world.query("SELECT Id FROM Survey_Response__c")) == (True, [])
    world.sync(source)

    links = world.query("SELECT Contact__c, Account__c, Match_Status__c FROM Survey_Response__c WHERE Respondent_Email__c LIKE 'ada%'")
    assert links == [{"Contact__c": person["contact"], "Account__c": person["account"], "Match_Status__c": "Matched"}] * 2
    assert shown(world, person["contact"]) == shown(world, person["anna"])
    assert shown(world, person["account"]) == shown(world, person["company"])
    assert shown(world, person["contact"])["NPS_Response_Count__c"] == 2
    (mirrored,) = world.query(f"SELECT NPS_Score__pc, NPS_Response_Count__pc FROM Account WHERE Id = '{person['account']}'")
    assert mirrored == {"NPS_Score__pc": 10, "NPS_Response_Count__pc": 2}


def test_sync__nothing_behind_afterwards(world: World, person: dict[str, str]) -> None:
    """The next syncs and a reconcile find nothing to do."""
    source = answers("ada@example.com")
    world.sync(source)
    world.org.advance(timedelta(minutes=1))
    world.sync(source)  # what was changed and recalculated within one second counts as behind
    world.org.advance(timedelta(minutes=1))
    before = world.query("SELECT Id, SystemModstamp FROM Account")
    world.sync(source)
    assert world.query("SELECT Id, SystemModstamp FROM Account") == before
    found = reconcile(world.gateway, world.spec)
    assert (found.different_count, found.flagged, found.checked["Contact"], found.checked["Account"]) == (0, 0, 1, 1)


def test_sync__contact_after_account(world: World, person: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """One record in two rows is never flagged in two places at once: the Contact follows its Account, in a call of its own."""
    flagged: list[set[str]] = []
    write = world.gateway.write

    def noted(writes: Sequence[Write], **options: Any) -> list[list[RowOutcome]]:
        flagged.append({str(row["Id"]) for one in writes for row in one.rows if "NPS_Recalculate__c" in row})
        return write(writes, **options)

    monkeypatch.setattr(world.gateway, "write", noted)
    world.sync(answers("ada@example.com", "anna@example.com"))
    assert [ids for ids in flagged if ids] == [{person["account"], person["company"], person["anna"]}, {person["contact"]}]


def test_sync__without_flows_for_the_contact(world: World, person: dict[str, str]) -> None:
    """Where no flows run for the Contact of a person account, the Account is right, the Contact shows nothing and is asked only once."""
    world.org.settings = world.org.settings.changed({"person_contact_flows": False})
    source = answers("ada@example.com")
    world.sync(source)
    account = shown(world, person["account"])
    assert (account["NPS_Score__c"], account["NPS_Response_Count__c"]) == (10, 2)
    assert shown(world, person["contact"]) == {
        "NPS_Score__c": None, "NPS_Previous_Score__c": None, "NPS_Average_Score__c": None, "NPS_Response_Count__c": None,
        "NPS_Recalculate__c": True,
    }  # fmt: skip
    world.org.advance(timedelta(minutes=1))
    world.sync(source)
    world.org.advance(timedelta(minutes=1))
    found = reconcile(world.gateway, world.spec)
    assert (found.different_count, found.flagged) == (0, 0)


def test_reconcile__edited_by_hand(world: World, person: dict[str, str]) -> None:
    """Values that somebody edits on the Account's page, the person's or the Account's own, are put right on both sides."""
    world.sync(answers("ada@example.com"))
    right = {record_id: shown(world, record_id) for record_id in (person["account"], person["contact"])}
    world.org.advance(timedelta(minutes=1))
    reconcile(world.gateway, world.spec)
    world.update("Account", {"Id": person["account"], "NPS_Score__pc": 3, "NPS_Response_Count__c": 7})
    found = reconcile(world.gateway, world.spec)
    assert (found.different_count, found.flagged) == (2, 2)
    assert {record_id: shown(world, record_id) for record_id in right} == right


def test_resolve__both_are_linked(world: World, person: dict[str, str]) -> None:
    """An answer of nobody that is given to the person's address is linked to both, and both are recalculated."""
    world.sync(ListSource([response(1, "other@example.com", 8)]))
    (row,) = world.query("SELECT Name FROM Survey_Response__c")
    found = resolve(world.gateway, world.spec, row["Name"], contact="ada@example.com")
    assert (found.contact_id, found.account_id, found.recalculated, found.warnings) == (person["contact"], person["account"], 2, ())
    assert shown(world, person["contact"])["NPS_Score__c"] == 8
    assert shown(world, person["account"])["NPS_Score__c"] == 8
