"""Source text to syntax tree, with Salesforce's syntax errors."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from .errors import FormulaError
from .tree import Binary, BooleanLiteral, Call, Name, Node, NullLiteral, NumberLiteral, TextLiteral, Unary

_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
_CANONICAL = {"==": "=", "!=": "<>", "!": "NOT"}


def _unescaped(quoted: str) -> str:
    return re.sub(r"\\(.)", lambda m: _ESCAPES.get(m[1].lower(), m[1]), quoted[1:-1])


class _ToTree(Transformer[Token, Node]):
    """Builds the tree while the parser reads: no second walk, and no recursion however deep the nesting."""

    def number(self, children: list[Token]) -> Node:
        return NumberLiteral(Decimal(children[0]), children[0].start_pos or 0)

    def text(self, children: list[Token]) -> Node:
        return TextLiteral(_unescaped(children[0]), children[0].start_pos or 0)

    def true(self, children: list[Token]) -> Node:
        return BooleanLiteral(True, children[0].start_pos or 0)

    def false(self, children: list[Token]) -> Node:
        return BooleanLiteral(False, children[0].start_pos or 0)

    def null(self, children: list[Token]) -> Node:
        return NullLiteral(children[0].start_pos or 0)

    def name(self, children: list[Token]) -> Node:
        return Name(tuple(children[0].split(".")), children[0].start_pos or 0)

    def braced(self, children: list[Token]) -> Node:
        return Name(tuple(children[0][2:-1].strip().split(".")), children[0].start_pos or 0, braced=True)

    def group(self, children: list[Any]) -> Node:
        node: Node = children[1]
        return node

    def call(self, children: list[Any]) -> Node:
        arguments = tuple(c for c in children[2:-1] if c is not None and not isinstance(c, Token))
        return Call(str(children[0]), arguments, children[0].start_pos or 0)

    def unary(self, children: list[Any]) -> Node:
        operator = "NOT" if children[0].type in ("NOT", "BANG") else str(children[0])
        return Unary(operator, children[1], children[0].start_pos or 0)

    def binary(self, children: list[Any]) -> Node:
        left, operator, right = children
        return Binary(_CANONICAL.get(operator, str(operator)), left, right, operator.start_pos or 0)


# The parser's tables are kept beside Python's own compiled files, and made again when the grammar changes.
_TABLES = Path(__file__).parent / "__pycache__" / "formula.lark.tables"

_LARK = Lark(
    Path(__file__).with_name("formula.lark").read_text(encoding="utf-8"),
    parser="lalr",
    lexer="contextual",
    transformer=_ToTree(),
    maybe_placeholders=True,
    keep_all_tokens=True,
    cache=str(_TABLES),
)


@lru_cache(maxsize=4096)
def parse(source: str) -> Node:
    """The tree of a formula's source text.

    Raises:
        FormulaError: `Syntax error. …`, with the position.
    """
    try:
        tree: Any = _LARK.parse(source)
    except UnexpectedInput as e:
        raise _syntax_error(e, source) from None
    node: Node = tree
    return node


def _syntax_error(error: UnexpectedInput, source: str) -> FormulaError:
    if isinstance(error, UnexpectedCharacters):
        position = error.pos_in_stream or 0
        return FormulaError(f"Syntax error. Found '{source[position]}'", position)
    if isinstance(error, UnexpectedToken):
        expected = error.accepts or error.expected
        position = error.pos_in_stream if error.pos_in_stream is not None else len(source)
        if error.token.type == "$END":
            return FormulaError("Syntax error. Missing ')'" if "RPAR" in expected else "Syntax error", len(source))
        if "$END" in expected:
            return FormulaError(f"Syntax error. Extra '{error.token}'", position)
        if "RPAR" in expected and error.token.type not in ("RPAR", "COMMA"):
            return FormulaError("Syntax error. Missing ')'", position)
        return FormulaError(f"Syntax error. Found '{error.token}'", position)
    return FormulaError("Syntax error", len(source))
