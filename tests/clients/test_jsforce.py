"""Unmodified jsforce against a served org."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.clients.nodejs import ClientFailed, Nodejs, as_json
from tests.clients.world import World
from tests.metadata_zip import zipped_package

pytestmark = pytest.mark.clients

Call = Callable[..., Any]


@pytest.fixture
def jsforce(world: World, nodejs: Nodejs) -> Call:
    """One call by name; its arguments go as JSON, its answer comes as JSON."""

    def call(name: str, **given: Any) -> Any:
        return as_json(nodejs.run("jsforce_calls.mjs", name, json.dumps(given), environ=world.environ(nodejs)))

    return call


def test_jsforce__logs_in(jsforce: Call) -> None:
    """By SOAP with user name and password, by OAuth client credentials, and with the token it was given."""
    assert jsforce("login")["organizationId"].startswith("00D000000000001")
    assert jsforce("clientCredentials")["id"].startswith("005")
    assert jsforce("identity")["username"] == "admin@local.example"


def test_jsforce__creates_updates_and_queries(jsforce: Call, world: World) -> None:
    """Records go in and come back, a refused one beside those that were saved."""
    created = jsforce("create", type="Contact", records=[{"LastName": "Oyelaran", "NPS_Tier__c": None}, {"LastName": "Brandt"}])
    updated = jsforce("update", type="Contact", records=[{"Id": created[1]["id"], "Email": "brandt@example.com"}])

    assert [result["success"] for result in created + updated] == [False, True, True]
    assert created[0]["errors"][0]["statusCode"] == "INVALID_FIELD"
    found = jsforce("query", soql=f"SELECT LastName, Email FROM Contact WHERE Id = '{created[1]['id']}'")
    assert [(row["LastName"], row["Email"]) for row in found["records"]] == [("Brandt", "brandt@example.com")]


def test_jsforce__upserts_by_key(jsforce: Call, world: World) -> None:
    """The same survey response sent twice is one record."""
    response = {"Response_Key__c": "test:jsforce-1", "Source__c": "promoter_io", "Source_Response_Id__c": "jsforce-1", "Score__c": 9}
    results = [jsforce("upsert", type="Survey_Response__c", records=response, key="Response_Key__c") for _ in range(2)]

    assert [result["created"] for result in results] == [True, False]
    assert len(world.records("SELECT Id FROM Survey_Response__c WHERE Response_Key__c = 'test:jsforce-1'")) == 1


def test_jsforce__fetches_page_after_page(jsforce: Call) -> None:
    """A query of more records than a page holds is followed to its end."""
    records = [{"LastName": f"Page {number}", "Title": "Paged"} for number in range(450)]
    assert jsforce("bulk2", type="Contact", operation="insert", records=records)["failedResults"] == []

    assert jsforce("every", soql="SELECT Id FROM Contact WHERE Title = 'Paged'", size=200) == 450


def test_jsforce__describes(jsforce: Call) -> None:
    """Our object's describe has our fields, and jsforce's own keys."""
    described = jsforce("describe", type="Survey_Response__c")

    fields = {field["name"]: field for field in described["fields"]}
    assert fields["Response_Key__c"]["externalId"] is True
    assert fields["Category__c"]["calculated"] is True
    assert described["createable"] is True


def test_jsforce__bulk2(jsforce: Call, world: World) -> None:
    """A Bulk API 2.0 job inserts what it can, names what it refuses, and a bulk query reads it back."""
    done = jsforce("bulk2", type="Lead", operation="insert", records=[{"LastName": "Vega", "Company": "Bulk Two"}, {"LastName": "Alone"}])

    assert [row["LastName"] for row in done["successfulResults"]] == ["Vega"]
    assert done["failedResults"][0]["sf__Error"].startswith("REQUIRED_FIELD_MISSING")
    assert [row["LastName"] for row in jsforce("bulk2Query", soql="SELECT LastName FROM Lead WHERE Company = 'Bulk Two'")] == ["Vega"]


def test_jsforce__deploys_metadata(jsforce: Call, tmp_path: Path) -> None:
    """Our whole package is deployed over SOAP, and polled to its end."""
    package = zipped_package(tmp_path)

    result = jsforce("deploy", zip=str(package))

    assert result["status"] == "Succeeded"
    assert result["success"] is True
    assert result["numberComponentErrors"] == 0


def test_jsforce__names_the_mistake_in_a_query(jsforce: Call) -> None:
    """A wrong query comes back as Salesforce words it."""
    with pytest.raises(ClientFailed, match="INVALID_FIELD"):
        jsforce("query", soql="SELECT Nothing__c FROM Contact")
