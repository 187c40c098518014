"""What an Account's and a Contact's fields should say, computed from the responses in Python, without a look at the flows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.automation.world import World, moment
from tooling.spec import Spec

_FIELDS = (
    "Id, Score__c, Outcome__c, Responded_At__c, Removed_At_Source__c, Contact__c, Lead__c, Respondent_Email__c, Quiet__c, "
    "Follow_Up_Status__c, Case__c, Case_Is_Closed__c"
)
_PERSON = ("NPS_Score__c", "NPS_Previous_Score__c", "NPS_Average_Score__c", "NPS_Response_Count__c")
_ACCOUNT = (
    *_PERSON, "NPS_Promoters__c", "NPS_Passives__c", "NPS_Detractors__c", "NPS_Segment__c", "NPS_Open_Escalations__c", "NPS_Trend__c",
    "NPS_Net_Promoter_Score__c",
)  # fmt: skip

Row = Mapping[str, Any]


def stored(world: World, parent: str) -> dict[str, Any]:
    names = _ACCOUNT if world.object_of(parent) == "Account" else _PERSON
    return {name: _number(value) for name, value in world.record(parent, *names).items()}


def recomputed(world: World, parent: str, spec: Spec, *, not_before: datetime | None = None) -> dict[str, Any]:
    """The same fields, from the ledger as it is, at the moment of the parent's last recalculation, or at a later one."""
    is_account = world.object_of(parent) == "Account"
    lookup = "Account__c" if is_account else "Contact__c"
    calculated = moment(world.value(parent, "NPS_Recalculated_At__c"))
    at = max(calculated, not_before or calculated)
    rows = world.rows(f"SELECT {_FIELDS} FROM Survey_Response__c WHERE {lookup} = '{parent}'")
    counted = [row for row in rows if _counts(row) and moment(row["Responded_At__c"]) >= at - spec.rollup.history]
    counted.sort(key=lambda row: moment(row["Responded_At__c"]), reverse=True)
    window = [row for row in counted if moment(row["Responded_At__c"]) >= at - spec.rollup.window]
    scores = [Decimal(str(row["Score__c"])) for row in window]
    values = {
        "NPS_Score__c": _number(counted[0]["Score__c"]) if counted else None,
        "NPS_Previous_Score__c": _number(counted[1]["Score__c"]) if len(counted) > 1 else None,
        "NPS_Average_Score__c": float((sum(scores) / len(scores)).quantize(Decimal("0.01"), ROUND_HALF_UP)) if scores else None,
        "NPS_Response_Count__c": float(len(counted)),
    }
    return {**values, **_of_company(counted, window, at, spec)} if is_account else values


def _of_company(counted: list[Row], window: list[Row], at: datetime, spec: Spec) -> dict[str, Any]:
    latest = list(_latest(window))
    promoters, detractors = _count(latest, 9, 10), _count(latest, 0, 6)
    escalations = sum(1 for row in counted if row["Case__c"] and not row["Case_Is_Closed__c"])
    net = _net(latest)
    return {
        "NPS_Promoters__c": float(promoters),
        "NPS_Passives__c": float(_count(latest, 7, 8)),
        "NPS_Detractors__c": float(detractors),
        "NPS_Open_Escalations__c": float(escalations),
        "NPS_Net_Promoter_Score__c": None if net is None else float(_half_up(net)),
        "NPS_Segment__c": _segment(counted, latest, escalations, net, spec),
        "NPS_Trend__c": _trend(window, at, spec),
    }


def _segment(counted: list[Row], latest: list[Row], escalations: int, net: Decimal | None, spec: Spec) -> str | None:
    if escalations or any(_is_open_detractor(row) for row in latest):
        return "Detractor"
    if not counted:
        return None
    if len(latest) < spec.rollup.min_responses or net is None:
        score = counted[0]["Score__c"]
        return "Promoter" if score >= 9 else "Passive" if score >= 7 else "Detractor"
    return "Promoter" if net >= 50 else "Detractor" if net < 0 else "Passive"


def _trend(window: list[Row], at: datetime, spec: Spec) -> str:
    middle = at - spec.rollup.window / 2
    later = _net_of(row for row in window if moment(row["Responded_At__c"]) >= middle)
    earlier = _net_of(row for row in window if moment(row["Responded_At__c"]) < middle)
    if min(later[1], earlier[1]) < spec.rollup.min_responses:
        return "Not enough responses"
    difference = later[0] - earlier[0]
    threshold = spec.rollup.trend.threshold
    return "Improving" if difference >= threshold else "Declining" if difference <= -threshold else "Stable"


def _net_of(rows: Iterable[Row]) -> tuple[Decimal, int]:
    latest = list(_latest(rows))
    return _net(latest) or Decimal(0), len(latest)


def _net(latest: list[Row]) -> Decimal | None:
    return Decimal(_count(latest, 9, 10) - _count(latest, 0, 6)) * 100 / len(latest) if latest else None


def _latest(rows: Iterable[Row]) -> Iterable[Row]:
    seen: set[str] = set()
    for row in rows:
        person = row["Contact__c"] or row["Lead__c"] or row["Respondent_Email__c"] or row["Id"]
        if person not in seen:
            seen.add(person)
            yield row


def _counts(row: Row) -> bool:
    return row["Score__c"] is not None and row["Outcome__c"] != "Dismissed" and row["Removed_At_Source__c"] is None


def _is_open_detractor(row: Row) -> bool:
    status = row["Follow_Up_Status__c"]
    return row["Score__c"] <= 6 and (status == "Open" or (status is None and not row["Quiet__c"]))


def _count(rows: list[Row], lowest: int, highest: int) -> int:
    return sum(1 for row in rows if lowest <= row["Score__c"] <= highest)


def _half_up(value: Decimal) -> Decimal:
    return value.quantize(Decimal(1), ROUND_HALF_UP)


def _number(value: Any) -> Any:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
