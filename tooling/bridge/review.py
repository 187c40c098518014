"""What waits for a person: parked, ambiguous and refused responses, and routes that came to nothing. Read only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from tooling.bridge.dead_letters import DEAD_LETTER
from tooling.bridge.ledger import NOT_VISIBLE, RESPONSE
from tooling.errors import UsageError
from tooling.salesforce.org import Row, TargetOrg
from tooling.salesforce.soql import fields, soql

_COLUMNS = (
    "Id", "Name", "Response_Key__c", "Score__c", "Category__c", "Responded_At__c", "Respondent_Email__c", "Respondent_Name__c",
    "Match_Status__c", "Match_Rule__c", "Match_Candidates__c", "Routing_Status__c", "Routing_Notes__c",
)  # fmt: skip
_LETTER_COLUMNS = ("Id", "Name", "Delivery_Key__c", "Status__c", "Attempts__c", "Error_Code__c", "Error_Message__c", "Last_Failed_At__c")


class Kind(StrEnum):
    AMBIGUOUS = "ambiguous"
    UNMATCHED = "unmatched"
    REFUSED = "refused"
    ROUTE = "route"


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to decide."""

    kind: Kind
    number: str
    """SR-… of a response, DL-… of a dead letter."""
    id: str
    key: str
    answer: str = ""
    at: str | None = None
    respondent: str = ""
    reason: str = ""
    candidates: tuple[str, ...] = ()
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """The latest of each kind, and how many there are in all."""

    items: tuple[Item, ...]
    counts: Mapping[str, int] = field(default_factory=dict)
    responses: int | None = None
    """How many responses the ledger has, when nothing waits."""

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def as_json(self) -> dict[str, Any]:
        return {"counts": dict(self.counts), "total": self.total, "items": [asdict(item) for item in self.items]}

    def as_text(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        if not self.total and self.responses == 0:
            yield "there is no response yet. Next: nps sync --dry-run"
            return
        if not self.total:
            yield "nothing waits: every response is matched and written"
            return
        yield ", ".join(f"{count} {kind}" for kind, count in self.counts.items() if count)
        rows = [(item.number, item.kind.value, item.answer, (item.at or "")[:10], item.respondent or "nobody named") for item in self.items]
        widths = [max(len(row[column]) for row in rows) for column in range(4)]
        for item, row in zip(self.items, rows, strict=True):
            yield "  ".join([*(text.ljust(width) for text, width in zip(row[:4], widths, strict=True)), row[4]])
            yield from (f"    {line}" for line in item.reason.splitlines())
            yield from (f"    {candidate}: {_command(item, candidate)}" for candidate in item.candidates)
            yield f"    → {item.next_step}"
        if len(self.items) < self.total:
            yield f"… and {self.total - len(self.items)} more (--limit shows more)"


def review(org: TargetOrg, *, limit: int = 50) -> Review:
    """Everything that waits for a person, at most `limit` of each kind.

    Raises:
        UsageError: our objects are not there, or not visible to the user.
    """
    describes = org.describe([RESPONSE, DEAD_LETTER])
    if any(describes[name] is None for name in (RESPONSE, DEAD_LETTER)):
        raise UsageError(f"{RESPONSE} or {DEAD_LETTER} does not exist, or this user may not see it", NOT_VISIBLE)
    template = "SELECT {columns} FROM Survey_Response__c WHERE {field} = {status} AND Erased_At__c = null AND Removed_At_Source__c = null"
    order = " ORDER BY Responded_At__c DESC NULLS LAST LIMIT {limit}"
    columns, letters = fields(_COLUMNS), fields(_LETTER_COLUMNS)
    match, routing = fields(["Match_Status__c"]), fields(["Routing_Status__c"])
    counted = "SELECT Match_Status__c status, COUNT(Id) n FROM Survey_Response__c WHERE Match_Status__c IN ('Ambiguous','Unmatched') AND " \
        "Erased_At__c = null AND Removed_At_Source__c = null GROUP BY Match_Status__c"  # fmt: skip
    ambiguous, unmatched, routed, refused, parked, others = org.query_many([
        soql(template + order, columns=columns, field=match, status="Ambiguous", limit=limit),
        soql(template + order, columns=columns, field=match, status="Unmatched", limit=limit),
        soql(template + order, columns=columns, field=routing, status="Parked", limit=limit),
        soql("SELECT {columns} FROM NPS_Dead_Letter__c WHERE Status__c IN {open} ORDER BY Last_Failed_At__c DESC NULLS LAST LIMIT {limit}",
             columns=letters, open=["New", "Retry"], limit=limit),
        counted,
        "SELECT COUNT(Id) n FROM NPS_Dead_Letter__c WHERE Status__c IN ('New','Retry')",
    ])  # fmt: skip
    waits = bool(ambiguous or unmatched or routed or refused)
    by_status = {str(row["status"]): int(row["n"]) for row in parked}
    routes = len(routed) if len(routed) < limit else _count(org, "Routing_Status__c = 'Parked'")
    return Review(
        items=(
            *(_ambiguous(row) for row in ambiguous),
            *(_unmatched(row) for row in unmatched),
            *(_refused(row) for row in refused),
            *(_route(row) for row in routed),
        ),
        counts={
            Kind.AMBIGUOUS: by_status.get("Ambiguous", 0),
            Kind.UNMATCHED: by_status.get("Unmatched", 0),
            Kind.REFUSED: int(others[0]["n"]) if others else 0,
            Kind.ROUTE: routes,
        },
        responses=None if waits else int(org.query("SELECT COUNT(Id) n FROM Survey_Response__c")[0]["n"]),
    )


def _command(item: Item, candidate: str) -> str:
    """What decides for this candidate: `Contact 003… (Anna)` names it."""
    sobject, _, rest = candidate.partition(" ")
    return f"nps resolve {item.number} --{sobject.lower()} {rest.partition(' ')[0]}"


def _count(org: TargetOrg, condition: str) -> int:
    rows = org.query(
        f"SELECT COUNT(Id) n FROM Survey_Response__c WHERE {condition} AND Erased_At__c = null AND Removed_At_Source__c = null"
    )
    return int(rows[0]["n"]) if rows else 0


def _ambiguous(row: Row) -> Item:
    step = f"one of these commands; for somebody else nps resolve {row['Name']} --contact EMAIL, or --lead EMAIL"
    return _item(Kind.AMBIGUOUS, row, row.get("Match_Rule__c") or "", step, (row.get("Match_Candidates__c") or "").splitlines())


def _unmatched(row: Row) -> Item:
    step = f"nps resolve {row['Name']} --contact EMAIL; or add the person to Salesforce, the next sync matches it"
    return _item(Kind.UNMATCHED, row, row.get("Match_Rule__c") or "", step)


def _route(row: Row) -> Item:
    step = f"correct the target, then nps retry {row['Name']}"
    return _item(Kind.ROUTE, row, row.get("Routing_Notes__c") or "", step)


def _item(kind: Kind, row: Row, reason: str, next_step: str, candidates: Sequence[str] = ()) -> Item:
    score = row.get("Score__c")
    answer = str(row.get("Category__c") or "") if score is None else f"{int(score)} {row.get('Category__c') or ''}".strip()
    respondent = " ".join(part for part in (row.get("Respondent_Name__c"), row.get("Respondent_Email__c")) if part)
    return Item(
        kind, row["Name"], row["Id"], row.get("Response_Key__c") or "", answer, row.get("Responded_At__c"), respondent, reason,
        tuple(candidates), next_step,
    )  # fmt: skip


def _refused(row: Row) -> Item:
    reason = f"{row.get('Error_Code__c')}: {row.get('Error_Message__c')} ({int(row.get('Attempts__c') or 1)} attempts)"
    key = row.get("Delivery_Key__c") or ""
    step = f"correct what the org refused, then nps retry {row['Name']}"
    return Item(Kind.REFUSED, row["Name"], row["Id"], key, "", row.get("Last_Failed_At__c"), key, reason, (), step)
