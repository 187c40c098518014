"""Logical functions. Null is no truth value: AND, OR, NOT and IF take it for false."""

from __future__ import annotations

from typing import Any

from .functions import Checked, Checking, Function, Invocation, left_chain, literal_text, takes_any_number
from .types import Run, Type

_BOOLEAN = Type.BOOLEAN


def _build_and(call: Invocation) -> Run:
    runs = call.runs
    if len(runs) == 2:
        first, second = runs
        return lambda values: first(values) is True and second(values) is True

    def all_true(values: Any) -> bool:
        for run in runs:  # noqa: SIM110  (a generator costs twice as much)
            if run(values) is not True:
                return False
        return True

    return all_true


def _build_or(call: Invocation) -> Run:
    runs = call.runs
    if len(runs) == 2:
        first, second = runs
        return lambda values: first(values) is True or second(values) is True

    def any_true(values: Any) -> bool:
        for run in runs:  # noqa: SIM110
            if run(values) is True:
                return True
        return False

    return any_true


def _build_not(call: Invocation) -> Run:
    only = call.runs[0]

    def negated(values: Any) -> bool | None:
        truth = only(values)
        return None if truth is None else not truth

    return negated


def _check_if(call: Checking) -> Type:
    call.count(3)
    if call.operands[0].type is not _BOOLEAN:
        raise call.wrong(0, _BOOLEAN)
    return call.common(1, 2)


def _else_chain(chain: Checked) -> tuple[Checked, ...]:
    """`IF(a, b, IF(c, d, e))` as `a, b, c, d, e`."""
    operands: list[Checked] = []
    current = chain
    while current.function is chain.function:
        operands += current.operands[:2]
        current = current.operands[2]
    return (*operands, current)


def _build_if(call: Invocation) -> Run:
    runs = call.runs
    otherwise = runs[-1]
    if len(runs) == 3:
        condition, then = runs[:2]
        return lambda values: then(values) if condition(values) is True else otherwise(values)
    branches = tuple(zip(runs[:-1:2], runs[1::2], strict=True))

    def choose(values: Any) -> Any:
        for holds, then in branches:
            if holds(values) is True:
                return then(values)
        return otherwise(values)

    return choose


def _check_ifs(call: Checking) -> Type:
    received = len(call.operands)
    if received < 3 or received % 2 == 0:
        call.count(max(3, 1 + 2 * ((1 + received) // 2)))
    for index in range(0, received - 1, 2):
        if call.operands[index].type is not _BOOLEAN:
            raise call.wrong(index, _BOOLEAN)
    return call.common(*range(1, received - 1, 2), received - 1)


def _check_case(call: Checking) -> Type:
    received = len(call.operands)
    if received < 4 or received % 2:
        call.count(max(4, received - received % 2))
        call.count(received + 1)
    subject = call.operands[0].type
    if subject in (_BOOLEAN, Type.LOCATION):
        raise call.illegal()
    cases, results = range(1, received - 1, 2), (*range(2, received - 1, 2), received - 1)
    for index in (*cases, *results):
        if call.operands[index].type is _BOOLEAN:
            raise call.illegal(index)
    if subject is Type.PICKLIST:
        for index in cases:
            if literal_text(call.operands[index]) is None:
                raise call.wrong(index, "Text Literal")
    else:
        call.common(0, *cases)
    return call.common(*results)


def _build_case(call: Invocation) -> Run:
    """Text and picklists: null is the empty text. Other types: null equals nothing."""
    runs = call.runs
    subject, otherwise = runs[0], runs[-1]
    textual = call.operands[0].type in (Type.TEXT, Type.PICKLIST) or call.operands[1].type is Type.TEXT
    literals = [_literal_key(o) for o in call.operands[1:-1:2]]
    if all(k is not None for k in literals):
        table: dict[Any, Run] = {}
        for key, result in zip(literals, runs[2:-1:2], strict=True):
            assert key is not None
            table.setdefault(key[0], result)
        if not textual:
            table.pop(None, None)
        find = table.get
        return lambda values: find(subject(values), otherwise)(values)
    branches = tuple(zip(runs[1:-1:2], runs[2:-1:2], strict=True))

    def choose(values: Any) -> Any:
        value = subject(values)
        if value is not None or textual:
            for case, result in branches:
                if case(values) == value:
                    return result(values)
        return otherwise(values)

    return choose


def _literal_key(operand: Checked) -> tuple[Any] | None:
    """A literal's value as a dictionary key, boxed; None for anything but a literal. '' is null."""
    value = getattr(operand.node, "value", None)
    return None if value is None else (value if value != "" else None,)


def _check_is_blank(call: Checking) -> Type:
    call.count(1)
    if call.operands[0].type is _BOOLEAN:
        raise call.illegal()
    return _BOOLEAN


def _build_is_blank(call: Invocation) -> Run:
    only = call.runs[0]
    return lambda values: only(values) is None


def _build_is_null(call: Invocation) -> Run:
    """Text is never null, as an empty text is a text (Salesforce Help, "ISNULL": use ISBLANK instead)."""
    if call.types[0] is Type.TEXT:
        return lambda values: False
    return _build_is_blank(call)


def _check_blank_value(call: Checking) -> Type:
    call.count(2)
    if call.operands[0].type is _BOOLEAN:
        raise call.illegal()
    return call.common(0, 1)


def _build_blank_value(call: Invocation) -> Run:
    value, substitute = call.runs

    def run(values: Any) -> Any:
        found = value(values)
        return substitute(values) if found is None else found

    return run


def _build_null_value(call: Invocation) -> Run:
    return call.runs[0] if call.type is Type.TEXT else _build_blank_value(call)


AND = Function("AND", takes_any_number(_BOOLEAN, _BOOLEAN), _build_and, flatten=left_chain)
OR = Function("OR", takes_any_number(_BOOLEAN, _BOOLEAN), _build_or, flatten=left_chain)
NOT = Function("NOT", takes_any_number(_BOOLEAN, _BOOLEAN, most=1), _build_not)

FUNCTIONS = (
    AND,
    OR,
    NOT,
    Function("IF", _check_if, _build_if, flatten=_else_chain),
    Function("IFS", _check_ifs, _build_if),
    Function("CASE", _check_case, _build_case),
    Function("ISBLANK", _check_is_blank, _build_is_blank),
    Function("ISNULL", _check_is_blank, _build_is_null),
    Function("BLANKVALUE", _check_blank_value, _build_blank_value),
    Function("NULLVALUE", _check_blank_value, _build_null_value),
)
