"""What Opportunities and pages show: which ones are renewals, the guidance texts, the customer's own page layouts."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from tooling.spec.section import Section
from tooling.spec.values import FIELD

_OPPORTUNITY_FIELD = re.compile(rf"Opportunity\.{FIELD.pattern}")
PAGE_OBJECTS = ("Account", "Contact", "Lead", "Opportunity", "Case")
LONGEST_GUIDANCE = 200


def _opportunity_field(value: str) -> str:
    if not _OPPORTUNITY_FIELD.fullmatch(value):
        raise ValueError(f"{value!r} is not a field of Opportunity; write Opportunity. and its API name, for example Opportunity.Type")
    return value


def _page_object(value: str) -> str:
    if value not in PAGE_OBJECTS:
        raise ValueError(f"{value!r} has no layouts of ours to show; write one of {', '.join(PAGE_OBJECTS)}")
    return value


def _wanted(value: object) -> object:
    values = value if isinstance(value, tuple) else (value,)
    if values and all(isinstance(v, str | bool) and v != "" for v in values):
        return values
    raise ValueError(f"{value!r} is neither a value nor a list of values; write for example Renewal")


_SCALAR = {"type": ["string", "boolean"]}
OpportunityField = Annotated[
    str, AfterValidator(_opportunity_field), WithJsonSchema({"type": "string", "pattern": f"^{_OPPORTUNITY_FIELD.pattern}$"})
]
PageObject = Annotated[str, AfterValidator(_page_object), WithJsonSchema({"enum": list(PAGE_OBJECTS)})]
Wanted = Annotated[
    tuple[str | bool, ...],
    BeforeValidator(_wanted),
    WithJsonSchema({"anyOf": [_SCALAR, {"type": "array", "minItems": 1, "items": _SCALAR}]}),
]
"""One value or several, one of which the field is to have."""

GuidanceText = Annotated[str, Field(min_length=1, max_length=LONGEST_GUIDANCE)]


class Renewal(Section):
    when: dict[OpportunityField, Wanted] = Field(default={})
    """Field → value or values; an Opportunity for which all hold is a renewal."""


class Guidance(Section):
    """What the field NPS Guidance of an Opportunity says, by the Account's segment."""

    expand: GuidanceText = "Expand: they recommend us. Offer what they do not use yet, and ask for a reference."
    check_in: GuidanceText = "Check in: neither happy nor unhappy. Ask what is missing before you talk about the contract."
    support_first: GuidanceText = "Support first: somebody there is unhappy. See that this is resolved before you sell anything."


Pages = dict[PageObject, Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]]
"""Object → names of the customer's own page layouts that get an NPS section."""
