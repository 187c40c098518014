"""The step of a save that asks the duplicate rules: one query per matching rule and chunk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from ..errors import DuplicatesDetected, OrgError
from ..flow.host import Record
from .batch import Batch, Change, DuplicateCheck
from .duplicate_rules import Action, DuplicateRule, MatchField, Matching
from .filter_items import holds, plain

_COST = 0.05
"""Milliseconds of CPU per record and rule."""


def check_duplicates(batch: Batch) -> None:
    """A rule that blocks always refuses; one that alerts does unless the caller said allowSave.

    Salesforce Help, "Things to Know About Duplicate Rules": an edit is compared only when it changes a field that the matching rules
    use, and records of one request are not compared with each other.
    """
    if batch.how.duplicates is DuplicateCheck.OFF:
        return
    try:
        rules = batch.tx.runtime.duplicate_rules(batch.sobject)
    except OrgError as error:
        for change in batch.alive():
            change.refuse(error)
        return
    for rule in rules:
        action = rule.on_insert if batch.insert else rule.on_update
        if action is Action.NONE or (action is Action.ALERT and batch.how.duplicates is DuplicateCheck.ALLOW_SAVE):
            continue
        changes = [change for change in batch.alive() if _concerns(batch, rule, change)]
        batch.tx.limits.spend(_COST * len(changes))
        _ask(batch, rule, action, changes)


def _concerns(batch: Batch, rule: DuplicateRule, change: Change) -> bool:
    compared = {field.input.name for matching in rule.matchings for field in matching.fields}
    if not change.is_insert and not any(change.changes(name) for name in compared):
        return False
    if not rule.filter_items:
        return True
    values = [
        change.record.get(item.field.name) if item.scope is None else batch.tx.reader.globals.value((item.scope, item.field.name))
        for item in rule.filter_items
    ]
    return rule.filter_combined([holds(item, value) for item, value in zip(rule.filter_items, values, strict=True)])


def _ask(batch: Batch, rule: DuplicateRule, action: Action, changes: Sequence[Change]) -> None:
    found: dict[int, list[tuple[Matching, list[Record]]]] = {}
    for matching in rule.matchings:
        for change, record in _pairs(batch, rule, matching, changes):
            groups = found.setdefault(id(change), [])
            if not groups or groups[-1][0] is not matching:
                groups.append((matching, []))
            groups[-1][1].append(record)
    for change in changes:
        groups = found.get(id(change), [])
        if groups:
            change.refuse(DuplicatesDetected(rule.alert, _result(batch, rule, action, groups)))


def _pairs(batch: Batch, rule: DuplicateRule, matching: Matching, changes: Sequence[Change]) -> Iterable[tuple[Change, Record]]:
    candidates = _candidates(batch, matching, changes)
    if rule.enforces_sharing:
        may_read = batch.tx.runtime.access.may_read_record
        candidates = [record for record in candidates if may_read(batch.tx.user, matching.target.name, record)]
    for change in changes:
        for record in candidates:
            same = [_matches(field, change.record, record) for field in matching.fields]
            if record["Id"] != change.id and matching.combined(same):
                yield change, record


def _candidates(batch: Batch, matching: Matching, changes: Sequence[Change]) -> list[Record]:
    """Stored records that share a value with one of the changes: of the field that all must share, else of any field."""
    needed = [field for field in matching.fields if not field.match_blanks] or list(matching.fields)
    fields = needed[:1] if matching.all_needed else matching.fields
    names = {"Id", *(field.output.name for field in matching.fields)} | {
        name for name in ("OwnerId", "IsConverted", "AccountId") if matching.target.field(name) is not None
    }
    found: dict[str, Record] = {}
    for field in fields:
        values = {change.record.get(field.input.name) for change in changes}
        for record in batch.tx.runtime.store.records.find(matching.target, field.output.name, values, names):
            # A lead that became a contact is no second one of it.
            if not record.get("IsConverted"):
                found[record["Id"]] = record
    return list(found.values())


def _matches(field: MatchField, saved: Record, stored: Record) -> bool:
    ours, theirs = plain(saved.get(field.input.name)), plain(stored.get(field.output.name))
    if ours is None or theirs is None:
        return field.match_blanks and ours is None and theirs is None
    return bool(ours == theirs)


def _result(batch: Batch, rule: DuplicateRule, action: Action, groups: Sequence[tuple[Matching, list[Record]]]) -> dict[str, Any]:
    """REST API Developer Guide, "DuplicateRuleHeader": what an answer says beside the code and the message."""
    return {
        "allowSave": action is Action.ALERT,
        "duplicateRule": rule.name,
        "duplicateRuleEntityType": batch.sobject.name,
        "errorMessage": rule.alert,
        "matchResults": [
            {
                "entityType": matching.target.name,
                "errors": [],
                "matchEngine": "ExactMatchEngine" if matching.exact else "FuzzyMatchEngine",
                "matchRecords": [
                    {
                        "additionalInformation": [],
                        "fieldDiffs": [],
                        "matchConfidence": 100.0,
                        "record": {"attributes": {"type": matching.target.name}, "Id": record["Id"]},
                    }
                    for record in records
                ],
                "rule": matching.name,
                "size": len(records),
                "success": True,
            }
            for matching, records in groups
        ],
    }
