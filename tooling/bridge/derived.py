"""What the ledger comes to by parent, beside what each parent shows: a page at a time, both sides in one call."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from tooling.bridge.ledger import Parent, moment
from tooling.nps.score import HIGHEST, LOWEST
from tooling.salesforce.org import ObjectDescribe, Row, TargetOrg
from tooling.salesforce.soql import Identifier, fields, soql
from tooling.spec.model import Rollup

PAGE = 2_000
"""An aggregate query answers so many groups at most and cannot be continued (SOQL and SOSL Reference, "GROUP BY")."""
_SHOWN = (
    "NPS_Score__c", "NPS_Responded_At__c", "NPS_Response_Count__c", "NPS_Average_Score__c", "NPS_Last_Surveyed_At__c",
    "NPS_Recalculated_At__c",
)  # fmt: skip
_PEOPLE = ("NPS_Promoters__c", "NPS_Passives__c", "NPS_Detractors__c")
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Compared:
    """One parent, and in what it differs from its responses: `reasons` is empty if it does not."""

    parent: Parent
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Sides:
    """The rows about one parent; an aggregate without rows is empty."""

    shown: Row
    history: Row
    counted: Row
    agreeing: Row
    window: Row


def shown_fields(sobject: str) -> tuple[str, ...]:
    """Which derived fields of Contact, Lead or Account are compared."""
    return (*_SHOWN, *_PEOPLE) if sobject == "Account" else _SHOWN


def compare_all(
    org: TargetOrg, sobject: str, describe: ObjectDescribe, rollup: Rollup, now: datetime, *, page: int = PAGE
) -> Iterator[list[Compared]]:
    """All parents of an sObject that have responses or show values, a page at a time; a page is one call and all that is held.

    Args:
        org: the org.
        sobject: Contact, Lead or Account. Converted Leads are left out, and Contacts of person accounts that were asked in vain.
        describe: of the sObject.
        rollup: how far back the values look.
        now: the org's time.
        page: parents a page at most.
    """
    after = ""
    while True:
        answers = org.query_many(_queries(sobject, describe, rollup, now, after, page))
        # Each answer is complete up to its last record, if it is full; together they are up to the least of these.
        ends = [str(rows[-1]["Id" if rows is answers[0] else "parent"]) for rows in answers if len(rows) == page]
        until = min(ends, key=_place) if ends else None
        by_parent = [_by_parent(rows, "parent" if number else "Id", until) for number, rows in enumerate(answers)]
        ids = sorted({one for rows in by_parent for one in rows}, key=_place)
        yield [_compared(sobject, one, _Sides(*(rows.get(one, {}) for rows in by_parent))) for one in ids]
        if until is None:
            return
        after = until


def _queries(sobject: str, describe: ObjectDescribe, rollup: Rollup, now: datetime, after: str, page: int) -> list[str]:
    """What the parents show, then four aggregates of the ledger.

    The score of the latest answer is no aggregate, and numbers cannot be grouped by. So the third aggregate takes only answers whose score
    is the one that the parent shows: the latest of them is the latest of all exactly if the parent shows the right score.
    """
    there = "Removed_At_Source__c = null AND Responded_At__c >= {since}"
    counts = f"{there} AND Score__c != null AND Outcome__c != 'Dismissed'"
    agrees = " OR ".join(f"({sobject}__r.NPS_Score__c = {score} AND Score__c = {score})" for score in range(LOWEST, HIGHEST + 1))
    people = ", COUNT(Contact__c) known, COUNT_DISTINCT(Contact__c) people" if sobject == "Account" else ""
    aggregates = (
        ("COUNT(Id) held, MAX(Roll_Up_Changed_At__c) changed, MAX(Survey_Sent_At__c) surveyed", there, rollup.history),
        ("COUNT(Id) held, MAX(Responded_At__c) latest", counts, rollup.history),
        ("MAX(Responded_At__c) latest", f"{counts} AND ({agrees})", rollup.history),
        (f"COUNT(Id) held, SUM(Score__c) total{people}", counts, rollup.window),
    )
    own, of_parent = _kept(sobject, describe, ""), _kept(sobject, describe, f"{sobject}__r.")
    more = " AND {key} > {after}" if after else ""
    shown = soql(
        f"SELECT {{columns}} FROM {{sobject}} WHERE ({' OR '.join(f'{name} != null' for name in _SHOWN)})"
        f"{own}{more} ORDER BY Id LIMIT {{page}}",
        columns=fields(["Id", *shown_fields(sobject)]), sobject=Identifier(sobject), key=Identifier("Id"), after=after, page=page,
    )  # fmt: skip
    return [
        shown,
        *(
            soql(
                f"SELECT {{key}} parent, {wanted} FROM Survey_Response__c WHERE {{key}} != null AND {condition}"
                f"{of_parent}{more} GROUP BY {{key}} ORDER BY {{key}} LIMIT {{page}}",
                key=Identifier(f"{sobject}__c"), since=now - back, after=after, page=page,
            )
            for wanted, condition, back in aggregates
        ),
    ]  # fmt: skip


def _kept(sobject: str, describe: ObjectDescribe, path: str) -> str:
    """Leaves out those that nobody flags: a converted Lead, and the Contact of a person account that was asked in vain.

    Its flag stands because this org runs no flows for it.
    """
    if sobject == "Lead":
        return f" AND {path}IsConverted = false"
    if sobject == "Contact" and describe.has("IsPersonAccount"):
        return f" AND ({path}IsPersonAccount = false OR {path}NPS_Recalculate__c = false)"
    return ""


def _by_parent(rows: Sequence[Row], key: str, until: str | None) -> dict[str, Row]:
    return {str(row[key]): row for row in rows if until is None or _place(str(row[key])) <= _place(until)}


def _place(record_id: str) -> str:
    """Record ids sort by their 15 case-sensitive characters: digits, capitals, small letters."""
    return record_id[:15]


def _compared(sobject: str, parent_id: str, sides: _Sides) -> Compared:
    recalculated_at = moment(sides.shown.get("NPS_Recalculated_At__c"))
    parent = Parent(sobject, parent_id, recalculated_at, int(sides.history.get("held") or 0))
    return Compared(parent, tuple(_reasons(sides, recalculated_at)))


def _reasons(sides: _Sides, recalculated_at: datetime | None) -> Iterator[str]:
    shown, history, counted, window = sides.shown, sides.history, sides.counted, sides.window
    if int(shown.get("NPS_Response_Count__c") or 0) != int(counted.get("held") or 0):
        yield "count"
    latest = moment(counted.get("latest"))
    score_agrees = moment(sides.agreeing.get("latest")) == latest and (latest is not None or shown.get("NPS_Score__c") is None)
    if moment(shown.get("NPS_Responded_At__c")) != latest or not score_agrees:
        yield "latest answer"
    if moment(shown.get("NPS_Last_Surveyed_At__c")) != moment(history.get("surveyed")):
        yield "last surveyed"
    held = int(window.get("held") or 0)
    if _decimal(shown.get("NPS_Average_Score__c")) != (_average(_decimal(window["total"]), held) if held else None):
        yield "sum"
    if "people" in window and not _people_fit(shown, window, held):
        yield "people"
    changed_at = moment(history.get("changed"))
    if changed_at is not None and (recalculated_at is None or changed_at >= recalculated_at):
        yield "behind"


def _people_fit(shown: Row, window: Row, held: int) -> bool:
    """Whether the people an Account counts can be those who answered: how many gave the answers without a Contact is not known."""
    people, unknown = int(window["people"] or 0), held - int(window["known"] or 0)
    counted = sum(int(shown.get(name) or 0) for name in _PEOPLE)
    return people + bool(unknown) <= counted <= people + unknown


def _average(total: Decimal | None, held: int) -> Decimal | None:
    return None if total is None else (total / held).quantize(_CENT, ROUND_HALF_UP)


def _decimal(value: object) -> Decimal | None:
    return None if value is None else Decimal(str(value))
