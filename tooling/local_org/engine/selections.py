"""What flows ask for (Get Records, filters of Update and Delete) as SOQL. Selections that differ only in values of equalities share one."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from ..errors import InvalidField, MalformedId, MalformedQuery
from ..flow.host import Criterion, Record, Selection
from ..schema.ids import to_18
from ..schema.types import Field, FieldType, SObject
from ..soql.ast import AllOf, AnyOf, Comparison, Condition, FieldPath, Includes, InValues, Item, Literal, Not, Ordering, Query
from ..store.columns import has_column

_COMPARISONS = {
    "EqualTo": "=",
    "NotEqualTo": "!=",
    "GreaterThan": ">",
    "LessThan": "<",
    "GreaterThanOrEqualTo": ">=",
    "LessThanOrEqualTo": "<=",
}
_PATTERNS = {"StartsWith": "{}%", "EndsWith": "%{}", "Contains": "%{}%"}
_LOGIC = re.compile(r"\s*(\d+|\(|\)|AND\b|OR\b|NOT\b)", re.IGNORECASE)
_IDS = (FieldType.ID, FieldType.REFERENCE)


@dataclass(frozen=True, slots=True)
class Batch:
    """Selections answered by one query. `keys` names the fields whose values tell them apart; empty when all are the same."""

    sobject: SObject
    query: Query
    fields: tuple[Field, ...]
    """Of the records to give back, in the order of the query's select list (which then goes on with `keys`)."""
    keys: tuple[Field, ...]
    members: tuple[tuple[int, tuple[Hashable, ...]], ...]
    """Position in the caller's list, and the values of `keys` that the selection wants."""
    limits: tuple[int | None, ...]

    def split(self, records: Sequence[Record], extra: Sequence[tuple[Any, ...]]) -> list[tuple[int, list[Record]]]:
        """The records of each member: `extra` holds the typed key values of each record."""
        if not self.keys:
            shared = [(position, records if limit is None else records[:limit]) for (position, _), limit in self._limited()]
            return [(position, [dict(record) for record in found]) for position, found in shared]
        by_key: dict[tuple[Hashable, ...], list[Record]] = {}
        for record, values in zip(records, extra, strict=True):
            key = tuple(key_of(field, value) for field, value in zip(self.keys, values, strict=True))
            by_key.setdefault(key, []).append(record)
        result = []
        for (position, wanted), limit in self._limited():
            found = by_key.get(wanted, [])
            result.append((position, [dict(record) for record in (found if limit is None else found[:limit])]))
        return result

    def _limited(self) -> list[tuple[tuple[int, tuple[Hashable, ...]], int | None]]:
        return list(zip(self.members, self.limits, strict=True))


def batches(selections: Sequence[Selection], sobject_of: Callable[[str], SObject]) -> list[Batch]:
    """As few queries as answer them all.

    Raises:
        OrgError: INVALID_TYPE or INVALID_FIELD for an unknown name, MALFORMED_QUERY for a logic that cannot be read.
    """
    groups: dict[tuple[Any, ...], list[tuple[int, Selection]]] = {}
    for position, selection in enumerate(selections):
        groups.setdefault(_shape(selection), []).append((position, selection))
    return [_batch(members, sobject_of(members[0][1].sobject)) for members in groups.values()]


def key_of(field: Field, value: Any) -> Hashable:
    """Equal for two values exactly if SOQL's = calls them equal."""
    if isinstance(value, str) and field.type not in _IDS and not field.case_sensitive:
        return value.casefold()
    return value  # type: ignore[no-any-return]


def _shape(selection: Selection) -> tuple[Any, ...]:
    """Selections of the same shape can be answered together: equalities that can vary are left out of it."""
    varies = selection.logic.strip().lower() == "and"
    criteria = tuple((c.field.lower(), c.operator, None if varies and _can_vary(c) else _frozen(c.value)) for c in selection.criteria)
    alone = selection.limit if not any(varies and _can_vary(c) for c in selection.criteria) else None
    return selection.sobject.lower(), criteria, selection.logic, selection.fields, selection.order_by, selection.descending, alone


def _can_vary(criterion: Criterion) -> bool:
    return criterion.operator == "EqualTo" and criterion.value is not None and not isinstance(criterion.value, list | tuple | set)


def _frozen(value: Any) -> Hashable:
    if isinstance(value, list | tuple | set):
        return tuple(value)
    # True == 1 in Python, and Decimal("1") too: the type keeps them apart.
    return (type(value).__name__, value)


def _batch(members: Sequence[tuple[int, Selection]], sobject: SObject) -> Batch:
    first = members[0][1]
    fields = _wanted(sobject, first.fields)
    varying = [index for index, criterion in enumerate(first.criteria) if _varies(members, index)]
    keys = tuple(_field(sobject, first.criteria[index].field) for index in varying)
    wanted = [
        (position, tuple(key_of(key, coerced(key, s.criteria[index].value)) for key, index in zip(keys, varying, strict=True)))
        for position, s in members
    ]
    conditions = [
        _any_of(sobject, [s.criteria[index] for _, s in members]) if index in varying else condition(sobject, criterion)
        for index, criterion in enumerate(first.criteria)
    ]
    limits = tuple(s.limit for _, s in members)
    common = limits[0] if not varying and len(set(limits)) == 1 else None
    ordering = (Ordering(FieldPath((_field(sobject, first.order_by).name,)), first.descending),) if first.order_by else ()
    query = Query(
        select=tuple(Item(FieldPath((field.name,))) for field in dict.fromkeys([*fields, *keys])),
        sobject=FieldPath((sobject.name,)),
        where=_combined(conditions, first.logic),
        order_by=ordering,
        limit=common,
    )
    return Batch(sobject, query, fields, keys, tuple(wanted), limits)


def _varies(members: Sequence[tuple[int, Selection]], index: int) -> bool:
    first = members[0][1]
    if len(members) == 1 or first.logic.strip().lower() != "and" or not _can_vary(first.criteria[index]):
        return False
    return any(_frozen(s.criteria[index].value) != _frozen(first.criteria[index].value) for _, s in members)


def _any_of(sobject: SObject, criteria: Sequence[Criterion]) -> Condition:
    field = _field(sobject, criteria[0].field)
    values = dict.fromkeys(coerced(field, criterion.value) for criterion in criteria)
    return InValues(FieldPath((field.name,)), tuple(Literal(value) for value in values if value is not None))


def condition(sobject: SObject, criterion: Criterion) -> Condition:
    """One filter line. A null right side asks for null; for checkboxes it matches nothing (Help, "Flow Resource: Variable").

    Raises:
        InvalidField: no such field, or a value that does not fit it.
        MalformedQuery: an operator that filters do not have.
    """
    field = _field(sobject, criterion.field)
    left = FieldPath((field.name,))
    operator, value = criterion.operator, criterion.value
    if operator == "IsNull":
        wants_null = value is None or value is True or str(value).lower() == "true"
        return Comparison(left, "=" if wants_null else "!=", Literal(None))
    if operator in ("In", "NotIn"):
        values = value if isinstance(value, list | tuple | set) else [value]
        literals = dict.fromkeys(coerced(field, one) for one in values)
        return InValues(left, tuple(Literal(one) for one in literals), negated=operator == "NotIn")
    if operator in _PATTERNS:
        if value is None or value == "":
            return InValues(left, ())
        text = str(value)
        if field.type is FieldType.MULTIPICKLIST and operator == "Contains":
            return Includes(left, (Literal(text),))
        escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        return Comparison(left, "LIKE", Literal(text, pattern=_PATTERNS[operator].format(escaped)))
    if operator not in _COMPARISONS:
        raise MalformedQuery(f"The filter operator {operator} is not supported for {sobject.name}.{field.name}")
    if value is None and (field.type is FieldType.BOOLEAN or operator not in ("EqualTo", "NotEqualTo")):
        return InValues(left, (), negated=operator == "NotEqualTo")
    return Comparison(left, _COMPARISONS[operator], Literal(coerced(field, value)))


def coerced(field: Field, value: Any) -> Any:
    """A flow's value as the field's type; text in a number field and the like are read as flows read them.

    Raises:
        InvalidField: the value cannot be one of this field.
    """
    if value is None or value == "":
        return None
    try:
        if field.type in _IDS:
            return to_18(str(value))
        if field.type.is_number:
            return value if isinstance(value, Decimal) else Decimal(str(value))
        if field.type is FieldType.BOOLEAN:
            return value if isinstance(value, bool) else str(value).lower() == "true"
        if field.type is FieldType.DATE:
            return value.date() if isinstance(value, datetime) else value if isinstance(value, date) else date.fromisoformat(value)
        if field.type is FieldType.DATETIME:
            if isinstance(value, date) and not isinstance(value, datetime):
                return datetime.combine(value, time(), UTC)
            return value if isinstance(value, datetime) else datetime.fromisoformat(value)
    except (ValueError, TypeError, InvalidOperation, MalformedId):
        raise InvalidField(
            f"value of filter criterion for field '{field.name}' must be of type {field.type}: {value}", [field.name]
        ) from None
    return value if isinstance(value, str) else _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def _wanted(sobject: SObject, names: tuple[str, ...] | None) -> tuple[Field, ...]:
    if names is None:
        return tuple(field for field in sobject.fields if has_column(field))
    return tuple(dict.fromkeys([_field(sobject, "Id"), *(_field(sobject, name) for name in names)]))


def _field(sobject: SObject, name: str) -> Field:
    found = sobject.field(name)
    if found is None:
        raise InvalidField(f"No such column '{name}' on entity '{sobject.name}'", [name])
    return found


def _combined(conditions: Sequence[Condition], logic: str) -> Condition | None:
    if not conditions:
        return None
    if len(conditions) == 1 and logic.strip().lower() in ("and", "or"):
        return conditions[0]
    if logic.strip().lower() == "and":
        return AllOf(tuple(conditions))
    if logic.strip().lower() == "or":
        return AnyOf(tuple(conditions))
    return _Logic(conditions, logic).read()


class _Logic:
    """Custom logic, `1 AND (2 OR NOT 3)`: AND binds tighter than OR."""

    def __init__(self, conditions: Sequence[Condition], logic: str) -> None:
        self._conditions = conditions
        self._logic = logic
        self._tokens = [token.upper() for token in _LOGIC.findall(logic)]
        self._at = 0
        if _LOGIC.sub("", logic).strip():
            raise self._refused()

    def read(self) -> Condition:
        found = self._or()
        if self._at != len(self._tokens):
            raise self._refused()
        return found

    def _or(self) -> Condition:
        parts = [self._and()]
        while self._take("OR"):
            parts.append(self._and())
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def _and(self) -> Condition:
        parts = [self._unit()]
        while self._take("AND"):
            parts.append(self._unit())
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def _unit(self) -> Condition:
        if self._take("NOT"):
            return Not(self._unit())
        if self._take("("):
            inner = self._or()
            if not self._take(")"):
                raise self._refused()
            return inner
        token = self._tokens[self._at] if self._at < len(self._tokens) else ""
        if not token.isdigit() or not 1 <= int(token) <= len(self._conditions):
            raise self._refused()
        self._at += 1
        return self._conditions[int(token) - 1]

    def _take(self, token: str) -> bool:
        if self._at < len(self._tokens) and self._tokens[self._at] == token:
            self._at += 1
            return True
        return False

    def _refused(self) -> MalformedQuery:
        return MalformedQuery(f"The filter logic '{self._logic}' cannot be read")
