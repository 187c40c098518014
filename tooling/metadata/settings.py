"""What admins may change in Setup, as the spec first has it: escalation keywords and routes, with the queues and the bell they need."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from tooling.metadata.rendering import Component
from tooling.metadata.types.custom_metadata import CustomMetadata, Value
from tooling.metadata.types.custom_notification_type import CustomNotificationType
from tooling.metadata.types.queue import Queue
from tooling.spec.escalation import OUR_PREFIX, EscalationRoute, Keyword, words
from tooling.spec.model import Spec

KEYWORD_TYPE, ROUTE_TYPE = "NPS_Escalation_Keyword", "NPS_Escalation_Route"
SETTING_TYPES = (KEYWORD_TYPE, ROUTE_TYPE)
"""Custom metadata types whose records belong to the org once they are there: a deploy keeps what an admin changed."""

FOLLOW_UP_NOTIFICATION = "NPS_Follow_Up"

_LONGEST_NAME = 40
_STEP = 10
"""Between the orders of two records, so that an admin can put one in between."""


def components(spec: Spec) -> Iterator[Component]:
    yield CustomNotificationType(
        name=FOLLOW_UP_NOTIFICATION,
        label="NPS Follow-up",
        description="Tells whoever has a follow-up that a detractor waits for an answer.",
    )
    if spec.escalation is None:
        return
    for name in spec.escalation.queues:
        if name.startswith(OUR_PREFIX):
            yield Queue(
                name=name,
                label=name.replace("_", " ")[:_LONGEST_NAME],
                description="Cases that critical feedback opens. Add members in Setup, Queues.",
                sobjects=("Case",),
            )
    for order, (text, keyword) in enumerate(spec.escalation.keywords.items(), 1):
        yield keyword_record(text, keyword, order * _STEP)
    for order, route in enumerate(spec.escalation.route, 1):
        yield route_record(route, order * _STEP)


def keyword_record(text: str, keyword: Keyword, order: int) -> CustomMetadata:
    return CustomMetadata(
        type=KEYWORD_TYPE,
        name=keyword_name(text),
        label=text[:_LONGEST_NAME].strip(),
        values=(
            Value("Active__c", keyword.active),
            Value("Case_Type__c", keyword.type),
            Value("Keyword__c", text),
            Value("Match__c", keyword.match),
            Value("Order__c", order),
            Value("Queue__c", keyword.queue),
            Value("Severity__c", keyword.severity),
        ),
    )


def route_record(route: EscalationRoute, order: int) -> CustomMetadata:
    name = f"Route_{order}"
    return CustomMetadata(
        type=ROUTE_TYPE,
        name=name,
        label=name.replace("_", " "),
        values=(
            Value("Active__c", route.active),
            Value("Case_Type__c", _joined(route.type)),
            Value("Order__c", order),
            Value("Priority__c", route.priority),
            Value("Queue__c", route.queue),
            Value("Severity__c", _joined(route.severity)),
            Value("Tier__c", _joined(route.tier)),
        ),
    )


def keyword_name(text: str) -> str:
    """The API name of a keyword's record: its words where they make one, else a hash of them.

    >>> keyword_name("Not working"), keyword_name("kündigen")[:2]
    ('not_working', 'K_')
    """
    said = words(text)
    name = said.replace(" ", "_")
    if said.isascii() and name[0].isalpha() and len(name) <= _LONGEST_NAME:
        return name
    return f"K_{hashlib.sha256(said.encode()).hexdigest()[:12]}"


def _joined(values: tuple[str, ...] | None) -> str | None:
    return ";".join(values) if values else None
