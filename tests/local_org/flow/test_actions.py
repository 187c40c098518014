"""Actions. Source: metadata reference, "Elements: details that bite" (emailSimple, customNotificationAction, emailAlert)."""

from __future__ import annotations

from decimal import Decimal

from tooling.local_org.flow import run_autolaunched

from .build import (
    assignment,
    collection,
    item,
    program,
    ref,
    text,
    to,
    variable,
)


def action(kind, action_name=None, **values):
    given = "".join(f"<inputParameters><name>{name}</name><value>{value}</value></inputParameters>" for name, value in values.items())
    return (
        f"<actionCalls><name>Act</name><actionName>{action_name or kind}</actionName><actionType>{kind}</actionType>"
        f"{to('Keep', 'faultConnector')}{given}</actionCalls>"
    )


KEEP = (variable("message"), assignment("Keep", item("message", "Assign", ref("$Flow.FaultMessage"))))


def test_action__send_email(org):
    """
    emailSimple hands over addresses, subject, body, sender.
    """
    made = program(
        *KEEP,
        action(
            "emailSimple",
            emailAddresses=text("a@example.com, b@example.com"),
            emailSubject=text("Hi"),
            emailBody=text("Score {!score}"),
            senderType=text("OrgWideEmailAddress"),
            senderAddress=text("nps@example.com"),
        ),
        variable("score", "Number"),
        first="Act",
    )
    run_autolaunched(made, org, [{"score": Decimal(9)}])
    [email] = org.emails
    assert email.to == ("a@example.com", "b@example.com") and email.body == "Score 9"
    assert (email.sender_type, email.sender_address) == ("OrgWideEmailAddress", "nps@example.com")


def test_action__send_email_to_nobody_faults(org):
    """
    An e-mail without a recipient takes the fault path.
    """
    made = program(*KEEP, action("emailSimple", emailSubject=text("Hi"), emailBody=text("x")), first="Act")
    [result] = run_autolaunched(made, org, [{}])
    assert "Missing required input parameter" in result.outputs["message"] and org.emails == []


def test_action__custom_notification(org):
    """
    customNotificationAction notifies a collection of users.
    """
    made = program(
        *KEEP,
        collection("users"),
        action(
            "customNotificationAction",
            customNotifTypeId=text("0ML000000000001AAA"),
            recipientIds=ref("users"),
            title=text("T"),
            body=text("B"),
            targetId=text("a01"),
        ),
        first="Act",
    )
    run_autolaunched(made, org, [{"users": ["005a", "005b"]}])
    assert [n.recipient_ids for n in org.notifications] == [("005a", "005b")]


def test_action__email_alert_without_a_host_for_it_faults(org):
    """
    An org that knows no e-mail alerts says so on the fault path.
    """
    made = program(*KEEP, action("emailAlert", "Response__c.Thanks", SObjectRowId=text("a01")), first="Act")
    [result] = run_autolaunched(made, org, [{}])
    assert result.outputs["message"] == "Email alerts are not supported by this org: Response__c.Thanks"
