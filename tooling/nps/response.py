"""One survey response and the person who gave it, whatever the source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from tooling.nps.score import Category, category_of


class Outcome(StrEnum):
    """What became of a survey. A dismissal has no score and never counts; a partial counts if it has a score."""

    ANSWERED = "Answered"
    DISMISSED = "Dismissed"
    PARTIAL = "Partial"


class SurveyType(StrEnum):
    RELATIONSHIP = "Relationship"
    TRANSACTIONAL = "Transactional"


class SourceStatus(StrEnum):
    OPEN = "Open"
    CLOSED = "Closed"


@dataclass(frozen=True, slots=True)
class Person:
    """A respondent as the source knows them; every part may be missing."""

    email: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    user_id: str | None = None
    salesforce_id: str | None = None
    company_id: str | None = None
    attributes: Mapping[str, object] = field(default_factory=dict)

    @property
    def name(self) -> str | None:
        return " ".join(part for part in (self.first_name, self.last_name) if part) or None


@dataclass(frozen=True, slots=True)
class Response:
    """A response with the source's own id and times (aware, UTC)."""

    source: str
    id: str
    person: Person
    outcome: Outcome = Outcome.ANSWERED
    score: int | None = None
    verbatim: str | None = None
    tags: tuple[str, ...] = ()
    survey_type: SurveyType = SurveyType.RELATIONSHIP
    survey_name: str | None = None
    campaign_id: str | None = None
    channel: str | None = None
    language: str | None = None
    status: SourceStatus = SourceStatus.OPEN
    sent_at: datetime | None = None
    responded_at: datetime | None = None
    modified_at: datetime | None = None
    attributes: Mapping[str, object] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """`{source}:{id}`: stable for ever, the external ID of its record."""
        return f"{self.source}:{self.id}"

    @property
    def category(self) -> Category | None:
        return None if self.score is None else category_of(self.score)


@dataclass(frozen=True, slots=True)
class ResponseSkipped:
    """Input that cannot be a response: why, and where it stands (`responses.csv:14`, `feedback 270`). Counted, listed, never guessed."""

    reason: str
    place: str
