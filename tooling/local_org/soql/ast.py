"""A SOQL query as values. Other code may build one itself; positions only serve error messages and never count in comparisons."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class FieldPath:
    """`Name`, `Account.Owner.Name`. `at` is the offset in the query text."""

    parts: tuple[str, ...]
    at: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return ".".join(self.parts)


@dataclass(frozen=True, slots=True)
class Call:
    """`COUNT()`, `SUM(Amount)`, `CALENDAR_YEAR(convertTimezone(CreatedDate))`, `FIELDS(ALL)`."""

    name: str
    arguments: tuple[Expression, ...] = ()
    at: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return f"{self.name}({', '.join(map(str, self.arguments))})"


Expression = FieldPath | Call


@dataclass(frozen=True, slots=True)
class DateLiteral:
    """`TODAY`, `LAST_N_DAYS:30`; the name in upper case."""

    name: str
    number: int | None = None


LiteralValue = str | Decimal | bool | date | datetime | DateLiteral | None


@dataclass(frozen=True, slots=True)
class Literal:
    value: LiteralValue
    at: int = field(default=0, compare=False)
    pattern: str | None = None
    r"""For LIKE, where it differs from `value`: a text in which `\%` and `\_` still have their backslash."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """`operator` is one of = != < > <= >= LIKE."""

    left: Expression
    operator: str
    right: Literal


@dataclass(frozen=True, slots=True)
class InValues:
    left: Expression
    values: tuple[Literal, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class InQuery:
    """A semi-join, or an anti-join when negated."""

    left: Expression
    query: Query
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Includes:
    """INCLUDES, or EXCLUDES when negated; a value `A;B` asks for both."""

    left: Expression
    values: tuple[Literal, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Not:
    condition: Condition


@dataclass(frozen=True, slots=True)
class AllOf:
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    conditions: tuple[Condition, ...]


Condition = Comparison | InValues | InQuery | Includes | Not | AllOf | AnyOf


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of the select list."""

    expression: Expression
    alias: str | None = None


@dataclass(frozen=True, slots=True)
class ChildQuery:
    query: Query
    at: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class TypeOf:
    relationship: FieldPath
    whens: tuple[tuple[FieldPath, tuple[FieldPath, ...]], ...]
    otherwise: tuple[FieldPath, ...] = ()


@dataclass(frozen=True, slots=True)
class Ordering:
    expression: Expression
    descending: bool = False
    nulls_last: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    select: tuple[Item | ChildQuery | TypeOf, ...]
    sobject: FieldPath
    """One part; as a child query, the child relationship's name."""
    alias: str | None = None
    scope: str | None = None
    where: Condition | None = None
    with_: str | None = None
    group_by: tuple[Expression, ...] = ()
    having: Condition | None = None
    order_by: tuple[Ordering, ...] = ()
    limit: int | None = None
    offset: int = 0
    for_: tuple[str, ...] = ()
    """VIEW, REFERENCE, UPDATE."""
    all_rows: bool = False
