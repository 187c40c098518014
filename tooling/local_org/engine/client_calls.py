"""DML calls of clients: records of several sObjects in one request, chunks of 200 as transactions, allOrNone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby
from typing import Any

from ..errors import InvalidField, InvalidType, MalformedId, OrgError
from ..schema.types import SObject
from . import dml
from .batch import CHUNK
from .coercion import SaveOptions
from .dml import SaveResult
from .runtime import Runtime
from .transaction import Transaction
from .units import Units
from .users import User

RecordJson = Mapping[str, Any]


class ClientCalls:
    """Results come in the order of what was sent."""

    def __init__(self, units: Units, runtime: Callable[[], Runtime]) -> None:
        self._units = units
        self._runtime = runtime

    def insert(self, user: User, records: Sequence[RecordJson], *, all_or_none: bool, options: SaveOptions) -> list[SaveResult]:
        return self._save(user, records, dml.insert, all_or_none, options)

    def update(self, user: User, records: Sequence[RecordJson], *, all_or_none: bool, options: SaveOptions) -> list[SaveResult]:
        return self._save(user, records, dml.update, all_or_none, options)

    def upsert(
        self, user: User, sobject: SObject, key_field: str, records: Sequence[RecordJson], *, all_or_none: bool, options: SaveOptions
    ) -> list[SaveResult]:
        """Raises InvalidField: the key field is no external id, id-lookup field or Id."""

        def statement(tx: Transaction, chunk: Sequence[Any]) -> list[SaveResult]:
            return dml.upsert(tx, sobject, key_field, chunk, options)

        return self._in_chunks(user, list(records), statement, all_or_none, options)

    def delete(self, user: User, ids: Sequence[str], *, all_or_none: bool, options: SaveOptions) -> list[SaveResult]:
        return self._by_id(user, ids, dml.delete, all_or_none, options)

    def undelete(self, user: User, ids: Sequence[str], *, all_or_none: bool) -> list[SaveResult]:
        return self._by_id(user, ids, dml.undelete, all_or_none, SaveOptions())

    def _save(
        self,
        user: User,
        records: Sequence[RecordJson],
        statement: Callable[[Transaction, SObject, Sequence[RecordJson], SaveOptions], list[SaveResult]],
        all_or_none: bool,
        options: SaveOptions,
    ) -> list[SaveResult]:
        def of_one_transaction(tx: Transaction, chunk: Sequence[Any]) -> list[SaveResult]:
            results: list[SaveResult] = []
            for name, group in groupby(chunk, key=_type_of):
                alike = list(group)
                found = tx.runtime.metadata.schema.get(name)
                if found is None:
                    results += [SaveResult(None, False, (_unknown_type(name),))] * len(alike)
                else:
                    results += statement(tx, found, alike, options)
            return results

        return self._in_chunks(user, list(records), of_one_transaction, all_or_none, options)

    def _by_id(
        self,
        user: User,
        ids: Sequence[str],
        statement: Callable[[Transaction, SObject, Sequence[str]], list[SaveResult]],
        all_or_none: bool,
        options: SaveOptions,
    ) -> list[SaveResult]:
        def of_one_transaction(tx: Transaction, chunk: Sequence[Any]) -> list[SaveResult]:
            results: list[SaveResult] = []
            for prefix, group in groupby(chunk, key=lambda record_id: str(record_id)[:3]):
                alike = list(group)
                found = tx.runtime.metadata.schema.of_id(prefix)
                if found is None:
                    results += [SaveResult(None, False, (MalformedId(f"malformed id {raw}"),)) for raw in alike]
                else:
                    results += statement(tx, found, alike)
            return results

        return self._in_chunks(user, list(ids), of_one_transaction, all_or_none, options)

    def _in_chunks(
        self,
        user: User,
        items: list[Any],
        statement: Callable[[Transaction, Sequence[Any]], list[SaveResult]],
        all_or_none: bool,
        options: SaveOptions,
    ) -> list[SaveResult]:
        """Chunks of 200 are transactions of their own, unless they stand and fall together."""
        trace = self._runtime().settings.trace_bulk if options.bulk else None
        size = max(len(items), 1) if all_or_none else CHUNK
        results: list[SaveResult] = []
        for start in range(0, len(items), size):
            chunk = items[start : start + size]

            def of_chunk(tx: Transaction, chunk: list[Any] = chunk) -> list[SaveResult]:
                return statement(tx, chunk)

            results += self._units.run(user, of_chunk, len(chunk), together=all_or_none, trace=trace)
        return results


def _type_of(record: RecordJson) -> str:
    attributes = record.get("attributes")
    return str(attributes.get("type") or "") if isinstance(attributes, Mapping) else ""


def _unknown_type(name: str) -> OrgError:
    if not name:
        return InvalidField("The record names no sObject type in its attributes")
    return InvalidType(f"sObject type '{name}' is not supported.")
