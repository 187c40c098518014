"""The flow tests that are generated: which there are, what they may mention, and how one is written."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from lxml import etree

from tooling.metadata import flow_tests
from tooling.metadata.flow_tests.building import FlowTestDefect, becomes, called_test, passes, record_test
from tooling.metadata.flows import all_flows
from tooling.metadata.flows.flow import Flow, RecordStart
from tooling.metadata.package import to_mdapi
from tooling.metadata.rendering import render
from tooling.metadata.types.flow_test import FlowTest
from tooling.metadata.writer import write
from tooling.spec import Spec, spec_from
from tooling.spec.objects import FieldType, objects_of

NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"
EVERYTHING = Path(__file__).parents[1] / "automation/nps.yml"
ID = re.compile(r"^[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?$")


@pytest.fixture(scope="module")
def full() -> Spec:
    """A spec with everything switched on."""
    return spec_from(EVERYTHING.read_text("utf-8"))


@pytest.fixture(scope="module", params=["small", "full"])
def spec(request: pytest.FixtureRequest) -> Spec:
    found: Spec = request.getfixturevalue(request.param)
    return found


@pytest.fixture(scope="module")
def tests(spec: Spec) -> list[FlowTest]:
    return list(flow_tests.components(spec))


@pytest.fixture(scope="module")
def prepare(full: Spec) -> Flow:
    (found,) = (flow for flow in all_flows(full) if flow.name == "NPS_Response_Prepare")
    return found


def records(test: FlowTest) -> list[dict[str, object]]:
    return [json.loads(parameter.text) for parameter in test.parameters if parameter.tag == "sobjectValue"]


def test_components__every_before_save_flow_is_tested(spec: Spec, tests: list[FlowTest]) -> None:
    """A flow that changes a record before its save has a test; nothing is tested that the spec does not make."""
    flows = {flow.name: flow for flow in all_flows(spec)}
    before_save = {name for name, flow in flows.items() if isinstance(flow.start, RecordStart) and flow.start.trigger == "RecordBeforeSave"}

    assert before_save <= {test.flow for test in tests} <= flows.keys()


def test_components__follow_the_spec(small: Spec, full: Spec) -> None:
    """Without promoters' invitations there is no flow for them, and no test."""
    assert not any(test.flow == "NPS_Promoter_Thank_You" for test in flow_tests.components(small))
    assert any(test.flow == "NPS_Promoter_Thank_You" for test in flow_tests.components(full))


def test_components__hold_in_any_org(spec: Spec, tests: list[FlowTest]) -> None:
    """A record refers to no other one: no lookup is filled, and the only id is its own, which no org gives."""
    lookups = {
        field.api_name for one in objects_of(spec) for field in one.fields if field.type in (FieldType.LOOKUP, FieldType.MASTER_DETAIL)
    } | {"AccountId", "ContactId", "OwnerId", "WhoId", "WhatId"}
    for test in tests:
        for record in records(test):
            assert lookups.isdisjoint(record), test.name
            ids = {name: value for name, value in record.items() if isinstance(value, str) and ID.fullmatch(value)}
            assert ids.keys() <= {"Id"}, test.name
            assert all(str(value)[3:] == "000000000000AAA" for value in ids.values()), test.name


def test_components__say_what_went_wrong(tests: list[FlowTest]) -> None:
    """Every test has a description, every expectation a sentence for the admin who sees it fail."""
    assert [test.name for test in tests if not test.description.endswith(".")] == []
    assert [
        (test.name, assertion.reference) for test in tests for assertion in test.assertions if not re.search(r"[.?]$", assertion.message)
    ] == []


def test_flow_test__is_deployed(tests: list[FlowTest], tmp_path: Path, validator: list[str]) -> None:
    """Salesforce's published schema accepts the files, and a deploy lists them as FlowTest."""
    write({test.path: render(test) for test in tests}, tmp_path)

    judged = subprocess.run([*validator, str(tmp_path)], capture_output=True, text=True, check=False)
    assert judged.returncode == 0, judged.stdout
    files = to_mdapi(tmp_path)
    assert sorted(files) == sorted(["package.xml", *(f"flowtests/{test.name}.flowtest" for test in tests)])
    assert b"<name>FlowTest</name>" in files["package.xml"]


def test_flow_test__is_written_as_flow_builder_does(prepare: Flow) -> None:
    """The record is JSON with its type, a change has both its states, every expectation is an assertion of its own at the finish."""
    expected = (passes("Too_Old", "No."), becomes("Quiet__c", True, "Loud."))
    test = record_test(prepare, "X", "Label", "Words.", {"Score__c": 3}, *expected, changes={"Score__c": 4})
    root = etree.fromstring(render(test).encode())

    start, finish = root.findall(f"{NAMESPACE}testPoints")
    types = [parameter.findtext(f"{NAMESPACE}type") for parameter in start.findall(f"{NAMESPACE}parameters")]
    assert types == ["InputTriggeringRecordInitial", "InputTriggeringRecordUpdated"]
    assert [record["Score__c"] for record in records(test)] == [3, 4]
    assert records(test)[0]["attributes"] == {"type": "Survey_Response__c"}
    lefts = [condition.findtext(f"{NAMESPACE}leftValueReference") for condition in finish.iter(f"{NAMESPACE}conditions")]
    assert lefts == ["Too_Old", "$Record.Quiet__c"]
    assert root.findtext(f"{NAMESPACE}testType") == "WithAssertion"


def test_record_test__what_the_flow_has_not(prepare: Flow) -> None:
    """A test that could not hold is not written: an unknown element, an unknown path, nothing expected, a flow that others call."""
    with pytest.raises(FlowTestDefect, match="no element, outcome or variable Gone"):
        record_test(prepare, "X", "L", "D.", {}, passes("Gone", "No."))
    with pytest.raises(FlowTestDefect, match="no path Later"):
        record_test(prepare, "X", "L", "D.", {}, passes("Too_Old", "No."), path="Later")
    with pytest.raises(FlowTestDefect, match="expects nothing"):
        record_test(prepare, "X", "L", "D.", {})
    with pytest.raises(FlowTestDefect, match="more than 80 characters"):
        record_test(prepare, "X" * 80, "L", "D.", {}, passes("Too_Old", "No."))


def test_record_test__when_the_flow_starts(full: Spec) -> None:
    """A flow for changes gets a change, a called flow no record at all."""
    flows = {flow.name: flow for flow in all_flows(full)}

    with pytest.raises(FlowTestDefect, match="starts only for a changed record"):
        record_test(flows["NPS_Account_Recalculate"], "X", "L", "D.", {}, passes("Write_Values", "No."))
    with pytest.raises(FlowTestDefect, match="only a flow that a record starts"):
        record_test(flows["NPS_Follow_Up"], "X", "L", "D.", {}, passes("Not_Needed", "No."))


def test_called_test__what_it_is_given(full: Spec) -> None:
    """A called flow gets its record in the variable that takes one, and in no other."""
    flows = {flow.name: flow for flow in all_flows(full)}

    test = called_test(flows["NPS_Acknowledge"], "X", "L", "D.", "Response", {"Score__c": 3}, passes("Is_It_Due", "No."))

    (given,) = test.parameters
    assert (given.reference, given.type) == ("Response", "InputVariable")
    assert records(test) == [{"attributes": {"type": "Survey_Response__c"}, "Score__c": 3}]
    for wrong in ("FollowUpName", "Gone"):
        with pytest.raises(FlowTestDefect, match=f"{wrong} is no input variable that holds a record"):
            called_test(flows["NPS_Acknowledge"], "X", "L", "D.", wrong, {}, passes("Is_It_Due", "No."))
