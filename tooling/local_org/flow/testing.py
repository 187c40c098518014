"""Runs one flow as a flow test does: one interview, asked what holds at its start and at its finish."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..schema.types import Schema
from .elements.decision import explained
from .frames import Frame, Program, Trigger
from .host import Host
from .interpreter import InterviewResult, result_of, run_interviews, started
from .model import Condition, Flow, FlowTest, TestAssertion, TestCondition, Value
from .program.expressions import CompiledCondition, Expressions
from .program.logic import combine
from .scope import Root, Scope, Target
from .trace import ready
from .vocabulary import ComparisonOperator, DataType, TestPointElement


@dataclass(frozen=True, slots=True)
class AssertionResult:
    """Whether an assertion held; `conditions` show both their sides."""

    point: TestPointElement
    passed: bool
    message: str
    conditions: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class TestedInterview:
    entered: bool
    """Whether the record met the entry conditions; where it does not, no element is visited."""
    assertions: tuple[AssertionResult, ...]
    result: InterviewResult
    visited: frozenset[str]
    """Elements and outcomes."""


@dataclass(frozen=True, slots=True)
class TestInputs:
    """What the Start test point gives: a triggering record, or input variables by lower-case name."""

    trigger: Trigger | None = None
    path: str | None = None
    variables: Mapping[str, Any] | None = None


def run_test(
    test: FlowTest, flow: Flow, program: Program, host: Host, schema: Schema, flows: Mapping[str, Flow], inputs: TestInputs
) -> TestedInterview:
    """
    Raises:
        LimitExceeded: a governor limit.
    """
    expressions = Expressions(Scope(flow, schema, flows))
    trigger = inputs.trigger
    entered = trigger is None or program.entry is None or program.entry(host, trigger)
    interview = started(program, host, trigger, path=inputs.path, inputs=inputs.variables or {})
    frame = interview.frames[0]
    assertions = _held(test, TestPointElement.START, expressions, frame)
    if entered:
        run_interviews([interview], host)
    assertions += _held(test, TestPointElement.FINISH, expressions, frame)
    return TestedInterview(entered, tuple(assertions), result_of(interview), frozenset(frame.visited))


def _held(test: FlowTest, element: TestPointElement, expressions: Expressions, frame: Frame) -> list[AssertionResult]:
    """Test points are evaluated in the order of the file. "FlowTestPoint", Metadata API guide."""
    assertions = [a for point in test.test_points if point.element_api_name is element for a in point.assertions]
    return [_assertion(assertion, element, expressions, frame) for assertion in assertions]


def _assertion(assertion: TestAssertion, element: TestPointElement, expressions: Expressions, frame: Frame) -> AssertionResult:
    compiled = [_compiled(condition, expressions) for condition in assertion.conditions]
    shown = [explained(condition, frame) for condition in compiled]
    # A condition that could not be asked does not hold.
    met: Sequence[bool] = [entry.get("met") is True for entry in shown]
    passed = combine(assertion.condition_logic, [_fixed(value) for value in met])(frame)
    return AssertionResult(element, passed, assertion.error_message, tuple(ready(entry) for entry in shown))


def _fixed(value: bool) -> Any:
    return lambda frame: value


def _compiled(condition: TestCondition, expressions: Expressions) -> CompiledCondition:
    target = expressions.target(condition.left_value_reference)
    right = condition.right_value.plain() if condition.right_value else None
    operator = condition.operator
    if _asks_for_a_visit(target, operator, right):
        operator = ComparisonOperator.WAS_VISITED
    elif right is not None and right.string_value == "" and operator in _BLANK:
        # Empty text stands for "no value": a field never holds one. salesforcecli/plugin-apex, test_opportunity_updates.flowtest.
        right, operator = Value(boolean_value=operator is ComparisonOperator.EQUAL_TO), ComparisonOperator.IS_BLANK
    return expressions.condition(Condition(left_value_reference=condition.left_value_reference, operator=operator, right_value=right))


_BLANK = (ComparisonOperator.EQUAL_TO, ComparisonOperator.NOT_EQUAL_TO)


def _asks_for_a_visit(target: Target, operator: ComparisonOperator, right: Value | None) -> bool:
    """An element's name compared with true asks whether it was visited, also where the element keeps an output under that name."""
    if operator is not ComparisonOperator.EQUAL_TO or right is None or right.boolean_value is None or target.fields:
        return False
    return target.root is Root.VARIABLE and target.kind.data_type is not DataType.BOOLEAN
