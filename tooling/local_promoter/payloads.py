"""A feedback as the API shows it: the keys that clients of the real service were seen to read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tooling.local_promoter.assumptions import Assumptions
from tooling.local_promoter.feed import Feed, Feedback, served_id_of
from tooling.nps.score import category_of


def payload_of(item: Feedback, feed: Feed, assumed: Assumptions, address: str, now: datetime) -> dict[str, Any]:
    served_id = served_id_of(item, assumed.edit_keeps_id)
    comment, comment_updated = _comment(item, assumed, now)
    moved = item.score_modified if assumed.score_modified_moves else item.created
    survey: dict[str, Any] = {"sent_date": _moment(item.sent, assumed)}
    if assumed.survey_attributes_key:
        survey[assumed.survey_attributes_key] = dict(item.attributes)
    payload = {
        "id": served_id,
        "href": f"{address}/api/feedback/{served_id}/",
        "followup_href": f"{address}/org/50/campaign/{item.campaign}/responses/all/response/{item.id % 5000}/",
        "score": item.score,
        "score_type": None if item.score is None else category_of(item.score).lower(),
        "comment": comment,
        "status": item.status,
        "created": _moment(item.created, assumed),
        "posted_date": _moment(item.created, assumed),
        "score_created": _moment(item.created, assumed),
        "score_modified": _moment(moved, assumed),
        "comment_updated_date": _moment(comment_updated, assumed) if comment_updated else None,
        "contact": {"attributes": {}, **item.contact},
        "campaign": {"id": item.campaign, "name": feed.campaigns.get(item.campaign, f"Campaign {item.campaign}")},
        "survey": survey,
    }
    if item.outcome:
        payload["outcome"] = item.outcome
    if item.tags:
        payload["tags"] = [{"name": tag} for tag in item.tags] if assumed.tags_as_objects else list(item.tags)
    return payload


def _comment(item: Feedback, assumed: Assumptions, now: datetime) -> tuple[str | None, datetime | None]:
    """The comment as it is at this moment, and when it came or was last changed, if that was after the score."""
    is_later = assumed.comment_after and item.score is not None and item.comment_updated is None
    if item.comment is None or not is_later:
        return item.comment, item.comment_updated
    appears = item.created + assumed.comment_after
    return (item.comment, appears) if appears <= now else (None, None)


def _moment(moment: datetime, assumed: Assumptions) -> str:
    text = "%Y-%m-%dT%H:%M:%S.%fZ" if assumed.timestamps_with_microseconds else "%Y-%m-%dT%H:%M:%SZ"
    return moment.astimezone(UTC).strftime(text)
