"""The sections about acting on answers: escalation, e-mails, what the org's admins changed."""

from __future__ import annotations

import pytest

from tooling.spec import spec_from
from tooling.spec.edit import with_settings
from tooling.spec.emails import Emails, RenewalEmails, message_in
from tooling.spec.escalation import EscalationRoute, Keyword, words
from tooling.spec.message import MOST_WORDS, MergeField, Message, parts, word_count

SOURCE = "sources: {promoter_io: {}}\n"
KEYWORDS = {"cancel": Keyword(severity="high"), "解約": Keyword(match="contains", active=False), "not working": Keyword()}
ROUTES = (EscalationRoute(queue="Vip", tier=("Enterprise",), priority="High"), EscalationRoute(queue="NPS_Escalations"))


def test_emails__absent() -> None:
    """Without the section nobody is written to, and an acknowledgement that the follow-up wants is not missed."""
    spec = spec_from(SOURCE)

    assert spec.emails is None
    assert spec.follow_up.detractor.acknowledge
    assert spec.escalation is None and spec.follow_up.promoter is None


def test_emails__own_texts_obey_the_rules() -> None:
    """The texts that come with the product are short, ask what they must ask, and are complete without any name."""
    text = SOURCE + (
        "emails: {sender: a@example.com, renewal: {}, invitations: {appexchange_review: {en: 'Would you review us?'}}}\n"
        "follow_up: {promoter: {}}\nrenewal: {when: {Opportunity.Type: Renewal}}"
    )

    emails = spec_from(text).emails

    assert emails is not None and emails.renewal is not None
    bodies = [m["en"].body for m in (emails.acknowledge, emails.thank_you, emails.renewal.promoter, emails.renewal.detractor)]
    assert all(word_count(body) < MOST_WORDS for body in bodies)


def test_message_in__falls_back() -> None:
    """A text in the region's language, else in the language, else in the fallback's."""
    emails = Emails(
        sender="a@example.com",
        acknowledge={name: Message(subject=name, body="Why?") for name in ("en", "pt", "de-CH")},
        renewal=RenewalEmails(),
    )

    chosen = [message_in(emails.acknowledge, language, "en").subject for language in ("de-CH", "pt-BR", "ja", "")]

    assert chosen == ["de-CH", "pt", "en", "en"]


def test_parts__what_stands_there_otherwise() -> None:
    """A merge field knows what stands in its place when there is no value."""
    assert parts("{first_name|there}, {score}") == (MergeField("first_name", "there"), ", ", MergeField("score"))


@pytest.mark.parametrize(
    ("said", "compared"),
    [("Can't  CANCEL!", "can t cancel"), ("Kündigen…", "kündigen"), ("解約。", "解約"), ("हिन्दी!", "हिन्दी"), ("—", "")],
)
def test_words__any_script(said: str, compared: str) -> None:
    """Letter case, punctuation and spaces do not count, in any script; vowel signs belong to their letters."""
    assert words(said) == compared


def test_escalation__queues_in_order() -> None:
    """Every queue once: those of keywords, then those of routes."""
    spec = spec_from(SOURCE + "escalation: {keywords: {a: {queue: Legal}}, route: [{tier: [x], queue: NPS_E}, {queue: Legal}]}")

    assert spec.escalation is not None
    assert spec.escalation.queues == ("Legal", "NPS_E")


@pytest.mark.parametrize(
    "section",
    [
        "",
        "escalation: {very_low: 1}\nlabels: {}\n",
        "escalation:\n  very_low: 1\n\n# labels\nlabels: {}\n",
        "escalation:\n  keywords: {a: {}}   # short\n  route: [{queue: A}]\n# labels\nlabels: {}",
        "escalation: {keywords: {a: {}}, very_low: 2}",
        "escalation:\n  route:\n  - queue: A\n    tier: [x]\n  keywords:\n    a: {}\n\n# labels\nlabels: {}\n",
    ],
)
def test_with_settings__any_style(section: str) -> None:
    """However the section is written, it says afterwards what the org says, and the rest of the spec is as it was."""
    before = SOURCE + section

    after = with_settings(before, KEYWORDS, ROUTES)

    spec = spec_from(after)
    assert spec.escalation is not None
    assert list(spec.escalation.keywords.items()) == list(KEYWORDS.items())
    assert spec.escalation.route == ROUTES
    assert after.count("# labels") == before.count("# labels")
    assert with_settings(after, KEYWORDS, ROUTES) == after


@pytest.mark.parametrize("beside", ["  # what customers say", "\n    # what customers say"], ids=["on the key's line", "below it"])
def test_with_settings__comment_of_the_list(beside: str) -> None:
    """A list that is written anew is named once; what is said beside its name stays."""
    text = SOURCE + f"escalation:\n  keywords:{beside}\n    cancel: {{}}\n  route:   # the first that fits\n    - {{queue: A}}\n"

    after = with_settings(text, KEYWORDS, ROUTES)
    assert (after.count("keywords:"), after.count("route:")) == (1, 1)
    assert "route:   # the first that fits\n" in after
    assert ("keywords:  # what customers say\n" in after) == beside.startswith("  #")
    escalation = spec_from(after).escalation
    assert escalation is not None and list(escalation.keywords.items()) == list(KEYWORDS.items()) and escalation.route == ROUTES


def test_with_settings__nothing_changed() -> None:
    """A spec that says the same in other words is left alone, to the last comment."""
    text = SOURCE + "escalation:\n  keywords:   # ours\n    cancel: {match: word}\n  route: [{queue: A, priority: Medium}]\n"

    assert with_settings(text, {"cancel": Keyword()}, (EscalationRoute(queue="A"),)) == text
