"""Who may see and change what: object permissions, field-level security, organisation-wide defaults, ownership. No user: system context."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from ..schema.permissions import FieldPermissions, PermissionSet
from ..schema.person_accounts import contact_field
from ..schema.types import Field, FieldType, ObjectKind, SObject
from ..store import Store
from ..store.columns import quoted

if TYPE_CHECKING:
    from .metadata import OrgMetadata
    from .users import User

ADMINISTRATOR = "System Administrator"
STANDARD_USER = "Standard User"
_OPEN = frozenset({"ReadWrite", "ReadWriteTransfer", "FullAccess"})
_Deed = Literal["read", "edit", "delete"]
# Salesforce Help, "Organization-Wide Sharing Defaults": only Public Full Access gives everybody the owner's right to delete.
_ALLOWED: Mapping[str, tuple[_Deed, ...]] = {
    "Read": ("read",),
    "ReadWrite": ("read", "edit"),
    "ReadWriteTransfer": ("read", "edit"),
    "FullAccess": ("read", "edit", "delete"),
}
# Set-up objects that every user may read, whatever the profile grants.
_READ_BY_ALL = frozenset(
    {
        "User", "Organization", "Profile", "UserRole", "UserLicense", "Group", "GroupMember", "QueueSobject", "RecordType", "PermissionSet",
        "PermissionSetAssignment", "CustomPermission", "EntityDefinition", "FieldDefinition", "FlowDefinitionView", "Folder",
        "CustomNotificationType", "BusinessHours", "BusinessProcess", "Holiday", "CaseStatus", "LeadStatus", "OpportunityStage",
        "TaskPriority", "TaskStatus", "EmailTemplate", "OrgWideEmailAddress",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ObjectAccess:
    read: bool = False
    create: bool = False
    edit: bool = False
    delete: bool = False
    view_all: bool = False
    modify_all: bool = False


_FULL = ObjectAccess(True, True, True, True, True, True)
_NONE = ObjectAccess()


@dataclass(frozen=True, slots=True)
class _Grants:
    """What one user has: the profile's own rules, and everything assigned."""

    user_id: str
    administrator: bool
    standard_user: bool
    view_all_data: bool
    modify_all_data: bool
    sets: tuple[PermissionSet, ...]
    owners: tuple[str, ...]
    """The user and the queues and groups the user is in."""


class Access:
    """Answers from the metadata's permission sets and the store's assignments; kept until `invalidate()`."""

    def __init__(self, store: Store, metadata: OrgMetadata) -> None:
        self._store = store
        self._metadata = metadata
        self._grants: dict[tuple[str, str], _Grants] = {}
        self._objects: dict[tuple[str, str, str], ObjectAccess] = {}
        self._fields: dict[tuple[str, str, str, str], FieldPermissions] = {}
        self.version = 0
        """Grows with every `invalidate()`: what was derived from older answers is stale."""

    def invalidate(self) -> None:
        """After PermissionSetAssignment, User, GroupMember or metadata changed."""
        self._grants.clear()
        self._objects.clear()
        self._fields.clear()
        self.version += 1

    def object(self, user: User | None, sobject: str) -> ObjectAccess:
        """What the user may do with the object; nothing with one that does not exist."""
        if user is None:
            return _FULL
        key = (user.id, user.profile, sobject)
        known = self._objects.get(key)
        if known is None:
            found = self._metadata.schema.get(sobject)
            known = self._objects[key] = _NONE if found is None else self._object(self._granted(user), found)
        return known

    def can_read(self, user: User | None, sobject: str, field: str) -> bool:
        """Field-level security. Says nothing of the object's own permissions.

        A custom field that was deployed is visible to nobody until a permission set or profile grants it, administrators included;
        except fields that are required, whose security cannot be set. Metadata API Developer Guide, "PermissionSet".
        """
        return user is None or self._field(user, sobject, field).readable

    def can_edit(self, user: User | None, sobject: str, field: str) -> bool:
        """Field-level security for writing; whether the field can be written at all is the describe's matter."""
        return user is None or self._field(user, sobject, field).editable

    def has_custom_permission(self, user: User | None, name: str) -> bool:
        wanted = name.lower()
        return user is not None and any(wanted in map(str.lower, granted.custom_permissions) for granted in self._granted(user).sets)

    def record_filter(self, user: User | None, sobject: str, alias: str | None = None) -> tuple[str, tuple[Any, ...]] | None:
        """SQL over the object's table (or its alias) that keeps what the user may read, with parameters; None when that is everything.

        Ownership also counts through queues and public groups. Role hierarchy, sharing rules and manual shares are not modelled.
        """
        found = self._metadata.schema.get(sobject)
        if user is None or found is None or self.object(user, sobject).view_all:
            return None
        return self._filter(self._granted(user), found, quoted(found.name) if alias is None else alias, frozenset())

    def may_read_record(self, user: User | None, sobject: str, record: Mapping[str, Any]) -> bool:
        """Whether sharing shows the record (typed, with its owner or parent) to the user."""
        return self._may(user, sobject, record, "read")

    def may_edit_record(self, user: User | None, sobject: str, record: Mapping[str, Any]) -> bool:
        """Whether sharing lets the user change the record; object permissions are asked apart."""
        return self._may(user, sobject, record, "edit")

    def may_delete_record(self, user: User | None, sobject: str, record: Mapping[str, Any]) -> bool:
        """Whether sharing lets the user delete the record: its owner's right, also where everybody may edit it."""
        return self._may(user, sobject, record, "delete")

    def _may(self, user: User | None, name: str, record: Mapping[str, Any], what: _Deed) -> bool:
        sobject = self._metadata.schema.get(name)
        if user is None or sobject is None:
            return True
        access = self.object(user, name)
        if access.modify_all or what in _ALLOWED.get(sobject.sharing_model, ()) or (what == "read" and access.view_all):
            return True
        return self._owns(user, sobject, record, what)

    def _field(self, user: User, sobject: str, field: str) -> FieldPermissions:
        key = (user.id, user.profile, sobject, field)
        known = self._fields.get(key)
        if known is None:
            known = self._fields[key] = self._field_permissions(user, sobject, field)
        return known

    def _field_permissions(self, user: User, sobject: str, name: str) -> FieldPermissions:
        found = self._metadata.schema.get(sobject)
        field = found.field(name) if found is not None else None
        if found is None or field is None:
            return FieldPermissions()
        if not _has_security(found, field):
            return FieldPermissions(True, True)
        if found.name == "Account" and (source := contact_field(field.name)) is not None:
            # A person account's fields have the security of the contact's. Not verified.
            return self._field_permissions(user, "Contact", source)
        given = [granted.field(sobject, name) for granted in self._granted(user).sets]
        editable = any(permissions.editable for permissions in given)
        return FieldPermissions(editable or any(permissions.readable for permissions in given), editable)

    def _owns(self, user: User, sobject: SObject, record: Mapping[str, Any], what: _Deed) -> bool:
        parent_field = controlling_field(sobject)
        if parent_field is None:
            owner = record.get("OwnerId")
            return sobject.field("OwnerId") is None or owner in self._granted(user).owners or record.get("Id") == user.id
        parent = self._metadata.schema.get(parent_field.reference_to[0])
        parent_id = record.get(parent_field.name)
        if parent is None or parent_id is None:
            return record.get("OwnerId") in self._granted(user).owners
        found = self._store.records.read(parent, [parent_id]).get(parent_id)
        if found is None:
            return False
        if parent_field.master_detail and what == "delete":
            # "… to create, edit, or delete related Detail records": Salesforce Help, "Object Relationships Overview", Sharing Setting.
            what = "edit"
        return self._may(user, parent.name, found, what)

    def _filter(self, grants: _Grants, sobject: SObject, alias: str, seen: frozenset[str]) -> tuple[str, tuple[Any, ...]] | None:
        if sobject.sharing_model in _OPEN or sobject.sharing_model == "Read":
            return None
        owned = f'{alias}."OwnerId" IN ({", ".join("?" * len(grants.owners))})' if sobject.field("OwnerId") else None
        parent_field = controlling_field(sobject)
        if parent_field is None:
            return None if owned is None else (owned, grants.owners)
        parent = self._metadata.schema.get(parent_field.reference_to[0])
        if parent is None or parent.name in seen or self._object(grants, parent).view_all:
            return None
        inner_alias = f"parent{len(seen)}"
        inner = self._filter(grants, parent, inner_alias, seen | {sobject.name})
        if inner is None:
            return None
        link = f"{alias}.{quoted(parent_field.name)}"
        sql = f'{link} IN (SELECT {inner_alias}."Id" FROM {quoted(parent.name)} AS {inner_alias} WHERE {inner[0]})'
        if owned is None:
            return sql, inner[1]
        return f"({sql} OR {link} IS NULL AND {owned})", (*inner[1], *grants.owners)

    def _object(self, grants: _Grants, sobject: SObject) -> ObjectAccess:
        if grants.administrator:
            return _FULL
        access = _NONE
        if sobject.name in _READ_BY_ALL:
            access = ObjectAccess(read=True, view_all=True)
        elif grants.standard_user and sobject.kind is ObjectKind.STANDARD:
            access = ObjectAccess(read=True, create=True, edit=True, delete=True)
        for granted in grants.sets:
            given = granted.object(sobject.name)
            access = ObjectAccess(
                access.read or given.read,
                access.create or given.create,
                access.edit or given.edit,
                access.delete or given.delete,
                access.view_all or given.view_all,
                access.modify_all or given.modify_all,
            )
        if grants.modify_all_data:
            return _FULL
        if grants.view_all_data or access.modify_all:
            access = replace(access, read=True, view_all=True)
        return access

    def _granted(self, user: User) -> _Grants:
        key = (user.id, user.profile)
        known = self._grants.get(key)
        if known is None:
            known = self._grants[key] = self._read(user)
        return known

    def _read(self, user: User) -> _Grants:
        sets = tuple(self._assigned(user))
        system = frozenset(name for granted in sets for name in granted.user_permissions)
        administrator = user.profile == ADMINISTRATOR
        modify_all = administrator or "ModifyAllData" in system
        return _Grants(
            user_id=user.id,
            administrator=administrator,
            standard_user=user.profile == STANDARD_USER,
            view_all_data=modify_all or "ViewAllData" in system,
            modify_all_data=modify_all,
            sets=sets,
            owners=(user.id, *self._groups(user)),
        )

    def _assigned(self, user: User) -> list[PermissionSet]:
        schema = self._metadata.schema
        assignment, permission_set = schema.get("PermissionSetAssignment"), schema.get("PermissionSet")
        found = []
        profile = self._metadata.profiles.get(user.profile)
        if profile is not None:
            found.append(profile)
        if assignment is not None and permission_set is not None:
            rows = self._store.records.find(assignment, "AssigneeId", [user.id])
            ids = [row["PermissionSetId"] for row in rows if row.get("PermissionSetId")]
            for row in self._store.records.read(permission_set, ids).values():
                granted = self._metadata.permission_sets.get(row["Name"])
                if granted is not None:
                    found.append(granted)
        return found

    def _groups(self, user: User) -> list[str]:
        """The queues and public groups a user is in, through groups in groups too."""
        member = self._metadata.schema.get("GroupMember")
        if member is None:
            return []
        found: dict[str, None] = {}
        waiting = [user.id]
        while waiting:
            rows = self._store.records.find(member, "UserOrGroupId", waiting)
            waiting = [row["GroupId"] for row in rows if row.get("GroupId") and row["GroupId"] not in found]
            found.update(dict.fromkeys(waiting))
        return list(found)


class UserVisibility:
    """A user's access as `soql` asks for it."""

    def __init__(self, access: Access, user: User) -> None:
        self._access = access
        self._user = user

    def sees_object(self, sobject: SObject) -> bool:
        return self._access.object(self._user, sobject.name).read

    def sees_field(self, sobject: SObject, field: Field) -> bool:
        return self._access.can_read(self._user, sobject.name, field.name)

    def record_filter(self, sobject: SObject, alias: str) -> tuple[str, tuple[Any, ...]] | None:
        return self._access.record_filter(self._user, sobject.name, alias)


def controlling_field(sobject: SObject) -> Field | None:
    """The lookup whose record decides on access (sharing model ControlledByParent): the master, or the account of a contact."""
    if sobject.sharing_model != "ControlledByParent":
        return None
    return next((field for field in sobject.fields if field.master_detail), None) or sobject.field("AccountId")


def _has_security(sobject: SObject, field: Field) -> bool:
    if not field.custom or field.master_detail or sobject.kind in (ObjectKind.CUSTOM_METADATA, ObjectKind.CUSTOM_SETTING):
        return False
    # A custom checkbox is never null, and still has field-level security.
    return field.nillable or field.type is FieldType.BOOLEAN
