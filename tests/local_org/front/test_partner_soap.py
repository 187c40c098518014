"""What only the SOAP partner API has: lead conversion, merge, undelete."""

from __future__ import annotations

import pytest

from tooling.local_org.engine.org import ADMIN_TOKEN

V = "/services/data/v66.0"
PARTNER = "urn:partner.soap.sforce.com"
pytestmark = pytest.mark.usefixtures("clean")


def call(rest, inner, session=ADMIN_TOKEN):
    body = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header>'
        f'<SessionHeader xmlns="{PARTNER}"><sessionId>{session}</sessionId></SessionHeader></e:Header><e:Body>{inner}</e:Body></e:Envelope>'
    )
    return rest.post("/services/Soap/u/64.0", data=body, headers={"Content-Type": "text/xml"})


def test_convert_lead(rest):
    """A lead becomes an account and a contact."""
    lead = rest.post(f"{V}/sobjects/Lead", json={"LastName": "Lead", "Company": "Lead Inc", "Email": "l@example.com"}).json()["id"]
    asked = (
        f"<leadId>{lead}</leadId><convertedStatus>Closed - Converted</convertedStatus><doNotCreateOpportunity>true</doNotCreateOpportunity>"
    )
    answer = call(rest, f'<convertLead xmlns="{PARTNER}"><leadConverts>{asked}</leadConverts></convertLead>')
    assert "<success>true</success>" in answer.text, answer.text
    contact = answer.text.split("<contactId>")[1].split("<")[0]
    assert rest.get(f"{V}/sobjects/Contact/{contact}").json()["Email"] == "l@example.com"


def test_merge(rest):
    """The loser goes, the master stays with the values given."""
    ids = [rest.post(f"{V}/sobjects/Account", json={"Name": name}).json()["id"] for name in ("Master", "Loser")]
    master = f"<masterRecord><type>Account</type><Id>{ids[0]}</Id><Name>Merged</Name></masterRecord>"
    answer = call(rest, f'<merge xmlns="{PARTNER}"><request>{master}<recordToMergeIds>{ids[1]}</recordToMergeIds></request></merge>')
    assert "<success>true</success>" in answer.text, answer.text
    assert rest.get(f"{V}/sobjects/Account/{ids[0]}").json()["Name"] == "Merged"
    assert rest.get(f"{V}/sobjects/Account/{ids[1]}").status_code == 404


def test_undelete(rest):
    """A record comes back from the recycle bin."""
    made = rest.post(f"{V}/sobjects/Account", json={"Name": "Back"}).json()["id"]
    rest.delete(f"{V}/sobjects/Account/{made}")
    assert "<success>true</success>" in call(rest, f'<undelete xmlns="{PARTNER}"><ids>{made}</ids></undelete>').text
    assert rest.get(f"{V}/sobjects/Account/{made}").status_code == 200


def test_unsupported_operation_and_session(rest):
    """Other operations are refused by name, unknown sessions as a fault."""
    assert "queryAll" in call(rest, f'<queryAll xmlns="{PARTNER}"/>').text
    assert "sf:INVALID_SESSION_ID" in call(rest, f'<getUserInfo xmlns="{PARTNER}"/>', session="x").text
    assert "<userName>admin@local.example</userName>" in call(rest, f'<getUserInfo xmlns="{PARTNER}"/>').text
