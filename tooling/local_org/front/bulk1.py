"""Bulk API 1.0: jobs and batches, each batch finished inside the POST that brings it.

Clients sleep ten seconds when the first poll finds a batch unfinished.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from flask import Blueprint, Response, request

from ..engine.org import SaveResult
from ..errors import OrgError, error_class
from .bulk_work import BulkRecord, check_job, error_text, query_records, save_records, unknown_job
from .csv_records import flat_columns, flat_value, read_csv, to_record, write_csv
from .errors import row_error
from .soap import child, parse, xml_of
from .state import Shelf
from .wire import api_version, calling_user, dumps, front_state, the_org, unsupported

routes = Blueprint("bulk1", __name__, url_prefix="/services/async/<version:version>")

NAMESPACE = "http://www.force.com/2009/06/asyncapi/dataload"
JOB_PREFIX, BATCH_PREFIX, RESULT_PREFIX = "750", "751", "752"
MOST_RECORDS = 10_000
MOST_BYTES = 10_000_000
NO_RECORDS = "Records not found for this query"


@dataclass(slots=True)
class Batch:
    id: str
    job_id: str
    created: datetime
    request: bytes
    state: str = "Completed"
    message: str | None = None
    results: list[SaveResult] = field(default_factory=list)
    result_id: str | None = None
    records: list[dict[str, Any]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        info: dict[str, Any] = {"id": self.id, "jobId": self.job_id, "state": self.state}
        if self.message:
            info["stateMessage"] = self.message
        failed = sum(1 for result in self.results if not result.success)
        processed = len(self.results) or len(self.records)
        return info | {
            "createdDate": self.created, "systemModstamp": self.created, "numberRecordsProcessed": processed,
            "numberRecordsFailed": failed, "totalProcessingTime": 1, "apiActiveProcessingTime": 1, "apexProcessingTime": 0,
        }  # fmt: skip


@dataclass(slots=True)
class Job:
    id: str
    operation: str
    sobject: str
    user_id: str
    created: datetime
    api_version: str
    content_type: str
    external_id_field: str | None = None
    concurrency_mode: str = "Parallel"
    state: str = "Open"
    batches: list[Batch] = field(default_factory=list)

    @property
    def is_query(self) -> bool:
        return self.operation in {"query", "queryAll"}

    def to_json(self) -> dict[str, Any]:
        batches = [batch.to_json() for batch in self.batches]
        count: Callable[[str], int] = lambda state: sum(1 for batch in batches if batch["state"] == state)  # noqa: E731
        info: dict[str, Any] = {
            "id": self.id, "operation": self.operation, "object": self.sobject, "createdById": self.user_id, "createdDate": self.created,
            "systemModstamp": self.created, "state": self.state,
        }  # fmt: skip
        if self.external_id_field:
            info["externalIdFieldName"] = self.external_id_field
        return info | {
            "concurrencyMode": self.concurrency_mode, "contentType": self.content_type, "numberBatchesQueued": 0,
            "numberBatchesInProgress": 0, "numberBatchesCompleted": count("Completed"), "numberBatchesFailed": count("Failed"),
            "numberBatchesTotal": len(batches), "numberRecordsProcessed": sum(batch["numberRecordsProcessed"] for batch in batches),
            "numberRetries": 0, "apiVersion": self.api_version,
            "numberRecordsFailed": sum(batch["numberRecordsFailed"] for batch in batches), "totalProcessingTime": len(batches),
            "apiActiveProcessingTime": len(batches), "apexProcessingTime": 0,
        }  # fmt: skip


@routes.post("/job")
def create_job(version: str) -> Response:
    user, wanted = calling_user(), _body()
    operation, content_type = wanted.get("operation", ""), wanted.get("contentType", "XML")
    if content_type not in {"CSV", "JSON"}:
        raise unsupported(f"the Bulk API content type {content_type}")
    sobject, key = wanted.get("object", ""), wanted.get("externalIdFieldName")
    if operation not in {"query", "queryAll"}:
        sobject = check_job(operation, sobject, key)
    mode = {"0": "Parallel", "1": "Serial"}.get(str(wanted.get("concurrencyMode", "0")), str(wanted.get("concurrencyMode")))
    job_id = front_state().shelf(JOB_PREFIX).new_id()
    job = Job(job_id, operation, sobject, user.id, the_org().now(), api_version(), content_type, key, mode)
    _jobs().keep(job.id, job)
    return _info("jobInfo", job.to_json(), 201)


@routes.route("/job/<job_id>", methods=["GET", "POST"])
def job_info(version: str, job_id: str) -> Response:
    job = _job(job_id)
    if request.method == "POST":
        state = _body().get("state", "")
        if state not in {"Closed", "Aborted"} or job.state == "Aborted":
            raise error_class("InvalidJobState")(f"Cannot change the state of job {job.id} from {job.state} to {state or 'nothing'}")
        job.state = state
    return _info("jobInfo", job.to_json())


@routes.post("/job/<job_id>/batch")
def add_batch(version: str, job_id: str) -> Response:
    job, data = _job(job_id), request.get_data(cache=True)
    if job.state != "Open":
        raise error_class("InvalidJobState")(f"Unable to create a batch for job {job.id}: it is {job.state}")
    if len(data) > MOST_BYTES:
        raise error_class("ClientInputError")(f"Batch is larger than {MOST_BYTES} bytes")
    batch = Batch(front_state().shelf(BATCH_PREFIX).new_id(), job.id, the_org().now(), data)
    try:
        _query(job, batch) if job.is_query else _save(job, batch)
    except OrgError as refused:
        batch.state = "Failed"
        batch.message = f"{'InvalidBatch' if refused.code.isupper() else refused.code} : {refused.code}: {refused.message}"
    job.batches.append(batch)
    return _info("batchInfo", batch.to_json(), 201)


@routes.get("/job/<job_id>/batch")
def list_batches(version: str, job_id: str) -> Response:
    return _info("batchInfoList", {"batchInfo": [batch.to_json() for batch in _job(job_id).batches]})


@routes.get("/job/<job_id>/batch/<batch_id>")
def batch_info(version: str, job_id: str, batch_id: str) -> Response:
    return _info("batchInfo", _batch(_job(job_id), batch_id).to_json())


@routes.get("/job/<job_id>/batch/<batch_id>/request")
def batch_request(version: str, job_id: str, batch_id: str) -> Response:
    job = _job(job_id)
    return Response(_batch(job, batch_id).request, content_type=_data_type(job))


@routes.get("/job/<job_id>/batch/<batch_id>/result")
def batch_result(version: str, job_id: str, batch_id: str) -> Response:
    job = _job(job_id)
    batch = _batch(job, batch_id)
    if batch.state != "Completed":
        raise error_class("InvalidBatch")(batch.message or "Batch not completed")
    if job.is_query:
        if job.content_type == "JSON":
            return _typed(dumps([batch.result_id]), "application/json")
        return _typed(f'<result-list xmlns="{NAMESPACE}"><result>{batch.result_id}</result></result-list>', "application/xml")
    if job.content_type == "JSON":
        rows = [
            {"success": each.success, "created": _created(job, each), "id": each.id, "errors": [row_error(error) for error in each.errors]}
            for each in batch.results
        ]
        return _typed(dumps(rows), "application/json")
    cells = [(each.id or "", each.success, _created(job, each), error_text(each)) for each in batch.results]
    return _typed(write_csv(["Id", "Success", "Created", "Error"], cells), "text/csv")


@routes.get("/job/<job_id>/batch/<batch_id>/result/<result_id>")
def query_rows(version: str, job_id: str, batch_id: str, result_id: str) -> Response:
    job = _job(job_id)
    batch = _batch(job, batch_id)
    if batch.result_id is None or batch.result_id[:15] != result_id[:15]:
        raise unknown_job("result", result_id)
    if job.content_type == "JSON" or request.args.get("format") == "json":
        return _typed(dumps(batch.records), "application/json")
    if not batch.records:
        return _typed(write_csv([NO_RECORDS], []), "text/csv")
    header = flat_columns(batch.records[0])
    return _typed(write_csv(header, ([flat_value(record, name) for name in header] for record in batch.records)), "text/csv")


def _query(job: Job, batch: Batch) -> None:
    soql = batch.request.decode("utf-8", errors="replace").strip()
    batch.records = query_records(calling_user(), soql, include_deleted=job.operation == "queryAll", api_version=job.api_version)
    batch.result_id = front_state().shelf(RESULT_PREFIX).new_id()


def _save(job: Job, batch: Batch) -> None:
    records = _json_records(job, batch.request) if job.content_type == "JSON" else _csv_records(job, batch.request)
    if len(records) > MOST_RECORDS:
        raise error_class("ClientInputError")(f"Batch has more than {MOST_RECORDS} records")
    batch.results = save_records(calling_user(), job.operation, job.sobject, job.external_id_field, records)


def _csv_records(job: Job, data: bytes) -> list[BulkRecord]:
    header, rows = read_csv(data)
    records: list[BulkRecord] = []
    for row in rows:
        try:
            records.append(to_record(job.sobject, header, row))
        except OrgError as unreadable:
            records.append(unreadable)
    return records


def _json_records(job: Job, data: bytes) -> list[BulkRecord]:
    try:
        rows = json.loads(data, parse_float=Decimal)
    except ValueError as unreadable:
        raise error_class("InvalidBatch")(f"Failed to parse JSON: {unreadable}") from unreadable
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise error_class("InvalidBatch")("A JSON batch is an array of records")
    return [{**row, "attributes": {"type": job.sobject}} for row in rows]


def _jobs() -> Shelf[Job]:
    return cast("Shelf[Job]", front_state().shelf(JOB_PREFIX + "v1"))


def _job(job_id: str) -> Job:
    calling_user()
    job = _jobs().get(job_id)
    if job is None:
        refused = unknown_job("job", job_id)
        refused.code = "InvalidJob"
        refused.status = 400
        raise refused
    return job


def _batch(job: Job, batch_id: str) -> Batch:
    found = next((batch for batch in job.batches if batch.id[:15] == batch_id[:15]), None)
    if found is None:
        raise unknown_job("batch", batch_id)
    return found


def _created(job: Job, result: SaveResult) -> bool:
    return result.success and (result.created if result.created is not None else job.operation == "insert")


def _is_json() -> bool:
    return "json" in request.headers.get("Content-Type", "") or request.accept_mimetypes.best == "application/json"


def _body() -> dict[str, str]:
    """The job description as XML or JSON, flat either way."""
    data = request.get_data(cache=True)
    if _is_json():
        try:
            value = json.loads(data)
        except ValueError as unreadable:
            raise error_class("InvalidJob")(f"Failed to parse JSON: {unreadable}") from unreadable
        return {str(name): str(each) for name, each in value.items()} if isinstance(value, dict) else {}
    root = parse(data)
    names = ("operation", "object", "externalIdFieldName", "concurrencyMode", "contentType", "state", "assignmentRuleId")
    found = ((name, child(root, name)) for name in names)
    return {name: (element.text or "").strip() for name, element in found if element is not None}


def _info(name: str, value: dict[str, Any], status: int = 200) -> Response:
    if _is_json():
        return _typed(dumps(value), "application/json", status)
    inner = "".join(xml_of(key, _moment(each)) for key, each in value.items())
    return _typed(f'<?xml version="1.0" encoding="UTF-8"?><{name} xmlns="{NAMESPACE}">{inner}</{name}>', "application/xml", status)


def _moment(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    if isinstance(value, list):
        return [_moment(each) for each in value]
    return {key: _moment(each) for key, each in value.items()} if isinstance(value, dict) else value


def _data_type(job: Job) -> str:
    return "application/json" if job.content_type == "JSON" else "text/csv"


def _typed(text: str, content_type: str, status: int = 200) -> Response:
    """salesforce-bulk compares the content type for equality: no charset."""
    return Response(text.encode(), status=status, headers={"Content-Type": content_type})
