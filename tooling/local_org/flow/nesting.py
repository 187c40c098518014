"""Which loop stands inside which: an inner loop begins anew with every item of the outer one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .elements.decision import DecisionStep
from .elements.loop import LoopStep
from .frames import Step
from .model import Flow, connectors


def program_starts(flow: Flow) -> list[str]:
    """The elements at which interviews begin, lower case."""
    names = [connector.target_reference.lower() for _, connector in connectors(flow.start)] if flow.start else []
    return [*names, flow.start_element_reference.lower()] if flow.start_element_reference else names


def set_inner_loops(steps: Mapping[str, Step], starts: Iterable[str]) -> None:
    """Tells every loop which loops are reached from its body and in no way around it."""
    loops = [step for step in steps.values() if isinstance(step, LoopStep)]
    if len(loops) < 2:
        return
    first = [steps[name] for name in starts if name in steps]
    for loop in loops:
        inside = _reached([loop.body] if loop.body else [], without=loop)
        around = _reached(first, without=loop)
        loop.inner = tuple(step.name for step in loops if step is not loop and step in inside and step not in around)


def _reached(first: Iterable[Step], without: Step) -> set[Step]:
    found: set[Step] = set()
    waiting = [step for step in first if step is not without]
    while waiting:
        step = waiting.pop()
        if step in found:
            continue
        found.add(step)
        waiting.extend(after for after in _after(step) if after is not without)
    return found


def _after(step: Step) -> list[Step]:
    steps = [step.next, step.fault]
    if isinstance(step, DecisionStep):
        steps += [outcome.next for outcome in step.outcomes]
    elif isinstance(step, LoopStep):
        steps.append(step.body)
    return [found for found in steps if found is not None]
