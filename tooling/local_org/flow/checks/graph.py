"""The canvas: what is connected to what, and which elements a trigger type allows."""

from __future__ import annotations

from collections.abc import Iterator

from ..model import (
    Assignment,
    CollectionProcessor,
    CustomError,
    Decision,
    Flow,
    FlowProblem,
    Loop,
    Node,
    RecordLookup,
    RecordUpdate,
    Subflow,
    Transform,
    connectors,
)
from ..scope import flow_named
from ..vocabulary import TriggerType
from .context import Checking, refused

_BEFORE_SAVE = (Assignment, CollectionProcessor, CustomError, Decision, Loop, RecordLookup, Subflow, Transform)


def start_is_connected(checking: Checking) -> Iterator[FlowProblem]:
    flow = checking.flow
    connected = bool(flow.start_element_reference) or (flow.start is not None and any(True for _ in connectors(flow.start)))
    if not connected:
        # forcedotcom/devops-center-feedback issue 163.
        yield refused(flow.start or flow, "The flow can't run because nothing is connected to the Start element.")


def connections(checking: Checking) -> Iterator[FlowProblem]:
    flow = checking.flow
    nodes = {node.name.lower() for node in flow.nodes()}
    for node in (*([flow.start] if flow.start else []), *flow.nodes()):
        for slot, connector in connectors(node):
            if connector.target_reference.lower() not in nodes:
                name = node.name or "Start"
                yield refused(
                    connector, f'The {slot} of "{name}" leads to the element "{connector.target_reference}", which doesn\'t exist.'
                )
    if flow.start_element_reference and flow.start_element_reference.lower() not in nodes:
        yield refused(flow, f'The start leads to the element "{flow.start_element_reference}", which doesn\'t exist.')


def elements_of_the_trigger(checking: Checking) -> Iterator[FlowProblem]:
    """A before-save flow may only read, decide, loop, assign, and update the triggering record. Architect decision guide, "Record-Triggered
    Automation".
    """
    if checking.flow.trigger_type is not TriggerType.RECORD_BEFORE_SAVE:
        return
    for node in checking.flow.nodes():
        if not _allowed_before_save(node):
            yield refused(
                node, f'The element "{node.name}" ({node.wsdl_name}) isn\'t allowed in a flow that runs before the record is saved.'
            )
        elif isinstance(node, Subflow):
            child = flow_named(checking.flows, node.flow_name)
            yield from _child(node, child) if child else ()


def _child(node: Subflow, child: Flow) -> Iterator[FlowProblem]:
    wrong = next((inner for inner in child.nodes() if not _allowed_before_save(inner)), None)
    if wrong is not None:
        text = f'The flow "{child.full_name}" that "{node.name}" calls has the element "{wrong.name}" ({wrong.wsdl_name})'
        yield refused(node, f"{text}, which isn't allowed before the record is saved.")


def _allowed_before_save(node: Node) -> bool:
    if isinstance(node, RecordUpdate):
        return (node.input_reference or "").lower() == "$record"
    return isinstance(node, _BEFORE_SAVE)
