"""The demo's feed covers what real feedback looks like, and the client reads all of it."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.local_promoter.service import NOW, Service
from tooling.local_promoter.assumptions import Throttle
from tooling.local_promoter.feed import Feed
from tooling.nps.response import Outcome

FEED = Path(__file__).parents[2] / "datasets/promoter_feed.jsonl"
BLOCKS = {
    "Latin": (0x0041, 0x024F),
    "Greek": (0x0370, 0x03FF),
    "Cyrillic": (0x0400, 0x04FF),
    "Hebrew": (0x0590, 0x05FF),
    "Arabic": (0x0600, 0x06FF),
    "Devanagari": (0x0900, 0x097F),
    "Thai": (0x0E00, 0x0E7F),
    "Hiragana": (0x3040, 0x309F),
    "Katakana": (0x30A0, 0x30FF),
    "CJK Unified Ideographs": (0x4E00, 0x9FFF),
    "Hangul Syllables": (0xAC00, 0xD7AF),
}
"""Unicode, Blocks.txt: first and last code point."""


def blocks_of(text: str) -> set[str]:
    letters = {ord(character) for character in text if unicodedata.category(character).startswith("L")}
    return {name for name, (first, last) in BLOCKS.items() if any(first <= letter <= last for letter in letters)}


@pytest.fixture(scope="module")
def events() -> list[dict[str, Any]]:
    return [json.loads(line) for line in FEED.read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def before(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The feedback that is there at first."""
    pause = [event["event"] for event in events].index("pause")
    return [event for event in events[:pause] if event["event"] == "feedback"]


@pytest.fixture(scope="module")
def after(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What happens after the first sync."""
    return events[[event["event"] for event in events].index("pause") + 1 :]


@pytest.fixture(scope="module")
def comments(before: list[dict[str, Any]]) -> list[str]:
    return [event["comment"] for event in before if event["comment"] is not None]


def test_feed__size_and_scores(before: list[dict[str, Any]]) -> None:
    """Hundreds of answers, each with an id of its own, with every score there is, and dismissals without one."""
    assert len(before) >= 400
    assert len({event["id"] for event in before}) == len(before)
    assert set(range(11)) <= {event["score"] for event in before}
    dismissed = [event for event in before if event.get("outcome") == "dismissed"]
    assert dismissed and all(event["score"] is None for event in dismissed)
    assert any(event["score"] is None and event["comment"] for event in before), "a partial answer"


def test_feed__scripts(comments: list[str]) -> None:
    """Comments in at least ten scripts, and with emoji outside the basic plane."""
    seen = set().union(*(blocks_of(comment) for comment in comments))
    assert len(seen) >= 10, seen
    assert any(unicodedata.category(character) == "So" and ord(character) > 0xFFFF for comment in comments for character in comment)


@pytest.mark.parametrize(
    ("what", "has"),
    [
        ("a line feed", lambda text: "\n" in text.strip().replace("\r\n", "")),
        ("a carriage return and line feed", lambda text: "\r\n" in text.strip()),
        ("quotation marks", lambda text: '"' in text),
        ("an apostrophe", lambda text: "'" in text),
        ("a backslash", lambda text: "\\" in text),
        ("spaces at the end", lambda text: text.endswith(" ")),
        ("a tab", lambda text: "\t" in text),
        ("markup", lambda text: "<b>" in text),
        ("what a spreadsheet takes for a formula", lambda text: text.startswith("=")),
        ("more than a Salesforce long text holds", lambda text: len(text) > 32_000),
        ("nothing but an empty text", lambda text: text == ""),
    ],
    ids=lambda value: value.replace(" ", "_") if isinstance(value, str) else "",
)
def test_feed__comments(comments: list[str], what: str, has: Any) -> None:
    """Comments that break careless software are there."""
    assert any(has(comment) for comment in comments), what


def test_feed__people(before: list[dict[str, Any]]) -> None:
    """People answer more than once, under addresses in mixed case; some have no address."""
    addresses = [event["contact"].get("email") for event in before]
    times = Counter(address.lower() for address in addresses if address)
    assert sum(1 for count in times.values() if count > 1) >= 20
    assert None in addresses or "" in addresses
    assert any(a and a != a.lower() and a.lower() in addresses for a in addresses), "one person under two spellings"
    assert any(not name.isascii() for event in before if (name := event["contact"].get("last_name", "")))


def test_feed__after_the_pause(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> None:
    """Scores and comments are edited, alone and together; an answer is removed, and there are new ones with ids of their own."""
    known = {event["id"]: event for event in before}
    edits = [event for event in after if event["event"] == "edit"]
    assert {("score" in event, "comment" in event) for event in edits} == {(True, False), (False, True), (True, True)}
    assert all(event.get("score", -1) != known[event["id"]]["score"] for event in edits)
    assert all(event.get("comment", "") != known[event["id"]]["comment"] for event in edits)
    removed = [event["id"] for event in after if event["event"] == "remove"]
    assert removed and set(removed) <= known.keys()
    new = [event["id"] for event in after if event["event"] == "feedback"]
    assert len(new) >= 10 and not set(new) & known.keys()


def test_feed__is_read_whole(service: Service, before: list[dict[str, Any]], after: list[dict[str, Any]]) -> None:
    """Through pages and throttling the client reads every answer, its text without white space around it; then the changes."""
    service.double.feed = Feed.from_file(FEED, NOW)
    service.double.throttle = Throttle(requests=2, wait=1.0)
    read = {response.id: response for response in service.read()}
    assert read.keys() == {str(event["id"]) for event in before}
    for event in before:
        response = read[str(event["id"])]
        assert (response.score, response.verbatim) == (event["score"], (event["comment"] or "").strip() or None)
        assert (response.outcome is Outcome.DISMISSED) == (event.get("outcome") == "dismissed")
    assert service.double.throttled == len(service.clock.pauses) > 0

    service.double.feed.go_on(service.clock.now())
    again = {response.id: response for response in service.read()}
    assert {i for i in again.keys() & read.keys() if (again[i].score, again[i].verbatim) != (read[i].score, read[i].verbatim)} == {
        str(event["id"]) for event in after if event["event"] == "edit"
    }
    assert read.keys() - again.keys() == {str(event["id"]) for event in after if event["event"] == "remove"}
    assert again.keys() - read.keys() == {str(event["id"]) for event in after if event["event"] == "feedback"}
