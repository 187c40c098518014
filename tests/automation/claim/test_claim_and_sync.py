"""Claiming flows and the bridge: they decide alike, and what a flow could not write the next sync does."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass

import pytest

from tests.automation.claim.deploying import deploy_claiming, whose, with_match
from tests.automation.test_failures import refused
from tests.automation.world import World
from tests.bridge.world import ListSource
from tooling.bridge.ledger import parked_from, parked_query
from tooling.bridge.matcher import Matcher
from tooling.bridge.matching import MatchStatus
from tooling.bridge.preflight import check_org
from tooling.bridge.reconcile import reconcile
from tooling.bridge.records import match_values
from tooling.bridge.sync import SyncOptions, sync
from tooling.metadata.flows.claim import claim_flows
from tooling.metadata.flows.elements import Create, Update
from tooling.salesforce.gateway import Gateway
from tooling.spec import Spec
from tooling.spec.model import EmailRule, SalesforceIdRule, UserIdRule

_BY_ID, _BY_EMAIL = UserIdRule(), EmailRule()
_RULES: dict[str, dict[str, object]] = {
    "default": {},
    "e-mail first": {"people": (_BY_EMAIL, _BY_ID)},
    "e-mail alone, no preference": {"people": (_BY_EMAIL,), "prefer": ()},
    "no preference": {"prefer": ()},
    "further tie-breakers": {"prefer": ("contact_over_lead", "same_account", "most_recent_activity")},
    "Leads after tie-breakers": {"prefer": ("most_recent_activity", "contact_over_lead")},
    "other forms of the address": {"people": (_BY_ID, EmailRule(also_without=("plus_tag", "dots")))},
    "other forms first": {"people": (EmailRule(also_without=("plus_tag",)), _BY_ID)},
    "record ids": {"people": (SalesforceIdRule(), _BY_ID, _BY_EMAIL)},
}


@pytest.mark.parametrize("rules", _RULES.values(), ids=_RULES.keys())
def test_parity__flows_decide_as_the_bridge_does(world: World, spec: Spec, gateway: Gateway, rules: dict[str, object]) -> None:
    """Whatever the flows decide about many people who share addresses and user ids, the bridge would; the rest is left to it."""
    wanted = with_match(spec, **rules)
    deploy_claiming(world, wanted)
    chance = random.Random(11)
    accounts = [world.account(f"Company {number}") for number in range(2)]
    addresses = [f"{name}@acme.example" for name in ("a", "b", "c.d", "cd", "e", "e+nps", "f", "g")]
    ids = [None, None, "1", "2", "3", "4"]
    answers = [{"Respondent_Email__c": chance.choice([None, *addresses]), "Respondent_User_Id__c": chance.choice(ids)} for _ in range(60)]
    responses = world.insert("Survey_Response__c", *(world.answer_values(8, None, Quiet__c=True, **answer) for answer in answers))
    people = [
        {"LastName": f"P{number}", "Email": chance.choice([None, *addresses]), "NPS_User_Id__c": chance.choice(ids)} for number in range(9)
    ]
    world.insert("Contact", *({**person, "AccountId": chance.choice(accounts)} for person in people[:6]))
    world.insert("Lead", *({**person, "Company": "Acme"} for person in people[6:]))

    describes = check_org(gateway, wanted)
    parked = {item.stored.id: item.person for item in map(parked_from, gateway.query(parked_query()))}
    decided = Matcher(gateway, wanted.match, describes).decide(parked)
    world.run()

    seen = Counter[str]()
    for response in responses:
        state, decision = whose(world, response), decided[response]
        seen[f"{state['Match_Status__c']}, {decision.status.value}"] += 1
        if state["Match_Status__c"] == "Unmatched":
            continue
        expected = match_values(decision)
        expected["Match_Rule__c"] += "; claimed by flow" if decision.status is MatchStatus.MATCHED else ""
        assert state == expected
    assert seen["Matched, Matched"]
    if rules in ({}, _RULES["e-mail first"], _RULES["no preference"]):
        assert seen["Ambiguous, Ambiguous"]
        assert set(seen) <= {"Matched, Matched", "Ambiguous, Ambiguous", "Unmatched, Unmatched"}
    assert world.dead_letters() == []
    world.limits_are_kept()


def test_sync__afterwards_changes_nothing(world: World, claiming: Spec, gateway: Gateway, account: str) -> None:
    """What was claimed, and what became ambiguous, is what the next sync would say."""
    claimed = world.answer(3, None)
    tied = world.answer(9, None, Respondent_Email__c="twin@acme.example")
    world.contact(account)
    world.insert("Contact", *({"LastName": "Twin", "Email": "twin@acme.example"} for _ in range(2)))
    world.run()
    world.later(minutes=10)
    before = whose(world, claimed), whose(world, tied)

    report = sync(claiming, [ListSource([])], gateway, SyncOptions())
    world.run()
    assert (report.rematched, report.recalculated, report.warnings) == (0, 0, [])
    assert (whose(world, claimed), whose(world, tied)) == before
    assert before[0]["Match_Status__c"] == "Matched" and before[1]["Match_Status__c"] == "Ambiguous"


# An org that refuses ----------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Refused:
    """Elements that are refused, by which rules, and what is left to see."""

    fails: tuple[tuple[str, str], ...]
    rules: tuple[tuple[str, str], ...]
    letter: str | None


_ASKED = 'AND(ISCHANGED(Match_Rule__c), LEFT(Match_Rule__c, 9) = "asked for")'
_NO_LETTER = ("NPS_Dead_Letter__c", "TRUE")
_RESPONSE = "Survey_Response__c"
_TURNS = [(sobject, turn) for sobject in ("Contact", "Lead") for turn in ("Created", "Changed")]
_MATRIX: dict[str, Refused] = {
    **{
        f"{sobject} {turn}, {element}": Refused(((f"NPS_Claim_{sobject}_{turn}", element),), ((_RESPONSE, _ASKED),), "CLAIM_NOT_ASKED_FOR")
        for sobject, turn in _TURNS
        for element in ("Ask_By_Email", "Ask_By_User_Id")
    },
    **{
        f"{sobject} {turn}, and the dead letter": Refused(
            ((f"NPS_Claim_{sobject}_{turn}", "Ask_By_Email"), (f"NPS_Claim_{sobject}_{turn}", "Keep_As_Dead_Letter")),
            ((_RESPONSE, _ASKED), _NO_LETTER),
            None,
        )
        for sobject, turn in _TURNS
    },
    "given": Refused((("NPS_Claim_Unmatched", "Give_It"),), ((_RESPONSE, 'ISPICKVAL(Match_Status__c, "Matched")'),), "CLAIM_NOT_WRITTEN"),
    "given, and the dead letter": Refused(
        (("NPS_Claim_Unmatched", "Give_It"), ("NPS_Claim_Unmatched", "Keep_As_Dead_Letter")),
        ((_RESPONSE, 'ISPICKVAL(Match_Status__c, "Matched")'), _NO_LETTER),
        None,
    ),
    "ambiguous": Refused(
        (("NPS_Claim_Unmatched", "Say_Ambiguous"),), ((_RESPONSE, 'ISPICKVAL(Match_Status__c, "Ambiguous")'),), "CLAIM_NOT_WRITTEN"
    ),
    "left": Refused((("NPS_Claim_Unmatched", "Leave_It"),), ((_RESPONSE, 'LEFT(Match_Rule__c, 4) = "left"'),), "CLAIM_NOT_WRITTEN"),
    "numbers of the company and the Contact": Refused(
        (("NPS_Claim_Recalculation", "Ask_Account"), ("NPS_Claim_Recalculation", "Ask_Contact")),
        (("Account", "ISCHANGED(NPS_Recalculated_At__c)"), ("Contact", "ISCHANGED(NPS_Recalculated_At__c)")),
        None,
    ),
    "numbers of the Lead": Refused((("NPS_Claim_Recalculation", "Ask_Lead"),), (("Lead", "ISCHANGED(NPS_Recalculated_At__c)"),), None),
}


@pytest.mark.parametrize("entry", _MATRIX.values(), ids=_MATRIX.keys())
def test_refused__the_next_sync_does_it(
    world: World, claiming: Spec, gateway: Gateway, account: str, entry: Refused, request: pytest.FixtureRequest
) -> None:
    """The save of the person succeeds, a trace is left where one can be, and once nothing refuses the next sync brings it to its end."""
    flow, element = entry.fails[0]
    left = element == "Leave_It"
    response = world.answer(
        8, None, Respondent_User_Id__c="u-1" if element == "Ask_By_User_Id" else None,
        Attributes__c='{"company_id": "c-1"}' if left else None,
    )  # fmt: skip
    for number, (sobject, formula) in enumerate(entry.rules):
        world.rule(sobject, formula, f"Customers_Rule_{number}")

    is_lead = "Lead" in flow or element == "Ask_Lead"
    value = {"NPS_User_Id__c": "u-1"} if element == "Ask_By_User_Id" else {"Email": "ada@acme.example"}
    person = {"LastName": "Byron", **({"Company": "Acme"} if is_lead else {"AccountId": account})}
    people = []
    for _ in range(2 if element == "Say_Ambiguous" else 1):
        people.append({**person, **({} if "Changed" in flow else value)})
    saved = world.insert("Lead" if is_lead else "Contact", *people)
    if "Changed" in flow:
        world.run()
        world.update(saved[0], **value)
    world.run()
    world.later(minutes=10)
    assert set(entry.fails) <= refused(world.org.interviews())
    assert [letter["Error_Code__c"] for letter in world.dead_letters()] == ([entry.letter] if entry.letter else [])

    for number, (sobject, _) in enumerate(entry.rules):
        world.no_rule(sobject, f"Customers_Rule_{number}")
    sync(claiming, [ListSource([])], gateway, SyncOptions())
    reconcile(gateway, claiming)
    world.run()
    if element == "Say_Ambiguous":
        assert world.value(response, "Match_Status__c") == "Ambiguous"
    else:
        assert world.value(response, "Lead__c" if is_lead else "Contact__c") == saved[0]
        assert world.value(saved[0], "NPS_Response_Count__c") == 1
    world.limits_are_kept()


def test_matrix__no_writing_element_is_left_out(claiming: Spec) -> None:
    """Every element that writes, of every flow that claims, is refused in some entry."""
    writing = {
        (flow.name, element.name) for flow in claim_flows(claiming) for element in flow.elements if isinstance(element, Create | Update)
    }
    assert {element for entry in _MATRIX.values() for element in entry.fails} == writing
