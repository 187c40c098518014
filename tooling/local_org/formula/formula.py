"""A formula: compiled once, evaluated many times."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .checker import check, references, walk
from .errors import FormulaError, FormulaRuntimeError
from .evaluator import compile_checked
from .functions import refuse_picklist
from .parser import parse
from .size import MAXIMUM as MAXIMUM_SIZE
from .size import compiled_size
from .types import Context, Names, Reference, Run, Type, Values

MAXIMUM_LENGTH = 3_900
"""Characters of source, spaces and comments included (Salesforce Help, "Formula Field Limits and Restrictions")."""


@dataclass(frozen=True, slots=True)
class Formula:
    """A compiled formula. `compiled_size` estimates the characters Salesforce would compile it to."""

    source: str
    type: Type
    references: tuple[Reference, ...]
    compiled_size: int
    volatile: bool
    """Its value may change while its references keep theirs: TODAY(), ISNEW(), VLOOKUP and the like."""
    _run: Run = field(repr=False, compare=False)

    def evaluate(self, values: Values) -> Any:
        """
        The typed value (text, Decimal, bool, date, datetime, time), or None.

        Raises:
            FormulaRuntimeError: there is no value: Salesforce's `#Error!`.
        """
        try:
            return self._run(values)
        except ArithmeticError as e:
            raise FormulaRuntimeError("#Error!") from e


def compile_formula(
    source: str, names: Names, *, result: Type | None, context: Context = Context.FIELD, blanks_as_zero: bool = False
) -> Formula:
    """
    Parses, checks and compiles a formula.

    `result` is the type the formula must have (None: any); `blanks_as_zero` the field's treatment of blank numbers.

    Raises:
        FormulaError: as Salesforce words it, with the position in the source.
    """
    if result in (Type.PICKLIST, Type.MULTIPICKLIST):
        # The default of a picklist field is the text of a value.
        result = Type.TEXT
    if len(source) > MAXIMUM_LENGTH:
        raise FormulaError(f"Formula is too long ({len(source):,} characters). Maximum length is {MAXIMUM_LENGTH:,} characters")
    checked = check(parse(source), names, context)
    refuse_picklist(checked)
    size = compiled_size(checked)
    if size > MAXIMUM_SIZE:
        message = f"Compiled formula is too big to execute ({size:,} characters). Maximum size is {MAXIMUM_SIZE:,} characters"
        raise FormulaError(message)
    if result is not None and checked.type not in (result, Type.NULL):
        expected = "true or false" if result is Type.BOOLEAN else str(result)
        raise FormulaError(f"Formula result is data type ({checked.type}), incompatible with expected data type ({expected}).")
    run = compile_checked(checked, context, blanks_as_zero=blanks_as_zero)
    if Type.BOOLEAN in (checked.type, result):
        run = _never_null(run)
    kind = result if result is not None and checked.type is Type.NULL else checked.type
    volatile = any(f is not None and not f.pure for f in (c.function for c in walk(checked)))
    return Formula(source, kind, references(checked), size, volatile, run)


def _never_null(run: Run) -> Run:
    """A checkbox has no null: a comparison with a blank is false."""
    return lambda values: run(values) is True
