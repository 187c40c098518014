"""Which windows of a source a run reads, from the bookmark that the last one left. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

SHORTEST_SLICE = timedelta(days=1)
EDGE = timedelta(days=1)
"""A source's filter knows days in an unknown zone: what is missing near the edge of a window says nothing."""


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time to be read. None: unbounded. `checks_removals`: what the org has there and the source has not is suspect."""

    since: datetime | None = None
    until: datetime | None = None
    checks_removals: bool = False


@dataclass(frozen=True, slots=True)
class Bookmark:
    """How far earlier runs came. All moments are the org's time."""

    complete_until: datetime | None = None
    reread_position: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a run reads, and where the rereading of older responses goes on after it."""

    windows: tuple[Window, ...]
    reread_position: datetime | None = None


def plan_reading(bookmark: Bookmark, *, now: datetime, earliest: datetime | None, overlap: timedelta, reread: timedelta) -> Reading:
    """The overlap after the bookmark, and an older slice: large enough that within `reread` every older response is read once more.

    A source that cannot be asked for "changed since" hides late edits and removals; the slices find them.
    """
    if bookmark.complete_until is None:
        return Reading((Window(),))
    recent = Window(since=bookmark.complete_until - overlap, checks_removals=True)
    end = bookmark.complete_until - overlap
    if earliest is None or earliest >= end:
        return Reading((recent,), bookmark.reread_position)
    start = bookmark.reread_position
    if start is None or not earliest <= start < end:
        start = earliest
    elapsed = max(now - bookmark.complete_until, timedelta(0))
    span = end - earliest
    length = min(max(span * min(elapsed / reread, 1.0), SHORTEST_SLICE), span)
    slices = [(start, min(start + length, end))]
    if start + length > end:  # past the end the rereading begins again with the oldest
        slices.append((earliest, earliest + (length - (end - start))))
    windows = tuple(Window(since - EDGE, until + EDGE, checks_removals=True) for since, until in slices)
    return Reading((recent, *windows), slices[-1][1])
