"""Runs deployed flow tests. Only the flow under test starts for the triggering record; what it saves goes through the whole save order.

Every test runs in a transaction of its own that is undone: it leaves nothing behind.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ..errors import NotFound, OrgError, error_class
from ..flow import AssertionResult, Flow, FlowTest, TestedInterview, TestInputs, Trigger, compile_flow, read_flow, read_flow_test, run_test
from ..flow.host import Record
from ..flow.vocabulary import PathType, RecordTriggerType, TestParameterType, TriggerType
from ..schema.derived import derived_values
from ..schema.types import SObject
from ..schema.values import from_json
from .metadata import OrgMetadata
from .org import Org
from .transaction import Transaction
from .users import User


class Outcome(StrEnum):
    PASS = "Pass"
    FAIL = "Fail"
    ERROR = "Error"
    """The test could not be run, or the flow ended with a fault that no path handles."""


@dataclass(frozen=True, slots=True)
class FlowTestResult:
    """What became of one flow test."""

    name: str
    label: str
    flow: str
    version: int | None
    outcome: Outcome
    milliseconds: float
    assertions: tuple[AssertionResult, ...] = ()
    error: str | None = None
    entered: bool = False
    """Whether the record met the flow's entry conditions."""
    visited: frozenset[str] = frozenset()
    warnings: tuple[str, ...] = ()
    interview: dict[str, Any] | None = None

    @property
    def passed(self) -> bool:
        return self.outcome is Outcome.PASS

    @property
    def message(self) -> str | None:
        """Why the test did not pass, in one line."""
        if self.error is not None:
            return self.error
        failed = next((a for a in self.assertions if not a.passed), None)
        return None if failed is None else failed.message or _described(failed)

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name, "label": self.label, "flow": self.flow, "version": self.version, "outcome": self.outcome.value,
            "message": self.message, "error": self.error, "entered": self.entered, "milliseconds": round(self.milliseconds, 1),
            "assertions": [_assertion_json(assertion) for assertion in self.assertions],
            "visited": sorted(self.visited), "warnings": list(self.warnings), "interview": self.interview,
        }  # fmt: skip


def _assertion_json(assertion: AssertionResult) -> dict[str, Any]:
    conditions = list(assertion.conditions)
    return {"point": assertion.point.value, "passed": assertion.passed, "message": assertion.message, "conditions": conditions}


def _described(assertion: AssertionResult) -> str:
    shown = next((c for c in assertion.conditions if c.get("met") is not True), {})
    return f"{shown.get('condition', 'The assertion')} is not met: {shown.get('fault') or shown.get('left')!r}"


def run_flow_tests(org: Org, names: Sequence[str] | None = None, user: User | None = None) -> list[FlowTestResult]:
    """Runs the flow tests of these API names, in this order; without names all that are deployed, by name.

    `user` is who runs them, the administrator when none is given.

    Raises:
        NotFound: no flow test of that name is deployed.
    """
    deployed = org.metadata.of_type("FlowTest")
    by_name = {name.lower(): component for name, component in deployed.items()}
    results = []
    for name in sorted(deployed) if names is None else names:
        # The CLI addresses flow tests as FlowTesting.<name>.
        component = by_name.get(name.lower().removeprefix("flowtesting."))
        if component is None:
            raise NotFound(f"No FlowTest named {name} found")
        test = read_flow_test(component.full_name, component.content or component.xml())
        results.append(_run(org, test, user or org.user_named(_ADMINISTRATOR)))
    return results


_ADMINISTRATOR = "admin@local.example"


def _run(org: Org, test: FlowTest, user: User) -> FlowTestResult:
    begin = time.perf_counter()
    version: int | None = None
    warnings: list[str] = []
    try:
        with org.trial(user) as tx:
            flow, version = _flow(tx, test)
            tested = _tested(tx, test, flow, warnings)
            interview = tested.result.trace.as_json() if tested.result.trace is not None else {}
            interview["transaction"] = tx.limits.used()
    except OrgError as error:
        elapsed = (time.perf_counter() - begin) * 1000
        return FlowTestResult(test.full_name, test.label, test.flow_api_name, version, Outcome.ERROR, elapsed, error=str(error))
    fault = tested.result.error
    held = all(assertion.passed for assertion in tested.assertions)
    return FlowTestResult(
        test.full_name, test.label, flow.full_name, version,
        Outcome.ERROR if fault is not None else Outcome.PASS if held else Outcome.FAIL,
        (time.perf_counter() - begin) * 1000,
        tested.assertions, None if fault is None else str(fault), tested.entered, tested.visited, tuple(warnings), interview,
    )  # fmt: skip


def _flow(tx: Transaction, test: FlowTest) -> tuple[Flow, int]:
    """The version the test names, else the active one, else the latest: a flow is tested before it is activated."""
    metadata = tx.runtime.metadata
    found = next((version for name, version in metadata.flows.items() if name.lower() == test.flow_api_name.lower()), None)
    if found is None:
        raise NotFound(f"No Flow named {test.flow_api_name} found")
    wanted = next((v.flow_version_number for v in test.flow_test_flow_versions if v.flow_version_number), None)
    if wanted is None or wanted == found.number:
        return found.flow, found.number
    for row in tx.runtime.store.components.flow_versions():
        if row.name == found.flow.full_name and row.number == wanted:
            return read_flow(row.name, row.xml), wanted
    raise NotFound(f"Flow {test.flow_api_name} has no version {wanted}")


def _tested(tx: Transaction, test: FlowTest, flow: Flow, warnings: list[str]) -> TestedInterview:
    metadata = tx.runtime.metadata
    flows = {**{name: version.flow for name, version in metadata.flows.items()}, flow.full_name: flow}
    program = compile_flow(flow, metadata.schema, flows)
    if flow.record_triggered:
        inputs = _triggered(tx, test, flow, metadata, warnings)
    else:
        inputs = TestInputs(variables=_variables(test, flow, metadata, warnings))
    return run_test(test, flow, program, tx.host, metadata.schema, flows, inputs)


def _variables(test: FlowTest, flow: Flow, metadata: OrgMetadata, warnings: list[str]) -> dict[str, Any]:
    objects = {variable.name.lower(): metadata.schema.get(variable.object_type or "") for variable in flow.variables}
    given: dict[str, Any] = {}
    for parameter in (parameter for point in test.test_points for parameter in point.parameters):
        value = parameter.value
        if parameter.type is not TestParameterType.INPUT_VARIABLE or value is None:
            continue
        sobject = objects.get(parameter.left_value_reference.lower())
        if sobject is None:
            parts = (
                value.string_value,
                value.boolean_value,
                value.number_value,
                value.date_value,
                value.date_time_value,
                value.time_value,
            )
            given[parameter.left_value_reference] = next((part for part in parts if part is not None), None)
        elif value.sobject_value is not None:
            given[parameter.left_value_reference] = _record(value.sobject_value, parameter.type, sobject, warnings)
    return given


def _triggered(tx: Transaction, test: FlowTest, flow: Flow, metadata: OrgMetadata, warnings: list[str]) -> TestInputs:
    sobject = metadata.schema.get(flow.trigger_object or "")
    if sobject is None:
        raise NotFound(f"sObject type '{flow.trigger_object}' is not supported.")
    initial = _given(test, TestParameterType.INPUT_TRIGGERING_RECORD_INITIAL, sobject, warnings) or {}
    updated = _given(test, TestParameterType.INPUT_TRIGGERING_RECORD_UPDATED, sobject, warnings)
    path = _path(test, flow)
    only_update = flow.start is not None and flow.start.record_trigger_type is RecordTriggerType.UPDATE
    before_save = flow.trigger_type is TriggerType.RECORD_BEFORE_SAVE
    record = _new_record(tx, sobject, initial)
    if updated is None and not only_update:
        if not before_save:
            _store(tx, sobject, record)
        return TestInputs(Trigger(record, None, True), path)
    _store(tx, sobject, record)
    after = _completed(sobject, {**record, **(updated or {}), "Id": record["Id"]})
    if not before_save:
        tx.runtime.store.records.update(sobject, [(record["Id"], after)])
    return TestInputs(Trigger(after, record, False), path)


def _path(test: FlowTest, flow: Flow) -> str | None:
    parameter = test.parameter(TestParameterType.SCHEDULED_PATH)
    name = parameter.value.string_value if parameter is not None and parameter.value is not None else None
    if name is None:
        return None
    for path in flow.start.scheduled_paths if flow.start else ():
        if path.name.lower() == name.lower() and path.connector is not None and path.path_type is not PathType.ASYNC_AFTER_COMMIT:
            return path.name
    raise error_class("FLOW_TEST_PARAMETER_VALUE_INVALID")(f"The flow has no scheduled path {name} that a test can run")


def _given(test: FlowTest, kind: TestParameterType, sobject: SObject, warnings: list[str]) -> Record | None:
    parameter = test.parameter(kind)
    text = parameter.value.sobject_value if parameter is not None and parameter.value is not None else None
    return None if text is None else _record(text, kind, sobject, warnings)


def _record(text: str, kind: TestParameterType, sobject: SObject, warnings: list[str]) -> Record:
    """The record that a parameter gives. Fields that this org does not have are left out: tests are often made from a record of another."""
    record: Record = {}
    for name, raw in json.loads(text).items():
        field = sobject.field(name)
        if field is not None and not field.calculated:
            record[field.name] = from_json(field, raw)
        elif name != "attributes" and field is None:
            warnings.append(f"{sobject.name} has no field {name}: its value in {kind} is left out")
    return record


def _new_record(tx: Transaction, sobject: SObject, given: Record) -> Record:
    """As it would be after its save, by what the test gives alone: no defaults but the platform's own."""
    rules = tx.runtime.rules(sobject)
    now = tx.runtime.clock.now()
    stamps = {"CreatedDate": now, "CreatedById": tx.user.id, "LastModifiedDate": now, "LastModifiedById": tx.user.id, "SystemModstamp": now}
    record = {**rules.blank, **{name: value for name, value in stamps.items() if sobject.field(name) is not None}}
    if sobject.field("OwnerId") is not None:
        record["OwnerId"] = tx.user.id
    for auto in rules.auto_numbers:
        record[auto.name] = tx.runtime.store.records.auto_numbers(sobject, auto, 1)[0]
    return _completed(sobject, {**record, **given})


def _completed(sobject: SObject, record: Record) -> Record:
    return {**record, **derived_values(sobject.name, record)}


def _store(tx: Transaction, sobject: SObject, record: Record) -> None:
    """Puts the triggering record where the flow's elements find it; one that the org has is overwritten for the time of the test."""
    records = tx.runtime.store.records
    if record.get("Id") and records.read(sobject, [record["Id"]], ["Id"], include_deleted=True):
        records.update(sobject, [(record["Id"], record)])
        return
    records.insert(sobject, [record])


def failed(results: Iterable[FlowTestResult]) -> list[FlowTestResult]:
    """Those that did not pass."""
    return [result for result in results if not result.passed]
