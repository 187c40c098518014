"""The text of an e-mail in one language, with merge fields: `Hello {first_name|there}, …`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, Field, WithJsonSchema, model_validator

from tooling.spec.section import Section

MERGE_FIELDS: Mapping[str, str] = {
    "first_name": "the person's first name",
    "last_name": "the person's last name",
    "company": "the Account's name, else the Lead's company",
    "score": "the score",
    "survey": "the survey's name",
    "manager": "the name of the success manager, else of whoever has the follow-up",
    "invitation": "the sentence of emails.invitations for the invitation that was chosen",
    "opportunity": "the Opportunity's name",
}
ALWAYS_THERE = frozenset({"score", "invitation", "opportunity"})
"""Merge fields that are never blank where they may stand; every other needs a word for when it is, after a bar."""

MOST_WORDS = 80
LONGEST_SUBJECT = 100

_MERGE = re.compile(r"\{([^{}|]*)(?:\|([^{}]*))?\}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class MergeField:
    """A place in a text that is filled in when the e-mail is sent."""

    name: str
    otherwise: str = ""
    """What stands there when there is no such value."""


def parts(text: str) -> tuple[str | MergeField, ...]:
    """A text as literal parts and merge fields, in order.

    >>> parts("Hi {first_name|there}!")
    ('Hi ', MergeField(name='first_name', otherwise='there'), '!')
    """
    return tuple(_parts(text))


def _parts(text: str) -> Iterator[str | MergeField]:
    end = 0
    for matched in _MERGE.finditer(text):
        if matched.start() > end:
            yield text[end : matched.start()]
        yield MergeField(matched[1].strip(), matched[2] or "")
        end = matched.end()
    if end < len(text):
        yield text[end:]


def merge_fields(text: str) -> tuple[MergeField, ...]:
    """The merge fields of a text."""
    return tuple(p for p in parts(text) if isinstance(p, MergeField))


def word_count(text: str) -> int:
    """How many words a reader sees; a merge field counts as what may stand in its place, one word."""
    return len(_MERGE.sub("x", text).split())


def _language(value: str) -> str:
    if not _LANGUAGE.fullmatch(value):
        raise ValueError(f"{value!r} is not a language; write its code, for example en, de or pt-BR")
    return value


def _readable(value: str) -> str:
    if _MERGE.sub("", value).strip("{}") != _MERGE.sub("", value) or any(c in _MERGE.sub("", value) for c in "{}"):
        raise ValueError("a brace is not closed; write a merge field as {first_name|there}")
    for field in merge_fields(value):
        if field.name not in MERGE_FIELDS:
            raise ValueError(f"{{{field.name}}} is no merge field; there are {', '.join(MERGE_FIELDS)}")
        if field.name not in ALWAYS_THERE and not field.otherwise:
            raise ValueError(f"{{{field.name}}} may be unknown; say what stands there then, for example {{{field.name}|…}}")
    return value


Language = Annotated[str, AfterValidator(_language), WithJsonSchema({"type": "string", "pattern": f"^{_LANGUAGE.pattern}$"})]
"""A language code, as the response's Language field has it: en, de, pt-BR."""

Readable = Annotated[str, Field(min_length=1), AfterValidator(_readable)]
"""A text with merge fields."""


class Message(Section):
    """Subject and body in one language. Merge fields in braces; after a bar what stands there when the value is unknown."""

    subject: Readable
    body: Readable

    @model_validator(mode="after")
    def _fits(self) -> Message:
        if "\n" in self.subject.strip():
            raise ValueError("the subject has several lines; write one")
        if len(self.subject) > LONGEST_SUBJECT:
            raise ValueError(f"the subject has {len(self.subject)} characters; write at most {LONGEST_SUBJECT}")
        return self


Messages = dict[Language, Message]
"""The same e-mail by language."""
