"""An estimate of the characters of SQL that Salesforce compiles a formula to, modelled on its published SQL generator."""

from __future__ import annotations

from .functions import Checked
from .tree import NumberLiteral, TextLiteral
from .types import Type

MAXIMUM = 15_000
"""Salesforce Help, "Formula Field Limits and Restrictions": compile size."""

_FIELD, _NUMBER_FIELD = 16, 24
"""A column with its alias; a number stands inside NVL(…, 0)."""

_CALL = {
    "IF": 26, "IFS": 16, "CASE": 16, "AND": 6, "OR": 6, "NOT": 6, "ISBLANK": 10, "ISNULL": 10, "TEXT": 30, "VALUE": 60, "DATE": 200,
    "DATEVALUE": 100, "DATETIMEVALUE": 100, "TIMEVALUE": 100, "YEAR": 30, "MONTH": 30, "DAY": 30, "WEEKDAY": 40, "FLOOR": 60, "CEILING": 60,
    "ISPICKVAL": 30, "TODAY": 30, "NOW": 20,
}  # fmt: skip
_REPEATS = {"FLOOR": 3, "CEILING": 3, "DATE": 3, "ISPICKVAL": 2, "VALUE": 2, "DATEVALUE": 2, "DATETIMEVALUE": 2, "TIMEVALUE": 2}
"""How often an operand's own text stands in the result: the guard against bad values repeats it."""


def compiled_size(checked: Checked) -> int:
    """Characters; a referenced formula field counts with its own compiled size, as Salesforce inlines it."""
    done: dict[int, int] = {}
    todo = [(checked, False)]
    while todo:
        current, ready = todo.pop()
        if current.operands and not ready:
            todo.append((current, True))
            todo.extend((operand, False) for operand in current.operands)
        else:
            done[id(current)] = _size(current, [done[id(operand)] for operand in current.operands])
    return done[id(checked)]


def _size(checked: Checked, operands: list[int]) -> int:
    reference = checked.reference
    if reference is not None:
        return reference.compiled_size or (_NUMBER_FIELD if reference.type is Type.NUMBER else _FIELD)
    if checked.function is None:
        return len(str(checked.node.value)) + 2 if isinstance(checked.node, NumberLiteral | TextLiteral) else 4
    name = checked.function.name
    if name in ("=", "<>"):
        return _equality(checked.operands[0], checked.operands[1], operands[0], operands[1])
    if name == "CASE":
        subject, last = checked.operands[0], len(operands) - 1
        # `CASE x WHEN …` has its subject once; a text or picklist subject is compared anew for each WHEN.
        repeated = subject.type in (Type.TEXT, Type.PICKLIST)
        cases = sum(
            (_equality(subject, checked.operands[i], operands[0], operands[i]) if repeated else operands[i]) + 12 for i in range(1, last, 2)
        )
        return _CALL[name] + operands[0] + cases + sum(operands[2:last:2]) + operands[last]
    if not name[:1].isalpha():
        return sum(operands) + 4
    return _CALL.get(name, 8) + _REPEATS.get(name, 1) * sum(operands) + 2 * len(operands)


def _equality(left: Checked, right: Checked, left_size: int, right_size: int) -> int:
    """Text is compared as `nvl(a, b||'x') = nvl(b, a||'x')`, so that null equals null; a literal needs no nvl of its own."""
    if left.type is Type.PICKLIST:
        return 2 * left_size + 28
    if Type.TEXT not in (left.type, right.type):
        return left_size + right_size + 3
    literal = isinstance(left.node, TextLiteral) or isinstance(right.node, TextLiteral)
    if literal:
        return left_size + right_size + 18 + (right_size if isinstance(right.node, TextLiteral) else left_size)
    return 2 * (left_size + right_size) + 30
