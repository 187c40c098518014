"""What an erasure did, and how its parts write: shared by those that look for a person's traces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from tooling.errors import OrgRefused
from tooling.salesforce.org import Operation, Row, TargetOrg, Write
from tooling.salesforce.soql import split

SUBJECT = "NPS: erased on request"
REMEDY = "Run it as a user with the permission set NPS_Admin: erasing changes what the ledger otherwise keeps for ever."


@dataclass(slots=True)
class Erasure:
    """What was erased, and what somebody has to do by hand."""

    responses: int = 0
    revisions: int = 0
    candidates: int = 0
    """Other people's responses that named this person as a candidate."""
    tasks: int = 0
    """And events."""
    cases: int = 0
    email_messages: int = 0
    dead_letters: int = 0
    recalculated: int = 0
    remaining: list[str] = field(default_factory=list)

    @property
    def found_anything(self) -> bool:
        return bool(self.responses or self.revisions or self.candidates or self.dead_letters or self.remaining)

    @property
    def exit_code(self) -> int:
        """1 when something remains that this command cannot erase."""
        return 1 if self.remaining else 0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def as_text(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        if not self.found_anything:
            yield "nobody with this address has answered: nothing was erased"
            return
        yield f"{self.responses} responses and {self.revisions} revisions erased; score and date stay"
        yield f"{self.tasks} Tasks, {self.cases} Cases, {self.email_messages} e-mail messages, {self.dead_letters} dead letters erased"
        if self.candidates:
            yield f"{self.candidates} responses of others no longer name this person as a candidate"
        yield f"{self.recalculated} records are recalculated"
        yield from (f"remains: {text}" for text in self.remaining)


def children(org: TargetOrg, template: str, ids: Sequence[str]) -> list[Row]:
    queries = list(split(template, over="ids", ids=ids)) if ids else []
    return [row for rows in (org.query_many(queries) if queries else []) for row in rows]


def update(org: TargetOrg, sobject: str, rows: Sequence[Mapping[str, Any]]) -> int:
    if not rows:
        return 0
    outcomes = org.write([Write(Operation.UPDATE, sobject, rows)])[0]
    refused = next((outcome for outcome in outcomes if not outcome.success), None)
    if refused is not None:
        raise OrgRefused(refused.code, f"{sobject}: {refused.message}", refused.fields, REMEDY)
    return len(outcomes)


def some_ids(rows: Iterable[Row]) -> str:
    return ", ".join(str(row["Id"]) for row in list(rows)[:5])
