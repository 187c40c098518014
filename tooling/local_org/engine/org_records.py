"""The half of the façade that is about records: describing, reading and changing them, alone and in units of work."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from ..errors import MalformedId, NotFound
from ..schema.describe import describe_global_entry, describe_sobject
from ..schema.ids import to_18
from ..schema.types import SObject
from ..schema.values import from_json
from .client_calls import ClientCalls
from .coercion import SaveOptions, matches
from .dml import SaveResult
from .lead_conversion import ConvertedLead, LeadConvert, convert_lead
from .merging import MergeResult, merge
from .metadata import OrgMetadata
from .opening import open_transaction
from .query_result import QueryResult
from .runtime import Runtime
from .transaction import Transaction
from .units import Units
from .users import User

RecordJson = Mapping[str, Any]


class OrgRecords:
    """`committed` hears of every transaction after its commit. A user of None reads in system context."""

    def __init__(self, runtime: Runtime, committed: Callable[[Transaction], None]) -> None:
        self._runtime = runtime
        self._units = Units(lambda: self._runtime, committed)
        self._calls = ClientCalls(self._units, lambda: self._runtime)

    @property
    def metadata(self) -> OrgMetadata:
        return self._runtime.metadata

    # Describing

    def describe_global(self, user: User | None) -> list[dict[str, Any]]:
        """One entry per sObject that the user may see."""
        with self._units.lock:
            access = self._runtime.access
            return [
                describe_global_entry(sobject, self.metadata.schema, access.object(user, sobject.name))
                for sobject in self.metadata.schema
                if access.object(user, sobject.name).read
            ]

    def describe(self, user: User | None, sobject: str) -> dict[str, Any]:
        """Raises NotFound: no such sObject, or none the user may see."""
        with self._units.lock:
            return describe_sobject(self._visible(user, sobject), self.metadata.schema, self._runtime.access, user)

    # Reading

    def query(
        self, user: User | None, soql: str, *, api_version: str = "66.0", include_deleted: bool = False, tooling: bool = False
    ) -> QueryResult:
        """Raises MalformedQuery, InvalidField, InvalidType as Salesforce words them."""
        with self._units.lock:
            return self._runtime.query.run(soql, user, api_version=api_version, include_deleted=include_deleted, tooling=tooling)

    def retrieve(
        self, user: User | None, sobject: str, ids: Sequence[str], fields: Sequence[str] | None = None, *, api_version: str = "66.0"
    ) -> list[dict[str, Any] | None]:
        """JSON-ready records in the order of the ids, None for those the user cannot see; `fields` None means all readable ones.

        Raises:
            NotFound: no such sObject. InvalidField: no such field.
        """
        with self._units.lock:
            found = self._visible(user, sobject)
            wanted = {raw: record_id for raw in ids if (record_id := _id_or_none(raw)) is not None}
            names = list(fields) if fields is not None else self._readable(user, found)
            listed = ", ".join(f"'{record_id}'" for record_id in dict.fromkeys(wanted.values()))
            if not listed:
                return [None] * len(ids)
            selected = dict.fromkeys(["Id", *names])
            soql = f"SELECT {', '.join(selected)} FROM {found.name} WHERE Id IN ({listed})"
            records = {record["Id"]: record for record in self.query(user, soql, api_version=api_version).records}
            if fields is not None and "id" not in {name.lower() for name in fields}:
                for record in records.values():
                    record.pop("Id")
            return [records.get(wanted.get(raw, "")) for raw in ids]

    def ids_by_key(self, user: User, sobject: str, field: str, value: str) -> list[str]:
        """Ids of the records whose external id (or id-lookup) field has the value.

        Raises:
            NotFound: no such sObject or field.
        """
        with self._units.lock:
            found = self._visible(user, sobject)
            key = found.field(field)
            if key is None or not (key.external_id or key.id_lookup or key.name == "Id"):
                raise NotFound("The requested resource does not exist")
            tx = open_transaction(self._runtime, user)
            matched = matches(tx, found, key, [from_json(key, value)])
            return [record_id for ids in matched.values() for record_id in ids]

    # DML

    def insert(
        self, user: User, records: Sequence[RecordJson], *, all_or_none: bool = False, options: SaveOptions | None = None
    ) -> list[SaveResult]:
        """Results in the order of the records, which name their sObject in `attributes.type`."""
        return self._calls.insert(user, records, all_or_none=all_or_none, options=options or SaveOptions())

    def update(
        self, user: User, records: Sequence[RecordJson], *, all_or_none: bool = False, options: SaveOptions | None = None
    ) -> list[SaveResult]:
        """Each record carries its `Id` (or `id`)."""
        return self._calls.update(user, records, all_or_none=all_or_none, options=options or SaveOptions())

    def upsert(
        self,
        user: User,
        sobject: str,
        key_field: str,
        records: Sequence[RecordJson],
        *,
        all_or_none: bool = False,
        options: SaveOptions | None = None,
    ) -> list[SaveResult]:
        """Raises InvalidField: the key field is no external id, id-lookup field or Id. NotFound: no such sObject."""
        found = self._visible(user, sobject)
        return self._calls.upsert(user, found, key_field, records, all_or_none=all_or_none, options=options or SaveOptions())

    def delete(self, user: User, ids: Sequence[str], *, all_or_none: bool = False, options: SaveOptions | None = None) -> list[SaveResult]:
        return self._calls.delete(user, ids, all_or_none=all_or_none, options=options or SaveOptions())

    def undelete(self, user: User, ids: Sequence[str], *, all_or_none: bool = False) -> list[SaveResult]:
        return self._calls.undelete(user, ids, all_or_none=all_or_none)

    def convert_lead(self, user: User, wanted: LeadConvert) -> ConvertedLead:
        """Raises OrgError: the lead cannot be converted; nothing is saved then."""
        return self._units.join(user, lambda tx: convert_lead(tx, wanted))

    def merge(self, user: User, sobject: str, master: RecordJson, losers: Sequence[str]) -> MergeResult:
        """Raises OrgError: the records cannot be merged; nothing is saved then."""
        found = self._visible(user, sobject)
        return self._units.join(user, lambda tx: merge(tx, found, master, losers))

    @contextmanager
    def unit_of_work(self) -> Iterator[None]:
        """Everything inside is one transaction, rolled back when the block raises."""
        with self._units.unit_of_work():
            yield

    @contextmanager
    def shared_limits(self) -> Iterator[None]:
        """Calls inside stay transactions of their own, and count their governor limits together."""
        with self._units.shared_limits():
            yield

    def trial(self, user: User) -> AbstractContextManager[Transaction]:
        """A transaction that is undone at the end of the block: what a test does leaves nothing behind."""
        return self._units.trial(user)

    def _visible(self, user: User | None, name: str) -> SObject:
        found = self.metadata.schema.get(name)
        if found is None or not self._runtime.access.object(user, found.name).read:
            raise NotFound("The requested resource does not exist")
        return found

    def _readable(self, user: User | None, sobject: SObject) -> list[str]:
        return [field.name for field in sobject.fields if self._runtime.access.can_read(user, sobject.name, field.name)]


def _id_or_none(raw: str) -> str | None:
    try:
        return to_18(raw)
    except MalformedId:
        return None
