"""What the elements that read or write records share: one host call for all interviews, faults in Salesforce's words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from ...errors import LimitExceeded, OrgError, RolledBackWithOthers
from ..faults import FlowFault, NotCompatible
from ..frames import Frame, Step
from ..host import Record, Saved, Selection
from ..kinds import Coercer, coercer, kind_of_field
from ..model import InputFieldAssignment
from ..program.expressions import Expressions
from ..program.operands import Operand
from ..records import FlowRecord

T = TypeVar("T")


class DataStep(Step):
    """An element at which interviews wait for each other."""

    waits = True
    __slots__ = ()


def failed(verb: str, error: OrgError) -> str:
    """The fault of a data element. Source of the wording: restforce issue 624, declarative-lookup-rollup-summaries issue 1035."""
    return (
        f"This error occurred when the flow tried to {verb} records: {error.code}: {error.message}. "
        "You can look up ExceptionCode values in the SOAP API Developer Guide."
    )


def prepared(frames: Sequence[Frame], prepare: Callable[[Frame], T]) -> tuple[list[tuple[int, T]], list[str | None]]:
    """What each frame wants, by its position, and the faults of those that could not say."""
    wanted: list[tuple[int, T]] = []
    faults: list[str | None] = [None] * len(frames)
    for position, frame in enumerate(frames):
        try:
            wanted.append((position, prepare(frame)))
        except FlowFault as fault:
            faults[position] = str(fault)
    return wanted, faults


def selected(frames: Sequence[Frame], selections: Sequence[Selection], verb: str = "look up") -> list[list[Record]] | str:
    """The records of each selection, or the fault all of them share."""
    if not selections:
        return []
    try:
        return frames[0].host.select(selections)
    except LimitExceeded:
        raise
    except OrgError as error:
        return failed(verb, error)


def written(
    call: Callable[[Sequence[Record]], list[Saved]], wanted: Sequence[tuple[int, list[Record]]], verb: str, faults: list[str | None]
) -> list[tuple[int, list[Saved]]]:
    """Writes the records of all frames by one call. A frame of which one record was refused gets the fault of the first."""
    records = [record for _, group in wanted for record in group]
    try:
        saved = call(records) if records else []
    except LimitExceeded:
        raise
    except OrgError as error:
        for position, _ in wanted:
            faults[position] = failed(verb, error)
        return []
    results: list[tuple[int, list[Saved]]] = []
    begin = 0
    for position, group in wanted:
        mine = saved[begin : begin + len(group)]
        begin += len(group)
        errors = [s.error for s in mine if s.error is not None]
        if errors:
            # What was rolled back because of another record says less than that record's own error.
            faults[position] = failed(verb, next((e for e in errors if not isinstance(e, RolledBackWithOthers)), errors[0]))
        results.append((position, mine))
    return results


class FieldValues:
    """The `inputAssignments` of an element: fields of one sObject and what they are set to."""

    __slots__ = ("_fields",)

    def __init__(self, assignments: Sequence[InputFieldAssignment], sobject: str, expressions: Expressions) -> None:
        found = expressions.scope.schema.get(sobject)
        self._fields: list[tuple[str, Operand, Coercer]] = []
        for item in assignments:
            field = found.field(item.field) if found else None
            if field is None:
                continue
            kind = kind_of_field(field)
            self._fields.append((field.name, expressions.value(item.value, kind), coercer(kind)))

    def of(self, frame: Frame) -> Record:
        values: Record = {}
        for name, operand, fit in self._fields:
            value = operand.read(frame)
            try:
                values[name] = fit(value, frame.zone)
            except NotCompatible as error:
                raise FlowFault(f"The flow failed to assign a value to {name}: {error}.") from None
        return values

    def __bool__(self) -> bool:
        return bool(self._fields)


def records_of(value: Any) -> list[FlowRecord]:
    """The records of a record variable or a record collection."""
    if value is None:
        return []
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, FlowRecord)]
