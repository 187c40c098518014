"""Record types of an sObject: which there are, which one a profile starts with, which picklist values each has.

Facts: Metadata API Developer Guide, "RecordType" and "Profile" (recordTypeVisibilities).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from ..schema.ids import to_18
from ..schema.source import Component
from ..schema.types import SObject
from ..schema.xml import Node
from .metadata import PROFILE_LABELS, OrgMetadata


@dataclass(frozen=True, slots=True)
class PicklistValues:
    """The values a record type has of one picklist."""

    allowed: frozenset[str]
    default: str | None


@dataclass(frozen=True, slots=True)
class RecordTypeValues:
    """A picklist that the record type does not list has all its values."""

    name: str
    active: bool
    picklists: Mapping[str, PicklistValues]


@dataclass(frozen=True, slots=True)
class RecordTypes:
    """Of one sObject; empty for most."""

    by_id: Mapping[str, RecordTypeValues] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)
    """Id by the profile's name."""

    def starting_with(self, profile: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """The default record type of a new record, where the caller named none, and the default picklist values of its record type."""
        found: dict[str, Any] = {}
        if values.get("RecordTypeId") is None and profile in self.defaults:
            found["RecordTypeId"] = self.defaults[profile]
        chosen = self.by_id.get(values.get("RecordTypeId") or found.get("RecordTypeId") or "")
        if chosen is not None:
            found.update({name: picklist.default for name, picklist in chosen.picklists.items() if name not in values})
        return found


def record_types(metadata: OrgMetadata, sobject: SObject) -> RecordTypes:
    if not sobject.record_types:
        return RecordTypes()
    components = {name: c for name, c in metadata.of_type("RecordType").items() if name.partition(".")[0] == sobject.name}
    by_id = {to_18(component.id): _values(sobject, component) for component in components.values()}
    by_id.update({own.id: RecordTypeValues(own.developer_name, own.active, {}) for own in sobject.record_types if own.id not in by_id})
    defaults = {}
    for name, profile in metadata.of_type("Profile").items():
        for item in profile.node.all("recordTypeVisibilities"):
            chosen = components.get(item.value("recordType") or "")
            if chosen is not None and item.flag("default"):
                defaults[PROFILE_LABELS.get(name, name)] = to_18(chosen.id)
    return RecordTypes(by_id, defaults)


def _values(sobject: SObject, component: Component) -> RecordTypeValues:
    picklists = {}
    for item in component.node.all("picklistValues"):
        found = sobject.field(item.value("picklist") or "")
        if found is not None:
            picklists[found.name] = _picklist(item)
    return RecordTypeValues(component.full_name.partition(".")[2], component.node.flag("active"), picklists)


def _picklist(item: Node) -> PicklistValues:
    """Values are written percent-encoded, as parts of a name."""
    values = {unquote(value.value("fullName") or ""): value.flag("default") for value in item.all("values")}
    return PicklistValues(frozenset(values), next((value for value, default in values.items() if default), None))
