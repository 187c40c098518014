"""What a sync did, for people, for programs, and as an exit code."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tooling.bridge.reconcile_report import ReconcileReport
from tooling.bridge.retention import Removed
from tooling.nps.response import ResponseSkipped

MOST_LISTED = 1_000
"""Entries kept of each list: the counts are always complete, memory stays bounded."""


MOST_RULES = 8
"""Reasons told one by one in the text."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A response the org did not take. `is_known`: an earlier run has already kept it as a dead letter."""

    key: str
    code: str
    message: str
    is_known: bool = False


@dataclass(slots=True)
class RoutingReport:
    """What became of the responses that take a route."""

    done: int = 0
    waiting: int = 0
    """Until it is known who answered."""
    parked: int = 0
    """For somebody to look at: several targets, or one that the org refuses to have changed."""
    pending: int = 0
    """The org was too busy: the next sync tries again."""
    created: int = 0
    updated: int = 0
    dropped_fields: int = 0


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """One line of a dry run."""

    key: str
    action: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.action:<10} {self.key}" + (f"  {self.detail}" if self.detail else "")


@dataclass(frozen=True, slots=True)
class DayOfCalls:
    """The org's API calls of a day, and how many of them the spec grants the bridge."""

    total: int
    share: int


@dataclass(slots=True)
class SyncReport:
    """Counts and lists of one sync over all its sources."""

    dry_run: bool = False
    quiet: bool = False
    sources: list[str] = field(default_factory=list)
    run_keys: list[str] = field(default_factory=list)
    read: int = 0
    created: int = 0
    revised: int = 0
    refreshed: int = 0
    """Same content, another status at the source."""
    unchanged: int = 0
    ambiguous: int = 0
    unmatched: int = 0
    rematched: int = 0
    removed: int = 0
    recalculated: int = 0
    quiet_because: str = ""
    matched_by: dict[str, int] = field(default_factory=dict)
    """What decided about new responses, or why nothing did → how many."""
    waiting: int = 0
    """Parked by earlier runs and still without their person."""
    follow_ups: int = 0
    """New detractors young enough for a Task; in a quiet sync these Tasks are not started."""
    cases: int = 0
    """New answers young and grave enough for a Case."""
    emails: int = 0
    """New answers young enough whose category has an e-mail: at most that many are sent."""
    dropped_fields: int = 0
    skipped_count: int = 0
    refused_count: int = 0
    known_refused: int = 0
    api_calls: int = 0
    estimated_calls: int | None = None
    """In a dry run: about how many API calls the sync itself would make."""
    calls_today: int = 0
    """API calls of the runs that began today, this one included."""
    day: DayOfCalls | None = None
    routed: RoutingReport = field(default_factory=RoutingReport)
    reconciled: ReconcileReport | None = None
    """What the daily comparison with the ledger came to, when it was due."""
    expired: Removed = field(default_factory=Removed)
    expected: int | None = None
    """About how many responses a long run will read, when the sources say so."""
    started: float = field(default_factory=time.monotonic)
    incomplete: str | None = None
    """Why the sync stopped before the end of a source; the next one goes on."""
    bookmarks: dict[str, datetime] = field(default_factory=dict)
    skipped: list[ResponseSkipped] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    planned: list[PlannedChange] = field(default_factory=list)
    planned_routes: list[PlannedChange] = field(default_factory=list)
    is_first: bool = False
    """No run of a source was finished before."""
    limit: int | None = None
    """The responses that this try was limited to."""
    example: str | None = None
    """The key of a response that was created: something to look at."""
    warnings: list[str] = field(default_factory=list)

    @property
    def parked(self) -> int:
        return self.ambiguous + self.unmatched

    @property
    def changed(self) -> int:
        return self.created + self.revised + self.refreshed + self.rematched + self.removed

    def skip(self, skipped: ResponseSkipped) -> None:
        self.skipped_count += 1
        if len(self.skipped) < MOST_LISTED:
            self.skipped.append(skipped)

    def refuse(self, refused: Refused) -> None:
        self.refused_count += 1
        self.known_refused += refused.is_known
        if len(self.refused) < MOST_LISTED:
            self.refused.append(refused)

    def plan(self, change: PlannedChange) -> None:
        if len(self.planned) < MOST_LISTED:
            self.planned.append(change)

    def plan_route(self, change: PlannedChange) -> None:
        if len(self.planned_routes) < MOST_LISTED:
            self.planned_routes.append(change)

    def count_rule(self, rule: str) -> None:
        if rule in self.matched_by or len(self.matched_by) < MOST_LISTED:
            self.matched_by[rule] = self.matched_by.get(rule, 0) + 1

    def warn(self, text: str) -> None:
        if len(self.warnings) < MOST_LISTED:
            self.warnings.append(text)

    def progress(self, now: float | None = None) -> str:
        """One line: how far it has come and, when the sources said how much there is, about how long it still takes."""
        done = f"{self.read:,}" + (f" of about {self.expected:,}" if self.expected else "") + " read"
        text = f"{done}, {self.created:,} created, {self.revised:,} revised"
        if not self.expected or not 0 < self.read < self.expected:
            return text
        elapsed = (time.monotonic() if now is None else now) - self.started
        left = timedelta(seconds=round(elapsed / self.read * (self.expected - self.read)))
        return f"{text}, about {left} left"

    def exit_code(self, *, strict: bool = False) -> int:
        """0: done; what is parked, skipped or was refused before is only counted. 1: new refusals.

        With `strict`, 1 also for anything parked, skipped, refused before, or incomplete.
        """
        if self.refused_count > self.known_refused:
            return 1
        return 1 if strict and (self.parked or self.skipped_count or self.refused_count or self.incomplete) else 0

    def as_json(self) -> dict[str, Any]:
        """Everything, ready for `json.dumps`."""
        values = asdict(self)
        del values["started"]
        values["bookmarks"] = {source: moment.isoformat() for source, moment in self.bookmarks.items()}
        return {**values, "parked": self.parked}

    def as_text(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        calls = f"{self.api_calls} API calls" + (" to look" if self.dry_run else "")
        yield f"{self.read} responses read from {', '.join(self.sources)}; {calls}"
        yield from self._changes()
        yield from self._not_done()
        yield from self._routes()
        yield from self._upkeep()
        yield from self._follow_ups()
        yield from self._cost()
        if self.incomplete:
            yield f"incomplete: {self.incomplete}"
        yield from (f"warning: {text}" for text in self.warnings[:20])
        yield from (str(change) for change in (*self.planned, *self.planned_routes))
        yield from self._next()

    def _changes(self) -> Iterator[str]:
        verb = "would be " if self.dry_run else ""
        yield (
            f"{self.created} {verb}created, {self.revised} {verb}revised, {self.removed} {verb}removed, "
            f"{self.rematched} {verb}matched again, {self.unchanged} unchanged"
        )
        rules = sorted(self.matched_by.items(), key=lambda item: (-item[1], item[0]))
        yield from (f"  {count:>5}  {rule}" for rule, count in rules[:MOST_RULES])
        if len(rules) > MOST_RULES:
            yield f"         and {sum(count for _, count in rules[MOST_RULES:])} for {len(rules) - MOST_RULES} other reasons"

    def _not_done(self) -> Iterator[str]:
        verb = "would be " if self.dry_run else ""
        if self.parked:
            where = "for somebody to decide, never guessed" if self.dry_run else "nps review"
            yield f"{self.parked} {verb}parked: {self.ambiguous} ambiguous, {self.unmatched} unmatched ({where})"
        if self.waiting:
            yield f"{self.waiting} of earlier runs still wait for their person (nps review)"
        if self.skipped_count:
            yield f"{self.skipped_count} skipped: not a response"
            yield from (f"  {item.place}: {item.reason}" for item in self.skipped[:20])
        if self.refused_count:
            yield f"{self.refused_count} refused by the org, kept as dead letters (nps review)"
            yield from (f"  {item.key}: {item.code}: {item.message}" for item in self.refused[:20])
        if self.dropped_fields:
            yield f"refused by the org and left out: {self.dropped_fields} field values (nps explain says why)"

    def _routes(self) -> Iterator[str]:
        routed, verb = self.routed, "would be " if self.dry_run else ""
        if routed.done or routed.waiting or routed.parked or routed.pending:
            yield (
                f"routes: {routed.updated} records {verb}updated, {routed.created} {verb}created; "
                f"{routed.waiting} responses wait for their match, {routed.parked} parked, {routed.pending} to be tried again"
            )

    def _upkeep(self) -> Iterator[str]:
        if self.reconciled is not None:
            yield (
                f"compared with the ledger: {sum(self.reconciled.checked.values())} records, {self.reconciled.different_count} different, "
                f"{self.reconciled.flagged} recalculated, {self.reconciled.refused_count} refused (nps reconcile says which)"
            )
        if self.expired.runs or self.expired.dead_letters:
            yield f"expired and removed: {self.expired.runs} sync runs, {self.expired.dead_letters} dead letters"

    def _follow_ups(self) -> Iterator[str]:
        if not (self.follow_ups or self.cases or self.emails):
            return
        more = [f"{self.cases} Cases"] if self.cases else []
        more += [f"at most {self.emails} e-mails"] if self.emails else []
        what = " and ".join([f"{self.follow_ups} follow-up Tasks", *more])
        if self.quiet:
            started = "would not be" if self.dry_run else "were not"
            why = f", because this is {self.quiet_because}" if self.quiet_because else ""
            yield f"quiet{why}: {what} {started} started (--with-follow-ups starts them)"
        elif self.dry_run:
            yield f"follow-ups: {what} would be started by the org's automation"

    def _cost(self) -> Iterator[str]:
        if self.estimated_calls is None:
            return
        text = f"the sync itself would make about {self.estimated_calls} API calls"
        if self.day is not None:
            text += f"; the spec grants {self.day.share:,} of the org's {self.day.total:,} a day, {self.calls_today:,} are spent today"
        yield text

    def _next(self) -> Iterator[str]:
        """What somebody does now: nothing where all is as it should be."""
        if self.dry_run:
            yield "Nothing was written. Next: " + ("nps sync --limit 5, a first try" if self.is_first else "nps sync")
        elif self.limit is not None:
            look = f"see one with `nps explain {self.example}`, then " if self.example else ""
            yield f"This was a try of {self.read} responses; the bookmark stays. Next: {look}`nps sync` for all of them"
        elif self.refused_count > self.known_refused or self.parked or self.routed.parked:
            yield "Next: nps review, which lists each with the command that decides it"
        elif self.is_first and not self.incomplete:
            yield "Next: nps status; then run nps sync regularly, it goes on from here"
        elif self.incomplete:
            yield "Next: nps sync goes on where this one stopped"
