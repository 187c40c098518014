"""What a deploy refuses in a flow test. Metadata API guide, "FlowTest", and its FLOW_TEST_… status codes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from ...schema.types import Schema
from ..model import Flow, FlowProblem, FlowTest, TestCondition, TestParameter, TestPoint
from ..scope import Scope, UnknownReference, flow_named
from ..vocabulary import ComparisonOperator, DataType, PathType, RecordTriggerType, TestParameterType, TestPointElement, TriggerType
from .context import not_supported
from .start import logic

SCHEDULED_PATH = "ScheduledPathApiName"
_RECORDS = (TestParameterType.INPUT_TRIGGERING_RECORD_INITIAL, TestParameterType.INPUT_TRIGGERING_RECORD_UPDATED)
_TESTABLE = (None, TriggerType.NONE, TriggerType.RECORD_BEFORE_SAVE, TriggerType.RECORD_AFTER_SAVE)
_UNANSWERABLE = (ComparisonOperator.NONE, ComparisonOperator.WAS_SELECTED)


def check_flow_test(test: FlowTest, schema: Schema, flows: Mapping[str, Flow]) -> list[FlowProblem]:
    """All problems of a flow test, in file order."""
    if test.problems:
        return _at_start_or_finish(test.problems)
    flow = flow_named(flows, test.flow_api_name)
    if flow is None:
        return [FlowProblem(test.line, test.column, f"In field: flowApiName - no Flow named {test.flow_api_name} found")]
    found = [*_flow(test, flow), *_parameters(test, flow), *_conditions(test, Scope(flow, schema, flows))]
    return sorted(set(found), key=lambda p: (p.line, p.column, p.problem))


def _at_start_or_finish(problems: tuple[FlowProblem, ...]) -> list[FlowProblem]:
    return [
        FlowProblem(p.line, p.column, "A test point is at Start or Finish") if "FlowTestPoint.elementApiName" in p.problem else p
        for p in problems
    ]


def _flow(test: FlowTest, flow: Flow) -> Iterator[FlowProblem]:
    if flow.trigger_type not in _TESTABLE:
        # Also the flows that a deletion triggers. Salesforce Help, "Considerations for Testing Flows".
        what = f"Flow Test isn't supported for the flow {test.flow_api_name}: its triggerType is {flow.trigger_type}"
        yield FlowProblem(test.line, test.column, f"FLOW_TEST_NOT_SUPPORTED: {what}")


def _parameters(test: FlowTest, flow: Flow) -> Iterator[FlowProblem]:
    for point in test.test_points:
        for parameter in point.parameters:
            yield from _parameter(point, parameter, flow)
    if not flow.record_triggered:
        return
    start = next((p for p in test.test_points if p.element_api_name is TestPointElement.START), None)
    if test.parameter(TestParameterType.INPUT_TRIGGERING_RECORD_INITIAL) is None:
        text = 'The test point for elementApiName "Start" is missing a parameter of type InputTriggeringRecordInitial.'
        yield FlowProblem((start or test).line, (start or test).column, text)
    updated = test.parameter(TestParameterType.INPUT_TRIGGERING_RECORD_UPDATED)
    trigger = flow.start.record_trigger_type if flow.start else None
    if updated is not None and trigger is RecordTriggerType.CREATE:
        yield _problem(
            updated,
            'The test point for elementApiName "Start" contains the incompatible parameter value "$Record" of type '
            "InputTriggeringRecordUpdated. Remove the parameter or change the recordTriggerType for the flow.",
        )


def _parameter(point: TestPoint, parameter: TestParameter, flow: Flow) -> Iterator[FlowProblem]:
    if point.element_api_name is not TestPointElement.START:
        yield _problem(parameter, "Parameters are only for the test point of the element Start.")
    if parameter.type in _RECORDS:
        if parameter.left_value_reference != "$Record":
            yield _problem(parameter, f"leftValueReference of a parameter of type {parameter.type} must be $Record.")
        if _record_of(parameter) is None:
            yield _problem(parameter, "The sobjectValue must be a record as JSON.")
    elif parameter.type is TestParameterType.SCHEDULED_PATH:
        yield from _path(parameter, flow)
    elif parameter.type is TestParameterType.INPUT_VARIABLE:
        yield from _input(parameter, flow)
    elif parameter.type is TestParameterType.MOCK_ELEMENT_OUTPUT:
        yield not_supported(parameter, "A flow test parameter of type MockElementOutput")


def _input(parameter: TestParameter, flow: Flow) -> Iterator[FlowProblem]:
    name = parameter.left_value_reference
    variable = next((one for one in flow.variables if one.is_input and one.name.lower() == name.lower()), None)
    if variable is None:
        yield _problem(parameter, f'The flow "{flow.full_name}" has no input variable "{name}".')
        return
    if variable.is_collection:
        yield not_supported(parameter, "A flow test parameter for a collection variable")
    if (variable.data_type is DataType.SOBJECT) != (parameter.value is not None and parameter.value.sobject_value is not None):
        yield _problem(parameter, f'The value does not have the type of the input variable "{name}": {variable.data_type}.')
    elif variable.data_type is DataType.SOBJECT and _record_of(parameter) is None:
        yield _problem(parameter, "The sobjectValue must be a record as JSON.")


def _path(parameter: TestParameter, flow: Flow) -> Iterator[FlowProblem]:
    name = parameter.value.string_value if parameter.value else None
    if parameter.left_value_reference != SCHEDULED_PATH:
        text = f"The flow test metadata for the start of the flow must have its leftValueReference set to {SCHEDULED_PATH}."
        yield _problem(parameter, f"FLOW_TEST_PARAMETER_LEFTVALUEREFERENCE_INVALID: {text}")
    elif not name:
        text = "The flow test metadata for the start of the flow is missing its scheduled path API name."
        yield _problem(parameter, f"FLOW_TEST_PARAMETER_VALUE_MISSING: {text}")
    else:
        paths = flow.start.scheduled_paths if flow.start else ()
        # Flow tests don't run asynchronous paths. Salesforce Help, "Considerations for Testing Flows".
        if not any(path.name.lower() == name.lower() and path.path_type is not PathType.ASYNC_AFTER_COMMIT for path in paths):
            text = f"The flow test metadata for the start of the flow references an invalid value for the scheduled path: {name}."
            yield _problem(parameter, f"FLOW_TEST_PARAMETER_VALUE_INVALID: {text}")


def _conditions(test: FlowTest, scope: Scope) -> Iterator[FlowProblem]:
    for point in test.test_points:
        for assertion in point.assertions:
            yield from logic(assertion, assertion.condition_logic, len(assertion.conditions))
            for condition in assertion.conditions:
                yield from _condition(condition, scope)


def _condition(condition: TestCondition, scope: Scope) -> Iterator[FlowProblem]:
    try:
        scope.find(condition.left_value_reference)
    except UnknownReference as error:
        yield _problem(condition, f"FLOW_TEST_INVALID_LHS_REFERENCE: Invalid reference found in a flow test condition. {error}")
    if condition.operator in _UNANSWERABLE:
        yield not_supported(condition, f"The operator {condition.operator}")


def _record_of(parameter: TestParameter) -> Mapping[str, object] | None:
    try:
        record = json.loads((parameter.value.sobject_value if parameter.value else None) or "")
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def _problem(part: TestParameter | TestCondition, text: str) -> FlowProblem:
    return FlowProblem(part.line, part.column, text)
