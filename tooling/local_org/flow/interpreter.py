"""Runs programs. All interviews of a batch advance together: each goes on until it needs the org or ends; then all that wait at the same
element are served by one statement, as Salesforce bulkifies interviews of one transaction (Salesforce Help, "Flow Bulkification").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..errors import FlowTriggerFailed, LimitExceeded, OrgError
from . import costs
from .elements.subflow import SubflowStep
from .faults import FlowFault, NotCompatible
from .frames import Frame, Interview, Program, Step, Trigger
from .host import Host
from .kinds import coercer
from .records import FlowRecord, copied
from .text import plain
from .trace import InterviewTrace, ready


@dataclass(slots=True)
class InterviewResult:
    """How one interview ended. `custom_errors` holds (message, field or None)."""

    error: OrgError | None
    custom_errors: list[tuple[str, str | None]]
    trace: InterviewTrace | None
    outputs: dict[str, Any] = field(default_factory=dict)

    @property
    def succeeded(self) -> bool:
        return self.error is None and not self.custom_errors


def entry_matches(program: Program, host: Host, trigger: Trigger) -> bool:
    """Whether a record meets the entry conditions of a flow."""
    return program.entry is None or program.entry(host, trigger)


def matching(program: Program, host: Host, triggers: Sequence[Trigger]) -> list[Trigger]:
    """The triggers that meet the entry conditions; parents that these mention are read all at once."""
    if program.entry is None:
        return list(triggers)
    if program.entry_paths and program.sobject:
        host.prefetch(program.sobject, [trigger.record for trigger in triggers], program.entry_paths)
    host.spend(costs.ENTRY * len(triggers))
    return [trigger for trigger in triggers if program.entry(host, trigger)]


def run(program: Program, host: Host, triggers: Sequence[Trigger], *, path: str | None = None, trace: bool = True) -> list[InterviewResult]:
    """Runs the interviews of a batch of records, in the order given.

    `path` is None for the immediate path, else the name of a scheduled one; `trace=False` leaves the traces out, for bulk loads.

    Raises:
        LimitExceeded: a governor limit; no fault path catches it.
        KeyError: the flow has no such path.
    """
    first = program.first if path is None else program.paths[path]
    if program.record_paths and program.sobject:
        host.prefetch(program.sobject, [trigger.record for trigger in triggers], program.record_paths)
    interviews = [_interview(_frame(program, host, trigger), first, path, {}, trace=trace) for trigger in triggers]
    run_interviews(interviews, host)
    return [result_of(interview) for interview in interviews]


def run_autolaunched(program: Program, host: Host, inputs: Sequence[Mapping[str, Any]], *, trace: bool = True) -> list[InterviewResult]:
    """Runs a flow without a triggering record, once per set of inputs; `outputs` of the results are its output variables.

    Raises:
        LimitExceeded: a governor limit.
    """
    interviews = []
    for given in inputs:
        frame = Frame(program, host, None, None, False)
        interviews.append(_interview(frame, program.first, None, given, trace=trace))
    run_interviews(interviews, host)
    return [result_of(interview) for interview in interviews]


def started(program: Program, host: Host, trigger: Trigger | None, *, path: str | None, inputs: Mapping[str, Any]) -> Interview:
    """An interview about to run, traced; without a trigger, one of an autolaunched flow.

    Raises:
        KeyError: the flow has no such path.
    """
    first = program.first if path is None else program.paths[path]
    frame = Frame(program, host, None, None, False) if trigger is None else _frame(program, host, trigger)
    return _interview(frame, first, path, inputs, trace=True)


def _frame(program: Program, host: Host, trigger: Trigger) -> Frame:
    # After the save $Record is the interview's own: what a flow assigns there is not saved until it says so.
    record = trigger.record if program.before_save else FlowRecord(program.sobject or "", trigger.record)
    return Frame(program, host, record, trigger.prior, trigger.is_new)


def _interview(frame: Frame, first: Step | None, path: str | None, inputs: Mapping[str, Any], *, trace: bool) -> Interview:
    interview = Interview([frame], frame.host.now())
    frame.interview = interview
    frame.step = first
    if trace:
        record_id = frame.record.get("Id") if frame.record is not None else None
        program = frame.program
        interview.trace = InterviewTrace(program.name, program.label, path, record_id, plain(interview.started))
        if program.explain_entry is not None and path is None:
            interview.trace.entry = ready(program.explain_entry(frame))
    try:
        _set_defaults(frame)
        _set_inputs(frame, {name.lower(): value for name, value in inputs.items()})
    except FlowFault as fault:
        interview.fault, interview.finished = str(fault), True
    return interview


def _set_defaults(frame: Frame) -> None:
    for slot in frame.program.variables:
        if slot.default is not None:
            frame.values[slot.name] = slot.default(frame)


def _set_inputs(frame: Frame, inputs: Mapping[str, Any]) -> None:
    for slot in frame.program.variables:
        name = slot.name.lower()
        if not slot.is_input or name not in inputs:
            continue
        value = inputs[name]
        if slot.kind.sobject is not None:
            value = _as_records(value, slot.kind.sobject)
        try:
            frame.values[slot.name] = copied(coercer(slot.kind)(value, frame.zone))
        except NotCompatible as error:
            raise FlowFault(f"The flow failed to assign a value to {slot.name}: {error}.") from None


def _as_records(value: Any, sobject: str) -> Any:
    if isinstance(value, list):
        return [_as_records(item, sobject) for item in value]
    # All fields that a caller gives are to be saved by an Update of the record.
    return FlowRecord(sobject, value, set(value)) if isinstance(value, dict) and not isinstance(value, FlowRecord) else value


def run_interviews(interviews: Sequence[Interview], host: Host) -> None:
    """Runs interviews of one flow together to their ends."""
    meter = _Meter(host)
    active = list(interviews)
    while active:
        waiting: dict[int, tuple[Step, list[Interview]]] = {}
        for interview in active:
            step = _advance(interview, meter)
            if step is not None:
                waiting.setdefault(id(step), (step, []))[1].append(interview)
        for step, group in waiting.values():
            _perform(step, group, meter)
        active = [interview for interview in active if not interview.finished]
    meter.settle()


class _Meter:
    """Adds up CPU time between calls of the host, and ends a flow that never stops."""

    __slots__ = ("_elements", "_host", "cost")

    def __init__(self, host: Host) -> None:
        self._host = host
        self._elements = 0
        self.cost = 0.0

    def passed(self, elements: int) -> None:
        self._elements += elements
        if self._elements > costs.ELEMENTS_AT_MOST:
            raise LimitExceeded("The number of elements executed by the flow exceeded the limit.")
        if self.cost > 50:
            self.settle()

    def settle(self) -> None:
        cost, self.cost = self.cost, 0.0
        self._host.spend(cost)


def _advance(interview: Interview, meter: _Meter) -> Step | None:
    """Runs one interview until it waits (the step is the answer) or is finished."""
    elements = 0
    while not interview.finished:
        frame = interview.frames[-1]
        step = frame.step
        if step is None:
            _end_of_frame(interview, frame)
            continue
        elements += 1
        if elements % 1000 == 0:
            meter.passed(1000)
        meter.cost += step.cost
        if interview.trace is not None:
            interview.trace.enter(frame.program.name, step.name, step.kind, step.label)
            interview.trace.used.cpu += step.cost
        if step.waits:
            meter.passed(elements % 1000)
            return step
        frame.visited.add(step.name)
        try:
            if isinstance(step, SubflowStep):
                _enter(step, frame)
            else:
                frame.step = step.go(frame)
        except FlowFault as fault:
            _fail(interview, frame, step, str(fault))
    meter.passed(elements % 1000)
    return None


def _enter(step: SubflowStep, frame: Frame) -> None:
    program, inputs = step.call(frame)
    child = Frame(program, frame.host, None, None, False)
    child.interview = frame.interview
    child.step = program.first
    child.caller = step.hand_back
    if frame.interview.trace is not None:
        frame.interview.trace.note(inputs=inputs)
        child.called_at = frame.interview.trace.last
    _set_defaults(child)
    _set_inputs(child, inputs)
    frame.step = step.next
    frame.interview.frames.append(child)


def _end_of_frame(interview: Interview, frame: Frame) -> None:
    if len(interview.frames) == 1:
        interview.finished = True
        return
    interview.frames.pop()
    parent = interview.frames[-1]
    try:
        if frame.caller is not None:
            frame.caller(frame, parent)
    except FlowFault as fault:
        interview.fault = str(fault)
        interview.finished = True


def _perform(step: Step, group: Sequence[Interview], meter: _Meter) -> None:
    """One statement for all interviews that wait at a step."""
    meter.settle()
    frames = [interview.frames[-1] for interview in group]
    for interview, frame, fault in zip(group, frames, step.perform(frames), strict=True):
        frame.visited.add(step.name)
        if fault is None:
            frame.step = step.next
        else:
            _fail(interview, frame, step, fault)


def _fail(interview: Interview, frame: Frame, step: Step, fault: str) -> None:
    """Takes the fault path, or ends the interview: an unhandled fault in a subflow is one of the flow that called it."""
    frame.fault_message = fault
    frame.faulted.add(step.name)
    if interview.trace is not None:
        interview.trace.note(fault=fault, handled=step.fault is not None)
    if step.fault is not None:
        frame.step = step.fault
        return
    interview.fault = fault
    interview.finished = True
    if interview.trace is not None:
        interview.trace.fault = fault


def result_of(interview: Interview) -> InterviewResult:
    """How a finished interview ended."""
    frame = interview.frames[0]
    error = None
    if interview.fault is not None:
        # Source of the wording: restforce issue 624, declarative-lookup-rollup-summaries issue 1035.
        label = frame.program.label
        error = FlowTriggerFailed(
            f"We can't save this record because the “{label}” process failed. Give your Salesforce admin these details. {interview.fault}"
        )
    outputs = {slot.name: frame.values.get(slot.name) for slot in frame.program.variables if slot.is_output}
    return InterviewResult(error, interview.custom_errors, interview.trace, outputs)
