"""Delete Records: records at hand, or what filters find."""

from __future__ import annotations

from collections.abc import Sequence

from ...errors import error_class
from .. import costs
from ..faults import FlowFault
from ..frames import Frame, Read
from ..host import Record, Selection
from ..model import RecordDelete
from ..program.expressions import Expressions
from ..trace import SHOWN
from .data import DataStep, failed, prepared, records_of, selected, written


class DeleteStep(DataStep):
    kind = "RecordDelete"
    cost = costs.ELEMENT + costs.RECORD_WRITTEN
    __slots__ = ("_criteria", "_input", "_logic", "_related", "_single", "_sobject")

    def __init__(self, node: RecordDelete, expressions: Expressions) -> None:
        super().__init__(node.name)
        self._input: Read | None = None
        self._single = self._related = False
        sobject = node.object or ""
        if node.input_reference:
            target = expressions.target(node.input_reference)
            sobject = target.kind.sobject or sobject
            self._single = not target.kind.collection
            self._related = target.relationship is not None
            self._input = expressions.read(node.input_reference, lenient=True)
        found = expressions.scope.schema.get(sobject)
        self._sobject = found.name if found else sobject
        self._criteria = expressions.filters(node.filters, self._sobject)
        self._logic = node.filter_logic or "and"

    def perform(self, frames: Sequence[Frame]) -> list[str | None]:
        if self._input is not None:
            wanted, faults = prepared(frames, self._at_hand)
        else:
            selections, faults = prepared(frames, self._selection)
            found = selected(frames, [selection for _, selection in selections], "delete")
            if isinstance(found, str):
                for position, _ in selections:
                    faults[position] = found
                return faults
            wanted = [(position, _ids(records)) for (position, _), records in zip(selections, found, strict=True)]
        host = frames[0].host
        written(lambda records: host.delete(self._sobject, [record["Id"] for record in records]), wanted, "delete", faults)
        for position, records in wanted:
            trace = frames[position].interview.trace
            if trace is not None:
                trace.wrote(len(records))
                trace.note(object=self._sobject, ids=[record["Id"] for record in records[:SHOWN]], count=len(records))
        return faults

    def _at_hand(self, frame: Frame) -> list[Record]:
        value = self._input(frame) if self._input is not None else None
        if self._related:
            return [] if value is None else [{"Id": value}]
        records = records_of(value)
        if self._single and (not records or records[0].get("Id") is None):
            raise FlowFault(failed("delete", error_class("MISSING_ARGUMENT")("Id not specified in a delete call")))
        return _ids(records)

    def _selection(self, frame: Frame) -> Selection:
        return Selection(self._sobject, self._criteria(frame), self._logic, ("Id",))


def _ids(records: Sequence[Record]) -> list[Record]:
    return [{"Id": record["Id"]} for record in records if record.get("Id") is not None]
