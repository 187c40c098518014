"""Salesforce's formula language. Reading order: types, tree, parser, functions, checker, evaluator, formula, names."""

from __future__ import annotations

from .errors import FormulaError, FormulaRuntimeError
from .formula import MAXIMUM_LENGTH, Formula, compile_formula
from .library import FUNCTIONS, REFUSED
from .names import GlobalNames, SObjectNames, type_of_field
from .relationships import relationships_in
from .types import Context, Names, Reference, Type, Values

__all__ = [
    "FUNCTIONS",
    "MAXIMUM_LENGTH",
    "REFUSED",
    "Context",
    "Formula",
    "FormulaError",
    "FormulaRuntimeError",
    "GlobalNames",
    "Names",
    "Reference",
    "SObjectNames",
    "Type",
    "Values",
    "compile_formula",
    "relationships_in",
    "type_of_field",
]
