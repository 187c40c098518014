"""Decision: the first outcome whose conditions are met, else the default one."""

from __future__ import annotations

from typing import Any

from .. import costs
from ..faults import FlowFault
from ..frames import Frame, Step, Test
from ..model import Decision, Rule
from ..program.expressions import CompiledCondition, Expressions
from ..program.logic import combine


class Outcome:
    __slots__ = ("conditions", "label", "name", "next", "only_when_changed", "test")

    def __init__(self, rule: Rule, expressions: Expressions) -> None:
        self.name = rule.name
        self.label = rule.label or rule.name
        self.only_when_changed = rule.does_require_record_changed_to_meet_criteria
        self.conditions: list[CompiledCondition] = [expressions.condition(c) for c in rule.conditions]
        met = combine(rule.condition_logic, [c.test for c in self.conditions])
        self.test: Test = newly(met) if self.only_when_changed else met
        self.next: Step | None = None


class DecisionStep(Step):
    kind = "Decision"
    __slots__ = ("_connectors", "cost", "outcomes")

    def __init__(self, node: Decision, expressions: Expressions) -> None:
        super().__init__(node.name)
        self.outcomes = [Outcome(rule, expressions) for rule in node.rules]
        self._connectors = {rule.name: rule.connector.target_reference for rule in node.rules if rule.connector}
        self.cost = costs.ELEMENT + costs.OUTCOME * len(self.outcomes)

    def targets(self) -> dict[str, str]:
        return self._connectors

    def wire(self, connector: str, step: Step | None) -> None:
        for outcome in self.outcomes:
            if outcome.name == connector:
                outcome.next = step

    def go(self, frame: Frame) -> Step | None:
        for outcome in self.outcomes:
            if outcome.test(frame):
                frame.visited.add(outcome.name)
                if frame.interview.trace is not None:
                    self._explain(frame, outcome.name)
                return outcome.next
        if frame.interview.trace is not None:
            self._explain(frame, "(default)")
        return self.next

    def _explain(self, frame: Frame, chosen: str) -> None:
        why: list[dict[str, Any]] = []
        for outcome in self.outcomes:
            entry: dict[str, Any] = {"outcome": outcome.name, "label": outcome.label}
            if outcome.only_when_changed:
                entry["onlyWhenChanged"] = True
            why.append({**entry, "conditions": [explained(c, frame) for c in outcome.conditions]})
            if outcome.name == chosen:
                break
        if frame.interview.trace is not None:
            frame.interview.trace.note(outcome=chosen, why=why)


def explained(condition: CompiledCondition, frame: Frame) -> dict[str, Any]:
    """A condition with both its sides, as a trace shows it."""
    try:
        left, right, met = condition.left(frame), condition.right(frame), condition.test(frame)
    except FlowFault as fault:
        return {"condition": condition.text, "fault": str(fault)}
    return {"condition": condition.text, "left": left, "right": right, "met": met}


def newly(met: Test) -> Test:
    """Met now and not before the save; a created record only has to meet it.

    "Flow" page of the Metadata API guide, doesRequireRecordChangedToMeetCriteria.
    """

    def test(frame: Frame) -> bool:
        if not met(frame):
            return False
        if frame.prior is None:
            return True
        record, prior = frame.record, frame.prior
        frame.record, frame.prior = prior, None
        try:
            return not met(frame)
        finally:
            frame.record, frame.prior = record, prior

    return test
