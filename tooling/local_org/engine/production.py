"""What tells production orgs and sandboxes apart: the organization's type, and the flow settings that a retrieve shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ..store import Store
from .metadata import OrgMetadata
from .retrieve import FileProperties, Retrieved
from .settings import Settings
from .users import ORGANIZATION_ID

FLOW_SETTINGS = ("Settings", "Flow")
_FILE = "settings/Flow.settings"
_BODY = """<?xml version="1.0" encoding="UTF-8"?>
<FlowSettings xmlns="http://soap.sforce.com/2006/04/metadata">
    <enableFlowDeployAsActiveEnabled>{active}</enableFlowDeployAsActiveEnabled>
</FlowSettings>
"""


def organization_type(settings: Settings) -> str:
    """Deployed flows are active at once everywhere but in production orgs. Metadata API Developer Guide, "Flow"."""
    return "Developer Edition" if settings.production == "off" else "Enterprise Edition"


def use_organization_type(store: Store, metadata: OrgMetadata, settings: Settings) -> None:
    """Writes what the settings say into the organization's record."""
    values = {"OrganizationType": organization_type(settings), "IsSandbox": settings.sandbox}
    store.records.update(metadata.schema["Organization"], [(ORGANIZATION_ID, values)])


def with_flow_settings(found: Retrieved, settings: Settings, asked: Iterable[tuple[str, str]]) -> Retrieved:
    """The retrieved files, with the flow settings if they were asked for: they are a setting of the org, not a deployed component."""
    if FLOW_SETTINGS not in asked:
        return found
    active = "false" if settings.production == "flows inactive" else "true"
    return replace(
        found,
        files={**found.files, _FILE: _BODY.format(active=active).encode()},
        properties=(*found.properties, FileProperties(*FLOW_SETTINGS, _FILE, "")),
    )
