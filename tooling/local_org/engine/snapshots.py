"""Named copies of the whole store, and the ways back: to a copy, to a fresh org, to an org without business records."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from ..errors import NotFound, error_class
from ..schema.types import ObjectKind, Schema
from ..store import Store
from .fresh_org import create_org

_SETUP = frozenset(
    {
        "Organization", "User", "Profile", "PermissionSet", "PermissionSetAssignment", "ObjectPermissions", "FieldPermissions", "Group",
        "GroupMember", "QueueSobject", "UserRole", "UserLicense", "RecordType", "EmailTemplate", "OrgWideEmailAddress", "Folder",
        "CustomNotificationType", "CustomPermission", "SetupEntityAccess", "FlowDefinitionView", "FlowVersionView", "EntityDefinition",
        "FieldDefinition", "BusinessHours", "Holiday", "BusinessProcess", "OpportunityStage", "LeadStatus", "CaseStatus", "TaskStatus",
        "TaskPriority", "ContractStatus", "ApexClass", "ApexTrigger", "StaticResource", "NamedCredential", "Report", "Dashboard",
    }
)  # fmt: skip
_TAKEN_AT = "snapshot taken at"


class Snapshots:
    """Files beside the store's own; they go when a temporary store goes."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def take(self, name: str, now: datetime) -> None:
        """`now`, by the org's clock, is kept with it."""
        self._store.set_meta(_TAKEN_AT, now.isoformat())
        self._store.snapshot(self._path(name))

    def restore(self, name: str) -> datetime | None:
        """The moment at which the snapshot was taken, by the org's clock of then; None where an older version took it.

        Raises:
            NotFound: no such snapshot.
        """
        path = self._path(name)
        if not path.exists():
            raise NotFound(f"No snapshot is named '{name}'")
        self._store.restore(path)
        taken_at = self._store.meta(_TAKEN_AT)
        return datetime.fromisoformat(taken_at) if taken_at is not None else None

    def start_over(self, now: datetime) -> None:
        """Replaces everything by a fresh org."""
        with TemporaryDirectory(prefix="local-org-") as folder:
            path = Path(folder) / "fresh.sqlite"
            fresh = Store.open(path)
            try:
                create_org(fresh, now)
                fresh.copy_to(path.with_name("copy.sqlite"))
            finally:
                fresh.close()
            self._store.restore(path.with_name("copy.sqlite"))

    def _path(self, name: str) -> Path:
        if not re.fullmatch(r"[\w.-]{1,80}", name):
            raise error_class("INVALID_ARGUMENT")("A snapshot's name is made of letters, digits, dots, hyphens and underscores")
        return self._store.path.with_name(f"snapshot-{name}.sqlite")


def clear_business_records(store: Store, schema: Schema) -> None:
    """Everything but users, permissions, queues and what a deploy put there."""
    with store.transaction():
        for sobject in schema:
            if sobject.name not in _SETUP and sobject.kind is not ObjectKind.CUSTOM_METADATA:
                store.records.purge_all(sobject)
        store.connection.execute("DELETE FROM org_recycle_bin")
