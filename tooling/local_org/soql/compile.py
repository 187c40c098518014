"""A query to one SQLite SELECT (and one more for each child relationship)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count

from ..errors import MalformedQuery
from ..schema.types import Field, FieldType, SObject
from .ast import Call, ChildQuery, Expression, FieldPath, Item, Ordering, Query, TypeOf
from .conditions import ConditionCompiler
from .messages import (
    InvalidQueryFilterOperator,
    NumberOutsideValidRange,
    malformed,
    no_such_child_relationship,
    no_such_object,
    positioned,
)
from .names import Environment, Scope
from .operands import AGGREGATES, Operand, groupable, is_comparable, operand
from .parameters import Parameter
from .select_list import SelectList
from .shape import ChildRecords, CompiledQuery, Kind, Node, Value

MAX_OFFSET = 2000
MAX_FIELDS_LIMIT = 200
_MAX_CHILD_LEVELS = 4
_IDS = (FieldType.ID, FieldType.REFERENCE)
_WITH = frozenset({"security_enforced", "user_mode", "system_mode"})


def compile_query(query: Query, environment: Environment, text: str = "") -> CompiledQuery:
    """Checks the names and compiles. `text` is what the query was parsed from, for positions in messages.

    Raises:
        OrgError: INVALID_TYPE, INVALID_FIELD, MALFORMED_QUERY and their kin, worded as Salesforce words them.
    """
    sobject = _queried(environment, query, text)
    return _Compiler(environment, text, query, sobject, (f"t{number}" for number in count())).compile()


class _Compiler:
    def __init__(self, environment: Environment, text: str, query: Query, sobject: SObject, aliases: Iterator[str], level: int = 0) -> None:
        self._environment = environment
        self._text = text
        self._query = query
        self._level = level
        self._aliases = aliases
        self._scope = Scope(environment, text, sobject, aliases, query.alias)
        self._parameters: list[Parameter] = []
        self._conditions = ConditionCompiler(self._scope, self._parameters, self._semi_join)
        _refuse_unsupported(query, text)

    def compile(self) -> CompiledQuery:
        query = self._query
        first = query.select[0]
        if len(query.select) == 1 and isinstance(first, Item) and _is_bare_count(first) and not query.group_by:
            return self._count()
        if query.group_by or any(isinstance(item, Item) and _is_aggregate(item.expression) for item in query.select):
            return self._aggregate()
        return self._records()

    def compile_children(self, parent_field: Field) -> tuple[CompiledQuery, int]:
        """The children of the parents whose ids are the first parameter, and where each row says whose child it is."""
        query = self._query
        if query.group_by or any(isinstance(item, Item) and _is_aggregate(item.expression) for item in query.select):
            raise malformed(self._text, query.sobject.at, "Aggregate functions are not supported in child relationship queries")
        selected = self._select_list()
        parent = self._scope.own(parent_field)
        index = selected.index(parent.sql)
        self._parameters.append(None)
        where = self._where(f"{parent.sql} IN (SELECT value FROM json_each(?))")
        order = self._order([self._ordering(ordering) for ordering in query.order_by], by_id=True)
        sql = f"SELECT {selected.sql()} FROM {self._scope.from_clause()}{where}{order}"
        return CompiledQuery(Kind.RECORDS, self._scope.sobject, sql, tuple(self._parameters), selected.nodes(), selected.id_index), index

    def _records(self) -> CompiledQuery:
        selected = self._select_list()
        if self._query.having is not None:
            raise malformed(self._text, 0, "HAVING needs GROUP BY")
        where = self._where()
        order = self._order([self._ordering(ordering) for ordering in self._query.order_by], by_id=True)
        sql = f"SELECT {selected.sql()} FROM {self._scope.from_clause()}{where}{order}{self._page()}"
        return CompiledQuery(Kind.RECORDS, self._scope.sobject, sql, tuple(self._parameters), selected.nodes(), selected.id_index)

    def _select_list(self) -> SelectList:
        selected = SelectList(self._scope, self._query)
        for item in self._query.select:
            if isinstance(item, ChildQuery):
                selected.add_children(self._children(item))
            elif isinstance(item, TypeOf):
                selected.add_type_of(item)
            else:
                selected.add(item)
        return selected

    def _children(self, item: ChildQuery) -> ChildRecords:
        name = str(item.query.sobject)
        relationships = self._environment.schema.children(self._scope.sobject.name)
        found = next((r for r in relationships if r.name and r.name.lower() == name.lower()), None)
        child = self._environment.schema.get(found.child) if found else None
        visibility = self._environment.visibility
        if found is None or child is None or not visibility.sees_object(child) or not visibility.sees_field(child, found.field):
            raise no_such_child_relationship(self._text, item.at, name)
        if self._level >= _MAX_CHILD_LEVELS:
            raise malformed(self._text, item.at, "Child relationship queries can be nested at most four levels deep")
        inner = _Compiler(self._environment, self._text, item.query, child, self._aliases, self._level + 1)
        compiled, index = inner.compile_children(found.field)
        return ChildRecords(found.name or name, compiled, index, item.query.limit, item.query.offset)

    def _count(self) -> CompiledQuery:
        where = self._where()
        if self._query.limit is None and not self._query.offset:
            sql = f"SELECT COUNT(*) FROM {self._scope.from_clause()}{where}"
        else:
            sql = f"SELECT COUNT(*) FROM (SELECT 1 FROM {self._scope.from_clause()}{where}{self._page()})"
        return CompiledQuery(Kind.COUNT, self._scope.sobject, sql, tuple(self._parameters))

    def _aggregate(self) -> CompiledQuery:
        query = self._query
        grouped = {groupable(self._scope, expression).sql: expression for expression in query.group_by}
        nodes: list[Node] = []
        columns: list[str] = []
        names: set[str] = set()
        for item in query.select:
            if not isinstance(item, Item):
                raise MalformedQuery("Grouped queries have neither child relationship queries nor TYPEOF")
            found = operand(self._scope, item.expression)
            self._refuse_ungrouped(found, grouped, item.expression)
            unnamed = sum(1 for node in nodes if isinstance(node, Value) and node.name.startswith("expr"))
            name = item.alias or (f"expr{unnamed}" if isinstance(item.expression, Call) else found.name)
            if name.lower() in names:
                raise malformed(self._text, item.expression.at, f"duplicate alias: {name}")
            names.add(name.lower())
            field = found.column.field if found.column is not None and isinstance(item.expression, FieldPath) else None
            nodes.append(Value(name, len(columns), found.type, str(item.expression), field, aggregate=True))
            columns.append(found.sql)
        where = self._where()
        group = f" GROUP BY {', '.join(grouped)}" if grouped else ""
        having = ""
        if query.having is not None:
            if not grouped:
                raise malformed(self._text, query.sobject.at, "HAVING needs GROUP BY")
            having = f" HAVING {self._conditions.sql(query.having)}"
        aliases = {node.name.lower(): columns[index] for index, node in enumerate(nodes) if isinstance(node, Value)}
        orderings = []
        for ordering in query.order_by:
            alias = aliases.get(str(ordering.expression).lower()) if isinstance(ordering.expression, FieldPath) else None
            if alias is None:
                found = operand(self._scope, ordering.expression)
                self._refuse_ungrouped(found, grouped, ordering.expression)
                alias = found.sql
            orderings.append(_ordering_sql(alias, ordering))
        order = self._order(orderings or list(grouped), by_id=False)
        sql = f"SELECT {', '.join(columns)} FROM {self._scope.from_clause()}{where}{group}{having}{order}{self._page()}"
        return CompiledQuery(Kind.AGGREGATE, self._scope.sobject, sql, tuple(self._parameters), tuple(nodes))

    def _refuse_ungrouped(self, found: Operand, grouped: dict[str, Expression], expression: Expression) -> None:
        if not found.aggregate and found.sql not in grouped:
            raise malformed(self._text, expression.at, f"Field must be grouped or aggregated: {expression}")

    def _where(self, first: str | None = None) -> str:
        conditions = [] if first is None else [first]
        scope = self._scope
        if not self._environment.include_deleted and not self._query.all_rows and (deleted := scope.sobject.field("IsDeleted")):
            conditions.append(f"{scope.own(deleted).sql} = 0")
        allowed = self._environment.visibility.record_filter(scope.sobject, scope.root)
        if allowed is not None:
            conditions.append(f"({allowed[0]})")
            self._parameters.extend(allowed[1])
        if self._query.where is not None:
            conditions.append(self._conditions.sql(self._query.where))
        return f" WHERE {' AND '.join(conditions)}" if conditions else ""

    def _ordering(self, ordering: Ordering) -> str:
        found = operand(self._scope, ordering.expression)
        if found.aggregate:
            raise malformed(self._text, ordering.expression.at, f"Field must be grouped or aggregated: {ordering.expression}")
        if found.column is not None and (not is_comparable(found.column.field) or found.type is FieldType.MULTIPICKLIST):
            raise malformed(self._text, ordering.expression.at, f"field '{found.name}' can not be sorted in a query call")
        return _ordering_sql(found.sql, ordering)

    def _order(self, orderings: Sequence[str], *, by_id: bool) -> str:
        """By Id last of all, so that the same query always answers in the same order."""
        tie = [f'{self._scope.root}."Id"'] if by_id else []
        listed = [*orderings, *tie]
        return f" ORDER BY {', '.join(listed)}" if listed else ""

    def _page(self) -> str:
        if self._query.limit is None and not self._query.offset:
            return ""
        return f" LIMIT {-1 if self._query.limit is None else self._query.limit} OFFSET {self._query.offset}"

    def _semi_join(self, query: Query, left: Operand, at: int) -> str:
        if left.type not in _IDS:
            raise InvalidQueryFilterOperator(
                positioned(self._text, at, "Semi join sub-selects are only allowed on Id and reference fields")
            )
        sobject = _queried(self._environment, query, self._text)
        inner = _Compiler(self._environment, self._text, query, sobject, self._aliases, self._level + 1)
        if inner._level > _MAX_CHILD_LEVELS:
            raise malformed(self._text, at, "Semi join sub-selects are nested too deeply")
        sql, parameters = inner._single_column()
        self._parameters.extend(parameters)
        return sql

    def _single_column(self) -> tuple[str, list[Parameter]]:
        item = self._query.select[0]
        if len(self._query.select) != 1 or not isinstance(item, Item) or not isinstance(item.expression, FieldPath):
            raise malformed(self._text, self._query.sobject.at, "Semi join sub-selects must query exactly one field")
        column = self._scope.column(item.expression)
        if column.field.type not in _IDS:
            message = f"The selected field '{column.field.name}' in the semi join sub-select must be an Id or a reference field"
            raise InvalidQueryFilterOperator(positioned(self._text, item.expression.at, message))
        if self._query.group_by or (self._query.order_by and self._query.limit is None):
            raise malformed(self._text, self._query.sobject.at, "Semi join sub-selects take neither GROUP BY nor ORDER BY")
        order = [self._ordering(ordering) for ordering in self._query.order_by]
        where = self._where()
        known = f"{column.sql} IS NOT NULL"
        where = f"{where} AND {known}" if where else f" WHERE {known}"
        tail = f"{where}{self._order(order, by_id=False)}{self._page()}"
        return f"SELECT {column.sql} FROM {self._scope.from_clause()}{tail}", self._parameters


def _queried(environment: Environment, query: Query, text: str) -> SObject:
    found = environment.schema.get(str(query.sobject))
    if found is None or not found.queryable or (found.tooling and not environment.tooling) or not environment.visibility.sees_object(found):
        raise no_such_object(text, query.sobject.at, str(query.sobject))
    return found


def _refuse_unsupported(query: Query, text: str) -> None:
    at = query.sobject.at
    if query.scope is not None and query.scope.lower() != "everything":
        raise malformed(text, at, f"USING SCOPE {query.scope} is not supported by this org; only everything is")
    if query.with_ is not None and query.with_.lower() not in _WITH:
        raise malformed(text, at, f"WITH {query.with_} is not supported by this org")
    if query.offset > MAX_OFFSET:
        raise NumberOutsideValidRange(f"Maximum SOQL offset allowed is {MAX_OFFSET}")
    calls = [item.expression for item in query.select if isinstance(item, Item) and isinstance(item.expression, Call)]
    if any(call.name.upper() == "FIELDS" and str(call.arguments[0]).upper() != "STANDARD" for call in calls if call.arguments) and (
        query.limit is None or query.limit > MAX_FIELDS_LIMIT
    ):
        raise MalformedQuery(f"The SOQL FIELDS function must have a LIMIT of at most {MAX_FIELDS_LIMIT}")


def _is_bare_count(item: Item) -> bool:
    expression = item.expression
    return isinstance(expression, Call) and expression.name.upper() == "COUNT" and not expression.arguments and item.alias is None


def _is_aggregate(expression: Expression) -> bool:
    return isinstance(expression, Call) and expression.name.upper() in AGGREGATES


def _ordering_sql(sql: str, ordering: Ordering) -> str:
    return f"{sql} {'DESC' if ordering.descending else 'ASC'} NULLS {'LAST' if ordering.nulls_last else 'FIRST'}"
