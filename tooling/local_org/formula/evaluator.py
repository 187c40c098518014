"""Typed tree to Python closures. All decisions about types fall here, once; none is left for an evaluation."""

from __future__ import annotations

from typing import Any

from .decimals import INTERNAL, PERCENT, ZERO
from .errors import FormulaError, FormulaRuntimeError
from .functions import Checked, Invocation
from .types import Context, Reference, Run, Type

_DEEPEST = 250
"""Closures call closures: Python's stack bounds the nesting of what is left after chains are flattened."""


def compile_checked(checked: Checked, context: Context, *, blanks_as_zero: bool) -> Run:
    """
    The closure that computes a checked tree.

    Raises:
        FormulaError: nested too deeply.
    """
    done: dict[int, tuple[Run, bool, int]] = {}
    flat: dict[int, tuple[Checked, ...]] = {}
    todo = [(checked, False)]
    while todo:
        current, ready = todo.pop()
        if current.function is None:
            done[id(current)] = (_leaf(current, context, blanks_as_zero), current.reference is None, 1)
            continue
        if not ready:
            operands = current.function.flatten(current) if current.function.flatten else current.operands
            flat[id(current)] = operands
            todo.append((current, True))
            todo.extend((operand, False) for operand in operands)
            continue
        operands = flat[id(current)]
        parts = [done[id(operand)] for operand in operands]
        depth = 1 + max((part[2] for part in parts), default=0)
        if depth > _DEEPEST:
            raise FormulaError("Compiled formula is too big to execute: it is nested too deeply.", current.node.start)
        run = current.function.build(Invocation(operands, tuple(part[0] for part in parts), current.type, context))
        constant = current.function.pure and all(part[1] for part in parts)
        done[id(current)] = _folded(run, depth) if constant else (run, False, depth)
    return done[id(checked)][0]


def _folded(run: Run, depth: int) -> tuple[Run, bool, int]:
    """A call with literals only is computed now, unless it has no value: `1/0` is an error of the evaluation."""
    try:
        value = run(None)
    except (ArithmeticError, FormulaRuntimeError):
        return run, False, depth
    return (lambda values: value), True, 1


def _leaf(checked: Checked, context: Context, blanks_as_zero: bool) -> Run:
    if checked.reference is None:
        value = getattr(checked.node, "value", None)
        literal = None if value == "" else value
        return lambda values: literal
    return _reference(checked.reference, context, blanks_as_zero)


def _reference(reference: Reference, context: Context, blanks_as_zero: bool) -> Run:
    path = reference.path
    if reference.type is Type.NUMBER:
        return _number(path, percent=reference.percent, blanks_as_zero=blanks_as_zero)
    if reference.identifier and context not in (Context.FLOW, Context.ENTRY):
        # Outside flows a formula sees ids in their 15-character form; CASESAFEID makes 18 of them (Salesforce Help, "CASESAFEID").
        def record_id(values: Any) -> Any:
            value = values.value(path)
            return None if value is None else value[:15]

        return record_id
    if reference.type is Type.BOOLEAN and context not in (Context.FLOW, Context.ENTRY):
        # A checkbox behind an empty lookup is false; only a flow's Boolean variable can be null.
        return lambda values: values.value(path) is True
    return lambda values: values.value(path)


def _number(path: tuple[str, ...], *, percent: bool, blanks_as_zero: bool) -> Run:
    """A percent field of 50 is 0.5 inside a formula. Blank numbers are zero if the formula field treats blanks so."""
    blank = ZERO if blanks_as_zero else None
    if percent:

        def share(values: Any) -> Any:
            value = values.value(path)
            return blank if value is None else INTERNAL.multiply(value, PERCENT)

        return share
    if blanks_as_zero:

        def number(values: Any) -> Any:
            value = values.value(path)
            return ZERO if value is None else value

        return number
    return lambda values: values.value(path)
