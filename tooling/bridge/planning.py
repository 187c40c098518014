"""What a batch of responses changes in the org. The plan is a value: printed by a dry run, asserted by tests, executed by the writer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tooling.bridge.ledger import Parked, Stored
from tooling.bridge.matching import Decision, MatchStatus
from tooling.nps.response import Response


@dataclass(frozen=True, slots=True)
class Insert:
    response: Response
    content_hash: str
    decision: Decision


@dataclass(frozen=True, slots=True)
class Revise:
    """Archive what the org holds, then update it."""

    response: Response
    content_hash: str
    stored: Stored


@dataclass(frozen=True, slots=True)
class Refresh:
    """The content is the same; the source's status changed, or a removed response is back."""

    stored: Stored
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Rematch:
    """A parked response whose person is known now, or known to be several."""

    stored: Stored
    decision: Decision


@dataclass(frozen=True, slots=True)
class Remove:
    """The source says that the response no longer exists: it is marked, never deleted."""

    stored: Stored


@dataclass(frozen=True, slots=True)
class Plan:
    inserts: tuple[Insert, ...] = ()
    revisions: tuple[Revise, ...] = ()
    refreshes: tuple[Refresh, ...] = ()
    unchanged: tuple[Stored, ...] = ()
    rematches: tuple[Rematch, ...] = ()
    removals: tuple[Remove, ...] = ()

    @property
    def changes_nothing(self) -> bool:
        return not (self.inserts or self.revisions or self.refreshes or self.rematches or self.removals)


def latest_of_each(responses: Iterable[Response]) -> list[Response]:
    """One response per key: paging over a list that grows meanwhile shows some twice. The later change wins, then the later read."""
    latest: dict[str, Response] = {}
    for response in responses:
        known = latest.get(response.key)
        older = known and known.modified_at and response.modified_at and response.modified_at < known.modified_at
        if not older:
            latest[response.key] = response
    return list(latest.values())


def plan_batch(
    responses: Iterable[Response],
    hashes: Mapping[str, str],
    stored: Mapping[str, Stored],
    decisions: Mapping[str, Decision],
) -> Plan:
    """Compares responses with what the org holds. `hashes` and, for new responses, `decisions` are by response key."""
    inserts: list[Insert] = []
    revisions: list[Revise] = []
    refreshes: list[Refresh] = []
    unchanged: list[Stored] = []
    for response in responses:
        known = stored.get(response.key)
        if known is None:
            inserts.append(Insert(response, hashes[response.key], decisions[response.key]))
        elif known.erased_at is not None or _is_older(response, known):
            unchanged.append(known)
        elif known.content_hash != hashes[response.key]:
            revisions.append(Revise(response, hashes[response.key], known))
        elif values := _refreshed(response, known):
            refreshes.append(Refresh(known, values))
        else:
            unchanged.append(known)
    return Plan(tuple(inserts), tuple(revisions), tuple(refreshes), tuple(unchanged))


def plan_rematches(parked: Iterable[Parked], decisions: Mapping[str, Decision]) -> tuple[Rematch, ...]:
    """Parked responses for which the rules say something new. `decisions` are by response key."""
    return tuple(
        Rematch(item.stored, decision)
        for item in parked
        if (decision := decisions[item.stored.key]).status is MatchStatus.MATCHED or decision.status.value != item.stored.match_status
    )


def _is_older(response: Response, known: Stored) -> bool:
    """A delivery that overtook a later one must not undo it."""
    return bool(response.modified_at and known.source_modified_at and _second(response.modified_at) < _second(known.source_modified_at))


def _second(moment: Any) -> Any:
    return moment.replace(microsecond=0)  # the org keeps whole seconds


def _refreshed(response: Response, known: Stored) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if known.status != response.status.value:
        values["Source_Status__c"] = response.status.value
    if known.removed_at is not None:
        values["Removed_At_Source__c"] = None
    return values
