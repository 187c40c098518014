"""Bulk API 2.0: ingest and query jobs, finished inside the request that closes or creates them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from flask import Blueprint, Response, request

from ..engine.org import SaveResult
from ..errors import JsonParserError, NotFound, OrgError, error_class
from .bulk_work import BulkRecord, check_job, error_text, query_records, save_records
from .csv_records import DELIMITERS, LINE_ENDINGS, flat_columns, flat_value, read_csv, to_record, write_csv
from .errors import NOT_THERE
from .state import Shelf
from .wire import api_version, calling_user, front_state, json_object, no_content, reply, the_org

routes = Blueprint("bulk2", __name__)

JOB_PREFIX = "750"


@dataclass(slots=True)
class Job:
    """An ingest or query job; `rows` are the uploaded cells, `results` stand beside them when it is done."""

    id: str
    kind: str
    user_id: str
    operation: str
    created: datetime
    api_version: str
    sobject: str = ""
    external_id_field: str | None = None
    delimiter: str = "COMMA"
    line_ending: str = "LF"
    soql: str = ""
    state: str = "Open"
    error: str | None = None
    upload: bytes | None = None
    header: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    results: list[SaveResult] = field(default_factory=list)
    records: list[dict[str, Any]] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        moment = self.created
        info: dict[str, Any] = {
            "id": self.id, "operation": self.operation, "object": self.sobject, "createdById": self.user_id, "createdDate": moment,
            "systemModstamp": moment, "state": self.state, "concurrencyMode": "Parallel", "contentType": "CSV",
            "apiVersion": float(self.api_version), "lineEnding": self.line_ending, "columnDelimiter": self.delimiter,
        }  # fmt: skip
        if self.kind == "ingest" and self.external_id_field:
            info["externalIdFieldName"] = self.external_id_field
        if self.kind == "ingest" and self.state == "Open":
            info["contentUrl"] = f"services/data/v{self.api_version}/jobs/ingest/{self.id}/batches"
        if self.state != "Open":
            info |= {
                "jobType": "V2Ingest" if self.kind == "ingest" else "V2Query",
                "numberRecordsProcessed": len(self.results) if self.kind == "ingest" else len(self.records),
                "retries": 0, "totalProcessingTime": 1, "apiActiveProcessingTime": 1, "apexProcessingTime": 0,
            }  # fmt: skip
            if self.kind == "ingest":
                info["numberRecordsFailed"] = sum(1 for result in self.results if not result.success)
        if self.error:
            info["errorMessage"] = self.error
        return info


def _jobs() -> Shelf[Job]:
    return cast("Shelf[Job]", front_state().shelf(JOB_PREFIX + "v2"))


def _job(kind: str, job_id: str) -> Job:
    calling_user()
    job = _jobs().get(job_id)
    if job is None or job.kind != kind:
        raise NotFound(NOT_THERE)
    return job


@routes.post("/services/data/v<version:version>/jobs/ingest")
def create_ingest(version: str) -> Response:
    user, body = calling_user(), json_object()
    operation, external_id = str(body.get("operation", "")), body.get("externalIdFieldName")
    job = _new_job("ingest", operation, body)
    job.sobject = check_job(operation, str(body.get("object", "")), external_id)
    job.external_id_field = external_id
    if body.get("contentType", "CSV") != "CSV":
        raise error_class("INVALIDENTITY")("Only the content type CSV is supported")
    job.user_id = user.id
    _jobs().keep(job.id, job)
    return reply(job.to_json())


@routes.get("/services/data/v<version:version>/jobs/<any(ingest, query):kind>")
def list_jobs(version: str, kind: str) -> Response:
    calling_user()
    records = [job.to_json() for job in _jobs().values() if job.kind == kind]
    return reply({"done": True, "records": records, "nextRecordsUrl": None})


@routes.put("/services/data/v<version:version>/jobs/ingest/<job_id>/batches")
def upload(version: str, job_id: str) -> Response:
    job = _job("ingest", job_id)
    if job.state != "Open" or job.upload is not None:
        raise error_class("INVALIDJOBSTATE")("Found multiple contents for job: only one upload is allowed per job")
    job.upload = request.get_data(cache=True)
    return Response(status=201)


@routes.patch("/services/data/v<version:version>/jobs/<any(ingest, query):kind>/<job_id>")
def set_state(version: str, kind: str, job_id: str) -> Response:
    job = _job(kind, job_id)
    state = json_object().get("state")
    if state == "Aborted" and job.state in {"Open", "UploadComplete", "InProgress"}:
        job.state = "Aborted"
        return reply(job.to_json())
    if kind != "ingest" or state != "UploadComplete" or job.state != "Open":
        raise error_class("INVALIDJOBSTATE")(f"Changing the state of the job from {job.state} to {state} is not allowed")
    job.state = "UploadComplete"
    answer = job.to_json()
    _ingest(job)
    return reply(answer)


@routes.get("/services/data/v<version:version>/jobs/<any(ingest, query):kind>/<job_id>")
def job_info(version: str, kind: str, job_id: str) -> Response:
    return reply(_job(kind, job_id).to_json())


@routes.delete("/services/data/v<version:version>/jobs/<any(ingest, query):kind>/<job_id>")
def delete_job(version: str, kind: str, job_id: str) -> Response:
    job = _job(kind, job_id)
    if job.state not in {"UploadComplete", "JobComplete", "Aborted", "Failed"}:
        raise error_class("INVALIDJOBSTATE")(f"Deleting a job in state {job.state} is not allowed")
    _jobs().drop(job.id)
    return no_content()


@routes.get("/services/data/v<version:version>/jobs/ingest/<job_id>/<part>")
def ingest_results(version: str, job_id: str, part: str) -> Response:
    """Clients differ in the case of the last word."""
    job = _job("ingest", job_id)
    done = list(zip(job.rows, job.results, strict=False))
    wanted = part.lower()
    if wanted == "successfulresults":
        created = [(result.id, bool(_was_created(job, result)), *row) for row, result in done if result.success]
        return _csv(job, ["sf__Id", "sf__Created", *job.header], created)
    if wanted == "failedresults":
        failed = [(result.id or "", error_text(result), *row) for row, result in done if not result.success]
        return _csv(job, ["sf__Id", "sf__Error", *job.header], failed)
    if wanted == "unprocessedrecords":
        return _csv(job, job.header, job.rows[len(job.results) :])
    raise NotFound(NOT_THERE)


@routes.post("/services/data/v<version:version>/jobs/query")
def create_query(version: str) -> Response:
    user, body = calling_user(), json_object()
    operation = str(body.get("operation", "query"))
    if operation not in {"query", "queryAll"}:
        raise error_class("INVALIDENTITY")(f"Unknown operation of a query job: {operation}")
    job = _new_job("query", operation, body)
    job.soql, job.user_id = str(body.get("query", "")), user.id
    job.records = query_records(user, job.soql, include_deleted=operation == "queryAll", api_version=api_version())
    job.header = flat_columns(job.records[0]) if job.records else []
    job.sobject = str(job.records[0].get("attributes", {}).get("type", "")) if job.records else ""
    job.state = "UploadComplete"
    answer = job.to_json()
    job.state = "JobComplete"
    _jobs().keep(job.id, job)
    return reply(answer)


@routes.get("/services/data/v<version:version>/jobs/query/<job_id>/results")
def query_results(version: str, job_id: str) -> Response:
    """One page unless `maxRecords` is given: jsforce cannot read a second one."""
    job = _job("query", job_id)
    start = int(request.args.get("locator") or 0) if (request.args.get("locator") or "0").isdigit() else 0
    most = int(request.args.get("maxRecords", "0") or 0) or len(job.records)
    page = job.records[start : start + most]
    rows = [[flat_value(record, column) for column in job.header] for record in page]
    response = _csv(job, job.header, rows)
    following = start + len(page)
    response.headers["Sforce-Locator"] = str(following) if following < len(job.records) else "null"
    response.headers["Sforce-NumberOfRecords"] = str(len(page))
    return response


def _new_job(kind: str, operation: str, body: dict[str, Any]) -> Job:
    delimiter, line_ending = body.get("columnDelimiter", "COMMA"), body.get("lineEnding", "LF")
    if delimiter not in DELIMITERS or line_ending not in LINE_ENDINGS:
        raise JsonParserError(f"columnDelimiter takes {', '.join(DELIMITERS)}; lineEnding takes {', '.join(LINE_ENDINGS)}")
    job_id = front_state().shelf(JOB_PREFIX).new_id()
    return Job(job_id, kind, "", operation, the_org().now(), api_version(), delimiter=delimiter, line_ending=line_ending)


def _ingest(job: Job) -> None:
    try:
        job.header, job.rows = read_csv(job.upload or b"", DELIMITERS[job.delimiter])
        records = [_read(job, row) for row in job.rows]
        job.results = save_records(calling_user(), job.operation, job.sobject, job.external_id_field, records)
    except OrgError as refused:
        job.state, job.error = "Failed", f"InvalidBatch : {refused.message}"
        return
    finally:
        job.upload = None
    job.state = "JobComplete"


def _read(job: Job, row: list[str]) -> BulkRecord:
    try:
        return to_record(job.sobject, job.header, row)
    except OrgError as unreadable:
        return unreadable


def _was_created(job: Job, result: SaveResult) -> bool | None:
    return result.created if result.created is not None else job.operation == "insert"


def _csv(job: Job, header: list[str], rows: Any) -> Response:
    text = write_csv(header, rows, delimiter=DELIMITERS[job.delimiter], line_ending=LINE_ENDINGS[job.line_ending])
    return Response(text, content_type="text/csv")
