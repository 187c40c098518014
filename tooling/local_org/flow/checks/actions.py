"""Actions: the types that run here, with the inputs they know."""

from __future__ import annotations

from collections.abc import Iterator

from ..elements.action import INPUTS, REQUIRED_INPUTS
from ..model import ActionCall, FlowProblem
from ..vocabulary import TransactionModel
from .context import Checking, not_supported, refused


def action_calls(checking: Checking) -> Iterator[FlowProblem]:
    for node in checking.every(ActionCall):
        known = INPUTS.get(node.action_type)
        if known is None:
            yield not_supported(node, f'The action type {node.action_type} of "{node.name}"')
            continue
        given = {parameter.name for parameter in node.input_parameters}
        for parameter in node.input_parameters:
            if parameter.name not in known:
                yield not_supported(parameter, f'The input "{parameter.name}" of the action {node.action_type}')
        for name in REQUIRED_INPUTS[node.action_type]:
            if name not in given:
                yield refused(node, f'The action "{node.name}" lacks the required input "{name}".')
        if node.output_parameters:
            yield not_supported(node, f"An output of the action {node.action_type}")
        if node.flow_transaction_model is TransactionModel.NEW_TRANSACTION:
            yield not_supported(node, "flowTransactionModel NewTransaction")
