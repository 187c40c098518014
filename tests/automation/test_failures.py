"""Whatever a flow wants to write is refused once; the save succeeds, a trace is left, and later it is done, once.

Each entry of the matrix names the elements it makes fail, and the traces of the interviews prove that they did; the last test proves that
no writing element of any flow is left out.
"""

from __future__ import annotations

import pytest

from tests.automation.failure_matrix import MATRIX, NOT_INJECTED
from tests.automation.failure_scenes import Element, Refusal, Scene
from tests.automation.world import World
from tooling.metadata.flows import all_flows
from tooling.metadata.flows.elements import Action, Create, Update
from tooling.metadata.flows.flow import RecordStart
from tooling.spec import Spec


def refused(world: World) -> set[Element]:
    """Flow and element of everything that faulted."""
    return {
        (element.get("flow") or interview["flow"], element["element"])
        for interview in world.org.interviews()
        for element in interview["elements"]
        if element.get("fault")
    }


@pytest.mark.parametrize("entry", MATRIX.values(), ids=MATRIX.keys())
def test_refused__later_done_once(world: World, account: str, contact: str, manager: str, entry: Refusal) -> None:
    """The save succeeds, a trace is left, and when the refusal is gone it is done: one task, one Case, one e-mail."""
    scene = Scene(world, account, contact, manager)
    if entry.before:
        entry.before(scene)
    for number, (sobject, formula) in enumerate(entry.rules):
        world.rule(sobject, formula, f"Customers_Rule_{number}")
    if entry.break_it:
        entry.break_it(scene)
    world.org._traces.clear()

    entry.story(scene)
    assert set(entry.fails) <= refused(world)
    if entry.trace:
        entry.trace(scene)

    for number, (sobject, _) in enumerate(entry.rules):
        world.no_rule(sobject, f"Customers_Rule_{number}")
    if entry.repair:
        entry.repair(scene)
    if entry.again == "sweep":
        world.until_the_sweep()
        world.until_the_sweep()
    elif entry.again in ("days", "nights"):
        world.later(days=3)
    elif "response" in scene.made:
        world.retry(scene.response)
    entry.check(scene)
    world.limits_are_kept()


def test_matrix__no_writing_element_is_left_out(spec: Spec) -> None:
    """Every element of every flow that creates, updates or acts is refused in some entry, or it is said why not."""
    writing = {
        (flow.name, element.name)
        for flow in all_flows(spec)
        for element in flow.elements
        if isinstance(element, Create | Update | Action)
        and not (isinstance(flow.start, RecordStart) and flow.start.trigger == "RecordBeforeSave")
    }
    tried = {element for entry in MATRIX.values() for element in entry.fails}
    assert tried | NOT_INJECTED.keys() == writing
    assert not tried & NOT_INJECTED.keys()
