"""The feedback that the double serves: read from a file of events, moved on by its clock."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tooling.errors import UsageError

_DAY = timedelta(days=1)
_NEXT_ID = 1_000_000_000
"""From an answer's id to the one it has after an edit, where an edit gives it a new one."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """One feedback as the service holds it."""

    id: int
    score: int | None
    comment: str | None
    contact: Mapping[str, Any]
    campaign: int
    created: datetime
    sent: datetime
    score_modified: datetime
    comment_updated: datetime | None = None
    edits: int = 0
    status: str = "OPEN"
    outcome: str | None = None
    tags: tuple[str, ...] = ()
    attributes: Mapping[str, Any] = field(default_factory=dict)


class Feed:
    """All feedback by id. `play` applies events; a `pause` among them divides what is there at first from what comes later."""

    def __init__(self, now: datetime) -> None:
        self.items: dict[int, Feedback] = {}
        self.removed: set[int] = set()
        self.campaigns: dict[int, str] = {}
        self.about: Mapping[str, Any] = {}
        self._waiting: list[Mapping[str, Any]] = []
        self._start = now

    @classmethod
    def from_file(cls, path: Path, now: datetime) -> Feed:
        """A feed from JSON lines, played up to the first pause. Times in it are relative to `now`.

        Raises:
            UsageError: the file cannot be read.
        """
        try:
            events = [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
        except (OSError, ValueError) as error:
            raise UsageError(f"{path} is not a feed of JSON lines: {error}") from error
        feed = cls(now)
        feed._waiting = events
        feed.go_on(now)
        return feed

    def go_on(self, now: datetime) -> int:
        """Plays the events up to the next pause; how many."""
        played = 0
        while self._waiting:
            event = self._waiting.pop(0)
            if event["event"] == "pause":
                break
            self.play([event], now)
            played += 1
        return played

    def play(self, events: Iterable[Mapping[str, Any]], now: datetime) -> None:
        for event in events:
            match event["event"]:
                case "about":
                    self.campaigns = {entry["id"]: entry["name"] for entry in event.get("campaigns", [])}
                    self.about = event
                case "feedback":
                    self._add(event, now)
                case "edit":
                    self._edit(event, now)
                case "remove":
                    self._item(event)
                    self.removed.add(event["id"])
                    self.items.pop(event["id"])
                case other:
                    raise UsageError(f"{other!r} is no event of a feed")

    def _add(self, event: Mapping[str, Any], now: datetime) -> None:
        age = timedelta(days=event.get("days_ago", 0)) + timedelta(minutes=event.get("minutes_ago", 0))
        created = now - age
        self.items[event["id"]] = Feedback(
            id=event["id"],
            score=event.get("score"),
            comment=event.get("comment"),
            contact=event.get("contact", {}),
            campaign=event.get("campaign", 0),
            created=created,
            sent=created - event.get("sent_days_before", 0.1) * _DAY,
            score_modified=created,
            outcome=event.get("outcome"),
            tags=tuple(event.get("tags", ())),
            attributes=event.get("attributes", {}),
        )

    def _edit(self, event: Mapping[str, Any], now: datetime) -> None:
        item = self._item(event)
        item = replace(item, edits=item.edits + 1)
        if "score" in event:
            item = replace(item, score=event["score"], score_modified=now)
        if "comment" in event:
            item = replace(item, comment=event["comment"], comment_updated=now)
        self.items[item.id] = item

    def _item(self, event: Mapping[str, Any]) -> Feedback:
        try:
            return self.items[event["id"]]
        except KeyError:
            raise UsageError(f"the feed has no feedback {event.get('id')!r} to {event['event']}") from None

    def find(self, served_id: int, edit_keeps_id: bool) -> Feedback | None:
        """The feedback that is served under an id now."""
        item = self.items.get(served_id if edit_keeps_id else served_id % _NEXT_ID)
        return item if item and served_id_of(item, edit_keeps_id) == served_id else None

    def is_gone(self, served_id: int) -> bool:
        """True for an id that some feedback had once, if `find` does not find it."""
        origin = served_id % _NEXT_ID
        return origin in self.removed or origin in self.items

    def set_status(self, item: Feedback, status: str) -> None:
        self.items[item.id] = replace(item, status=status)


def served_id_of(item: Feedback, edit_keeps_id: bool) -> int:
    return item.id if edit_keeps_id else item.id + _NEXT_ID * item.edits
