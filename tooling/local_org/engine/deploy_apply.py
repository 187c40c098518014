"""Makes checked changes real: tables, stored components, flow versions, setup records. Runs inside the deploy's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from ..schema.objects_reader import build_schema, is_custom_object
from ..schema.person_accounts import has_person_accounts
from ..schema.source import Component
from ..store import Store
from ..store.columns import encode_datetime
from ..store.components import ComponentRow, FlowVersionRow
from ..store.ids import two_digits
from ..store.tables import change_tables
from .deploy_changes import Changes
from .metadata import OrgMetadata, load_flows
from .setup_records import sync_setup_records

_ID_PREFIXES = {
    "ApexClass": "01p", "ApexTrigger": "01q", "CompactLayout": "0AH", "CustomApplication": "02u", "CustomField": "00N",
    "CustomLabel": "101",
    "CustomNotificationType": "0ML", "CustomObject": "01I", "CustomPermission": "0CP", "CustomTab": "01r", "Dashboard": "01Z",
    "DashboardFolder": "00l", "EmailFolder": "00l", "EmailTemplate": "00X", "FieldSet": "0IX", "FlexiPage": "0M0", "Flow": "300",
    "GlobalValueSet": "0Nt", "Group": "00G", "Layout": "00h", "ListView": "00B", "PermissionSet": "0PS", "Profile": "00e", "Queue": "00G",
    "RecordType": "012", "Report": "00O", "ReportFolder": "00l", "ReportType": "070", "Role": "00E", "ValidationRule": "03d",
    "WorkflowAlert": "01W",
}  # fmt: skip
_OTHER_PREFIX = "0MT"
_FLOW_VERSION_PREFIX = "301"


def key_prefixes_for(store: Store, components: Mapping[tuple[str, str], Component]) -> dict[str, str]:
    """The key prefixes custom objects have, or would be given: `a01` …, `m01` … for custom metadata types, in order of deploy."""
    prefixes = store.components.key_prefixes()
    counts = {letter: sum(1 for prefix in prefixes.values() if prefix[0] == letter) for letter in ("a", "m")}
    for kind, name in components:
        if kind == "CustomObject" and is_custom_object(name) and name not in prefixes:
            letter = "m" if name.endswith("__mdt") else "a"
            counts[letter] += 1
            prefixes[name] = letter + two_digits(counts[letter])
    return prefixes


def apply_changes(store: Store, before: OrgMetadata, changes: Changes, now: datetime, *, production: str) -> OrgMetadata:
    """Stores the changes and returns the org's new metadata."""
    moment = encode_datetime(now)
    prefixes = key_prefixes_for(store, changes.components)
    known = store.components.key_prefixes()
    for name, prefix in prefixes.items():
        if name not in known:
            store.components.add_key_prefix(name, prefix)
    components = {key: component if component.id else _with_id(store, component, prefixes) for key, component in changes.components.items()}
    schema = build_schema(components, prefixes, person_accounts=has_person_accounts(before.schema))
    change_tables(store.connection, before.schema, schema)
    store.records.forget_plans()
    store.components.remove(changes.removed_keys)
    position = store.components.next_position()
    changed = [component for key, component in components.items() if changes.before.get(key) is not component]
    store.components.put(
        ComponentRow(c.type, c.full_name, c.file_name, c.xml(), c.content, c.id, moment, moment, position + index)
        for index, c in enumerate(changed)
    )
    _flow_versions(store, changes, components, moment, production)
    after = OrgMetadata(schema, components, load_flows(store))
    sync_setup_records(store, before, after, now)
    return after


def _with_id(store: Store, component: Component, prefixes: Mapping[str, str]) -> Component:
    prefix = _ID_PREFIXES.get(component.type, _OTHER_PREFIX)
    if component.type == "CustomMetadata":
        prefix = prefixes.get(f"{component.full_name.partition('.')[0].removesuffix('__mdt')}__mdt", prefix)
    return replace(component, id=store.new_id(prefix))


def _flow_versions(store: Store, changes: Changes, components: Mapping[tuple[str, str], Component], moment: str, production: str) -> None:
    for kind, name in changes.removed_keys:
        if kind == "Flow":
            store.components.remove_flow(name)
    latest = {row.name: row for row in store.components.flow_versions()}
    for component in changes.deployed:
        if component.type == "Flow":
            _flow_version(store, component, latest.get(component.full_name), moment, production)
    for component in changes.deployed:
        if component.type == "FlowDefinition":
            store.components.activate_flow(component.full_name, component.node.number("activeVersionNumber"))


def _flow_version(store: Store, component: Component, latest: FlowVersionRow | None, moment: str, production: str) -> None:
    """A changed file is a new version. Redeploying as Draft leaves the running version active (only FlowDefinition stops it)."""
    xml = component.content or component.xml()
    active = component.node.value("status") == "Active" and production != "flows inactive"
    number = latest.number if latest is not None else 0
    if latest is None or latest.xml != xml:
        number += 1
        record_id = store.new_id(_FLOW_VERSION_PREFIX)
        store.components.add_flow_version(FlowVersionRow(component.full_name, number, xml, record_id, False, moment))
    if active:
        store.components.activate_flow(component.full_name, number)
