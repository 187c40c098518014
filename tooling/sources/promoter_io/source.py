"""Promoter.io as a source of responses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase

from tooling.nps.response import Response, ResponseSkipped, SurveyType
from tooling.sources.promoter_io.client import PromoterIoClient
from tooling.sources.promoter_io.payloads import SOURCE, response_from


class PromoterIoSource:
    """Feedback of the chosen campaigns. `campaigns` holds names, patterns (`Renewal*`) or ids; None means all."""

    name = SOURCE
    can_be_windowed = True

    def __init__(
        self,
        client: PromoterIoClient,
        *,
        campaigns: Sequence[str] | None = None,
        survey_type: SurveyType = SurveyType.RELATIONSHIP,
    ) -> None:
        self._client = client
        self._campaigns = tuple(campaign.lower() for campaign in campaigns) if campaigns is not None else None
        self._survey_type = survey_type

    def read(self, since: datetime | None, until: datetime | None) -> Iterator[Response | ResponseSkipped]:
        """Responses posted between the two moments.

        The filter knows days, in a zone that is not published: one day more is read on each side.
        """
        filters: dict[str, str] = {}
        if since is not None:
            filters["posted_date_0"] = (since.astimezone(UTC) - timedelta(days=1)).date().isoformat()
        if until is not None:
            filters["posted_date_1"] = (until.astimezone(UTC) + timedelta(days=1)).date().isoformat()
        for item in self._client.feedback(**filters):
            response = response_from(item, self._survey_type)
            if isinstance(response, ResponseSkipped) or self._is_chosen(response):
                yield response

    def count(self) -> int | None:
        """What the first page of the list says; of all campaigns."""
        return self._client.feedback_count()

    def is_removed(self, response_id: str) -> bool:
        """True when the service answers 404 or 410 for this feedback."""
        return self._client.one_feedback(response_id) is None

    def _is_chosen(self, response: Response) -> bool:
        if self._campaigns is None:
            return True
        known = [text.lower() for text in (response.campaign_id, response.survey_name) if text]
        return any(fnmatchcase(text, pattern) for text in known for pattern in self._campaigns)
