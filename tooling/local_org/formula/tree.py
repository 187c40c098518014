"""The syntax tree of a formula. `start` is the offset of a node's first character in the source."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class NumberLiteral:
    value: Decimal
    start: int = 0


@dataclass(frozen=True, slots=True)
class TextLiteral:
    value: str
    start: int = 0


@dataclass(frozen=True, slots=True)
class BooleanLiteral:
    value: bool
    start: int = 0


@dataclass(frozen=True, slots=True)
class NullLiteral:
    start: int = 0


@dataclass(frozen=True, slots=True)
class Name:
    """A merge field: `Account.Name`, `$User.Id`, or `{!$Record.Name}` (then `braced`)."""

    path: tuple[str, ...]
    start: int = 0
    braced: bool = False

    @property
    def text(self) -> str:
        return ".".join(self.path)


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    """As written: Salesforce repeats it so in its messages."""
    arguments: tuple[Node, ...]
    start: int = 0


@dataclass(frozen=True, slots=True)
class Unary:
    operator: str
    """`+`, `-` or `NOT`."""
    operand: Node
    start: int = 0


@dataclass(frozen=True, slots=True)
class Binary:
    operator: str
    """One of `|| && = <> < <= > >= + - & ^ * /`."""
    left: Node
    right: Node
    start: int = 0


Node = NumberLiteral | TextLiteral | BooleanLiteral | NullLiteral | Name | Call | Unary | Binary
