"""Routes: any answer to any object. The ledger itself needs none."""

# ruff: noqa: RUF012 - pydantic copies the defaults of its models
from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from tooling.spec.answers import ANSWERS, is_answer, names_in
from tooling.spec.findings import suggestion
from tooling.spec.section import Section
from tooling.spec.values import FieldName

_OBJECT = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*(?:__[A-Za-z0-9]+(?:_[A-Za-z0-9]+)*)?(?:__c)?")


def _answer(value: str) -> str:
    if not is_answer(value):
        known = ", ".join([*ANSWERS, "attributes.NAME"])
        raise ValueError(f"{value!r} is no answer; {suggestion(value, list(ANSWERS), f'write one of {known}')}")
    return value


def _object_name(value: str) -> str:
    if not _OBJECT.fullmatch(value):
        raise ValueError(f"{value!r} is not an object's API name; write it as in Setup, for example Opportunity or Renewal__c")
    return value


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date | datetime) else value


def _list(value: object) -> object:
    return value if isinstance(value, tuple | list) else (value,)


def _texts(value: object) -> object:
    values = _list(value)
    if isinstance(values, tuple) and values and all(isinstance(v, str | int) and not isinstance(v, bool) for v in values):
        return tuple(str(v) for v in values)
    raise ValueError(f"{value!r} is neither a text nor a list of texts; write one, for example Renewal*")


_TEXTS_SCHEMA = {"anyOf": [{"type": ["string", "integer"]}, {"type": "array", "minItems": 1, "items": {"type": ["string", "integer"]}}]}
Texts = Annotated[tuple[str, ...], BeforeValidator(_texts), WithJsonSchema(_TEXTS_SCHEMA)]
"""One text or several."""

Answer = Annotated[str, AfterValidator(_answer)]
"""The name of an answer: score, verbatim, email, account, attributes.plan …"""

ObjectName = Annotated[str, AfterValidator(_object_name), WithJsonSchema({"type": "string", "pattern": f"^{_OBJECT.pattern}$"})]

_SCALAR_SCHEMA = {"type": ["string", "number", "boolean"]}
Scalar = Annotated[str | int | float | bool, BeforeValidator(_plain), WithJsonSchema(_SCALAR_SCHEMA)]
Scalars = Annotated[
    tuple[Scalar, ...],
    BeforeValidator(_list),
    Field(min_length=1),
    WithJsonSchema({"anyOf": [_SCALAR_SCHEMA, {"type": "array", "minItems": 1, "items": _SCALAR_SCHEMA}]}),
]


def _condition(value: object) -> object:
    return value if isinstance(value, dict | Condition) else {"is": value}


class Condition(Section):
    """All that is written must hold. Texts are compared without regard to case; an answer that is missing fulfils only `exists: false`."""

    is_: Annotated[Scalars | None, Field(alias="is")] = None
    """One of these."""
    is_not: Scalars | None = None
    """None of these."""
    above: Scalar | None = None
    at_least: Scalar | None = None
    below: Scalar | None = None
    at_most: Scalar | None = None
    contains: Scalars | None = None
    """Any of these texts occurs."""
    starts_with: Scalars | None = None
    exists: bool | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Condition:
        if not self.model_fields_set:
            raise ValueError("the condition is empty; write for example {is: pro} or {below: 7}")
        return self


class When(Section):
    """Which responses a route is for: all that is written must hold."""

    source: Texts | None = None
    """The source's name; * stands for any characters, here and in campaign."""
    campaign: Texts | None = None
    """The survey's name or the campaign's id."""
    status: Annotated[tuple[Literal["answered", "dismissed", "partial"], ...], BeforeValidator(_list)] = ("answered", "partial")
    """What became of the survey."""
    category: Annotated[tuple[Literal["promoter", "passive", "detractor"], ...], BeforeValidator(_list)] = ()
    """Empty: any, also without a score."""
    answers: dict[Answer, Annotated[Condition, BeforeValidator(_condition)]] = {}
    """Any answer or attribute: {score: {below: 7}, attributes.plan: [pro, enterprise], verbatim: {contains: cancel}}."""


class Lookup(Section):
    field: FieldName
    """The field of the object by which its record is found; Id is one too."""
    from_: Annotated[Answer, Field(alias="from")]
    """The answer that holds the value."""


def _value(value: object) -> object:
    return {"from": value} if isinstance(value, str) else value


class Value(Section):
    """What goes into a field: an answer (`verbatim`), `{value: true}`, `{from: attributes.plan, map: {pro: Gold}}`,
    `{text: "{score} of 10"}`.
    """

    from_: Annotated[Answer | None, Field(alias="from")] = None
    map: dict[str, Scalar] | None = None
    """Answer → value to write; an answer that is not listed is as if it were missing."""
    default: Scalar | None = None
    """If the answer is missing. Without it the field is left as it is."""
    value: Scalar | None = None
    """Always this."""
    text: str | None = None
    """A text with answers in braces; what is missing is left out."""

    @model_validator(mode="after")
    def _is_one_thing(self) -> Value:
        given = [name for name, there in (("from", self.from_), ("value", self.value), ("text", self.text)) if there is not None]
        if len(given) != 1:
            raise ValueError("a value is one of from, value and text; write for example verbatim, {value: true} or {text: '{score} of 10'}")
        if given != ["from"] and (self.map is not None or self.default is not None):
            raise ValueError("map and default belong to from; remove them")
        if self.text is not None:
            for name in names_in(self.text):
                _answer(name)
        return self

    @property
    def answers(self) -> tuple[str, ...]:
        """The names of all answers it needs."""
        return tuple(names_in(self.text)) if self.text is not None else (self.from_,) if self.from_ else ()


class Route(Section):
    """Answers to one record of one object."""

    name: Annotated[str, Field(min_length=1, max_length=80)]
    """What notes and findings call it."""
    when: When = When()
    object: ObjectName
    lookup: Lookup
    on_found: Literal["update", "skip"] = "update"
    on_missing: Literal["skip", "create"] = "skip"
    fields: Annotated[dict[FieldName, Annotated[Value, BeforeValidator(_value)]], Field(min_length=1)]

    def answers(self) -> Iterator[str]:
        """The names of all answers the route needs, conditions included; some more than once."""
        yield from self.when.answers
        yield self.lookup.from_
        for value in self.fields.values():
            yield from value.answers
