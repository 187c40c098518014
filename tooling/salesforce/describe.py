"""Describe results as values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tooling.salesforce.org import FieldDescribe, ObjectDescribe


def object_describe(answer: Mapping[str, Any]) -> ObjectDescribe:
    """The value of a REST describe result."""
    return ObjectDescribe(
        name=str(answer["name"]),
        createable=bool(answer.get("createable")),
        updateable=bool(answer.get("updateable")),
        queryable=bool(answer.get("queryable")),
        fields={str(item["name"]): _field(item) for item in answer.get("fields", ())},
    )


def _field(item: Mapping[str, Any]) -> FieldDescribe:
    return FieldDescribe(
        name=str(item["name"]),
        type=str(item.get("type", "")),
        label=str(item.get("label") or ""),
        length=int(item.get("length") or 0),
        createable=bool(item.get("createable")),
        updateable=bool(item.get("updateable")),
        nillable=bool(item.get("nillable", True)),
        unique=bool(item.get("unique")),
        external_id=bool(item.get("externalId")),
        calculated=bool(item.get("calculated")),
        reference_to=tuple(str(name) for name in item.get("referenceTo") or ()),
        relationship=item.get("relationshipName"),
        picklist=tuple(str(value["value"]) for value in item.get("picklistValues") or () if value.get("active", True)),
    )
