"""Whose response it is, over the real protocol: every tie-breaker, companies, and values with characters that mean something to SOQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.bridge.test_people import TWIN, decide
from tests.bridge.world import START, World
from tooling.bridge.matching import MatchStatus
from tooling.local_org.engine.lead_conversion import LeadConvert
from tooling.nps.response import Person

DAY = START.date()


def touch(world: World, who: str, days_ago: int) -> None:
    """Somebody was in touch with the person: a completed Task."""
    day = (DAY - timedelta(days=days_ago)).isoformat()
    world.insert("Task", {"Subject": "Call", "Status": "Completed", "ActivityDate": day, "WhoId": who})


def test_decide__contact_over_lead(world: World, people: dict[str, str]) -> None:
    """A Contact and a Lead have the address: the Contact wins by default; without the tie-breaker nobody is guessed."""
    world.insert("Lead", {"LastName": "Anna", "Company": "X", "Email": "anna@example.com"})
    (found,) = decide(world, "{people: [{by: email}]}", Person(email="anna@example.com"))
    assert (found.contact_id, found.rule) == (people["anna"], "email, contact_over_lead")
    (undecided,) = decide(world, "{people: [{by: email}], prefer: []}", Person(email="anna@example.com"))
    assert (undecided.status, len(undecided.candidates)) == (MatchStatus.AMBIGUOUS, 2)


def test_decide__most_recent_activity(world: World, people: dict[str, str]) -> None:
    """Of two with one address, the one somebody was in touch with last; on the same day nobody is preferred."""
    match = "{people: [{by: email}], prefer: [most_recent_activity]}"
    assert decide(world, match, TWIN)[0].status is MatchStatus.AMBIGUOUS
    touch(world, people["twin"], 20)
    touch(world, people["second"], 10)
    (found,) = decide(world, match, TWIN)
    assert (found.contact_id, found.rule) == (people["second"], "email, most_recent_activity")
    touch(world, people["twin"], 10)
    assert decide(world, match, TWIN)[0].status is MatchStatus.AMBIGUOUS


def test_decide__tie_breakers_in_their_order(world: World, people: dict[str, str]) -> None:
    """Each narrows what the one before has left; the rule names those that did."""
    everything = "[contact_over_lead, same_account, open_opportunity, most_recent_activity]"
    third, fourth = world.insert(
        "Contact",
        {"LastName": "Three", "Email": "twin@example.com", "AccountId": people["other"]},
        {"LastName": "Four", "Email": "twin@example.com", "AccountId": people["other"]},
    )
    (lead,) = world.insert("Lead", {"LastName": "Five", "Company": "X", "Email": "twin@example.com"})
    world.update("Account", {"Id": people["other"], "NPS_Company_Id__c": "c-2"})
    (deal,) = world.insert("Opportunity", {"Name": "D", "StageName": "Prospecting", "CloseDate": "2026-06-01"})
    world.insert("OpportunityContactRole", *({"OpportunityId": deal, "ContactId": one} for one in (third, fourth, people["twin"])))
    touch(world, people["second"], 1)
    touch(world, lead, 1)
    touch(world, fourth, 5)
    match = f"{{people: [{{by: email}}], prefer: {everything}}}"
    (found,) = decide(world, match, replace(TWIN, company_id="c-2"))
    assert found.contact_id == fourth
    assert found.rule.startswith("email, contact_over_lead, same_account, open_opportunity, most_recent_activity")
    (other,) = decide(world, match.replace(everything, "[most_recent_activity, contact_over_lead]"), TWIN)
    assert (other.contact_id, other.rule) == (people["second"], "email, most_recent_activity, contact_over_lead")


def test_decide__a_contact_of_several_accounts(world: World, people: dict[str, str]) -> None:
    """Without a company id a response counts for the Contact's own Account, whatever others it is related to; with one, for that one."""
    world.update("Account", {"Id": people["other"], "NPS_Company_Id__c": "c-2"})
    world.insert("AccountContactRelation", {"AccountId": people["other"], "ContactId": people["anna"], "IsActive": True})
    match = "{people: [{by: email}], prefer: [same_account]}"
    anna = Person(email="anna@example.com")
    own, related, unknown = decide(world, match, anna, replace(anna, company_id="C-2"), replace(anna, company_id="c-9"))
    assert [one.contact_id for one in (own, related, unknown)] == [people["anna"]] * 3
    assert [one.account_id for one in (own, related, unknown)] == [people["acme"], people["other"], people["acme"]]


def test_decide__a_relation_that_ended(world: World, people: dict[str, str]) -> None:
    """Who no longer works for the company is not preferred for it."""
    (third,) = world.insert("Account", {"Name": "Third", "NPS_Company_Id__c": "c-3"})
    world.insert("AccountContactRelation", {"AccountId": third, "ContactId": people["twin"], "IsActive": False})
    (found,) = decide(world, "{people: [{by: email}], prefer: [same_account]}", replace(TWIN, company_id="c-3"))
    assert (found.status, found.account_id) == (MatchStatus.AMBIGUOUS, third)


def test_decide__company_id(world: World, people: dict[str, str]) -> None:
    """The company id decides the Account when exactly one has it; a merged Account is followed, a deleted one is none."""
    merged, twice, again, gone = world.insert(
        "Account",
        *({"Name": name, "NPS_Company_Id__c": key} for name, key in (("Merged", "m'1"), ("A", "two"), ("B", "TWO"), ("Gone", "gone"))),
    )
    world.org.merge(world.user, "Account", {"Id": people["other"]}, [merged])
    world.org.delete(world.user, [gone])
    anna = Person(email="anna@example.com")
    found = decide(world, "{people: [{by: email}]}", *(replace(anna, company_id=one) for one in ("M'1", "two", "gone")))
    assert [one.account_id for one in found] == [people["other"], people["acme"], people["acme"]]
    assert "2 Accounts have its company id" in found[1].rule
    assert twice != again


def test_decide__the_living_before_the_deleted(world: World, people: dict[str, str]) -> None:
    """Who has the address now is meant, not who had it and was deleted; a Lead whose Contact is gone is nobody."""
    (old,) = world.insert("Contact", {"LastName": "Old", "Email": "bob@example.com"})
    world.org.delete(world.user, [old])
    converted = world.org.convert_lead(world.user, LeadConvert(people["lead"], "Closed - Converted"))
    assert converted.contact_id is not None
    world.org.delete(world.user, [converted.contact_id])
    living, nobody = decide(world, "{people: [{by: email}]}", Person(email="bob@example.com"), Person(email="lea@example.com"))
    assert (living.contact_id, nobody.status) == (people["bob"], MatchStatus.UNMATCHED)


AWKWARD = ["O'Brien", 'say "hi"', "back\\slash", "100%", "under_score", "😀", "a\\'b", "%", "_", "line\nbreak", "{value}", "'; --"]


@pytest.mark.parametrize("field_name", ["NPS_User_Id__c", "NPS_Company_Id__c"])
def test_decide__awkward_ids(world: World, people: dict[str, str], field_name: str) -> None:
    """Ids with quotes, backslashes, wildcards and emoji find the one record that has exactly them, and no other."""
    plain = ["OBrien", "say hi", "backslash", "100x", "underXscore", "x", "ab", "y", "z", "line break", "value", "--"]
    if field_name == "NPS_User_Id__c":
        ids = world.insert("Contact", *({"LastName": "N", field_name: one} for one in AWKWARD))
        world.insert("Contact", *({"LastName": "N", field_name: one} for one in plain))
        found = [one.contact_id for one in decide(world, "{people: [{by: user_id}]}", *(Person(user_id=one) for one in AWKWARD))]
    else:
        ids = world.insert("Account", *({"Name": "N", field_name: one} for one in AWKWARD))
        world.insert("Account", *({"Name": "N", field_name: one} for one in plain))
        found = [one.account_id for one in decide(world, "{people: [{by: email}]}", *(Person(company_id=one) for one in AWKWARD))]
    assert found == ids


def test_decide__addresses_are_not_patterns(world: World, people: dict[str, str]) -> None:
    """An underscore and a percent sign in an address are themselves; a tag, a dot, another case or a longer one is another address."""
    underscore, percent, tagged, dotted, quoted = world.insert(
        "Contact",
        *(
            {"LastName": "N", "Email": address}
            for address in ("a_b@example.com", "a%b@example.com", "a+x@example.com", "a.b@example.com", "o'b@example.com")
        ),
    )
    world.insert("Contact", {"LastName": "N", "Email": "acb@example.com"})
    asked = [
        "A_B@example.com",
        "a%b@EXAMPLE.com",
        "a+x@example.com",
        "a.b@example.com",
        "O'B@example.com",
        "a@example.com",
        "ab@example.com",
    ]
    asked += ["a_b@example.com.evil.example", "a" * 5_000 + "@example.com"]
    found = decide(world, "{people: [{by: email}]}", *(Person(email=one) for one in asked))
    assert [one.contact_id for one in found] == [underscore, percent, tagged, dotted, quoted, None, None, None, None]
