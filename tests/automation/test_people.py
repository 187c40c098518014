"""People change: Leads are converted, records merge, Contacts move."""

from __future__ import annotations

from tests.automation.world import World
from tooling.local_org.engine.org import LeadConvert


def test_conversion__answers_follow(world: World) -> None:
    """A converted Lead's answers get its Contact, Account and Opportunity; both are recalculated, and the Lead stays as the history."""
    lead = world.add("Lead", FirstName="Lee", LastName="Ng", Company="Firm", Email="lee@firm.example")
    first = world.answer(3, None, Lead__c=lead)
    world.later(hours=1)
    second = world.answer(9, None, Lead__c=lead)

    converted = world.convert(lead)
    for response in (first, second):
        links = world.record(response, "Contact__c", "Account__c", "Opportunity__c", "Lead__c")
        assert links == {
            "Contact__c": converted.contact_id,
            "Account__c": converted.account_id,
            "Opportunity__c": converted.opportunity_id,
            "Lead__c": lead,
        }
    assert len(world.tasks(first)) == 1
    world.later(minutes=10)
    assert world.value(converted.account_id, "NPS_Response_Count__c") == 2
    assert world.value(converted.contact_id, "NPS_Score__c") == 9


def test_conversion__an_account_given_for_stays(world: World, account: str) -> None:
    """An answer that was given for a company keeps it, whatever Account the Lead joins."""
    lead = world.add("Lead", LastName="Ng", Company="Firm")
    response = world.answer(8, None, Lead__c=lead, Account__c=account)

    converted = world.convert(lead)
    assert world.record(response, "Account__c", "Contact__c") == {"Account__c": account, "Contact__c": converted.contact_id}


def test_conversion__never_fails(world: World) -> None:
    """A customer's rule that refuses every change of our responses does not stop the conversion; an admin sees what was not done."""
    lead = world.add("Lead", LastName="Ng", Company="Firm")
    response = world.answer(8, None, Lead__c=lead)
    world.rule("Survey_Response__c", "NOT(ISBLANK(Contact__c))")

    converted = world.convert(lead)
    assert converted.contact_id
    assert world.value(response, "Contact__c") is None
    (letter,) = world.dead_letters()
    assert letter["Error_Code__c"] == "LEAD_CONVERSION_NOT_FOLLOWED"
    assert "We do not want this" in letter["Error_Message__c"]


def test_conversion__many_into_one_account(world: World, account: str) -> None:
    """Thirty Leads join one Account at once: no limit is breached, and the Account has all their answers."""
    leads = world.insert("Lead", *({"LastName": f"L{n}", "Company": "Firm"} for n in range(30)))
    responses = world.insert("Survey_Response__c", *(world.answer_values(8, None, Lead__c=lead) for lead in leads))
    world.run()
    for lead in leads:
        world.org.convert_lead(world.admin, LeadConvert(lead, "Closed - Converted", account_id=account, create_opportunity=False))

    world.later(minutes=30)
    world.limits_are_kept()
    assert {world.value(response, "Account__c") for response in responses} == {account}
    assert world.value(account, "NPS_Response_Count__c") == 30


def test_contact_moves__history_stays(world: World, account: str, contact: str) -> None:
    """A Contact that changes company takes its own numbers along; the answers stay with the company they were given for."""
    elsewhere = world.account("Elsewhere")
    world.answer(3, contact)
    world.update(contact, AccountId=elsewhere)
    world.recalculate(account, contact, elsewhere)

    assert world.value(account, "NPS_Response_Count__c") == 1
    assert world.value(elsewhere, "NPS_Response_Count__c") == 0
    assert world.value(contact, "NPS_Score__c") == 3


def test_contact_made_later__the_answer_is_resolved(world: World, account: str) -> None:
    """The person is known only after the answer: resolving it brings task and timeline to the Contact."""
    response = world.answer(3, None)
    contact = world.contact(account)
    world.update(response, Contact__c=contact, Account__c=account, Match_Status__c="Resolved")
    world.run()

    assert world.task(response)["WhoId"] == contact
    assert world.task(response, "Timeline")["WhoId"] == contact
