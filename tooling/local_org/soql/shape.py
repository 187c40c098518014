"""What a compiled query gives back: its SQL, the parameters, and where each output key finds its value in a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ..schema.types import Field, FieldType, SObject
from .parameters import Parameter


@dataclass(frozen=True, slots=True)
class Value:
    """`label` is what the query wrote (`SUM(Amount)`), for column metadata. `field` is None for what is not a field itself."""

    name: str
    index: int
    type: FieldType
    label: str
    field: Field | None = None
    picklist_labels: Mapping[str, str] | None = None
    """For toLabel()."""
    aggregate: bool = False


@dataclass(frozen=True, slots=True)
class ParentRecord:
    """`id_index` holds the lookup's value; `sobject` is None when it is polymorphic."""

    name: str
    id_index: int
    sobject: str | None
    lookup: str
    nodes: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class ChildRecords:
    name: str
    query: CompiledQuery
    """Selects the children of many parents at once: its first parameter is a JSON array of parent ids."""
    parent_index: int
    limit: int | None
    offset: int


@dataclass(frozen=True, slots=True)
class TypeOfRecord:
    """`cases` by sObject name; `otherwise` for any other."""

    name: str
    id_index: int
    cases: Mapping[str, tuple[Node, ...]]
    otherwise: tuple[Node, ...]


Node = Value | ParentRecord | ChildRecords | TypeOfRecord


class Kind(StrEnum):
    RECORDS = "records"
    COUNT = "count"
    AGGREGATE = "aggregate"


@dataclass(frozen=True, slots=True)
class CompiledQuery:
    kind: Kind
    sobject: SObject
    sql: str
    parameters: tuple[Parameter, ...]
    nodes: tuple[Node, ...] = ()
    id_index: int = 0
    """Where the record's Id lies; for Kind.RECORDS only."""
