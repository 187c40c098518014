"""Literals of SOQL: texts with their escapes, numbers, dates, the words null, true, false and the date literals."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from lark import Token, Transformer

from .ast import DateLiteral, Literal, Query
from .date_literals import is_date_literal
from .messages import malformed, unexpected_token

STRING = re.compile(r"'((?:[^'\\]|\\.)*)'", re.DOTALL)
SURROGATE = re.compile("[\ud800-\udfff]")
_ESCAPE = re.compile(r"\\(u[0-9A-Fa-f]{4}|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
_WORDS: dict[str, bool | None] = {"NULL": None, "TRUE": True, "FALSE": False}


class LiteralBuilder(Transformer[Token, Query]):
    """The grammar rules of literals. `text` is the whole query, for positions in messages."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def value_list(self, children: list[Any]) -> tuple[Literal, ...]:
        return tuple(children)

    def strings(self, children: list[Any]) -> tuple[Literal, ...]:
        token = children[0]
        return tuple(self._text_literal(m[1], token.start_pos + m.start()) for m in STRING.finditer(token))

    def string(self, children: list[Any]) -> Literal:
        token = children[0]
        return self._text_literal(token[1:-1], token.start_pos)

    def number(self, children: list[Any]) -> Literal:
        try:
            return Literal(Decimal(str(children[0])), children[0].start_pos)
        except InvalidOperation:
            raise malformed(self._text, children[0].start_pos, f"Invalid number: {children[0]}") from None

    def date(self, children: list[Any]) -> Literal:
        return self._moment(children[0], date.fromisoformat)

    def datetime(self, children: list[Any]) -> Literal:
        return self._moment(children[0], datetime.fromisoformat)

    def word(self, children: list[Any]) -> Literal:
        token = children[0]
        word = token.upper()
        if word in _WORDS:
            return Literal(_WORDS[word], token.start_pos)
        if is_date_literal(word, counted=False):
            return Literal(DateLiteral(word), token.start_pos)
        raise unexpected_token(self._text, token.start_pos, str(token))

    def counted_word(self, children: list[Any]) -> Literal:
        token, number = children
        if not is_date_literal(token.upper(), counted=True) or not number.isdigit() or len(number) > 6:
            raise unexpected_token(self._text, token.start_pos, f"{token}:{number}")
        return Literal(DateLiteral(token.upper(), int(number)), token.start_pos)

    def _moment(self, token: Token, read: Any) -> Literal:
        try:
            return Literal(read(str(token).upper()), token.start_pos or 0)
        except (ValueError, OverflowError):
            raise malformed(self._text, token.start_pos or 0, f"Invalid date: {token}") from None

    def _text_literal(self, body: str, at: int) -> Literal:
        if "\\" not in body:
            return Literal(body, at)
        try:
            return Literal(unescaped(body, {"%": "%", "_": "_"}), at, unescaped(body, {"%": r"\%", "_": r"\_", "\\": r"\\"}))
        except (KeyError, UnicodeDecodeError):
            raise malformed(self._text, at, f"Invalid string literal '{body}'. Illegal character sequence in string literal.") from None


def unescaped(body: str, more: dict[str, str]) -> str:
    r"""The text a quoted literal stands for; `more` are the escapes allowed besides those of all texts.

    Raises:
        KeyError: an escape SOQL does not know.
        UnicodeDecodeError: half a surrogate pair.
    """
    escapes = _ESCAPED | more
    text = _ESCAPE.sub(lambda m: chr(int(m[1][1:], 16)) if len(m[1]) == 5 else escapes[m[1]], body)
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le") if SURROGATE.search(text) else text
