"""Whose response it is, decided by flows as soon as the person is there (`match.claim: flow`)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.automation.claim.deploying import whose
from tests.automation.world import World


@pytest.fixture(params=[True, False], ids=["re-enters", "does not re-enter"])
def world(world: World, request: pytest.FixtureRequest) -> World:
    world.org.settings = replace(world.org.settings, reenter=request.param)
    return world


def test_contact__created_after_its_response(world: World, account: str) -> None:
    """A new Contact gets the response that was waiting for its address, with the Contact's Account."""
    response = world.answer(3, None)
    contact = world.contact(account, Email="Ada@Acme.example")
    world.run()

    assert whose(world, response) == {
        "Match_Status__c": "Matched",
        "Match_Rule__c": "email; claimed by flow",
        "Match_Candidates__c": None,
        "Contact__c": contact,
        "Lead__c": None,
        "Account__c": account,
    }
    world.later(minutes=10)
    assert world.value(account, "NPS_Response_Count__c") == 1
    assert world.value(contact, "NPS_Score__c") == 3
    world.limits_are_kept()


def test_contact__as_if_matched_at_once(world: World, account: str, manager: str) -> None:
    """Task, Case, timeline, e-mail and numbers are those of a response whose Contact was there from the beginning."""
    parked = world.answer(3, None, Verbatim__c="I will cancel.")
    contact = world.contact(account)
    world.run()
    at_once = world.answer(3, contact, Verbatim__c="I will cancel.")
    world.later(minutes=10)

    def outcome(response: str) -> list[object]:
        task, logged, case = world.task(response), world.task(response, "Timeline"), world.cases(response)[0]
        return [
            *(task[field] for field in ("OwnerId", "WhoId", "WhatId", "Subject")),
            *(logged[field] for field in ("WhoId", "WhatId", "Subject")),
            *(case[field] for field in ("ContactId", "AccountId", "Priority", "Type", "Subject")),
            case["Owner"]["Name"],
            *world.record(response, "Automation_Status__c", "Follow_Up_Status__c", "Acknowledgement_Status__c").values(),
            *world.record(response, "Contact__c", "Account__c", "Match_Status__c").values(),
        ]

    assert outcome(parked) == outcome(at_once)
    assert world.task(parked)["OwnerId"] == manager
    assert len(world.emails("ada@acme.example")) == 2
    assert world.value(account, "NPS_Open_Escalations__c") == 2
    assert world.value(contact, "NPS_Response_Count__c") == 2


def test_contact__two_hundred_at_once(world: World, account: str) -> None:
    """A load of 200 colleagues, each with a response that waits: all are claimed, their company counts them all, no limit is near."""
    addresses = [f"p{number}@acme.example" for number in range(200)]
    responses = world.insert("Survey_Response__c", *(world.answer_values(8, None, Respondent_Email__c=address) for address in addresses))
    world.run()
    contacts = world.insert("Contact", *({"LastName": "P", "Email": address, "AccountId": account} for address in addresses))
    world.run()

    found = {row["Id"]: row["Contact__c"] for row in world.rows("SELECT Id, Contact__c FROM Survey_Response__c")}
    assert [found[response] for response in responses] == contacts
    world.later(minutes=10)
    assert world.value(account, "NPS_Response_Count__c") == 200
    assert world.dead_letters() == []
    world.limits_are_kept()


@pytest.mark.parametrize("field", ["Email", "NPS_User_Id__c"])
def test_contact__two_hundred_with_one_value(world: World, field: str) -> None:
    """A junk value on 200 Contacts at once: no response is updated twice, and nobody is chosen."""
    first = world.answer(8, None, Respondent_Email__c="info@acme.example", Respondent_User_Id__c="unknown")
    second = world.answer(3, None, Respondent_Email__c="info@acme.example", Respondent_User_Id__c="unknown")
    value = "info@acme.example" if field == "Email" else "unknown"
    world.insert("Contact", *({"LastName": f"P{number}", field: value} for number in range(200)))
    world.run()

    for response in (first, second):
        state = whose(world, response)
        assert (state["Match_Status__c"], state["Contact__c"]) == ("Ambiguous", None)
        assert state["Match_Rule__c"] == f"200 found by {'email' if field == 'Email' else 'user_id'}"
        assert len(str(state["Match_Candidates__c"])) == 4000
    world.limits_are_kept()


def test_contact__two_with_one_address(world: World) -> None:
    """Two fit: the response is ambiguous with both as candidates, and its automation does not start again."""
    response = world.answer(3, None)
    before = world.value(response, "Automation_Attempt__c")
    ada, twin = world.insert(
        "Contact",
        {"FirstName": "Ada", "LastName": "Byron", "Email": "ada@acme.example"},
        {"LastName": "Twin", "Email": "ada@acme.example"},
    )
    world.run()

    assert whose(world, response) == {
        "Match_Status__c": "Ambiguous",
        "Match_Rule__c": "2 found by email",
        "Match_Candidates__c": f"Contact {ada} (Ada Byron)\nContact {twin} (Twin)",
        "Contact__c": None,
        "Lead__c": None,
        "Account__c": None,
    }
    assert world.value(response, "Automation_Attempt__c") == before


def test_lead__first_and_a_contact_later(world: World, account: str) -> None:
    """The Lead gets the response; a Contact that comes later takes nothing away, until the Lead is converted into it."""
    response = world.answer(3, None)
    lead = world.add("Lead", LastName="Byron", Company="Acme", Email="ada@acme.example")
    world.run()
    assert world.record(response, "Lead__c", "Contact__c", "Match_Status__c") == {
        "Lead__c": lead, "Contact__c": None, "Match_Status__c": "Matched",
    }  # fmt: skip
    world.later(minutes=10)
    assert world.value(lead, "NPS_Score__c") == 3

    contact = world.contact(account)
    world.run()
    assert world.record(response, "Lead__c", "Contact__c") == {"Lead__c": lead, "Contact__c": None}

    world.convert(lead, account_id=account, contact_id=contact)
    assert world.record(response, "Lead__c", "Contact__c", "Account__c") == {"Lead__c": lead, "Contact__c": contact, "Account__c": account}


def test_lead_and_contact__in_one_moment(world: World, account: str) -> None:
    """Both are there before either flow has run: the Contact is preferred."""
    response = world.answer(3, None)
    world.add("Lead", LastName="Byron", Company="Acme", Email="ada@acme.example")
    contact = world.contact(account)
    world.run()

    state = whose(world, response)
    assert (state["Contact__c"], state["Lead__c"]) == (contact, None)
    assert state["Match_Rule__c"] == "email, contact_over_lead; claimed by flow"


@pytest.mark.parametrize(
    ("sobject", "field", "value"),
    [
        ("Contact", "Email", "ada@acme.example"),
        ("Contact", "NPS_User_Id__c", "u-1"),
        ("Lead", "Email", "ada@acme.example"),
        ("Lead", "NPS_User_Id__c", "u-1"),
    ],
)
def test_changed__address_or_user_id(world: World, sobject: str, field: str, value: str) -> None:
    """A person whose address or user id is corrected gets the response; a change of anything else asks for nothing."""
    response = world.answer(3, None, Respondent_User_Id__c="u-1")
    company = {"Company": "Acme"} if sobject == "Lead" else {}
    person = world.add(sobject, LastName="Byron", Email="adda@acme.example", **company)
    world.run()
    world.update(person, Phone="1")
    assert world.org.run_async() == {"async": 0, "scheduled": 0}
    assert world.value(response, f"{sobject}__c") is None

    world.update(person, **{field: value})
    world.run()
    assert world.value(response, f"{sobject}__c") == person
    assert world.value(response, "Match_Rule__c") == f"{'email' if field == 'Email' else 'user_id'}; claimed by flow"


def test_changed__the_address_goes_away(world: World, contact: str) -> None:
    """A blank value is nobody's: a response without an address or user id is not given to a person without one."""
    response = world.answer(3, None, Respondent_Email__c=None)
    world.update(contact, Email=None)
    world.insert("Contact", {"LastName": "Nobody"})
    world.run()
    assert world.value(response, "Match_Status__c") == "Unmatched"


def test_rules__the_first_that_finds_somebody(world: World) -> None:
    """The address is one person's, the user id another's: the user id comes first in the spec."""
    response = world.answer(3, None, Respondent_User_Id__c="u-1")
    by_email, by_id = world.insert("Contact", {"LastName": "A", "Email": "ada@acme.example"}, {"LastName": "B", "NPS_User_Id__c": "U-1"})
    world.run()
    state = whose(world, response)
    assert (state["Contact__c"], state["Match_Rule__c"]) == (by_id, "user_id; claimed by flow")
    assert by_email != by_id


def test_account__the_one_it_was_given_for_stays(world: World, account: str) -> None:
    """A response whose company the bridge knows keeps that Account, whatever Account its Contact has."""
    company = world.account("Given for")
    response = world.answer(3, None, Account__c=company, Attributes__c='{"company_id": "c-1"}')
    contact = world.contact(account)
    world.run()
    assert world.record(response, "Contact__c", "Account__c") == {"Contact__c": contact, "Account__c": company}


@pytest.mark.parametrize(
    "values",
    [
        {"Erased_At__c": "2026-03-02T10:00:00.000Z"},
        {"Removed_At_Source__c": "2026-03-02T10:00:00.000Z"},
        {"Match_Status__c": "Resolved"},
        {"Match_Status__c": "Ambiguous"},
        {"Attributes__c": '{"company_id": "c-1"}'},
    ],
    ids=["erased", "removed", "resolved", "ambiguous", "company id without Account"],
)
def test_left_alone__what_a_flow_may_not_decide(world: World, account: str, values: dict[str, str]) -> None:
    """Erased, removed and decided responses stay as they are; where a company id may name an Account, the sync has to look."""
    response = world.answer(3, None, **values)
    before = whose(world, response)
    world.contact(account)
    world.run()
    after = whose(world, response)
    if "Attributes__c" in values:
        assert after.pop("Match_Rule__c") == "left to the next sync: a flow cannot decide it"
        before.pop("Match_Rule__c")
    assert after == before


def test_left_alone__a_converted_lead(world: World, account: str) -> None:
    """A converted Lead stands for its Contact: whoever else has the address, the sync decides."""
    lead = world.add("Lead", LastName="Byron", Company="Acme", Email="ada@acme.example")
    converted = world.convert(lead)
    world.update(converted.contact_id, Email="new@acme.example")
    response = world.answer(3, None)
    world.contact(account)
    world.run()
    assert world.value(response, "Match_Status__c") == "Unmatched"
    assert str(world.value(response, "Match_Rule__c")).startswith("left to the next sync")


def test_left_alone__asked_again(world: World, account: str) -> None:
    """What was left once is looked at again when the next person asks."""
    response = world.answer(3, None, Attributes__c='{"company_id": "c-1"}')
    contact = world.contact(account)
    world.run()
    world.update(response, Attributes__c=None)
    world.update(contact, Email="other@acme.example")
    world.update(contact, Email="ada@acme.example")
    world.run()
    assert world.value(response, "Contact__c") == contact
