"""Which relationships a formula crosses, without looking up what its names stand for."""

from __future__ import annotations

from functools import lru_cache

from .parser import parse
from .tree import Binary, Call, Name, Node, Unary


@lru_cache(maxsize=4096)
def relationships_in(source: str) -> frozenset[str]:
    """`account` and `account.owner` of `Account.Owner.Name`, in lower case; the `$` globals are no relationships.

    Raises:
        FormulaError: `Syntax error. …`
    """
    found: set[str] = set()
    todo: list[Node] = [parse(source)]
    while todo:
        node = todo.pop()
        match node:
            case Name(path=path) if not path[0].startswith("$"):
                found |= {".".join(path[:count]).lower() for count in range(1, len(path))}
            case Call(arguments=arguments):
                todo += arguments
            case Unary(operand=operand):
                todo.append(operand)
            case Binary(left=left, right=right):
                todo += (left, right)
            case _:
                pass
    return frozenset(found)
