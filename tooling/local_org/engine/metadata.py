"""Everything an org knows from its deployed metadata, as one immutable value. A deploy makes a new one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from ..flow.model import Flow
from ..flow.reader import read_flow
from ..schema.objects_reader import build_schema
from ..schema.permissions import PermissionSet
from ..schema.permissions_reader import read_permissions
from ..schema.source import Component, stored_component
from ..schema.types import Schema
from ..store import Store
from ..store.components import FlowVersionRow
from .settings import Settings

PROFILE_LABELS = {"Admin": "System Administrator", "Standard": "Standard User"}
"""Standard profiles have another name in metadata than in the Profile object."""


@dataclass(frozen=True, slots=True)
class FlowVersion:
    """The version of a flow that matters: the active one, else the latest."""

    flow: Flow
    active: bool
    number: int
    label: str
    latest: int
    """The highest version number, which may be an inactive draft."""


@dataclass(frozen=True)
class OrgMetadata:
    schema: Schema
    components: Mapping[tuple[str, str], Component]
    """By type and full name, in order of creation."""
    flows: Mapping[str, FlowVersion]
    """By API name."""

    @cached_property
    def permission_sets(self) -> Mapping[str, PermissionSet]:
        return {name: read_permissions(component) for name, component in self.of_type("PermissionSet").items()}

    @cached_property
    def profiles(self) -> Mapping[str, PermissionSet]:
        """What deployed profiles grant, by the profile's Name (`System Administrator`, whose metadata name is `Admin`)."""
        return {PROFILE_LABELS.get(name, name): read_permissions(component) for name, component in self.of_type("Profile").items()}

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """Custom label values by name."""
        return {name: component.node.value("value") or "" for name, component in self.of_type("CustomLabel").items()}

    @cached_property
    def custom_permissions(self) -> frozenset[str]:
        return frozenset(self.of_type("CustomPermission"))

    def of_type(self, kind: str) -> dict[str, Component]:
        """The components of a type, by full name."""
        return {name: component for (found, name), component in self.components.items() if found == kind}


def load(store: Store) -> OrgMetadata:
    """Reads what was deployed to an org."""
    components = {}
    for row in store.components.all():
        component = stored_component(row.type, row.full_name, row.file_name, row.xml, row.content, row.id)
        components[component.key] = component
    person_accounts = Settings.from_text(store.meta("settings")).person_accounts
    schema = build_schema(components, store.components.key_prefixes(), person_accounts=person_accounts)
    return OrgMetadata(schema, components, load_flows(store))


@lru_cache(maxsize=1024)
def flow_model(name: str, xml: bytes) -> Flow:
    """A flow's model; the same file is read once."""
    return read_flow(name, xml)


def load_flows(store: Store) -> dict[str, FlowVersion]:
    latest: dict[str, int] = {}
    chosen: dict[str, FlowVersionRow] = {}
    for row in store.components.flow_versions():
        latest[row.name] = row.number
        if row.name not in chosen or row.active or not chosen[row.name].active:
            chosen[row.name] = row
    flows = {}
    for name, row in chosen.items():
        flow = flow_model(name, row.xml)
        flows[name] = FlowVersion(flow, row.active, row.number, flow.label or name, latest[name])
    return flows
