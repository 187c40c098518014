"""Setup objects that list other metadata: flows and their versions, entities, fields. Rewritten as a whole when something changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from ..schema.types import ObjectKind, SObject
from ..store import make_id
from ..store.columns import is_indexed
from ..store.components import FlowVersionRow
from .metadata import OrgMetadata, flow_model
from .setup_rows import SetupContext
from .stamps import stamped


def _entities(before: OrgMetadata | None, context: SetupContext) -> None:
    schema = context.metadata.schema
    if before is not None and set(before.schema) == set(schema):
        return
    entity, field_definition = context.sobject("EntityDefinition"), context.sobject("FieldDefinition")
    records = context.store.records
    records.purge_all(entity)
    records.purge_all(field_definition)
    listed = [sobject for sobject in schema if not sobject.tooling]
    records.insert(entity, [_entity(sobject, number, context) for number, sobject in enumerate(listed, start=1)])
    records.insert(field_definition, list(_fields(listed)))


def _entity(sobject: SObject, number: int, context: SetupContext) -> dict[str, Any]:
    durable_id = (context.id_of("CustomObject", sobject.name) or sobject.name) if sobject.custom else sobject.name
    return {
        "Id": make_id("4ie", number),
        "DurableId": durable_id[:15] if sobject.custom else durable_id,
        "QualifiedApiName": sobject.name,
        "DeveloperName": sobject.name.removesuffix("__c").removesuffix("__mdt"),
        "MasterLabel": sobject.label,
        "Label": sobject.label,
        "PluralLabel": sobject.label_plural,
        "KeyPrefix": sobject.key_prefix,
        "DeploymentStatus": "Deployed" if sobject.custom else None,
        "InternalSharingModel": sobject.sharing_model,
        "ExternalSharingModel": "Private",
        "IsCustomizable": sobject.kind in (ObjectKind.STANDARD, ObjectKind.CUSTOM),
        "IsCustomSetting": sobject.kind is ObjectKind.CUSTOM_SETTING,
        "IsQueryable": sobject.queryable,
        "IsSearchable": "searchable" in sobject.flags,
        "IsTriggerable": "triggerable" in sobject.flags,
        "IsLayoutable": "layoutable" in sobject.flags,
        "IsRetrieveable": "retrieveable" in sobject.flags,
        "IsReplicateable": "replicateable" in sobject.flags,
        "IsEverCreatable": sobject.createable,
        "IsEverUpdatable": sobject.updateable,
        "IsEverDeletable": sobject.deletable,
    }


def _fields(listed: list[SObject]) -> Any:
    number = 0
    for sobject in listed:
        for field in sobject.fields:
            number += 1
            yield {
                "Id": make_id("4fe", number),
                "DurableId": f"{sobject.name}.{field.name}",
                "QualifiedApiName": field.name,
                "EntityDefinitionId": sobject.name,
                "DeveloperName": field.name.removesuffix("__c"),
                "MasterLabel": field.label,
                "Label": field.label,
                "Length": Decimal(field.length),
                "DataType": field.metadata_type or field.type.value,
                "Description": field.description or None,
                "IsCalculated": field.calculated,
                "IsIndexed": is_indexed(field),
                "IsNillable": field.nillable,
            }


def _flows(before: OrgMetadata | None, context: SetupContext) -> None:
    versions: dict[str, list[FlowVersionRow]] = {}
    for row in context.store.components.flow_versions():
        versions.setdefault(row.name, []).append(row)
    records = context.store.records
    for name in ("Flow", "FlowDefinition", "FlowDefinitionView"):
        records.purge_all(context.sobject(name))
    for name, rows in versions.items():
        _flow(context, name, rows)


def _flow(context: SetupContext, name: str, rows: list[FlowVersionRow]) -> None:
    definition_id = context.id_of("Flow", name) or rows[0].id
    active = next((row for row in rows if row.active), None)
    shown = flow_model(name, (active or rows[-1]).xml)
    start = shown.start
    view = {
        "Id": definition_id,
        "DurableId": definition_id,
        "ApiName": name,
        "Label": shown.label,
        "Description": shown.description,
        "ProcessType": shown.process_type,
        "TriggerType": start.trigger_type if start else None,
        "RecordTriggerType": start.record_trigger_type if start else None,
        "TriggerObjectOrEventId": start.object if start else None,
        "TriggerObjectOrEventLabel": _label(context, start.object if start else None),
        "TriggerOrder": _decimal(shown.trigger_order),
        "HasAsyncAfterCommitPath": any(path.path_type == "AsyncAfterCommit" for path in start.scheduled_paths) if start else False,
        "ActiveVersionId": active.id if active else None,
        "LatestVersionId": rows[-1].id,
        "LastModifiedBy": "Local Admin",
        "LastModifiedDate": _moment(rows[-1].modified),
        "IsActive": active is not None,
        "IsOutOfDate": active is not None and active is not rows[-1],
        "VersionNumber": Decimal((active or rows[-1]).number),
        "ManageableState": "unmanaged",
        "ApiVersion": _decimal(shown.api_version),
        "Builder": "Flow Builder",
    }
    records = context.store.records
    records.insert(context.sobject("FlowDefinitionView"), [view])
    definition = context.sobject("FlowDefinition")
    ids = {"ActiveVersionId": active.id if active else None, "LatestVersionId": rows[-1].id}
    values: dict[str, Any] = {"Id": definition_id, "DeveloperName": name, "MasterLabel": shown.label, "ManageableState": "unmanaged", **ids}
    records.insert(definition, [stamped(definition, values, context.now)])
    version = context.sobject("Flow")
    for row in rows:
        flow = flow_model(name, row.xml)
        status = "Active" if row.active else "Obsolete" if row.number < rows[-1].number else "Draft"
        values = {
            "Id": row.id,
            "DefinitionId": definition_id,
            "MasterLabel": flow.label,
            "Status": status,
            "VersionNumber": Decimal(row.number),
        }
        values |= {"ProcessType": flow.process_type, "ManageableState": "unmanaged", "ApiVersion": _decimal(flow.api_version)}
        records.insert(version, [stamped(version, values, _moment(row.modified))])


def _label(context: SetupContext, name: str | None) -> str | None:
    sobject = context.metadata.schema.get(name) if name else None
    return sobject.label if sobject else name


def _decimal(value: Any) -> Decimal | None:
    return None if value is None else Decimal(str(value)).to_integral_value()


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


VIEWS: tuple[Callable[[OrgMetadata | None, SetupContext], None], ...] = (_entities, _flows)
