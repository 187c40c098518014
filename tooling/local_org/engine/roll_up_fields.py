"""Roll-up summary fields as their masters have them: which details they sum up, by which relationship, under which conditions."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ..schema.types import Field, Schema, SObject, Summary
from .filter_items import FilterItem, filter_item

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class RollUp:
    """The summaries of one master over one kind of details, by one relationship."""

    master: SObject
    child: SObject
    key: Field
    fields: tuple[tuple[Field, Summary, tuple[FilterItem, ...]], ...]


def empty(field: Field) -> Decimal | None:
    """The value of a summary without details."""
    return ZERO if field.summary is not None and field.summary.operation in ("count", "sum") else None


def roll_ups_over(schema: Schema, child: SObject) -> tuple[RollUp, ...]:
    """What the masters of these details sum up of them."""
    found = []
    for key in child.fields:
        for name in key.reference_to if not key.calculated else ():
            master = schema.get(name)
            if master is not None and (roll_up := _of_master(master, child, key)) is not None:
                found.append(roll_up)
    return tuple(found)


def _of_master(master: SObject, child: SObject, key: Field) -> RollUp | None:
    fields = []
    for field in master.fields:
        summary = field.summary
        if summary is not None and summary.child.lower() == child.name.lower() and summary.foreign_key.lower() == key.name.lower():
            items = []
            for item in summary.filters:
                source = child.field(item.field)
                if source is not None:
                    items.append(filter_item(source, item.operator, item.value))
            fields.append((field, summary, tuple(items)))
    return RollUp(master, child, key, tuple(fields)) if fields else None
