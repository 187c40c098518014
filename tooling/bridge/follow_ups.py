"""What the org's automation does about a new answer, as far as the answer itself tells: for the report, not for the org."""

from __future__ import annotations

from datetime import datetime

from tooling.nps.response import Response
from tooling.nps.score import Category
from tooling.spec.escalation import Escalation, Keyword, words
from tooling.spec.model import Spec


def is_fresh(spec: Spec, response: Response, now: datetime) -> bool:
    """Young enough for a follow-up: an older answer stays quiet whatever the run."""
    return response.responded_at is None or now - response.responded_at <= spec.follow_up.detractor.max_age


def starts_task(response: Response) -> bool:
    return response.category is Category.DETRACTOR


def starts_case(spec: Spec, response: Response) -> bool:
    rules, score = spec.escalation, response.score
    if rules is None or score is None:
        return False
    if rules.very_low is not None and score <= rules.very_low:
        return True
    return score < rules.score_below and _has_keyword(rules, response.verbatim or "")


def starts_email(spec: Spec, response: Response) -> bool:
    """Whether there is an e-mail for this category: whom it reaches (an address, opted out, asked too lately) only the org knows."""
    if spec.emails is None:
        return False
    if response.category is Category.DETRACTOR:
        return spec.follow_up.detractor.acknowledge
    return response.category is Category.PROMOTER and spec.follow_up.promoter is not None


def _has_keyword(rules: Escalation, text: str) -> bool:
    padded = f" {words(text)} "
    return any(keyword.active and _finds(keyword, phrase, text, padded) for phrase, keyword in rules.keywords.items())


def _finds(keyword: Keyword, phrase: str, text: str, padded: str) -> bool:
    if keyword.match == "contains":
        return phrase.casefold() in text.casefold()
    return f" {words(phrase)}{' ' if keyword.match == 'word' else ''}" in padded
