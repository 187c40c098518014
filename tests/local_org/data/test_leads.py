"""Lead conversion: what is made of a lead, what moves along, what stays, what is refused."""

from __future__ import annotations

import pytest

from tooling.local_org.engine.org import LeadConvert
from tooling.local_org.errors import OrgError

from .conftest import DataStory
from .package import on_standard, rule, xml

STATUS = "Closed - Converted"


def lead(story: DataStory, **values: object) -> str:
    return story.saved("Lead", **{"FirstName": "Ada", "LastName": "Byron", "Company": "Engines", "Email": "ada@b.example", **values})


def test_convert__fields_and_followers(story: DataStory) -> None:
    """Account, contact and opportunity get the lead's values; tasks, events and campaign memberships go to the contact."""
    person = lead(story, Phone="1", Title="Countess", Street="Main 1", City="London", LeadSource="Web")
    campaign = story.saved("Campaign", Name="C")
    story.saved("CampaignMember", CampaignId=campaign, LeadId=person)
    story.saved("Task", Subject="s", WhoId=person)
    sample = story.saved("Sample__c", Text__c="stays")
    story.changed("Lead", person, Sample__c=sample)
    made = story.org.convert_lead(story.admin, LeadConvert(person, STATUS))
    (contact,) = story.rows("SELECT Name, Email, Title, MailingCity, LeadSource, AccountId FROM Contact")
    assert contact == {
        "Name": "Ada Byron", "Email": "ada@b.example", "Title": "Countess", "MailingCity": "London", "LeadSource": "Web",
        "AccountId": made.account_id,
    }  # fmt: skip
    assert story.rows("SELECT Name, Phone, BillingStreet FROM Account") == [{"Name": "Engines", "Phone": "1", "BillingStreet": "Main 1"}]
    (deal,) = story.rows("SELECT Name, StageName, CloseDate, AccountId, LeadSource FROM Opportunity")
    assert deal == {
        "Name": "Engines", "StageName": "Prospecting", "CloseDate": "2026-03-31", "AccountId": made.account_id, "LeadSource": "Web",
    }  # fmt: skip
    assert story.rows("SELECT ContactId, IsPrimary FROM OpportunityContactRole") == [{"ContactId": made.contact_id, "IsPrimary": True}]
    assert story.rows("SELECT WhoId, AccountId FROM Task") == [{"WhoId": made.contact_id, "AccountId": made.account_id}]
    assert story.rows("SELECT LeadId, ContactId FROM CampaignMember") == [{"LeadId": person, "ContactId": made.contact_id}]
    (row,) = story.rows("SELECT IsConverted, Status, ConvertedDate, ConvertedContactId, ConvertedOpportunityId, Sample__c FROM Lead")
    assert row == {
        "IsConverted": True, "Status": STATUS, "ConvertedDate": "2026-03-02", "ConvertedContactId": made.contact_id,
        "ConvertedOpportunityId": made.opportunity_id, "Sample__c": sample,
    }  # fmt: skip


def test_convert__custom_fields_by_mapping(story: DataStory) -> None:
    """Custom fields go where the lead conversion settings map them, else nowhere."""
    story.org.convert_lead(story.admin, LeadConvert(lead(story, Origin__c="fair"), STATUS))
    assert story.value("SELECT Origin__c FROM Contact") is None
    pair = "<mappingFields><inputField>Origin__c</inputField><outputField>Origin__c</outputField></mappingFields>"
    mapping = f"<objectMapping><inputObject>Lead</inputObject>{pair}<outputObject>Contact</outputObject></objectMapping>"
    body = f"<allowOwnerChange>true</allowOwnerChange>{mapping}"
    story.deploy({"LeadConvertSettings/LeadConvertSettings.LeadConvertSetting": xml("LeadConvertSettings", body)})
    story.org.convert_lead(story.admin, LeadConvert(lead(story, Origin__c="web"), STATUS))
    assert story.values("SELECT Origin__c FROM Contact ORDER BY Id") == [None, "web"]


def test_convert__into_existing_records(story: DataStory) -> None:
    """Existing records are used: what is blank in them is filled, what they have is kept; no opportunity is made unless wanted."""
    account = story.saved("Account", Name="Old")
    contact = story.saved("Contact", LastName="Old", AccountId=account)
    made = story.org.convert_lead(
        story.admin, LeadConvert(lead(story), STATUS, account_id=account, contact_id=contact, create_opportunity=False)
    )
    assert (made.account_id, made.contact_id, made.opportunity_id) == (account, contact, None)
    assert story.rows("SELECT LastName, Email FROM Contact") == [{"LastName": "Old", "Email": "ada@b.example"}]


def test_convert__read_only_afterwards(story: DataStory) -> None:
    """A converted lead cannot be changed or converted again; it can be deleted."""
    person = lead(story)
    story.org.convert_lead(story.admin, LeadConvert(person, STATUS))
    (result,) = story.org.update(story.admin, [story.record("Lead", Id=person, Title="x")])
    assert (result.errors[0].code, result.errors[0].message) == ("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
    with pytest.raises(OrgError) as refused:
        story.org.convert_lead(story.admin, LeadConvert(person, STATUS))
    assert refused.value.code == "CANNOT_UPDATE_CONVERTED_LEAD"
    assert story.org.delete(story.admin, [person])[0].success


REFUSED = [
    ({"converted_status": "Open - Not Contacted"}, "INVALID_STATUS"),
    ({"lead_id": "00Q000000009999AAA"}, "INVALID_CROSS_REFERENCE_KEY"),
    ({"contact_id": "003000000009999AAA"}, "REQUIRED_FIELD_MISSING"),
    ({"account_id": "001000000009999AAA"}, "INVALID_CROSS_REFERENCE_KEY"),
]


@pytest.mark.parametrize(("wanted", "code"), REFUSED)
def test_convert__refused(story: DataStory, wanted: dict[str, str], code: str) -> None:
    """What does not exist, or is no status of converted leads, is refused; nothing is made."""
    with pytest.raises(OrgError) as refused:
        story.org.convert_lead(story.admin, LeadConvert(**{"lead_id": lead(story), "converted_status": STATUS, **wanted}))  # type: ignore[arg-type]
    assert refused.value.code == code
    assert story.rows("SELECT Id FROM Account") == [] and story.rows("SELECT Id FROM Contact") == []


def test_convert__validation_rules_of_what_is_made(story: DataStory) -> None:
    """The new records go through their save: a validation rule stops the conversion as a whole."""
    story.deploy({"objects/Contact.object": on_standard(rule("Title_Needed", "ISBLANK(Title)", "A title is needed."))})
    with pytest.raises(OrgError) as refused:
        story.org.convert_lead(story.admin, LeadConvert(lead(story), STATUS))
    assert refused.value.message == "A title is needed."
    assert story.rows("SELECT Id FROM Account") == [] and story.value("SELECT IsConverted FROM Lead") is False
