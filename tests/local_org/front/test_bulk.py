"""Both Bulk APIs, through the unmodified client and as other clients speak them."""

from __future__ import annotations

import csv
import io

import pytest

V = "/services/data/v66.0"
ASYNC = "/services/async/64.0"
NAMESPACE = "http://www.force.com/2009/06/asyncapi/dataload"
pytestmark = pytest.mark.usefixtures("clean")


def job_xml(**values):
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in values.items())
    return f'<?xml version="1.0"?><jobInfo xmlns="{NAMESPACE}">{inner}</jobInfo>'


def text_of(xml, name):
    return xml.split(f"<{name}>")[1].split("<")[0]


@pytest.fixture
def bulk(rest):
    """Bulk v1 has a header of its own for the session."""
    rest.headers["X-SFDC-Session"] = rest.headers.pop("Authorization").removeprefix("Bearer ")
    return rest


def test_bulk1__csv_as_cci_sends_it(bulk):
    """XML job, chunked CSV batch, finished at once, results with one error cell per row."""
    made = bulk.post(
        f"{ASYNC}/job",
        data=job_xml(operation="insert", object="Widget__c", concurrencyMode="Parallel", contentType="CSV"),
        headers={"Content-Type": "application/xml; charset=UTF-8"},
    )
    assert (made.status_code, made.headers["Content-Type"]) == (201, "application/xml")
    job = text_of(made.text, "id")
    rows = [b'"Name","Quantity__c"\n', b'"A","1"\n', b'"B","-1"\n', b'"C",""\n']
    batch = bulk.post(f"{ASYNC}/job/{job}/batch", data=iter(rows), headers={"Content-Type": "text/csv; charset=UTF-8"})
    assert batch.status_code == 201
    assert text_of(batch.text, "state") == "Completed"
    assert text_of(batch.text, "numberRecordsFailed") == "1"
    closed = bulk.post(f"{ASYNC}/job/{job}", data=job_xml(state="Closed"), headers={"Content-Type": "application/xml"})
    assert text_of(closed.text, "state") == "Closed"
    result = bulk.get(f"{ASYNC}/job/{job}/batch/{text_of(batch.text, 'id')}/result")
    assert result.headers["Content-Type"] == "text/csv"
    found = list(csv.DictReader(io.StringIO(result.text)))
    assert [row["Success"] for row in found] == ["true", "false", "true"]
    assert found[1]["Error"] == "FIELD_CUSTOM_VALIDATION_EXCEPTION:A quantity cannot be negative.:Quantity__c --"
    late = bulk.post(f"{ASYNC}/job/{job}/batch", data=b'"Name"\n"D"\n', headers={"Content-Type": "text/csv"})
    assert late.status_code == 400
    assert "<exceptionCode>InvalidJobState</exceptionCode>" in late.text


def test_bulk1__closed_job_without_batches(bulk):
    """An empty job lists no batches."""
    made = bulk.post(f"{ASYNC}/job", data=job_xml(operation="query", object="Widget__c", contentType="CSV"))
    listed = bulk.get(f"{ASYNC}/job/{text_of(made.text, 'id')}/batch").text
    assert "<batchInfo>" not in listed
    assert "batchInfoList" in listed


def test_bulk1__query_without_records(bulk):
    """A query that finds nothing answers one header cell."""
    made = bulk.post(f"{ASYNC}/job", data=job_xml(operation="query", object="Widget__c", contentType="CSV"))
    job = text_of(made.text, "id")
    batch = text_of(bulk.post(f"{ASYNC}/job/{job}/batch", data="SELECT Id FROM Widget__c", headers={"Content-Type": "text/csv"}).text, "id")
    result = text_of(bulk.get(f"{ASYNC}/job/{job}/batch/{batch}/result").text, "result")
    assert bulk.get(f"{ASYNC}/job/{job}/batch/{batch}/result/{result}").text.strip() == '"Records not found for this query"'


def test_bulk1__unknown_session_and_job(bulk):
    """Errors are XML with names of their own."""
    assert "<exceptionCode>InvalidJob</exceptionCode>" in bulk.get(f"{ASYNC}/job/750000000000000AAA").text
    refused = bulk.get(f"{ASYNC}/job/750000000000000AAA", headers={"X-SFDC-Session": "wrong"})
    assert refused.status_code == 401
    assert "<exceptionCode>InvalidSessionId</exceptionCode>" in refused.text


def test_bulk1__simple_salesforce(salesforce):
    """The unmodified client inserts, upserts, queries and deletes over JSON."""
    results = salesforce.bulk.Widget__c.insert([{"Name": f"W{n}", "Key__c": f"k{n}"} for n in range(5)])
    assert [each["success"] for each in results] == [True] * 5
    again = salesforce.bulk.Widget__c.upsert([{"Name": "New", "Key__c": "k0"}, {"Name": "W9", "Key__c": "k9"}], "Key__c")
    assert [each["created"] for each in again] == [False, True]
    found = salesforce.bulk.Widget__c.query("SELECT Id, Name FROM Widget__c ORDER BY Key__c")
    assert [each["Name"] for each in found] == ["New", "W1", "W2", "W3", "W4", "W9"]
    gone = salesforce.bulk.Widget__c.delete([{"Id": each["Id"]} for each in found])
    assert all(each["success"] for each in gone)


def test_bulk2__simple_salesforce(salesforce, monkeypatch):
    """The unmodified client loads, reads the failures and queries."""
    # It sleeps five seconds before it looks for the first time.
    monkeypatch.setattr("simple_salesforce.bulk2.sleep", lambda seconds: None)
    rows = [{"Name": f"B{n}", "Quantity__c": str(n - 1), "Key__c": f"b{n}"} for n in range(450)]
    [job] = salesforce.bulk2.Widget__c.insert(records=rows)
    assert (job["numberRecordsProcessed"], job["numberRecordsFailed"]) == (450, 1)
    failed = list(csv.DictReader(io.StringIO(salesforce.bulk2.Widget__c.get_failed_records(job["job_id"]))))
    assert failed[0]["sf__Error"] == "FIELD_CUSTOM_VALIDATION_EXCEPTION:A quantity cannot be negative.:Quantity__c --"
    assert failed[0]["Name"] == "B0"
    good = list(csv.DictReader(io.StringIO(salesforce.bulk2.Widget__c.get_successful_records(job["job_id"]))))
    assert len(good) == 449
    assert {row["sf__Created"] for row in good} == {"true"}
    [page] = salesforce.bulk2.Widget__c.query("SELECT Name, Quantity__c FROM Widget__c WHERE Key__c = 'b7'")
    assert list(csv.DictReader(io.StringIO(page))) == [{"Name": "B7", "Quantity__c": "6.0"}] or "B7" in page
    [done] = salesforce.bulk2.Widget__c.upsert(records=[{"Key__c": "b7", "Name": "#N/A"}], external_id_field="Key__c")
    assert done["numberRecordsProcessed"] == 1


def test_bulk2__query_headers(rest):
    """Results carry the locator `null` and the number of records, also when there are none."""
    job = rest.post(f"{V}/jobs/query", json={"operation": "query", "query": "SELECT Id FROM Widget__c"}).json()
    assert rest.get(f"{V}/jobs/query/{job['id']}").json()["state"] == "JobComplete"
    results = rest.get(f"{V}/jobs/query/{job['id']}/results")
    assert (results.headers["Sforce-Locator"], results.headers["Sforce-NumberOfRecords"]) == ("null", "0")


def test_bulk2__relationship_columns_and_null(rest):
    """A column may name a parent by external id; `#N/A` empties a field."""
    account = rest.post(f"{V}/sobjects/Account", json={"Name": "P", "Ext__c": "p1"}).json()["id"]
    job = rest.post(f"{V}/jobs/ingest", json={"object": "Widget__c", "operation": "insert", "lineEnding": "LF"}).json()
    assert job["state"] == "Open"
    upload = rest.put("/" + job["contentUrl"], data=b"Name,Account__r.Ext__c,Notes__c\nW,p1,#N/A\n", headers={"Content-Type": "text/csv"})
    assert (upload.status_code, upload.content) == (201, b"")
    rest.patch(f"{V}/jobs/ingest/{job['id']}", json={"state": "UploadComplete"})
    assert rest.get(f"{V}/jobs/ingest/{job['id']}").json()["state"] == "JobComplete"
    assert rest.get(f"{V}/jobs/ingest/{job['id']}/unprocessedrecords").text.startswith('"Name"')
    [found] = rest.get(f"{V}/query?q=SELECT+Account__c,Notes__c+FROM+Widget__c").json()["records"]
    assert (found["Account__c"], found["Notes__c"]) == (account, None)
    assert rest.delete(f"{V}/jobs/ingest/{job['id']}").status_code == 204


def test_bulk2__unreadable_upload_fails_the_job(rest):
    """A job without data ends as Failed and says why."""
    job = rest.post(f"{V}/jobs/ingest", json={"object": "Widget__c", "operation": "insert"}).json()
    rest.put("/" + job["contentUrl"], data=b"", headers={"Content-Type": "text/csv"})
    rest.patch(f"{V}/jobs/ingest/{job['id']}", json={"state": "UploadComplete"})
    answer = rest.get(f"{V}/jobs/ingest/{job['id']}").json()
    assert answer["state"] == "Failed"
    assert answer["errorMessage"].startswith("InvalidBatch")
