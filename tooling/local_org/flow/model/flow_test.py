"""A flow test: the record it starts with, the path it takes, and what must hold at the start and at the finish."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import ClassVar

from ..vocabulary import ComparisonOperator, TestParameterType, TestPointElement, TestType
from .base import FlowProblem, Located, Value


@dataclass(frozen=True, slots=True, kw_only=True)
class TestValue(Located):
    """FlowTestReferenceOrValue: exactly one of its parts is given."""

    wsdl_name = "FlowTestReferenceOrValue"
    unsupported = frozenset({"elementReference", "jsonValue"})
    string_value: str | None = None
    boolean_value: bool | None = None
    number_value: Decimal | None = None
    date_value: date | None = None
    date_time_value: datetime | None = None
    time_value: time | None = None
    sobject_value: str | None = field(default=None, metadata={"xml": "sobjectValue"})
    """A record as JSON."""

    def plain(self) -> Value:
        """The same value as flows write it."""
        return Value(
            line=self.line, column=self.column, string_value=self.string_value, boolean_value=self.boolean_value,
            number_value=self.number_value, date_value=self.date_value, date_time_value=self.date_time_value, time_value=self.time_value,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class TestCondition(Located):
    wsdl_name = "FlowTestCondition"
    required: ClassVar[tuple[str, ...]] = ("leftValueReference", "operator")
    left_value_reference: str = ""
    operator: ComparisonOperator = ComparisonOperator.NONE
    right_value: TestValue | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TestAssertion(Located):
    """Holds when all its conditions do, or as its logic says."""

    wsdl_name = "FlowTestAssertion"
    condition_logic: str | None = None
    conditions: tuple[TestCondition, ...] = ()
    error_message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TestParameter(Located):
    wsdl_name = "FlowTestParameter"
    required: ClassVar[tuple[str, ...]] = ("leftValueReference", "type", "value")
    left_value_reference: str = ""
    type: TestParameterType | None = None
    value: TestValue | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TestPoint(Located):
    wsdl_name = "FlowTestPoint"
    required: ClassVar[tuple[str, ...]] = ("elementApiName",)
    # The guide spells it with one t, the WSDL with two.
    ignored = frozenset({"isUseMockOuput", "isUseMockOutput"})
    assertions: tuple[TestAssertion, ...] = ()
    element_api_name: TestPointElement | None = None
    parameters: tuple[TestParameter, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TestedVersion(Located):
    wsdl_name = "FlowTestFlowVersion"
    flow_version_number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowTest(Located):
    """`full_name` is the file's name; `problems` is what was wrong with the file itself."""

    wsdl_name = "FlowTest"
    required: ClassVar[tuple[str, ...]] = ("flowApiName", "label")
    ignored = frozenset({"fullName"})
    unsupported = frozenset({"flowTestDataSources", "isolatedObjectExternalKeys"})
    full_name: str = field(default="", metadata={"xml": ""})
    problems: tuple[FlowProblem, ...] = field(default=(), metadata={"xml": ""})
    description: str = ""
    flow_api_name: str = ""
    flow_test_flow_versions: tuple[TestedVersion, ...] = ()
    label: str = ""
    test_points: tuple[TestPoint, ...] = ()
    test_type: TestType | None = None

    def parameter(self, kind: TestParameterType) -> TestParameter | None:
        return next((p for point in self.test_points for p in point.parameters if p.type is kind), None)
