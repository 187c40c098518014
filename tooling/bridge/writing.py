"""Executes a plan: archives first, then saves; a refused field is left out, a refused record is handed back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from tooling.bridge.ledger import RESPONSE, REVISION, Ledger, Parent
from tooling.bridge.planning import Insert, Plan, Refresh, Rematch, Remove, Revise
from tooling.bridge.records import (
    NEVER_DROPPED,
    Values,
    WriteContext,
    archive_record,
    match_values,
    moment_text,
    new_record,
    revised_record,
    revision_key,
    without_fields,
)
from tooling.bridge.rollups import Recalculations
from tooling.errors import NpsError
from tooling.nps.response import Response
from tooling.salesforce.org import Operation, RowOutcome, TargetOrg, Write
from tooling.salesforce.refusals import NextAction, next_action

Change = Insert | Revise | Refresh | Rematch | Remove
MOST_DROPS = 5
"""How often a record is sent again without a field the org refused."""
LANE = 220
"""Records from which writing side by side is worth another call."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A change the org did not take."""

    change: Change
    outcome: RowOutcome

    @property
    def response(self) -> Response | None:
        return self.change.response if isinstance(self.change, Insert | Revise) else None

    @property
    def key(self) -> str:
        return self.change.response.key if isinstance(self.change, Insert | Revise) else self.change.stored.key


@dataclass(slots=True)
class Written:
    """What became of a plan."""

    confirmed: list[Change] = field(default_factory=list)
    again: list[Refusal] = field(default_factory=list)
    """The org has moved on meanwhile: to be read, compared and planned anew."""
    refused: list[Refusal] = field(default_factory=list)
    parents: list[Parent] = field(default_factory=list)
    """Of everything confirmed: now behind the ledger."""
    dropped: dict[str, list[str]] = field(default_factory=dict)
    """Response key → the fields the org refused."""
    recalculations: Recalculations = field(default_factory=Recalculations)
    """Of the parents that were flagged already, each right after its responses were confirmed."""
    error: NpsError | None = None
    """What ended the writing before its time; everything above is confirmed all the same."""

    def merge(self, other: Written) -> None:
        self.confirmed += other.confirmed
        self.again += other.again
        self.refused += other.refused
        self.parents += other.parents
        self.dropped |= other.dropped
        self.recalculations.merge(other.recalculations)
        self.error = self.error or other.error


@dataclass(frozen=True, slots=True)
class Manner:
    """How a plan is written. `flags`: parents are asked to recalculate at once, not later by the caller."""

    flags: bool = False
    together: bool = False
    """In the fewest calls, one after another."""
    bulk: bool = False
    """By Bulk API 2.0."""


@dataclass(frozen=True, slots=True)
class _Pending:
    change: Change
    operation: Operation
    values: Values


def execute(plan: Plan, org: TargetOrg, ledger: Ledger, context: WriteContext, manner: Manner = Manner()) -> Written:
    """Writes the plan, one outcome per change. Running it again after a crash at any point leads to the same records."""
    written = Written()
    ready = _archived(plan.revisions, org, ledger, context, written, manner)
    pending = [*_pending(plan, ready, context)]
    lanes = _lanes(pending, 1 if manner.together or manner.bulk else min(org.writers, -(-len(pending) // LANE)))
    if len(lanes) == 1:
        written.merge(_write_lane(lanes[0], org, manner))
    elif lanes:
        alone = replace(manner, together=True)  # the lanes already are side by side
        with ThreadPoolExecutor(max_workers=len(lanes)) as pool:
            for part in pool.map(lambda lane: _write_lane(lane, org, alone), lanes):
                written.merge(part)
    return written


def _lanes(pending: Sequence[_Pending], count: int) -> list[list[_Pending]]:
    """Changes to be written side by side: no two lanes save children of the same Account, so they do not wait for each other's locks."""
    homes: dict[str, list[_Pending]] = {}
    for number, entry in enumerate(pending):
        home = min((parent.key for parent in _parents(entry)), default=None)  # an Account, else the person
        homes.setdefault("/".join(home) if home else str(number), []).append(entry)
    lanes: list[list[_Pending]] = [[] for _ in range(max(count, 1))]
    for entries in sorted(homes.values(), key=len, reverse=True):
        min(lanes, key=len).extend(entries)
    return [lane for lane in lanes if lane]


def _write_lane(pending: Sequence[_Pending], org: TargetOrg, manner: Manner) -> Written:
    written = Written()
    waiting, rounds = list(pending), 0
    try:
        while waiting:
            outcomes = _save(waiting, org, manner)
            waiting = [
                again
                for entry, outcome in zip(waiting, outcomes, strict=True)
                if (again := _settle(entry, outcome, written, rounds)) is not None
            ]
            rounds += 1
        if manner.flags:
            written.recalculations.add(written.parents)
            written.parents = []
            written.recalculations.flush(org, together=manner.together)
    except NpsError as error:
        written.error = error
    return written


def _archived(
    revisions: Sequence[Revise], org: TargetOrg, ledger: Ledger, context: WriteContext, written: Written, manner: Manner
) -> list[Revise]:
    """Archives what the org holds of each response to be revised. Only those whose archive is confirmed are handed on."""
    if not revisions:
        return []
    contents, archives = ledger.contents([item.stored.id for item in revisions])
    ready: list[Revise] = []
    rows: list[tuple[Revise, Values]] = []
    for item in revisions:
        current = contents.get(item.stored.id)
        if current is None or int(current.get("Revision__c") or 1) != item.stored.revision:
            gone = RowOutcome(
                item.stored.id, False, code="ENTITY_IS_DELETED" if current is None else "STALE_REVISION", message="read again"
            )
            written.again.append(Refusal(item, gone))
            continue
        earlier = archives.get(item.stored.id, [])
        key = revision_key(item.stored.key, item.stored.revision)
        if any(row["Revision_Key__c"] == key for row in earlier):
            ready.append(item)  # a run that was cut off here archived it already: an archive is never written twice
        else:
            rows.append((item, archive_record(current, earlier, context)))
    if rows:
        write = Write(Operation.INSERT, REVISION, [values for _, values in rows], key="Revision_Key__c")
        for (item, _), outcome in zip(rows, org.write([write], together=manner.together, bulk=manner.bulk)[0], strict=True):
            if outcome.success:
                ready.append(item)
            elif next_action(outcome.code) is NextAction.REPLAN:
                written.again.append(Refusal(item, outcome))
            else:
                written.refused.append(
                    Refusal(item, replace(outcome, message=f"its earlier content cannot be archived: {outcome.message}"))
                )
    return ready


def _pending(plan: Plan, ready: Iterable[Revise], context: WriteContext) -> Iterator[_Pending]:
    for insert in plan.inserts:
        yield _Pending(insert, Operation.INSERT, new_record(insert.response, insert.content_hash, insert.decision, context))
    for revise in ready:
        values = revised_record(revise.response, revise.content_hash, revise.stored.id, revise.stored.revision + 1, context)
        yield _Pending(revise, Operation.UPDATE, values)
    for refresh in plan.refreshes:
        yield _Pending(refresh, Operation.UPDATE, {"Id": refresh.stored.id, **refresh.values})
    for rematch in plan.rematches:
        yield _Pending(rematch, Operation.UPDATE, {"Id": rematch.stored.id, **match_values(rematch.decision)})
    for removal in plan.removals:
        yield _Pending(removal, Operation.UPDATE, {"Id": removal.stored.id, "Removed_At_Source__c": moment_text(context.now)})


def _save(pending: Sequence[_Pending], org: TargetOrg, manner: Manner) -> list[RowOutcome]:
    """One outcome per entry, in order."""
    groups = {
        operation: [index for index, entry in enumerate(pending) if entry.operation is operation]
        for operation in (Operation.INSERT, Operation.UPDATE)
    }
    groups = {operation: indexes for operation, indexes in groups.items() if indexes}
    writes = [
        Write(operation, RESPONSE, [pending[index].values for index in indexes], key="Response_Key__c")
        for operation, indexes in groups.items()
    ]
    outcomes: dict[int, RowOutcome] = {}
    for indexes, answers in zip(groups.values(), org.write(writes, together=manner.together, bulk=manner.bulk), strict=True):
        outcomes.update(zip(indexes, answers, strict=True))
    return [outcomes[index] for index in range(len(pending))]


def _settle(entry: _Pending, outcome: RowOutcome, written: Written, rounds: int) -> _Pending | None:
    """Files the outcome; answers with the entry to be sent again without the fields that the org refused."""
    change = entry.change
    if outcome.success:
        written.confirmed.append(change)
        written.parents.extend(_parents(entry))
        return None
    action = next_action(outcome.code, outcome.fields)
    is_stale = isinstance(change, Revise) and outcome.code == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    if action is NextAction.REPLAN or is_stale:
        written.again.append(Refusal(change, outcome))
        return None
    blamed = [name for name in outcome.fields if name in entry.values]
    if action is NextAction.DROP_FIELD and blamed and not NEVER_DROPPED & set(blamed) and rounds < MOST_DROPS:
        reason = f"{outcome.code}: {outcome.message}"
        written.dropped.setdefault(str(entry.values.get("Response_Key__c") or outcome.id or ""), []).extend(blamed)
        return replace(entry, values=without_fields(entry.values, blamed, reason))
    written.refused.append(Refusal(change, outcome))
    return None


def _parents(entry: _Pending) -> Iterator[Parent]:
    change = entry.change
    if isinstance(change, Insert | Rematch):
        decision, values = change.decision, entry.values
        if values.get("Contact__c"):
            yield Parent("Contact", values["Contact__c"], is_person_account=decision.is_person_account)
        if values.get("Lead__c") and not values.get("Contact__c"):  # with a Contact, the Lead is converted: nobody flags those
            yield Parent("Lead", values["Lead__c"])
        if values.get("Account__c"):
            yield Parent("Account", values["Account__c"])
    else:
        yield from change.stored.parents
