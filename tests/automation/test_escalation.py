"""Critical feedback opens a Case: which words count, whose Case it is, and never a second one."""

from __future__ import annotations

import pytest

from tests.automation.world import World, text_of


@pytest.mark.parametrize(
    ("comment", "found"),
    [
        ("We will CANCEL!", "cancel"),
        ("Cancelled already.", "cancel"),
        ("A scancel code", None),
        ("I'm frustrated,really", "frustrated"),
        ("Frustration is growing", None),
        ("Line one\nbroken\nline three", "broken"),
        ("Unbroken trust", None),
        ("Ich möchte KÜNDIGEN.", "kündigen"),
        ("Нужна ОТМЕНА, пожалуйста", "отмена"),
        ("もう解約します。", "解約"),
        ("You can’t use it", "can't use"),
        ("Θέλω ΑΚΎΡΩΣΗ", "ακύρωση"),
        ("«broken»", "broken"),
        ("All fine", None),
        (None, None),
    ],
)
def test_keywords__words_in_any_script(world: World, contact: str, comment: str | None, found: str | None) -> None:
    """As a word, as the beginning of one, or anywhere; letter case, punctuation and line ends do not count."""
    response = world.answer(5, contact, Verbatim__c=comment)

    assert len(world.cases(response)) == (1 if found else 0)
    assert world.value(response, "Escalation_Keywords__c") == found


def test_score__how_low(world: World, contact: str) -> None:
    """A keyword counts below the score of the spec only; a very low score needs none."""
    assert world.cases(world.answer(7, contact, Verbatim__c="cancel")) == []
    assert len(world.cases(world.answer(6, contact, Verbatim__c="cancel"))) == 1
    assert world.cases(world.answer(2, contact, Verbatim__c="meh")) == []
    assert len(world.cases(world.answer(1, contact))) == 1
    assert world.cases(world.answer(0, contact, Quiet__c=True)) == []


def test_routing__whose_case_it_is(world: World, account: str, contact: str) -> None:
    """The gravest keyword's own queue before any route, then the first route whose conditions hold, else the default user."""
    small = world.contact(world.account("Small", NPS_Tier__c="Small Business"), Email="s@small.example")

    (own_queue,) = world.cases(world.answer(5, small, Verbatim__c="broken, ich will kündigen"))
    (by_tier,) = world.cases(world.answer(5, contact, Verbatim__c="broken"))
    (by_severity,) = world.cases(world.answer(5, small, Verbatim__c="frustrated and broken"))
    (alone,) = world.cases(world.answer(0, small))
    (nobodys,) = world.cases(world.answer(5, small, Verbatim__c="broken"))

    assert [one["Owner"]["Name"] for one in (own_queue, by_tier, by_severity, alone, nobodys)] == [
        "NPS German Desk", "NPS Enterprise Escalations", "NPS Escalations", "NPS Escalations", "Desk",
    ]  # fmt: skip
    assert [one["Priority"] for one in (own_queue, by_tier, by_severity)] == ["Medium", "High", "Medium"]
    assert by_tier["Type"] == "Problem"
    assert (by_tier["Origin"], by_tier["Status"], by_tier["AccountId"], by_tier["ContactId"]) == ("NPS survey", "New", account, contact)
    assert by_tier["Subject"] == "NPS 5 of 10 from Ada Byron: broken"


def test_case__one_for_ever(world: World, contact: str) -> None:
    """Revisions, retries, even a closed Case: there is never a second one."""
    response = world.answer(5, contact, Verbatim__c="I will cancel.")
    (case,) = world.cases(response)
    assert world.value(response, "Case__c") == case["Id"]

    world.revise(response, Score__c=0, Verbatim__c="broken, cancel")
    world.update(case["Id"], Status="Closed")
    world.run()
    world.revise(response, Score__c=1)
    world.retry(response)

    assert [one["Id"] for one in world.cases(response)] == [case["Id"]]


def test_revision__may_escalate_later(world: World, contact: str) -> None:
    """An answer that turns bad opens its Case then."""
    response = world.answer(9, contact, Verbatim__c="Great.")
    assert world.cases(response) == []

    world.revise(response, Score__c=3, Verbatim__c="We cancel.")
    assert len(world.cases(response)) == 1


def test_lead__its_case_names_the_person(world: World) -> None:
    """A Lead has no Contact: the Case carries name and address."""
    lead = world.add("Lead", FirstName="Lee", LastName="Ng", Company="Firm", Email="lee@firm.example")
    (case,) = world.cases(world.answer(0, None, Lead__c=lead))

    assert (case["SuppliedName"], case["SuppliedEmail"], case["ContactId"]) == ("Lee Ng", "lee@firm.example", None)


def test_taken_case__keeps_its_owner(world: World, account: str, contact: str, manager: str) -> None:
    """Matched later, a Case that somebody has taken gets its Contact, not another owner."""
    response = world.answer(3, None, Verbatim__c="cancel")
    (case,) = world.cases(response)
    world.update(case["Id"], OwnerId=manager)

    world.update(response, Contact__c=contact, Account__c=account, Match_Status__c="Resolved")
    world.run()
    (completed,) = world.cases(response)
    assert (completed["ContactId"], completed["AccountId"], completed["Owner"]["Name"]) == (contact, account, "Maria")


def test_account__open_escalations_follow_the_cases(world: World, account: str, contact: str) -> None:
    """Opening, closing and reopening a Case recalculates the Account within minutes, without the bridge."""
    response = world.answer(5, contact, Verbatim__c="cancel")
    world.later(minutes=10)
    assert world.record(account, "NPS_Open_Escalations__c", "NPS_Segment__c") == {
        "NPS_Open_Escalations__c": 1,
        "NPS_Segment__c": "Detractor",
    }
    (case,) = world.cases(response)

    for status, expected in (("Closed", 0), ("Working", 1), ("Closed", 0)):
        world.update(case["Id"], Status=status)
        world.later(minutes=10)
        assert world.value(account, "NPS_Open_Escalations__c") == expected
        assert world.value(account, "NPS_Recalculation_Requested_At__c") is None


def test_keywords__an_admins_change_counts(world: World, contact: str) -> None:
    """What an admin adds in Setup is looked for at once: no deploy of flows."""
    record = (
        '<label>Lawyer</label><protected>false</protected>'
        '<values><field>Keyword__c</field><value xsi:type="xsd:string">lawyer</value></values>'
        '<values><field>Match__c</field><value xsi:type="xsd:string">word</value></values>'
        '<values><field>Severity__c</field><value xsi:type="xsd:string">high</value></values>'
        '<values><field>Order__c</field><value xsi:type="xsd:double">5</value></values>'
        '<values><field>Active__c</field><value xsi:type="xsd:boolean">true</value></values>'
    )  # fmt: skip
    text = (
        '<?xml version="1.0" encoding="UTF-8"?><CustomMetadata xmlns="http://soap.sforce.com/2006/04/metadata" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema">'
        f"{record}</CustomMetadata>"
    )
    members = "<types><members>NPS_Escalation_Keyword.Lawyer</members><name>CustomMetadata</name></types>"
    world.deploy({"customMetadata/NPS_Escalation_Keyword.Lawyer.md": text.encode()}, members)

    assert world.value(world.answer(5, contact, Verbatim__c="My lawyer says so"), "Escalation_Keywords__c") == "lawyer"


def test_timeline__every_answer_once(world: World, account: str, contact: str) -> None:
    """Each completed answer, of any category, quiet or not, is one completed task of the Contact, dated when it was given; a revision
    changes it. A dismissal is none."""
    given = text_of(world.org.now())
    promoter = world.answer(9, contact, Verbatim__c="Good", Survey_Type__c="Relationship", Survey_Name__c="Spring", Responded_At__c=given)
    quiet = world.answer(7, contact, Quiet__c=True, Responded_At__c="2025-05-06T10:00:00.000Z")
    dismissed = world.answer(None, contact, Outcome__c="Dismissed")

    logged = world.task(promoter, "Timeline")
    assert (logged["Status"], logged["WhoId"], logged["WhatId"], logged["ActivityDate"]) == ("Completed", contact, account, "2026-03-02")
    assert logged["Subject"] == "NPS answer: 9 of 10, Promoter (Spring)"
    assert logged["Description"].startswith("Relationship survey, answered on ")
    assert "Good" in logged["Description"]
    assert world.task(quiet, "Timeline")["ActivityDate"] == "2025-05-06"
    assert world.tasks(dismissed, "Timeline") == []

    world.revise(promoter, Verbatim__c="Very good")
    assert "Very good" in world.task(promoter, "Timeline")["Description"]
