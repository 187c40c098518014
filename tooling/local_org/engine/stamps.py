"""Audit fields of records the org itself writes, and the ids every local org has in common."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..schema.types import SObject

ORGANIZATION_ID = "00D000000000001EAA"
ADMIN_ID = "005000000000001AAA"
AUTOMATED_PROCESS_ID = "005000000000002AAA"


def stamped(sobject: SObject, values: Mapping[str, Any], now: datetime, user_id: str = ADMIN_ID) -> dict[str, Any]:
    """The values with the audit fields and owner that the object has; what is given already stays."""
    record = dict(values)
    for name in ("CreatedDate", "LastModifiedDate", "SystemModstamp"):
        if sobject.field(name):
            record.setdefault(name, now)
    for name in ("CreatedById", "LastModifiedById"):
        if sobject.field(name):
            record.setdefault(name, user_id)
    owner = sobject.field("OwnerId")
    if owner is not None and "User" in owner.reference_to:
        record.setdefault("OwnerId", user_id)
    return record
