"""The elements of the canvas, one class per metadata type."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from ..vocabulary import AssignmentOperator, CollectionProcessorType, DataType, SortOrder, TransactionModel, TransformType
from .base import (
    Condition,
    Connector,
    Element,
    InputFieldAssignment,
    InputParameter,
    Located,
    Node,
    OutputFieldAssignment,
    OutputParameter,
    RecordFilter,
    Value,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentItem(Located):
    wsdl_name = "FlowAssignmentItem"
    required: ClassVar[tuple[str, ...]] = ("assignToReference", "operator")
    assign_to_reference: str = ""
    operator: AssignmentOperator = AssignmentOperator.ASSIGN
    value: Value | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment(Node):
    wsdl_name = "FlowAssignment"
    assignment_items: tuple[AssignmentItem, ...] = ()
    connector: Connector | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule(Element):
    """One outcome of a decision."""

    wsdl_name = "FlowRule"
    required: ClassVar[tuple[str, ...]] = ("name", "conditionLogic", "label")
    unsupported = frozenset({"attributes"})
    condition_logic: str = "and"
    conditions: tuple[Condition, ...] = ()
    connector: Connector | None = None
    does_require_record_changed_to_meet_criteria: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision(Node):
    wsdl_name = "FlowDecision"
    unsupported = frozenset({"attributes"})
    default_connector: Connector | None = None
    default_connector_label: str = ""
    rules: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Loop(Node):
    wsdl_name = "FlowLoop"
    required: ClassVar[tuple[str, ...]] = (*Node.required, "collectionReference")
    assign_next_value_to_reference: str | None = None
    collection_reference: str = ""
    iteration_order: SortOrder = SortOrder.ASC
    next_value_connector: Connector | None = None
    no_more_values_connector: Connector | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordLookup(Node):
    wsdl_name = "FlowRecordLookup"
    required: ClassVar[tuple[str, ...]] = (*Node.required, "object")
    unsupported = frozenset({"relatedRecords"})
    assign_null_values_if_no_records_found: bool = False
    connector: Connector | None = None
    fault_connector: Connector | None = None
    filter_logic: str | None = None
    filters: tuple[RecordFilter, ...] = ()
    get_first_record_only: bool | None = None
    limit: Value | None = None
    object: str = ""
    output_assignments: tuple[OutputFieldAssignment, ...] = ()
    output_reference: str | None = None
    queried_fields: tuple[str, ...] = ()
    sort_field: str | None = None
    sort_order: SortOrder | None = None
    store_output_automatically: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordCreate(Node):
    wsdl_name = "FlowRecordCreate"
    unsupported = frozenset(
        {"filterLogic", "filters", "operationMultMatchingRecords", "operationOneMatchingRecord", "operationZeroMatchingRecords"}
    )
    assign_record_id_to_reference: str | None = None
    connector: Connector | None = None
    does_upsert: bool = False
    does_upsert_all_or_none: bool = False
    fault_connector: Connector | None = None
    input_assignments: tuple[InputFieldAssignment, ...] = ()
    input_reference: str | None = None
    object: str | None = None
    store_output_automatically: bool = False
    upsert_external_id_field: str | None = None
    upsert_standard_id_field: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordUpdate(Node):
    wsdl_name = "FlowRecordUpdate"
    connector: Connector | None = None
    fault_connector: Connector | None = None
    filter_logic: str | None = None
    filters: tuple[RecordFilter, ...] = ()
    input_assignments: tuple[InputFieldAssignment, ...] = ()
    input_reference: str | None = None
    object: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDelete(Node):
    wsdl_name = "FlowRecordDelete"
    connector: Connector | None = None
    fault_connector: Connector | None = None
    filter_logic: str | None = None
    filters: tuple[RecordFilter, ...] = ()
    input_reference: str | None = None
    object: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRollback(Node):
    wsdl_name = "FlowRecordRollback"
    connector: Connector | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionCall(Node):
    wsdl_name = "FlowActionCall"
    required: ClassVar[tuple[str, ...]] = (*Node.required, "actionName", "actionType")
    ignored = frozenset({*Node.ignored, "nameSegment", "offset", "offsetUnit", "versionString", "timeoutPathUsage"})
    unsupported = frozenset({"actionCallPaths", "dataTypeMappings", "isWaitUntilCompleted", "timeoutConnector"})
    action_name: str = ""
    action_type: str = ""
    connector: Connector | None = None
    fault_connector: Connector | None = None
    flow_transaction_model: TransactionModel | None = None
    input_parameters: tuple[InputParameter, ...] = ()
    output_parameters: tuple[OutputParameter, ...] = ()
    store_output_automatically: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Subflow(Node):
    wsdl_name = "FlowSubflow"
    required: ClassVar[tuple[str, ...]] = (*Node.required, "flowName")
    connector: Connector | None = None
    flow_name: str = ""
    input_assignments: tuple[InputParameter, ...] = ()
    output_assignments: tuple[OutputParameter, ...] = ()
    store_output_automatically: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomErrorMessage(Located):
    wsdl_name = "FlowCustomErrorMessage"
    required: ClassVar[tuple[str, ...]] = ("errorMessage", "isFieldError")
    error_message: str = ""
    field_selection: str | None = None
    is_field_error: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomError(Node):
    wsdl_name = "FlowCustomError"
    connector: Connector | None = None
    custom_error_messages: tuple[CustomErrorMessage, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SortOption(Located):
    wsdl_name = "FlowCollectionSortOption"
    required: ClassVar[tuple[str, ...]] = ("doesPutEmptyStringAndNullFirst", "sortOrder")
    does_put_empty_string_and_null_first: bool = False
    sort_field: str | None = None
    sort_order: SortOrder = SortOrder.ASC


@dataclass(frozen=True, slots=True, kw_only=True)
class MapItem(Located):
    wsdl_name = "FlowCollectionMapItem"
    required: ClassVar[tuple[str, ...]] = ("assignToFieldReference", "operator", "value")
    assign_to_field_reference: str = ""
    operator: AssignmentOperator = AssignmentOperator.ASSIGN
    value: Value | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionProcessor(Node):
    wsdl_name = "FlowCollectionProcessor"
    required: ClassVar[tuple[str, ...]] = (*Node.required, "collectionProcessorType", "collectionReference")
    assign_next_value_to_reference: str | None = None
    collection_processor_type: CollectionProcessorType | None = None
    collection_reference: str = ""
    condition_logic: str | None = None
    conditions: tuple[Condition, ...] = ()
    connector: Connector | None = None
    formula: str | None = None
    limit: int | None = None
    map_items: tuple[MapItem, ...] = ()
    output_sobject_type: str | None = field(default=None, metadata={"xml": "outputSObjectType"})
    sort_options: tuple[SortOption, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TransformInputParameter(Located):
    wsdl_name = "FlowTransformValueActionInputParameter"
    name: str = ""
    value: Value | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransformAction(Located):
    wsdl_name = "FlowTransformValueAction"
    ignored = frozenset({"name"})
    unsupported = frozenset({"actionName", "actionType", "actionVersionString"})
    required: ClassVar[tuple[str, ...]] = ("transformType",)
    assign_to_reference: str | None = None
    input_parameters: tuple[TransformInputParameter, ...] = ()
    output_field_api_name: str | None = None
    transform_type: TransformType | None = None
    value: Value | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransformValue(Located):
    wsdl_name = "FlowTransformValue"
    ignored = frozenset({"transformValueDescription", "transformValueLabel"})
    transform_value_actions: tuple[TransformAction, ...] = ()
    transform_value_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transform(Node):
    wsdl_name = "FlowTransform"
    unsupported = frozenset({"apexClass", "schemaUri"})
    connector: Connector | None = None
    data_type: DataType | None = None
    is_collection: bool = False
    object_type: str | None = None
    scale: int | None = None
    store_output_automatically: bool = False
    transform_values: tuple[TransformValue, ...] = ()
