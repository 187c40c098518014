"""Leads and Contacts made for unknown respondents: one per address, whoever writes; none that a duplicate rule objects to."""

from __future__ import annotations

import threading
import traceback
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from tests.bridge.test_people import lead_spec
from tests.bridge.world import ListSource, World, response
from tooling.bridge.sync import sync
from tooling.local_org.engine.lead_conversion import LeadConvert
from tooling.local_org.engine.org import DeployOptions
from tooling.nps.response import Person, Response
from tooling.salesforce.gateway import Gateway
from tooling.salesforce.org import RowOutcome, Write

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
SPACE = 'xmlns="http://soap.sforce.com/2006/04/metadata" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
NIL = 'xsi:nil="true"'
MATCHING = (
    "<matchingRules><fullName>Same_Name</fullName><label>Same name</label><matchingRuleItems>"
    "<blankValueBehavior>NullNotAllowed</blankValueBehavior><fieldName>LastName</fieldName><matchingMethod>Exact</matchingMethod>"
    "</matchingRuleItems><ruleStatus>Active</ruleStatus></matchingRules>"
)


def deploy_rule(world: World, sobject: str, action: str) -> None:
    """The customer's rule: a second record of the same last name is objected to. `action`: Block, or Allow with an alert."""
    alert = "" if action == "Block" else "<operationsOnInsert>Alert</operationsOnInsert>"
    rule = (
        f"<actionOnInsert>{action}</actionOnInsert><actionOnUpdate>Allow</actionOnUpdate><alertText>Somebody alike is there.</alertText>"
        f"<description {NIL}/><duplicateRuleFilter {NIL}/><duplicateRuleMatchRules><matchRuleSObjectType>{sobject}</matchRuleSObjectType>"
        f"<matchingRule>Same_Name</matchingRule><objectMapping {NIL}/></duplicateRuleMatchRules><isActive>true</isActive>"
        f"<masterLabel>Twins</masterLabel>{alert}<operationsOnUpdate>Alert</operationsOnUpdate>"
        "<securityOption>BypassSharingRules</securityOption><sortOrder>1</sortOrder>"
    )
    members = "".join(
        f"<types><members>{name}</members><name>{kind}</name></types>"
        for kind, name in (("DuplicateRule", f"{sobject}.Twins"), ("MatchingRule", f"{sobject}.Same_Name"))
    )
    files = {
        f"matchingRules/{sobject}.matchingRule": f"{HEAD}<MatchingRules {SPACE}>{MATCHING}</MatchingRules>",
        f"duplicateRules/{sobject}.Twins.duplicateRule": f"{HEAD}<DuplicateRule {SPACE}>{rule}</DuplicateRule>",
        "package.xml": f"{HEAD}<Package {SPACE}>{members}<version>66.0</version></Package>",
    }
    result = world.org.deploy(world.user, {path: text.encode() for path, text in files.items()}, DeployOptions())
    assert result.success, [failure.problem for failure in result.failures]


def answer(number: int, email: str, last_name: str = "New", **changes: Any) -> Response:
    return replace(response(number, email), person=Person(email=email, last_name=last_name, **changes))


def rules(world: World) -> list[str]:
    return [row["Match_Rule__c"] for row in world.query("SELECT Match_Rule__c FROM Survey_Response__c ORDER BY Response_Key__c")]


@pytest.mark.parametrize("action", ["Allow", "Block"])
@pytest.mark.parametrize(("sobject", "how"), [("Lead", "create_lead"), ("Contact", "create_contact")])
def test_sync__a_duplicate_rule_objects(world: World, people: dict[str, str], sobject: str, how: str, action: str) -> None:
    """Whether the rule alerts or blocks: nobody is made, the response is saved and parked with the reason; the others are made."""
    deploy_rule(world, sobject, action)
    world.update("Account", {"Id": people["acme"], "NPS_Company_Id__c": "c-1"})
    world.insert(sobject, {"LastName": "Twinname", "Email": "elsewhere@example.com", **({"Company": "X"} if sobject == "Lead" else {})})
    source = ListSource([answer(1, "a@example.com", "Twinname", company_id="c-1"), answer(2, "b@example.com", company_id="c-1")])

    reports = [sync(lead_spec(how), [source], world.connect()) for _ in range(2)]

    assert (reports[0].created, reports[0].unmatched, reports[0].refused_count, reports[1].changed) == (2, 1, 0, 0)
    assert rules(world) == [
        f"nobody found by email; no {sobject} was made: a duplicate rule found somebody alike",
        f"nobody found by email; {sobject} was made",
    ]
    assert len(world.query(f"SELECT Id FROM {sobject} WHERE Email IN ('a@example.com', 'b@example.com')")) == 1


@pytest.mark.parametrize("action", ["Allow", "Block"])
def test_sync__responses_pass_an_alerting_rule(world: World, people: dict[str, str], action: str) -> None:
    """Recalculating a Contact that has a twin is no new duplicate: the rule of the customer does not stop it."""
    deploy_rule(world, "Contact", action)
    world.insert("Contact", {"LastName": "Other", "Email": "o@example.com"})
    report = world.sync(ListSource([response(1, "anna@example.com", 3)]))
    assert (report.recalculated, report.warnings) == (2, [])


class Overtaken:
    """An org in which, just before a Lead or Contact is made, another bridge does its whole sync."""

    def __init__(self, world: World, other: Any) -> None:
        self._gateway, self._other = world.connect(), other

    def __getattr__(self, name: str) -> Any:
        return getattr(self._gateway, name)

    def write(self, writes: Sequence[Write], **options: Any) -> list[list[RowOutcome]]:
        if self._other and any(one.sobject in ("Lead", "Contact") and "LastName" in one.rows[0] for one in writes):
            other, self._other = self._other, None
            other()
        return self._gateway.write(writes, **options)


@pytest.mark.parametrize(("sobject", "how"), [("Lead", "create_lead"), ("Contact", "create_contact")])
def test_sync__two_bridges_meet_one_stranger(world: World, people: dict[str, str], sobject: str, how: str) -> None:
    """The second bridge is refused the second record and takes the first one: one record, both responses are its."""
    world.update("Account", {"Id": people["acme"], "NPS_Company_Id__c": "c-1"})
    mine, theirs = (ListSource([answer(number, "New@Example.com", company_id="c-1")]) for number in (1, 2))
    spec = lead_spec(how)

    report = sync(spec, [mine], Overtaken(world, lambda: sync(spec, [theirs], world.connect())))  # type: ignore[arg-type]

    (made,) = world.query(f"SELECT Id FROM {sobject} WHERE Email = 'new@example.com'")
    assert (report.created, report.unmatched, report.recalculated) == (1, 0, 2)
    rows = world.query(f"SELECT {sobject}__c, Match_Status__c FROM Survey_Response__c")
    assert [(row[f"{sobject}__c"], row["Match_Status__c"]) for row in rows] == [(made["Id"], "Matched")] * 2
    assert f"nobody found by email; the {sobject} that was made for this address" in rules(world)


def test_sync__two_bridges_at_once(world: World, people: dict[str, str]) -> None:
    """Two bridges that run side by side over the same strangers make each of them once."""
    spec, strangers = lead_spec("create_lead"), [f"s{number}@example.com" for number in range(20)]
    sources = [ListSource([answer(100 * turn + number, one) for number, one in enumerate(strangers)]) for turn in (1, 2)]
    errors: list[str] = []
    gateways = [world.connect() for _ in sources]

    def run(source: ListSource, gateway: Gateway) -> None:
        try:
            sync(spec, [source], gateway)
        except BaseException:
            errors.append(traceback.format_exc())

    threads = [threading.Thread(target=run, args=both) for both in zip(sources, gateways, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []
    assert len(world.query("SELECT Id FROM Lead WHERE Email LIKE 's%@example.com'")) == len(strangers)
    assert world.query("SELECT Id FROM Survey_Response__c WHERE Lead__c = null") == []


def test_sync__the_address_was_changed_since(world: World, people: dict[str, str]) -> None:
    """Whose address was corrected after the record was made is still the one who answers from the old address, converted or not."""
    spec = lead_spec("create_lead")
    sync(spec, [ListSource([answer(1, "old@example.com")])], world.connect())
    (lead,) = world.query("SELECT Id FROM Lead WHERE Email = 'old@example.com'")
    world.update("Lead", {"Id": lead["Id"], "Email": "right@example.com"})
    sync(spec, [ListSource([answer(2, "old@example.com")])], world.connect())
    converted = world.org.convert_lead(world.user, LeadConvert(lead["Id"], "Closed - Converted"))
    sync(spec, [ListSource([answer(3, "old@example.com")])], world.connect())
    assert len(world.query("SELECT Id FROM Lead WHERE Email IN ('old@example.com', 'right@example.com')")) == 1
    rows = world.query("SELECT Contact__c, Lead__c FROM Survey_Response__c ORDER BY Response_Key__c")
    assert [row["Lead__c"] for row in rows] == [lead["Id"]] * 3
    assert rows[2]["Contact__c"] == converted.contact_id


def test_sync__a_lead_that_timed_out(world: World, people: dict[str, str]) -> None:
    """A call that times out after the Lead was saved is read back: no second Lead."""
    world.fault(lose=True, count=1, match={"path": "/composite", "body": "NPS_Made_For__c"})
    sync(lead_spec("create_lead"), [ListSource([answer(1, "new@example.com")])], world.connect())
    assert len(world.query("SELECT Id FROM Lead WHERE Email = 'new@example.com'")) == 1
    assert rules(world)[0].startswith("nobody found by email; ")
