"""Everything a transaction works with, in one place; what is compiled from the metadata is replaced as a whole after a deploy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from functools import cached_property
from typing import Any

from ..errors import InvalidField, OrgError, error_class
from ..schema.types import Field, SObject
from ..store import Store
from .access import Access
from .active_flows import ActiveFlows
from .clock import Clock
from .duplicate_rules import DuplicateRule, UnsupportedRuleError, duplicate_rules
from .formula_fields import FieldFormula, FormulaFields
from .global_values import GlobalValues
from .metadata import OrgMetadata
from .object_rules import ObjectRules, compile_rules
from .outbox import Outbox
from .query import QueryEngine
from .record_types import RecordTypes, record_types
from .recycle_bin import prepare_recycle_bin
from .roll_up_fields import RollUp, roll_ups_over
from .settings import Settings
from .users import ADMIN_ID, User, Users
from .work_queue import WorkQueue

RefusedAction = Callable[[str], OrgError | None]


@dataclass
class Runtime:
    """One version of the metadata at work. `settings` may change between transactions."""

    store: Store
    metadata: OrgMetadata
    clock: Clock
    settings: Settings
    refused_action: RefusedAction = lambda kind: None
    """Injected refusals of flow actions, by action type: what an org does for reasons of its own."""
    _rules: dict[str, ObjectRules] = field(default_factory=dict)
    _duplicate_rules: dict[str, tuple[DuplicateRule, ...]] = field(default_factory=dict)
    _roll_ups: dict[str, tuple[RollUp, ...]] = field(default_factory=dict)
    _record_types: dict[str, RecordTypes] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.users = Users(self.store, self.metadata.schema)
        self.outbox = Outbox(self.store)
        self.queue = WorkQueue(self.store)
        self.access = Access(self.store, self.metadata)
        self.formulas = FormulaFields(self.metadata.schema, self.store.connection)
        self.query = QueryEngine(self.store, self.metadata, self.access, self.clock, formulas=self.formulas, globals_of=self._globals_of)
        prepare_recycle_bin(self.store)

    @cached_property
    def flows(self) -> ActiveFlows:
        return ActiveFlows(self.metadata)

    @cached_property
    def _labels(self) -> dict[str, str]:
        return {name.lower(): text for name, text in self.metadata.labels.items()}

    @cached_property
    def organization_time_zone(self) -> tzinfo:
        return self.users.organization_time_zone()

    @cached_property
    def stages(self) -> Mapping[str, Mapping[str, Any]]:
        """Opportunity stages by API name: probability and forecast category."""
        sobject = self.metadata.schema.get("OpportunityStage")
        found = [] if sobject is None else self.store.records.all(sobject)
        return {record["ApiName"]: record for record in found if record.get("ApiName")}

    def rules(self, sobject: SObject) -> ObjectRules:
        """What saving a record of this sObject must check, compiled on first use."""
        rules = self._rules.get(sobject.name)
        if rules is None:
            rules = self._rules[sobject.name] = compile_rules(self.metadata.schema, sobject)
        return rules

    def roll_ups(self, child: SObject) -> tuple[RollUp, ...]:
        """What the masters of these records sum up of them."""
        found = self._roll_ups.get(child.name)
        if found is None:
            found = self._roll_ups[child.name] = roll_ups_over(self.metadata.schema, child)
        return found

    def record_types(self, sobject: SObject) -> RecordTypes:
        found = self._record_types.get(sobject.name)
        if found is None:
            found = self._record_types[sobject.name] = record_types(self.metadata, sobject)
        return found

    def duplicate_rules(self, sobject: SObject) -> tuple[DuplicateRule, ...]:
        """The active duplicate rules of an sObject.

        Raises:
            OrgError: FUNCTIONALITY_NOT_ENABLED, one of them cannot be evaluated here.
        """
        rules = self._duplicate_rules.get(sobject.name)
        if rules is None:
            try:
                rules = duplicate_rules(self.metadata.components, self.metadata.schema, sobject)
            except UnsupportedRuleError as error:
                refused = error_class("FUNCTIONALITY_NOT_ENABLED")
                raise refused(f"A duplicate rule of {sobject.name} cannot be evaluated: {error.message}") from error
            self._duplicate_rules[sobject.name] = rules
        return rules

    def setup_changed(self) -> None:
        """Users, permissions or queues were changed by DML."""
        self.users.forget()
        self.access.invalidate()

    def _globals_of(self, user: User | None) -> GlobalValues:
        return GlobalValues(self, user or self.users.of_id(ADMIN_ID))

    def label(self, name: str) -> str:
        """Raises InvalidField: no such custom label."""
        text = self._labels.get(name.lower())
        if text is None:
            raise InvalidField(f"Field $Label.{name} does not exist. Check spelling.")
        return text

    def formula(self, sobject: SObject, wanted: Field) -> FieldFormula:
        """Raises InvalidField: the field's formula does not compile."""
        return self.formulas.formula(sobject, wanted)
