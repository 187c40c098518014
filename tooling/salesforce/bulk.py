"""Bulk API 2.0: very many records in a few calls, as jobs that the org works off by itself."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from tooling.errors import OrgRefused, Unreachable
from tooling.salesforce.org import Operation, Row, RowOutcome, Write
from tooling.salesforce.refusals import NextAction, next_action, shortened
from tooling.salesforce.transport import TimedOut, Transport

LARGEST_UPLOAD = 100_000_000
"""Bytes of CSV in one job: 150 MB are allowed after base64 encoding (Bulk API 2.0 Developer Guide, "Upload Job Data")."""
FIRST_PAUSE, LONGEST_PAUSE, LONGEST_WAIT = 1.0, 20.0, 4 * 3600.0
"""Seconds between looks at a job, and until it is given up."""
PAGE = 50_000
"""Records in a page of query results."""
NULL = "#N/A"

# `CODE:message:Field1,Field2 --`: the message may hold colons, field names cannot.
_ERROR = re.compile(r"(?P<code>[A-Z][A-Z0-9_]+):(?P<message>.*):(?P<fields>[\w, ]*)--\s*\Z", re.DOTALL)


class BulkJobs:
    """Runs ingest and query jobs and waits for them."""

    def __init__(self, transport: Transport, sleep: Callable[[float], None]) -> None:
        self._transport = transport
        self._sleep = sleep

    def write(self, write: Write) -> list[RowOutcome | None]:
        """One outcome per row, in order; None for a row to be sent by other means. Rows are told apart by `key`, or `Id`.

        Raises:
            Unreachable: the org does not finish the job. What it did stays.
        """
        name = "Id" if write.operation in (Operation.UPDATE, Operation.DELETE) else write.key
        if name is None:
            return [None] * len(write.rows)
        outcomes: list[RowOutcome | None] = [None] * len(write.rows)
        columns = list(dict.fromkeys(column for row in write.rows for column in row))
        for positions, data in _uploads(columns, write.rows):
            job = self._run(write, data)
            where = {str(write.rows[position][name]): position for position in positions}
            if job["state"] == "JobComplete" and not job.get("numberRecordsFailed"):
                done: Mapping[str, RowOutcome] = dict.fromkeys(where, RowOutcome(None, True, created=write.operation is Operation.INSERT))
            else:
                done = self._results(job, name, is_insert=write.operation is Operation.INSERT)
            for key, outcome in done.items():
                if outcome.success or next_action(outcome.code) is not NextAction.RETRY:
                    outcomes[where[key]] = outcome
        return outcomes

    def query(self, query: str) -> Iterator[Mapping[str, str]]:
        """All records, as texts; an empty text is null."""
        job = self._transport.call("POST", "jobs/query", json={"operation": "query", "query": query})
        self._finished("query", job)
        locator = ""
        while True:
            params = {"maxRecords": str(PAGE), **({"locator": locator} if locator else {})}
            page = self._transport.exchange("GET", f"jobs/query/{job['id']}/results", params=params, headers={"Accept": "text/csv"})
            page.encoding = "utf-8"
            yield from csv.DictReader(io.StringIO(page.text, newline=""))
            locator = page.headers.get("Sforce-Locator", "null")
            if locator in ("", "null"):
                return

    def _run(self, write: Write, data: bytes) -> Mapping[str, Any]:
        """The finished job. A step whose answer is lost is looked up before it is repeated."""
        kind: dict[str, Any] = {"object": write.sobject, "operation": write.operation.value, "contentType": "CSV", "lineEnding": "LF"}
        if write.operation is Operation.UPSERT:
            kind["externalIdFieldName"] = write.key
        job = self._transport.call("POST", "jobs/ingest", json=kind)  # one that was made twice stays empty, and the org drops it
        try:
            self._upload(job["id"], data)
        except TimedOut:
            # A job takes one upload, and whether it got this one is not known: another job.
            self._transport.call("PATCH", f"jobs/ingest/{job['id']}", json={"state": "Aborted"})
            job = self._transport.call("POST", "jobs/ingest", json=kind)
            self._upload(job["id"], data)
        try:
            self._transport.call("PATCH", f"jobs/ingest/{job['id']}", json={"state": "UploadComplete"}, repeat_after_time_out=False)
        except TimedOut:
            if self._transport.get(f"jobs/ingest/{job['id']}")["state"] == "Open":
                self._transport.call("PATCH", f"jobs/ingest/{job['id']}", json={"state": "UploadComplete"})
        return self._finished("ingest", job)

    def _upload(self, job_id: str, data: bytes) -> None:
        headers = {"Content-Type": "text/csv; charset=UTF-8", "Accept": "application/json"}
        self._transport.exchange("PUT", f"jobs/ingest/{job_id}/batches", data=data, headers=headers, repeat_after_time_out=False)

    def _finished(self, kind: str, job: Mapping[str, Any]) -> Mapping[str, Any]:
        pause, waited = FIRST_PAUSE, 0.0
        while True:
            told: Mapping[str, Any] = self._transport.get(f"jobs/{kind}/{job['id']}")
            if told["state"] in ("JobComplete", "Failed", "Aborted"):
                if kind == "query" and told["state"] != "JobComplete":
                    raise OrgRefused("BULK_QUERY_FAILED", str(told.get("errorMessage") or told["state"]))
                return told
            if waited >= LONGEST_WAIT:
                raise Unreachable(f"the Bulk job {job['id']} is {told['state']} after {waited / 3600:.0f} hours", "Running again is safe.")
            self._sleep(pause)
            waited += pause
            pause = min(pause * 1.5, LONGEST_PAUSE)

    def _results(self, job: Mapping[str, Any], name: str, *, is_insert: bool) -> dict[str, RowOutcome]:
        """By key: what the job says of each record that it processed."""
        found = {
            row[name]: RowOutcome(row["sf__Id"], True, created=is_insert or row["sf__Created"] == "true")
            for row in self._rows(job, "successfulResults")
        }
        for row in self._rows(job, "failedResults"):
            found[row[name]] = _refusal(row["sf__Error"])
        return found

    def _rows(self, job: Mapping[str, Any], part: str) -> Iterator[Mapping[str, str]]:
        answer = self._transport.exchange("GET", f"jobs/ingest/{job['id']}/{part}", headers={"Accept": "text/csv"})
        answer.encoding = "utf-8"
        yield from csv.DictReader(io.StringIO(answer.text, newline=""))


def _refusal(text: str) -> RowOutcome:
    """What the cell `sf__Error` says.

    >>> _refusal("STRING_TOO_LONG:Language: data value too large:Language__c --").fields
    ('Language__c',)
    """
    found = _ERROR.match(text)
    if found is None:
        return RowOutcome(None, False, code="UNKNOWN_BULK_ERROR", message=shortened(text))
    names = tuple(name.strip() for name in found["fields"].split(",") if name.strip())
    return RowOutcome(None, False, code=found["code"], message=shortened(found["message"]), fields=names)


def _uploads(columns: Sequence[str], rows: Sequence[Row]) -> Iterator[tuple[list[int], bytes]]:
    """Rows by position, and their CSV. A text that CSV would take for "no value" is left to other means."""
    positions, text = list[int](), _begun(columns)
    for position, row in enumerate(rows):
        if NULL in row.values():
            continue
        csv.writer(text, lineterminator="\n").writerow([_cell(row[column]) if column in row else "" for column in columns])
        positions.append(position)
        if text.tell() > LARGEST_UPLOAD // 3:  # a character may take three bytes
            yield positions, text.getvalue().encode()
            positions, text = [], _begun(columns)
    if positions:
        yield positions, text.getvalue().encode()


def _begun(columns: Sequence[str]) -> io.StringIO:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerow(columns)
    return text


def _cell(value: object) -> str:
    if value is None:
        return NULL
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
