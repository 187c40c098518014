"""The standard objects every org has, read from `standard_data/objects.json`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from .types import Field, FieldType, PicklistValue, Schema, SObject

ANY_ACTIVITY_SUBJECT = "*WHAT"
"""In `reference_to`: every object whose records activities can be about."""
_DATA = Path(__file__).parent / "standard_data" / "objects.json"


@cache
def standard_schema() -> Schema:
    """The schema of an org to which nothing has been deployed."""
    return resolve_activity_subjects(standard_sobjects())


@cache
def standard_sobjects() -> tuple[SObject, ...]:
    """As in the data file: polymorphic activity references are not resolved yet."""
    data = json.loads(_DATA.read_text("utf-8"))
    time_zones = _picklist(data["timezones"])
    return tuple(_sobject(entry, time_zones) for entry in data["objects"])


def resolve_activity_subjects(sobjects: Iterable[SObject]) -> Schema:
    """Lets WhatId and its like point at every object with activities, custom ones included."""
    listed = list(sobjects)
    subjects = tuple(sobject.name for sobject in listed if sobject.activities and sobject.name not in ("Contact", "Lead"))
    return Schema(_with_subjects(sobject, subjects) for sobject in listed)


def _with_subjects(sobject: SObject, subjects: tuple[str, ...]) -> SObject:
    if not any(ANY_ACTIVITY_SUBJECT in field.reference_to for field in sobject.fields):
        return sobject
    fields = []
    for field in sobject.fields:
        if ANY_ACTIVITY_SUBJECT in field.reference_to:
            others = tuple(name for name in field.reference_to if name != ANY_ACTIVITY_SUBJECT and name not in subjects)
            field = replace(field, reference_to=subjects + others)
        fields.append(field)
    return replace(sobject, fields=tuple(fields))


def _sobject(entry: Mapping[str, Any], time_zones: tuple[PicklistValue, ...]) -> SObject:
    plain = {key: value for key, value in entry.items() if key not in ("fields", "flags")}
    return SObject(
        **plain,
        flags=frozenset(entry["flags"]),
        sharing_model="Read" if entry["name"] in ("User", "Organization", "Profile") else "ReadWrite",
        fields=tuple(_field(field, time_zones) for field in entry["fields"]),
    )


def _field(entry: Mapping[str, Any], time_zones: tuple[PicklistValue, ...]) -> Field:
    values = dict(entry)
    values["type"] = FieldType(entry["type"])
    values["reference_to"] = tuple(entry.get("reference_to", ()))
    listed = entry.get("picklist", ())
    values["picklist"] = time_zones if listed == "TIMEZONES" else _picklist(listed)
    return Field(**values)


def _picklist(listed: Iterable[Any]) -> tuple[PicklistValue, ...]:
    return tuple(
        PicklistValue(entry, entry)
        if isinstance(entry, str)
        else PicklistValue(entry["value"], entry.get("label", entry["value"]), entry.get("active", True), entry.get("default", False))
        for entry in listed
    )
