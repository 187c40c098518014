"""The double itself: throttling, filters, pages, and the events of its feed."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
import requests

from tests.local_promoter.service import ABOUT, NOW, Service, feedback
from tooling.errors import SourceRefused, Unreachable, UsageError
from tooling.local_promoter.assumptions import Throttle
from tooling.local_promoter.feed import Feed
from tooling.sources.promoter_io.source import PromoterIoSource


def test_throttle__client_waits_as_told(seven: Service) -> None:
    """The client waits as long as each 429 says, no shorter and no longer, and reads everything."""
    seven.assume(page_size=1)
    seven.double.throttle = Throttle(requests=3, wait=2.0)
    assert [response.id for response in seven.read()] == list("1234567")
    assert seven.clock.pauses == [2.0, 2.0]
    assert seven.double.throttled == 2
    assert len(seven.double.log) == 7 + 2


def test_throttle__answer(seven: Service) -> None:
    """Status, header and sentence are the documented ones; the header is in whole seconds and never too short."""
    seven.double.throttle = Throttle(requests=1, wait=41.4)
    assert seven.get("v2/feedback/").status_code == 200
    answer = seven.get("v2/feedback/")
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "42"
    assert answer.json() == {"detail": "Request was throttled. Expected available in 41.4 seconds."}
    seven.clock.sleep(41)
    assert seven.get("v2/feedback/").headers["Retry-After"] == "1"
    seven.clock.sleep(1)
    assert seven.get("v2/feedback/").status_code == 200


def test_throttle__too_long_to_wait(seven: Service) -> None:
    """Told to wait for an hour, the client gives up at once: exit code 3, safe to run again."""
    seven.assume(page_size=1)
    seven.double.throttle = Throttle(requests=1, wait=3600)
    with pytest.raises(Unreachable, match="throttled for another 3600 s"):
        seven.read()
    assert seven.clock.pauses == []


def test_throttle__off(seven: Service) -> None:
    """By default nobody is throttled."""
    seven.assume(page_size=1)
    seven.read()
    assert seven.double.throttled == 0


def test_list__envelope(seven: Service) -> None:
    """A page names its neighbours by addresses that keep the filters; the first has no previous, the last no next."""
    seven.assume(page_size=2)
    first = seven.get("v2/feedback/", survey__campaign=101).json()
    assert (first["count"], first["previous"], len(first["results"])) == (7, None, 2)
    assert "page=2" in first["next"] and "survey__campaign=101" in first["next"]
    last = seven.get("v2/feedback/", page=4).json()
    assert last["next"] is None and "page=3" in last["previous"] and len(last["results"]) == 1


def test_list__empty(service: Service) -> None:
    """No feedback is an empty first page, not a missing one."""
    assert service.get("v2/feedback/").json() == {"count": 0, "next": None, "previous": None, "results": []}
    assert service.read() == []


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"posted_date_0": "2026-02-25"}, {4, 5, 6, 7}),
        ({"posted_date_1": "2026-02-22"}, {1, 2}),
        ({"score": "0"}, {2}),
        ({"survey__contact__email": "PERSON3@customer.example.com"}, {3}),
        ({"survey__campaign": "102"}, set()),
        ({"survey_campaign": "102"}, {1, 2, 3, 4, 5, 6, 7}),
    ],
)
def test_list__filters(seven: Service, filters: dict[str, str], expected: set[int]) -> None:
    """Filters combine as named; a misspelt one is ignored, as callers of the real service found out."""
    assert {row["id"] for row in seven.raw(**filters)} == expected


def test_read__window(seven: Service) -> None:
    """A window of the client brings at least what was answered in it."""
    since, until = NOW - timedelta(days=5), NOW - timedelta(days=2)
    assert {"4", "5", "6"} <= {response.id for response in seven.read(since, until)} <= set("34567")


def test_read__campaigns(service: Service) -> None:
    """Campaigns are chosen by id or by a pattern of the name that the service gives them."""
    campaigns = [{"id": 101, "name": "Relationship survey"}, {"id": 102, "name": "Yearly check-in"}]
    service.play({"event": "about", "campaigns": campaigns}, feedback(1, 2), feedback(2, 1, campaign=102))
    assert [campaign["name"] for campaign in service.client().campaigns()] == ["Relationship survey", "Yearly check-in"]
    for chosen, expected in (["102"], ["2"]), (["relation*"], ["1"]), (["*"], ["2", "1"]):
        source = PromoterIoSource(service.client(), campaigns=chosen)
        assert [getattr(one, "id", None) for one in source.read(None, None)] == expected


def test_set_status__unknown(seven: Service) -> None:
    """A status that is none is refused; a feedback that is gone needs no closing."""
    header = {"Authorization": f"Token {seven.double.key}"}
    answer = seven.session.put(f"{seven.url}v2/feedback/2/", json={"status": "DONE"}, headers=header, timeout=5)
    assert answer.status_code == 400
    seven.client().close("99")


def test_key__needed_everywhere(seven: Service) -> None:
    """No resource of the API answers without the key; a header of another form is no key."""
    for path in ("v2/feedback/", "feedback/1/", "campaigns/"):
        assert seven.session.get(seven.url + path, timeout=5).status_code == 401
        header = {"Authorization": f"Bearer {seven.double.key}"}
        assert seven.session.get(seven.url + path, headers=header, timeout=5).status_code == 401


def test_log__every_request(seven: Service) -> None:
    """Tests and demo see what was asked, refused requests included; the key is not in it."""
    list(seven.client().feedback(posted_date_0="2026-02-25"))
    with pytest.raises(SourceRefused):
        list(seven.client("wrong").campaigns())
    told = requests.get(f"{seven.url.removesuffix('api/')}local-promoter/log", timeout=5).json()
    assert told["requests"] == ["GET /api/v2/feedback/?posted_date_0=2026-02-25", "GET /api/campaigns/"]


def test_feed__pause(service: Service, tmp_path: Path) -> None:
    """A feed is played up to its pause, and goes on when it is told to: with the clock's time of then."""
    file = tmp_path / "feed.jsonl"
    events = (ABOUT, feedback(1, 1), {"event": "pause"}, {"event": "edit", "id": 1, "score": 3}, feedback(2, 0))
    file.write_text("\n".join(json.dumps(event) for event in events), "utf-8")
    service.double.feed = Feed.from_file(file, NOW)
    assert [(response.id, response.score) for response in service.read()] == [("1", 9)]

    service.clock.moment += timedelta(hours=2)
    told = requests.post(f"{service.url.removesuffix('api/')}local-promoter/go-on", timeout=5).json()
    assert told == {"events": 2}
    edited, new = service.read()
    assert (edited.score, edited.modified_at) == (3, NOW + timedelta(hours=2))
    assert (new.id, new.responded_at) == ("2", NOW + timedelta(hours=2))
    assert requests.post(f"{service.url.removesuffix('api/')}local-promoter/go-on", timeout=5).json() == {"events": 0}


def test_feed__edit(seven: Service) -> None:
    """An edit of the score leaves the comment, an edit of the comment the score, and each moves its own timestamp."""
    seven.clock.moment += timedelta(hours=1)
    seven.play({"event": "edit", "id": 1, "score": 6}, {"event": "edit", "id": 7, "comment": None})
    rows = {row["id"]: row for row in seven.raw()}
    moved = "2026-03-02T18:00:00.000000Z"
    assert (rows[1]["score"], rows[1]["score_type"], rows[1]["comment"]) == (6, "detractor", "Good.")
    assert (rows[1]["score_modified"], rows[1]["comment_updated_date"]) == (moved, None)
    assert (rows[7]["score"], rows[7]["comment"]) == (10, None)
    assert (rows[7]["score_modified"], rows[7]["comment_updated_date"]) == (rows[7]["created"], moved)


@pytest.mark.parametrize("event", [{"event": "edit", "id": 99}, {"event": "remove", "id": 99}, {"event": "explode"}])
def test_feed__impossible_event(seven: Service, event: dict[str, object]) -> None:
    """An event that cannot happen is refused, and named."""
    with pytest.raises(UsageError, match=r"explode|99"):
        seven.play(event)


@pytest.mark.parametrize("content", [None, "{", b"\xff\xfe"])
def test_feed__unreadable_file(tmp_path: Path, content: str | bytes | None) -> None:
    """A file that is missing or no JSON is the caller's mistake, with its name."""
    file = tmp_path / "feed.jsonl"
    if content is not None:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UsageError, match=r"feed\.jsonl"):
        Feed.from_file(file, NOW)
