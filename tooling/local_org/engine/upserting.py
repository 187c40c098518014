"""Which record an upsert means: none, one, or an error when there are several or the request names one twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import DuplicateValue, InvalidField, OrgError, error_class
from ..schema.types import Field, SObject
from ..schema.values import from_json
from .coercion import id_of, key_of, matches, several_found
from .transaction import Transaction


def upsert_key(tx: Transaction, sobject: SObject, name: str) -> Field:
    key = sobject.field(name)
    if key is None or not tx.runtime.access.can_read(tx.user, sobject.name, key.name):
        raise InvalidField(f"No such column '{name}' on sobject of type {sobject.name}")
    if not (key.name == "Id" or key.external_id or key.id_lookup):
        raise InvalidField(
            f"Field name provided, {name} does not match an External ID, Salesforce Id, or indexed field for {sobject.name}", (name,)
        )
    return key


def existing(
    tx: Transaction, sobject: SObject, key: Field, records: Sequence[Mapping[str, Any]]
) -> tuple[list[str | None], list[OrgError | None]]:
    """For each record the id it updates, or None to insert it; and why it can be neither."""
    values: list[Any] = []
    errors: list[OrgError | None] = []
    for record in records:
        value, error = None, None
        try:
            value = given(record, key.name)
            if key.name == "Id":
                value = id_of(sobject, value) if value not in (None, "") else None
            else:
                value = from_json(key, value) if isinstance(value, str | int | float) else value
                if value is None:
                    error = error_class("MISSING_ARGUMENT")(f"{key.name} not specified", (key.name,))
        except OrgError as problem:
            error = problem
        values.append(value)
        errors.append(error)
    if key.name == "Id":
        return values, errors
    times = Counter(key_of(key, value) for value in values if value is not None)
    found = matches(tx, sobject, key, values)
    targets: list[str | None] = []
    for n, value in enumerate(values):
        ids = found.get(key_of(key, value), []) if value is not None else []
        if errors[n] is None and value is not None and times[key_of(key, value)] > 1:
            # Neither is saved: Apex Developer Guide, "Upserting Records".
            errors[n] = DuplicateValue(f"Duplicate external id specified: {value}", (key.name,))
        elif errors[n] is None and len(ids) > 1:
            errors[n] = several_found(key, ids)
        targets.append(ids[0] if len(ids) == 1 else None)
    return targets, errors


def given(record: Mapping[str, Any], name: str) -> Any:
    return next((value for key, value in record.items() if key.lower() == name.lower()), None)


def without(record: Mapping[str, Any], *names: str) -> dict[str, Any]:
    gone = {name.lower() for name in names}
    return {key: value for key, value in record.items() if key.lower() not in gone}
