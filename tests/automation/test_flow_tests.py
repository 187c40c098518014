"""Our flow tests on an org: all pass whatever is in it, and each kind notices a flow that does something else."""

from __future__ import annotations

import pytest

from tests.automation.world import World
from tooling.local_org.engine.flow_tests import Outcome, run_flow_tests
from tooling.metadata import flow_tests
from tooling.metadata.flows import all_flows
from tooling.metadata.flows.components import FlowComponent
from tooling.metadata.rendering import render
from tooling.spec import Spec

_SLOTS = ("Soon", "Half_Way", "Last_Call")


def not_passed(world: World, names: list[str] | None = None) -> dict[str, str | None]:
    return {result.name: result.message for result in run_flow_tests(world.org, names) if result.outcome is not Outcome.PASS}


def test_flow_tests__all_pass(world: World, spec: Spec) -> None:
    """Every test of the spec is in the org and passes; every record enters its flow, with fields that the org has."""
    results = run_flow_tests(world.org)

    assert {result.name: result.message for result in results if not result.passed} == {}
    assert [result.name for result in results] == sorted(test.name for test in flow_tests.components(spec))
    assert [(result.name, result.warnings) for result in results if result.warnings or not result.entered] == []


def test_flow_tests__pass_in_an_org_with_records_and_the_switch_off(world: World, account: str, contact: str) -> None:
    """Nothing depends on what the org holds: not on answers nobody is matched to, not on the switch in NPS Settings."""
    world.answer(3, contact, Verbatim__c="cancel")
    world.answer(2)
    world.answer(10)
    world.recalculate(account)
    world.switch_off(True)

    assert not_passed(world) == {}


def test_flow_tests__leave_nothing_behind(world: World) -> None:
    """No response, dead letter, task or e-mail stays."""
    run_flow_tests(world.org)

    for sobject in ("Survey_Response__c", "NPS_Dead_Letter__c", "Task", "Account", "Contact", "Lead", "Opportunity"):
        assert world.rows(f"SELECT Id FROM {sobject}") == []
    assert world.emails() == []


@pytest.mark.parametrize(
    ("flow", "old", "new", "expected"),
    [
        ("NPS_Response_Prepare", "&gt; 14)", "&gt; 999999)", {"Old_Answer"}),
        ("NPS_Response_Prepare", "ISBLANK({!$Record__Prior.Id})", "FALSE", {"New_Answer", "Old_Answer"}),
        (
            "NPS_Response_Prepare",
            "ISBLANK({!$Record__Prior.Id})",
            "TRUE",
            {"Old_Answer_Changed", "Next_Revision", "Removed", "Note_Only", "Follow_Up_Opened", "Follow_Up_Closed", "Retry"},
        ),
        ("NPS_Response_Prepare", "$Record.Revision__c", "$Record.Run_Key__c", {"Next_Revision"}),
        ("NPS_Response_Prepare", "$Record.Score__c", "$Record.Run_Key__c", {"Next_Revision"}),
        ("NPS_Response_Prepare", "$Record.Removed_At_Source__c", "$Record.Run_Key__c", {"Removed"}),
        ("NPS_Response_Prepare", "AND(NOT(ISBLANK(TEXT({!$Record__Prior.Follow_Up_Status__c}))), ", "AND(TRUE, ", {"Follow_Up_Opened"}),
        ("NPS_Response_Prepare", "&lt;&gt; TEXT({!$Record.", "&lt;&gt; TEXT({!$Record__Prior.", {"Follow_Up_Closed"}),
        ("NPS_Response_Prepare", "$Record.Contact__c", "$Record.Resolution__c", {"Note_Only"}),
        ("NPS_Response_Prepare", "$Record.Automation_Retry__c", "$Record.Quiet__c", {"Retry", "Old_Answer"}),
        ("NPS_Account_Recalculate", "<elementReference>Segment</elementReference>", "<stringValue>Passive</stringValue>", {"No_Answer"}),
        ("NPS_Contact_Recalculate", "<elementReference>HistoryCount</elementReference>", "<numberValue>1.0</numberValue>", {"No_Answer"}),
        ("NPS_Lead_Recalculate", "<elementReference>NoRequest</", "<elementReference>$Flow.CurrentDateTime</", {"No_Answer"}),
        ("NPS_Stamp_Decision", "<elementReference>NoText</elementReference>", "<stringValue>Passive</stringValue>", {"Open", "Reopened"}),
        ("NPS_Stamp_Decision", "<elementReference>NoNumber</elementReference>", "<numberValue>1.0</numberValue>", {"Open", "Reopened"}),
        ("NPS_Request_Recalculation", "NOT(ISBLANK({!$Record.Contact__c}))", "TRUE", {"Nobody_Known"}),
        ("NPS_Acknowledge", "Acknowledgement_Status__c}, &quot;Sent", "Acknowledgement_Status__c}, &quot;Failed", {"Sent"}),
        ("NPS_Acknowledge", "Acknowledgement_Status__c}, &quot;Suppressed", "Acknowledgement_Status__c}, &quot;Failed", {"Suppressed"}),
        ("NPS_Acknowledge", "NOT({!Response.Quiet__c})", "TRUE", {"Quiet"}),
        ("NPS_Acknowledge", "ISBLANK({!Response.Removed_At_Source__c})", "TRUE", {"Removed"}),
        ("NPS_Acknowledge", "10) &lt; 7", "10) &lt; 8", {"No_Detractor"}),
        ("NPS_Promoter_Invite", "NOT(OR(ISBLANK(", "NOT(OR(TRUE, ISBLANK(", {"Is_Invited", "Is_Completed", "Is_Skipped"}),
        ("NPS_Renewal_Send", "NOT(OR(ISBLANK(", "NOT(OR(TRUE, ISBLANK(", {"Is_Sent", "Is_Skipped"}),
        ("NPS_Promoter_Thank_You", "NOT(ISBLANK({!InviteError}))", "TRUE", {f"Invited_Already_{slot}" for slot in _SLOTS}),
    ],
)  # fmt: skip
def test_flow_tests__notice_another_flow(world: World, spec: Spec, flow: str, old: str, new: str, expected: set[str]) -> None:
    """With one thing changed in a flow, exactly those of its tests that are about it do not pass."""
    names = [test.name for test in flow_tests.components(spec) if test.flow == flow]
    (source,) = (render(FlowComponent(one, spec.org.api_version)) for one in all_flows(spec) if one.name == flow)
    changed = source.replace(old, new)
    assert changed != source
    world.deploy({f"flows/{flow}.flow": changed.encode()}, f"<types><members>{flow}</members><name>Flow</name></types>")

    assert set(not_passed(world, names)) == {f"{flow}_{name}" for name in expected}
