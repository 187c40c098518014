"""What every part of flow metadata shares: places, names, connectors, values, conditions, filters.

Attribute names are the element names in snake case; `reader` fills them by that rule, so a new element of the WSDL is one line here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import ClassVar

from ..vocabulary import ComparisonOperator, DataType, FilterOperator


@dataclass(frozen=True, slots=True)
class FlowProblem:
    """What a deploy answers about one place of the file; lines and columns count from 1."""

    line: int
    column: int
    problem: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """Something with a place in the file."""

    wsdl_name: ClassVar[str] = ""
    ignored: ClassVar[frozenset[str]] = frozenset()
    """Elements of the type that change nothing at run time here."""
    unsupported: ClassVar[frozenset[str]] = frozenset()
    """Elements of the type that the local org refuses by name."""
    required: ClassVar[tuple[str, ...]] = ()
    line: int = 0
    column: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector(Located):
    wsdl_name = "FlowConnector"
    required: ClassVar[tuple[str, ...]] = ("targetReference",)
    is_go_to: bool = False
    target_reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Value(Located):
    """FlowElementReferenceOrValue: exactly one of its parts is given; none means an empty value."""

    wsdl_name = "FlowElementReferenceOrValue"
    ignored = frozenset({"inputConfiguratorMode"})
    unsupported = frozenset(
        {"apexValue", "isReverseValueMapping", "setupReference", "setupReferenceType"}
        | {"sobjectValue", "transform", "valueMapName", "collectionElements"}
    )
    string_value: str | None = None
    boolean_value: bool | None = None
    number_value: Decimal | None = None
    date_value: date | None = None
    date_time_value: datetime | None = None
    time_value: time | None = None
    element_reference: str | None = None
    formula_expression: str | None = None
    formula_data_type: DataType | None = None
    complex_value: str | None = None
    """JSON; only for the join of a transform, as is the reference below."""
    complex_value_type: str | None = None
    transform_value_reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition(Located):
    wsdl_name = "FlowCondition"
    unsupported = frozenset({"aggregationOperator", "conditionLogic", "conditionType", "conditions"})
    required: ClassVar[tuple[str, ...]] = ("operator",)
    left_value_reference: str | None = None
    operator: ComparisonOperator = ComparisonOperator.NONE
    right_value: Value | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFilter(Located):
    wsdl_name = "FlowRecordFilter"
    required: ClassVar[tuple[str, ...]] = ("field", "operator")
    field: str = ""
    operator: FilterOperator = FilterOperator.EQUAL_TO
    value: Value | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InputFieldAssignment(Located):
    wsdl_name = "FlowInputFieldAssignment"
    required: ClassVar[tuple[str, ...]] = ("field",)
    field: str = ""
    value: Value | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputFieldAssignment(Located):
    wsdl_name = "FlowOutputFieldAssignment"
    required: ClassVar[tuple[str, ...]] = ("assignToReference", "field")
    assign_to_reference: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InputParameter(Located):
    """An input of an action or a subflow."""

    wsdl_name = "FlowActionCallInputParameter"
    required: ClassVar[tuple[str, ...]] = ("name",)
    name: str = ""
    value: Value | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputParameter(Located):
    """An output of an action or a subflow."""

    wsdl_name = "FlowActionCallOutputParameter"
    required: ClassVar[tuple[str, ...]] = ("name",)
    assign_to_reference: str | None = None
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Element(Located):
    """FlowElement: whatever has a name; all names of a flow share one namespace."""

    ignored = frozenset({"processMetadataValues"})
    name: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node(Element):
    """FlowNode: an element of the canvas."""

    ignored = frozenset({"processMetadataValues", "elementSubtype", "group"})
    required: ClassVar[tuple[str, ...]] = ("name", "label", "locationX", "locationY")
    label: str = ""
    location_x: int = 0
    location_y: int = 0
