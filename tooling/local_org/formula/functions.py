"""What a function or operator is made of: how its call is checked, and how it is compiled; plus the shapes that many share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .errors import FormulaError
from .tree import Name, Node, TextLiteral
from .types import Context, Reference, Run, Type

EVERYWHERE = frozenset(Context)
RULES = frozenset({Context.VALIDATION, Context.ENTRY})
"""Where there is a record as it was before: rules and flow entry criteria."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A tree node with its type: what the checker hands to the evaluator."""

    node: Node
    type: Type
    operands: tuple[Checked, ...] = ()
    function: Function | None = None
    reference: Reference | None = None


@dataclass(frozen=True, slots=True)
class Invocation:
    """One call to compile: its checked operands and what they were compiled to."""

    operands: tuple[Checked, ...]
    runs: tuple[Run, ...]
    type: Type
    context: Context

    @property
    def types(self) -> tuple[Type, ...]:
        return tuple(o.type for o in self.operands)


Check = Callable[["Checking"], Type]
Build = Callable[[Invocation], Run]


@dataclass(frozen=True, slots=True)
class Function:
    """`pure`: the same operands always give the same value, so a call with literals only is computed when compiled."""

    name: str
    check: Check
    build: Build
    contexts: frozenset[Context] = EVERYWHERE
    pure: bool = True
    flatten: Callable[[Checked], tuple[Checked, ...]] | None = None
    """Operands of a chain of calls as one list (`a & b & c`, IF in the else of an IF): shallow, and one loop when it runs."""


@dataclass(frozen=True, slots=True)
class Checking:
    """One call being checked. Every complaint is worded as Salesforce's `formulaLabels.xml` words it."""

    symbol: str
    """The function's name as written, or the operator."""
    operands: tuple[Checked, ...]
    start: int

    @property
    def description(self) -> str:
        return f"function '{self.symbol}()'" if self.symbol[:1].isalpha() else f"operator '{self.symbol}'"

    def count(self, least: int, most: int | None = None) -> None:
        """Complains unless the number of operands is between `least` and `most` (None: exactly `least`)."""
        received, most = len(self.operands), least if most is None else most
        if not least <= received <= most:
            expected = least if received < least else most
            message = f"Incorrect number of parameters for {self.description}. Expected {expected}, received {received}"
            raise FormulaError(message, self.start)

    def expect(self, index: int, *types: Type) -> Type:
        """The type of an operand, which must be one of `types` or the literal null."""
        operand = self.operands[index]
        if operand.type is Type.NULL or operand.type in types:
            return operand.type
        raise self.wrong(index, *types)

    def wrong(self, index: int, *types: Type | str) -> FormulaError:
        operand = self.operands[index]
        refuse_picklist(operand)
        expected = ", ".join(dict.fromkeys(str(t) for t in types if t is not operand.type))
        message = f"Incorrect parameter type for {self.description}. Expected {expected}, received {operand.type}"
        return FormulaError(message, operand.node.start)

    def illegal(self, index: int = 0) -> FormulaError:
        refuse_picklist(self.operands[index])
        return FormulaError(f"Incorrect argument type for {self.description}.", self.start)

    def common(self, *indexes: int) -> Type:
        """The one type that operands share; the literal null takes any."""
        found = Type.NULL
        for index in indexes:
            kind = self.operands[index].type
            if kind in (Type.PICKLIST, Type.MULTIPICKLIST):
                refuse_picklist(self.operands[index])
            if found is Type.NULL:
                found = kind
            elif kind not in (Type.NULL, found):
                raise self.wrong(index, found)
        return found


def refuse_picklist(operand: Checked) -> None:
    """Salesforce names the field when a picklist stands where none is allowed."""
    label = {Type.PICKLIST: "picklist", Type.MULTIPICKLIST: "multi-select picklist"}.get(operand.type)
    if label is None:
        return
    field = operand
    while field.reference is None and field.operands:
        field = field.operands[0]
    name = field.node.text if isinstance(field.node, Name) else label
    message = f"Field {name} is a {label} field. {label.capitalize()} fields are only supported in certain functions."
    raise FormulaError(message, operand.node.start)


def takes(*parameters: Type, gives: Type, optional: int = 0) -> Check:
    """The check of a function with a fixed list of parameters, the last `optional` of which may be left out."""

    def check(call: Checking) -> Type:
        call.count(len(parameters) - optional, len(parameters))
        for index, _ in enumerate(call.operands):
            call.expect(index, parameters[index])
        return gives

    return check


def takes_any_number(parameter: Type, gives: Type, most: int = 255) -> Check:
    """The check of a function with one or more parameters of one type."""

    def check(call: Checking) -> Type:
        call.count(1, most)
        for index, _ in enumerate(call.operands):
            call.expect(index, parameter)
        return gives

    return check


def null_if_any_is_null(function: Callable[..., Any]) -> Build:
    """Compiles a function that has no value as soon as one operand has none."""

    def build(call: Invocation) -> Run:
        runs = call.runs
        if not runs:
            return lambda values: function()
        if len(runs) == 1:
            only = runs[0]

            def of_one(values: Any) -> Any:
                a = only(values)
                return None if a is None else function(a)

            return of_one
        if len(runs) == 2:
            first, second = runs

            def of_two(values: Any) -> Any:
                a = first(values)
                b = second(values)
                return None if a is None or b is None else function(a, b)

            return of_two

        def of_many(values: Any) -> Any:
            arguments = [run(values) for run in runs]
            return None if None in arguments else function(*arguments)

        return of_many

    return build


def with_nulls(function: Callable[..., Any]) -> Build:
    """Compiles a function that decides itself what a missing operand means."""

    def build(call: Invocation) -> Run:
        runs = call.runs
        if len(runs) == 1:
            only = runs[0]
            return lambda values: function(only(values))
        if len(runs) == 2:
            first, second = runs
            return lambda values: function(first(values), second(values))
        return lambda values: function(*[run(values) for run in runs])

    return build


def literal_text(operand: Checked) -> str | None:
    return operand.node.value if isinstance(operand.node, TextLiteral) else None


def left_chain(chain: Checked) -> tuple[Checked, ...]:
    """The operands of `a & b & c`: those of the same function and type, followed down the left."""
    operands: list[Checked] = []
    current = chain
    while current.function is chain.function and current.type is chain.type and len(current.operands) == 2:
        operands.append(current.operands[1])
        current = current.operands[0]
    return (current, *reversed(operands)) if operands else chain.operands
