"""SOQL over store, schema and access: for API users as JSON, for flows and the engine as typed records in system context."""

from __future__ import annotations

import json
import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import InvalidType
from ..flow.host import Record, Selection
from ..schema.types import Schema, SObject
from ..soql import (
    ChildRecords,
    CompiledQuery,
    Environment,
    Kind,
    Query,
    Value,
    bind,
    compile_query,
    parse,
    register,
)
from ..soql.ast import FieldPath, InValues, Literal
from ..soql.messages import QueryTooComplicated
from ..soql.names import EVERYTHING
from ..store import Store
from ..store.columns import decoder
from .access import Access, UserVisibility
from .formula_fields import FormulaFields, Globals
from .query_result import QueryResult, RecordBuilder, columns_of, long_texts
from .selections import Batch, batches

if TYPE_CHECKING:
    from .metadata import OrgMetadata
    from .users import User

_CACHED_QUERIES = 512
# What SQLite says when a query reaches one of its limits: joined tables, depth of expressions, parameters.
_TOO_MUCH = ("at most", "too large", "too many", "overflow")


class Ticking(Protocol):
    def now(self) -> datetime: ...


class QueryEngine:
    """One per version of the metadata. `globals_of` gives the $-globals that formula fields may name, for a user (None: system context)."""

    def __init__(
        self,
        store: Store,
        metadata: OrgMetadata,
        access: Access,
        clock: Ticking,
        *,
        formulas: FormulaFields | None = None,
        globals_of: Callable[[User | None], Globals] | None = None,
    ) -> None:
        self._store = store
        self._schema: Schema = metadata.schema
        self._access = access
        self._clock = clock
        self._globals_of = globals_of
        self.formulas = formulas or FormulaFields(metadata.schema, store.connection)
        register(store.connection)
        self._system = Environment(self._schema, self.formulas, EVERYTHING, tooling=True)
        self._system_with_deleted = Environment(self._schema, self.formulas, EVERYTHING, include_deleted=True, tooling=True)
        self._cache: OrderedDict[tuple[Any, ...], CompiledQuery] = OrderedDict()

    def run(
        self, soql: str, user: User | None, *, api_version: str = "66.0", include_deleted: bool = False, tooling: bool = False
    ) -> QueryResult:
        """A query as the API answers it, for what the user may see.

        Raises:
            OrgError: MALFORMED_QUERY, INVALID_FIELD, INVALID_TYPE … with the position in the query.
        """
        compiled = self._compiled(soql, user, include_deleted=include_deleted, tooling=tooling)
        time_zone = self._enter(user)
        now = self._clock.now()
        rows = self._execute(compiled.sql, bind(compiled.parameters, now, time_zone))
        entity = compiled.sobject.name
        if compiled.kind is Kind.COUNT:
            return QueryResult(rows[0][0], [], entity)
        children: dict[int, dict[str, list[dict[str, Any]]]] = {}
        builder = RecordBuilder(self._schema, api_version, tooling=tooling, children=children)
        self._read_children(compiled, rows, builder, children, now, time_zone)
        build = builder.builder(compiled)
        return QueryResult(len(rows), columns_of(compiled.nodes), entity, rows, build, long_texts(compiled.nodes))

    def select(self, selections: Sequence[Selection], user: User | None = None) -> list[list[Record]]:
        """The records each selection finds, typed, in system context; every list holds records of its own.

        Selections that differ only in the values of equalities combined by AND are read together, whatever their number. `user` only
        serves formula fields that ask for the running user or the time zone.

        Raises:
            OrgError: an unknown object or field, or a filter that SOQL refuses.
        """
        found: list[list[Record]] = [[] for _ in selections]
        for batch in batches(selections, self._sobject):
            for position, records in self._read_batch(batch, user):
                found[position] = records
        return found

    def read(
        self, sobject: str, ids: Sequence[str], fields: Sequence[str] | None = None, *, include_deleted: bool = False
    ) -> dict[str, Record]:
        """Records by id, typed, in system context; formula fields when named. Ids that lead nowhere are absent.

        Raises:
            OrgError: an unknown object or field.
        """
        selection = Selection(sobject, (), fields=None if fields is None else tuple(fields))
        batch = batches([selection], self._sobject)[0]
        wanted = InValues(FieldPath(("Id",)), tuple(Literal(record_id) for record_id in dict.fromkeys(ids)))
        query = Query(select=batch.query.select, sobject=batch.query.sobject, where=wanted)
        rows = self._rows(query, None, include_deleted)
        return {record["Id"]: record for record in _typed(rows[0], rows[1])}

    def _read_batch(self, batch: Batch, user: User | None) -> list[tuple[int, list[Record]]]:
        compiled, rows = self._rows(batch.query, user, include_deleted=False)
        records = _typed(compiled, rows)
        extra = [tuple(record[key.name] for key in batch.keys) for record in records]
        wanted = {field.name for field in batch.fields}
        hidden = [key.name for key in batch.keys if key.name not in wanted]
        for record in records if hidden else ():
            for name in hidden:
                record.pop(name, None)
        return batch.split(records, extra)

    def _rows(self, query: Query, user: User | None, include_deleted: bool) -> tuple[CompiledQuery, list[tuple[Any, ...]]]:
        compiled = compile_query(query, self._system_with_deleted if include_deleted else self._system)
        time_zone = self._enter(user)
        parameters = bind(compiled.parameters, self._clock.now(), time_zone)
        return compiled, self._execute(compiled.sql, parameters)

    def _read_children(
        self,
        compiled: CompiledQuery,
        rows: Sequence[tuple[Any, ...]],
        builder: RecordBuilder,
        children: dict[int, dict[str, list[dict[str, Any]]]],
        now: datetime,
        time_zone: tzinfo,
    ) -> None:
        """One query per child relationship, however many parents; children of children too."""
        for node in compiled.nodes:
            if not isinstance(node, ChildRecords):
                continue
            parent_ids = json.dumps([row[compiled.id_index] for row in rows])
            parameters = [parent_ids, *bind(node.query.parameters[1:], now, time_zone)]
            child_rows = self._execute(node.query.sql, parameters)
            by_parent: dict[str, list[tuple[Any, ...]]] = {}
            for row in child_rows:
                by_parent.setdefault(row[node.parent_index], []).append(row)
            end = None if node.limit is None else node.offset + node.limit
            kept = {parent_id: group[node.offset : end] for parent_id, group in by_parent.items()}
            self._read_children(node.query, [row for group in kept.values() for row in group], builder, children, now, time_zone)
            build = builder.builder(node.query)
            children[id(node)] = {parent_id: [build(row) for row in group] for parent_id, group in kept.items()}

    def _compiled(self, soql: str, user: User | None, *, include_deleted: bool, tooling: bool) -> CompiledQuery:
        time_zone = "UTC" if user is None else str(user.time_zone)
        key = (soql, None if user is None else (user.id, user.profile, time_zone), include_deleted, tooling, self._access.version)
        compiled = self._cache.get(key)
        if compiled is None:
            visibility = EVERYTHING if user is None else UserVisibility(self._access, user)
            environment = Environment(self._schema, self.formulas, visibility, include_deleted, tooling, time_zone)
            compiled = self._cache[key] = compile_query(parse(soql), environment, soql)
            if len(self._cache) > _CACHED_QUERIES:
                self._cache.popitem(last=False)
        else:
            self._cache.move_to_end(key)
        return compiled

    def _execute(self, sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
        try:
            return self._store.connection.execute(sql, parameters).fetchall()
        except sqlite3.OperationalError as error:
            if not any(word in str(error) for word in _TOO_MUCH):
                raise
            raise QueryTooComplicated(f"The query is too complicated for this org: {error}") from None

    def _enter(self, user: User | None) -> tzinfo:
        """Prepares formula fields for one query."""
        time_zone = UTC if user is None else user.time_zone
        self.formulas.enter(self._clock.now(), time_zone, None if self._globals_of is None else self._globals_of(user))
        return time_zone

    def _sobject(self, name: str) -> SObject:
        found = self._schema.get(name)
        if found is None:
            raise InvalidType(f"sObject type '{name}' is not supported.")
        return found


def _typed(compiled: CompiledQuery, rows: Sequence[tuple[Any, ...]]) -> list[Record]:
    """Rows of a query for fields of the object itself, as records."""
    values = [node for node in compiled.nodes if isinstance(node, Value)]
    names = [node.name for node in values]
    order = [node.index for node in values]
    in_order = order == list(range(len(order)))
    decoding = [(node.name, decode) for node in values if node.field is not None and (decode := decoder(node.field)) is not None]
    records = []
    for row in rows:
        record: Record = dict(zip(names, row if in_order else [row[index] for index in order], strict=False))
        for name, decode in decoding:
            if record[name] is not None:
                record[name] = decode(record[name])
        records.append(record)
    return records
