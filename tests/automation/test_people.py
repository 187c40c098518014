"""People change: Leads are converted, records merge, Contacts move."""

from __future__ import annotations

from tests.automation.recomputed import recomputed, stored
from tests.automation.world import World
from tooling.local_org.engine.org import LeadConvert
from tooling.spec import Spec


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


def test_contacts_merged__the_loop_goes_on(world: World, spec: Spec, account: str, contact: str) -> None:
    """A merge moves answers and tasks without any flow: whoever closes the task still closes the loop, and after the recalculation that
    reconcile asks for the one Contact shows the answers of both."""
    twin = world.contact(account, FirstName="A.")
    world.answer(9, contact)
    world.later(hours=1)
    response = world.answer(3, twin)
    world.org.merge(world.admin, "Contact", {"Id": contact}, [twin])
    world.run()
    assert world.value(response, "Contact__c") == contact
    assert world.task(response)["WhoId"] == contact
    assert world.value(contact, "NPS_Response_Count__c") != 2

    world.update(world.task(response)["Id"], Status="Completed")
    world.later(minutes=30)
    world.recalculate(contact, account)
    assert world.value(response, "Follow_Up_Status__c") == "Done"
    assert stored(world, contact) == recomputed(world, contact, spec)
    assert stored(world, account) == recomputed(world, account, spec)
    assert world.value(contact, "NPS_Response_Count__c") == 2


def test_address_changes__answers_stay(world: World, account: str, contact: str) -> None:
    """Whoever gets a new address keeps the answers given from the old one; a revision of such an answer still concerns the same person,
    and a colleague who takes the old address over takes nothing along."""
    response = world.answer(9, contact)
    world.update(contact, Email="ada@new.example")
    colleague = world.contact(account, FirstName="Bob")
    world.run()
    world.revise(response, Score__c=2)

    assert world.record(response, "Contact__c", "Respondent_Email__c") == {"Contact__c": contact, "Respondent_Email__c": "ada@acme.example"}
    assert world.task(response)["WhoId"] == contact
    world.recalculate(contact, colleague)
    assert (world.value(contact, "NPS_Score__c"), world.value(colleague, "NPS_Score__c")) == (2, None)


def test_contact_deleted__the_company_keeps_the_answer(world: World, spec: Spec, account: str, contact: str) -> None:
    """Without its Contact an answer still counts for the company it was given for, as that of the person with its address, and its
    follow-up can be closed."""
    world.answer(9, contact)
    world.later(hours=1)
    response = world.answer(3, contact)
    world.org.delete(world.admin, [contact])
    world.run()
    assert world.record(response, "Contact__c", "Account__c") == {"Contact__c": None, "Account__c": account}

    world.update(response, Follow_Up_Status__c="Done", Followed_Up_At__c=world.value(response, "Responded_At__c"),
                 Root_Cause__c="Other", Resolution__c="Left the company.")  # fmt: skip
    world.recalculate(account)
    assert stored(world, account) == recomputed(world, account, spec)
    assert (world.value(account, "NPS_Response_Count__c"), world.value(account, "NPS_Detractors__c")) == (2, 1)
    world.revise(response, Score__c=8)
    assert world.value(response, "Automation_Status__c") == "Done"


def test_response_deleted__its_task_can_be_closed(world: World, spec: Spec, account: str, contact: str) -> None:
    """Who deletes a response leaves its task behind: closing it harms nobody, and the recalculation shows what is left."""
    world.answer(9, contact)
    world.later(hours=1)
    response = world.answer(3, contact)
    task = world.task(response)["Id"]
    world.org.delete(world.admin, [response])
    world.update(task, Status="Completed")
    world.later(minutes=30)

    world.recalculate(contact, account)
    assert world.value(contact, "NPS_Score__c") == 9
    assert stored(world, contact) == recomputed(world, contact, spec)
    assert stored(world, account) == recomputed(world, account, spec)
    assert world.dead_letters() == []
