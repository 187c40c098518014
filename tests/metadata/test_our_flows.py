"""What holds for every flow of ours, and which files another spec changes."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml
from lxml import etree

from tooling.metadata.flows import all_flows
from tooling.metadata.flows.components import FlowComponent
from tooling.metadata.flows.elements import Action, Assignment, Condition, Create, Decision, Subflow, Update
from tooling.metadata.flows.flow import Flow, RecordStart, ScheduledPath
from tooling.metadata.flows.resources import Formula
from tooling.metadata.flows.values import Value
from tooling.metadata.generator import plan
from tooling.metadata.rendering import render
from tooling.spec import Spec, spec_from

NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"
FLOWS = "main/default/flows/"
FIELDS = "main/default/objects/"
ABOUT = "main/default/customMetadata/NPS_About.NPS.md-meta.xml"


def xml_of(one: Flow) -> etree._Element:
    return etree.fromstring(render(FlowComponent(one, "66.0")).encode())


EVERYTHING = Path(__file__).parents[1] / "automation/nps.yml"


@pytest.fixture(scope="module")
def full() -> Spec:
    """A spec with everything switched on."""
    return spec_from(EVERYTHING.read_text("utf-8"))


@pytest.fixture(scope="module")
def claiming(full: Spec) -> Spec:
    """Everything, and flows that claim what was parked."""
    return full.model_copy(update={"match": full.match.model_copy(update={"claim": "flow"})})


@pytest.fixture(scope="module")
def other_ways(claiming: Spec) -> Spec:
    """Everything in other forms: business days, no bell, no timeline, one sender, one rule to match by, fields of the customer."""
    return spec_from(
        EVERYTHING.read_text("utf-8")
        .replace("follow_up:\n", "follow_up:\n  detractor: {business_days: true, notify: false}\n  activity: {log: none}\n")
        .replace("emails:\n", "emails:\n  per_manager: false\n  sandbox: true\n")
        + "match: {claim: flow, people: [{by: email}], prefer: []}\n"
        + "org: {success_manager: Account.Csm__c, tier: Account.Type}\n"
    )


@pytest.fixture(scope="module", params=["small", "full", "claiming", "other_ways"])
def ours(request: pytest.FixtureRequest) -> dict[str, Flow]:
    return {one.name: one for one in all_flows(request.getfixturevalue(request.param))}


def references(part: object) -> Iterator[str]:
    """What elements compare, assign and pass on, formulas left out."""
    if isinstance(part, Value) and part.reference:
        yield part.reference
    elif isinstance(part, Condition):
        yield part.left
        yield from references(part.right)
    elif isinstance(part, tuple | list):
        for one in part:
            yield from references(one)
    elif hasattr(part, "__dataclass_fields__") and not isinstance(part, Formula | Value):
        for name in part.__dataclass_fields__:
            yield from references(getattr(part, name))


def test_ours__every_read_and_write_has_a_fault_path(ours: dict[str, Flow]) -> None:
    """In the written XML, read anew: no element that reads or writes is without a fault connector to an element of the flow."""
    seen = Counter[str]()
    for one in ours.values():
        root = xml_of(one)
        names = {node.findtext(f"{NAMESPACE}name") for node in root}
        for node in root:
            tag = node.tag.removeprefix(NAMESPACE)
            if tag.startswith("record") or tag == "actionCalls":
                target = node.findtext(f"{NAMESPACE}faultConnector/{NAMESPACE}targetReference")
                assert target in names, f"{one.name}.{node.findtext(f'{NAMESPACE}name')}"
                seen[tag] += 1
    assert seen["recordLookups"] and seen["recordCreates"] and seen["recordUpdates"]


def test_ours__prepare_is_cheap(ours: dict[str, Flow]) -> None:
    """Inside the save of a response nothing is read, nothing looped over, and no formula walks through the verbatim."""
    prepare = ours["NPS_Response_Prepare"]
    assert isinstance(prepare.start, RecordStart) and prepare.start.trigger == "RecordBeforeSave"
    assert {type(element) for element in prepare.elements} <= {Decision, Assignment}
    assert "verbatim" not in render(FlowComponent(prepare, "66.0")).lower()


def test_ours__nothing_else_runs_inside_a_save(ours: dict[str, Flow]) -> None:
    """Of a record-triggered flow only before-save work runs inside the save; everything after it is asynchronous or scheduled."""
    for one in ours.values():
        if isinstance(one.start, RecordStart) and one.start.trigger == "RecordAfterSave":
            assert one.start.then is None, one.name
            assert one.start.paths, one.name
        elif isinstance(one.start, RecordStart):
            assert not {type(element) for element in one.elements} & {Action, Create, Update, Subflow}, one.name


def test_ours__batch_of_request_recalculation(ours: dict[str, Flow]) -> None:
    """One in a batch: of ten answers of one person, the first asks and the others find nothing behind."""
    start = ours["NPS_Request_Recalculation"].start
    assert isinstance(start, RecordStart)
    assert [path.batch_size for path in start.paths if isinstance(path, ScheduledPath)] == [1]


def test_ours__small_batches_where_children_write_a_parent(full: Spec) -> None:
    """A flow of a child writes on its parents only from a scheduled path with fewer than 12 in a batch, never right after commit."""
    parents = {"Account", "Contact", "Lead"}
    writing = []
    for one in all_flows(full):
        by_name = {element.name: element for element in one.elements}
        for path in getattr(one.start, "paths", ()):
            reached, waiting = set[str](), [path.then]
            while waiting:
                name = waiting.pop()
                if name not in reached:
                    reached.add(name)
                    waiting.extend(target for target in by_name[name].targets if target)
            touched = {element.sobject for name in reached if isinstance(element := by_name[name], Update)} & parents
            if touched:
                assert isinstance(path, ScheduledPath), one.name
                assert path.batch_size < 12, one.name
                writing.append(one.name)
    assert len(set(writing)) == 6, writing


def test_ours__parents_are_read_in_formulas_only(ours: dict[str, Flow]) -> None:
    """An empty lookup makes a formula blank, but faults anywhere else."""
    for one in ours.values():
        assert [name for name in references(one.elements) if "__r." in name] == [], one.name


def test_ours__trigger_order(ours: dict[str, Flow]) -> None:
    """Each record-triggered flow has an order of its own among those of its object and moment, within what Salesforce allows."""
    started = [(one.start.sobject, one.start.trigger, one.order) for one in ours.values() if isinstance(one.start, RecordStart)]
    assert len(set(started)) == len(started)
    assert all(order is not None and 1 <= order <= 2000 for _, _, order in started)


def test_ours__called_flows_come_first(small: Spec) -> None:
    """The order in which they are activated: a flow that calls another stands after it, and calls only what is there."""
    before: set[str] = set()
    for one in all_flows(small):
        assert one.calls <= before, one.name
        before.add(one.name)


def test_ours__header(ours: dict[str, Flow]) -> None:
    """Active, of the spec's API version, laid out by Flow Builder, named after its file, with a description of some length."""
    for one in ours.values():
        root = xml_of(one)
        head = {tag: root.findtext(NAMESPACE + tag) for tag in ("status", "apiVersion", "processType", "environments")}
        assert head == {"status": "Active", "apiVersion": "66.0", "processType": "AutoLaunchedFlow", "environments": "Default"}
        assert "AUTO_LAYOUT_CANVAS" in [node.text for node in root.iter(NAMESPACE + "stringValue")]
        assert FlowComponent(one, "66.0").path == f"{FLOWS}{one.name}.flow-meta.xml"
        assert len(one.description) > 60


def test_ours__everything_is_explained(ours: dict[str, Flow]) -> None:
    """In the written XML each element has a label and a description, each outcome of a decision a label, each resource a description:
    whoever opens the flow in Flow Builder reads what it is for."""
    for one in ours.values():
        root = xml_of(one)
        assert (root.findtext(f"{NAMESPACE}label") or "").startswith("NPS"), one.name
        for node in root:
            name = node.findtext(f"{NAMESPACE}name")
            if name is None or node.tag == f"{NAMESPACE}processMetadataValues":
                continue
            where = f"{one.name}.{name}"
            assert len(node.findtext(f"{NAMESPACE}description") or "") > 8, where
            if node.find(f"{NAMESPACE}locationX") is not None:
                assert node.findtext(f"{NAMESPACE}label"), where
            assert all(rule.findtext(f"{NAMESPACE}label") for rule in node.iter(f"{NAMESPACE}rules")), where
            if node.tag == f"{NAMESPACE}decisions":
                assert node.findtext(f"{NAMESPACE}defaultConnectorLabel"), where


def test_ours__only_what_the_spec_asks_for() -> None:
    """Without e-mails nothing can be sent; without escalation no Case is opened; each is one section of the spec."""
    nothing = plan(spec_from("sources: {promoter_io: {}}"))
    everything = plan(spec_from(EVERYTHING.read_text("utf-8")))

    def using(files: dict[str, str], text: str) -> set[str]:
        return {path.removeprefix(FLOWS).split(".")[0] for path in files if path.startswith(FLOWS) and text in files[path]}

    assert using(nothing, "emailSimple") == set()
    assert using(nothing, "<object>Case</object>") == set()
    assert using(everything, "emailSimple") == {"NPS_Acknowledge", "NPS_Promoter_Invite", "NPS_Renewal_Send"}
    assert "NPS_Escalate" in using(everything, "<object>Case</object>")
    assert using(everything, "<flowName>NPS_Acknowledge</flowName>") == {"NPS_Response_Changed", "NPS_Response_Created"}


@pytest.mark.parametrize(
    ("change", "gone"),
    [
        ({"acknowledge": False}, {"NPS_Acknowledge"}),
        ({"log": "none"}, {"NPS_Log_Activity"}),
    ],
    ids=["no acknowledgement", "no timeline"],
)
def test_ours__a_step_that_is_switched_off(full: Spec, change: dict[str, object], gone: set[str]) -> None:
    """A step that the spec switches off is neither made nor called."""
    detractor = full.follow_up.detractor.model_copy(update={k: v for k, v in change.items() if k == "acknowledge"})
    activity = full.follow_up.activity.model_copy(update={k: v for k, v in change.items() if k == "log"})
    other = full.model_copy(update={"follow_up": full.follow_up.model_copy(update={"detractor": detractor, "activity": activity})})

    flows = all_flows(other)
    assert {one.name for one in all_flows(full)} - {one.name for one in flows} == gone
    assert not any(one.calls & gone for one in flows)


_OTHERWISE = (
    "emails: {per_manager: false}",
    "emails: {sandbox: true}",
    "follow_up: {detractor: {notify: false}}",
    "follow_up: {detractor: {acknowledge: false}}",
    "follow_up: {detractor: {business_days: true}}",
    "follow_up: {detractor: {assign: [lead_owner]}}",
    "follow_up: {activity: {log: none}}",
    "follow_up: {activity: {backfill: false}}",
    "match: {claim: flow}",
)


@pytest.mark.parametrize(("one", "other"), list(combinations(_OTHERWISE, 2)), ids=str)
def test_ours__any_two_settings_together(one: str, other: str) -> None:
    """Whatever is switched off or on together, sound flows come of it: everything is reached, and what is named is there."""
    data = yaml.safe_load(EVERYTHING.read_text("utf-8"))
    for change in (one, other):
        _merge(data, yaml.safe_load(change))

    assert all_flows(spec_from(yaml.safe_dump(data, allow_unicode=True, sort_keys=False)))


def _merge(into: dict[str, Any], change: dict[str, Any]) -> None:
    for key, value in change.items():
        if isinstance(value, dict):
            _merge(into.setdefault(key, {}), value)
        else:
            into[key] = value


# Another spec ---------------------------------------------------------------------------------------------------------------------

_RECALCULATIONS = tuple(f"{FLOWS}NPS_{parent}_Recalculate.flow-meta.xml" for parent in ("Account", "Contact", "Lead"))
_FOLLOW_UP = (f"{FLOWS}NPS_Follow_Up.flow-meta.xml",)


@pytest.fixture(scope="module")
def before() -> dict[str, str]:
    """What the smallest spec gives."""
    return plan(spec_from("sources: {promoter_io: {}}"))


@pytest.mark.parametrize(
    ("change", "files", "texts"),
    [
        ("follow_up: {detractor: {due: 6h}}", _FOLLOW_UP, ("{!$Flow.CurrentDateTime} + (6 / 24)", "{!DueAt} - (90 / 1440)")),
        ("follow_up: {detractor: {due: 3d}}", _FOLLOW_UP, ("{!$Flow.CurrentDateTime} + 3", "{!$Flow.CurrentDate} + 3")),
        ("follow_up: {detractor: {priority: Normal & low}}", _FOLLOW_UP, ("<stringValue>Normal &amp; low</stringValue>",)),
        ("follow_up: {default_user: o'neil@acme.example.com}", _FOLLOW_UP, ("<stringValue>o&apos;neil@acme.example.com</stringValue>",)),
        ("follow_up: {detractor: {assign: [lead_owner]}}", _FOLLOW_UP, ("<targetReference>Lead_Owner_User</targetReference>",)),
        (
            "follow_up: {detractor: {business_days: true}}",
            _FOLLOW_UP,
            ("CASE(WEEKDAY({!$Flow.CurrentDate} + 1), 7, 2, 1, 1, 0)", "{!$Flow.CurrentDateTime} + 1 + {!DaysOff}"),
        ),
        ("task: {open: Waiting}", _FOLLOW_UP, ("<stringValue>Waiting</stringValue>",)),
        (
            "follow_up: {detractor: {max_age: 30d}}",
            (f"{FLOWS}NPS_Response_Prepare.flow-meta.xml",),
            ("{!$Flow.CurrentDateTime} - {!$Record.Responded_At__c} &gt; 30",),
        ),
        ("rollup: {window: 100d}", _RECALCULATIONS, ("{!$Flow.CurrentDateTime} - 100", "{!OldestInWindow} + 100")),
        ("rollup: {history: 365d}", _RECALCULATIONS, ("{!$Flow.CurrentDateTime} - 365", "{!OldestInHistory} + 365")),
        ("rollup: {min_responses: 5}", _RECALCULATIONS[:1], ("{!People} &lt; 5",)),
        ("rollup: {trend: {threshold: 20}}", _RECALCULATIONS[:1], ("{!TrendPoints} &gt;= 20",)),
        (
            "health_score: {trend: {weight: 33}}",
            tuple(f"{FIELDS}Account/fields/NPS_Health_{name}__c.field-meta.xml" for name in ("Explanation", "Score")),
            ("33",),
        ),
        ("health_score: {bands: {green: 80, yellow: 50}}", (f"{FIELDS}Account/fields/NPS_Health_Status__c.field-meta.xml",), ("Yellow",)),
        (
            "labels: {Account.NPS_Health_Score__c: Feedback health}",
            (f"{FIELDS}Account/fields/NPS_Health_Score__c.field-meta.xml",),
            ("<label>Feedback health</label>",),
        ),
        ("org: {ledger_sharing: Private}", (f"{FIELDS}Survey_Response__c/Survey_Response__c.object-meta.xml",), ("Private",)),
        ("budget: {reserve: 1}", (), ()),
        ("match: {people: [{by: email, fields: [Email]}]}", (), ()),
    ],
    ids=lambda value: value.split(":")[0] + value[value.rfind("{") :] if isinstance(value, str) else "",
)
def test_plan__another_spec(before: dict[str, str], change: str, files: tuple[str, ...], texts: tuple[str, ...]) -> None:
    """A change of the spec changes exactly the files that it is about, and the marker; and what it says stands there."""
    after = plan(spec_from(f"sources: {{promoter_io: {{}}}}\n{change}"))
    assert before.keys() == after.keys()
    assert {path for path in after if after[path] != before[path]} == {*files, ABOUT}
    for path in files:
        old, new = before[path].splitlines(), after[path].splitlines()
        changed = "\n".join(line[2:] for line in difflib.ndiff(old, new) if line.startswith("+ "))
        assert all(text in changed for text in texts), f"{path}\n{changed}"
