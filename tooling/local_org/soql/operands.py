"""The left side of a condition, of ORDER BY or GROUP BY: a field, a date function, or an aggregate."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import InvalidField
from ..schema.describe_field import is_groupable
from ..schema.types import Field, FieldType
from .ast import Call, Expression, FieldPath
from .messages import malformed, positioned
from .names import Column, Scope

_INT, _DATE = FieldType.INT, FieldType.DATE
_LOCAL = "{0}"
# SQLite's strftime on the stored UTC text; `convertTimezone` shifts that text first. Weeks of SOQL's date functions are counted from the
# first day of the month or year, days of the week from Sunday = 1 (SOQL and SOSL Reference, "Date Functions").
DATE_FUNCTIONS: dict[str, tuple[str, FieldType]] = {
    "CALENDAR_YEAR": ("CAST(strftime('%Y', {0}) AS INTEGER)", _INT),
    "CALENDAR_QUARTER": ("((CAST(strftime('%m', {0}) AS INTEGER) + 2) / 3)", _INT),
    "CALENDAR_MONTH": ("CAST(strftime('%m', {0}) AS INTEGER)", _INT),
    "FISCAL_YEAR": ("CAST(strftime('%Y', {0}) AS INTEGER)", _INT),
    "FISCAL_QUARTER": ("((CAST(strftime('%m', {0}) AS INTEGER) + 2) / 3)", _INT),
    "FISCAL_MONTH": ("CAST(strftime('%m', {0}) AS INTEGER)", _INT),
    "DAY_IN_MONTH": ("CAST(strftime('%d', {0}) AS INTEGER)", _INT),
    "DAY_IN_WEEK": ("(CAST(strftime('%w', {0}) AS INTEGER) + 1)", _INT),
    "DAY_IN_YEAR": ("CAST(strftime('%j', {0}) AS INTEGER)", _INT),
    "DAY_ONLY": ("substr({0}, 1, 10)", _DATE),
    "HOUR_IN_DAY": ("CAST(strftime('%H', {0}) AS INTEGER)", _INT),
    "WEEK_IN_MONTH": ("((CAST(strftime('%d', {0}) AS INTEGER) + 6) / 7)", _INT),
    "WEEK_IN_YEAR": ("((CAST(strftime('%j', {0}) AS INTEGER) + 6) / 7)", _INT),
}
AGGREGATES = frozenset({"COUNT", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX"})
_DATETIME_ONLY = frozenset({"DAY_ONLY", "HOUR_IN_DAY"})


@dataclass(frozen=True, slots=True)
class Operand:
    sql: str
    type: FieldType
    name: str
    """As error messages call it."""
    column: Column | None = None
    aggregate: bool = False


def operand(scope: Scope, expression: Expression) -> Operand:
    """Resolves an expression.

    Raises:
        InvalidField: an unknown field, or a function that does not take it.
        MalformedQuery: an unknown or unsupported function.
    """
    if isinstance(expression, FieldPath):
        column = scope.column(expression)
        return Operand(column.sql, column.field.type, column.field.name, column)
    name = expression.name.upper()
    if name in AGGREGATES:
        return _aggregate(scope, expression, name)
    if name in DATE_FUNCTIONS:
        return _date_function(scope, expression, name)
    raise malformed(scope.text, expression.at, f"The function {expression.name} is not supported here")


def groupable(scope: Scope, expression: Expression) -> Operand:
    found = operand(scope, expression)
    if found.aggregate or (found.column is not None and isinstance(expression, FieldPath) and not is_groupable(found.column.field)):
        raise malformed(scope.text, expression.at, f"field '{found.name}' can not be grouped in a query call")
    return found


def is_comparable(field: Field) -> bool:
    """Long text areas and compound fields are neither filtered nor sorted nor grouped."""
    return not field.is_long_text and field.type not in (FieldType.ADDRESS, FieldType.LOCATION, FieldType.BASE64)


def _aggregate(scope: Scope, call: Call, name: str) -> Operand:
    if not call.arguments:
        if name != "COUNT":
            raise malformed(scope.text, call.at, f"{call.name} takes a field")
        return Operand("COUNT(*)", FieldType.INT, str(call), aggregate=True)
    if len(call.arguments) != 1 or not isinstance(call.arguments[0], FieldPath):
        raise malformed(scope.text, call.at, f"{call.name} takes one field")
    column = scope.column(call.arguments[0])
    field = column.field
    allowed = field.type.is_number if name in ("SUM", "AVG") else is_comparable(field)
    if name in ("MIN", "MAX") and field.type in (FieldType.BOOLEAN, FieldType.MULTIPICKLIST):
        allowed = False
    if not allowed:
        raise malformed(scope.text, call.at, f"field {field.name} does not support aggregate operator {name}")
    if name == "COUNT":
        return Operand(f"COUNT({column.sql})", FieldType.INT, str(call), aggregate=True)
    if name == "COUNT_DISTINCT":
        return Operand(f"COUNT(DISTINCT {column.sql})", FieldType.INT, str(call), aggregate=True)
    result = FieldType.DOUBLE if name == "AVG" else field.type
    return Operand(f"{name}({column.sql})", result, str(call), column, aggregate=True)


def _date_function(scope: Scope, call: Call, name: str) -> Operand:
    if len(call.arguments) != 1:
        raise malformed(scope.text, call.at, f"{call.name} takes one field")
    argument = call.arguments[0]
    sql_of = _LOCAL
    if isinstance(argument, Call):
        if argument.name.upper() != "CONVERTTIMEZONE" or len(argument.arguments) != 1:
            raise malformed(scope.text, argument.at, f"The function {argument.name} is not supported here")
        argument, sql_of = argument.arguments[0], f"salesforce_local({{0}}, '{scope.environment.time_zone}')"
    if not isinstance(argument, FieldPath):
        raise malformed(scope.text, call.at, f"{call.name} takes one field")
    column = scope.column(argument)
    dates = (FieldType.DATETIME,) if name in _DATETIME_ONLY or sql_of != _LOCAL else (FieldType.DATE, FieldType.DATETIME)
    if column.field.type not in dates:
        message = f"field '{column.field.name}' of type {column.field.type} cannot be used in {call.name}"
        raise InvalidField(positioned(scope.text, call.at, message))
    template, result = DATE_FUNCTIONS[name]
    return Operand(template.format(sql_of.format(column.sql)), result, str(call), column)
