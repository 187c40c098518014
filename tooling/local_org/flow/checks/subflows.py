"""Subflows: the called flow exists, can be called, and has the inputs and outputs that are named."""

from __future__ import annotations

from collections.abc import Iterator

from ..model import FlowProblem, Subflow, Variable
from ..scope import flow_named
from ..vocabulary import TriggerType
from .assigning import assignable
from .context import Checking, refused


def subflows(checking: Checking) -> Iterator[FlowProblem]:
    for node in checking.every(Subflow):
        child = flow_named(checking.flows, node.flow_name)
        if child is None:
            yield refused(node, f'The flow "{node.flow_name}" that "{node.name}" calls doesn\'t exist.')
            continue
        # A triggerType of None deploys, and fails when the flow is called. salesforce/sf-pi, flow guide.
        if child.trigger_type not in (None, TriggerType.NONE):
            yield refused(node, f'The flow "{node.flow_name}" has a triggerType and can\'t be called by "{node.name}".')
        if node.store_output_automatically and node.output_assignments:
            yield refused(node, "storeOutputAutomatically can't be combined with outputAssignments.")
        yield from _parameters(checking, node, {v.name.lower(): v for v in child.variables})


def _parameters(checking: Checking, node: Subflow, variables: dict[str, Variable]) -> Iterator[FlowProblem]:
    for given in node.input_assignments:
        variable = variables.get(given.name.lower())
        if variable is None or not variable.is_input:
            yield refused(given, f'The flow "{node.flow_name}" has no input variable "{given.name}".')
    for taken in node.output_assignments:
        variable = variables.get(taken.name.lower())
        if variable is None or not variable.is_output:
            yield refused(taken, f'The flow "{node.flow_name}" has no output variable "{taken.name}".')
        into = checking.target(taken.assign_to_reference)
        if into is not None:
            yield from assignable(checking, taken, into)
