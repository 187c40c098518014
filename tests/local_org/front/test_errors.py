"""Error bodies, as the wire reference quotes them (section "Errors")."""

from __future__ import annotations

import pytest

from tooling.local_org.engine.org import ADMIN_TOKEN, Org
from tooling.local_org.front.app import create_app

V = "/services/data/v66.0"
pytestmark = pytest.mark.usefixtures("clean")


def refusal(response):
    [entry] = response.json()
    return response.status_code, entry["errorCode"], entry["message"], entry.get("fields")


CREATES = [
    ("Account", {"Name": "A", "abcd": 1}, "INVALID_FIELD", "No such column 'abcd' on sobject of type Account", None),
    ("Contact", {"FirstName": "A"}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]", ["LastName"]),
    ("Widget__c", {"Name": "W", "Quantity__c": -1}, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "A quantity cannot be negative.", ["Quantity__c"]),
    (
        "Widget__c",
        {"Name": "W", "Colour__c": "Pink"},
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        "Colour: bad value for restricted picklist field: Pink",
        ["Colour__c"],
    ),
    (
        "Widget__c",
        {"Name": "W", "Group__c": "x" * 21},
        "STRING_TOO_LONG",
        f"Group: data value too large: {'x' * 21} (max length=20)",
        ["Group__c"],
    ),
]


@pytest.mark.parametrize(("sobject", "body", "code", "message", "fields"), CREATES, ids=[case[2] for case in CREATES])
def test_create__refused(rest, sobject, body, code, message, fields):
    """A refused record answers 400 and a list with code, message and fields."""
    found = refusal(rest.post(f"{V}/sobjects/{sobject}", json=body))
    assert found[:3] == (400, code, message)
    assert fields is None or found[3] == fields


def test_create__duplicate_value(rest):
    """A second record with a unique value names the first one by its 15-character id."""
    first = rest.post(f"{V}/sobjects/Widget__c", json={"Name": "W", "Key__c": "u"}).json()["id"]
    status, code, message, _ = refusal(rest.post(f"{V}/sobjects/Widget__c", json={"Name": "W", "Key__c": "u"}))
    assert (status, code) == (400, "DUPLICATE_VALUE")
    assert message == f"duplicate value found: Key__c duplicates value on record with id: {first[:15]}"


XSI = 'xmlns="http://soap.sforce.com/2006/04/metadata" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
TWINS = {
    "package.xml": f"<Package {XSI}><types><members>Contact.Same</members><name>MatchingRule</name></types>"
    "<types><members>Contact.Twins</members><name>DuplicateRule</name></types><version>66.0</version></Package>",
    "matchingRules/Contact.matchingRule": f"<MatchingRules {XSI}><matchingRules><fullName>Same</fullName><label>Same</label>"
    "<matchingRuleItems><blankValueBehavior>NullNotAllowed</blankValueBehavior><fieldName>Email</fieldName>"
    "<matchingMethod>Exact</matchingMethod></matchingRuleItems><ruleStatus>Active</ruleStatus></matchingRules></MatchingRules>",
    "duplicateRules/Contact.Twins.duplicateRule": f"<DuplicateRule {XSI}><actionOnInsert>Allow</actionOnInsert>"
    "<actionOnUpdate>Allow</actionOnUpdate><alertText>Use one of these records?</alertText><description xsi:nil='true'/>"
    "<duplicateRuleFilter xsi:nil='true'/><duplicateRuleMatchRules><matchRuleSObjectType>Contact</matchRuleSObjectType>"
    "<matchingRule>Same</matchingRule><objectMapping xsi:nil='true'/></duplicateRuleMatchRules><isActive>true</isActive>"
    "<masterLabel>Twins</masterLabel><operationsOnInsert>Alert</operationsOnInsert><securityOption>EnforceSharingRules</securityOption>"
    "<sortOrder>1</sortOrder></DuplicateRule>",
}


def test_create__duplicates_detected():
    """The refusal tells the rule and the records it found, under the misspelt key of real answers too; allowSave overrides an alert."""
    with Org.open() as org:
        result = org.deploy(org.user_of_token(ADMIN_TOKEN), {path: text.encode() for path, text in TWINS.items()})
        assert [failure.problem for failure in result.failures] == []
        client = create_app(org).test_client()
        headers = {"Authorization": f"Bearer {ADMIN_TOKEN}"}
        body = {"LastName": "A", "Email": "a@b.example"}
        first = client.post(f"{V}/sobjects/Contact", json=body, headers=headers).get_json()["id"]
        refused = client.post(f"{V}/sobjects/Contact", json=body, headers=headers)
        [entry] = refused.get_json()
        assert (refused.status_code, entry["errorCode"], entry["message"]) == (400, "DUPLICATES_DETECTED", "Use one of these records?")
        found = entry["duplicateResut"]
        assert (found["allowSave"], found["duplicateRule"], found["duplicateRuleEntityType"]) == (True, "Twins", "Contact")
        assert found["matchResults"][0]["matchRecords"][0]["record"]["Id"] == first
        assert entry["duplicateResult"] == found
        allowed = {**headers, "Sforce-Duplicate-Rule-Header": "allowSave=true; includeRecordDetails=false; runAsCurrentUser=true"}
        assert client.post(f"{V}/sobjects/Contact", json=body, headers=allowed).status_code == 201


QUERIES = [
    (
        "SELECT Id, Foo FROM Opportunity",
        "INVALID_FIELD",
        "\nSELECT Id, Foo FROM Opportunity\n           ^\nERROR at Row:1:Column:12\nNo such column 'Foo' on entity 'Opportunity'. "
        "If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. "
        "Please reference your WSDL or the describe call for the appropriate names.",
    ),
    (
        "select count() from XYZZY",
        "INVALID_TYPE",
        "\nselect count() from XYZZY\n                    ^\nERROR at Row:1:Column:21\nsObject type 'XYZZY' is not supported. "
        "If you are attempting to use a custom object, be sure to append the '__c' after the entity name. "
        "Please reference your WSDL or the describe call for the appropriate names.",
    ),
]


@pytest.mark.parametrize(("soql", "code", "message"), QUERIES, ids=[case[1] for case in QUERIES])
def test_query__refused(rest, soql, code, message):
    """A refused query answers 400 with the position, as Salesforce prints it."""
    assert refusal(rest.get(f"{V}/query", params={"q": soql}))[:3] == (400, code, message)


def test_query__malformed(rest):
    """What is no SOQL answers MALFORMED_QUERY."""
    assert refusal(rest.get(f"{V}/query", params={"q": "invalid"}))[:2] == (400, "MALFORMED_QUERY")


ADDRESSES = [
    ("GET", "/sobjects/Nothing__c/describe", 404, "NOT_FOUND", "The requested resource does not exist"),
    ("GET", "/nothing", 404, "NOT_FOUND", "The requested resource does not exist"),
    (
        "GET",
        "/sobjects/Account/51",
        404,
        "NOT_FOUND",
        "Provided external ID field does not exist or is not accessible: 51",
    ),
    ("PUT", "/sobjects/Account", 405, "METHOD_NOT_ALLOWED", None),
    ("GET", "/sobjects/Account/updated?start=x&end=y", 400, "FUNCTIONALITY_NOT_ENABLED", None),
    ("GET", "/sobjects/Account/deleted?start=x&end=y", 400, "FUNCTIONALITY_NOT_ENABLED", None),
    ("GET", "/sobjects/Account/listviews", 400, "FUNCTIONALITY_NOT_ENABLED", "The local org does not support list views over REST."),
    ("GET", "/sobjects/Account/describe/layouts", 400, "FUNCTIONALITY_NOT_ENABLED", "The local org does not support layouts over REST."),
    ("GET", "/search?q=FIND", 400, "FUNCTIONALITY_NOT_ENABLED", "The local org does not support SOSL searches."),
    ("GET", "/query?explain=x", 400, "FUNCTIONALITY_NOT_ENABLED", None),
    ("GET", "/query/01gNOTHING-2000", 400, "INVALID_QUERY_LOCATOR", "invalid query locator"),
]


@pytest.mark.parametrize(("method", "path", "status", "code", "message"), ADDRESSES, ids=[case[1] for case in ADDRESSES])
def test_address__refused(rest, method, path, status, code, message):
    """Addresses that do not exist, and those the local org does not support, say so."""
    found = refusal(rest.request(method, V + path))
    assert found[:2] == (status, code)
    assert message is None or found[2] == message


SESSIONS = [
    ({}, "INVALID_SESSION_ID", "Session expired or invalid"),
    ({"Authorization": "Bearer 00D000000000001!wrong"}, "INVALID_SESSION_ID", "Session expired or invalid"),
    ({"Authorization": "Basic abc"}, "INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE"),
]


@pytest.mark.parametrize(("headers", "code", "message"), SESSIONS, ids=["none", "unknown", "basic"])
def test_session__refused(rest, headers, code, message):
    """Without a known session every resource answers 401."""
    del rest.headers["Authorization"]
    assert refusal(rest.get(f"{V}/limits", headers=headers))[:3] == (401, code, message)


def test_body__not_json(rest):
    """A body that is no JSON answers JSON_PARSER_ERROR."""
    found = rest.post(f"{V}/sobjects/Account", data="{", headers={"Content-Type": "application/json"})
    assert refusal(found)[:2] == (400, "JSON_PARSER_ERROR")


def test_address__too_long(rest):
    """An address beyond 16,384 bytes answers 414, headers beyond it 431."""
    assert rest.get(f"{V}/query", params={"q": "x" * 16_400}).status_code == 414
    assert rest.get(f"{V}/limits", headers={"X-Long": "x" * 16_400}).status_code == 431
