"""Whatever a flow wants to write is refused once; the save succeeds, a trace is left, and later it is done, once.

Each entry of the matrix names the elements it makes fail, and the traces of the interviews prove that they did; the last test proves that
no writing element of any flow is left out.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.automation.failure_matrix import MATRIX
from tests.automation.failure_scenes import Element, Refusal, Scene
from tests.automation.world import World
from tooling.metadata.flows import all_flows
from tooling.metadata.flows.elements import Action, Create, Update
from tooling.metadata.flows.flow import RecordStart
from tooling.spec import Spec


def refused(interviews: list[dict[str, Any]]) -> set[Element]:
    """Flow and element of everything that faulted."""
    return {
        (element.get("flow") or interview["flow"], element["element"])
        for interview in interviews
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
    earlier = world.org.interviews()

    entry.story(scene)
    assert set(entry.fails) <= refused([interview for interview in world.org.interviews() if interview not in earlier])
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


def writing(spec: Spec) -> set[Element]:
    """Every element of every flow that creates, updates or acts; a before-save flow changes the record at hand and saves nothing."""
    return {
        (flow.name, element.name)
        for flow in all_flows(spec)
        for element in flow.elements
        if isinstance(element, Create | Update | Action)
        and not (isinstance(flow.start, RecordStart) and flow.start.trigger == "RecordBeforeSave")
    }


TRIED = {element for entry in MATRIX.values() for element in entry.fails}


def test_matrix__no_writing_element_is_left_out(spec: Spec) -> None:
    """Every element of every flow that creates, updates or acts is refused in some entry."""
    assert writing(spec) == TRIED


@pytest.mark.parametrize(
    "settings",
    [
        {"emails": {"per_manager": False}},
        {"emails": {"sandbox": True}},
        {"emails": {"renewal": None}},
        {"emails": None},
        {"escalation": None},
        {"follow_up": {"default_user": ""}},
        {"follow_up": {"promoter": None}},
        {"follow_up": {"detractor": {"notify": False}}},
        {"follow_up": {"activity": {"backfill": True}}},
    ],
    ids=str,
)
def test_matrix__other_settings_write_nothing_else(spec: Spec, settings: dict[str, Any]) -> None:
    """With anything switched off or on the flows have no writing element that the matrix does not know."""
    assert writing(changed(spec, settings)) <= TRIED


def changed(section: Any, settings: dict[str, Any]) -> Any:
    """A copy of a part of the spec with other values, as deep as they go."""
    values = {name: changed(getattr(section, name), value) if isinstance(value, dict) else value for name, value in settings.items()}
    return section.model_copy(update=values)
