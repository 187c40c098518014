"""Get Records."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from .. import costs
from ..frames import Frame
from ..host import Record, Selection
from ..model import RecordLookup
from ..program.expressions import Expressions
from ..program.references import Write
from ..records import FlowRecord
from ..trace import SHOWN
from ..vocabulary import SortOrder
from .data import DataStep, prepared, selected


class LookupStep(DataStep):
    kind = "RecordLookup"
    cost = costs.ELEMENT + costs.RECORD_READ
    __slots__ = (
        "_criteria", "_descending", "_expressions", "_fields", "_keep", "_limit", "_logic", "_order", "_outputs", "_single", "_sobject",
        "_stores", "_write",
    )  # fmt: skip

    def __init__(self, node: RecordLookup, expressions: Expressions) -> None:
        super().__init__(node.name)
        found = expressions.scope.schema.get(node.object)
        self._sobject = found.name if found else node.object
        self._expressions = expressions
        self._criteria = expressions.filters(node.filters, self._sobject)
        self._logic = node.filter_logic or "and"
        self._order = _canonical(node.sort_field, expressions, self._sobject)
        self._descending = node.sort_order is SortOrder.DESC
        self._limit = expressions.value(node.limit).read if node.limit else None
        self._stores = node.store_output_automatically
        self._write: Write | None = expressions.write(node.output_reference) if node.output_reference else None
        self._outputs = [
            (_canonical(o.field, expressions, self._sobject) or o.field, expressions.write(o.assign_to_reference))
            for o in node.output_assignments
        ]
        into_one = node.output_reference is not None and not expressions.target(node.output_reference).kind.collection
        self._single = bool(node.get_first_record_only) or into_one or bool(node.output_assignments)
        self._keep = not node.assign_null_values_if_no_records_found
        self._fields = self._queried(node, expressions)

    def _queried(self, node: RecordLookup, expressions: Expressions) -> tuple[str, ...] | None:
        names = [*node.queried_fields, *(o.field for o in node.output_assignments)]
        if not names:
            return None
        canonical = [_canonical(name, expressions, self._sobject) or name for name in names]
        return tuple(dict.fromkeys(["Id", *canonical]))

    def perform(self, frames: Sequence[Frame]) -> list[str | None]:
        wanted, faults = prepared(frames, self._selection)
        found = selected(frames, [selection for _, selection in wanted])
        if isinstance(found, str):
            for position, _ in wanted:
                faults[position] = found
            return faults
        for (position, selection), records in zip(wanted, found, strict=True):
            frame = frames[position]
            self._store(frame, records)
            if frame.interview.trace is not None:
                frame.interview.trace.read(len(records))
                frame.interview.trace.note(
                    object=self._sobject,
                    filters=[f"{c.field} {c.operator}" for c in selection.criteria],
                    values=[c.value for c in selection.criteria],
                    found=len(records),
                    ids=[record.get("Id") for record in records[:SHOWN]],
                )
        frames[0].host.spend(costs.RECORD_READ * sum(len(records) for records in found))
        return faults

    def _selection(self, frame: Frame) -> Selection:
        limit = 1 if self._single else None
        if self._limit is not None:
            asked = self._limit(frame)
            limit = int(asked) if isinstance(asked, Decimal) else limit
        return Selection(self._sobject, self._criteria(frame), self._logic, self._fields, self._order, self._descending, limit)

    def _store(self, frame: Frame, records: Sequence[Record]) -> None:
        found = [FlowRecord(self._sobject, record) for record in records]
        if self._stores:
            # Nothing found: the output is null, also where all records were asked for.
            frame.values[self.name] = (found[0] if found else None) if self._single else (found or None)
            self._prefetch(frame, found)
        elif self._write is not None:
            if found or not self._keep:
                self._write(frame, (found[0] if found else None) if self._single else found)
        elif found:
            for field, write in self._outputs:
                write(frame, found[0].get(field))
        elif not self._keep:
            for _, write in self._outputs:
                write(frame, None)

    def _prefetch(self, frame: Frame, found: list[FlowRecord]) -> None:
        paths = self._expressions.paths.get(self.name)
        if paths and found and self._single:
            frame.host.prefetch(self._sobject, found, sorted(paths))


def _canonical(field: str | None, expressions: Expressions, sobject: str) -> str | None:
    found = expressions.scope.schema.get(sobject)
    known = found.field(field) if found and field else None
    return known.name if known else field
