"""Promoter.io payloads as responses."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tooling.nps.response import Outcome, Response, ResponseSkipped, SourceStatus, SurveyType
from tooling.sources.promoter_io.payloads import response_from

FULL: dict[str, Any] = {
    "id": 12312,
    "href": "https://app.promoter.io/api/feedback/12312/",
    "score": 9,
    "score_type": "detractor",
    "comment": "Good service",
    "status": "CLOSED",
    "created": "2016-09-30T10:09:17.339051Z",
    "posted_date": "2016-09-30T10:09:17Z",
    "score_created": "2016-09-30T10:09:17.339051Z",
    "score_modified": "2016-10-01T00:00:00Z",
    "comment_updated_date": "2016-10-02T00:00:00Z",
    "contact": {
        "id": 50000,
        "email": "anna@example.com",
        "first_name": "Anna",
        "last_name": "Haro",
        "attributes": {"userId": 34223, "company_id": "now"},
    },
    "campaign": {"id": 101, "name": "BE_Dutch_Search"},
    "survey": {"sent_date": "2016-09-30T02:48:25.435403Z", "attributes": {"order_id": "A-1001", "company_id": "then"}},
}


def response(**changes: Any) -> Response:
    found = response_from({**FULL, **changes})
    assert isinstance(found, Response)
    return found


def skipped(item: dict[str, Any]) -> ResponseSkipped:
    found = response_from(item)
    assert isinstance(found, ResponseSkipped)
    return found


def test_response_from__full_item() -> None:
    """Every key that an item may have arrives; score_type is ignored, because the category follows from the score."""
    found = response()
    assert found.key == "promoter_io:12312"
    assert (found.score, found.category, found.verbatim, found.outcome) == (9, "Promoter", "Good service", Outcome.ANSWERED)
    assert (found.person.email, found.person.name, found.person.user_id) == ("anna@example.com", "Anna Haro", "34223")
    assert (found.campaign_id, found.survey_name, found.status) == ("101", "BE_Dutch_Search", SourceStatus.CLOSED)
    assert found.responded_at == datetime(2016, 9, 30, 10, 9, 17, 339051, tzinfo=UTC)
    assert found.modified_at == datetime(2016, 10, 2, tzinfo=UTC)
    assert found.attributes == {"order_id": "A-1001", "company_id": "then"}


def test_response_from__survey_attributes_decide() -> None:
    """Survey attributes are frozen when the survey is sent: they come before the contact's, which keep changing."""
    assert response().person.company_id == "then"


def test_response_from__id_and_score_only() -> None:
    """Nothing but id and score is needed."""
    found = response_from({"id": 1, "score": 0}, SurveyType.TRANSACTIONAL)
    assert isinstance(found, Response)
    assert (found.score, found.person.email, found.survey_type, found.status) == (0, None, SurveyType.TRANSACTIONAL, SourceStatus.OPEN)


def test_response_from__campaign_is_a_scalar() -> None:
    """The first version of the API has a scalar where the second has an object."""
    assert (response(campaign=101).campaign_id, response(campaign=101).survey_name) == ("101", None)


@pytest.mark.parametrize("score", ["ten", 11, 9.5, -1, "8/10", True])
def test_response_from__bad_score(score: object) -> None:
    """A score that is none is never guessed: the item is skipped, with its place."""
    found = skipped({**FULL, "score": score})
    assert found.place == "feedback 12312"
    assert "score" in found.reason


def test_response_from__comment_without_score() -> None:
    """A comment without a score is a partial answer."""
    assert response(score=None).outcome is Outcome.PARTIAL


def test_response_from__neither_score_nor_comment() -> None:
    """An item that says nothing is skipped."""
    assert skipped({**FULL, "score": None, "comment": None}).reason == "neither score nor comment"


def test_response_from__dismissed() -> None:
    """Only an item that says so is a dismissal, and a dismissal has no score."""
    assert response(score=None, comment=None, outcome="dismissed").outcome is Outcome.DISMISSED
    assert "dismissed" in skipped({**FULL, "outcome": "dismissed"}).reason


@pytest.mark.parametrize("identity", [None, "", True, [1], {}])
def test_response_from__no_id(identity: object) -> None:
    """Without an id a response cannot be found again: it is skipped."""
    assert skipped({**FULL, "id": identity}).place == "feedback without id"


def test_response_from__tags_of_either_shape() -> None:
    """The shape of tags is not published: texts and objects with a name are taken, repeats are not."""
    assert response(tags=["slow", {"name": "price"}, "slow", None, 7]).tags == ("slow", "price", "7")


@pytest.mark.parametrize(
    "odd", [{"contact": None}, {"contact": "x"}, {"survey": None}, {"campaign": None}, {"status": None}, {"tags": "x"}]
)
def test_response_from__odd_parts(odd: dict[str, Any]) -> None:
    """A part of another shape than expected counts as missing."""
    assert response(**odd).score == 9


def test_response_from__unreadable_date() -> None:
    """A date that cannot be read is not left out silently: the item is skipped and says so."""
    assert "is not a date" in skipped({**FULL, "score_created": "soon"}).reason
