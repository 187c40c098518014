"""SOQL: text to AST (`parser`), AST to one SQLite SELECT (`compile`), names and visibility checked on the way."""

from __future__ import annotations

from .ast import Query
from .compile import compile_query
from .functions import register
from .names import Environment, Everything, FormulaFunction, Formulas, Visibility
from .parameters import bind
from .parser import parse
from .shape import ChildRecords, CompiledQuery, Kind, Node, ParentRecord, TypeOfRecord, Value

__all__ = [
    "ChildRecords",
    "CompiledQuery",
    "Environment",
    "Everything",
    "FormulaFunction",
    "Formulas",
    "Kind",
    "Node",
    "ParentRecord",
    "Query",
    "TypeOfRecord",
    "Value",
    "Visibility",
    "bind",
    "compile_query",
    "parse",
    "register",
]
