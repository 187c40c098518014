"""The control plane, injected faults and counted calls."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

import pytest
import requests

from tooling.local_org.engine.org import ADMIN_TOKEN

V = "/services/data/v66.0"
pytestmark = pytest.mark.usefixtures("clean")


@pytest.fixture
def control(rest):
    """The control plane needs no session."""
    del rest.headers["Authorization"]
    return rest


def moment(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def test_clock__advances_and_goes_on(control):
    """The clock steps by a span, is set to a moment, and ticks."""
    before = moment(control.get("/local-org/clock").json()["now"])
    after = control.post("/local-org/clock", json={"advance": "45d"}).json()
    assert timedelta(days=45) <= moment(after["now"]) - before < timedelta(days=45, minutes=5)
    control.post("/local-org/clock", json={"now": before.isoformat()})
    assert moment(control.get("/local-org/clock").json()["now"]) - before < timedelta(minutes=5)


@pytest.mark.parametrize("body", [{}, {"advance": "soon"}, {"now": "never"}, {"now": "2026-01-01", "advance": "1d"}, {"advance": "-3d"}])
def test_clock__unreadable(control, body):
    """What is no span and no moment is refused."""
    assert control.post("/local-org/clock", json=body).json()[0]["errorCode"] == "INVALID_ARGUMENT"


def test_run_async__answers_with_counts(control):
    """Nothing is due: the counts are zero."""
    assert set(control.post("/local-org/run-async").json().values()) <= {0}


def test_settings__change_and_refuse(control):
    """A setting changes; an unknown one or a wrong value is refused."""
    before = control.get("/local-org/settings").json()
    assert control.post("/local-org/settings", json={"async": "on request"}).json()["async"] == "on request"
    assert control.post("/local-org/settings", json={"async": before["async"]}).json() == before
    assert control.post("/local-org/settings", json={"colour": True}).status_code == 400


def test_settings__person_accounts(rest):
    """The feature is there from the next call on, and gone again with the setting; while it is needed, switching it off is refused."""
    rest.post("/local-org/settings", json={"person_accounts": True}).raise_for_status()
    made = rest.post(f"{V}/sobjects/Account", json={"LastName": "Byron", "PersonEmail": "ada@x.example"}).json()["id"]
    assert rest.get(f"{V}/sobjects/Account/{made}").json()["IsPersonAccount"] is True
    assert "IsPersonAccount" in {field["name"] for field in rest.get(f"{V}/sobjects/Contact/describe").json()["fields"]}
    assert rest.post("/local-org/settings", json={"person_accounts": False}).json()[0]["errorCode"] == "INVALID_ARGUMENT"
    rest.post("/local-org/reset", json={"to": "deployed"}).raise_for_status()
    assert rest.post("/local-org/settings", json={"person_accounts": False}).json()["person_accounts"] is False
    assert "IsPersonAccount" not in {field["name"] for field in rest.get(f"{V}/sobjects/Contact/describe").json()["fields"]}


def test_snapshot__restored(rest):
    """A snapshot brings records back."""
    made = rest.post(f"{V}/sobjects/Account", json={"Name": "Kept"}).json()["id"]
    assert rest.post("/local-org/snapshot", json={"name": "before"}).json() == {"snapshot": "before"}
    rest.delete(f"{V}/sobjects/Account/{made}")
    assert rest.get(f"{V}/sobjects/Account/{made}").status_code == 404
    rest.post("/local-org/restore", json={"name": "before"})
    assert rest.get(f"{V}/sobjects/Account/{made}").json()["Name"] == "Kept"
    assert rest.post("/local-org/restore", json={"name": "no such"}).status_code in {400, 404}


def test_restore__clock(rest):
    """The clock goes back to the moment of the snapshot, unless it is to be kept."""
    then = moment(rest.get("/local-org/clock").json()["now"])
    rest.post("/local-org/snapshot", json={"name": "then"})
    rest.post("/local-org/clock", json={"advance": "30d"})
    kept = rest.post("/local-org/restore", json={"name": "then", "clock": "keep"}).json()
    assert timedelta(days=30) <= moment(kept["now"]) - then < timedelta(days=30, minutes=5)
    rest.post("/local-org/snapshot", json={"name": "later"})
    restored = rest.post("/local-org/restore", json={"name": "then"}).json()
    assert timedelta(0) <= moment(restored["now"]) - then < timedelta(minutes=5)
    assert "clock" in rest.post("/local-org/restore", json={"name": "then", "clock": "back"}).json()[0]["message"]


def test_sandbox__shows_in_the_organization(rest):
    """The org says that it is a sandbox; a production org is none."""
    query = f"{V}/query?q=SELECT+IsSandbox+FROM+Organization"
    assert rest.post("/local-org/settings", json={"sandbox": True}).json()["sandbox"] is True
    assert rest.get(query).json()["records"][0]["IsSandbox"] is True
    refused = rest.post("/local-org/settings", json={"production": "coverage required"})
    assert (refused.status_code, "sandbox" in refused.text) == (400, True)
    rest.post("/local-org/settings", json={"sandbox": False})
    assert rest.get(query).json()["records"][0]["IsSandbox"] is False


def test_sender__verified_by_its_owner(rest):
    """An address inserted through the API is verified when its owner follows the link; an unknown one cannot be."""
    sender = {"Address": "us@example.com", "DisplayName": "Us", "IsAllowAllProfiles": True}
    made = rest.post(f"{V}/sobjects/OrgWideEmailAddress", json=sender).json()["id"]
    assert rest.get(f"{V}/sobjects/OrgWideEmailAddress/{made}").json()["IsVerified"] is False
    assert rest.post("/local-org/emails/verify", json={"address": "us@example.com"}).json() == {"verified": "us@example.com"}
    assert rest.get(f"{V}/sobjects/OrgWideEmailAddress/{made}").json()["IsVerified"] is True
    assert rest.post("/local-org/emails/verify", json={"address": "no@example.com"}).status_code == 404
    assert rest.post("/local-org/emails/verify", json={}).json()[0]["message"] == 'Send {"address": ADDRESS}'


def test_usage__counts_by_resource(rest):
    """API calls are counted by method and resource, ids left out."""
    made = rest.post(f"{V}/sobjects/Account", json={"Name": "A"}).json()["id"]
    before = rest.get("/local-org/usage").json()["api"]["calls"].get("GET sobjects/Account/{id}", 0)
    rest.get(f"{V}/sobjects/Account/{made}")
    rest.get("/services/data")
    calls = rest.get("/local-org/usage").json()["api"]["calls"]
    assert calls["GET sobjects/Account/{id}"] == before + 1
    assert not any(name.endswith(" data") for name in calls)


def test_usage__a_day_by_the_orgs_clock(rest):
    """The limit is one of the last 24 hours: a day later, and after a restore, all calls are there again."""
    rest.post("/local-org/snapshot", json={"name": "used"})
    rest.get(f"{V}/limits")
    used = rest.get(f"{V}/limits").headers["Sforce-Limit-Info"]
    rest.post("/local-org/clock", json={"advance": "23h"})
    assert int(rest.get(f"{V}/limits").json()["DailyApiRequests"]["Remaining"]) < 15_000 - 1
    rest.post("/local-org/clock", json={"advance": "2h"})
    assert rest.get(f"{V}/limits").json()["DailyApiRequests"]["Remaining"] == 15_000 - 2
    assert used != "api-usage=1/15000"
    rest.post("/local-org/restore", json={"name": "used"})
    assert rest.get(f"{V}/limits").headers["Sforce-Limit-Info"] == "api-usage=1/15000"


def test_control__foreign_pages_are_refused(control):
    """A web page elsewhere cannot reset the org."""
    refused = control.post("/local-org/reset", json={"to": "deployed"}, headers={"Origin": "https://evil.example"})
    assert refused.status_code == 403


def test_faults__error_for_a_count(rest):
    """A fault with a count hits that many calls, with code, status and message, and then is spent."""
    fault = {"code": "REQUEST_LIMIT_EXCEEDED", "count": 2, "match": {"path": "/query", "method": "GET"}}
    assert len(rest.post("/local-org/faults", json=fault).json()["faults"]) == 1
    for _ in range(2):
        refused = rest.get(f"{V}/query?q=SELECT+Id+FROM+Account")
        assert refused.status_code == 403
        assert refused.json() == [{"message": "TotalRequests Limit exceeded.", "errorCode": "REQUEST_LIMIT_EXCEEDED"}]
    assert rest.get(f"{V}/query?q=SELECT+Id+FROM+Account").status_code == 200
    assert rest.get("/local-org/faults").json() == {"faults": []}


def test_faults__match_in_the_body(rest):
    """A fault may look for text in the body; other calls are untouched."""
    rest.post("/local-org/faults", json=[{"code": "UNABLE_TO_LOCK_ROW", "status": 500, "match": {"body": "Trouble"}}])
    assert rest.post(f"{V}/sobjects/Account", json={"Name": "Fine"}).status_code == 201
    assert rest.post(f"{V}/sobjects/Account", json={"Name": "Trouble"}).status_code == 500
    assert rest.delete("/local-org/faults").json() == {"faults": []}


def test_faults__connection_cut_after_the_commit(rest):
    """The record is there, the answer is not."""
    rest.post("/local-org/faults", json={"drop": True, "count": 1, "match": "/sobjects/Account"})
    with pytest.raises(requests.exceptions.ConnectionError):
        rest.post(f"{V}/sobjects/Account", json={"Name": "Written"})
    assert rest.get(f"{V}/query?q=SELECT+Id+FROM+Account+WHERE+Name='Written'").json()["totalSize"] == 1


def test_faults__latency(rest):
    """Latency per call and per record is added outside of any lock."""
    rest.post("/local-org/faults", json={"latency": 0.05, "latency_per_row": 0.01, "match": "/composite/sobjects", "count": 1})
    records = [{"attributes": {"type": "Widget__c"}, "Name": str(number)} for number in range(10)]
    start = time.monotonic()
    rest.post(f"{V}/composite/sobjects", json={"records": records})
    assert time.monotonic() - start >= 0.15


@pytest.mark.parametrize(
    "fault",
    [
        {"colour": 1},
        {"rate": 2},
        {"count": 0},
        {"latency": "long"},
        {"drop": "yes"},
        {"action": "emailSimple"},
        {"action": "apex", "code": "X"},
    ],
)
def test_faults__unreadable(rest, fault):
    """An unknown key or a wrong value is refused and named."""
    assert rest.post("/local-org/faults", json=fault).json()[0]["errorCode"] == "INVALID_ARGUMENT"


@pytest.fixture
def mailing(org):
    """The org sends an e-mail for every new account, during the test."""
    values = {"emailAddresses": "a@example.com", "emailSubject": "s", "emailBody": "b"}
    inputs = (
        f"<inputParameters><name>{n}</name><value><stringValue>{v}</stringValue></value></inputParameters>" for n, v in values.items()
    )
    flow = (
        '<?xml version="1.0" encoding="UTF-8"?><Flow xmlns="http://soap.sforce.com/2006/04/metadata"><actionCalls><name>Send</name>'
        "<label>Send</label><locationX>0</locationX><locationY>0</locationY><actionName>emailSimple</actionName>"
        f"<actionType>emailSimple</actionType>{''.join(inputs)}</actionCalls><apiVersion>66.0</apiVersion><label>Mail</label>"
        "<processType>AutoLaunchedFlow</processType><start><locationX>0</locationX><locationY>0</locationY><connector>"
        "<targetReference>Send</targetReference></connector><object>Account</object><recordTriggerType>Create</recordTriggerType>"
        "<triggerType>RecordAfterSave</triggerType></start><status>Active</status></Flow>"
    )
    package = (
        '<?xml version="1.0" encoding="UTF-8"?><Package xmlns="http://soap.sforce.com/2006/04/metadata"><types><members>Mail</members>'
        "<name>Flow</name></types><version>66.0</version></Package>"
    )
    org.snapshot("without-mail")
    result = org.deploy(org.user_of_token(ADMIN_TOKEN), {"package.xml": package.encode(), "flows/Mail.flow": flow.encode()})
    assert result.success, result
    yield
    org.restore("without-mail")


def test_faults__action_of_a_flow(rest, mailing):
    """A fault of an action hits flows and no call, and is spent like others."""
    fault = {"action": "emailSimple", "code": "UNKNOWN_EXCEPTION", "message": "No", "count": 1}
    assert len(rest.post("/local-org/faults", json=fault).json()["faults"]) == 1
    assert rest.get(f"{V}/query?q=SELECT+Id+FROM+Account").status_code == 200
    refused = rest.post(f"{V}/sobjects/Account", json={"Name": "A"}).json()[0]
    assert refused["errorCode"] == "CANNOT_EXECUTE_FLOW_TRIGGER"
    assert "UNKNOWN_EXCEPTION: No" in refused["message"]
    assert rest.get("/local-org/faults").json() == {"faults": []}
    assert rest.post(f"{V}/sobjects/Account", json={"Name": "A"}).status_code == 201
