"""The elements of a flow. Those that read or write name the element their fault path leads to: there is no default."""

from __future__ import annotations

from dataclasses import dataclass

from tooling.metadata.flows.values import Value


@dataclass(frozen=True, slots=True)
class Condition:
    left: str
    operator: str
    right: Value


@dataclass(frozen=True, slots=True)
class Filter:
    field: str
    operator: str
    value: Value


@dataclass(frozen=True, slots=True)
class Rule:
    """One outcome of a decision; `logic` is `and`, `or` or `1 AND (2 OR 3)`."""

    name: str
    label: str
    conditions: tuple[Condition, ...]
    then: str | None
    logic: str = "and"


@dataclass(frozen=True, slots=True)
class Decision:
    name: str
    label: str
    description: str
    rules: tuple[Rule, ...]
    otherwise: str | None
    otherwise_label: str

    @property
    def targets(self) -> tuple[str | None, ...]:
        return (*(rule.then for rule in self.rules), self.otherwise)


@dataclass(frozen=True, slots=True)
class Assign:
    target: str
    value: Value
    operator: str = "Assign"


@dataclass(frozen=True, slots=True)
class Assignment:
    name: str
    label: str
    description: str
    items: tuple[Assign, ...]
    then: str | None

    @property
    def targets(self) -> tuple[str | None, ...]:
        return (self.then,)


@dataclass(frozen=True, slots=True)
class Get:
    """Reads records and stores them under the element's own name; only the queried fields are read."""

    name: str
    label: str
    description: str
    sobject: str
    filters: tuple[Filter, ...]
    fields: tuple[str, ...]
    then: str | None
    fault: str
    first_only: bool = True
    sort_by: str | None = None
    descending: bool = False

    @property
    def targets(self) -> tuple[str | None, ...]:
        return (self.then, self.fault)


@dataclass(frozen=True, slots=True)
class Loop:
    """Walks a collection; the element's own name is the current item."""

    name: str
    label: str
    description: str
    collection: str
    each: str
    then: str | None

    @property
    def targets(self) -> tuple[str | None, ...]:
        return (self.each, self.then)


@dataclass(frozen=True, slots=True)
class Create:
    """Creates a record of an object from values, or, without values, the record of the variable that `sobject` names."""

    name: str
    label: str
    description: str
    sobject: str
    values: tuple[tuple[str, Value], ...]
    then: str | None
    fault: str

    @property
    def reference(self) -> str | None:
        return None if self.values else self.sobject

    @property
    def targets(self) -> tuple[str | None, ...]:
        return (self.then, self.fault)


@dataclass(frozen=True, slots=True)
class Update:
    """Changes the record of a reference (`$Record`, a record variable, a collection of them), or the records that the filters find."""

    name: str
    label: str
    description: str
    values: tuple[tuple[str, Value], ...]
    then: str | None
    fault: str
    reference: str | None = None
    sobject: str | None = None
    filters: tuple[Filter, ...] = ()

    def __post_init__(self) -> None:
        # An update by object without a filter changes every row of the object.
        if (self.reference is None) == (self.sobject is None) or (self.sobject and not self.filters):
            raise ValueError(f"{self.name}: an update names a reference, or an object with filters")
        if self.sobject and not self.values:
            raise ValueError(f"{self.name}: an update by object says which fields it sets")

    @property
    def targets(self) -> tuple[str | None, ...]:
        return (self.then, self.fault)


@dataclass(frozen=True, slots=True)
class Subflow:
    """Calls another flow. The platform knows no fault path here: the called flow handles its faults and says so in an output."""

    name: str
    label: str
    description: str
    flow: str
    inputs: tuple[tuple[str, Value], ...]
    outputs: tuple[tuple[str, str], ...]
    """Pairs of (output of the called flow, variable of this one)."""
    then: str | None

    @property
    def targets(self) -> tuple[str | None, ...]:
        return (self.then,)


@dataclass(frozen=True, slots=True)
class Action:
    """Runs an action of the platform's: `emailSimple`, `customNotificationAction`."""

    name: str
    label: str
    description: str
    action: str
    inputs: tuple[tuple[str, Value], ...]
    then: str | None
    fault: str

    @property
    def targets(self) -> tuple[str | None, ...]:
        return (self.then, self.fault)


Element = Decision | Assignment | Get | Loop | Create | Update | Subflow | Action
