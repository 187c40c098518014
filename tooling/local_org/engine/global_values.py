"""The globals of formulas and flows: $User, $Profile, $Organization, $Setup, $Permission, $Label, $CustomMetadata, $Api, $System."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

from ..errors import InvalidField
from ..schema.types import FieldType, SObject
from ..store import Store
from .access import Access
from .clock import Clock
from .metadata import OrgMetadata
from .users import ORGANIZATION_ID, User

_ORIGIN = datetime(1900, 1, 1, tzinfo=UTC)


class Source(Protocol):
    """Where the globals come from."""

    @property
    def store(self) -> Store: ...

    @property
    def metadata(self) -> OrgMetadata: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def access(self) -> Access: ...

    def label(self, name: str) -> str: ...


class GlobalValues:
    """Read once per transaction, and again after a savepoint was rolled back."""

    def __init__(self, runtime: Source, user: User) -> None:
        self._runtime = runtime
        self._user = user
        self._cache: dict[tuple[str, ...], Any] = {}

    @property
    def now(self) -> datetime:
        return self._runtime.clock.now()

    def forget(self) -> None:
        self._cache.clear()

    def value(self, path: Sequence[str]) -> Any:
        """Raises InvalidField: no such global."""
        key = tuple(path)
        if key not in self._cache:
            self._cache[key] = self._read(key)
        return self._cache[key]

    def look_up(self, sobject: str, field: str, key_field: str, key: Any) -> Any:
        found = self._runtime.store.records.find(self._sobject(sobject), key_field, [key]) if key is not None else []
        return found[0].get(field) if found else None

    def _read(self, path: tuple[str, ...]) -> Any:
        kind, rest = path[0].lower(), path[1:]
        match kind, len(rest):
            case "$user", _ if rest:
                return self._field_of("User", self._user.id, rest)
            case "$profile", 1:
                return self._field_of("User", self._user.id, ("Profile", *rest))
            case "$userrole", 1:
                return self._field_of("User", self._user.id, ("UserRole", *rest))
            case "$organization", 1:
                return self._field_of("Organization", ORGANIZATION_ID, rest)
            case "$setup", 2:
                return self._custom_setting(rest[0], rest[1])
            case "$permission", 1:
                return self._runtime.access.has_custom_permission(self._user, rest[0])
            case "$label", _ if rest:
                return self._runtime.label(rest[-1])
            case "$custommetadata", 3:
                return self._custom_metadata(rest[0], rest[1], rest[2])
            case "$api", 1:
                return self._api(rest[0])
            case "$system", 1 if rest[0].lower() == "origindatetime":
                return _ORIGIN
        raise InvalidField(f"Field {'.'.join(path)} does not exist. Check spelling.")

    def _field_of(self, sobject_name: str, record_id: str, path: tuple[str, ...]) -> Any:
        """A field of a record, or of a parent of it; nothing where the way there is empty."""
        sobject = self._sobject(sobject_name)
        record = self._runtime.store.records.read(sobject, [record_id]).get(record_id)
        for step in path[:-1]:
            link = sobject.relationship(step)
            parent_id = record.get(link.name) if record is not None and link is not None else None
            parent = self._runtime.metadata.schema.of_id(parent_id) if parent_id else None
            if parent is None or parent_id is None:
                return None
            sobject, record = parent, self._runtime.store.records.read(parent, [parent_id]).get(parent_id)
        field = sobject.field(path[-1])
        if field is None:
            raise InvalidField(f"Field {path[-1]} does not exist. Check spelling.")
        return None if record is None else record.get(field.name)

    def _custom_setting(self, name: str, field_name: str) -> Any:
        """A hierarchy custom setting: the user's value, else the profile's, else the organization's; absent is null, or false.

        Custom Settings Methods, "Hierarchy Custom Settings": each field falls through to the next level while it is null.
        """
        sobject = self._sobject(name)
        field = sobject.field(field_name)
        if field is None:
            raise InvalidField(f"Field $Setup.{name}.{field_name} does not exist. Check spelling.")
        levels: Mapping[Any, Any] = {record.get("SetupOwnerId"): record for record in self._runtime.store.records.all(sobject)}
        for owner in (self._user.id, self._field_of("User", self._user.id, ("ProfileId",)), ORGANIZATION_ID):
            if owner in levels and levels[owner].get(field.name) is not None:
                return levels[owner][field.name]
        return False if field.type is FieldType.BOOLEAN else None

    def _custom_metadata(self, type_name: str, record_name: str, field_name: str) -> Any:
        sobject = self._sobject(type_name)
        field = sobject.field(field_name)
        found = self._runtime.store.records.find(sobject, "DeveloperName", [record_name])
        if field is None or not found:
            raise InvalidField(f"Field $CustomMetadata.{type_name}.{record_name}.{field_name} does not exist. Check spelling.")
        return found[0].get(field.name)

    def _api(self, name: str) -> str | None:
        """`Session_ID` is never given away; server URLs name the local org."""
        if name.lower().startswith(("enterprise_server_url_", "partner_server_url_")):
            letter = "c" if name.lower().startswith("enterprise") else "u"
            version = name.rpartition("_")[2]
            return f"https://localhost/services/Soap/{letter}/{version[:-1]}.{version[-1]}/{ORGANIZATION_ID[:15]}"
        return None

    def _sobject(self, name: str) -> SObject:
        sobject = self._runtime.metadata.schema.get(name)
        if sobject is None:
            raise InvalidField(f"sObject type '{name}' is not supported.")
        return sobject
