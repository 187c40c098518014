"""Sessions, as each client gets one."""

from __future__ import annotations

import base64
import json

import pytest
import requests
from simple_salesforce import Salesforce

V = "/services/data/v66.0"


def jwt(**claims):
    part = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"e30.{part}.sig"


GRANTS = [
    {"grant_type": "refresh_token", "client_id": "x"},
    {"grant_type": "client_credentials", "client_id": "x", "client_secret": "y"},
    {"grant_type": "password", "username": "admin@local.example", "password": "p"},
    {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": jwt(sub="admin@local.example", exp=1)},
]


@pytest.mark.parametrize("form", GRANTS, ids=[each["grant_type"] for each in GRANTS])
def test_token__of_each_grant_type(rest, served, form):
    """Each grant type answers a session that works, with an instance address without trailing slash."""
    answer = rest.post("/services/oauth2/token", data=form).json()
    assert answer["instance_url"] == served.url
    assert answer["id"].split("/")[-2:] == ["00D000000000001EAA", "005000000000001AAA"]
    rest.headers["Authorization"] = f"Bearer {answer['access_token']}"
    assert rest.get("/services/oauth2/userinfo").json()["preferred_username"] == "admin@local.example"


def test_token__refused(rest):
    """Unknown users and grant types are refused in the OAuth shape."""
    unknown = rest.post("/services/oauth2/token", data={"grant_type": "password", "username": "nobody@example.com"})
    assert (unknown.status_code, unknown.json()["error"]) == (400, "invalid_grant")
    assert rest.post("/services/oauth2/token", data={"grant_type": "magic"}).json()["error"] == "unsupported_grant_type"
    assert rest.post("/services/oauth2/token", data={"grant_type": "authorization_code", "code": "x"}).status_code == 400


def test_authorize__code_for_a_session(rest):
    """The browser is sent back with a code that a token request turns into a session and a refresh token."""
    query = {"response_type": "code", "client_id": "c", "redirect_uri": "http://localhost:7788/callback", "state": "s"}
    sent = rest.get("/services/oauth2/authorize", params=query, allow_redirects=False)
    assert sent.status_code == 302
    code = requests.utils.urlparse(sent.headers["Location"]).query.split("code=")[1].split("&")[0]
    answer = rest.post("/services/oauth2/token", data={"grant_type": "authorization_code", "code": requests.utils.unquote(code)}).json()
    assert answer["refresh_token"]


def test_soap_login__simple_salesforce(served):
    """Login by name and password over SOAP, at a path that carries the login host."""
    client = Salesforce(username="admin@local.example", password="p", security_token="t", domain=f"localhost:{served.port}/login")
    assert client.session_id.startswith("00D000000000001!")
    client.session.close()


def test_client_credentials__simple_salesforce(served):
    """Login by client credentials at the same address."""
    client = Salesforce(consumer_key="ck", consumer_secret="cs", domain=f"localhost:{served.port}/login")
    assert client.query("SELECT Id FROM User WHERE Username = 'admin@local.example'")["totalSize"] == 1
    client.session.close()


def test_versions__newest_last(rest):
    """The list of versions needs no session, and the newest is last."""
    del rest.headers["Authorization"]
    listed = rest.get("/services/data/").json()
    assert listed[-1]["version"] == "67.0"
    assert listed[-2]["label"] == "Spring '26"


def test_identity__is_absolute(rest, served):
    """jsforce follows the identity address of the resource list."""
    address = rest.get(V).json()["identity"]
    assert address.startswith(served.url + "/id/")
    assert rest.get(address).json()["user_id"] == "005000000000001AAA"
