"""Flows, their activation, and flow tests."""

from __future__ import annotations

from collections.abc import Iterator

from ...flow.checks import check_flow, check_flow_test
from ...flow.reader import read_flow_test
from ...schema.source import Component, Problem
from .context import DeployContext, Rule, problem


def flow_is_valid(component: Component, context: DeployContext) -> Iterator[Problem]:
    """Checked as for an Active flow even when it is a draft."""
    flow = context.flows.get(component.full_name)
    if flow is None:
        return
    for found in check_flow(flow, context.schema, context.flows):
        yield Problem(component.type, component.full_name, component.file_name, found.problem, found.line, found.column)


def flow_actions_exist(component: Component, context: DeployContext) -> Iterator[Problem]:
    """E-mail alerts and quick actions are components of their own."""
    for call in component.node.all("actionCalls"):
        kind, name = call.value("actionType"), call.value("actionName") or ""
        if kind == "emailAlert" and not context.exists("WorkflowAlert", name):
            yield problem(component, call.place("actionName"), f"We can't find the action with name {name} and type emailAlert")
        if kind == "apex" or kind == "outboundMessage":
            yield problem(component, call.place("actionType"), f"Actions of type {kind} are not supported by this local org")


def flow_labels_exist(component: Component, context: DeployContext) -> Iterator[Problem]:
    for item in component.node.walk():
        text = item.text.strip()
        if item.tag == "elementReference" and text.startswith("$Label.") and text.removeprefix("$Label.").lower() not in context.labels:
            yield problem(component, item, f"The label {text} does not exist")


def coverage(component: Component, context: DeployContext) -> Iterator[Problem]:
    """In a production org an active flow without an Apex test rolls the deploy back; this org has no Apex, so it is always 0 %.

    Flow tests do not count, and flows with screens need none: "Represents test coverage for a flow or process by a given Apex method".
    Tooling API Developer Guide, "FlowTestCoverage".
    """
    if context.production != "coverage required" or component.node.value("status") != "Active":
        return
    if component.node.value("processType") in _COVERED:
        place = component.node.place("status")
        yield problem(component, place, "Flow test coverage of the active flow is 0 %, at least 75 % is required")


_COVERED = ("AutoLaunchedFlow", "Workflow", "CustomEvent", "InvocableProcess")


def definition_of_flow(component: Component, context: DeployContext) -> Iterator[Problem]:
    if component.full_name not in context.flows:
        yield problem(component, component.node, f"In field: fullName - no Flow named {component.full_name} found")


def definition_version(component: Component, context: DeployContext) -> Iterator[Problem]:
    number = component.node.value("activeVersionNumber")
    if number is None or component.full_name not in context.flows:
        return
    known = context.before.flows.get(component.full_name)
    latest = (known.latest if known else 0) + (("Flow", component.full_name) in context.deployed)
    if not number.isdigit() or int(number) > latest:
        place = component.node.place("activeVersionNumber")
        yield problem(component, place, f"Version {number} of flow {component.full_name} does not exist")


def test_of_flow(component: Component, context: DeployContext) -> Iterator[Problem]:
    test = read_flow_test(component.full_name, component.content or component.xml())
    for found in check_flow_test(test, context.schema, context.flows):
        yield Problem(component.type, component.full_name, component.file_name, found.problem, found.line, found.column)
    if component.key in context.deployed and not test.problems and test.test_type is None:
        text = "testType is required from API version 66.0: WithAssertion"
        yield problem(component, component.node, text, warning=True)


FLOW_RULES: tuple[Rule, ...] = (flow_is_valid, flow_actions_exist, flow_labels_exist, coverage)
FLOW_DEFINITION_RULES: tuple[Rule, ...] = (definition_of_flow, definition_version)
FLOW_TEST_RULES: tuple[Rule, ...] = (test_of_flow,)
