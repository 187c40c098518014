"""The work of both Bulk APIs: records in transactions of 200, each record with a result of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..engine.org import SaveOptions, SaveResult
from ..errors import NotFound, OrgError, error_class
from .wire import front_state, the_org, unsupported

if TYPE_CHECKING:
    from ..engine.users import User

CHUNK = 200
"""Records per transaction ("General Guidelines for Data Loads", Bulk API Developer Guide)."""
OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete")

BulkRecord = dict[str, Any] | OrgError
"""A record, or why its row could not be read as one."""


def check_job(operation: str, sobject: str, external_id_field: str | None) -> str:
    """The sObject's canonical name, when the job can be done at all.

    Raises:
        OrgError: unknown operation, sObject or key field.
    """
    if operation not in OPERATIONS:
        raise unsupported(f"the bulk operation {operation!r}")
    found = the_org().metadata.schema.get(sobject)
    if found is None:
        raise error_class("InvalidJob")(f"Unable to find object: {sobject}")
    if operation == "upsert":
        if not external_id_field:
            raise error_class("InvalidJob")("External ID was not specified for the upsert operation")
        if found.field(external_id_field) is None:
            raise error_class("InvalidJob")(f"Field name provided, {external_id_field} does not match an External ID for {found.name}")
    return found.name


def save_records(user: User, operation: str, sobject: str, key_field: str | None, records: Sequence[BulkRecord]) -> list[SaveResult]:
    """A result for each record, in order; a refused record does not stop the others."""
    results: list[SaveResult] = []
    for start in range(0, len(records), CHUNK):
        results.extend(_save_chunk(user, operation, sobject, key_field, records[start : start + CHUNK]))
    return results


def _save_chunk(user: User, operation: str, sobject: str, key_field: str | None, chunk: Sequence[BulkRecord]) -> list[SaveResult]:
    injected = front_state().faults.refused_records([{} if isinstance(record, OrgError) else record for record in chunk])
    chunk = [injected.get(index, record) for index, record in enumerate(chunk)]
    good = [record for record in chunk if not isinstance(record, OrgError)]
    try:
        saved = iter(_save(user, operation, sobject, key_field, good) if good else [])
    except OrgError as refused:
        # What refuses the whole transaction (a governor limit, an unknown field) is told on each of its records.
        saved = iter([SaveResult(None, False, (refused,), None) for _ in good])
    return [SaveResult(None, False, (record,), None) if isinstance(record, OrgError) else next(saved) for record in chunk]


def _save(user: User, operation: str, sobject: str, key_field: str | None, records: list[dict[str, Any]]) -> list[SaveResult]:
    org, options = the_org(), SaveOptions(bulk=True)
    if operation == "insert":
        return org.insert(user, records, options=options)
    if operation == "update":
        return org.update(user, records, options=options)
    if operation == "upsert":
        return org.upsert(user, sobject, key_field or "Id", records, options=options)
    return org.delete(user, [str(_id_of(record)) for record in records])


def _id_of(record: dict[str, Any]) -> Any:
    return next((value for name, value in record.items() if name.lower() == "id"), None) or ""


def error_text(result: SaveResult) -> str:
    """`CODE:message:Field1,Field2 --`, as both Bulk APIs put it into one cell."""
    return ";".join(f"{error.code}:{error.message}:{','.join(error.fields)}{' ' if error.fields else ''}--" for error in result.errors)


def query_records(user: User, soql: str, *, include_deleted: bool = False, api_version: str) -> list[dict[str, Any]]:
    """All records of a query, in one go.

    Raises:
        OrgError: the query's own errors, or one that Bulk queries do not take.
    """
    result = the_org().query(user, soql, api_version=api_version, include_deleted=include_deleted)
    return result.records


def unknown_job(kind: str, job_id: str) -> OrgError:
    return NotFound(f"Unable to find {kind} for id: {job_id}")
