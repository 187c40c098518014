"""E-mails to customers: who they come from, and their texts by language. Without the section none is sent."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema

from tooling.spec.message import Language, Message, Messages, Readable
from tooling.spec.section import Section
from tooling.spec.values import Name

_ADDRESS = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+")


def _address(value: str) -> str:
    if not _ADDRESS.fullmatch(value):
        raise ValueError(f"{value!r} is not an e-mail address; write one, for example success@example.com")
    return value


EmailAddress = Annotated[str, AfterValidator(_address), WithJsonSchema({"type": "string", "format": "email"})]

ACKNOWLEDGE = Message(
    subject="Thank you for your answer",
    body=(
        "Hello {first_name|there},\n\nthank you for telling us how it really is. I have read your answer and will look into it "
        "myself.\n\nWhat is the one thing we could have done better? A short reply to this e-mail is enough.\n\n{manager|Your success team}"
    ),
)
THANK_YOU = Message(
    subject="Thank you, {first_name|and one small favour}",
    body="Hello {first_name|there},\n\nthank you for your {score} out of 10: it made our day.\n\n{invitation}\n\n"
    "{manager|Your success team}",
)
RENEWAL_PROMOTER = Message(
    subject="Your renewal, and what comes next",
    body=(
        "Hello {first_name|there},\n\nyour renewal is coming up, and you told us you are happy with us. I would like to show you what "
        "other customers do next.\n\nWhen would fifteen minutes suit you?\n\n{manager|Your success team}"
    ),
)
RENEWAL_PASSIVE = Message(
    subject="Your renewal: let us check in",
    body=(
        "Hello {first_name|there},\n\nyour renewal is coming up, and I would like to know whether you get from us what you need.\n\n"
        "What should we talk about before you decide?\n\n{manager|Your success team}"
    ),
)
RENEWAL_DETRACTOR = Message(
    subject="Before your renewal",
    body=(
        "Hello {first_name|there},\n\nyour renewal is coming up, and we know that not everything went well. Before you decide I would like "
        "to go through what has changed since.\n\nWhen may I call you?\n\n{manager|Your success team}"
    ),
)


class RenewalEmails(Section):
    """One e-mail before an Opportunity of `renewal.when` closes, by the Account's segment."""

    days_before_close: Annotated[int, Field(ge=1, le=365)] = 60
    """When it is sent, in days before the close date."""
    latest: Annotated[int, Field(ge=1, le=364)] = 14
    """A detractor's waits for the follow-up, but not beyond this many days before the close date: then it is skipped."""
    promoter: Messages = Field(default={"en": RENEWAL_PROMOTER})
    passive: Messages = Field(default={"en": RENEWAL_PASSIVE})
    detractor: Messages = Field(default={"en": RENEWAL_DETRACTOR})


class Emails(Section):
    """Senders and texts. A text in the language of the response, else in `fallback`."""

    sender: EmailAddress
    """A verified organisation-wide e-mail address of the org."""
    per_manager: bool = True
    """The success manager's own address is the sender where that is a verified organisation-wide address."""
    sandbox: bool = False
    """true: e-mails go to customers from a sandbox too."""
    fallback: Language = "en"
    """The language of those whose own has no text."""
    acknowledge: Messages = Field(default={"en": ACKNOWLEDGE})
    """To a detractor, at once: one open question. Sent if follow_up.detractor.acknowledge."""
    thank_you: Messages = Field(default={"en": THANK_YOU})
    """To a promoter, with exactly one {invitation}. Sent if there is follow_up.promoter."""
    invitations: dict[Name, dict[Language, Readable]] = Field(default={})
    """Ask → language → the sentence with its link that {invitation} stands for."""
    renewal: RenewalEmails | None = None


def message_in(messages: Messages, language: str, fallback: str) -> Message:
    """The text for a language: its own (`pt-BR`), else its language's (`pt`), else the fallback's."""
    return messages.get(language) or messages.get(language.partition("-")[0]) or messages[fallback]
