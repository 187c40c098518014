"""Compiles whatever an element mentions: references, values, texts, formulas, conditions, filters."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..frames import Frame, Read, Test
from ..host import Criterion
from ..kinds import TEXT, Kind
from ..model import Condition, Constant, FormulaResource, RecordFilter, TextTemplate, Value
from ..scope import EACH_ITEM, Root, Scope, Target
from ..text import merge_fields, pieces, shown
from ..vocabulary import ComparisonOperator, DataType
from .conditions import TOLERANT, compare
from .formulas import FlowNames, compile_flow_formula
from .logic import combine
from .operands import NOTHING, Operand, constant, literal
from .references import Write, read, write

Criteria = Callable[[Frame], tuple[Criterion, ...]]


@dataclass(frozen=True, slots=True)
class CompiledCondition:
    """A test, with what a trace needs to say why it came out as it did."""

    test: Test
    text: str
    left: Read
    right: Read


class Expressions:
    """The names of one flow, and the functions compiled from them so far."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.paths: dict[str, set[tuple[str, ...]]] = {}
        """Field paths that leave a record, by the resource (`$Record`, a loop …) they start at: what to prefetch."""
        self._resources: dict[str, Read] = {}
        self._names = FlowNames(scope, lambda target: self._reader(target, lenient=True))

    def target(self, reference: str) -> Target:
        return self.scope.find(reference)

    def read(self, reference: str, *, lenient: bool = False) -> Read:
        """
        Raises:
            UnknownReference: it leads nowhere.
        """
        return self._reader(self.scope.find(reference), lenient=lenient)

    def _reader(self, target: Target, *, lenient: bool) -> Read:
        field = target.kind.field
        if target.fields and (len(target.fields) > 1 or (field is not None and field.calculated)):
            self.paths.setdefault(target.name, set()).add(target.fields)
        return read(target, self.resource, lenient=lenient)

    def write(self, reference: str) -> Write:
        """
        Raises:
            UnknownReference: it leads nowhere.
        """
        return write(self.scope.find(reference))

    def resource(self, name: str) -> Read:
        """A constant, formula or text template, compiled at first use."""
        found = self._resources.get(name)
        if found is None:
            found = self._resources[name] = self._compiled(name)
        return found

    def _compiled(self, name: str) -> Read:
        element = self.scope.element(name)
        if isinstance(element, Constant):
            value = literal(element.value) if element.value else None
            return lambda frame: value
        if isinstance(element, FormulaResource):
            data_type = element.data_type or DataType.STRING
            numeric = data_type in (DataType.NUMBER, DataType.CURRENCY)
            return self.formula(element.expression, Kind(data_type, scale=element.scale if numeric else None), element.name)
        if isinstance(element, TextTemplate):
            return self.text(element.text)
        raise KeyError(name)

    def formula(self, source: str, kind: Kind, name: str, *, entry: bool = False) -> Read:
        """
        Raises:
            FormulaError: it does not compile.
        """
        return compile_flow_formula(source, self._names, kind, name, entry=entry)

    def text(self, text: str) -> Read:
        """A text with its merge fields filled in."""
        parts: list[Read] = []
        for piece, is_reference in pieces(text):
            parts.append(_shown(self.read(piece)) if is_reference else constant(piece).read)
        if len(parts) == 1:
            return parts[0]
        return lambda frame: "".join([part(frame) for part in parts])

    def value(self, value: Value | None, kind: Kind | None = None) -> Operand:
        """What metadata gives as a value; `kind` is the type that a formula in it must have if it names none."""
        if value is None:
            return NOTHING
        if value.element_reference is not None:
            target = self.scope.find(value.element_reference)
            if target.root is Root.CONSTANT_GLOBAL:
                return constant(self._reader(target, lenient=False)(None))  # type: ignore[arg-type]
            return Operand(self._reader(target, lenient=False))
        if value.formula_expression is not None:
            wanted = Kind(value.formula_data_type) if value.formula_data_type else Kind((kind or TEXT).data_type)
            return Operand(self.formula(value.formula_expression, wanted, "formula"))
        if value.string_value is not None and next(merge_fields(value.string_value), None) is not None:
            return Operand(self.text(value.string_value))
        return constant(literal(value))

    def condition(self, condition: Condition) -> CompiledCondition:
        """
        Raises:
            UnknownReference: a side of it leads nowhere.
        """
        reference = condition.left_value_reference or ""
        target = self.scope.find(reference)
        operator = condition.operator.value
        right = self.value(condition.right_value, target.kind)
        left = self._reader(target, lenient=operator in TOLERANT and len(target.fields) <= 1)
        if operator == "IsChanged":
            test = self._changed(target, right)
        elif operator in ("WasVisited", "WasSet", "HasError"):
            test = _passed(operator, target.name, left, right)
        else:
            test = compare(operator, left, target.kind, right)
        return CompiledCondition(test, f"{reference} {operator}", left, right.read)

    def _changed(self, target: Target, right: Operand) -> Test:
        now = self._reader(target, lenient=True)
        before = self._reader(Target(Root.PRIOR, target.path, target.kind, target.root_kind), lenient=True)

        def changed(frame: Frame) -> bool:
            # Nothing has changed in a record that is being created, as ISCHANGED has it; no vendor page says so for this operator.
            is_changed = frame.prior is not None and now(frame) != before(frame)
            return is_changed is (right.read(frame) is not False)

        return changed

    def filters(self, filters: Sequence[RecordFilter], sobject: str) -> Criteria:
        """The filter lines of a data element with their right sides evaluated per frame."""
        lines: list[tuple[str, str, Operand]] = []
        for item in filters:
            found = self.scope.schema.get(sobject)
            field = found.field(item.field) if found else None
            lines.append((field.name if field else item.field, item.operator.value, self.value(item.value)))
        if all(operand.constant for _, _, operand in lines):
            fixed = tuple(Criterion(field, operator, operand.value) for field, operator, operand in lines)
            return lambda frame: fixed
        return lambda frame: tuple(Criterion(field, operator, operand.read(frame)) for field, operator, operand in lines)

    def start_filters(self, filters: Sequence[RecordFilter], logic: str | None) -> Test:
        """Entry conditions: filters over `$Record`."""
        return combine(logic, [condition.test for condition in self.start_conditions(filters)])

    def start_conditions(self, filters: Sequence[RecordFilter]) -> list[CompiledCondition]:
        return [self.condition(_of_the_record(item)) for item in filters]


def _of_the_record(item: RecordFilter) -> Condition:
    operator = ComparisonOperator(item.operator.value)
    return Condition(left_value_reference=f"$Record.{item.field}", operator=operator, right_value=item.value)


def _shown(reading: Read) -> Read:
    return lambda frame: shown(reading(frame), frame.zone)


def _passed(operator: str, name: str, left: Read, right: Operand) -> Test:
    def holds(frame: Frame) -> bool:
        if operator == "WasVisited":
            state = name in frame.visited
        elif operator == "HasError":
            state = name in frame.faulted
        else:
            state = left(frame) is not None
        return state is (right.read(frame) is not False)

    return holds


def each_item(reference: str) -> str | None:
    """The collection that an `[$EachItem]` reference walks through."""
    head = reference.split(".", 1)[0]
    return head.removesuffix(EACH_ITEM) if head.endswith(EACH_ITEM) else None
