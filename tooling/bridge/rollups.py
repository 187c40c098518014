"""Asks parents to recalculate: once per distinct parent, only after their ledger records are confirmed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tooling.bridge.ledger import Parent
from tooling.salesforce.org import Operation, RowOutcome, TargetOrg, Write

PARENTS_PER_TRANSACTION = 200
RESPONSES_PER_TRANSACTION = 2_000
"""Recalculation reads every response of a parent: processor time binds before the 50,000 records of a transaction do."""


@dataclass(slots=True)
class Recalculations:
    """Parents waiting for their flag. One that is already behind stays so until it is flagged, also after a crash."""

    waiting: dict[tuple[str, str], Parent] = field(default_factory=dict)
    done: int = 0
    refused: list[tuple[Parent, RowOutcome]] = field(default_factory=list)

    def add(self, parents: Iterable[Parent]) -> None:
        for parent in parents:
            known = self.waiting.get(parent.key)
            if known is None or parent.responses > known.responses:
                self.waiting[parent.key] = parent

    def merge(self, other: Recalculations) -> None:
        """Takes over what another one has done, and what it left undone."""
        self.done += other.done
        self.refused += other.refused
        self.add(other.waiting.values())

    def flush(self, org: TargetOrg, *, together: bool = False, bulk: bool = False) -> None:
        """Sets NPS_Recalculate__c on all that wait; they keep waiting when the org cannot be reached."""
        for second in (False, True):
            # Contact and Account of a person account are one record: flagged side by side, each would lock the other.
            chosen = [parent for parent in self.waiting.values() if parent.is_person_account is second]
            self._flag(org, _chunks(chosen, most=None if bulk else PARENTS_PER_TRANSACTION), together=together, bulk=bulk)

    def _flag(self, org: TargetOrg, chunks: list[list[Parent]], *, together: bool, bulk: bool) -> None:
        if not chunks:
            return
        writes = [
            Write(Operation.UPDATE, chunk[0].sobject, [{"Id": parent.id, "NPS_Recalculate__c": True} for parent in chunk])
            for chunk in chunks
        ]
        answers = org.write(writes, together=together, bulk=bulk)
        for chunk, outcomes in zip(chunks, answers, strict=True):
            for parent, outcome in zip(chunk, outcomes, strict=True):
                del self.waiting[parent.key]
                if outcome.success:
                    self.done += 1
                else:
                    self.refused.append((parent, outcome))


def _chunks(parents: Sequence[Parent], *, most: int | None = PARENTS_PER_TRANSACTION) -> list[list[Parent]]:
    """Parents of one sObject per chunk, within the limits of one transaction; ordered, so that writers do not meet.

    Without `most` one chunk per sObject: a Bulk job makes its own transactions.
    """
    chunks: list[list[Parent]] = []
    responses = 0
    for parent in sorted(parents, key=lambda item: item.key):
        weight = max(parent.responses, 1)
        last = chunks[-1] if chunks else None
        if (
            last is None
            or last[0].sobject != parent.sobject
            or (most is not None and (len(last) >= most or responses + weight > RESPONSES_PER_TRANSACTION))
        ):
            chunks.append([])
            responses = 0
        chunks[-1].append(parent)
        responses += weight
    return chunks
