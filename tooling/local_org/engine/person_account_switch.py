"""Switching person accounts on and off for an org. Salesforce never switches them off again: here only while nothing needs them."""

from __future__ import annotations

import re
from datetime import datetime

from ..errors import error_class
from ..schema.objects_reader import build_schema
from ..schema.person_accounts import PERSON_RECORD_TYPE
from ..schema.types import Schema
from ..store import Store
from ..store.tables import change_tables
from .metadata import OrgMetadata
from .setup_records import sync_setup_records
from .stamps import stamped


def switch_person_accounts(store: Store, before: OrgMetadata, on: bool, now: datetime) -> OrgMetadata:
    """The org's metadata with the feature or without it; tables and the record type of persons follow. Run it inside a transaction.

    Raises:
        OrgError: INVALID_ARGUMENT, the feature is needed by records or by deployed metadata.
    """
    schema = build_schema(before.components, store.components.key_prefixes(), person_accounts=on)
    if not on:
        _demand_unused(store, before, schema)
        store.records.purge(before.schema["RecordType"], [PERSON_RECORD_TYPE.id])
    change_tables(store.connection, before.schema, schema)
    store.records.forget_plans()
    after = OrgMetadata(schema, before.components, before.flows)
    if on:
        record_types = schema["RecordType"]
        values = {
            "Id": PERSON_RECORD_TYPE.id,
            "Name": PERSON_RECORD_TYPE.label,
            "DeveloperName": PERSON_RECORD_TYPE.developer_name,
            "SobjectType": "Account",
            "IsActive": True,
            "IsPersonType": True,
        }
        store.records.insert(record_types, [stamped(record_types, values, now)])
    sync_setup_records(store, before, after, now)
    return after


def _demand_unused(store: Store, before: OrgMetadata, without: Schema) -> None:
    refused = error_class("INVALID_ARGUMENT")
    account = before.schema["Account"]
    if count := len(store.records.find(account, "IsPersonAccount", [True], ["Id"], include_deleted=True)):
        raise refused(
            f"Person accounts cannot be switched off: the org has {count}, the recycle bin included. Reset the org to 'deployed' first."
        )
    going = [field.name for field in account.fields if without["Account"].field(field.name) is None]
    # FirstName and its like are fields of other objects too: to look for them would find too much.
    names = [name for name in going if name not in ("FirstName", "LastName", "Salutation")]
    names += [name.replace("__pc", "__pr") for name in names if name.endswith("__pc")]
    either = "|".join(map(re.escape, [*names, "PersonContact", "IsPersonType"])).encode()
    mentioned = re.compile(rb"\b(?:" + either + rb")\b", re.IGNORECASE)
    for component in before.components.values():
        found = mentioned.search(component.xml()) or mentioned.search(component.content or b"")
        if found is not None:
            what = f"{component.type} {component.full_name}"
            raise refused(f"Person accounts cannot be switched off: {what} mentions {found.group().decode()}. Remove it first.")
