"""Which routes a response takes, and what they write: pure."""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any

from tooling.nps.response import Response
from tooling.spec.answers import ATTRIBUTES, RECORDS, as_field_value, moment_from, number_from, text_of
from tooling.spec.routes import Condition, Route, Value
from tooling.spec.standard_fields import KnownField


class RoutingStatus(StrEnum):
    PENDING = "Pending"
    DONE = "Done"
    WAITING = "Waiting"
    PARKED = "Parked"


@dataclass(frozen=True, slots=True)
class Links:
    """The records a response belongs to, by the names that routes have for them."""

    response: str | None = None
    contact: str | None = None
    lead: str | None = None
    account: str | None = None
    is_matched: bool = False
    """It is decided who answered: what is missing now stays missing."""


def answer(name: str, response: Response, links: Links = Links()) -> object:
    """The answer of this name; None when it is missing. The survey's attributes decide before the person's."""
    if name.startswith(ATTRIBUTES):
        key = name.removeprefix(ATTRIBUTES)
        value = response.attributes.get(key)
        return _filled(response.person.attributes.get(key) if value in (None, "") else value)
    if name in RECORDS:
        return getattr(links, name)
    return _filled(_ANSWERS[name](response))


_ANSWERS: Mapping[str, Callable[[Response], object]] = {
    "score": lambda r: r.score,
    "category": lambda r: r.category.value if r.category else None,
    "verbatim": lambda r: r.verbatim,
    "outcome": lambda r: r.outcome.value,
    "tags": lambda r: "\n".join(r.tags),
    "source": lambda r: r.source,
    "id": lambda r: r.id,
    "key": lambda r: r.key,
    "status": lambda r: r.status.value,
    "survey_type": lambda r: r.survey_type.value,
    "survey_name": lambda r: r.survey_name,
    "campaign_id": lambda r: r.campaign_id,
    "channel": lambda r: r.channel,
    "language": lambda r: r.language,
    "sent_at": lambda r: r.sent_at,
    "responded_at": lambda r: r.responded_at,
    "modified_at": lambda r: r.modified_at,
    "email": lambda r: r.person.email,
    "name": lambda r: r.person.name,
    "user_id": lambda r: r.person.user_id,
    "salesforce_id": lambda r: r.person.salesforce_id,
    "company_id": lambda r: r.person.company_id,
}


def takes(route: Route, response: Response) -> bool:
    """Whether the route is for this response, as far as that does not depend on who answered."""
    when = route.when
    if response.outcome.value.lower() not in when.status:
        return False
    if when.category and (response.category is None or response.category.value.lower() not in when.category):
        return False
    if when.source is not None and not _is_like([response.source], when.source):
        return False
    if when.campaign is not None and not _is_like([response.campaign_id, response.survey_name], when.campaign):
        return False
    return all(holds(condition, answer(name, response)) for name, condition in when.answers.items() if name not in RECORDS)


def takes_now(route: Route, response: Response, links: Links) -> bool:
    """Whether the route is for this response, knowing who answered."""
    conditions = ((name, condition) for name, condition in route.when.answers.items() if name in RECORDS)
    return takes(route, response) and all(holds(condition, answer(name, response, links)) for name, condition in conditions)


def waits_for(route: Route, links: Links) -> str | None:
    """The record that the route needs and that nobody has yet been matched to; None when it can be carried out."""
    if links.is_matched:
        return None
    needed = (route.lookup.from_, *(name for value in route.fields.values() for name in value.answers))
    return next((name for name in needed if name in RECORDS and getattr(links, name) is None), None)


def holds(condition: Condition, value: object) -> bool:
    """Whether the answer fulfils all that the condition says."""
    if condition.exists is not None and condition.exists is not (value is not None):
        return False
    if value is None:
        return condition.model_fields_set <= {"exists"}
    text = text_of(value).casefold()
    return (
        (condition.is_ is None or any(_same(value, wanted) for wanted in condition.is_))
        and (condition.is_not is None or not any(_same(value, unwanted) for unwanted in condition.is_not))
        and (condition.contains is None or any(text_of(part).casefold() in text for part in condition.contains))
        and (condition.starts_with is None or any(text.startswith(text_of(part).casefold()) for part in condition.starts_with))
        and all(_compares(value, bound, test) for bound, test in _bounds(condition))
    )


def carried(response: Response, routes: Sequence[Route]) -> Response:
    """The response with those of the person's attributes that its routes need: the ledger keeps a response's attributes only."""
    wanted = {name.removeprefix(ATTRIBUTES) for route in routes for name in route.answers() if name.startswith(ATTRIBUTES)}
    more = {name: value for name in wanted if (value := answer(ATTRIBUTES + name, response)) is not None}
    return replace(response, attributes={**response.attributes, **more}) if more else response


def values_of(
    route: Route, response: Response, links: Links, known: Callable[[str], KnownField | None]
) -> tuple[dict[str, Any], list[str]]:
    """Field → value as REST takes it, and a note for each field that cannot hold its answer. An answer that is missing changes nothing."""
    values: dict[str, Any] = {}
    notes: list[str] = []
    for name, value in route.fields.items():
        found, raw = known(name), _evaluated(value, response, links)
        if raw is None or found is None:
            continue
        try:
            values[name] = as_field_value(raw, found.type, found.length)
        except ValueError as error:
            notes.append(f"{name}: {error}")
    return values, notes


def _evaluated(value: Value, response: Response, links: Links) -> object:
    if value.text is not None:
        return _text(value.text, response, links)
    if value.from_ is None:
        return value.value
    found = answer(value.from_, response, links)
    if value.map is not None and found is not None:
        mapped = {key.casefold(): to for key, to in value.map.items()}
        found = mapped.get(text_of(found).casefold())
    return value.default if found is None else found


def _text(template: str, response: Response, links: Links) -> str | None:
    parts: list[str] = []
    for before, name, _, _ in string.Formatter().parse(template):
        parts.append(before)
        if name is not None:
            found = answer(name, response, links)
            parts.append("" if found is None else text_of(found))
    return "".join(parts).strip() or None


def _filled(value: object) -> object:
    return None if value is None or (isinstance(value, str) and not value.strip()) or isinstance(value, dict | list) else value


def _is_like(texts: Iterable[str | None], patterns: Iterable[str]) -> bool:
    known = [text.casefold() for text in texts if text]
    return any(fnmatchcase(text, pattern.casefold().replace("[", "[[]")) for text in known for pattern in patterns)


def _same(value: object, wanted: object) -> bool:
    left, right = number_from(value), number_from(wanted)
    if left is not None and right is not None:
        return left == right
    return text_of(value).strip().casefold() == text_of(wanted).strip().casefold()


def _bounds(condition: Condition) -> list[tuple[object, Callable[[Any, Any], bool]]]:
    bounds: list[tuple[object, Callable[[Any, Any], bool]]] = [
        (condition.above, lambda a, b: a > b),
        (condition.at_least, lambda a, b: a >= b),
        (condition.below, lambda a, b: a < b),
        (condition.at_most, lambda a, b: a <= b),
    ]
    return [(bound, test) for bound, test in bounds if bound is not None]


def _compares(value: object, bound: object, test: Callable[[Any, Any], bool]) -> bool:
    """Numbers with numbers, else moments with moments; what cannot be compared does not fulfil the condition."""
    left: Decimal | None = number_from(value)
    right: Decimal | None = number_from(bound)
    if left is not None and right is not None:
        return test(left, right)
    try:
        return test(moment_from(value), moment_from(bound))
    except ValueError:
        return False
