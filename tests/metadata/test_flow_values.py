"""Flows as values: what is refused before it is written, and how it is written."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from tooling.local_org.formula import Type, compile_formula
from tooling.metadata.flows.components import FlowComponent
from tooling.metadata.flows.elements import (
    Assign,
    Assignment,
    Condition,
    Create,
    Decision,
    Element,
    Filter,
    Get,
    Loop,
    Rule,
    Subflow,
    Update,
)
from tooling.metadata.flows.flow import AsyncPath, CalledStart, Flow, FlowDefect, RecordStart, ScheduledPath
from tooling.metadata.flows.resources import Formula, Resource, TextTemplate, Variable
from tooling.metadata.flows.values import TRUE, literal, ref
from tooling.metadata.flows.wording import days, escaped
from tooling.metadata.rendering import render

NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"

STOP = Assignment("Stop", "Stop", "The end.", (Assign("Note", literal("over")),), None)
NOTE = Variable("Note", "String", "A text.")


def flow(*elements: Element, resources: tuple[Resource, ...] = (NOTE,), start: Any = None, **more: Any) -> Flow:
    texts = {"name": "Our_Flow", "label": "Our flow", "description": "For a test."} | more
    return Flow(start=start or CalledStart(elements[0].name), elements=elements, resources=resources, **texts)


def decision(
    then: str | None = "Stop", otherwise: str | None = None, name: str = "Choose", rule: str = "Yes", left: str = "Note"
) -> Decision:
    condition = Condition(left, "EqualTo", literal("x"))
    return Decision(name, "Choose?", "Which way.", (Rule(rule, "Yes", (condition,), then),), otherwise, "No")


def get(name: str = "Found", then: str | None = None, fault: str = "Stop", **more: Any) -> Get:
    filters = (Filter("Name", "EqualTo", literal("x")),)
    return Get(name, "Find", "Reads one.", "Account", filters, ("Id",), then=then, fault=fault, **more)


def xml_of(one: Flow) -> etree._Element:
    return etree.fromstring(render(FlowComponent(one, "66.0")).encode())


def find(root: etree._Element, tag: str, name: str) -> etree._Element:
    """The element of this tag with this name."""
    return next(node for node in root.iter(NAMESPACE + tag) if node.findtext(f"{NAMESPACE}name") == name)


def tags(node: etree._Element) -> list[str]:
    return [child.tag.removeprefix(NAMESPACE) for child in node]


# What is refused ------------------------------------------------------------------------------------------------------------------


def test_flow__sound() -> None:
    """The flow that the other tests break is itself sound."""
    assert flow(decision(), STOP).calls == frozenset()


@pytest.mark.parametrize(
    ("elements", "resources", "problem"),
    [
        ((decision(), STOP), (NOTE, Variable("STOP", "String", "Another.")), "stop is used 2 times"),
        ((decision(rule="stop"), STOP), (NOTE,), "stop is used 2 times"),
        (
            (decision(then="Stop", name="Choose"), replace(STOP, then="choose2"), decision(name="choose2", rule="YES")),
            (NOTE,),
            "yes is used",
        ),
        ((decision(then="Nowhere"), STOP), (NOTE,), "a connector leads to Nowhere, which is no element"),
        ((decision(otherwise="Nowhere"), STOP), (NOTE,), "a connector leads to Nowhere"),
        ((get(fault="Nowhere"), STOP), (NOTE,), "a connector leads to Nowhere"),
        ((get(fault=""),), (NOTE,), "Found has no fault path"),
        ((decision(then=None), STOP), (NOTE,), "Stop is never reached"),
        ((get(then="Stop"), STOP, replace(STOP, name="Island", then="Island")), (NOTE,), "Island is never reached"),
        ((decision(left="Nobody.Name"), STOP), (NOTE,), "Nobody.Name refers to nothing"),
        ((replace(STOP, items=(Assign("Nothing", TRUE),)),), (NOTE,), "Nothing refers to nothing"),
        ((replace(STOP, items=(Assign("Note", ref("Nothing")),)),), (NOTE,), "Nothing refers to nothing"),
        ((replace(STOP, items=(Assign("Note", literal("Dear {!Nobody}")),)),), (NOTE,), "Nobody refers to nothing"),
        ((STOP,), (NOTE, Formula("Long", "Boolean", "LEN({!Notes}) > 3", "Whether it is long.")), "Notes refers to nothing"),
        ((STOP,), (NOTE, TextTemplate("Letter", "Dear {!Person.Name}", "A letter.")), "Person.Name refers to nothing"),
        ((Loop("Each", "Each", "All.", "Many", "Stop", None), STOP), (NOTE,), "Many refers to nothing"),
        ((replace(get(then="Stop"), filters=(Filter("Id", "EqualTo", ref("Nothing")),)), STOP), (NOTE,), "Nothing refers to nothing"),
        ((Subflow("Call", "Call", "Calls.", "Other", (("In", ref("Nothing")),), (), None),), (NOTE,), "Nothing refers to nothing"),
        ((Subflow("Call", "Call", "Calls.", "Other", (), (("Out", "Nothing"),), None),), (NOTE,), "Nothing refers to nothing"),
        (
            (Create("Make", "Make", "Makes.", "Task", (("Subject", ref("Nothing")),), None, "Stop"), STOP),
            (NOTE,),
            "Nothing refers to nothing",
        ),
        ((Update("Set", "Set", "Sets.", (), None, "Stop", reference="Nothing"), STOP), (NOTE,), "Nothing refers to nothing"),
        ((replace(STOP, description=" "),), (NOTE,), "Stop has no description"),
        ((STOP,), (replace(NOTE, description=""),), "Note has no description"),
        ((replace(STOP, name="Stop__now"),), (NOTE,), "Stop__now is no valid API name"),
        ((replace(STOP, name="Stop_"),), (NOTE,), "Stop_ is no valid API name"),
        ((replace(STOP, name="2nd"),), (NOTE,), "2nd is no valid API name"),
    ],
)
def test_flow__refused(elements: tuple[Element, ...], resources: tuple[Resource, ...], problem: str) -> None:
    """A flow that the org would refuse, or that nobody would understand, cannot even be made; the message names flow and part."""
    with pytest.raises(FlowDefect, match=re.escape(problem)) as raised:
        flow(*elements, resources=resources)
    assert all(line.startswith("Our_Flow: ") for line in str(raised.value).splitlines())


def test_flow__all_problems_at_once() -> None:
    """Every problem is told, not only the first."""
    with pytest.raises(FlowDefect) as raised:
        flow(decision(then="Nowhere", left="Nobody"), STOP, description="", name="Our__Flow")
    problems = str(raised.value)
    assert len(problems.splitlines()) == 5
    for text in ("no valid API name", "no description", "leads to Nowhere", "Stop is never reached", "Nobody refers to nothing"):
        assert text in problems


def test_flow__references_without_regard_to_case() -> None:
    """References find their target whatever its case, and globals need none in the flow."""
    flow(replace(STOP, items=(Assign("NOTE", ref("$Flow.CurrentDate")), Assign("note", literal("{!note} {!$User.Id}")))))


@pytest.mark.parametrize("start", [RecordStart("Task", "RecordAfterSave", "Create"), CalledStart("")])
def test_flow__nothing_at_the_start(start: Any) -> None:
    """A flow that starts with nothing is refused."""
    with pytest.raises(FlowDefect, match="nothing is connected to the start"):
        flow(STOP, start=start)


def test_flow__unknown_reference_in_entry_criteria() -> None:
    """Entry criteria are looked through as well."""
    start = RecordStart("Task", "RecordAfterSave", "Create", then="Stop", filters=(Filter("Subject", "EqualTo", ref("Nothing")),))
    with pytest.raises(FlowDefect, match="Nothing refers to nothing"):
        flow(STOP, start=start)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Variable("Sum", "Number", "A sum."),
        lambda: Formula("Sum", "Number", "1 + 1", "A sum."),
    ],
)
def test_number__without_scale(make: Any) -> None:
    """A flow rounds a number without a scale to an integer: it must be said."""
    with pytest.raises(ValueError, match=r"Sum: a number .* needs a scale"):
        make()


@pytest.mark.parametrize("more", [{"data_type": "SObject"}, {"data_type": "String", "sobject": "Task"}])
def test_variable__object_and_type(more: dict[str, str]) -> None:
    """An SObject variable names its object, no other does."""
    with pytest.raises(ValueError, match="Row: an SObject variable names its object"):
        Variable(name="Row", description="A row.", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "more",
    [{}, {"sobject": "Task"}, {"reference": "$Record", "sobject": "Task"}],
    ids=["nothing", "object without filters", "both"],
)
def test_update__without_filters(more: dict[str, Any]) -> None:
    """An update of an object without filters would change every row of it."""
    with pytest.raises(ValueError, match="Set: an update names a reference, or an object with filters"):
        Update("Set", "Set", "Sets.", (("Subject", literal("x")),), None, "Stop", **more)


# How it is written ----------------------------------------------------------------------------------------------------------------

EVERYTHING = Flow(
    "Our_Flow",
    'Our "flow"',
    "Everything there is & more <all> of it, isn't it?",
    RecordStart(
        "Task",
        "RecordAfterSave",
        "CreateAndUpdate",
        then="First",
        filters=(Filter("Subject", "IsNull", literal(False)), Filter("Status", "EqualTo", literal("Open"))),
        logic="1 OR 2",
        changed_to_meet=True,
        paths=(AsyncPath("Soon", "Call"), ScheduledPath("Later", "In a while", "Second", 5, "Minutes", 10, field="ReminderDateTime")),
    ),
    (
        get("First", then="Walk", first_only=False, sort_by="Name", descending=True),
        Loop("Walk", "Walk", "One by one.", "First", "Make", None),
        Create("Make", "Make", "Makes one.", "Task", (("Subject", ref("Letter")), ("Priority", literal("High"))), "Walk", "Stop"),
        Subflow("Call", "Call", "Calls.", "Other", (("In", ref("$Record.Id")),), (("Out", "Note"),), "Set"),
        Update("Set", "Set", "Sets.", (("Subject", literal("x")),), None, "Stop", reference="$Record"),
        replace(get("Second", then="Choose"), fault="Also_Stop"),
        decision(then="All", otherwise="Also_Stop"),
        Update(
            "All",
            "All",
            "Sets some.",
            (("Subject", literal(1)),),
            None,
            "Stop",
            sobject="Task",
            filters=(Filter("Id", "EqualTo", ref("Note")),),
        ),
        STOP,
        replace(STOP, name="Also_Stop"),
    ),
    (
        NOTE,
        Variable("Total", "Number", "A total.", scale=2, value=literal(Decimal("1.5"))),
        Variable("Rows", "SObject", "Rows.", sobject="Task", collection=True, input=True, output=True),
        Formula("Twice", "Number", '{!Total} * 2 & "<&>"', "Twice the total.", scale=2),
        TextTemplate("Letter", "Dear {!Note},\nbye & <b>", "A letter."),
    ),
    order=10,
)


def test_xml__obeys_the_schema(tmp_path: Path, validator: list[str]) -> None:
    """One flow with every element and resource there is: the published schema, order included, has nothing to say."""
    folder = tmp_path / "force-app/main/default/flows"
    folder.mkdir(parents=True)
    (folder / "Our_Flow.flow-meta.xml").write_text(render(FlowComponent(EVERYTHING, "66.0")), "utf-8")
    judged = subprocess.run([*validator, str(tmp_path / "force-app")], capture_output=True, text=True, check=False)
    assert judged.returncode == 0, judged.stdout
    assert "1 valid, 0 invalid, 0 skipped; 0 not in schema order" in judged.stdout


def test_xml__texts_survive() -> None:
    """Markup, quotation marks and line ends in texts come back as they were."""
    root = xml_of(EVERYTHING)
    assert root.findtext(f"{NAMESPACE}description") == "Everything there is & more <all> of it, isn't it?"
    assert root.findtext(f"{NAMESPACE}label") == 'Our "flow"'
    assert find(root, "textTemplates", "Letter").findtext(f"{NAMESPACE}text") == "Dear {!Note},\nbye & <b>"
    assert find(root, "formulas", "Twice").findtext(f"{NAMESPACE}expression") == '{!Total} * 2 & "<&>"'


def test_xml__shared_fault_targets() -> None:
    """Fault paths that meet: the first is drawn, the others are "go to" connectors. One that is alone is drawn."""
    root = xml_of(EVERYTHING)
    goes_to = {
        node.findtext(f"{NAMESPACE}name"): node.find(f"{NAMESPACE}faultConnector/{NAMESPACE}isGoTo") is not None
        for node in root
        if node.find(f"{NAMESPACE}faultConnector") is not None
    }
    assert goes_to == {"First": False, "Make": True, "Set": True, "All": True, "Second": False}


def test_xml__paths() -> None:
    """An asynchronous path has neither label nor offset nor batch size, which a deploy refuses; a scheduled one has them all."""
    root = xml_of(EVERYTHING)
    assert tags(find(root, "scheduledPaths", "Soon")) == ["name", "connector", "pathType"]
    assert tags(find(root, "scheduledPaths", "Later")) == [
        "name", "connector", "label", "maxBatchSize", "offsetNumber", "offsetUnit", "recordField", "timeSource",
    ]  # fmt: skip


def test_xml__values() -> None:
    """A number is written with its point, a boolean in lower case, a reference as one."""
    root = xml_of(EVERYTHING)
    assert find(root, "variables", "Total").findtext(f"{NAMESPACE}value/{NAMESPACE}numberValue") == "1.5"
    assert [node.text for node in root.iter(NAMESPACE + "numberValue")] == ["1.0", "1.5"]
    assert {node.text for node in root.iter(NAMESPACE + "booleanValue")} == {"false"}
    assert "$Record.Id" in [node.text for node in root.iter(NAMESPACE + "elementReference")]


# Wording --------------------------------------------------------------------------------------------------------------------------


class _Nothing:
    """No names, no record."""

    now, time_zone, is_new = datetime(2026, 3, 2, tzinfo=UTC), UTC, False

    def find(self, path: tuple[str, ...]) -> None:
        return None


@settings(deadline=None)
@given(st.text(alphabet=st.characters(blacklist_categories=["Cs", "Cc"])).map(str.strip))
def test_escaped__any_text(text: str) -> None:
    """Whatever a spec says stays a text in a formula, and the same text."""
    evaluated = compile_formula(escaped(text), _Nothing(), result=Type.TEXT).evaluate(_Nothing())  # type: ignore[arg-type]
    assert (evaluated or "") == text


@settings(deadline=None)
@given(st.integers(1, 10**8))
def test_days__any_duration(seconds: int) -> None:
    """A duration in a formula is as long as in the spec, to the second."""
    formula = f"{days(timedelta(seconds=seconds))} * 86400"
    evaluated = compile_formula(formula, _Nothing(), result=Type.NUMBER).evaluate(_Nothing())  # type: ignore[arg-type]
    assert round(evaluated) == seconds


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (timedelta(days=180), "180"),
        (timedelta(hours=24), "1"),
        (timedelta(hours=6), "(6 / 24)"),
        (timedelta(minutes=90), "(90 / 1440)"),
        (timedelta(minutes=90) / 4, "(1350 / 86400)"),
        (timedelta(0), "0"),
    ],
)
def test_days__reads_well(duration: timedelta, text: str) -> None:
    """The largest unit that fits, so that an admin recognises the spec's own number."""
    assert days(duration) == text
