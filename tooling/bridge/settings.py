"""What admins changed in Setup, back into the mapping spec: escalation keywords and routes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import ValidationError

from tooling.errors import UsageError
from tooling.salesforce.org import TargetOrg
from tooling.spec.escalation import EscalationRoute, Keyword

Row = Mapping[str, Any]
_Setting = TypeVar("_Setting", Keyword, EscalationRoute)

_KEYWORDS = (
    "SELECT DeveloperName, Keyword__c, Match__c, Severity__c, Case_Type__c, Queue__c, Active__c FROM NPS_Escalation_Keyword__mdt "
    "ORDER BY Order__c, DeveloperName"
)
_ROUTES = (
    "SELECT DeveloperName, Tier__c, Severity__c, Case_Type__c, Queue__c, Priority__c, Active__c FROM NPS_Escalation_Route__mdt "
    "ORDER BY Order__c, DeveloperName"
)


def settings_of(org: TargetOrg) -> tuple[dict[str, Keyword], tuple[EscalationRoute, ...]]:
    """The org's escalation keywords and routes as the mapping spec has them, in their order.

    Raises:
        OrgRefused: the org has no such settings, or this user may not see them.
        UsageError: a record holds what no spec can say, for example a severity of its own; it names the record.
    """
    keywords, routes = org.query_many([_KEYWORDS, _ROUTES])
    return (
        {row["Keyword__c"]: _read(_keyword, row, "NPS Escalation Keyword") for row in keywords if row["Keyword__c"]},
        tuple(_read(_route, row, "NPS Escalation Route") for row in routes),
    )


def _read(read: Callable[[Row], _Setting], row: Row, kind: str) -> _Setting:
    try:
        return read(row)
    except ValidationError as error:
        first = error.errors()[0]
        given = "blank" if first["input"] in (None, "") else f"'{first['input']}'"
        raise UsageError(
            f"{kind} {row['DeveloperName']}: its {first['loc'][0]} is {given}, which the spec cannot say ({first['msg']})",
            f"Correct the record in Setup, Custom Metadata Types, {kind}; then run it again.",
        ) from error


def _keyword(row: Row) -> Keyword:
    return Keyword.model_validate(
        {
            "severity": row["Severity__c"] or "normal",
            "type": row["Case_Type__c"],
            "queue": row["Queue__c"],
            "match": row["Match__c"] or "word",
            "active": row["Active__c"],
        }
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
