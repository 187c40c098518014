"""Critical feedback: which answers open a Case, and whose Case it is."""

from __future__ import annotations

import re
from typing import Annotated, Literal
from unicodedata import category

from pydantic import AfterValidator, Field, WithJsonSchema

from tooling.spec.section import Section

Text = Annotated[str, Field(min_length=1)]
Severity = Literal["low", "normal", "high"]
SEVERITIES: tuple[Severity, ...] = ("high", "normal", "low")
"""The gravest first: of several keywords in one answer the gravest decides."""

OUR_PREFIX = "NPS_"
"""A queue whose name begins like this is ours: it is deployed. Any other is the org's own, and only referred to."""

_QUEUE = re.compile(r"[A-Za-z](?:_?[A-Za-z0-9]){0,79}")


def _queue(value: str) -> str:
    if not _QUEUE.fullmatch(value):
        raise ValueError(f"{value!r} is not a queue's API name; write it as in Setup, Queues: letters, digits and single underscores")
    return value


def _keyword(value: str) -> str:
    if not words(value):
        raise ValueError(f"{value!r} has no letter and no digit; write a word or a phrase")
    if len(value) > 100:
        raise ValueError(f"{value[:40]!r}… has {len(value)} characters; write at most 100")
    return value


def words(text: str) -> str:
    """A text as keywords are compared with it: lower-case, every run of other characters than letters and digits as one space.

    >>> words("Can't  CANCEL!")
    'can t cancel'
    """
    # Marks are letters' vowel signs and accents.
    return " ".join("".join(c if category(c)[0] in "LNM" else " " for c in text.lower()).split())


QueueName = Annotated[str, AfterValidator(_queue), WithJsonSchema({"type": "string", "pattern": f"^{_QUEUE.pattern}$"})]
"""A queue's API name, for example NPS_Escalations."""

KeywordText = Annotated[str, AfterValidator(_keyword)]


class Keyword(Section):
    """What a word in an answer means. Letter case and punctuation do not count."""

    severity: Severity = "normal"
    """Of several keywords in one answer the gravest decides; among equals the first of this list."""
    type: Text | None = None
    """A value of Case.Type; without it, case.type."""
    queue: QueueName | None = None
    """Whose Case it is, whatever escalation.route says."""
    match: Literal["word", "prefix", "contains"] = "word"
    """word: the whole word or phrase; prefix: also its longer forms (cancel: cancelled); contains: anywhere, for scripts without spaces."""
    active: bool = True
    """false: kept, but not looked for."""


class EscalationRoute(Section):
    """The first route whose conditions all hold gives the Case its queue and priority. A condition that is missing always holds."""

    tier: Annotated[tuple[Text, ...], Field(min_length=1)] | None = None
    """Values of the Account's tier field."""
    severity: Annotated[tuple[Severity, ...], Field(min_length=1)] | None = None
    """How grave: the keyword's severity; a very low score alone is high."""
    type: Annotated[tuple[Text, ...], Field(min_length=1)] | None = None
    """Types the Case may have, from its keyword."""
    queue: QueueName
    """The queue that owns the Case. One that begins with NPS_ is made; any other is the org's own."""
    priority: Text = "Medium"
    """A value of Case.Priority."""
    active: bool = True
    """false: kept, but passed over."""


class Escalation(Section):
    """Which answers open a Case: once in the life of a response."""

    score_below: Annotated[int, Field(ge=1, le=11)] = 7
    """An answer with a lower score and a keyword opens a Case."""
    very_low: Annotated[int, Field(ge=0, le=10)] | None = 2
    """A score up to this opens a Case without any keyword. Empty: never without a keyword."""
    keywords: dict[KeywordText, Keyword] = Field(default={})
    """Words and phrases, in any language and script."""
    route: tuple[EscalationRoute, ...] = ()
    """In order. Without one that fits, the Case belongs to follow_up.default_user and has the org's default priority."""

    @property
    def queues(self) -> tuple[str, ...]:
        """Every queue that keywords and routes name, in the order they are named."""
        named = [*(k.queue for k in self.keywords.values() if k.queue), *(r.queue for r in self.route)]
        return tuple(dict.fromkeys(named))


class CaseValues(Section):
    """How this org says it on a Case."""

    origin: Text = "NPS survey"
    """A value of Case.Origin."""
    type: Text = "Problem"
    """The value of Case.Type unless the keyword names another."""
    status: Text = "New"
    """The value of Case.Status that a new Case starts with."""
