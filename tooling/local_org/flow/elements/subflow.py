"""Subflow: runs another flow inside the interview. It has no fault path: a fault of the child is one of the parent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import costs
from ..faults import FlowFault
from ..frames import Frame, Program, Read, Step
from ..model import Subflow
from ..program.expressions import Expressions
from ..program.references import Write
from ..trace import ready

MAXIMUM_DEPTH = 100


class SubflowStep(Step):
    kind = "Subflow"
    cost = costs.SUBFLOW
    __slots__ = ("_flow", "_inputs", "_outputs", "_program", "_stores")

    def __init__(self, node: Subflow, expressions: Expressions, program: Callable[[str], Program | None]) -> None:
        super().__init__(node.name)
        self._flow = node.flow_name
        self._program = program
        self._inputs: list[tuple[str, Read]] = [(i.name.lower(), expressions.value(i.value).read) for i in node.input_assignments]
        self._outputs: list[tuple[str, Write]] = [
            (o.name.lower(), expressions.write(o.assign_to_reference)) for o in node.output_assignments if o.assign_to_reference
        ]
        self._stores = node.store_output_automatically

    def call(self, frame: Frame) -> tuple[Program, dict[str, Any]]:
        """The child and its inputs, by lower-case name.

        Raises:
            FlowFault: there is no such flow to call, or an input could not be read.
        """
        program = self._program(self._flow)
        if program is None:
            raise FlowFault(f"The flow {self._flow} that the element {self.name} calls doesn't exist or isn't active.")
        if program.flow.trigger_type is not None:
            # triggerType None deploys, and fails when the flow is called: salesforce/sf-pi, flow guide.
            raise FlowFault(f"The flow {self._flow} has a trigger and can't be called as a subflow.")
        if len(frame.interview.frames) > MAXIMUM_DEPTH:
            raise FlowFault("MAX_DEPTH_IN_FLOW_EXECUTION: Maximum depth of subflows reached.")
        return program, {name: read(frame) for name, read in self._inputs}

    def hand_back(self, child: Frame, parent: Frame) -> None:
        """Takes the child's outputs over into the calling frame."""
        outputs = {slot.name: child.values.get(slot.name) for slot in child.program.variables if slot.is_output}
        if self._stores:
            for name, value in outputs.items():
                parent.values[f"{self.name}.{name}"] = value
        by_name = {name.lower(): value for name, value in outputs.items()}
        for name, write in self._outputs:
            write(parent, by_name.get(name))
        if child.called_at is not None:
            child.called_at["outputs"] = ready(outputs)
