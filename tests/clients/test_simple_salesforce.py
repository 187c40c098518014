"""Unmodified simple-salesforce against a served org: every way to log in, and every API it speaks."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceAuthenticationFailed, SalesforceMalformedRequest

from tests.clients.world import World
from tests.metadata_zip import zipped_package
from tooling.local_org.engine.org import ADMIN_TOKEN

pytestmark = pytest.mark.clients

ADMIN = "admin@local.example"


@pytest.fixture(autouse=True)
def _environment(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the clients in processes of their own get, for this one."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or name in {"CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"}:
            monkeypatch.delenv(name)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", world.environ()["REQUESTS_CA_BUNDLE"])


@pytest.fixture
def salesforce(world: World) -> Iterator[Salesforce]:
    client = Salesforce(instance_url=world.served.url, session_id=ADMIN_TOKEN, version="66.0")
    yield client
    client.session.close()


@pytest.fixture(scope="module")
def private_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("keys") / "jwt.key"
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption())
    )
    return path


LOGINS: dict[str, Mapping[str, str]] = {
    "SOAP": {"username": ADMIN, "password": "any", "security_token": "any"},
    "OAuth password": {"username": ADMIN, "password": "any", "consumer_key": "ck", "consumer_secret": "cs"},
    "client credentials": {"consumer_key": "ck", "consumer_secret": "cs"},
    "JWT": {"username": ADMIN, "consumer_key": "ck"},
}


@pytest.mark.parametrize("flow", LOGINS)
def test_login__each_flow(flow: str, world: World, private_key: Path) -> None:
    """Each of its login flows ends in a session that can query."""
    given = {**LOGINS[flow], **({"privatekey_file": str(private_key)} if flow == "JWT" else {})}
    # A domain with a path keeps the login host ours: simple-salesforce appends .salesforce.com to it.
    client = Salesforce(**given, domain=f"localhost:{world.served.port}/login")

    assert client.query("SELECT Id FROM Organization")["records"][0]["Id"] == "00D000000000001EAA"
    client.session.close()


def test_login__unknown_user_is_refused(world: World) -> None:
    """A user that the org does not have gets no session."""
    with pytest.raises(SalesforceAuthenticationFailed):
        Salesforce(username="nobody@local.example", password="any", security_token="any", domain=f"localhost:{world.served.port}/login")


def test_rest__the_life_of_a_record(salesforce: Salesforce) -> None:
    """Created, read, changed, upserted by a key, deleted."""
    created = salesforce.Account.create({"Name": "Simple and Sons", "NPS_Company_Id__c": "simple-1"})
    assert created["success"] is True
    assert salesforce.Account.update(created["id"], {"Industry": "Retail"}) == 204
    assert salesforce.Account.upsert("NPS_Company_Id__c/simple-1", {"Name": "Simple and Daughters"}) in {200, 204}

    found = salesforce.Account.get_by_custom_id("NPS_Company_Id__c", "simple-1")
    assert (found["Id"], found["Name"], found["Industry"]) == (created["id"], "Simple and Daughters", "Retail")
    assert salesforce.Account.delete(created["id"]) == 204
    assert salesforce.query(f"SELECT Id FROM Account WHERE Id = '{created['id']}'")["totalSize"] == 0


def test_rest__pages_and_relationships(salesforce: Salesforce) -> None:
    """Every page of a query is fetched; parents and children come nested."""
    account = salesforce.Account.create({"Name": "Paged"})["id"]
    contacts = [{"LastName": f"Paged {number}", "AccountId": account} for number in range(300)]
    assert all(result["success"] for result in salesforce.bulk.Contact.insert(contacts))

    salesforce.headers["Sforce-Query-Options"] = "batchSize=200"
    found = list(salesforce.query_all_iter(f"SELECT LastName, Account.Name FROM Contact WHERE AccountId = '{account}'"))
    parent = salesforce.query(f"SELECT Name, (SELECT LastName FROM Contacts LIMIT 3) FROM Account WHERE Id = '{account}'")["records"][0]

    assert len(found) == 300
    assert {row["Account"]["Name"] for row in found} == {"Paged"}
    assert parent["Contacts"]["totalSize"] == 3


def test_bulk__insert_update_query_delete(salesforce: Salesforce) -> None:
    """A job of the first Bulk API by JSON, one refused record beside the saved ones."""
    inserted = salesforce.bulk.Lead.insert([{"LastName": "One", "Company": "Bulk One"}, {"LastName": "No company"}])
    assert [result["success"] for result in inserted] == [True, False]
    updated = salesforce.bulk.Lead.update([{"Id": inserted[0]["id"], "Title": "CFO"}])
    found = salesforce.bulk.Lead.query("SELECT Id, Title FROM Lead WHERE Company = 'Bulk One'")

    assert updated[0]["success"] is True
    assert [(row["Id"], row["Title"]) for row in found] == [(inserted[0]["id"], "CFO")]
    assert salesforce.bulk.Lead.delete([{"Id": inserted[0]["id"]}])[0]["success"] is True


def test_bulk2__upsert_and_query(salesforce: Salesforce) -> None:
    """A job of Bulk API 2.0 by our key, twice: the same records."""
    rows = [
        {"Response_Key__c": f"test:simple-{n}", "Source__c": "promoter_io", "Source_Response_Id__c": f"simple-{n}", "Score__c": str(n)}
        for n in range(11)
    ]
    for _ in range(2):
        jobs = salesforce.bulk2.Survey_Response__c.upsert(records=rows, external_id_field="Response_Key__c", wait=1)
        assert [(job["numberRecordsProcessed"], job["numberRecordsFailed"]) for job in jobs] == [(11, 0)]

    pages = list(
        salesforce.bulk2.Survey_Response__c.query("SELECT Score__c FROM Survey_Response__c WHERE Response_Key__c LIKE 'test:simple-%'")
    )
    assert sum(page.count("\n") for page in pages) >= 11


def test_describe__our_object(salesforce: Salesforce) -> None:
    """The describe has our fields with their properties."""
    fields: dict[str, Any] = {field["name"]: field for field in salesforce.Survey_Response__c.describe()["fields"]}

    assert fields["Response_Key__c"]["externalId"] is True
    assert fields["Revision__c"]["type"] == "double"
    assert "Survey_Response__c" in {entry["name"] for entry in salesforce.describe()["sobjects"]}


def test_errors__as_salesforce_words_them(salesforce: Salesforce) -> None:
    """A refused record and a wrong query carry Salesforce's code."""
    with pytest.raises(SalesforceMalformedRequest) as refused:
        salesforce.Contact.create({"FirstName": "No last name"})
    assert refused.value.content[0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    with pytest.raises(SalesforceMalformedRequest) as wrong:
        salesforce.query("SELECT Nothing__c FROM Contact")
    assert wrong.value.content[0]["errorCode"] == "INVALID_FIELD"


def test_mdapi__deploys_the_package(salesforce: Salesforce, tmp_path: Path) -> None:
    """Our package deployed over SOAP, and its status asked for until it is done."""
    started = salesforce.deploy(str(zipped_package(tmp_path)), sandbox=True, checkOnly=False, testLevel="NoTestRun", tests=[])
    status = salesforce.checkDeployStatus(started["asyncId"])

    assert status["state"] == "Succeeded"
    assert status["deployment_detail"]["failed_count"] == "0"


def test_mdapi__reads_a_component(salesforce: Salesforce) -> None:
    """The Metadata API's own calls, by the WSDL that simple-salesforce brings."""
    assert "CustomObject" in {entry["xmlName"] for entry in salesforce.mdapi.describe_metadata()["metadataObjects"]}
