"""Names that other components may mention: standard tabs, list-view columns, layout fields."""

from __future__ import annotations

from ...schema.types import SObject
from .context import DeployContext

_STANDARD_TABS = frozenset(
    {
        "standard-Account", "standard-Contact", "standard-Lead", "standard-Opportunity", "standard-Case", "standard-Task", "standard-Event",
        "standard-Campaign", "standard-Contract", "standard-Document", "standard-Dashboard", "standard-Feed", "standard-File",
        "standard-Forecasting3",
        "standard-home", "standard-Idea", "standard-report", "standard-Report", "standard-Solution", "standard-Chatter",
        "standard-CollaborationGroup",
        "standard-People", "standard-UserProfile", "standard-ListEmail", "standard-EmailTemplate", "standard-LightningCalendar",
        "standard-Order",
        "standard-Product2", "standard-Pricebook2", "standard-Asset", "standard-Portal", "standard-Individual", "standard-WaveHome",
    }
)  # fmt: skip
_OWNER_COLUMNS = frozenset(
    {"OWNER.ALIAS", "OWNER.FIRST_NAME", "OWNER.LAST_NAME", "CORE.USERS.ALIAS", "CORE.USERS.FIRST_NAME", "CORE.USERS.LAST_NAME"}
)
_AUDIT_COLUMNS = frozenset(
    {"CREATED_DATE", "CREATEDBY_USER", "CREATEDBY_USER.ALIAS", "LAST_UPDATE", "UPDATEDBY_USER", "UPDATEDBY_USER.ALIAS", "RECORDTYPE"}
)
_STANDARD_COLUMNS = frozenset({"NAME", "OBJECT_ID", "LAST_ACTIVITY"}) | _OWNER_COLUMNS | _AUDIT_COLUMNS


def has_tab(context: DeployContext, name: str) -> bool:
    """A deployed tab, or a standard one (`standard-Account`)."""
    if name.startswith("standard-") and context.sobject(name.removeprefix("standard-")) is not None:
        return True
    return name in _STANDARD_TABS or context.exists("CustomTab", name)


def is_list_view_column(sobject: SObject, column: str) -> bool:
    """Standard columns of a standard object have legacy names (`ACCOUNT.NAME`) that no public list defines: those in capitals pass."""
    if column.endswith(("__c", "__r")):
        return sobject.field(column) is not None
    if sobject.custom:
        return column in _STANDARD_COLUMNS or sobject.field(column) is not None
    return column == column.upper() or sobject.field(column) is not None


def layout_field(sobject: SObject, name: str) -> bool:
    """A layout names standard fields by API name, compound ones by the compound (`Name`, `BillingAddress`), lookups with or without Id."""
    return sobject.field(name) is not None or sobject.field(f"{name}Id") is not None
