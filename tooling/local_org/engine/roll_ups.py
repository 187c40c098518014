"""Roll-up summary fields: recomputed when details are saved, deleted, undeleted or moved; their master is saved then, with its automation.

Facts: Apex Developer Guide, "Triggers and Order of Execution"; Salesforce Help, "Roll-Up Summary Field". Of no details, a count and a
sum are 0, a minimum and a maximum blank.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from ..errors import OrgError
from ..flow.host import Record
from ..schema.types import Field, Schema, SObject
from ..store import Store
from .batch import Change
from .filter_items import holds
from .record_values import RecordReader, RecordValues
from .roll_up_fields import ZERO, RollUp
from .runtime import Runtime
from .transaction import Transaction
from .users import ADMIN_ID

Save = Callable[..., None]
"""`order_of_execution.save`, which this step is a part of."""


def roll_up(tx: Transaction, child: SObject, details: Iterable[Record], save: Save) -> dict[str, OrgError]:
    """Recomputes the masters that the details (as they were and as they are) belong to, and saves those whose sums changed.

    Returns why a master was not saved, by its id.
    """
    details = list(details)
    refused: dict[str, OrgError] = {}
    for known in tx.runtime.roll_ups(child):
        ids = list(dict.fromkeys(record[known.key.name] for record in details if record.get(known.key.name)))
        changes = [Change(values, master_id) for master_id, values in changed_sums(tx.runtime.store, tx.reader, known, ids)]
        if changes:
            save(tx, known.master, changes, insert=False)
            refused.update({change.id or "": change.errors[0] for change in changes if change.errors})
    return refused


def recalculate(runtime: Runtime, before: Schema) -> None:
    """After a deploy: fills the summaries that are new or sum up something else now, without automation."""
    reader = RecordReader(runtime, runtime.users.of_id(ADMIN_ID))
    records = runtime.store.records
    for child in runtime.metadata.schema:
        for known in runtime.roll_ups(child):
            old = before.get(known.master.name)
            if all(old is not None and old.field(field.name) == field for field, _, _ in known.fields):
                continue
            ids = [record["Id"] for record in records.all(known.master, ["Id"])]
            records.update(known.master, changed_sums(runtime.store, reader, known, ids))


def changed_sums(store: Store, reader: RecordReader, known: RollUp, ids: Sequence[str]) -> list[tuple[str, Record]]:
    """(master id, values) of the masters whose sums are not what they should be; deleted masters keep theirs."""
    names = [field.name for field, _, _ in known.fields]
    masters = store.records.read(known.master, ids, names)
    details: dict[str, list[Record]] = {}
    for record in store.records.find(known.child, known.key.name, list(masters)):
        details.setdefault(record[known.key.name], []).append(record)
    found = []
    for master_id, master in masters.items():
        sums = {field.name: _sum(reader, known, field, details.get(master_id, [])) for field in (f for f, _, _ in known.fields)}
        values = {name: value for name, value in sums.items() if master.get(name) != value}
        if values:
            found.append((master_id, values))
    return found


def _sum(reader: RecordReader, known: RollUp, field: Field, details: Sequence[Record]) -> Any:
    _, summary, items = next(entry for entry in known.fields if entry[0] is field)
    counted = [record for record in details if all(holds(item, _value(reader, known.child, record, item.field.name)) for item in items)]
    if summary.operation == "count" or summary.field is None:
        return Decimal(len(counted))
    values = [value for record in counted if (value := _value(reader, known.child, record, summary.field)) is not None]
    match summary.operation:
        case "sum":
            return sum(values, ZERO)
        case "min":
            return min(values, default=None)
        case _:
            return max(values, default=None)


def _value(reader: RecordReader, child: SObject, record: Mapping[str, Any], name: str) -> Any:
    field = child.field(name)
    return None if field is None else RecordValues(reader, child, record).value((field.name,))
