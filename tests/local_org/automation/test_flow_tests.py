"""Flow tests: deployed, run, and gone without a trace. Metadata API guide, "FlowTest"."""

from __future__ import annotations

import json

import pytest

from tooling.local_org.engine.flow_tests import FlowTestResult, Outcome, run_flow_tests
from tooling.local_org.errors import NotFound

from .conftest import Projects, package_files


@pytest.fixture
def tested(projects: Projects) -> Projects:
    projects.deploy(package_files("flowtests"))
    return projects


def result(projects: Projects, name: str) -> FlowTestResult:
    (found,) = run_flow_tests(projects.org, [name])
    return found


def test_run__all_of_the_org(tested: Projects) -> None:
    """Every deployed test runs; only the one with a wrong expectation fails, and says which."""
    results = run_flow_tests(tested.org)
    assert [(r.name, r.outcome, r.message) for r in results] == [
        ("Project_Close_Scores", Outcome.PASS, None),
        ("Project_Due_Reminder_Path", Outcome.PASS, None),
        ("Project_Guard_Wrong_Expectation", Outcome.FAIL, "The page error must come."),
        ("Project_Score_Of_Nothing", Outcome.PASS, None),
        ("Project_Set_Defaults_Small", Outcome.PASS, None),
    ]
    assert json.loads(json.dumps([r.to_json() for r in results]))[2]["assertions"][1]["conditions"] == [
        {"condition": "Refuse_Reopening EqualTo", "left": False, "right": True, "met": False}
    ]


def test_run__leaves_nothing_behind(tested: Projects) -> None:
    """No record, e-mail, waiting path, interview or number of a counter stays: the next record gets the id it would have had."""
    before = tested.saved("Project__c", Name="Before")
    waiting, seen = tested.org.usage()["waiting"], len(tested.org.interviews())
    run_flow_tests(tested.org)
    assert tested.values("SELECT Name FROM Project__c") == ["Before"]
    assert tested.values("SELECT COUNT(Id) FROM Milestone__c") == [1]
    assert tested.org.emails() == []
    assert (tested.org.usage()["waiting"], len(tested.org.interviews())) == (waiting, seen)
    after = tested.saved("Project__c", Name="After")
    assert int(after[8:15]) == int(before[8:15]) + 1


def test_run__only_the_flow_under_test_starts(tested: Projects) -> None:
    """The triggering record is not saved by others: its values are those of the test, whatever other flows would make of them."""
    closing = result(tested, "Project_Close_Scores")
    assert closing.interview is not None
    assert [e["element"] for e in closing.interview["elements"]][:2] == ["Score_Project", "Get_Milestones"]
    assert closing.entered
    assert {"Score_Project", "Save_Score"} <= closing.visited


def test_run__values_the_org_does_not_know(tested: Projects) -> None:
    """Tests are made from records of other orgs: lookups to records that are not here are kept as they are."""
    small = result(tested, "Project_Set_Defaults_Small")
    assert small.passed
    assert small.warnings == ()


def test_run__unmet_entry_conditions(tested: Projects) -> None:
    """The flow does not start; assertions see a record that no element touched."""
    tested.deploy(_changed("Project_Close_Scores", "&quot;Status__c&quot;:&quot;Closed&quot;", "&quot;Status__c&quot;:&quot;Planned&quot;"))
    found = result(tested, "Project_Close_Scores")
    assert (found.outcome, found.entered, found.visited) == (Outcome.FAIL, False, frozenset())
    assert found.message == "Not closed at the start."


TOO_LONG = """    <formulas>
        <name>Too_Long</name>
        <dataType>String</dataType>
        <expression>RPAD(&quot;x&quot;, 100, &quot;x&quot;)</expression>
    </formulas>
    <interviewLabel>"""


def test_run__unhandled_fault(tested: Projects) -> None:
    """A flow that ends with a fault makes the test an error, with the fault's text; a field of another org is left out and said so."""
    ((path, content),) = package_files("flows/Project_Close").items()
    before, after = content.decode().split("    <interviewLabel>")
    wrong = (before + TOO_LONG + after).replace("<elementReference>Summary<", "<elementReference>Too_Long<")
    tested.deploy({path: wrong.encode(), **_changed("Project_Close_Scores", "&quot;Health__c&quot;", "&quot;Nope__c&quot;")})
    found = result(tested, "Project_Close_Scores")
    assert found.outcome is Outcome.ERROR
    assert "STRING_TOO_LONG" in (found.error or "")
    assert found.warnings[0].startswith("Project__c has no field Nope__c")


def test_run__draft_and_pinned_version(tested: Projects) -> None:
    """A flow is tested before it is activated; a test that names a version runs that one."""
    draft = package_files("flows/Project_Guard")
    (path,) = draft
    changed = draft[path].replace(b"LessThan", b"GreaterThan").replace(b"<status>Active", b"<status>Draft")
    tested.deploy({path: changed})
    assert result(tested, "Project_Guard_Wrong_Expectation").version == 1
    pinned = _changed(
        "Project_Guard_Wrong_Expectation",
        "<flowApiName>Project_Guard</flowApiName>",
        "<flowApiName>Project_Guard</flowApiName><flowTestFlowVersions><flowVersionNumber>2</flowVersionNumber></flowTestFlowVersions>",
    )
    tested.deploy(pinned)
    found = result(tested, "FlowTesting.Project_Guard_Wrong_Expectation")
    assert (found.version, found.message) == (2, "The budget was refused.")


JUDGE = """<?xml version="1.0" encoding="UTF-8"?>
<Flow xmlns="http://soap.sforce.com/2006/04/metadata">
    <apiVersion>66.0</apiVersion>
    <decisions>
        <name>Is_It_Large</name>
        <label>Is it large?</label>
        <locationX>0</locationX>
        <locationY>0</locationY>
        <defaultConnectorLabel>No</defaultConnectorLabel>
        <rules>
            <name>It_Is_Large</name>
            <conditionLogic>and</conditionLogic>
            <conditions>
                <leftValueReference>Given.Budget__c</leftValueReference>
                <operator>GreaterThan</operator>
                <rightValue><numberValue>1000.0</numberValue></rightValue>
            </conditions>
            <label>Yes</label>
        </rules>
    </decisions>
    <label>Project: Judge</label>
    <processType>AutoLaunchedFlow</processType>
    <start><locationX>0</locationX><locationY>0</locationY><connector><targetReference>Is_It_Large</targetReference></connector></start>
    <status>Active</status>
    <variables>
        <name>Given</name>
        <dataType>SObject</dataType>
        <isCollection>false</isCollection>
        <isInput>true</isInput>
        <isOutput>false</isOutput>
        <objectType>Project__c</objectType>
    </variables>
</Flow>"""
JUDGED = """<?xml version="1.0" encoding="UTF-8"?>
<FlowTest xmlns="http://soap.sforce.com/2006/04/metadata">
    <flowApiName>Project_Judge</flowApiName>
    <label>Large</label>
    <testPoints>
        <elementApiName>Start</elementApiName>
        <parameters>
            <leftValueReference>Given</leftValueReference>
            <type>InputVariable</type>
            <value><sobjectValue>{&quot;Name&quot;:&quot;P&quot;,&quot;Budget__c&quot;:1001}</sobjectValue></value>
        </parameters>
    </testPoints>
    <testPoints>
        <assertions>
            <conditions>
                <leftValueReference>It_Is_Large</leftValueReference>
                <operator>EqualTo</operator>
                <rightValue><booleanValue>true</booleanValue></rightValue>
            </conditions>
            <errorMessage>It is large.</errorMessage>
        </assertions>
        <elementApiName>Finish</elementApiName>
    </testPoints>
    <testType>WithAssertion</testType>
</FlowTest>"""
JUDGED_PATH = "flowtests/Project_Judge_Large.flowtest-meta.xml"


def test_run__record_in_an_input_variable(tested: Projects) -> None:
    """A called flow gets the record that the test gives; another record has another outcome."""
    tested.deploy({"flows/Project_Judge.flow-meta.xml": JUDGE.encode(), JUDGED_PATH: JUDGED.encode()})
    assert result(tested, "Project_Judge_Large").passed

    tested.deploy({JUDGED_PATH: JUDGED.replace("1001", "1000").encode()})
    found = result(tested, "Project_Judge_Large")
    assert (found.outcome, found.message) == (Outcome.FAIL, "It is large.")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("{&quot;Name", "[&quot;Name", "The sobjectValue must be a record as JSON."),
        (
            "<sobjectValue>{&quot;Name&quot;:&quot;P&quot;,&quot;Budget__c&quot;:1001}</sobjectValue>",
            "<stringValue>P</stringValue>",
            'The value does not have the type of the input variable "Given": SObject.',
        ),
    ],
)
def test_deploy__no_record_for_a_record_variable(tested: Projects, old: str, new: str, expected: str) -> None:
    """A variable for a record takes a record, as JSON."""
    assert old in JUDGED
    files = {"flows/Project_Judge.flow-meta.xml": JUDGE.encode(), JUDGED_PATH: JUDGED.replace(old, new).encode()}

    assert any(expected in problem for problem in tested.problems(files))


def test_run__unknown_test(tested: Projects) -> None:
    """The name is in the error."""
    with pytest.raises(NotFound, match="No FlowTest named Nope"):
        run_flow_tests(tested.org, ["Nope"])


SMALL = "Project_Set_Defaults_Small"
FLOW = "<flowApiName>Project_Set_Defaults"
COMMITS = "<doesCommitChanges>false</doesCommitChanges><label>"


@pytest.mark.parametrize(
    ("name", "old", "new", "expected"),
    [
        (SMALL, FLOW, "<flowApiName>Gone", "In field: flowApiName - no Flow named Gone found"),
        (
            SMALL, "InputTriggeringRecordInitial", "InputTriggeringRecordUpdated",
            'The test point for elementApiName "Start" is missing a parameter of type InputTriggeringRecordInitial.',
        ),
        (
            SMALL, "InputTriggeringRecordInitial", "InputTriggeringRecordUpdated",
            'The test point for elementApiName "Start" contains the incompatible parameter value "$Record" of type '
            "InputTriggeringRecordUpdated. Remove the parameter or change the recordTriggerType for the flow.",
        ),
        (SMALL, "<elementApiName>Finish", "<elementApiName>Set_Status", "A test point is at Start or Finish"),
        (SMALL, "WithAssertion", "Whatever", "'Whatever' is not a valid value for the enum 'FlowTestType'"),
        (SMALL, ">$Record.Health__c<", ">$Record.Nope__c<", "FLOW_TEST_INVALID_LHS_REFERENCE"),
        (SMALL, "{&quot;attributes", "[&quot;attributes", "The sobjectValue must be a record as JSON."),
        (SMALL, "<label>", COMMITS, "doesCommitChanges invalid at this location"),
        ("Project_Due_Reminder_Path", "Three_Days_Before", "Four_Days_Before", "FLOW_TEST_PARAMETER_VALUE_INVALID"),
        ("Project_Due_Reminder_Path", "ScheduledPathApiName", "Path", "FLOW_TEST_PARAMETER_LEFTVALUEREFERENCE_INVALID"),
        ("Project_Score_Of_Nothing", ">projectId<", ">points<", 'The flow "Project_Score" has no input variable "points".'),
        ("Project_Score_Of_Nothing", "InputVariable", "MockElementOutput", "MockElementOutput is not supported by the local org"),
        (SMALL, FLOW, "<flowApiName>Project_Nightly_Overdue", "FLOW_TEST_NOT_SUPPORTED"),
    ],
)  # fmt: skip
def test_deploy__refused(tested: Projects, name: str, old: str, new: str, expected: str) -> None:
    """Rules of flow tests, each with its message; those about parameters were seen in a live org (API 67.0)."""
    found = tested.problems(_changed(name, old, new))
    assert any(expected in problem for problem in found), found


def _changed(name: str, old: str, new: str) -> dict[str, bytes]:
    (path,) = [path for path in package_files("flowtests") if f"/{name}." in path]
    text = package_files("flowtests")[path].decode()
    assert old in text
    return {path: text.replace(old, new).encode()}
