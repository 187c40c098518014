"""One record at a time."""

from __future__ import annotations

import pytest
from simple_salesforce import Salesforce, SalesforceMoreThanOneRecord, SalesforceResourceNotFound

V = "/services/data/v66.0"
pytestmark = pytest.mark.usefixtures("clean")


def test_record__created_read_changed_deleted(rest):
    """A record goes through its life with the statuses Salesforce answers: 201, 200, 204, 204, 404."""
    created = rest.post(f"{V}/sobjects/Account/", json={"Name": "Acme", "NumberOfEmployees": "12"})
    assert created.status_code == 201
    assert created.headers["Content-Type"] == "application/json;charset=UTF-8"
    assert created.headers["Sforce-Limit-Info"].startswith("api-usage=")
    body = created.json()
    assert body == {"id": body["id"], "success": True, "errors": []}
    address = f"{V}/sobjects/Account/{body['id']}"
    read = rest.get(address).json()
    assert read["attributes"] == {"type": "Account", "url": address}
    assert (read["Name"], read["NumberOfEmployees"]) == ("Acme", 12)
    assert rest.patch(address, json={"Name": "Acme 2"}).status_code == 204
    assert rest.get(f"{address}?fields=Name").json()["Name"] == "Acme 2"
    assert rest.delete(address).status_code == 204
    gone = rest.get(address)
    assert gone.status_code == 404


def test_record__fifteen_character_id_is_accepted(rest):
    """Ids of 15 characters name the same record."""
    made = rest.post(f"{V}/sobjects/Account", json={"Name": "Short"}).json()["id"]
    assert rest.get(f"{V}/sobjects/Account/{made[:15]}").json()["Id"] == made


def test_version__is_echoed_and_unknown_ones_are_refused(rest):
    """Addresses in answers carry the caller's version; a version that never was answers 404."""
    made = rest.post("/services/data/v38.0/sobjects/Account", json={"Name": "Old"}).json()["id"]
    assert rest.get(f"/services/data/v38.0/sobjects/Account/{made}").json()["attributes"]["url"].startswith("/services/data/v38.0/")
    refused = rest.get("/services/data/v999.0/sobjects")
    assert (refused.status_code, refused.json()[0]["errorCode"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize("path", [f"/{V}/sobjects", f"{V}//sobjects/", f"/{V}/sobjects//"])
def test_path__doubled_and_trailing_slashes(rest, path):
    """sf doubles slashes, simple-salesforce appends one: all mean the same resource."""
    assert rest.get(path).status_code == 200


def test_upsert__created_updated_ambiguous(rest):
    """By external id: 201 created, 200 updated, 204 before API version 46, 300 with the addresses when several match."""
    address = f"{V}/sobjects/Widget__c/Key__c/k%2F1"
    first = rest.patch(address, json={"Name": "One"})
    assert (first.status_code, first.json()["created"]) == (201, True)
    second = rest.patch(address, json={"Name": "Two"})
    assert (second.status_code, second.json()["created"]) == (200, False)
    assert rest.get(address).json()["Key__c"] == "k/1"
    assert rest.patch(address.replace("v66.0", "v45.0"), json={"Name": "Three"}).status_code == 204
    for name in ("A", "B"):
        rest.post(f"{V}/sobjects/Widget__c", json={"Name": name, "Group__c": "same"})
    several = rest.patch(f"{V}/sobjects/Widget__c/Group__c/same", json={"Name": "C"})
    assert several.status_code == 300
    assert len(several.json()) == 2
    assert all(each.startswith(f"{V}/sobjects/Widget__c/") for each in several.json())


def test_upsert__update_only_creates_nothing(rest):
    """`updateOnly=true` answers 404 where no record has the key."""
    assert rest.patch(f"{V}/sobjects/Widget__c/Key__c/none?updateOnly=true", json={"Name": "X"}).status_code == 404


def test_describe__unmodified(rest):
    """A describe carries ETag and Last-Modified, and answers 304 to who has it already."""
    first = rest.get(f"{V}/sobjects/Widget__c/describe")
    assert first.json()["name"] == "Widget__c"
    again = rest.get(f"{V}/sobjects/Widget__c/describe", headers={"If-Modified-Since": first.headers["Last-Modified"]})
    assert (again.status_code, again.content) == (304, b"")
    assert rest.get(f"{V}/sobjects/Widget__c/describe", headers={"If-None-Match": first.headers["ETag"]}).status_code == 304


def test_describe_global__lists_objects(rest):
    """The global describe has the keys clients read, for standard and custom objects."""
    answer = rest.get(f"{V}/sobjects").json()
    assert (answer["encoding"], answer["maxBatchSize"]) == ("UTF-8", 200)
    entries = {each["name"]: each for each in answer["sobjects"]}
    assert {"Account", "Contact", "Widget__c"} <= set(entries)
    assert entries["Widget__c"]["custom"] is True
    assert entries["Account"]["urls"]["sobject"] == f"{V}/sobjects/Account"


def test_simple_salesforce__drives_records(salesforce: Salesforce):
    """The unmodified client creates, reads, upserts, queries and meets its own exceptions."""
    made = salesforce.Account.create({"Name": "Client"})
    assert salesforce.Account.get(made["id"])["Name"] == "Client"
    assert salesforce.Widget__c.upsert("Key__c/s-1", {"Name": "W"}) == 201
    assert salesforce.Widget__c.upsert("Key__c/s-1", {"Name": "W2"}) == 200
    for _ in range(2):
        salesforce.Widget__c.create({"Name": "Same", "Group__c": "twice"})
    with pytest.raises(SalesforceMoreThanOneRecord):
        salesforce.Widget__c.upsert("Group__c/twice", {"Name": "Z"})
    with pytest.raises(SalesforceResourceNotFound):
        salesforce.Account.get_by_custom_id("Ext__c", "nothing")
    assert salesforce.query("SELECT Name FROM Widget__c WHERE Key__c = 's-1'")["records"][0]["Name"] == "W2"
    assert salesforce.describe()["maxBatchSize"] == 200
    assert salesforce.api_usage["api-usage"].total == 15000
