"""What well-formed sections about acting on answers may still get wrong: invitations, escalations, e-mails, renewals, layouts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from tooling.spec.emails import Emails
from tooling.spec.escalation import words
from tooling.spec.findings import Finding, Path, suggestion
from tooling.spec.message import MOST_WORDS, Messages, merge_fields, word_count
from tooling.spec.model import Spec
from tooling.spec.opportunities import Guidance
from tooling.spec.standard_fields import standard_fields

_QUESTION_MARKS = "?？؟"


def invitations_are_exactly_one(spec: Spec) -> Iterator[Finding]:
    promoter = spec.follow_up.promoter
    if promoter is None:
        return
    path: Path = ("follow_up", "promoter", "invitations")
    if spec.emails is None:
        yield Finding(("follow_up", "promoter"), "follow_up.promoter needs e-mails", "add the section emails, or remove it", at_key=True)
    for index, invitation in enumerate(promoter.invitations):
        last = index == len(promoter.invitations) - 1
        if last and invitation.when is not None:
            yield Finding(
                (*path, index, "when"), "the last invitation is not for everybody", "remove its when, or add one without", at_key=True
            )
        if not last and invitation.when is None:
            yield Finding((*path, index + 1), f"nobody is ever invited to {promoter.invitations[index + 1].ask}",
                          f"move it before {invitation.ask}, which is for everybody")  # fmt: skip
            return


def escalations_are_sound(spec: Spec) -> Iterator[Finding]:
    escalation = spec.escalation
    if escalation is None:
        return
    if escalation.very_low is not None and escalation.very_low >= escalation.score_below:
        yield Finding(("escalation", "very_low"), "escalation.very_low is not below score_below", "lower it or raise score_below")
    if not escalation.keywords and escalation.very_low is None:
        yield Finding(("escalation",), "nothing is ever escalated", "add escalation.keywords or escalation.very_low", at_key=True)
    seen: dict[str, str] = {}
    for keyword in escalation.keywords:
        same = seen.setdefault(words(keyword), keyword)
        if same != keyword:
            path: Path = ("escalation", "keywords", keyword)
            yield Finding(
                path, f"{keyword} is the same keyword as {same}", "letter case and punctuation do not count: keep one", at_key=True
            )
    for index, route in enumerate(escalation.route[:-1]):
        if route.active and route.tier is None and route.severity is None and route.type is None:
            yield Finding(
                ("escalation", "route", index + 1), "no Case ever gets to this route", "the one before it fits every Case: swap them"
            )
            return


def emails_can_be_read(spec: Spec) -> Iterator[Finding]:
    emails = spec.emails
    if emails is None:
        return
    for key, messages in (("acknowledge", emails.acknowledge), ("thank_you", emails.thank_you)):
        yield from _messages(("emails", key), messages, emails, spec)
    if emails.renewal is not None:
        for key in ("promoter", "passive", "detractor"):
            yield from _messages(("emails", "renewal", key), getattr(emails.renewal, key), emails, spec)
    yield from _questions(emails)
    yield from _invitation_texts(spec, emails)


def renewals_are_named(spec: Spec) -> Iterator[Finding]:
    known = standard_fields("Opportunity") or {}
    for field in spec.renewal.when:
        name = field.removeprefix("Opportunity.")
        if not name.endswith("__c") and name not in known:
            remedy = suggestion(name, list(known), "correct it; a field of your own ends in __c")
            yield Finding(("renewal", "when", field), f"Opportunity has no field {name}", remedy, at_key=True)
    renewal = spec.emails.renewal if spec.emails else None
    if renewal is None:
        if spec.renewal.when and spec.emails is not None:
            yield Finding(("renewal",), "renewal.when is used by nothing", "add emails.renewal, or remove it", at_key=True)
        return
    if not spec.renewal.when:
        remedy = "write renewal.when, for example {Opportunity.Type: Renewal}"
        yield Finding(("emails", "renewal"), "which Opportunities are renewals is not said", remedy, at_key=True)
    if renewal.latest >= renewal.days_before_close:
        yield Finding(("emails", "renewal", "latest"), "emails.renewal.latest is not below days_before_close", "make it smaller")


def guidance_fits(spec: Spec) -> Iterator[Finding]:
    for key in Guidance.model_fields:
        if "\n" in getattr(spec.guidance, key).strip():
            yield Finding(("guidance", key), f"guidance.{key} has several lines", "write one")


def pages_are_named_once(spec: Spec) -> Iterator[Finding]:
    for sobject, layouts in spec.pages.items():
        for index, layout in enumerate(layouts):
            if layout in layouts[:index]:
                yield Finding(("pages", sobject, index), f"pages.{sobject} names {layout} twice", "remove one")


def due_is_soon_enough(spec: Spec) -> Iterator[Finding]:
    promoter = spec.follow_up.promoter
    if promoter is not None and promoter.thank_within < timedelta(hours=1):
        yield Finding(("follow_up", "promoter", "thank_within"), "follow_up.promoter.thank_within is under an hour", "write 1h or more")


def _messages(path: Path, messages: Messages, emails: Emails, spec: Spec) -> Iterator[Finding]:
    where = ".".join(str(p) for p in path)
    if emails.fallback not in messages:
        remedy = f"add {emails.fallback}, or name another emails.fallback"
        yield Finding(path, f"{where} has no text in {emails.fallback}, the fallback", remedy, at_key=True)
    allowed = {"thank_you": {"invitation"}, "renewal": {"opportunity"}}.get(str(path[1]), set())
    for language, message in messages.items():
        here: Path = (*path, language, "body")
        used = [f.name for f in (*merge_fields(message.subject), *merge_fields(message.body))]
        for name in {"invitation", "opportunity"} - allowed:
            if name in used:
                yield Finding(here, f"{where}.{language}: there is no {{{name}}} in this e-mail", "remove it")
        if path[1] == "renewal" and {"score", "survey"} & set(used):
            yield Finding(here, f"{where}.{language}: an Opportunity has neither {{score}} nor {{survey}}", "remove it")
        count = word_count(message.body) + (_longest_invitation(emails, language, spec) if "invitation" in used else 0)
        if count >= MOST_WORDS:
            yield Finding(here, f"{where}.{language} has {count} words", f"write fewer than {MOST_WORDS}")


def _questions(emails: Emails) -> Iterator[Finding]:
    for language, message in emails.acknowledge.items():
        asked = sum(message.body.count(mark) for mark in _QUESTION_MARKS)
        if asked != 1:
            path: Path = ("emails", "acknowledge", language, "body")
            yield Finding(path, f"emails.acknowledge.{language} asks {asked} questions", "ask exactly one, an open one")


def _invitation_texts(spec: Spec, emails: Emails) -> Iterator[Finding]:
    promoter = spec.follow_up.promoter
    if promoter is None:
        return
    for language, message in emails.thank_you.items():
        used = [f.name for f in merge_fields(message.body)].count("invitation")
        if used != 1:
            path: Path = ("emails", "thank_you", language, "body")
            yield Finding(path, f"emails.thank_you.{language} has {used} times {{invitation}}", "write it exactly once")
    for ask in dict.fromkeys(i.ask for i in promoter.invitations):
        if emails.fallback not in emails.invitations.get(ask, {}):
            remedy = f"add emails.invitations.{ask}.{emails.fallback}: the sentence with its link"
            yield Finding(("emails",), f"the invitation {ask} has no words in {emails.fallback}", remedy, at_key=True)


def _longest_invitation(emails: Emails, language: str, spec: Spec) -> int:
    asked = {i.ask for i in spec.follow_up.promoter.invitations} if spec.follow_up.promoter else set()
    texts = [t.get(language) or t.get(emails.fallback, "") for ask, t in emails.invitations.items() if ask in asked]
    return max((word_count(t) - 1 for t in texts), default=0)


RULES = (
    invitations_are_exactly_one,
    due_is_soon_enough,
    escalations_are_sound,
    emails_can_be_read,
    renewals_are_named,
    guidance_fits,
    pages_are_named_once,
)
