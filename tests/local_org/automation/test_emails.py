"""E-mails that flows send: alerts with their recipients, templates with their merge fields, captured and not sent."""

from __future__ import annotations

import pytest

from ..flow.build import inputs, ref, text, to, xml
from .conftest import Projects, package_files, record

START = f"{to('{first}')}<object>Project__c</object><recordTriggerType>Create</recordTriggerType><triggerType>RecordAfterSave</triggerType>"
NOTE = f"<recordUpdates><name>Note</name>{inputs(Health__c=ref('Head'))}<inputReference>$Record</inputReference></recordUpdates>"
HEAD = "<formulas><name>Head</name><dataType>String</dataType><expression>LEFT({!$Flow.FaultMessage}, 80)</expression></formulas>"
"""What a fault path can keep of the fault."""


def parameter(name: str, value: str) -> str:
    return f"<inputParameters><name>{name}</name><value>{value}</value></inputParameters>"


def call(kind: str, action: str, *parameters: str) -> bytes:
    fault = to("Note", "faultConnector")
    body = f"<actionName>{action}</actionName><actionType>{kind}</actionType>{fault}{''.join(parameters)}"
    return xml(f"<actionCalls><name>Send</name>{body}</actionCalls>", NOTE, HEAD, start=START, first="Send")


@pytest.fixture
def mailing(bare: Projects) -> Projects:
    bare.deploy(package_files("email", "workflows"))
    return bare


def install(projects: Projects, flow: bytes) -> None:
    projects.deploy({"flows/Mailing.flow-meta.xml": flow})


def test_alert__recipients_and_merge_fields(mailing: Projects) -> None:
    """An alert goes to whom its recipients lead to, each once, with the template filled in from the record, the user and the org."""
    install(mailing, call("emailAlert", "Project__c.Project_Started", parameter("SObjectRowId", ref("$Record.Id"))))
    account = mailing.saved("Account", Name="Acme")
    project = mailing.saved("Project__c", Name="Moon", Budget__c=12.5, Due_Date__c="2026-07-20", Account__c=account)
    (email,) = mailing.org.emails()
    assert (email["to"], email["cc"]) == (["admin@local.example"], ["pmo@example.com"])
    assert email["subject"] == "Moon has started"
    assert email["body"].splitlines()[:2] == ["Budget: 12.5, due July 20, 2026.", "Account: Acme of Local Admin."]
    assert email["body"].splitlines()[2].startswith("admin@local.example, ")
    assert email["related_record_id"] == project


def test_alert__rolled_back_with_its_transaction(mailing: Projects) -> None:
    """E-mails leave after the commit: a save that fails sends none."""
    install(mailing, call("emailAlert", "Project__c.Project_Started", parameter("SObjectRowId", ref("$Record.Id"))))
    mailing.org.insert(mailing.admin, [record("Project__c", Name="A"), record("Project__c", Name="B" * 100)], all_or_none=True)
    assert mailing.org.emails() == []


def test_alert__recipients_the_local_org_does_not_know(mailing: Projects) -> None:
    """They are named in a fault, not left out."""
    install(mailing, call("emailAlert", "Project__c.Project_Team", parameter("SObjectRowId", ref("$Record.Id"))))
    project = mailing.saved("Project__c", Name="A")
    assert mailing.org.emails() == []
    (trace,) = [t for t in mailing.org.interviews() if t["flow"] == "Mailing"]
    assert "Recipients of the type opportunityTeam are not supported" in trace["elements"][0]["fault"]
    assert mailing.project(project, "Health__c")[0].startswith("An error occurred when the flow tried to run the action")


def test_alert__unknown_to_the_deploy(mailing: Projects) -> None:
    """An alert that is not there is refused by name."""
    flow = call("emailAlert", "Project__c.Nope", parameter("SObjectRowId", ref("$Record.Id")))
    assert mailing.problems({"flows/Mailing.flow-meta.xml": flow}) == [
        "We can't find the action with name Project__c.Nope and type emailAlert"
    ]


def test_send_email__with_a_template(mailing: Projects) -> None:
    """The template gives subject and body; its merge fields see the related record and the recipient."""
    template = mailing.row("SELECT Id FROM EmailTemplate WHERE DeveloperName = 'Project_Started'")["Id"]
    contact = mailing.saved("Contact", LastName="Ann", Email="ann@example.com")
    install(
        mailing,
        call(
            "emailSimple", "emailSimple", parameter("emailTemplateId", text(template)), parameter("recipientId", text(contact)),
            parameter("relatedRecordId", ref("$Record.Id")), parameter("useLineBreaks", "<booleanValue>true</booleanValue>"),
        ),
    )  # fmt: skip
    mailing.saved("Project__c", Name="Moon")
    (email,) = mailing.org.emails()
    assert (email["subject"], email["recipient_id"]) == ("Moon has started", contact)
    # A merge field without a value prints nothing.
    assert email["body"].splitlines()[1] == "Account:  of Ann."


def test_send_email__template_that_is_not_there(mailing: Projects) -> None:
    """The fault path is taken, nothing is sent."""
    install(
        mailing,
        call(
            "emailSimple",
            "emailSimple",
            parameter("emailTemplateId", text("00X000000000999AAA")),
            parameter("emailAddresses", text("a@b.example")),
        ),
    )
    mailing.saved("Project__c", Name="A")
    assert mailing.org.emails() == []
