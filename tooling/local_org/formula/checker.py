"""The static type checker: a tree and the meaning of its names in, a typed tree or Salesforce's complaint out."""

from __future__ import annotations

from collections.abc import Iterator

from .errors import FormulaError
from .functions import Checked, Checking, Function
from .library import FUNCTIONS, REFUSED
from .operators import BINARY, UNARY
from .tree import Binary, BooleanLiteral, Call, Name, Node, NullLiteral, NumberLiteral, TextLiteral, Unary
from .types import Context, Names, Reference, Type

_LITERALS = {NumberLiteral: Type.NUMBER, TextLiteral: Type.TEXT, BooleanLiteral: Type.BOOLEAN, NullLiteral: Type.NULL}


def check(tree: Node, names: Names, context: Context) -> Checked:
    """
    The tree with types, functions and references.

    Raises:
        FormulaError: the first complaint, in the order of the source.
    """
    done: dict[int, Checked] = {}
    todo = [(tree, False)]
    while todo:
        node, ready = todo.pop()
        children = _children(node)
        if children and not ready:
            if isinstance(node, Call):
                _function(node, context)
            todo.append((node, True))
            todo.extend((child, False) for child in reversed(children))
        else:
            done[id(node)] = _checked(node, tuple(done[id(child)] for child in children), names, context)
    return done[id(tree)]


def walk(checked: Checked) -> Iterator[Checked]:
    """Every node, in the order of the source."""
    todo = [checked]
    while todo:
        current = todo.pop()
        yield current
        todo.extend(reversed(current.operands))


def references(checked: Checked) -> tuple[Reference, ...]:
    """Every reference once, in the order of the source."""
    return tuple({c.reference.path: c.reference for c in walk(checked) if c.reference is not None}.values())


def _children(node: Node) -> tuple[Node, ...]:
    if isinstance(node, Call):
        return node.arguments
    if isinstance(node, Binary):
        return (node.left, node.right)
    return (node.operand,) if isinstance(node, Unary) else ()


def _checked(node: Node, operands: tuple[Checked, ...], names: Names, context: Context) -> Checked:
    if isinstance(node, Name):
        reference = _resolved(node, names, context)
        return Checked(node, reference.type, reference=reference)
    if isinstance(node, Call):
        function, symbol = _function(node, context), node.name
    elif isinstance(node, Binary):
        function, symbol = BINARY[node.operator], node.operator
    elif isinstance(node, Unary):
        function, symbol = UNARY[node.operator], node.operator
    else:
        return Checked(node, _LITERALS[type(node)])
    return Checked(node, function.check(Checking(symbol, operands, node.start)), operands, function)


def _function(call: Call, context: Context) -> Function:
    name = call.name.upper()
    function = FUNCTIONS.get(name)
    if function is not None and context in function.contexts:
        return function
    if function is not None or name in REFUSED:
        raise FormulaError(f"Function {name} may not be used in this type of formula", call.start)
    raise FormulaError(f"Unknown function {call.name}. Check spelling.", call.start)


def _resolved(name: Name, names: Names, context: Context) -> Reference:
    try:
        reference = names.find(name.path)
    except FormulaError as e:
        e.position = name.start
        raise
    if reference is None:
        raise FormulaError(f"Field {name.text} does not exist. Check spelling.", name.start)
    if reference.long_text and context in (Context.FIELD, Context.DEFAULT_VALUE):
        message = f'You referenced an unsupported field type called "Long Text Area" using the following field: {name.text}'
        raise FormulaError(message, name.start)
    return reference
