"""A flow test from a flow, a record and expectations; what it mentions has to be there in the flow.

A test holds in every org: its records refer to no other record, and it expects nothing that depends on records, settings, users or picklist
values of an org. Moments are fixed ones, as a flow test knows no "today".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from tooling.metadata.flows.flow import Flow, RecordStart
from tooling.metadata.flows.resources import Variable
from tooling.metadata.types.flow_test import (
    Assertion,
    FlowTest,
    JsonValue,
    Parameter,
    initial_record,
    input_record,
    scheduled_path,
    updated_record,
)

_LONGEST_NAME = 80


class FlowTestDefect(ValueError):
    """A flow test that the generator must not write."""


def passes(element: str, message: str) -> Assertion:
    """The flow takes this outcome, or visits this element: compared with true, its name asks for that."""
    return Assertion(element, "EqualTo", True, message)


def avoids(element: str, message: str) -> Assertion:
    """The flow does not take this outcome, or does not visit this element."""
    return Assertion(element, "EqualTo", False, message)


def becomes(field: str, value: str | bool | int, message: str) -> Assertion:
    """A field of the triggering record ends with this value."""
    return Assertion(f"$Record.{field}", "EqualTo", value, message)


def is_blank(field: str, message: str) -> Assertion:
    """A field of the triggering record ends without a value."""
    return Assertion(f"$Record.{field}", "IsNull", True, message)


def is_filled(field: str, message: str) -> Assertion:
    """A field of the triggering record ends with some value."""
    return Assertion(f"$Record.{field}", "IsNull", False, message)


def stays_empty(variable: str, message: str) -> Assertion:
    """A variable of the flow ends without a value."""
    return Assertion(variable, "IsNull", True, message)


def record_test(
    flow: Flow,
    name: str,
    label: str,
    description: str,
    record: Mapping[str, JsonValue],
    *assertions: Assertion,
    changes: Mapping[str, JsonValue] | None = None,
    path: str | None = None,
) -> FlowTest:
    """A test named after its flow and `name`. The record is created; with `changes` it is there already and they are saved.

    Raises:
        FlowTestDefect: it names something that the flow has not, or could not be run.
    """
    start = flow.start
    if not isinstance(start, RecordStart):
        raise FlowTestDefect(f"{flow.name}: only a flow that a record starts is tested with a record")
    parameters: list[Parameter] = [initial_record(start.sobject, record)]
    if changes is not None:
        parameters.append(updated_record(start.sobject, {**record, **changes}))
    if path is not None:
        parameters.append(scheduled_path(path))
    test = _test(flow, name, label, description, parameters, assertions)
    _check(test, flow, _of_start(start, changed=changes is not None, path=path))
    return test


def called_test(
    flow: Flow, name: str, label: str, description: str, variable: str, record: Mapping[str, JsonValue], *assertions: Assertion
) -> FlowTest:
    """A test of a flow that others call, with a record in one of its input variables.

    Raises:
        FlowTestDefect: it names something that the flow has not.
    """
    known = {one.name: one.sobject for one in flow.resources if isinstance(one, Variable) and one.input}
    sobject = known.get(variable)
    if sobject is None:
        raise FlowTestDefect(f"{flow.name}: {variable} is no input variable that holds a record")
    test = _test(flow, name, label, description, [input_record(variable, sobject, record)], assertions)
    _check(test, flow, ())
    return test


def _test(flow: Flow, name: str, label: str, description: str, parameters: list[Parameter], assertions: tuple[Assertion, ...]) -> FlowTest:
    return FlowTest(
        name=f"{flow.name}_{name}",
        label=label,
        description=description,
        flow=flow.name,
        parameters=tuple(parameters),
        assertions=assertions,
    )


def _check(test: FlowTest, flow: Flow, more: Iterable[str]) -> None:
    problems = [*_of_any(test, flow), *more]
    if problems:
        raise FlowTestDefect("\n".join(f"{test.name}: {problem}" for problem in problems))


def _of_start(start: RecordStart, *, changed: bool, path: str | None) -> Iterator[str]:
    if start.on == "Create" and changed:
        yield "the flow starts only for a new record"
    if start.on == "Update" and not changed:
        yield "the flow starts only for a changed record"
    if path is not None and path not in {one.name for one in start.paths}:
        yield f"the flow has no path {path}"


def _of_any(test: FlowTest, flow: Flow) -> Iterator[str]:
    if len(test.name) > _LONGEST_NAME:
        yield f"its name has more than {_LONGEST_NAME} characters"
    if not test.assertions:
        yield "it expects nothing"
    known = {element.name for element in flow.elements}
    known |= {rule.name for element in flow.elements for rule in getattr(element, "rules", ())}
    known |= {resource.name for resource in flow.resources if isinstance(resource, Variable)}
    for assertion in test.assertions:
        if not assertion.reference.startswith("$Record.") and assertion.reference not in known:
            yield f"the flow has no element, outcome or variable {assertion.reference}"
