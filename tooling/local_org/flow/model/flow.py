"""Start, resources and the flow itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from typing import ClassVar

from ..vocabulary import DataType, Frequency, OffsetUnit, PathType, RecordTriggerType, RunInMode, Status, TimeSource, TriggerType
from .base import Connector, Element, FlowProblem, Located, Node, RecordFilter, Value
from .elements import (
    ActionCall,
    Assignment,
    CollectionProcessor,
    CustomError,
    Decision,
    Loop,
    RecordCreate,
    RecordDelete,
    RecordLookup,
    RecordRollback,
    RecordUpdate,
    Subflow,
    Transform,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule(Located):
    wsdl_name = "FlowSchedule"
    day_of_month_to_run: int | None = None
    days_of_week_to_run: str | None = None
    end_date: date | None = None
    end_time: time | None = None
    frequency: Frequency | None = None
    frequency_number: int | None = None
    start_date: date | None = None
    start_time: time | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledPath(Element):
    wsdl_name = "FlowScheduledPath"
    connector: Connector | None = None
    label: str | None = None
    max_batch_size: int | None = None
    offset_number: int | None = None
    offset_unit: OffsetUnit | None = None
    path_type: PathType | None = None
    record_field: str | None = None
    time_source: TimeSource | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Start(Node):
    wsdl_name = "FlowStart"
    required: ClassVar[tuple[str, ...]] = ("locationX", "locationY")
    ignored = frozenset({"processMetadataValues", "elementSubtype", "group", "entryType", "flowRunAsUser", "versionString"})
    unsupported = frozenset(
        {
            "activation",
            "activationTemplate",
            "capabilityTypes",
            "conditionLogic",
            "conditions",
            "dataGraph",
            "dataTypeMappings",
            "eventName",
        }
        | {"eventType", "fanOutAction", "form", "individualObjectRelatedField", "inputs", "isAsync", "objectContainer", "publishSegment"}
        | {
            "prioritizedContactPointsList",
            "segment",
            "sendMsgToOneContactPtPerIndv",
            "triggeringDataGraph",
            "triggeringDataModelObjectPath",
        }
    )
    connector: Connector | None = None
    does_require_record_changed_to_meet_criteria: bool = False
    filter_formula: str | None = None
    filter_logic: str | None = None
    filters: tuple[RecordFilter, ...] = ()
    max_batch_size: int | None = None
    object: str | None = None
    record_trigger_type: RecordTriggerType | None = None
    schedule: Schedule | None = None
    scheduled_paths: tuple[ScheduledPath, ...] = ()
    trigger_type: TriggerType | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable(Element):
    wsdl_name = "FlowVariable"
    required: ClassVar[tuple[str, ...]] = ("name", "dataType")
    unsupported = frozenset({"apexClass"})
    data_type: DataType = DataType.STRING
    is_collection: bool = False
    is_input: bool = False
    is_output: bool = False
    object_type: str | None = None
    scale: int | None = None
    value: Value | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant(Element):
    wsdl_name = "FlowConstant"
    required: ClassVar[tuple[str, ...]] = ("name", "dataType")
    data_type: DataType = DataType.STRING
    value: Value | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FormulaResource(Element):
    wsdl_name = "FlowFormula"
    required: ClassVar[tuple[str, ...]] = ("name", "expression")
    data_type: DataType | None = None
    expression: str = ""
    scale: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TextTemplate(Element):
    wsdl_name = "FlowTextTemplate"
    required: ClassVar[tuple[str, ...]] = ("name", "text")
    is_viewed_as_plain_text: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow(Located):
    """A flow version. `full_name` is the file's name; `problems` is what was wrong with the file itself."""

    wsdl_name = "Flow"
    required: ClassVar[tuple[str, ...]] = ("label",)
    ignored = frozenset(
        {"areMetricsLoggedToDataCloud", "customProperties", "environments", "isAdditionalPermissionRequiredToRun", "isOverridable"}
        | {"isTemplate", "migratedFromWorkflowRuleName", "overriddenFlow", "processMetadataValues", "sourceTemplate", "dataSpace"}
        | {"collectionFilterCriteria", "groups", "fullName"}
    )
    unsupported = frozenset(
        {"apexPluginCalls", "choices", "dynamicChoiceSets", "exitRules", "experiments", "orchestratedStages", "screens", "stages", "steps"}
        | {"waits"}
    )
    full_name: str = field(default="", metadata={"xml": ""})
    problems: tuple[FlowProblem, ...] = field(default=(), metadata={"xml": ""})
    action_calls: tuple[ActionCall, ...] = ()
    api_version: Decimal | None = None
    assignments: tuple[Assignment, ...] = ()
    collection_processors: tuple[CollectionProcessor, ...] = ()
    constants: tuple[Constant, ...] = ()
    custom_errors: tuple[CustomError, ...] = ()
    decisions: tuple[Decision, ...] = ()
    description: str = ""
    formulas: tuple[FormulaResource, ...] = ()
    interview_label: str = ""
    label: str = ""
    loops: tuple[Loop, ...] = ()
    process_type: str = "AutoLaunchedFlow"
    record_creates: tuple[RecordCreate, ...] = ()
    record_deletes: tuple[RecordDelete, ...] = ()
    record_lookups: tuple[RecordLookup, ...] = ()
    record_rollbacks: tuple[RecordRollback, ...] = ()
    record_updates: tuple[RecordUpdate, ...] = ()
    run_in_mode: RunInMode | None = None
    start: Start | None = None
    start_element_reference: str | None = None
    status: Status = Status.DRAFT
    subflows: tuple[Subflow, ...] = ()
    text_templates: tuple[TextTemplate, ...] = ()
    time_zone_sid_key: str | None = None
    transforms: tuple[Transform, ...] = ()
    trigger_order: int | None = None
    variables: tuple[Variable, ...] = ()

    def nodes(self) -> Iterator[Node]:
        """Every element of the canvas but start, in file order of their types."""
        for group in (
            self.action_calls, self.assignments, self.collection_processors, self.custom_errors, self.decisions, self.loops,
            self.record_creates, self.record_deletes, self.record_lookups, self.record_rollbacks, self.record_updates, self.subflows,
            self.transforms,
        ):  # fmt: skip
            yield from group

    def resources(self) -> Iterator[Element]:
        """Variables, constants, formulas, text templates."""
        for group in (self.variables, self.constants, self.formulas, self.text_templates):
            yield from group

    @property
    def trigger_type(self) -> TriggerType | None:
        return self.start.trigger_type if self.start else None

    @property
    def record_triggered(self) -> bool:
        return self.trigger_type in _RECORD_TRIGGERS

    @property
    def trigger_object(self) -> str | None:
        """The sObject that `$Record` is of: record-triggered flows, and schedule-triggered ones that name an object."""
        if self.start is None or not (self.record_triggered or self.trigger_type is TriggerType.SCHEDULED):
            return None
        return self.start.object


_RECORD_TRIGGERS = frozenset({TriggerType.RECORD_BEFORE_SAVE, TriggerType.RECORD_AFTER_SAVE, TriggerType.RECORD_BEFORE_DELETE})


def connectors(node: Located) -> Iterator[tuple[str, Connector]]:
    """Every way out of an element: the metadata name of the connector (`connector`, `faultConnector`, an outcome's name …) and itself."""
    if isinstance(node, Decision):
        for rule in node.rules:
            if rule.connector:
                yield rule.name, rule.connector
        if node.default_connector:
            yield "defaultConnector", node.default_connector
    elif isinstance(node, Loop):
        if node.next_value_connector:
            yield "nextValueConnector", node.next_value_connector
        if node.no_more_values_connector:
            yield "noMoreValuesConnector", node.no_more_values_connector
    else:
        connector: Connector | None = getattr(node, "connector", None)
        if connector:
            yield "connector", connector
        fault: Connector | None = getattr(node, "fault_connector", None)
        if fault:
            yield "faultConnector", fault
        if isinstance(node, Start):
            for path in node.scheduled_paths:
                if path.connector:
                    yield path.name, path.connector
