"""What nobody outside Promoter.io could establish about its API. Each is a switch, so that the client can be tried against both sides."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Assumptions:
    """The defaults are the likelier side, by the conventions of the framework the API appears to use. None is a documented fact."""

    page_size: int = 100
    """Rows of a page. 100 was seen on v1 feedback only."""
    past_the_end: int = 404
    """Status for a page past the end: a status other than 200 was seen, which one is unknown."""
    bad_key: int = 401
    """Status for a wrong key: 401 or 403."""
    removed: int = 404
    """Status of a single feedback that was removed: 404, or the published 410."""
    edit_keeps_id: bool = True
    """An edited answer keeps its feedback id; else it reappears under a new one, and the old one is removed."""
    comment_after: timedelta = timedelta(0)
    """How long after the score its comment appears. Two timestamps suggest that it may be later; nothing says so."""
    score_modified_moves: bool = True
    """`score_modified` tells when a score was edited; else it stays as it was."""
    posted_date_1_inclusive: bool = True
    """Whether the upper date filter includes its day."""
    survey_attributes_key: str | None = "attributes"
    """The key of survey-level attributes on the survey object; None: they are not returned."""
    tags_as_objects: bool = False
    """Tags are objects with a name; else plain texts."""
    timestamps_with_microseconds: bool = True
    """v2 timestamps were seen with microseconds, v1 in seconds."""
    put_status: int = 200
    """Success status of a PUT: 200, 202, or 204 without a body."""
    newest_first: bool = True
    """Order of the list; no ordering parameter is known."""


@dataclass(frozen=True, slots=True)
class Throttle:
    """At most `requests` in a row, then 429 with Retry-After for `wait` seconds. Documented: the status, the header, the sentence."""

    requests: int = 0
    """0: never throttled."""
    wait: float = 1.0
