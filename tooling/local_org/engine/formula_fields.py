"""Formula fields: compiled once per schema, evaluated for a record or inside SQL, rounded as Salesforce shows them."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import ROUND_HALF_UP, Context, Decimal
from itertools import count
from typing import Any, Protocol

from ..errors import InvalidField
from ..formula import Formula, FormulaError, FormulaRuntimeError, SObjectNames, Values, compile_formula, type_of_field
from ..schema.types import Field, FieldType, Schema, SObject
from ..soql import FormulaFunction
from ..store.columns import decoder, encoder

_WIDE = Context(prec=60)
_CLOCK = re.compile(r"\b(TODAY|NOW|TIMENOW)\s*\(", re.IGNORECASE)
_SERIAL = count(1)
_HUNDRED = Decimal(100)


class Globals(Protocol):
    """`$User.Email` and the like, as the querying user has them."""

    def value(self, path: Sequence[str]) -> Any: ...

    def look_up(self, sobject: str, field: str, key_field: str, key: Any) -> Any: ...


@dataclass(frozen=True, slots=True)
class FieldFormula:
    """One field's formula. Its result is scaled and rounded as the field shows it; `#Error!` is None."""

    sobject: SObject
    field: Field
    formula: Formula
    paths: tuple[tuple[str, ...], ...]
    """What it reads of the record and its parents, canonical; globals apart."""
    volatile: bool
    """Its result can change while the record does not: it asks for the clock or for globals."""

    def evaluate(self, values: Values) -> Any:
        """The field's typed value."""
        try:
            result = self.formula.evaluate(values)
        except FormulaRuntimeError:
            result = None
        return field_value(self.field, result)


def field_value(field: Field, result: Any) -> Any:
    """A formula's result as the value of its field: a percent of 0.5 is 50, numbers are rounded half up to the field's scale."""
    if isinstance(result, Decimal):
        if field.type is FieldType.PERCENT:
            result = result * _HUNDRED
        if not result.is_finite():
            return None
        return result.quantize(Decimal(1).scaleb(-field.scale), ROUND_HALF_UP, _WIDE)
    if isinstance(result, str) and field.calculated and 0 < field.length < len(result):
        # A text formula shows its first 1,300 characters. Help, "Formula Field Limits and Restrictions".
        return result[: field.length]
    if result is None and field.type is FieldType.BOOLEAN:
        return False
    return result


class FormulaFields:
    """The formula fields of one schema; satisfies `soql.Formulas` by registering SQL functions on the connection when first needed.

    The context of an evaluation in SQL (time, time zone, globals) is what `enter` set last.
    """

    def __init__(self, schema: Schema, connection: sqlite3.Connection) -> None:
        self._schema = schema
        self._connection = connection
        self._serial = next(_SERIAL)
        self._formulas: dict[tuple[str, str], FieldFormula] = {}
        self._functions: dict[tuple[str, str], FormulaFunction] = {}
        self._moment: _Moment | None = None

    def formula(self, sobject: SObject, field: Field) -> FieldFormula:
        """The compiled formula of a formula field.

        Raises:
            InvalidField: the formula does not compile.
        """
        key = (sobject.name, field.name)
        known = self._formulas.get(key)
        if known is None:
            known = self._formulas[key] = self._compile(sobject, field)
        return known

    def enter(self, now: datetime, time_zone: tzinfo, values: Globals | None) -> None:
        """What formulas called from SQL see until the next call: one moment for a whole query."""
        self._moment = _Moment(now, time_zone, values)

    def function(self, sobject: SObject, field: Field) -> FormulaFunction:
        key = (sobject.name, field.name)
        known = self._functions.get(key)
        if known is None:
            found = self.formula(sobject, field)
            name = f"formula_{self._serial}_{len(self._functions)}"
            known = self._functions[key] = FormulaFunction(name, found.paths)
            self._connection.create_function(name, len(found.paths), self._caller(found), deterministic=not found.volatile)
        return known

    def forget(self) -> None:
        """Takes the SQL functions back: the connection would keep them, and with them the whole schema, for ever."""
        for function in self._functions.values():
            self._connection.create_function(function.name, len(function.arguments), None)
        self._functions.clear()

    def _compile(self, sobject: SObject, field: Field) -> FieldFormula:
        try:
            names = SObjectNames(self._schema, sobject.name)
            formula = compile_formula(field.formula or "", names, result=type_of_field(field), blanks_as_zero=field.blanks_as_zero)
        except FormulaError as error:
            raise InvalidField(f"Formula field {sobject.name}.{field.name}: {error}", [field.name]) from None
        paths = dict.fromkeys(reference.path for reference in formula.references)
        own = tuple(path for path in paths if not path[0].startswith("$"))
        volatile = len(own) < len(paths) or _CLOCK.search(formula.source) is not None
        return FieldFormula(sobject, field, formula, own, volatile)

    def _caller(self, found: FieldFormula) -> Callable[..., Any]:
        decoders = [self._decoder(found.sobject, path) for path in found.paths]
        encode = encoder(found.field)
        paths = found.paths
        evaluate = found.evaluate

        def call(*stored: Any) -> Any:
            values = {
                path: value if value is None or decode is None else decode(value)
                for path, decode, value in zip(paths, decoders, stored, strict=True)
            }
            result = evaluate(_RowValues(values, self._current()))
            return result if result is None or encode is None else encode(result)

        return call

    def _current(self) -> _Moment:
        if self._moment is None:
            raise RuntimeError("A formula field was evaluated outside a query")
        return self._moment

    def _decoder(self, sobject: SObject, path: tuple[str, ...]) -> Callable[[Any], Any] | None:
        """How the column at the end of a path reads."""
        for step in path[:-1]:
            name, _, wanted = step.partition(":")
            lookup = sobject.relationship(name)
            if not wanted and lookup is not None:
                wanted = "User" if "User" in lookup.reference_to else lookup.reference_to[0]
            parent = self._schema.get(wanted)
            if parent is None:
                return None
            sobject = parent
        field = sobject.field(path[-1])
        return None if field is None else decoder(field)


@dataclass(frozen=True, slots=True)
class _Moment:
    now: datetime
    time_zone: tzinfo
    globals: Globals | None


class _RowValues:
    """The arguments of one SQL call, as a formula sees them."""

    __slots__ = ("_moment", "_values")
    is_new = False

    def __init__(self, values: dict[tuple[str, ...], Any], moment: _Moment) -> None:
        self._values = values
        self._moment = moment

    @property
    def now(self) -> datetime:
        return self._moment.now

    @property
    def time_zone(self) -> tzinfo:
        return self._moment.time_zone

    def value(self, path: tuple[str, ...]) -> Any:
        if path in self._values:
            return self._values[path]
        if self._moment.globals is None:
            raise FormulaRuntimeError(f"{'.'.join(path)} has no value without a user")
        return self._moment.globals.value(path)

    def prior(self, path: tuple[str, ...]) -> Any:
        return self.value(path)

    def look_up(self, sobject: str, wanted: str, key_field: str, key: str | None) -> Any:
        if self._moment.globals is None:
            raise FormulaRuntimeError("VLOOKUP has no value without a user")
        return self._moment.globals.look_up(sobject, wanted, key_field, key)
