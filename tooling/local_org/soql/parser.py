"""SOQL text to AST."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from lark import Lark, UnexpectedCharacters, UnexpectedInput, UnexpectedToken
from lark.exceptions import VisitError

from ..errors import MalformedQuery
from .ast import Query
from .builder import QueryBuilder
from .literals import STRING, SURROGATE
from .messages import malformed, unexpected_token

MAX_LENGTH = 100_000
_MAX_DEPTH = 60


def parse(text: str) -> Query:
    """The query as written: names are not checked yet.

    Raises:
        MalformedQuery: the text is not SOQL; the message shows where.
    """
    if len(text) > MAX_LENGTH:
        raise MalformedQuery(f"SOQL statements cannot be longer than {MAX_LENGTH} characters.")
    if SURROGATE.search(text):
        raise MalformedQuery("The query contains half a surrogate pair.")
    return _parse(text)


@lru_cache(maxsize=512)
def _parse(text: str) -> Query:
    _refuse_deep_nesting(text)
    try:
        return _build(text, _GRAMMAR.parse(text))
    except UnexpectedToken as error:
        token = error.token
        if token.type == "$END":
            raise unexpected_token(text, len(text.rstrip()), "<EOF>") from None
        if token == ":":
            raise malformed(text, token.start_pos or 0, "Bind variables only allowed in Apex code") from None
        raise unexpected_token(text, token.start_pos or 0, str(token)) from None
    except UnexpectedCharacters as error:
        at = error.pos_in_stream or 0
        raise malformed(text, at, f"line {error.line}:{error.column - 1} no viable alternative at character '{text[at]}'") from None
    except UnexpectedInput as error:
        raise malformed(text, error.pos_in_stream or 0, "unexpected end of query") from None


def _build(text: str, tree: Any) -> Query:
    try:
        query = QueryBuilder(text).transform(tree)
    except VisitError as error:
        raise error.orig_exc from None
    except RecursionError:
        raise MalformedQuery("The query is nested too deeply.") from None
    assert isinstance(query, Query)
    return query


def _refuse_deep_nesting(text: str) -> None:
    if text.count("(") <= _MAX_DEPTH:
        return
    depth = deepest = 0
    for char in STRING.sub("", text):
        if char == "(":
            depth += 1
            deepest = max(deepest, depth)
        elif char == ")":
            depth -= 1
    if deepest > _MAX_DEPTH:
        raise MalformedQuery(f"The query is nested more than {_MAX_DEPTH} levels deep.")


# Building the LALR tables takes seconds; they are kept beside Python's own compiled files and made again when the grammar changes.
_TABLES = Path(__file__).parent / "__pycache__" / "soql.lark.tables"


_GRAMMAR = Lark(
    (Path(__file__).parent / "soql.lark").read_text(encoding="utf-8"),
    parser="lalr",
    lexer="contextual",
    maybe_placeholders=False,
    cache=str(_TABLES),
)
