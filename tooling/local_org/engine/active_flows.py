"""The active flows of the metadata, by sObject and moment, compiled on first use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from ..flow import Flow, Program, compile_flow
from ..flow.vocabulary import FilterOperator, PathType, RecordTriggerType, TriggerType
from ..schema.types import Schema
from .metadata import OrgMetadata

_WITHOUT_ORDER = 1000.5
"""Flows without a trigger order are said to run between 1000 and 1001, in the order of their creation (not stated by a vendor page)."""


@dataclass(frozen=True)
class ActiveFlow:
    name: str
    number: int
    flow: Flow
    schema: Schema
    flows: Mapping[str, Flow]

    @cached_property
    def program(self) -> Program:
        return compile_flow(self.flow, self.schema, self.flows)

    @property
    def label(self) -> str:
        return self.flow.label or self.name

    @property
    def runs_at_once(self) -> bool:
        """Whether anything is connected to start itself, not only to its paths."""
        return (self.flow.start is not None and self.flow.start.connector is not None) or self.flow.start_element_reference is not None

    @property
    def has_paths(self) -> bool:
        return bool(self.program.scheduled_paths)

    @cached_property
    def has_timed_paths(self) -> bool:
        return any(path.path_type is not PathType.ASYNC_AFTER_COMMIT for path in self.program.scheduled_paths)

    @cached_property
    def date_fields(self) -> Mapping[str, str]:
        """The date or datetime fields that scheduled paths count from, by path."""
        return {path.name: path.record_field for path in self.program.scheduled_paths if path.record_field}

    @cached_property
    def asks_for_change(self) -> bool:
        """Whether the entry criteria speak of a change, so that they cannot be asked again later."""
        start = self.flow.start
        if start is None:
            return False
        formula = (start.filter_formula or "").upper()
        changed = any(line.operator is FilterOperator.IS_CHANGED for line in start.filters)
        return changed or any(word in formula for word in ("ISCHANGED", "ISNEW", "PRIORVALUE", "$RECORD__PRIOR"))

    def fires_on(self, *, insert: bool) -> bool:
        trigger = self.flow.start.record_trigger_type if self.flow.start else None
        wanted = RecordTriggerType.CREATE if insert else RecordTriggerType.UPDATE
        return trigger in (wanted, RecordTriggerType.CREATE_AND_UPDATE)


class ActiveFlows:
    """Record-triggered and schedule-triggered flows of one metadata version."""

    def __init__(self, metadata: OrgMetadata) -> None:
        models = {name: version.flow for name, version in metadata.flows.items() if version.active}
        self._by_name = {
            name: ActiveFlow(name, version.number, version.flow, metadata.schema, models)
            for name, version in metadata.flows.items()
            if version.active
        }
        self._by_trigger: dict[tuple[TriggerType, str], list[ActiveFlow]] = {}
        created = {name: position for position, (kind, name) in enumerate(metadata.components) if kind == "Flow"}
        for active in sorted(self._by_name.values(), key=lambda active: (_order(active), created.get(active.name, 0))):
            trigger, sobject = active.flow.trigger_type, active.flow.trigger_object
            if trigger is not None:
                self._by_trigger.setdefault((trigger, (sobject or "").lower()), []).append(active)

    def get(self, name: str) -> ActiveFlow | None:
        return self._by_name.get(name)

    def before_save(self, sobject: str, *, insert: bool) -> list[ActiveFlow]:
        return self._on_save(TriggerType.RECORD_BEFORE_SAVE, sobject, insert=insert)

    def after_save(self, sobject: str, *, insert: bool) -> list[ActiveFlow]:
        return self._on_save(TriggerType.RECORD_AFTER_SAVE, sobject, insert=insert)

    def before_delete(self, sobject: str) -> list[ActiveFlow]:
        return self._by_trigger.get((TriggerType.RECORD_BEFORE_DELETE, sobject.lower()), [])

    def scheduled(self) -> Iterable[ActiveFlow]:
        return [active for active in self._by_name.values() if active.flow.trigger_type is TriggerType.SCHEDULED]

    def _on_save(self, trigger: TriggerType, sobject: str, *, insert: bool) -> list[ActiveFlow]:
        return [active for active in self._by_trigger.get((trigger, sobject.lower()), ()) if active.fires_on(insert=insert)]


def _order(active: ActiveFlow) -> float:
    order = active.flow.trigger_order
    return _WITHOUT_ORDER if order is None else float(order)
