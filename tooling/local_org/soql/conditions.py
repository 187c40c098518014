"""WHERE and HAVING to SQL. Every condition is true or not true: what is unknown in SQL is not true in SOQL, also under NOT."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime

from ..errors import InvalidField, MalformedId, OrgError
from ..schema.ids import to_18
from ..schema.types import FieldType
from .ast import (
    AllOf,
    AnyOf,
    Comparison,
    Condition,
    DateLiteral,
    Expression,
    Includes,
    InQuery,
    InValues,
    Literal,
    Not,
    Query,
)
from .messages import InvalidQueryFilterOperator, QueryTooComplicated, malformed, positioned, wrong_filter_type
from .names import Scope
from .operands import Operand, is_comparable, operand
from .parameters import DateEdge, Parameter, encode_datetime, encode_number

# Longer lists are handed over as one JSON array: SQLite compiles them once and has no limit on their length.
_MAX_PLACEHOLDERS = 60
_MAX_DEPTH = 100
_IDS = (FieldType.ID, FieldType.REFERENCE)
_RANGES = {"<", ">", "<=", ">="}


class ConditionCompiler:
    """Collects the parameters in the order in which their places stand in the SQL.

    `sub_query(query, left)` compiles the query of a semi-join, appending its parameters too.
    """

    def __init__(self, scope: Scope, parameters: list[Parameter], sub_query: Callable[[Query, Operand, int], str]) -> None:
        self._scope = scope
        self._parameters = parameters
        self._sub_query = sub_query
        self._depth = 0

    def sql(self, condition: Condition) -> str:
        """The condition in parentheses.

        Raises:
            OrgError: INVALID_FIELD, INVALID_QUERY_FILTER_OPERATOR, MALFORMED_QUERY with the position.
        """
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise QueryTooComplicated("The conditions are nested too deeply")
        try:
            return self._dispatch(condition)
        finally:
            self._depth -= 1

    def _dispatch(self, condition: Condition) -> str:
        match condition:
            case AllOf():
                return _joined([self.sql(part) for part in condition.conditions], "AND")
            case AnyOf():
                return _joined([self.sql(part) for part in condition.conditions], "OR")
            case Not():
                return f"({self.sql(condition.condition)} IS NOT 1)"
            case Comparison():
                return self._comparison(condition)
            case InValues():
                return self._in_values(condition)
            case InQuery():
                left = self._operand(condition.left)
                inner = self._sub_query(condition.query, left, _at(condition.left))
                # Records without a value are in no list, so an anti-join keeps them.
                return f"(({left.sql} IN ({inner})) IS NOT 1)" if condition.negated else f"({left.sql} IN ({inner}))"
            case Includes():
                return self._includes(condition)

    def _operand(self, expression: Expression) -> Operand:
        found = operand(self._scope, expression)
        if found.column is not None and not is_comparable(found.column.field):
            message = f"field '{found.name}' can not be filtered in a query call"
            raise InvalidField(positioned(self._scope.text, _at(expression), message))
        return found

    def _comparison(self, condition: Comparison) -> str:
        left = self._operand(condition.left)
        if condition.operator == "LIKE":
            return self._like(left, condition)
        if left.type is FieldType.MULTIPICKLIST and condition.operator in _RANGES:
            raise self._wrong_operator(condition.left, "invalid operator on multipicklist field")
        if left.type in _IDS and condition.operator in _RANGES and condition.right.value is None:
            raise self._wrong_operator(condition.left, "invalid operator on id field")
        if isinstance(condition.right.value, DateLiteral):
            return self._date_range(left, condition.operator, condition.right)
        value = self._value(left, condition.right)
        left_sql = left.sql
        if left.type is FieldType.BOOLEAN and left.column is not None and left.column.parents and value is not None:
            # "In outer joins a null Boolean is treated as false" (SOQL and SOSL Reference, "Understanding Relationship Queries").
            left_sql = f"COALESCE({left.sql}, 0)"
        if value is None:
            if condition.operator not in ("=", "!="):
                return "(0)"
            return f"({left_sql} IS {'NOT ' if condition.operator == '!=' else ''}NULL)"
        self._parameters.append(value)
        operator = "IS NOT" if condition.operator == "!=" else condition.operator
        return f"({left_sql} {operator} ?)"

    def _like(self, left: Operand, condition: Comparison) -> str:
        literal = condition.right
        if left.type in _IDS:
            raise self._wrong_operator(condition.left, "invalid operator on id field")
        if not left.type.is_text or left.type is FieldType.MULTIPICKLIST:
            raise self._wrong_operator(condition.left, f"invalid operator on {left.type} field")
        if literal.value is None or literal.value == "":
            return f"({left.sql} IS NULL)"
        if not isinstance(literal.value, str):
            raise wrong_filter_type(self._scope.text, literal.at, left.name, "string")
        pattern = literal.value if literal.pattern is None else literal.pattern
        self._parameters.append(pattern)
        if pattern.isascii():
            return f"({left.sql} LIKE ? ESCAPE '\\')"
        return f"salesforce_like({left.sql}, ?)"

    def _in_values(self, condition: InValues) -> str:
        left = self._operand(condition.left)
        if left.type is FieldType.MULTIPICKLIST:
            raise self._wrong_operator(condition.left, "invalid operator on multipicklist field")
        if any(isinstance(literal.value, DateLiteral) for literal in condition.values):
            parts = [self._comparison(Comparison(condition.left, "=", literal)) for literal in condition.values]
            anyone = f"({' OR '.join(parts)})"
            return f"({anyone} IS NOT 1)" if condition.negated else anyone
        values = [self._value(left, literal) for literal in condition.values]
        known = [value for value in values if value is not None]
        if len(known) > _MAX_PLACEHOLDERS and not any(isinstance(value, float) for value in known):
            self._parameters.append(json.dumps(known))
            listed = f"{left.sql} IN (SELECT value FROM json_each(?))"
        else:
            self._parameters.extend(known)
            listed = f"{left.sql} IN ({', '.join('?' * len(known))})"
        if len(known) < len(values):
            listed = f"({listed} OR {left.sql} IS NULL)"
        return f"(({listed}) IS NOT 1)" if condition.negated else f"({listed})"

    def _includes(self, condition: Includes) -> str:
        left = self._operand(condition.left)
        if left.type is not FieldType.MULTIPICKLIST:
            raise self._wrong_operator(condition.left, f"invalid operator on {left.type} field")
        choices = []
        for literal in condition.values:
            if not isinstance(literal.value, str):
                raise wrong_filter_type(self._scope.text, literal.at, left.name, "string")
            parts = []
            for part in literal.value.split(";"):
                escaped = part.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
                self._parameters.append(f"%;{escaped};%")
                parts.append(f"(';' || {left.sql} || ';') LIKE ? ESCAPE '\\'")
            choices.append(f"({' AND '.join(parts)})")
        anyone = f"({' OR '.join(choices)})"
        return f"({anyone} IS NOT 1)" if condition.negated else anyone

    def _date_range(self, left: Operand, operator: str, literal: Literal) -> str:
        if not left.type.is_date:
            raise wrong_filter_type(self._scope.text, literal.at, left.name, _word(left.type))
        assert isinstance(literal.value, DateLiteral)
        begin, end = (DateEdge(literal.value, edge, left.type is FieldType.DATETIME) for edge in (False, True))
        simple: dict[str, tuple[str, DateEdge]] = {"<": ("<", begin), ">=": (">=", begin), ">": (">=", end), "<=": ("<", end)}
        if operator in simple:
            sign, edge = simple[operator]
            self._parameters.append(edge)
            return f"({left.sql} {sign} ?)"
        self._parameters.extend((begin, end))
        inside = f"({left.sql} >= ? AND {left.sql} < ?)"
        return inside if operator == "=" else f"({inside} IS NOT 1)"

    def _value(self, left: Operand, literal: Literal) -> str | int | float | None:
        """The literal as stored; null and the empty text are both None."""
        value = literal.value
        if value is None or (value == "" and left.type.is_text and left.type not in _IDS):
            return None
        if left.type in _IDS:
            return self._id(left, literal)
        wanted = left.type
        if wanted.is_text and isinstance(value, str):
            return value
        if wanted is FieldType.BOOLEAN and isinstance(value, bool):
            return int(value)
        if wanted.is_number and not isinstance(value, bool | str | date | datetime | DateLiteral):
            return encode_number(value)
        if wanted is FieldType.DATETIME and isinstance(value, datetime):
            try:
                return encode_datetime(value)
            except OverflowError:
                raise malformed(self._scope.text, literal.at, f"Invalid date: {value.isoformat()}") from None
        if wanted is FieldType.DATE and isinstance(value, date) and not isinstance(value, datetime):
            return value.isoformat()
        raise wrong_filter_type(self._scope.text, literal.at, left.name, _word(wanted))

    def _id(self, left: Operand, literal: Literal) -> str:
        if not isinstance(literal.value, str):
            raise wrong_filter_type(self._scope.text, literal.at, left.name, "string")
        try:
            return to_18(literal.value)
        except MalformedId:
            message = positioned(self._scope.text, literal.at, f"invalid ID field: {literal.value}")
            raise InvalidQueryFilterOperator(message) from None

    def _wrong_operator(self, expression: Expression, message: str) -> OrgError:
        return InvalidQueryFilterOperator(positioned(self._scope.text, _at(expression), message))


def _joined(parts: list[str], word: str) -> str:
    """Balanced parentheses: SQLite refuses expressions a thousand levels deep, which a long chain of ORs is to it."""
    if len(parts) == 1:
        return parts[0]
    middle = len(parts) // 2
    return f"({_joined(parts[:middle], word)} {word} {_joined(parts[middle:], word)})"


def _at(expression: Expression) -> int:
    return expression.at


def _word(wanted: FieldType) -> str:
    """The type's name in Salesforce's message."""
    if wanted is FieldType.DATETIME:
        return "dateTime"
    return "string" if wanted.is_text else "double" if wanted.is_number and wanted is not FieldType.INT else str(wanted)
