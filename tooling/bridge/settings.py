"""What admins changed in Setup, back into the mapping spec: escalation keywords and routes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tooling.salesforce.org import TargetOrg
from tooling.spec.escalation import EscalationRoute, Keyword

Row = Mapping[str, Any]

_KEYWORDS = (
    "SELECT Keyword__c, Match__c, Severity__c, Case_Type__c, Queue__c, Active__c FROM NPS_Escalation_Keyword__mdt "
    "ORDER BY Order__c, DeveloperName"
)
_ROUTES = (
    "SELECT Tier__c, Severity__c, Case_Type__c, Queue__c, Priority__c, Active__c FROM NPS_Escalation_Route__mdt "
    "ORDER BY Order__c, DeveloperName"
)


def settings_of(org: TargetOrg) -> tuple[dict[str, Keyword], tuple[EscalationRoute, ...]]:
    """The org's escalation keywords and routes as the mapping spec has them, in their order.

    Raises:
        OrgRefused: the org has no such settings, or this user may not see them.
        pydantic.ValidationError: a record holds what no spec can say, for example a severity of its own.
    """
    keywords, routes = org.query_many([_KEYWORDS, _ROUTES])
    return {row["Keyword__c"]: _keyword(row) for row in keywords if row["Keyword__c"]}, tuple(_route(row) for row in routes)


def _keyword(row: Row) -> Keyword:
    return Keyword(
        severity=row["Severity__c"] or "normal",
        type=row["Case_Type__c"],
        queue=row["Queue__c"],
        match=row["Match__c"] or "word",
        active=row["Active__c"],
    )


def _route(row: Row) -> EscalationRoute:
    return EscalationRoute.model_validate(
        {
            "tier": _several(row["Tier__c"]),
            "severity": _several(row["Severity__c"]),
            "type": _several(row["Case_Type__c"]),
            "queue": row["Queue__c"],
            "priority": row["Priority__c"] or "Medium",
            "active": row["Active__c"],
        }
    )


def _several(text: str | None) -> tuple[str, ...] | None:
    return tuple(part.strip() for part in text.split(";") if part.strip()) if text else None
