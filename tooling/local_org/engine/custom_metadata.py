"""A CustomMetadata component as the record of its `__mdt` type that SOQL reads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ..errors import OrgError
from ..schema.source import Component
from ..schema.types import Field, FieldType, SObject
from ..schema.values import from_json
from ..schema.xml import Node


def metadata_record(sobject: SObject, component: Component, id_of: Callable[[str, str], str | None]) -> dict[str, Any]:
    """The typed field values; values that do not fit their field are left out, the deploy rules have reported them.

    `id_of(type, full_name)` finds the record a metadata relationship names.
    """
    name = component.full_name.partition(".")[2]
    label = component.node.value("label") or name
    record: dict[str, Any] = {
        "DeveloperName": name,
        "MasterLabel": label,
        "Label": label,
        "Language": "en_US",
        "QualifiedApiName": name,
        "IsProtected": component.node.flag("protected"),
    }
    for item, field in values_of(sobject, component):
        if field is None:
            continue
        try:
            record[field.name] = _typed(field, item, id_of)
        except OrgError:
            continue
    return record


def values_of(sobject: SObject, component: Component) -> Iterator[tuple[Node, Field | None]]:
    """Each `<values>` of the record with the field it names, None where there is no such field."""
    for item in component.node.all("values"):
        yield item, sobject.field(item.value("field") or "")


def raw_value(item: Node) -> str | None:
    """The text of a `<value>`; blanks at the ends count. None when nil or empty."""
    value = item.child("value")
    if value is None or value.attributes.get("xsi:nil") == "true":
        return None
    return value.text or None


def _typed(field: Field, item: Node, id_of: Callable[[str, str], str | None]) -> Any:
    raw = raw_value(item)
    if field.type is FieldType.REFERENCE and raw is not None:
        # A relationship to another custom metadata record is written by its developer name; to an object or field by its API name.
        target = field.reference_to[0].removesuffix("__mdt") if field.reference_to else ""
        return id_of("CustomMetadata", raw if "." in raw else f"{target}.{raw}") or raw
    return from_json(field, raw)
