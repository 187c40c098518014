"""Values at field paths seen from a record: its own fields, formula fields, parents, globals. Parents are read in bulk and kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any

from ..errors import InvalidField
from ..flow.host import NullTraversal, Record
from ..schema.types import Field, SObject
from .global_values import GlobalValues
from .runtime import Runtime
from .users import User

_Path = tuple[str, ...]


class RecordReader:
    """The reads of one transaction. Reading a parent through a lookup counts as no SOQL, as on the platform."""

    def __init__(self, runtime: Runtime, user: User) -> None:
        self._runtime = runtime
        self.user = user
        self.globals = GlobalValues(runtime, user)
        self._known: dict[str, dict[str, Record | None]] = {}

    def forget(self, sobject: str, ids: Iterable[str]) -> None:
        """After a save: what was read of these records is stale."""
        known = self._known.get(sobject)
        if known:
            for record_id in ids:
                known.pop(record_id, None)

    def forget_all(self) -> None:
        self._known.clear()
        self.globals.forget()

    def records(self, sobject: SObject, ids: Iterable[str]) -> Mapping[str, Record | None]:
        """Stored records by id, None for an id that leads nowhere (or into the recycle bin); one read for all that are not known yet."""
        known = self._known.setdefault(sobject.name, {})
        missing = [record_id for record_id in dict.fromkeys(ids) if record_id not in known]
        if missing:
            found = self._runtime.store.records.read(sobject, missing)
            for record_id in missing:
                known[record_id] = found.get(record_id)
        return known

    def prefetch(self, sobject: SObject, records: Iterable[Mapping[str, Any]], paths: Iterable[Sequence[str]]) -> None:
        """Reads the parents along the paths, one read per parent object and level."""
        pending: dict[str, set[_Path]] = {sobject.name: {_normal(path) for path in self._expanded(sobject, paths)}}
        level: list[tuple[SObject, list[Mapping[str, Any]]]] = [(sobject, list(records))]
        while level:
            deeper: dict[str, tuple[SObject, dict[str, Mapping[str, Any]]]] = {}
            next_paths: dict[str, set[_Path]] = {}
            for current, current_records in level:
                for path in pending.get(current.name, ()):
                    link = current.relationship(path[0]) if len(path) > 1 else None
                    if link is None:
                        continue
                    for parent, ids in self._by_parent(link, current_records):
                        found = self.records(parent, ids)
                        _, gathered = deeper.setdefault(parent.name, (parent, {}))
                        gathered.update({record_id: record for record_id in ids if (record := found[record_id]) is not None})
                        next_paths.setdefault(parent.name, set()).update(self._expanded(parent, [path[1:]]))
            level = [(parent, list(gathered.values())) for parent, gathered in deeper.values()]
            pending = next_paths

    def value(self, sobject: SObject, record: Mapping[str, Any], path: Sequence[str]) -> Any:
        """The typed value at a path.

        Raises:
            NullTraversal: a lookup on the way is empty or leads to a deleted record.
            InvalidField: the path names no field.
        """
        if path[0].startswith("$"):
            return self.globals.value(path)
        for step in path[:-1]:
            link = sobject.relationship(step.partition(":")[0])
            if link is None:
                raise _no_such(sobject, step)
            parent_id = record.get(link.name)
            parent = self._parent_type(link, parent_id)
            found = self.records(parent, [parent_id]).get(parent_id) if parent is not None and parent_id else None
            if parent is None or found is None:
                raise NullTraversal(".".join(path))
            sobject, record = parent, found
        return self._own(sobject, record, path[-1])

    def _own(self, sobject: SObject, record: Mapping[str, Any], name: str) -> Any:
        if name in record:
            return record[name]
        field = sobject.field(name)
        if field is None:
            raise _no_such(sobject, name)
        if field.calculated and field.name not in record:
            return self._runtime.formula(sobject, field).evaluate(RecordValues(self, sobject, record))
        return record.get(field.name)

    def _expanded(self, sobject: SObject, paths: Iterable[Sequence[str]]) -> set[_Path]:
        """The paths, and for those that end in a formula field the paths that the formula reads."""
        expanded: set[_Path] = set()
        waiting = [tuple(path) for path in paths]
        while waiting:
            path = waiting.pop()
            if path in expanded or not path or path[0].startswith("$"):
                continue
            expanded.add(path)
            field = sobject.field(path[0]) if len(path) == 1 else None
            if field is not None and field.calculated:
                waiting.extend(self._runtime.formula(sobject, field).paths)
        return expanded

    def _by_parent(self, link: Field, records: Iterable[Mapping[str, Any]]) -> list[tuple[SObject, list[str]]]:
        groups: dict[str, tuple[SObject, list[str]]] = {}
        for record in records:
            parent_id = record.get(link.name)
            parent = self._parent_type(link, parent_id)
            if parent is not None:
                groups.setdefault(parent.name, (parent, []))[1].append(str(parent_id))
        return list(groups.values())

    def _parent_type(self, link: Field, parent_id: Any) -> SObject | None:
        if not parent_id:
            return None
        schema = self._runtime.metadata.schema
        return schema.get(link.reference_to[0]) if len(link.reference_to) == 1 else schema.of_id(parent_id)


class RecordValues:
    """One record as a formula sees it (satisfies `formula.Values`)."""

    __slots__ = ("_prior", "_reader", "_record", "_sobject", "is_new")

    def __init__(
        self,
        reader: RecordReader,
        sobject: SObject,
        record: Mapping[str, Any],
        prior: Mapping[str, Any] | None = None,
        *,
        is_new: bool = False,
    ) -> None:
        self._reader = reader
        self._sobject = sobject
        self._record = record
        self._prior = prior
        self.is_new = is_new

    @property
    def now(self) -> datetime:
        return self._reader.globals.now

    @property
    def time_zone(self) -> tzinfo:
        return self._reader.user.time_zone

    def value(self, path: _Path) -> Any:
        try:
            if len(path) == 1 and path[0] in self._record:
                return self._record[path[0]]
            return self._reader.value(self._sobject, self._record, path)
        except NullTraversal:
            return None

    def prior(self, path: _Path) -> Any:
        """The value before the save; of a new record the value itself (PRIORVALUE)."""
        try:
            return self._reader.value(self._sobject, self._record if self._prior is None else self._prior, path)
        except NullTraversal:
            return None

    def look_up(self, sobject: str, field: str, key_field: str, key: Any) -> Any:
        """VLOOKUP: the field of the record whose key field has the value."""
        return self._reader.globals.look_up(sobject, field, key_field, key)


def _normal(path: Sequence[str]) -> _Path:
    return tuple(step.partition(":")[0] for step in path)


def _no_such(sobject: SObject, name: str) -> InvalidField:
    return InvalidField(f"No such column '{name}' on entity '{sobject.name}'")
