"""Flow formulas: the formula compiler's names and values, seen from a flow."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import Any

from ...formula import Context, FormulaRuntimeError, Reference, Type, compile_formula, type_of_field
from ..faults import FlowFault
from ..frames import Frame, Read
from ..kinds import Kind, coercer
from ..scope import Root, Scope, Target, UnknownReference
from ..vocabulary import DataType

TYPES: dict[DataType, Type] = {
    DataType.STRING: Type.TEXT,
    DataType.PICKLIST: Type.TEXT,
    DataType.MULTIPICKLIST: Type.TEXT,
    DataType.NUMBER: Type.NUMBER,
    DataType.CURRENCY: Type.NUMBER,
    DataType.BOOLEAN: Type.BOOLEAN,
    DataType.DATE: Type.DATE,
    DataType.DATE_TIME: Type.DATETIME,
    DataType.TIME: Type.TIME,
}


class FlowNames:
    """Resolves a formula's references in a flow, and makes their readers on the way."""

    def __init__(self, scope: Scope, reader: Callable[[Target], Read]) -> None:
        self._scope = scope
        self._reader = reader
        self.readers: dict[tuple[str, ...], Read] = {}
        self.prior_readers: dict[tuple[str, ...], Read] = {}

    def find(self, path: tuple[str, ...]) -> Reference | None:
        try:
            target = self._scope.find(".".join(path))
        except UnknownReference:
            return None
        kind = target.kind
        if kind.collection or target.relationship is not None or kind.data_type not in TYPES:
            return None
        self.readers[target.path] = self._reader(target)
        if target.root is Root.RECORD:
            prior = Target(Root.PRIOR, target.path, kind, target.root_kind)
            self.prior_readers[target.path] = self._reader(prior)
        field = kind.field
        if field is None:
            return Reference(target.path, TYPES[kind.data_type], str(target))
        return Reference(
            target.path, type_of_field(field), field.label,
            percent=field.type == "percent", long_text=field.is_long_text, calculated=field.calculated,
        )  # fmt: skip


class FlowValues:
    """A frame as formulas see it."""

    __slots__ = ("frame", "names")

    def __init__(self, names: FlowNames, frame: Frame) -> None:
        self.names = names
        self.frame = frame

    def value(self, path: tuple[str, ...]) -> Any:
        return self.names.readers[path](self.frame)

    def prior(self, path: tuple[str, ...]) -> Any:
        read = self.names.prior_readers.get(path)
        return None if read is None else read(self.frame)

    @property
    def is_new(self) -> bool:
        return self.frame.is_new

    @property
    def now(self) -> datetime:
        return self.frame.host.now()

    @property
    def time_zone(self) -> tzinfo:
        return self.frame.zone

    def look_up(self, *arguments: Any) -> Any:
        """VLOOKUP is for validation rules only; the compiler has refused it."""
        raise FlowFault("VLOOKUP isn't available in flows.")


def compile_flow_formula(source: str, names: FlowNames, kind: Kind, name: str, *, entry: bool = False) -> Read:
    """A reader of a formula's result, rounded to the kind's scale if it has one.

    Raises:
        FormulaError: the formula does not compile.
    """
    context = Context.ENTRY if entry else Context.FLOW
    formula = compile_formula(source, names, result=TYPES[kind.data_type], context=context)
    fit = coercer(kind) if kind.scale is not None else None
    evaluate = formula.evaluate

    def of(frame: Frame) -> Any:
        try:
            result = evaluate(FlowValues(names, frame))
        except FormulaRuntimeError as error:
            raise FlowFault(f'The formula "{name}" couldn\'t be evaluated: {error}') from None
        return result if fit is None else fit(result, frame.zone)

    return of
