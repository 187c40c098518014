"""FlowTest: a record that a flow is given, and what has to hold when the flow has ended. Running one leaves nothing in the org."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

JsonValue = str | int | bool | None
Expected = str | int | bool


@dataclass(frozen=True, slots=True)
class Parameter:
    """What the test's Start gives the flow: `reference` is `$Record`, `ScheduledPathApiName` or an input variable; `tag` holds `text`."""

    reference: str
    type: str
    tag: str
    text: str


@dataclass(frozen=True, slots=True)
class Assertion:
    """One condition at the test's Finish. `message` is what an admin reads when it does not hold."""

    reference: str
    operator: str
    expected: Expected
    message: str

    @property
    def tag(self) -> str:
        if isinstance(self.expected, bool):
            return "booleanValue"
        return "stringValue" if isinstance(self.expected, str) else "numberValue"

    @property
    def text(self) -> str | bool | float:
        # A numberValue is an xsd:double: Flow Builder always writes the point.
        return self.expected if isinstance(self.expected, str | bool) else float(self.expected)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowTest:
    name: str
    label: str
    description: str
    flow: str
    parameters: tuple[Parameter, ...]
    assertions: tuple[Assertion, ...]
    template: str = "FlowTest.xml.jinja"

    @property
    def path(self) -> str:
        return f"main/default/flowtests/{self.name}.flowtest-meta.xml"


def initial_record(sobject: str, fields: Mapping[str, JsonValue]) -> Parameter:
    """The triggering record as it is created, or as it was before the change."""
    return Parameter("$Record", "InputTriggeringRecordInitial", "sobjectValue", _json(sobject, fields))


def updated_record(sobject: str, fields: Mapping[str, JsonValue]) -> Parameter:
    """The triggering record after the change."""
    return Parameter("$Record", "InputTriggeringRecordUpdated", "sobjectValue", _json(sobject, fields))


def scheduled_path(name: str) -> Parameter:
    """The scheduled path that the test runs, without waiting for its time."""
    return Parameter("ScheduledPathApiName", "ScheduledPath", "stringValue", name)


def input_record(variable: str, sobject: str, fields: Mapping[str, JsonValue]) -> Parameter:
    """The record that a called flow gets in an input variable."""
    return Parameter(variable, "InputVariable", "sobjectValue", _json(sobject, fields))


def _json(sobject: str, fields: Mapping[str, JsonValue]) -> str:
    # As Flow Builder writes it: the type in `attributes`, no spaces.
    return json.dumps({"attributes": {"type": sobject}, **fields}, separators=(",", ":"), ensure_ascii=False)
