"""Who e-mails of flows are from: addresses that their owners have verified, and users who have an address."""

from __future__ import annotations

import pytest

from tooling.local_org.engine.stamps import AUTOMATED_PROCESS_ID
from tooling.local_org.errors import NotFound

from ..flow.build import ref, text
from .conftest import Projects, package_files, record
from .test_emails import call, install, mailing, parameter

__all__ = ["mailing"]

OURS = "us@example.com"


def send(**sender: str) -> bytes:
    values = {"emailAddresses": "ann@example.com", "emailSubject": "Hello", "emailBody": "Hello Ann", **sender}
    return call("emailSimple", "emailSimple", *(parameter(name, text(value)) for name, value in values.items()))


def address(projects: Projects, *, everybody: bool = True) -> str:
    return projects.saved("OrgWideEmailAddress", Address=OURS, DisplayName="Us", IsAllowAllProfiles=everybody)


def fault(projects: Projects) -> str:
    """What the org said to the last e-mail."""
    assert projects.org.emails() == []
    (interview,) = [trace for trace in projects.org.interviews() if trace["flow"] == "Mailing"]
    said: str = interview["elements"][0]["fault"]
    return said


def test_address__verified_by_its_owner(bare: Projects) -> None:
    """An address inserted through the API is unverified and no sender; once the link is followed it is one."""
    install(bare, send(senderType="OrgWideEmailAddress", senderAddress=OURS))
    address(bare)
    assert bare.row("SELECT IsVerified FROM OrgWideEmailAddress")["IsVerified"] is False
    bare.saved("Project__c", Name="A")
    assert f"INVALID_EMAIL_ADDRESS: The organization-wide email address isn't valid or verified: {OURS}" in fault(bare)

    bare.org.verify_sender(OURS)
    bare.saved("Project__c", Name="B")
    assert [email["sender_address"] for email in bare.org.emails()] == [OURS]


def test_address__not_verified_through_the_api(bare: Projects) -> None:
    """No client verifies an address, and another address has to be verified anew."""
    given = record("OrgWideEmailAddress", Address=OURS, DisplayName="Us", IsVerified=True)
    (refused,) = bare.org.insert(bare.admin, [given])
    assert [error.code for error in refused.errors] == ["INVALID_FIELD_FOR_INSERT_UPDATE"]
    saved = address(bare)
    bare.org.verify_sender(OURS)
    bare.org.update(bare.admin, [record("OrgWideEmailAddress", Id=saved, DisplayName="We")])
    assert bare.row("SELECT IsVerified FROM OrgWideEmailAddress")["IsVerified"] is True
    bare.org.update(bare.admin, [record("OrgWideEmailAddress", Id=saved, Address="we@example.com")])
    assert bare.row("SELECT IsVerified FROM OrgWideEmailAddress")["IsVerified"] is False
    with pytest.raises(NotFound, match="insert it first"):
        bare.org.verify_sender(OURS)


@pytest.mark.parametrize(
    ("sender", "refused"),
    [
        ({"senderType": "OrgWideEmailAddress"}, "REQUIRED_FIELD_MISSING: senderAddress is required"),
        ({"senderType": "OrgWideEmailAddress", "senderAddress": "no@example.com"}, "isn't valid or verified: no@example.com"),
        ({"senderType": "Somebody"}, "INVALID_INPUT: senderType takes"),
    ],
    ids=["no address", "unknown address", "unknown type"],
)
def test_sender__refused(bare: Projects, sender: dict[str, str], refused: str) -> None:
    """What names no sender is a fault that says so."""
    install(bare, send(**sender))
    bare.saved("Project__c", Name="A")
    assert refused in fault(bare)


def test_address__not_for_this_profile(bare: Projects) -> None:
    """Verified, but not for all profiles: the Send Email action refuses it."""
    install(bare, send(senderType="OrgWideEmailAddress", senderAddress=OURS))
    address(bare, everybody=False)
    bare.org.verify_sender(OURS)
    bare.saved("Project__c", Name="A")
    assert "INSUFFICIENT_ACCESS_OR_READONLY: Not profiled to access this Org-wide Email Address" in fault(bare)


@pytest.mark.parametrize("sender", [{}, {"senderType": "CurrentUser"}, {"senderType": "DefaultWorkflowUser"}], ids=str)
def test_user__is_a_sender(bare: Projects, sender: dict[str, str]) -> None:
    """A person who runs the flow has an address, and so has the default workflow user."""
    install(bare, send(**sender))
    bare.saved("Project__c", Name="A")
    assert len(bare.org.emails()) == 1


@pytest.mark.parametrize(("sender", "sent"), [({}, False), ({"senderType": "OrgWideEmailAddress", "senderAddress": OURS}, True)], ids=str)
def test_automated_process__names_an_address(bare: Projects, sender: dict[str, str], sent: bool) -> None:
    """The Automated Process user has no address of its own: it sends from an organization-wide one, or not at all."""
    install(bare, send(**sender))
    address(bare)
    bare.org.verify_sender(OURS)
    user = bare.org.user_of_token(bare.org.issue_token(AUTOMATED_PROCESS_ID))
    with bare.org.trial(user) as tx:
        tx.host.insert("Project__c", [{"Name": "A"}])
        emails = tx.runtime.outbox.emails()
        faults = [element.get("fault") for trace in tx.traces for element in trace.to_json()["elements"] if element["element"] == "Send"]
    assert len(emails) == int(sent)
    assert (faults == [None]) is sent
    assert sent or "The Automated Process user has no email address" in faults[0]


def test_alert__from_an_unverified_address(mailing: Projects) -> None:
    """An alert's sender has to be verified, too; for whom it is, was decided by whoever chose it."""
    name = "workflows/Project__c.workflow-meta.xml"
    alert = package_files("workflows")[name].decode()
    wide = f"<senderAddress>{OURS}</senderAddress><senderType>OrgWideEmailAddress</senderType>"
    assert "<senderType>CurrentUser</senderType>" in alert
    mailing.deploy({name: alert.replace("<senderType>CurrentUser</senderType>", wide).encode()})
    install(mailing, call("emailAlert", "Project__c.Project_Started", parameter("SObjectRowId", ref("$Record.Id"))))
    address(mailing, everybody=False)
    mailing.saved("Project__c", Name="A")
    assert "isn't valid or verified" in fault(mailing)
    mailing.org.verify_sender(OURS)
    mailing.saved("Project__c", Name="B")
    assert len(mailing.org.emails()) == 1
