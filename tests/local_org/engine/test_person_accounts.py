"""Person accounts, a feature that the org has only while the setting turns it on: one person in two rows."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tooling.local_org.engine.org import LeadConvert, Org
from tooling.local_org.errors import OrgError

from . import metadata
from .conftest import START, Story
from .metadata import HEAD, NAMESPACE, assign, criterion, flow, formula, text, update_record

CONTACT = f"""{HEAD}<CustomObject xmlns="{NAMESPACE}">
<fields><fullName>Score__c</fullName><label>Score</label><precision>4</precision><scale>0</scale><type>Number</type></fields>
<fields><fullName>Member_Id__c</fullName><externalId>true</externalId><label>Member</label><length>20</length><type>Text</type>
  <unique>true</unique></fields>
<fields><fullName>Member_No__c</fullName><displayFormat>M-{{000}}</displayFormat><label>Number</label><type>AutoNumber</type></fields>
<fields><fullName>Level__c</fullName><defaultValue>"New"</defaultValue><label>Level</label><length>20</length><type>Text</type></fields>
<fields><fullName>Twice__c</fullName><formula>Score__c * 2</formula><label>Twice</label><precision>18</precision><scale>0</scale>
  <type>Number</type></fields>
</CustomObject>"""
ACCESS = f"""{HEAD}<PermissionSet xmlns="{NAMESPACE}">
{
    "".join(
        f"<fieldPermissions><editable>{str(editable).lower()}</editable><field>Contact.{name}</field><readable>true</readable></fieldPermissions>"
        for name, editable in (
            ("Level__c", True),
            ("Member_Id__c", True),
            ("Member_No__c", False),
            ("Score__c", True),
            ("Twice__c", False),
        )
    )
}
<hasActivationRequired>false</hasActivationRequired><label>Members</label></PermissionSet>"""


@pytest.fixture
def people(story: Story) -> Story:
    """The feature is on, and Contact has fields of ours."""
    story.set(person_accounts=True)
    story.deploy({"objects/Contact.object": CONTACT, "permissionsets/Members.permissionset": ACCESS})
    story.assign(story.admin, "Members")
    return story


def refused(story: Story, sobject: str, record_id: str, **values: Any) -> str:
    (result,) = story.org.update(story.admin, [story.record(sobject, Id=record_id, **values)])
    return result.errors[0].code


def contact_of(story: Story, account: str) -> str:
    return str(story.value(f"SELECT PersonContactId FROM Account WHERE Id = '{account}'"))


def touched(label: str, sobject: str, field: str, on: str = "CreateAndUpdate") -> str:
    """A before-save flow that leaves its mark."""
    return flow(label, assign("First", field, text("flow ran")), trigger="RecordBeforeSave", on=on, sobject=sobject)


def test_off__nothing_of_it_is_there(story: Story) -> None:
    """Without the feature its fields do not exist: not for queries, not in describes, not for what is deployed."""
    with pytest.raises(OrgError, match="No such column 'IsPersonAccount'"):
        story.rows("SELECT IsPersonAccount FROM Contact")
    names = {field["name"] for field in story.org.describe(story.admin, "Account")["fields"]}
    assert not names & {"IsPersonAccount", "PersonContactId", "PersonEmail", "LastName"}
    mentions = flow("Asks", assign("First", "Site", text("x")), sobject="Account", trigger="RecordBeforeSave", filters=is_person())
    result = story.org.deploy(story.admin, metadata.package({"flows/Asks.flow": mentions}))
    assert "IsPersonAccount" in result.failures[0].problem
    story.set(person_accounts=True)
    story.deploy_flows(Asks=mentions)
    story.saved("Account", LastName="Byron")
    story.saved("Account", Name="Acme")
    assert story.rows("SELECT Name, Site FROM Account ORDER BY Name") == [{"Name": "Acme", "Site": None}, {"Name": "Byron", "Site": "x"}]


def is_person() -> str:
    return criterion("IsPersonAccount", "EqualTo", "<booleanValue>true</booleanValue>")


def test_describe__what_an_account_shows(people: Story) -> None:
    """Account shows what Contact has, custom fields as __pc; what the platform computes can be written nowhere."""
    fields = {field["name"]: field for field in people.org.describe(people.admin, "Account")["fields"]}
    writable = {name for name in ("PersonEmail", "LastName", "Score__pc", "PersonContactId", "Twice__pc") if fields[name]["updateable"]}
    assert writable == {"PersonEmail", "LastName", "Score__pc"}
    assert fields["PersonContactId"]["referenceTo"] == ["Contact"]
    infos = people.org.describe(people.admin, "Account")["recordTypeInfos"]
    assert [info["developerName"] for info in infos] == ["PersonAccount", "Master"]
    assert people.rows("SELECT DeveloperName, IsPersonType FROM RecordType") == [{"DeveloperName": "PersonAccount", "IsPersonType": True}]


def test_insert__one_person_in_two_rows(people: Story) -> None:
    """An account with a last name is a person: its name is composed, its contact is made with it, both know each other."""
    account = people.saved("Account", FirstName="Ada", LastName="Byron", PersonEmail="ada@x.example", Phone="12", Score__pc=7)
    (row,) = people.rows(
        "SELECT Name, IsPersonAccount, PersonContactId, PersonContact.Email, RecordType.DeveloperName, Score__pc, Level__pc, Twice__pc, "
        "Member_No__pc FROM Account"
    )
    assert (row["Name"], row["IsPersonAccount"], row["Score__pc"], row["Level__pc"], row["Twice__pc"]) == ("Ada Byron", True, 7, "New", 14)
    assert (row["PersonContact"]["Email"], row["RecordType"]["DeveloperName"]) == ("ada@x.example", "PersonAccount")
    (contact,) = people.rows("SELECT Id, Name, Email, Phone, AccountId, IsPersonAccount, Score__c, Level__c, Member_No__c FROM Contact")
    assert contact == {
        "Id": row["PersonContactId"], "Name": "Ada Byron", "Email": "ada@x.example", "Phone": "12", "AccountId": account,
        "IsPersonAccount": True, "Score__c": 7, "Level__c": "New", "Member_No__c": row["Member_No__pc"],
    }  # fmt: skip


def test_insert__companies_stay_companies(people: Story) -> None:
    """An account with a name only is none: it has no contact, nothing of a person's, and not even the defaults."""
    people.saved("Account", Name="Acme")
    assert people.rows("SELECT IsPersonAccount, PersonContactId, Level__pc, RecordTypeId FROM Account") == [
        {"IsPersonAccount": False, "PersonContactId": None, "Level__pc": None, "RecordTypeId": None}
    ]
    assert people.rows("SELECT Id FROM Contact") == []
    assert people.refusal(people.record("Account", Name="Acme", PersonEmail="a@x.example"))[0] == "INVALID_FIELD_FOR_INSERT_UPDATE"
    assert people.refusal(people.record("Account", Name="Ada", LastName="Byron"))[0] == "INVALID_FIELD_FOR_INSERT_UPDATE"


def test_insert__by_record_type(people: Story) -> None:
    """The record type of persons makes a person, who needs a last name."""
    kind = people.value("SELECT Id FROM RecordType WHERE IsPersonType = true")
    assert people.refusal(people.record("Account", RecordTypeId=kind)) == (
        "REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]",
    )  # fmt: skip
    people.saved("Account", RecordTypeId=kind, LastName="Byron")
    assert people.value("SELECT IsPersonAccount FROM Account") is True


def test_insert__unique_among_all_contacts(people: Story) -> None:
    """A unique field of Contact is unique whichever side it is written from; neither row of the refused person stays."""
    people.saved("Contact", LastName="Babbage", Member_Id__c="m1")
    assert people.refusal(people.record("Account", LastName="Byron", Member_Id__pc="M1"))[0] == "DUPLICATE_VALUE"
    assert people.rows("SELECT Id FROM Account") == []
    assert people.values("SELECT Name FROM Contact") == ["Babbage"]
    account = people.saved("Account", LastName="Byron", Member_Id__pc="m2")
    people.changed("Account", account, Member_Id__pc="m2")
    assert refused(people, "Account", account, Member_Id__pc="m1") == "DUPLICATE_VALUE"


def test_update__either_row_is_both(people: Story) -> None:
    """What is changed on one side is changed on the other, names and times of change too."""
    account = people.saved("Account", LastName="Byron", PersonEmail="ada@x.example")
    contact = contact_of(people, account)
    people.changed("Account", account, FirstName="Ada", Score__pc=3, PersonMailingCity="London")
    assert people.rows("SELECT Name, Score__c, MailingCity FROM Contact") == [{"Name": "Ada Byron", "Score__c": 3, "MailingCity": "London"}]
    people.org.advance(timedelta(hours=1))
    people.changed("Contact", contact, LastName="King", Score__c=4, Email="king@x.example")
    (row,) = people.rows("SELECT Name, LastName, Score__pc, Twice__pc, PersonEmail, LastModifiedDate FROM Account")
    assert (row["Name"], row["LastName"], row["Score__pc"], row["Twice__pc"], row["PersonEmail"]) == (
        "Ada King", "King", 4, 8, "king@x.example",
    )  # fmt: skip
    assert row["LastModifiedDate"] == people.value("SELECT LastModifiedDate FROM Contact")


def test_update__what_is_refused(people: Story) -> None:
    """A person's name is composed, its contact stays where it is, and a company does not become a person."""
    account, company = people.saved("Account", LastName="Byron"), people.saved("Account", Name="Acme")
    contact = contact_of(people, account)
    assert refused(people, "Account", account, Name="Ada") == "INVALID_FIELD_FOR_INSERT_UPDATE"
    assert refused(people, "Account", account, LastName=None) == "REQUIRED_FIELD_MISSING"
    assert refused(people, "Contact", contact, AccountId=company) == "INVALID_FIELD_FOR_INSERT_UPDATE"
    assert refused(people, "Contact", people.saved("Contact", LastName="B"), AccountId=account) == "INVALID_PERSON_ACCOUNT_OPERATION"
    kind = people.value("SELECT RecordTypeId FROM Account WHERE IsPersonAccount = true")
    assert refused(people, "Account", company, RecordTypeId=kind) == "FUNCTIONALITY_NOT_ENABLED"
    assert refused(people, "Account", account, RecordTypeId=None) == "FUNCTIONALITY_NOT_ENABLED"


def test_field_security__of_the_contacts_field(people: Story) -> None:
    """Who may not see a field of Contact does not see it on a person account."""
    other = people.user("Standard User")
    with pytest.raises(OrgError, match="No such column 'Score__pc'"):
        people.org.query(other, "SELECT Score__pc FROM Account")
    people.assign(other, "Members")
    assert people.org.query(other, "SELECT Score__pc FROM Account").records == []


def test_delete__the_contact_goes_and_comes_along(people: Story) -> None:
    """The contact cannot be deleted or brought back alone; it goes with its account, and comes back with it."""
    account = people.saved("Account", LastName="Byron")
    contact = contact_of(people, account)
    people.saved("Response__c", Key__c="1", Contact__c=contact)
    assert people.org.delete(people.admin, [contact])[0].errors[0].message == "cannot reference person contact"
    assert people.org.delete(people.admin, [account])[0].success
    assert people.rows("SELECT Id FROM Contact") == []
    assert people.value("SELECT Contact__c FROM Response__c") is None
    assert people.org.undelete(people.admin, [contact])[0].errors[0].code == "INVALID_PERSON_ACCOUNT_OPERATION"
    assert people.org.undelete(people.admin, [account])[0].success
    assert people.value("SELECT Contact__c FROM Response__c") == contact
    assert people.value("SELECT IsPersonAccount FROM Contact") is True


def test_flows__saving_the_account(people: Story) -> None:
    """It starts what is on Account, which may write the person's fields; nothing of Contact."""
    people.deploy_flows(
        On_Account=touched("On Account", "Account", "PersonTitle"), On_Contact=touched("On Contact", "Contact", "Department")
    )
    account = people.saved("Account", LastName="Byron")
    assert people.rows("SELECT Title, Department FROM Contact") == [{"Title": "flow ran", "Department": None}]
    people.changed("Account", account, PersonTitle=None, Site="x")
    assert people.rows("SELECT Title, Department FROM Contact") == [{"Title": "flow ran", "Department": None}]


@pytest.mark.parametrize("starts", [True, False])
def test_flows__saving_the_contact(people: Story, starts: bool) -> None:
    """It starts what is on Contact, or nothing, as the setting says; nothing of Account, whose row follows."""
    people.set(person_contact_flows=starts)
    untitled = criterion("Title", "IsNull", "<booleanValue>true</booleanValue>")
    people.deploy_flows(
        On_Account=touched("On Account", "Account", "Site", on="Update"),
        On_Contact=touched("On Contact", "Contact", "Department"),
        After=flow("After", update_record("First", "Title", text("after")), sobject="Contact", on="Update", filters=untitled),
    )
    account = people.saved("Account", LastName="Byron")
    people.changed("Contact", contact_of(people, account), AssistantName="x")
    assert people.rows("SELECT Site, PersonDepartment, PersonTitle, PersonAssistantName FROM Account") == [
        {
            "Site": None,
            "PersonDepartment": "flow ran" if starts else None,
            "PersonTitle": "after" if starts else None,
            "PersonAssistantName": "x",
        }
    ]


def test_formulas__of_person_fields(people: Story) -> None:
    """Flows' formulas and validation rules on Account know the person's fields."""
    rule = (
        "<validationRules><fullName>Known</fullName><active>true</active><errorConditionFormula>AND(IsPersonAccount, Score__pc &gt; 10)"
        "</errorConditionFormula><errorMessage>Too much.</errorMessage></validationRules>"
    )
    people.deploy({"objects/Account.object": f'{HEAD}<CustomObject xmlns="{NAMESPACE}">{rule}</CustomObject>'})
    greets = assign("First", "Site", "<elementReference>Greeting</elementReference>") + formula(
        "Greeting", "{!$Record.FirstName} &amp; &quot; &quot; &amp; TEXT({!$Record.Score__pc})"
    )
    people.deploy_flows(Greets=flow("Greets", greets, sobject="Account", trigger="RecordBeforeSave"))
    people.saved("Account", FirstName="Ada", LastName="Byron", Score__pc=9)
    assert people.value("SELECT Site FROM Account") == "Ada 9"
    assert people.refusal(people.record("Account", LastName="King", Score__pc=11))[1] == "Too much."


def test_convert_lead__without_a_company(people: Story) -> None:
    """A lead needs no company then, and becomes a person account."""
    lead = people.saved("Lead", FirstName="Ada", LastName="Byron", Email="ada@x.example", Title="Countess", City="London")
    converted = people.org.convert_lead(people.admin, LeadConvert(lead, "Closed - Converted", create_opportunity=False))
    assert people.rows("SELECT Id, IsPersonAccount, PersonContactId, Name, PersonEmail, PersonTitle, PersonMailingCity FROM Account") == [
        {
            "Id": converted.account_id, "IsPersonAccount": True, "PersonContactId": converted.contact_id, "Name": "Ada Byron",
            "PersonEmail": "ada@x.example", "PersonTitle": "Countess", "PersonMailingCity": "London",
        }
    ]  # fmt: skip


def test_switch__there_and_back(story: Story) -> None:
    """Companies and contacts from before stay as they are; the feature goes again only while nobody needs it."""
    story.saved("Contact", LastName="Babbage", AccountId=story.saved("Account", Name="Acme"))
    story.set(person_accounts=True)
    assert story.rows("SELECT Name, IsPersonAccount, Account.IsPersonAccount FROM Contact")[0]["IsPersonAccount"] is False
    account = story.saved("Account", LastName="Byron")
    with pytest.raises(OrgError, match="cannot be switched off: the org has 1"):
        story.set(person_accounts=False)
    assert story.org.settings.person_accounts
    story.org.delete(story.admin, [account])
    with pytest.raises(OrgError, match="recycle bin"):
        story.set(person_accounts=False)
    story.org.reset("deployed")
    story.deploy_flows(Asks=flow("Asks", assign("First", "PersonTitle", text("x")), sobject="Account", trigger="RecordBeforeSave"))
    with pytest.raises(OrgError, match=r"Flow Asks mentions PersonTitle"):
        story.set(person_accounts=False)


def test_switch__snapshots_and_resets(story: Story) -> None:
    """A snapshot brings the feature back or takes it away with its records; a reset keeps it."""
    story.org.snapshot("without")
    story.set(person_accounts=True)
    story.saved("Account", LastName="Byron")
    story.org.snapshot("with")
    story.org.restore("without")
    assert (story.org.settings.person_accounts, story.rows("SELECT Id FROM Account")) == (False, [])
    story.org.restore("with")
    assert story.values("SELECT LastName FROM Contact WHERE IsPersonAccount = true") == ["Byron"]
    assert story.org.settings.person_accounts
    for to in ("deployed", "empty"):
        story.org.reset(to)
        story.saved("Account", LastName="Byron")
        assert story.value("SELECT IsPersonAccount FROM Account") is True
    story.org.reset("deployed")
    story.set(person_accounts=False)
    assert story.rows("SELECT Id FROM RecordType") == []


def test_switch__kept_on_disk(tmp_path: Path) -> None:
    """An org that is opened again has the feature still."""
    with Org.open(tmp_path, clock=START) as org:
        Story(org).set(person_accounts=True)
    with Org.open(tmp_path, clock=START) as org:
        story = Story(org)
        story.saved("Account", LastName="Byron")
        assert story.value("SELECT IsPersonAccount FROM Contact") is True
