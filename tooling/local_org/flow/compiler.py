"""Flow to program: every element compiled once, then wired to the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..schema.types import Schema
from .elements.action import ActionStep
from .elements.assignment import AssignmentStep
from .elements.collection import collection_step
from .elements.create import CreateStep
from .elements.custom_error import CustomErrorStep
from .elements.decision import DecisionStep, explained, newly
from .elements.delete import DeleteStep
from .elements.lookup import LookupStep
from .elements.loop import LoopStep
from .elements.subflow import SubflowStep
from .elements.transform import TransformStep
from .elements.update import update_step
from .faults import FlowFault
from .frames import Frame, Program, Read, Step, Test, Trigger, VariableSlot
from .host import Host
from .kinds import BOOLEAN, Coercer, coercer
from .model import (
    ActionCall,
    Assignment,
    CollectionProcessor,
    CustomError,
    Decision,
    Flow,
    Loop,
    Node,
    RecordCreate,
    RecordDelete,
    RecordLookup,
    RecordUpdate,
    Subflow,
    Transform,
    Variable,
)
from .nesting import program_starts, set_inner_loops
from .program.expressions import Expressions
from .scope import Scope, flow_named, kind_of_variable
from .vocabulary import PathType, TriggerType


def compile_flow(flow: Flow, schema: Schema, flows: Mapping[str, Flow]) -> Program:
    """A program of a flow that `check_flow` found nothing wrong with; subflows are compiled when they are first called.

    Raises:
        ValueError: the flow has an element that does not run here.
        UnknownReference, FormulaError: the flow was not checked.
    """
    return _Compiler(schema, flows).program(flow)


class _Compiler:
    def __init__(self, schema: Schema, flows: Mapping[str, Flow]) -> None:
        self._schema = schema
        self._flows = flows
        self._programs: dict[str, Program] = {}

    def program(self, flow: Flow) -> Program:
        found = self._programs.get(flow.full_name)
        if found is not None:
            return found
        program = self._programs[flow.full_name] = Program(flow)
        expressions = Expressions(Scope(flow, self._schema, self._flows))
        sobject = self._schema.get(flow.trigger_object or "")
        program.sobject = sobject.name if sobject else None
        program.entry = _entry(flow, expressions)
        program.explain_entry = _explanation(flow, expressions)
        if flow.start is not None and flow.trigger_type is TriggerType.SCHEDULED and flow.start.filters:
            program.criteria = expressions.filters(flow.start.filters, program.sobject or "")
        program.entry_paths = tuple(sorted(expressions.paths.pop("$Record", set())))
        steps: dict[str, Step] = {}
        for node in flow.nodes():
            step = steps[node.name.lower()] = self._step(node, expressions, before_save=program.before_save)
            step.label = node.label or node.name
        for node in flow.nodes():
            _wire(node, steps)
        set_inner_loops(steps, program_starts(flow))
        _start(flow, program, steps)
        program.variables = [_slot(variable, expressions) for variable in flow.variables]
        for resource in (*flow.formulas, *flow.text_templates, *flow.constants):
            expressions.resource(resource.name)
        program.record_paths = tuple(sorted(expressions.paths.get("$Record", set())))
        return program

    def _called(self, name: str) -> Program | None:
        flow = flow_named(self._flows, name)
        return self.program(flow) if flow is not None else None

    def _step(self, node: Node, expressions: Expressions, *, before_save: bool) -> Step:
        match node:
            case Assignment():
                return AssignmentStep(node, expressions)
            case Decision():
                return DecisionStep(node, expressions)
            case Loop():
                return LoopStep(node, expressions)
            case RecordLookup():
                return LookupStep(node, expressions)
            case RecordCreate():
                return CreateStep(node, expressions)
            case RecordUpdate():
                return update_step(node, expressions, before_save=before_save)
            case RecordDelete():
                return DeleteStep(node, expressions)
            case Subflow():
                return SubflowStep(node, expressions, self._called)
            case ActionCall():
                return ActionStep(node, expressions)
            case CollectionProcessor():
                return collection_step(node, expressions)
            case Transform():
                return TransformStep(node, expressions)
            case CustomError():
                return CustomErrorStep(node, expressions)
        raise ValueError(f"{node.wsdl_name} ({node.name}) does not run in the local org")


def _wire(node: Node, steps: Mapping[str, Step]) -> None:
    step = steps[node.name.lower()]
    step.next = _target(getattr(node, "connector", None), steps)
    step.fault = _target(getattr(node, "fault_connector", None), steps)
    if isinstance(node, Decision):
        step.next = _target(node.default_connector, steps)
    elif isinstance(node, Loop):
        step.next = _target(node.no_more_values_connector, steps)
    for connector, target in step.targets().items():
        if isinstance(step, DecisionStep | LoopStep):
            step.wire(connector, steps.get(target.lower()))


def _target(connector: object, steps: Mapping[str, Step]) -> Step | None:
    name = getattr(connector, "target_reference", None)
    return steps.get(name.lower()) if name else None


def _start(flow: Flow, program: Program, steps: Mapping[str, Step]) -> None:
    if flow.start is None:
        program.first = steps.get((flow.start_element_reference or "").lower())
        return
    program.first = _target(flow.start.connector, steps) or steps.get((flow.start_element_reference or "").lower())
    program.scheduled_paths = tuple(path for path in flow.start.scheduled_paths if path.connector)
    for path in program.scheduled_paths:
        first = _target(path.connector, steps)
        if first is not None:
            program.paths[path_name(path.name, path.path_type)] = first


def path_name(name: str, path_type: PathType | None) -> str:
    """The name a path is run by; the one that runs after commit may have none."""
    return name or (path_type.value if path_type else "")


def _slot(variable: Variable, expressions: Expressions) -> VariableSlot:
    kind = kind_of_variable(variable, expressions.scope.schema)
    default: Read | None = None
    if variable.value is not None:
        read, fit = expressions.value(variable.value, kind).read, coercer(kind)
        default = _fitted(read, fit)
    return VariableSlot(variable.name, kind, default, variable.is_input, variable.is_output)


def _fitted(read: Read, fit: Coercer) -> Read:
    return lambda frame: fit(read(frame), frame.zone)


def _entry(flow: Flow, expressions: Expressions) -> Callable[[Host, Trigger], bool] | None:
    start = flow.start
    if start is None or not (start.filters or start.filter_formula):
        return None
    if start.filter_formula:
        met = _formula_test(expressions.formula(start.filter_formula, BOOLEAN, "filterFormula", entry=True))
    else:
        met = expressions.start_filters(start.filters, start.filter_logic)
    test = newly(met) if start.does_require_record_changed_to_meet_criteria and flow.record_triggered else met
    blank = Program(flow)
    return lambda host, trigger: test(Frame(blank, host, trigger.record, trigger.prior, trigger.is_new))


def _explanation(flow: Flow, expressions: Expressions) -> Callable[[Frame], list[dict[str, Any]]] | None:
    start = flow.start
    if start is None or not flow.record_triggered:
        return None
    if start.filter_formula:
        formula = start.filter_formula
        return lambda frame: [{"condition": formula, "met": True}]
    conditions = expressions.start_conditions(start.filters)
    return (lambda frame: [explained(condition, frame) for condition in conditions]) if conditions else None


def _formula_test(read: Read) -> Test:
    def test(frame: Frame) -> bool:
        try:
            return read(frame) is True
        except FlowFault:
            # What an entry formula without a value does to the save is nowhere stated: here the flow does not start.
            return False

    return test
