"""Every switch of the double, both ways: the client must not care, or care as it should."""

from __future__ import annotations

import ast
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.local_promoter.service import NOW, Service, feedback
from tooling.errors import SourceRefused
from tooling.local_promoter.assumptions import Assumptions
from tooling.nps.response import SourceStatus

_NOT_FOR_THE_CLIENT: list[tuple[str, Any, Any]] = [
    ("page_size", 100, 2),
    ("newest_first", True, False),
    ("tags_as_objects", False, True),
    ("timestamps_with_microseconds", True, False),
]


def test_assumptions__each_has_a_test() -> None:
    """A switch that no test turns is a claim: this fails when one is added without."""
    turned = {
        keyword.arg
        for node in ast.walk(ast.parse(Path(__file__).read_text("utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "attr", None) == "assume"
        for keyword in node.keywords
    } | {name for name, _, _ in _NOT_FOR_THE_CLIENT}
    assert {f.name for f in fields(Assumptions)} <= turned


@pytest.mark.parametrize(("name", "one", "other"), _NOT_FOR_THE_CLIENT, ids=[name for name, _, _ in _NOT_FOR_THE_CLIENT])
def test_read__same_responses_both_ways(seven: Service, name: str, one: Any, other: Any) -> None:
    """What is on the wire differs; what the client reads does not."""
    seven.assume(**{name: one})
    on_the_wire, read = seven.raw(), seven.read()
    seven.assume(**{name: other})
    assert seven.raw() != on_the_wire
    assert seven.read() == read
    assert [response.id for response in read] == list("1234567")


def test_read__timestamps_with_microseconds(service: Service) -> None:
    """Without microseconds the moments are the same to the second."""
    service.play(feedback(1, 0.123456789))
    service.assume(timestamps_with_microseconds=True)
    (fine,) = service.read()
    service.assume(timestamps_with_microseconds=False)
    (coarse,) = service.read()
    assert fine.responded_at and fine.responded_at.microsecond
    assert coarse.responded_at == fine.responded_at.replace(microsecond=0)


@pytest.mark.parametrize("is_inclusive", [True, False])
def test_read__posted_date_1_inclusive(seven: Service, is_inclusive: bool) -> None:
    """No response of the window is missed, whether or not the service counts the last day in."""
    seven.assume(posted_date_1_inclusive=is_inclusive)
    until = NOW - timedelta(days=3)
    rows = seven.raw(posted_date_1=until.date().isoformat())
    assert {row["id"] for row in rows} == ({1, 2, 3, 4, 5} if is_inclusive else {1, 2, 3, 4})
    within = [response.id for response in seven.read(until=until) if response.responded_at and response.responded_at <= until]
    assert within == list("12345")


@pytest.mark.parametrize("status", [404, 200])
def test_read__past_the_end(seven: Service, status: int) -> None:
    """Feedback that disappears while it is read ends the list early, without an error: the next run reads what moved up."""
    seven.assume(past_the_end=status, page_size=2, newest_first=False)
    reading = seven.source().read(None, None)
    first = [next(reading), next(reading)]
    # Two pages are left of four: the third is asked for only after the second was read.
    second = [next(reading), next(reading)]
    seven.play(*({"event": "remove", "id": number} for number in (1, 2, 3)))
    assert [getattr(one, "id", None) for one in (*first, *second, *reading)] == list("1234")
    assert seven.get("v2/feedback/", page=3).status_code == status


@pytest.mark.parametrize("status", [401, 403])
def test_read__bad_key(seven: Service, status: int) -> None:
    """A wrong key is called that with either status."""
    seven.assume(bad_key=status)
    with pytest.raises(SourceRefused, match=f"the key was refused .*HTTP {status}"):
        list(seven.client("another key").feedback())


@pytest.mark.parametrize("status", [404, 410])
def test_is_removed__removed(seven: Service, status: int) -> None:
    """A removed feedback is recognised by either status; one that is there is not removed."""
    seven.assume(removed=status)
    seven.play({"event": "remove", "id": 3})
    assert seven.get("feedback/3/").status_code == status
    assert seven.source().is_removed("3")
    assert not seven.source().is_removed("2")
    assert [response.id for response in seven.read()] == list("124567")


def test_is_removed__never_there(seven: Service) -> None:
    """An id that never was is not found, also by a service that says 410 for what was removed."""
    seven.assume(removed=410)
    assert seven.get("feedback/99/").status_code == 404


def test_read__edit_keeps_id(seven: Service) -> None:
    """An edit changes the answer under its id."""
    seven.assume(edit_keeps_id=True)
    seven.play({"event": "edit", "id": 2, "score": 8, "comment": "Better."})
    edited = {response.id: response for response in seven.read()}["2"]
    assert (edited.score, edited.verbatim) == (8, "Better.")
    assert not seven.source().is_removed("2")


@pytest.mark.parametrize("status", [404, 410])
def test_read__edit_gives_a_new_id(seven: Service, status: int) -> None:
    """An edit that gives a new id looks like a removal and a new answer of the same person; so does the next edit."""
    seven.assume(edit_keeps_id=False, removed=status)
    before = {response.id: response for response in seven.read()}
    seven.play({"event": "edit", "id": 2, "score": 8, "comment": "Better."})
    after = {response.id: response for response in seven.read()}

    (new_id,) = after.keys() - before.keys()
    assert before.keys() - after.keys() == {"2"}
    assert (after[new_id].score, after[new_id].verbatim) == (8, "Better.")
    assert after[new_id].person == before["2"].person
    assert seven.source().is_removed("2")
    assert not seven.source().is_removed(new_id)
    assert seven.get("feedback/2/").status_code == status

    seven.client().close(new_id)
    assert {response.id: response for response in seven.read()}[new_id].status is SourceStatus.CLOSED

    seven.play({"event": "edit", "id": 2, "score": 9})
    assert seven.source().is_removed(new_id)
    assert {response.score for response in seven.read() if response.id not in before} == {9}


@pytest.mark.parametrize("it_moves", [True, False])
def test_read__score_modified_moves(seven: Service, it_moves: bool) -> None:
    """An edited score is read either way; only when it was edited may stay unknown."""
    seven.assume(score_modified_moves=it_moves)
    seven.play({"event": "edit", "id": 2, "score": 8})
    edited = {response.id: response for response in seven.read()}["2"]
    assert edited.score == 8
    assert edited.modified_at == (NOW if it_moves else edited.responded_at)


def test_read__survey_attributes_key(seven: Service) -> None:
    """A service that keeps survey-level attributes to itself takes nothing else away."""
    seven.assume(survey_attributes_key="attributes")
    told = seven.read()
    assert [dict(response.attributes) for response in told if response.attributes] == [{"order_id": "A-1001"}]
    seven.assume(survey_attributes_key=None)
    assert seven.read() == [replace(response, attributes={}) for response in told]


def test_read__comment_at_once(seven: Service) -> None:
    """By default score and comment come together."""
    seven.assume(comment_after=timedelta(0))
    assert {response.id: response for response in seven.read()}["7"].verbatim == "Great!"


def test_read__comment_after_the_score(service: Service) -> None:
    """A comment that is written later is no comment at first, and then a change of the same answer."""
    service.assume(comment_after=timedelta(minutes=10))
    service.play(feedback(1, 0, comment="It took me a while."), feedback(2, 0, score=None, comment="Only words."))
    first, only_words = service.read()
    assert (first.score, first.verbatim, first.modified_at) == (9, None, NOW)
    assert only_words.verbatim == "Only words."

    service.clock.moment += timedelta(minutes=10)
    later, _ = service.read()
    assert (later.id, later.score, later.verbatim) == (first.id, 9, "It took me a while.")
    assert later.modified_at == service.clock.moment

    service.clock.moment += timedelta(minutes=1)
    service.play({"event": "edit", "id": 1, "comment": "Shorter."})
    edited, _ = service.read()
    assert (edited.verbatim, edited.modified_at) == ("Shorter.", service.clock.moment)


@pytest.mark.parametrize("status", [200, 202, 204])
def test_close__put_status(seven: Service, status: int) -> None:
    """Closing works with any status of success; the connection is good for the next call."""
    seven.assume(put_status=status)
    client = seven.client()
    client.close("2")
    assert [item["id"] for item in client.feedback() if item["status"] == "CLOSED"] == [2]
    assert {response.id for response in seven.read() if response.status is SourceStatus.CLOSED} == {"2"}
