"""An org as it comes: one organization, its profiles, an administrator, the Automated Process user, value-set records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from ..schema.standard import standard_schema
from ..schema.types import FieldType, Schema
from ..store import Store
from ..store.tables import create_table
from .metadata import OrgMetadata, load
from .setup_records import sync_setup_records
from .stamps import ADMIN_ID, AUTOMATED_PROCESS_ID, ORGANIZATION_ID, stamped

__all__ = ["ADMIN_ID", "AUTOMATED_PROCESS_ID", "ORGANIZATION_ID", "create_org", "is_empty"]

PROFILES = ("System Administrator", "Standard User", "Minimum Access - Salesforce")
_ADMIN_PERMISSIONS = (
    "PermissionsModifyAllData", "PermissionsViewAllData", "PermissionsAuthorApex", "PermissionsCustomizeApplication",
    "PermissionsManageUsers", "PermissionsViewSetup", "PermissionsConvertLeads",
)  # fmt: skip
_STAGES = (
    ("Prospecting", 10, "Pipeline"), ("Qualification", 10, "Pipeline"), ("Needs Analysis", 20, "Pipeline"),
    ("Value Proposition", 50, "Pipeline"), ("Id. Decision Makers", 60, "Pipeline"), ("Perception Analysis", 70, "Pipeline"),
    ("Proposal/Price Quote", 75, "Pipeline"), ("Negotiation/Review", 90, "Pipeline"), ("Closed Won", 100, "Closed"),
    ("Closed Lost", 0, "Omitted"),
)  # fmt: skip


def create_org(store: Store, now: datetime) -> OrgMetadata:
    """Fills an empty store. `now` (aware) becomes the creation time of everything."""
    schema = standard_schema()
    with store.transaction():
        for sobject in schema:
            create_table(store.connection, sobject)
        fill = _Filler(store, schema, now)
        fill.organization()
        fill.users()
        fill.value_sets()
        fill.hours()
        metadata = load(store)
        sync_setup_records(store, None, metadata, now)
    return metadata


def is_empty(store: Store) -> bool:
    """Whether no org was made in this store yet."""
    return store.connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'Organization'").fetchone() is None


class _Filler:
    def __init__(self, store: Store, schema: Schema, now: datetime) -> None:
        self._store, self._schema, self._now = store, schema, now

    def _insert(self, sobject_name: str, records: Iterable[Mapping[str, Any]]) -> list[str]:
        sobject = self._schema.get(sobject_name)
        if sobject is None:
            raise LookupError(sobject_name)
        return self._store.records.insert(sobject, [stamped(sobject, record, self._now) for record in records])

    def organization(self) -> None:
        self._store.next_numbers("id 00D", 1)
        self._insert(
            "Organization",
            [
                {
                    "Id": ORGANIZATION_ID,
                    "Name": "Local Org",
                    "OrganizationType": "Developer Edition",
                    "InstanceName": "LOCAL",
                    "IsSandbox": False,
                    "IsReadOnly": False,
                    "TimeZoneSidKey": "America/Los_Angeles",
                    "LanguageLocaleKey": "en_US",
                    "DefaultLocaleSidKey": "en_US",
                    "FiscalYearStartMonth": Decimal(1),
                    "DefaultAccountAccess": "Edit",
                    "DefaultContactAccess": "ControlledByParent",
                    "DefaultOpportunityAccess": "Edit",
                    "DefaultLeadAccess": "ReadEditTransfer",
                    "DefaultCaseAccess": "ReadEditTransfer",
                    "PrimaryContact": "Local Admin",
                    "Country": "US",
                }
            ],
        )

    def users(self) -> None:
        licence = self._insert(
            "UserLicense",
            [
                {
                    "Name": "Salesforce",
                    "MasterLabel": "Salesforce",
                    "LicenseDefinitionKey": "SFDC",
                    "Status": "Active",
                    "TotalLicenses": Decimal(100),
                }
            ],
        )[0]
        common = {"UserLicenseId": licence, "UserType": "Standard", "PermissionsApiEnabled": True}
        granted = dict.fromkeys(_ADMIN_PERMISSIONS, True)
        rights: list[dict[str, Any]] = [granted, {"PermissionsConvertLeads": True}, {}]
        named = [{"Name": name, **common, "PermissionsEditTask": index < 2, **rights[index]} for index, name in enumerate(PROFILES)]
        profiles = self._insert("Profile", named)
        # Salesforce keeps one hidden permission set for each profile. Object Reference, "PermissionSet", IsOwnedByProfile.
        self._insert(
            "PermissionSet",
            [
                {
                    "Name": f"X{profile}",
                    "Label": f"X{profile}",
                    "ProfileId": profile,
                    "IsOwnedByProfile": True,
                    "Type": "Profile",
                    **rights[index],
                }
                | {"LicenseId": licence, "PermissionsApiEnabled": True}
                for index, profile in enumerate(profiles)
            ],
        )
        self._store.next_numbers("id 005", 2)
        self._insert("User", [_user(ADMIN_ID, profiles[0]), _automated_process(profiles[2])])
        everyone = {"Name": "All Internal Users", "DeveloperName": "AllInternalUsers", "Type": "Organization", "OwnerId": ORGANIZATION_ID}
        self._insert("Group", [everyone])

    def value_sets(self) -> None:
        for target, source, field in (
            ("LeadStatus", "Lead", "Status"), ("CaseStatus", "Case", "Status"),
            ("TaskStatus", "Task", "Status"), ("TaskPriority", "Task", "Priority"),
        ):  # fmt: skip
            self._insert(target, self._values(source, field))
        self._insert(
            "OpportunityStage",
            [
                {
                    "MasterLabel": stage,
                    "ApiName": stage,
                    "IsActive": True,
                    "SortOrder": Decimal(order),
                    "IsClosed": stage.startswith("Closed"),
                    "IsWon": stage == "Closed Won",
                    "ForecastCategory": category,
                    "ForecastCategoryName": category,
                    "DefaultProbability": Decimal(probability),
                }
                for order, (stage, probability, category) in enumerate(_STAGES, start=1)
            ],
        )

    def _values(self, source: str, field_name: str) -> Iterable[dict[str, Any]]:
        sobject = self._schema.get(source)
        field = sobject.field(field_name) if sobject else None
        for order, value in enumerate(field.picklist if field else (), start=1):
            yield {
                "MasterLabel": value.label,
                "ApiName": value.value,
                "SortOrder": Decimal(order),
                "IsDefault": value.default,
                "IsClosed": value.value in ("Closed", "Completed"),
                "IsConverted": value.value == "Closed - Converted",
                "IsHighPriority": value.value == "High",
            }

    def hours(self) -> None:
        sobject = self._schema.get("BusinessHours")
        days = [field.name for field in sobject.fields if field.type is FieldType.TIME] if sobject else []
        midnight = self._now.replace(hour=0, minute=0, second=0, microsecond=0).time()
        always = dict.fromkeys(days, midnight)
        self._insert(
            "BusinessHours",
            [{"Name": "Default", "IsActive": True, "IsDefault": True, "TimeZoneSidKey": "America/Los_Angeles", **always}],
        )


def _user(record_id: str, profile_id: str) -> dict[str, Any]:
    return {
        "Id": record_id,
        "Username": "admin@local.example",
        "FirstName": "Local",
        "LastName": "Admin",
        "Email": "admin@local.example",
        "Alias": "admin",
        "CommunityNickname": "admin",
        "IsActive": True,
        "TimeZoneSidKey": "America/Los_Angeles",
        "LocaleSidKey": "en_US",
        "EmailEncodingKey": "UTF-8",
        "LanguageLocaleKey": "en_US",
        "ProfileId": profile_id,
        "UserType": "Standard",
        "DigestFrequency": "D",
        "UserPreferencesLightningExperiencePreferred": True,
        "UserPermissionsMarketingUser": True,
    }


def _automated_process(profile_id: str) -> dict[str, Any]:
    base = _user(AUTOMATED_PROCESS_ID, profile_id)
    return base | {
        "Username": "autoproc@00d000000000001eaa",
        "FirstName": "Automated",
        "LastName": "Process",
        "Email": "autoproc@00d000000000001eaa.example",
        "Alias": "autoproc",
        "CommunityNickname": "autoproc",
        "UserType": "AutomatedProcess",
        "ProfileId": None,
        "UserPermissionsMarketingUser": False,
        "TimeZoneSidKey": "GMT",
    }
