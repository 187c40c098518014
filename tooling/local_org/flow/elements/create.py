"""Create Records, and its upsert form."""

from __future__ import annotations

from collections.abc import Sequence

from .. import costs
from ..faults import unset
from ..frames import Frame, Read
from ..host import Record, Saved
from ..model import RecordCreate
from ..program.expressions import Expressions
from ..program.references import Write
from ..records import FlowRecord
from ..trace import SHOWN
from .data import DataStep, FieldValues, prepared, records_of, written


class CreateStep(DataStep):
    kind = "RecordCreate"
    cost = costs.ELEMENT + costs.RECORD_WRITTEN
    __slots__ = ("_all_or_none", "_creatable", "_input", "_key", "_reference", "_single", "_sobject", "_store", "_values", "_write_id")

    def __init__(self, node: RecordCreate, expressions: Expressions) -> None:
        super().__init__(node.name)
        self._input: Read | None = None
        self._reference = node.input_reference or ""
        self._single = True
        sobject = node.object or ""
        if node.input_reference:
            target = expressions.target(node.input_reference)
            sobject = target.kind.sobject or sobject
            self._single = not target.kind.collection
            self._input = expressions.read(node.input_reference)
        found = expressions.scope.schema.get(sobject)
        self._sobject = found.name if found else sobject
        self._creatable = frozenset(f.name for f in found.fields if f.createable) if found else frozenset()
        self._values = FieldValues(node.input_assignments, self._sobject, expressions)
        self._store = node.store_output_automatically
        self._write_id: Write | None = None
        if node.assign_record_id_to_reference:
            self._write_id = expressions.write(node.assign_record_id_to_reference)
        self._all_or_none = node.does_upsert_all_or_none
        self._key = (node.upsert_external_id_field or node.upsert_standard_id_field or "Id") if node.does_upsert else None

    def perform(self, frames: Sequence[Frame]) -> list[str | None]:
        wanted, faults = prepared(frames, self._records)
        host = frames[0].host

        def save(records: Sequence[Record]) -> list[Saved]:
            if self._key is None:
                return host.insert(self._sobject, records)
            groups = [position for position, group in wanted for _ in group] if self._all_or_none else []
            return host.upsert(self._sobject, records, self._key, groups)

        for position, saved in written(save, [(p, self._sent(group)) for p, group in wanted], "create", faults):
            self._keep_ids(frames[position], saved)
        for position, group in wanted:
            trace = frames[position].interview.trace
            if trace is not None:
                trace.wrote(len(group))
                trace.note(object=self._sobject, records=[dict(record) for record in group[:SHOWN]], count=len(group))
        return faults

    def _records(self, frame: Frame) -> list[FlowRecord]:
        if self._input is None:
            return [FlowRecord(self._sobject, self._values.of(frame))]
        value = self._input(frame)
        if value is None and self._single:
            raise unset(self._reference)
        return records_of(value)

    def _sent(self, group: list[FlowRecord]) -> list[Record]:
        """A record that was read carries system fields: only what can be created, or was set by the flow, goes out."""
        if self._input is None:
            return [dict(record) for record in group]
        keep_id = self._key is not None
        return [
            {
                name: value
                for name, value in record.items()
                if (name in self._creatable or name in record.changed) and (keep_id or name != "Id")
            }
            for record in group
        ]

    def _keep_ids(self, frame: Frame, saved: Sequence[Saved]) -> None:
        if self._input is not None:
            for record, result in zip(records_of(self._input(frame)), saved, strict=True):
                if result.id is not None:
                    record["Id"] = result.id
        ids = [result.id for result in saved]
        if self._store:
            frame.values[self.name] = ids[0] if ids else None
        if self._write_id is not None and ids:
            self._write_id(frame, ids[0])
        if frame.interview.trace is not None:
            frame.interview.trace.note(ids=ids[:SHOWN])
