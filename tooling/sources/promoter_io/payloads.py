"""A Promoter.io feedback item → `nps.Response`. Every key but `id` and `score` may be missing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tooling.nps.response import Outcome, Person, Response, ResponseSkipped, SourceStatus, SurveyType
from tooling.nps.score import score_from
from tooling.sources.times import moment_from

SOURCE = "promoter_io"

_USER_ID = ("user_id", "userId", "userid", "nps_user_id")
_SALESFORCE_ID = ("salesforce_id", "salesforceId", "sf_id", "contact_id", "lead_id")
_COMPANY_ID = ("company_id", "companyId", "companyid", "account_id")


def response_from(item: Mapping[str, Any], survey_type: SurveyType = SurveyType.RELATIONSHIP) -> Response | ResponseSkipped:
    """The response an item holds, or why it holds none. `score_type` is ignored: the category follows from the score."""
    identity = item.get("id")
    if isinstance(identity, bool) or not isinstance(identity, int | str) or not str(identity).strip():
        return ResponseSkipped(f"{identity!r} is not a feedback id", "feedback without id")
    place = f"feedback {identity}"
    try:
        return _response(str(identity).strip(), item, survey_type)
    except ValueError as error:
        return ResponseSkipped(str(error), place)


def _response(identity: str, item: Mapping[str, Any], survey_type: SurveyType) -> Response:
    contact, survey, campaign = _part(item, "contact"), _part(item, "survey"), item.get("campaign")
    contact_attributes, survey_attributes = _part(contact, "attributes"), _part(survey, "attributes")
    score, verbatim = score_from(item.get("score")), _text(item.get("comment"))
    # Survey attributes are frozen when the survey is sent; a contact's keep changing: the former decide.
    known = (survey_attributes, contact_attributes)
    return Response(
        source=SOURCE,
        id=identity,
        person=Person(
            email=_text(contact.get("email")),
            first_name=_text(contact.get("first_name")),
            last_name=_text(contact.get("last_name")),
            user_id=_first(known, _USER_ID),
            salesforce_id=_first(known, _SALESFORCE_ID),
            company_id=_first(known, _COMPANY_ID),
            attributes=contact_attributes,
        ),
        outcome=_outcome(item, score, verbatim),
        score=score,
        verbatim=verbatim,
        tags=_tags(item.get("tags")),
        survey_type=survey_type,
        survey_name=_text(campaign.get("name")) if isinstance(campaign, Mapping) else None,
        # v1 has a scalar here, v2 an object {id, name}.
        campaign_id=_text(campaign.get("id")) if isinstance(campaign, Mapping) else _text(campaign),
        channel=_text(item.get("channel") or survey.get("channel")),
        language=_text(item.get("language") or survey.get("language")),
        status=SourceStatus.CLOSED if str(item.get("status") or "").upper() == "CLOSED" else SourceStatus.OPEN,
        sent_at=_moment(survey, "sent_date"),
        responded_at=_moment(item, "score_created", "posted_date", "created"),
        modified_at=_latest(_moment(item, "score_modified"), _moment(item, "comment_updated_date")),
        attributes=survey_attributes,
    )


def _outcome(item: Mapping[str, Any], score: int | None, verbatim: str | None) -> Outcome:
    if str(item.get("outcome") or "").lower() == "dismissed":
        if score is not None:
            raise ValueError("a dismissed survey has no score, this one has")
        return Outcome.DISMISSED
    if score is not None:
        return Outcome.ANSWERED
    if verbatim is not None:
        return Outcome.PARTIAL
    raise ValueError("neither score nor comment")


def _part(item: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = item.get(key)
    return value if isinstance(value, Mapping) else {}


def _text(value: object) -> str | None:
    if isinstance(value, str):
        return value.strip() or None
    return None if value is None or isinstance(value, bool | list | dict) else str(value)


def _first(sources: tuple[Mapping[str, Any], ...], keys: tuple[str, ...]) -> str | None:
    # A loop: this is asked three times of every item, and nearly always in vain.
    for source in sources:
        for key in keys:
            if key in source and (text := _text(source[key])):
                return text
    return None


def _tags(value: object) -> tuple[str, ...]:
    """Where tags sit in an item, and their shape, is not published: texts and objects with a name are both taken."""
    if not isinstance(value, list):
        return ()
    texts = (_text(tag.get("name")) if isinstance(tag, Mapping) else _text(tag) for tag in value)
    return tuple(dict.fromkeys(text for text in texts if text))


def _moment(item: Mapping[str, Any], *keys: str) -> datetime | None:
    text = next((text for key in keys if (text := _text(item.get(key)))), None)
    return moment_from(text) if text else None


def _latest(*moments: datetime | None) -> datetime | None:
    return max((moment for moment in moments if moment), default=None)
