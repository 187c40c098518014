"""A batch of responses: compare, match, write, keep what was refused, remember whom to recalculate."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Generic, TypeVar

from tooling.bridge import dead_letters
from tooling.bridge.dead_letters import DeadLetter
from tooling.bridge.estimate import calls_to_write
from tooling.bridge.follow_ups import is_fresh, starts_case, starts_email, starts_task
from tooling.bridge.ledger import Ledger, Parked, Stored
from tooling.bridge.ledger_copy import LedgerCopy
from tooling.bridge.matcher import Matcher
from tooling.bridge.matching import Decision, MatchStatus
from tooling.bridge.planning import Insert, Plan, Refresh, Rematch, Remove, Revise, latest_of_each, plan_batch, plan_rematches
from tooling.bridge.preflight import Describes
from tooling.bridge.records import WriteContext, unfit_reason
from tooling.bridge.report import PlannedChange, Refused, SyncReport
from tooling.bridge.rollups import Recalculations
from tooling.bridge.route_preview import preview_plan
from tooling.bridge.runs import Run
from tooling.bridge.writing import Change, Manner, Refusal, Written, execute
from tooling.nps.content import content_hash
from tooling.nps.response import Person, Response, ResponseSkipped
from tooling.salesforce.org import TargetOrg
from tooling.spec.model import Spec

MOST_PLANS = 3
"""How often a response is planned anew because the org has moved on."""
MOST_WAITING_PARENTS = 20_000
"""Parents remembered until the end of a run: asked once, however many batches touch them."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Batch(Generic[T]):
    items: list[T]
    is_last: bool
    """Nothing follows it."""
    is_bulk: bool = False


def in_batches(
    items: Iterable[T], size: int, room: Callable[[], int | None], *, bulk_from: int, bulk_size: int, order: Callable[[list[T]], list[T]]
) -> Iterator[Batch[T]]:
    """Batches of at most `size` items; of `bulk_size` as soon as `bulk_from` have come, for that many are worth a Bulk job.

    At most as many are read as there is `room` for. `order` sorts what was read ahead.
    """
    iterator = iter(items)
    while True:
        left = room()
        wanted = bulk_from if left is None else max(0, min(bulk_from, left))
        read = list(islice(iterator, wanted))
        if len(read) == bulk_from:
            read += islice(iterator, max(0, min(bulk_size, bulk_size if left is None else left) - bulk_from))
            yield Batch(order(read), is_last=False, is_bulk=True)
            continue
        read = order(read)
        for start in range(0, len(read), size):
            yield Batch(read[start : start + size], is_last=start + size >= len(read))
        if len(read) < wanted or not read:
            return


class BatchWriter:
    """Writes batches of one run, and keeps its counts and the report's."""

    def __init__(
        self, spec: Spec, org: TargetOrg, ledger: Ledger, describes: Describes, context: WriteContext, run: Run, report: SyncReport,
        letters: Mapping[str, DeadLetter], *, dry_run: bool, ledger_is_empty: bool = False,
    ) -> None:  # fmt: skip
        self._spec, self._org, self._ledger, self._describes, self._context = spec, org, ledger, describes, context
        self._run, self._report, self._dry_run = run, report, dry_run
        self._letters = dict(letters)
        self._org_id = org.identity.org_id
        self._recalculations = Recalculations()
        self._manner = Manner()
        self._ledger_copy = LedgerCopy(org, ledger, run.source, is_empty=ledger_is_empty)
        self.all_kept = True
        """Whether everything refused was at least kept as a dead letter: else the bookmark must not move."""
        self.calls_to_write = 0
        """In a dry run: about how many API calls the writing would take."""

    def skip(self, item: ResponseSkipped) -> None:
        self._run.counts.skipped += 1
        self._report.skip(item)

    def process(self, responses: Sequence[Response], *, is_last: bool = False, is_bulk: bool = False, is_tight: bool = False) -> None:
        """Brings the responses into the org.

        Args:
            responses: the batch.
            is_last: no other batch follows soon, so its parents can be asked to recalculate while it is written.
            is_bulk: there are enough for Bulk API 2.0.
            is_tight: API calls are short: the fewest are made, however long it takes.
        """
        self._manner = Manner(flags=is_last, together=is_tight, bulk=is_bulk)
        if not responses:
            return
        self._run.counts.read += len(responses)
        self._report.read += len(responses)
        fit: list[Response] = []
        for response in latest_of_each(responses):
            reason = unfit_reason(response)
            letter = self._letters.get(response.key)
            if reason:
                self.skip(ResponseSkipped(reason, f"{response.source} {response.id:.40}"))
            elif letter is not None and letter.is_erased:
                self._run.counts.unchanged += 1
                self._report.unchanged += 1
            else:
                fit.append(response)
        self._process(fit, attempt=1)
        if len(self._recalculations.waiting) > MOST_WAITING_PARENTS:
            self._flush()

    def catch_up(self, changed: Iterable[Stored]) -> None:
        """Asks the parents of these responses that are behind to recalculate."""
        for known in changed:
            self._recalculations.add(known.behind)

    def match_again(self, parked: Sequence[Parked]) -> None:
        """Gives parked responses their person, if there is exactly one by now."""
        if not parked:
            return
        decisions = self._decide({item.stored.key: item.person for item in parked}, will_write=False)
        self._execute(Plan(rematches=plan_rematches(parked, decisions)), attempt=MOST_PLANS)

    def remove(self, removals: Sequence[Remove]) -> None:
        """Marks responses that the source no longer has."""
        if removals:
            self._execute(Plan(removals=tuple(removals)), attempt=MOST_PLANS)

    def finish(self) -> None:
        """Flags whoever is still waiting. Without this the bookmark must not move."""
        self._flush()

    def _process(self, responses: Sequence[Response], *, attempt: int) -> None:
        keys = [response.key for response in responses]
        stored = self._ledger_copy.by_key(keys) if self._manner.bulk and attempt == 1 else self._ledger.by_key(keys)
        hashes = {response.key: content_hash(response, self._org_id) for response in responses}
        decisions = self._decide({response.key: response.person for response in responses if response.key not in stored})
        plan = plan_batch(responses, hashes, stored, decisions)
        self._run.counts.unchanged += len(plan.unchanged)
        self._report.unchanged += len(plan.unchanged)
        self.catch_up(plan.unchanged)
        self._execute(plan, attempt=attempt)

    def _decide(self, people: Mapping[str, Person], *, will_write: bool = True) -> dict[str, Decision]:
        """`will_write`: the responses are new, so there is going to be a run to record."""
        if not people:
            return {}
        org = self._run.opened_along(self._org) if will_write and not self._dry_run else self._org
        return Matcher(org, self._spec.match, self._describes, dry_run=self._dry_run).decide(people)

    def _execute(self, plan: Plan, *, attempt: int) -> None:
        if plan.changes_nothing:
            return
        if self._dry_run:
            for change in _changes(plan):
                self._count(change)
                self._report.plan(_planned(change))
            preview_plan(self._org, self._context.routes, self._describes, plan, self._report)
            self.calls_to_write += calls_to_write(plan, is_bulk=self._manner_for(plan).bulk, writers=self._org.writers)
            return
        self._run.begin()
        written = execute(plan, self._org, self._ledger, self._context, self._manner_for(plan))
        for change in written.confirmed:
            self._count(change)
        self._recalculations.add(written.parents)
        self._recalculations.merge(written.recalculations)
        self._report_recalculations()
        self._report.dropped_fields += sum(len(names) for names in written.dropped.values())
        self._resolve(written)
        if written.error is not None:
            raise written.error
        self._plan_again(written, attempt)

    def _manner_for(self, plan: Plan) -> Manner:
        """A Bulk batch that changes little is not worth a job."""
        rows = len(plan.inserts) + len(plan.revisions) + len(plan.refreshes) + len(plan.rematches) + len(plan.removals)
        return replace(self._manner, bulk=rows >= self._spec.budget.bulk_from)

    def _plan_again(self, written: Written, attempt: int) -> None:
        refused = list(written.refused)
        again: list[Response] = []
        for refusal in written.again:
            if refusal.response is not None and attempt < MOST_PLANS:
                again.append(refusal.response)
            else:
                refused.append(refusal)
        self._keep(refused)
        if again:
            self._process(again, attempt=attempt + 1)

    def _keep(self, refusals: Sequence[Refusal]) -> None:
        outcomes = dead_letters.keep(self._org, refusals, self._letters, self._context)
        for refusal, kept in zip(refusals, outcomes, strict=True):
            self.all_kept = self.all_kept and kept.success
            self._run.counts.refused += 1
            outcome = refusal.outcome
            self._report.refuse(Refused(refusal.key, outcome.code, outcome.message, is_known=refusal.key in self._letters))
            if not kept.success:
                self._report.warn(f"{refusal.key} could not be kept as a dead letter: {kept.code}: {kept.message}")

    def _resolve(self, written: Written) -> None:
        keys = {change.response.key for change in written.confirmed if isinstance(change, Insert | Revise)}
        resolved = [letter for key, letter in self._letters.items() if key in keys]
        dead_letters.resolve(self._org, resolved, self._context)

    def _flush(self) -> None:
        if self._dry_run:
            return
        is_bulk = len(self._recalculations.waiting) >= self._spec.budget.bulk_from
        self._recalculations.flush(self._org, together=self._manner.together, bulk=is_bulk)
        self._report_recalculations()

    def _report_recalculations(self) -> None:
        self._run.counts.recalculated += self._recalculations.done
        self._report.recalculated += self._recalculations.done
        for parent, outcome in self._recalculations.refused:
            # It stays behind: its next response, or the nightly recalculation, asks again.
            self._report.warn(f"{parent.sobject} {parent.id} could not be asked to recalculate: {outcome.code}: {outcome.message}")
        self._recalculations.done, self._recalculations.refused = 0, []

    def _count(self, change: Change) -> None:
        counts, report = self._run.counts, self._report
        if isinstance(change, Insert):
            counts.created += 1
            report.created += 1
            ambiguous, unmatched = (change.decision.status is status for status in (MatchStatus.AMBIGUOUS, MatchStatus.UNMATCHED))
            counts.ambiguous += ambiguous
            report.ambiguous += ambiguous
            counts.unmatched += unmatched
            report.unmatched += unmatched
            report.count_rule(f"{change.decision.status.value}: {change.decision.rule.partition(';')[0]}")
            report.example = report.example or change.response.key
            self._count_follow_ups(change.response)
        elif isinstance(change, Revise):
            counts.revised += 1
            report.revised += 1
        elif isinstance(change, Remove):
            counts.removed += 1
            report.removed += 1
        elif isinstance(change, Rematch):
            counts.other_changes += 1
            report.rematched += change.decision.status is MatchStatus.MATCHED
        else:
            counts.other_changes += 1
            report.refreshed += 1

    def _count_follow_ups(self, response: Response) -> None:
        if is_fresh(self._spec, response, self._context.now):
            self._report.follow_ups += starts_task(response)
            self._report.cases += starts_case(self._spec, response)
            self._report.emails += starts_email(self._spec, response)


def _changes(plan: Plan) -> Iterator[Change]:
    yield from plan.inserts
    yield from plan.revisions
    yield from plan.refreshes
    yield from plan.rematches
    yield from plan.removals


def _planned(change: Change) -> PlannedChange:
    if isinstance(change, Insert):
        decision, score = change.decision, "no score" if change.response.score is None else f"score {change.response.score}"
        to = f"Contact {decision.contact_id}" if decision.contact_id else f"Lead {decision.lead_id}" if decision.lead_id else "nobody"
        among = "".join(f"; {candidate}" for candidate in decision.candidates[:5])
        return PlannedChange(change.response.key, "create", f"{score}, {decision.status.value}: {to} ({decision.rule}{among})")
    if isinstance(change, Revise):
        return PlannedChange(change.response.key, "revise", f"revision {change.stored.revision + 1}")
    if isinstance(change, Refresh):
        return PlannedChange(change.stored.key, "refresh", ", ".join(f"{name} = {value}" for name, value in change.values.items()))
    if isinstance(change, Rematch):
        return PlannedChange(change.stored.key, "match", f"{change.decision.status.value} ({change.decision.rule})")
    return PlannedChange(change.stored.key, "remove", "no longer at the source")
