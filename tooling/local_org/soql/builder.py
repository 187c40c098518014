"""The parse tree to AST."""

from __future__ import annotations

from typing import Any

from lark import Token

from .ast import (
    AllOf,
    AnyOf,
    Call,
    ChildQuery,
    Comparison,
    Condition,
    Expression,
    FieldPath,
    Includes,
    InQuery,
    InValues,
    Item,
    Not,
    Ordering,
    Query,
    TypeOf,
)
from .literals import LiteralBuilder
from .messages import unexpected_token


class QueryBuilder(LiteralBuilder):
    """One method per grammar rule; children arrive built."""

    def start(self, children: list[Any]) -> Query:
        query: Query = children[0]
        return query

    def query(self, children: list[Any]) -> Query:
        parts: dict[str, Any] = {}
        for name, value in children:
            if name == "source":
                parts["sobject"], parts["alias"] = value
            elif name == "group":
                parts["group_by"], parts["having"] = value
            elif name == "for_":
                parts["for_"] = (*parts.get("for_", ()), *value)
            else:
                parts[name] = value
        return Query(**parts)

    # select list

    def select_list(self, children: list[Any]) -> tuple[str, Any]:
        return "select", tuple(children)

    def plain_item(self, children: list[Any]) -> Item:
        return Item(children[0])

    def named_item(self, children: list[Any]) -> Item:
        return Item(children[0], self._simple(children[1]))

    def child_query(self, children: list[Any]) -> ChildQuery:
        return ChildQuery(children[0], children[0].sobject.at)

    def type_of(self, children: list[Any]) -> TypeOf:
        whens = tuple(child for child in children[1:] if len(child) == 2)
        otherwise = next((child[0] for child in children[1:] if len(child) == 1), ())
        return TypeOf(_path(children[0]), whens, otherwise)

    def when_part(self, children: list[Any]) -> tuple[Any, ...]:
        return _path(children[0]), children[1]

    def else_part(self, children: list[Any]) -> tuple[Any, ...]:
        return (children[0],)

    def names(self, children: list[Any]) -> tuple[FieldPath, ...]:
        return tuple(map(_path, children))

    # clauses: each is a pair of Query's attribute and its value

    def source(self, children: list[Any]) -> tuple[str, Any]:
        return "source", (_path(children[0]), self._simple(children[1]) if len(children) > 1 else None)

    def scope(self, children: list[Any]) -> tuple[str, Any]:
        return "scope", self._simple(children[0])

    def where(self, children: list[Any]) -> tuple[str, Any]:
        return "where", children[0]

    def with_clause(self, children: list[Any]) -> tuple[str, Any]:
        return "with_", self._simple(children[0])

    def group(self, children: list[Any]) -> tuple[str, Any]:
        return "group", (children[0], children[1] if len(children) > 1 else None)

    def having(self, children: list[Any]) -> Any:
        return children[0]

    def expressions(self, children: list[Any]) -> tuple[Expression, ...]:
        return tuple(children)

    def order(self, children: list[Any]) -> tuple[str, Any]:
        return "order_by", tuple(children)

    def ordering(self, children: list[Any]) -> Ordering:
        return Ordering(children[0], "DESC" in children[1:], "LAST" in children[1:])

    def direction(self, children: list[Any]) -> str:
        return str(children[0]).upper()

    def nulls(self, children: list[Any]) -> str:
        place: str = children[0]
        return place

    nulls_place = direction
    for_purpose = direction

    def limit(self, children: list[Any]) -> tuple[str, Any]:
        return "limit", self._count(children[0])

    def offset(self, children: list[Any]) -> tuple[str, Any]:
        return "offset", self._count(children[0])

    def for_clause(self, children: list[Any]) -> tuple[str, Any]:
        return "for_", (children[0],)

    def update_clause(self, children: list[Any]) -> tuple[str, Any]:
        """UPDATE TRACKING and UPDATE VIEWSTAT count views of articles: nothing to do."""
        return "for_", ()

    def all_rows(self, children: list[Any]) -> tuple[str, Any]:
        return "all_rows", True

    # conditions

    def all_of(self, children: list[Any]) -> AllOf:
        return AllOf(tuple(children))

    def any_of(self, children: list[Any]) -> AnyOf:
        return AnyOf(tuple(children))

    def negation(self, children: list[Any]) -> Condition:
        inner: Condition = children[0]
        return inner.condition if isinstance(inner, Not) else Not(inner)

    def comparison(self, children: list[Any]) -> Comparison:
        operator = str(children[1])
        return Comparison(children[0], "!=" if operator == "<>" else operator, children[2])

    def like(self, children: list[Any]) -> Comparison:
        return Comparison(children[0], "LIKE", children[1])

    def in_values(self, children: list[Any]) -> InValues:
        return InValues(children[0], children[1])

    def not_in_values(self, children: list[Any]) -> InValues:
        return InValues(children[0], children[1], negated=True)

    def in_query(self, children: list[Any]) -> InQuery:
        return InQuery(children[0], children[1])

    def not_in_query(self, children: list[Any]) -> InQuery:
        return InQuery(children[0], children[1], negated=True)

    def includes(self, children: list[Any]) -> Includes:
        return Includes(children[0], children[1])

    def excludes(self, children: list[Any]) -> Includes:
        return Includes(children[0], children[1], negated=True)

    # expressions and literals

    def path(self, children: list[Any]) -> FieldPath:
        return _path(children[0])

    def call(self, children: list[Any]) -> Call:
        name = children[0]
        return Call(self._simple(name), children[1] if len(children) > 1 else (), name.start_pos)

    def _count(self, token: Token) -> int:
        if not token.isdigit() or len(token) > 9:
            raise unexpected_token(self._text, token.start_pos or 0, str(token))
        return int(token)

    def _simple(self, token: Token) -> str:
        if "." in token:
            raise unexpected_token(self._text, token.start_pos or 0, str(token))
        return str(token)


def _path(token: Token) -> FieldPath:
    return FieldPath(tuple(token.split(".")), token.start_pos or 0)
