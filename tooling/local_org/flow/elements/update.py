"""Update Records: the triggering record, records at hand, a related record, or all that filters find."""

from __future__ import annotations

from collections.abc import Sequence

from ...errors import error_class
from .. import costs
from ..faults import FlowFault
from ..frames import Frame, Read, Step
from ..host import Record, Selection
from ..model import RecordUpdate
from ..program.expressions import Criteria, Expressions
from ..records import FlowRecord
from ..scope import Root
from ..trace import SHOWN
from .data import DataStep, FieldValues, failed, prepared, records_of, selected, written


class AssignTriggeringRecordStep(Step):
    """Update Triggering Record before the save: it only writes into `$Record`."""

    kind = "RecordUpdate"
    cost = costs.ELEMENT
    __slots__ = ("_meets", "_values")

    def __init__(self, node: RecordUpdate, expressions: Expressions, sobject: str) -> None:
        super().__init__(node.name)
        self._values = FieldValues(node.input_assignments, sobject, expressions)
        self._meets = expressions.start_filters(node.filters, node.filter_logic)

    def go(self, frame: Frame) -> Step | None:
        values = self._values.of(frame) if self._meets(frame) else {}
        if frame.record is not None:
            frame.record.update(values)
        if frame.interview.trace is not None:
            frame.interview.trace.note(assigned=values)
        return self.next


class UpdateStep(DataStep):
    """Update of records at hand; the triggering record may be held to conditions ("Condition Requirements to Update Record")."""

    kind = "RecordUpdate"
    cost = costs.ELEMENT + costs.RECORD_WRITTEN
    __slots__ = ("_input", "_meets", "_related", "_single", "_sobject", "_values")

    def __init__(self, node: RecordUpdate, expressions: Expressions) -> None:
        super().__init__(node.name)
        reference = node.input_reference or ""
        target = expressions.target(reference)
        self._related = target.relationship is not None
        self._input: Read = expressions.read(reference, lenient=True)
        self._single = not target.kind.collection
        self._sobject = target.kind.sobject or node.object or ""
        self._values = FieldValues(node.input_assignments, self._sobject, expressions)
        self._meets = expressions.start_filters(node.filters, node.filter_logic)

    def perform(self, frames: Sequence[Frame]) -> list[str | None]:
        wanted, faults = prepared(frames, self._records)
        host = frames[0].host
        written(lambda records: host.update(self._sobject, records), wanted, "update", faults)
        _note(frames, wanted, self._sobject)
        return faults

    def _records(self, frame: Frame) -> list[Record]:
        if not self._meets(frame):
            return []
        assigned = self._values.of(frame)
        value = self._input(frame)
        if self._related:
            # "Update records related to": a record without that parent has nothing to update.
            return [] if value is None else [{"Id": value, **assigned}]
        records = records_of(value)
        if self._single and (not records or records[0].get("Id") is None):
            raise FlowFault(failed("update", error_class("MISSING_ARGUMENT")("Id not specified in an update call")))
        for record in records:
            for name, item in assigned.items():
                record.put(name, item)
        return [_changes(record) for record in records]


def _changes(record: FlowRecord) -> Record:
    return {"Id": record.get("Id"), **{name: record[name] for name in record if name in record.changed and name != "Id"}}


class UpdateFoundStep(DataStep):
    """Update of what filters find."""

    kind = "RecordUpdate"
    cost = costs.ELEMENT + costs.RECORD_WRITTEN
    __slots__ = ("_criteria", "_logic", "_sobject", "_values")

    def __init__(self, node: RecordUpdate, expressions: Expressions) -> None:
        super().__init__(node.name)
        found = expressions.scope.schema.get(node.object or "")
        self._sobject = found.name if found else node.object or ""
        self._criteria: Criteria = expressions.filters(node.filters, self._sobject)
        self._logic = node.filter_logic or "and"
        self._values = FieldValues(node.input_assignments, self._sobject, expressions)

    def perform(self, frames: Sequence[Frame]) -> list[str | None]:
        wanted, faults = prepared(frames, self._wanted)
        found = selected(frames, [selection for _, (selection, _) in wanted], "update")
        if isinstance(found, str):
            for position, _ in wanted:
                faults[position] = found
            return faults
        for (position, _), records in zip(wanted, found, strict=True):
            trace = frames[position].interview.trace
            if trace is not None:
                trace.read(len(records))
        groups = [
            (position, [{"Id": record["Id"], **values} for record in records])
            for (position, (_, values)), records in zip(wanted, found, strict=True)
        ]
        host = frames[0].host
        written(lambda records: host.update(self._sobject, records), groups, "update", faults)
        _note(frames, groups, self._sobject)
        return faults

    def _wanted(self, frame: Frame) -> tuple[Selection, Record]:
        return Selection(self._sobject, self._criteria(frame), self._logic, ("Id",)), self._values.of(frame)


def _note(frames: Sequence[Frame], groups: Sequence[tuple[int, list[Record]]], sobject: str) -> None:
    for position, records in groups:
        trace = frames[position].interview.trace
        if trace is not None:
            trace.wrote(len(records))
            trace.note(object=sobject, records=records[:SHOWN], count=len(records))


def update_step(node: RecordUpdate, expressions: Expressions, *, before_save: bool) -> Step:
    """The step of an Update element, by what it updates."""
    if not node.input_reference:
        return UpdateFoundStep(node, expressions)
    target = expressions.target(node.input_reference)
    if before_save and target.root is Root.RECORD and not target.fields:
        return AssignTriggeringRecordStep(node, expressions, target.kind.sobject or "")
    return UpdateStep(node, expressions)
