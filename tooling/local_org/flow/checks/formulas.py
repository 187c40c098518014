"""Formulas compile, and do not refer to themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ...formula import FormulaError
from ..kinds import BOOLEAN, Kind
from ..model import CollectionProcessor, FlowProblem, FormulaResource, Located, Value
from ..program.formulas import TYPES
from ..vocabulary import DataType
from .context import Checking, refused

_REFERENCE = re.compile(r"\{!\s*([A-Za-z]\w*)")


def formulas(checking: Checking) -> Iterator[FlowProblem]:
    for resource in checking.every(FormulaResource):
        data_type = resource.data_type or DataType.STRING
        if data_type not in TYPES:
            yield refused(resource, f'A formula can\'t be of the data type {data_type} ("{resource.name}").')
            continue
        yield from _compiles(checking, resource, resource.expression, Kind(data_type), resource.name)
    for value in checking.every(Value):
        if value.formula_expression is not None:
            yield from _compiles(checking, value, value.formula_expression, Kind(value.formula_data_type or DataType.STRING), "formula")
    for node in checking.every(CollectionProcessor):
        if node.formula:
            yield from _compiles(checking, node, node.formula, BOOLEAN, node.name)
    start = checking.flow.start
    if start is not None and start.filter_formula:
        yield from _compiles(checking, start, start.filter_formula, BOOLEAN, "filterFormula", entry=True)
    yield from _circles(checking)


def _compiles(checking: Checking, part: Located, source: str, kind: Kind, name: str, *, entry: bool = False) -> Iterator[FlowProblem]:
    try:
        checking.expressions.formula(source, kind, name, entry=entry)
    except FormulaError as error:
        yield refused(part, f"The formula expression is invalid: {error.message}")


def _circles(checking: Checking) -> Iterator[FlowProblem]:
    sources = {f.name.lower(): f for f in checking.flow.formulas}
    mentions = {name: {r.lower() for r in _REFERENCE.findall(f.expression)} & sources.keys() for name, f in sources.items()}
    for name, formula in sources.items():
        reached: set[str] = set()
        waiting = set(mentions[name])
        while waiting:
            other = waiting.pop()
            if other not in reached:
                reached.add(other)
                waiting |= mentions[other]
        if name in reached:
            yield refused(formula, f'The formula "{formula.name}" refers to itself.')
