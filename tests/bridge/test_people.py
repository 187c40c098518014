"""Finding people in a real org: merged, converted, deleted and odd ones, ties, and those who are made."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tests.bridge.world import SPEC, ListSource, World, response
from tooling.bridge.matcher import Matcher
from tooling.bridge.matching import Decision, MatchStatus
from tooling.bridge.preflight import check_org
from tooling.bridge.sync import sync
from tooling.local_org.engine.lead_conversion import LeadConvert
from tooling.nps.response import Person
from tooling.spec.loader import spec_from


def decide(world: World, match: str, *people: Person, dry_run: bool = False) -> list[Decision]:
    spec = spec_from(SPEC + f"match: {match}\n")
    gateway = world.connect()
    matcher = Matcher(gateway, spec.match, check_org(gateway, spec), dry_run=dry_run)
    found = matcher.decide({str(number): person for number, person in enumerate(people)})
    gateway.close()
    return [found[str(number)] for number in range(len(people))]


BY_ID = "{people: [{by: salesforce_id}, {by: email}]}"


def test_decide__salesforce_id(world: World, people: dict[str, str]) -> None:
    """A Contact's or Lead's id decides, in either form and whatever became of its case; an id of something else does not."""
    ids = [people["anna"], people["anna"][:15], people["anna"].lower(), people["lead"], people["acme"], "anna"]
    found = decide(world, BY_ID, *(Person(salesforce_id=one, email="bob@example.com") for one in ids))
    assert [(one.contact_id, one.lead_id, one.rule) for one in found] == [
        (people["anna"], None, "salesforce_id"),
        (people["anna"], None, "salesforce_id"),
        (people["anna"], None, "salesforce_id"),
        (None, people["lead"], "salesforce_id"),
        (people["bob"], None, "email"),
        (people["bob"], None, "email"),
    ]


def test_decide__merged(world: World, people: dict[str, str]) -> None:
    """A merged Contact's id and address lead to its master, through a second merge too."""
    (third,) = world.insert("Contact", {"LastName": "Third", "Email": "third@example.com"})
    world.org.merge(world.user, "Contact", {"Id": people["anna"]}, [third])
    world.org.merge(world.user, "Contact", {"Id": people["bob"]}, [people["anna"]])
    by_id, by_email, by_first = decide(
        world, BY_ID, Person(salesforce_id=third), Person(email="third@example.com"), Person(email="anna@example.com")
    )
    assert {one.contact_id for one in (by_id, by_email, by_first)} == {people["bob"]}
    assert (by_id.rule, by_email.rule) == ("salesforce_id (merged)", "email (merged)")


def test_decide__converted_then_merged(world: World, people: dict[str, str]) -> None:
    """A converted Lead is its Contact, also when that was merged later; both ids are kept."""
    converted = world.org.convert_lead(world.user, LeadConvert(people["lead"], "Closed - Converted"))
    world.org.merge(world.user, "Contact", {"Id": people["anna"]}, [converted.contact_id])
    (found,) = decide(world, BY_ID, Person(salesforce_id=people["lead"]))
    assert (found.contact_id, found.lead_id, found.rule) == (people["anna"], people["lead"], "salesforce_id (converted)")


def test_decide__deleted(world: World, people: dict[str, str]) -> None:
    """Whoever was deleted is nobody, the reason says so, and nobody is made in their place."""
    world.org.delete(world.user, [people["anna"]])
    (found,) = decide(world, "{on_missing: create_lead}", Person(email="anna@example.com"))
    assert found.status is MatchStatus.UNMATCHED
    assert f"Contact {people['anna']} was deleted" in found.rule and "no Lead was made" in found.rule


def test_decide__several_email_fields(world: World, people: dict[str, str]) -> None:
    """Every field that is named is asked; the user id comes first if it is the first rule."""
    world.update("Contact", {"Id": people["anna"], "NPS_User_Id__c": "u-1", "AssistantName": "second@example.com"})
    match = "{people: [{by: user_id}, {by: email, fields: [Email, AssistantName]}]}"
    second, first = decide(world, match, Person(email="SECOND@example.com"), Person(user_id="U-1", email="bob@example.com"))
    assert (second.contact_id, first.contact_id, first.rule) == (people["anna"], people["anna"], "user_id")


@pytest.mark.parametrize(
    ("also", "address", "rule"),
    [
        ("[]", "anna+nps@example.com", None),
        ("[plus_tag]", "anna+nps@example.com", "email without +tag"),
        ("[plus_tag]", "a.nna@example.com", None),
        ("[dots]", "a.nna@example.com", "email without dots"),
        ("[plus_tag, dots]", "a.n.na+x@example.com", "email without +tag and dots"),
    ],
)
def test_decide__address_is_folded_only_if_the_spec_says_so(
    world: World, people: dict[str, str], also: str, address: str, rule: str | None
) -> None:
    """Tags and dots are part of an address unless the spec says otherwise."""
    (found,) = decide(world, f"{{people: [{{by: email, also_without: {also}}}]}}", Person(email=address))
    assert (found.contact_id, found.rule) == ((people["anna"], rule) if rule else (None, "nobody found by email"))


ODD = [
    "o'brien@example.com", '"quoted"@example.com', "back\\slash@example.com", "per%cent@example.com", "under_score@example.com",
    "😀@example.com", "x" * 5_000 + "@example.com", "a@b' OR Email != '@c.d", "tab\t@example.com",
]  # fmt: skip


def test_decide__odd_addresses(world: World, people: dict[str, str]) -> None:
    """Quotes, backslashes, wildcards, emoji and endless addresses find exactly whom they name, or nobody."""
    obrien, percent, plain = world.insert(
        "Contact",
        {"LastName": "O'Brien", "Email": "o'brien@example.com"},
        {"LastName": "Percent", "Email": "per%cent@example.com"},
        {"LastName": "Plain", "Email": "perXcent@example.com"},
    )
    found = decide(world, "{people: [{by: email}, {by: user_id}]}", *(Person(email=one, user_id=one) for one in ODD))
    assert [one.contact_id for one in found] == [obrien, None, None, percent, *[None] * 5]
    assert plain not in {one.contact_id for one in found}
    report = world.sync(ListSource([response(number, one) for number, one in enumerate(ODD)]))
    assert (report.created, report.refused_count) == (len(ODD), 0)


def test_decide__two_thousand_in_a_handful_of_calls(world: World) -> None:
    """Two thousand respondents are found in few calls."""
    for start in range(0, 2_000, 500):
        world.insert("Contact", *({"LastName": f"P{n}", "Email": f"person{n}@example.com"} for n in range(start, start + 500)))
    spec = spec_from(SPEC)
    gateway = world.connect()
    describes = check_org(gateway, spec)
    before = gateway.calls
    found = Matcher(gateway, spec.match, describes).decide({str(n): Person(email=f"person{n}@example.com") for n in range(2_000)})
    assert all(one.status is MatchStatus.MATCHED for one in found.values())
    assert gateway.calls - before <= 5
    gateway.close()


# ties -----------------------------------------------------------------------------------------------------------------------------

TWIN = Person(email="twin@example.com")


def test_decide__same_account(world: World, people: dict[str, str]) -> None:
    """Of two with one address, the one at the response's company; a Contact related to several Accounts counts for each of them."""
    world.update("Account", {"Id": people["other"], "NPS_Company_Id__c": "c-2"})
    match = "{prefer: [contact_over_lead, same_account]}"
    (found,) = decide(world, match, replace(TWIN, company_id="c-2"))
    assert (found.contact_id, found.account_id) == (people["second"], people["other"])
    assert found.rule == "email, same_account; Account by company_id"
    (undecided,) = decide(world, match, TWIN)
    assert undecided.status is MatchStatus.AMBIGUOUS
    (third,) = world.insert("Account", {"Name": "Third", "NPS_Company_Id__c": "c-3"})
    world.insert("AccountContactRelation", {"AccountId": third, "ContactId": people["twin"], "IsActive": True})
    (related,) = decide(world, match, replace(TWIN, company_id="c-3"))
    assert (related.contact_id, related.account_id) == (people["twin"], third)


def test_decide__open_opportunity(world: World, people: dict[str, str]) -> None:
    """Of two with one address, the one with a role in an open Opportunity; else the one whose Account has one."""
    match = "{prefer: [open_opportunity]}"
    deal: dict[str, Any] = {"Name": "D", "StageName": "Prospecting", "CloseDate": "2026-06-01"}
    (first,) = world.insert("Opportunity", {**deal, "AccountId": people["other"]})
    (found,) = decide(world, match, TWIN)
    assert (found.contact_id, found.rule) == (people["second"], "email, open_opportunity")
    world.insert("OpportunityContactRole", {"OpportunityId": first, "ContactId": people["twin"]})
    assert decide(world, match, TWIN)[0].contact_id == people["twin"]
    world.update("Opportunity", {"Id": first, "StageName": "Closed Won"})
    assert decide(world, match, TWIN)[0].status is MatchStatus.AMBIGUOUS


# who is missing -------------------------------------------------------------------------------------------------------------------


def lead_spec(how: str) -> Any:
    return spec_from(SPEC + f"match: {{on_missing: {how}}}\n")


def test_sync__creates_a_lead_once(world: World, people: dict[str, str]) -> None:
    """An unknown respondent becomes one Lead, however many answers and syncs; the ambiguous and nameless are not made."""
    first = replace(
        response(1, "New.Person@example.com"), person=Person(email="New.Person@example.com", first_name="New", last_name="Person")
    )
    source = ListSource([first, response(2, "new.person@example.com"), response(3, "twin@example.com"), response(4, None)])
    report = sync(lead_spec("create_lead"), [source], world.connect())
    assert (report.created, report.unmatched, report.ambiguous) == (4, 1, 1)
    sync(lead_spec("create_lead"), [ListSource([*source.responses, response(5, "new.person@example.com")])], world.connect())
    leads = world.query("SELECT Id, FirstName, LastName, Company FROM Lead WHERE Email = 'new.person@example.com'")
    assert [(lead["FirstName"], lead["LastName"], lead["Company"]) for lead in leads] == [("New", "Person", "[not provided]")]
    rows = world.query("SELECT Lead__c, Match_Rule__c FROM Survey_Response__c ORDER BY Response_Key__c")
    assert [row["Lead__c"] for row in rows] == [leads[0]["Id"], leads[0]["Id"], None, None, leads[0]["Id"]]
    assert rows[0]["Match_Rule__c"] == "nobody found by email; Lead was made"


def test_sync__creates_a_contact_under_its_account(world: World, people: dict[str, str]) -> None:
    """A Contact is made only under an Account that the company id names."""
    world.update("Account", {"Id": people["acme"], "NPS_Company_Id__c": "c-1"})
    known = replace(response(1, "new@example.com"), person=Person(email="new@example.com", company_id="c-1"))
    sync(lead_spec("create_contact"), [ListSource([known, response(2, "other@example.com")])], world.connect())
    assert world.query("SELECT LastName, AccountId FROM Contact WHERE Email = 'new@example.com'") == [
        {"LastName": "new", "AccountId": people["acme"]}
    ]
    rows = world.query("SELECT Match_Rule__c FROM Survey_Response__c ORDER BY Response_Key__c")
    assert rows[1]["Match_Rule__c"].endswith("no Contact was made: no Account is known for it by company_id")


def test_sync__a_dry_run_makes_nobody(world: World, people: dict[str, str]) -> None:
    """A dry run says whom it would make."""
    (found,) = decide(world, "{on_missing: create_lead}", Person(email="new@example.com"), dry_run=True)
    assert found.rule == "nobody found by user_id, email; a Lead would be made".replace("user_id, ", "")
    assert world.query("SELECT Id FROM Lead WHERE Email = 'new@example.com'") == []


def test_sync__the_org_refuses_the_lead(world: World, people: dict[str, str]) -> None:
    """A Lead the org refuses costs the response nothing: it is parked with the org's reason."""
    person = Person(email="not an address@", last_name="X")
    (found,) = decide(world, "{on_missing: create_lead}", person)
    assert found.status is MatchStatus.UNMATCHED
    assert "no Lead was made: INVALID_EMAIL_ADDRESS" in found.rule
