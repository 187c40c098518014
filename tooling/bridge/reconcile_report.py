"""What a reconcile found and did, as text and JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

PARENTS = ("Contact", "Lead", "Account")
MOST_LISTED = 200


@dataclass(frozen=True, slots=True)
class Difference:
    """A record whose values are not those of its responses."""

    sobject: str
    id: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotFlagged:
    """A record that refused the recalculation flag."""

    sobject: str
    id: str
    code: str
    message: str


@dataclass(slots=True)
class ReconcileReport:
    """What was compared and what was done about it."""

    dry_run: bool = False
    checked: dict[str, int] = field(default_factory=dict)
    different: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    """In what they differ → how many."""
    flagged: int = 0
    refused_count: int = 0
    conversions: int = 0
    """Responses of converted Leads that got their Contact."""
    api_calls: int = 0
    differences: list[Difference] = field(default_factory=list)
    """The first of them."""
    refused: list[NotFlagged] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """1: the org refused some flags."""
        return 1 if self.refused_count else 0

    @property
    def different_count(self) -> int:
        return sum(self.different.values())

    def compared(self, sobject: str, record_id: str, reasons: tuple[str, ...]) -> None:
        self.checked[sobject] = self.checked.get(sobject, 0) + 1
        if not reasons:
            return
        self.different[sobject] = self.different.get(sobject, 0) + 1
        for reason in reasons:
            self.reasons[reason] = self.reasons.get(reason, 0) + 1
        if len(self.differences) < MOST_LISTED:
            self.differences.append(Difference(sobject, record_id, reasons))

    def refuse(self, refused: NotFlagged) -> None:
        self.refused_count += 1
        if len(self.refused) < MOST_LISTED:
            self.refused.append(refused)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def as_text(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        for sobject in PARENTS:
            yield f"{sobject}: {self.checked.get(sobject, 0)} checked, {self.different.get(sobject, 0)} different from the ledger"
        if self.reasons:
            yield "different in: " + ", ".join(f"{name} {count}" for name, count in sorted(self.reasons.items()))
        yield from (f"  {one.sobject} {one.id}: {', '.join(one.reasons)}" for one in self.differences[:20])
        if self.conversions:
            verb = "would be" if self.dry_run else "were"
            yield f"{self.conversions} responses of converted Leads {verb} given their Contact"
        yield (
            f"{self.different_count} would be recalculated"
            if self.dry_run
            else f"{self.flagged} recalculated, {self.refused_count} refused"
        )
        yield from (f"  {one.sobject} {one.id}: {one.code}: {one.message}" for one in self.refused[:20])
