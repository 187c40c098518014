"""The org that was named: how each of the three ways finds it, and what is said when it cannot be found."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
import requests
import responses
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tooling.connect import connect
from tooling.errors import NpsError, SessionExpired, Unreachable, UsageError
from tooling.local_org.engine.org import Org
from tooling.local_org.server import serve

LOGIN = "https://login.salesforce.com/services/oauth2/token"
INSTANCE = "https://acme.my.salesforce.com"
USERINFO = f"{INSTANCE}/services/oauth2/userinfo"
WHO = {"organization_id": "00D000000000001EAA", "user_id": "005000000000001AAA", "preferred_username": "bridge@acme.example.com"}


def pem(key: Any, encryption: serialization.KeySerializationEncryption | None = None) -> str:
    form = serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, form, encryption or serialization.NoEncryption()).decode()


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture
def web() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture
def jwt_environ(key: rsa.RSAPrivateKey) -> dict[str, str]:
    return {"SF_USERNAME": "bridge@acme.example.com", "SF_CLIENT_ID": "3MVG9", "SF_PRIVATE_KEY": pem(key)}


def form_of(request: requests.PreparedRequest) -> dict[str, str]:
    body = request.body if isinstance(request.body, str) else (request.body or b"").decode()
    return {name: values[0] for name, values in parse_qs(body).items()}


def logs_in(web: responses.RequestsMock, url: str = LOGIN, token: str = "T0KEN") -> None:
    web.post(url, json={"access_token": token, "instance_url": INSTANCE, "token_type": "Bearer"})


def token_at(web: responses.RequestsMock, token: str) -> None:
    """The instance knows who this token belongs to."""
    web.get(USERINFO, json=WHO, match=[responses.matchers.header_matcher({"Authorization": f"Bearer {token}"})])


def assert_usage_error(raised: pytest.ExceptionInfo[NpsError], *texts: str) -> None:
    assert isinstance(raised.value, UsageError), raised.value
    assert raised.value.exit_code == 2
    for text in texts:
        assert text in str(raised.value)


# Nobody named -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"SF_INSTANCE_URL": INSTANCE},
        {"SF_ACCESS_TOKEN": "T0KEN"},
        {"SF_USERNAME": "bridge@acme.example.com"},
        {"SF_CLIENT_ID": "3MVG9"},
        {"SF_INSTANCE_URL": "", "SF_ACCESS_TOKEN": ""},
    ],
    ids=lambda environ: "+".join(environ) or "nothing",
)
@pytest.mark.parametrize("name", [None, ""])
def test_connect__nobody_named(name: str | None, environ: Mapping[str, str]) -> None:
    """Without a name and without a complete login in the environment: the three ways, exit code 2."""
    with pytest.raises(NpsError) as raised:
        connect(name, environ=environ)
    assert_usage_error(raised, "--org NAME", "`local`", "SF_INSTANCE_URL and SF_ACCESS_TOKEN", "SF_PRIVATE_KEY_FILE")


# The local org ----------------------------------------------------------------------------------------------------------------------


def test_connect__local_not_started(tmp_path: Path) -> None:
    """A local org that was never started is not looked for elsewhere, whatever the environment says."""
    with pytest.raises(NpsError) as raised:
        connect("local", environ={"SF_INSTANCE_URL": INSTANCE, "SF_ACCESS_TOKEN": "T0KEN"}, home=tmp_path)
    assert_usage_error(raised, "no local org", "nps local-org serve")


@pytest.mark.parametrize("content", ["", "eighty"])
def test_connect__local_with_damaged_port_file(tmp_path: Path, content: str) -> None:
    """A port file that names no port is like none."""
    (tmp_path / "port").write_text(content)
    with pytest.raises(NpsError) as raised:
        connect("local", environ={}, home=tmp_path)
    assert_usage_error(raised, "no local org")


def test_connect__local(tmp_path: Path) -> None:
    """The name `local` is enough: address, token and trust come from the home of the org that was started last."""
    with Org.open() as org, serve(org, port=0, home=tmp_path):
        gateway = connect("local", environ={}, home=tmp_path)
        try:
            assert gateway.identity.org_id == org.id
            assert gateway.identity.username == "admin@local.example"
        finally:
            gateway.close()


# The environment --------------------------------------------------------------------------------------------------------------------


def test_connect__token(web: responses.RequestsMock) -> None:
    """Address and token from the environment are used as they are; no login takes place."""
    token_at(web, "T0KEN")
    gateway = connect(None, environ={"SF_INSTANCE_URL": INSTANCE, "SF_ACCESS_TOKEN": "T0KEN", "SF_USERNAME": "u", "SF_CLIENT_ID": "c"})
    assert gateway.identity.host == "acme.my.salesforce.com"
    assert gateway.identity.username == "bridge@acme.example.com"


def test_connect__token_expired(web: responses.RequestsMock) -> None:
    """A token alone cannot be renewed: the session's end is an error of configuration."""
    web.get(USERINFO, status=401, json=[{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}])
    gateway = connect(None, environ={"SF_INSTANCE_URL": INSTANCE, "SF_ACCESS_TOKEN": "0LD"})
    with pytest.raises(SessionExpired) as raised:
        _ = gateway.identity
    assert raised.value.exit_code == 2


def test_connect__instance_url_is_none() -> None:
    """A host without a scheme is no instance URL."""
    with pytest.raises(NpsError) as raised:
        connect(None, environ={"SF_INSTANCE_URL": "acme.my.salesforce.com", "SF_ACCESS_TOKEN": "T0KEN"})
    assert_usage_error(raised, "instance URL")


@pytest.mark.parametrize(
    ("login_url", "asked"),
    [
        (None, "https://login.salesforce.com"),
        ("https://test.salesforce.com", "https://test.salesforce.com"),
        ("https://test.salesforce.com/", "https://test.salesforce.com"),
    ],
)
def test_connect__jwt(
    web: responses.RequestsMock, jwt_environ: dict[str, str], key: rsa.RSAPrivateKey, login_url: str | None, asked: str
) -> None:
    """The assertion names client, user, audience and an expiry within three minutes, and is signed with the private key."""
    logs_in(web, f"{asked}/services/oauth2/token")
    token_at(web, "T0KEN")
    before = int(time.time())
    gateway = connect(None, environ={**jwt_environ, **({"SF_LOGIN_URL": login_url} if login_url else {})})
    assert gateway.identity.username == "bridge@acme.example.com"

    form = form_of(web.calls[0].request)
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    claims = jwt.decode(form["assertion"], key.public_key(), algorithms=["RS256"], audience=asked)
    assert (claims["iss"], claims["sub"], claims["aud"]) == ("3MVG9", "bridge@acme.example.com", asked)
    assert before < claims["exp"] <= time.time() + 180


def test_connect__jwt_key_from_file(web: responses.RequestsMock, jwt_environ: dict[str, str], tmp_path: Path) -> None:
    """The key may lie in a file."""
    logs_in(web)
    file = tmp_path / "server.key"
    file.write_text(jwt_environ.pop("SF_PRIVATE_KEY"))
    connect(None, environ={**jwt_environ, "SF_PRIVATE_KEY_FILE": str(file)})


def test_connect__jwt_renews(web: responses.RequestsMock, jwt_environ: dict[str, str]) -> None:
    """When the session ends the login is repeated, and the call too."""
    logs_in(web, token="0LD")
    logs_in(web, token="NEW")
    web.get(USERINFO, status=401, json=[{"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}])
    token_at(web, "NEW")
    assert connect(None, environ=jwt_environ).identity.org_id == WHO["organization_id"]


def test_connect__client_credentials(web: responses.RequestsMock) -> None:
    """Client credentials log in at the org's own domain."""
    logs_in(web, f"{INSTANCE}/services/oauth2/token")
    token_at(web, "T0KEN")
    gateway = connect(None, environ={"SF_LOGIN_URL": INSTANCE, "SF_CLIENT_ID": "3MVG9", "SF_CLIENT_SECRET": "5ECRET"})
    assert gateway.identity.user_id == WHO["user_id"]
    assert form_of(web.calls[0].request) == {"grant_type": "client_credentials", "client_id": "3MVG9", "client_secret": "5ECRET"}


# Logins that fail -------------------------------------------------------------------------------------------------------------------


def test_connect__login_refused(web: responses.RequestsMock, jwt_environ: dict[str, str]) -> None:
    """What Salesforce says is passed on with what to check; key and assertion are not."""
    web.post(LOGIN, status=400, json={"error": "invalid_grant", "error_description": "user hasn't approved this consumer"})
    with pytest.raises(NpsError) as raised:
        connect(None, environ=jwt_environ)
    assert_usage_error(raised, "invalid_grant", "user hasn't approved this consumer", "https://test.salesforce.com")
    assert "PRIVATE" not in str(raised.value) and form_of(web.calls[0].request)["assertion"] not in str(raised.value)


def test_connect__client_secret_is_not_printed(web: responses.RequestsMock) -> None:
    """A refused secret is not repeated in the error."""
    web.post(f"{INSTANCE}/services/oauth2/token", status=400, json={"error": "invalid_client", "error_description": "invalid secret"})
    with pytest.raises(NpsError) as raised:
        connect(None, environ={"SF_LOGIN_URL": INSTANCE, "SF_CLIENT_ID": "3MVG9", "SF_CLIENT_SECRET": "5ECRET"})
    assert_usage_error(raised, "invalid_client")
    assert "5ECRET" not in str(raised.value)


@pytest.mark.parametrize(
    "answer",
    [
        {"body": "<html>Please log in</html>", "content_type": "text/html"},
        {"body": "<html>moved</html>", "status": 302, "headers": {"Location": "https://elsewhere.example.com/services/oauth2/token"}},
        {"body": "<html>not found</html>", "status": 404},
        {"json": []},
        {"json": {"access_token": "T0KEN"}},
        {"body": ""},
    ],
    ids=["html", "redirect", "not found", "list", "no instance", "nothing"],
)
def test_connect__no_login_host(web: responses.RequestsMock, jwt_environ: dict[str, str], answer: dict[str, Any]) -> None:
    """Whatever is not the answer of a login host points to SF_LOGIN_URL; a redirect is not followed."""
    web.post(LOGIN, **answer)
    with pytest.raises(NpsError) as raised:
        connect(None, environ=jwt_environ)
    assert_usage_error(raised, "login.salesforce.com", "SF_LOGIN_URL")


@pytest.mark.parametrize("broken", [requests.exceptions.ConnectionError(), requests.exceptions.ConnectTimeout(), 503])
def test_connect__login_host_unreachable(web: responses.RequestsMock, jwt_environ: dict[str, str], broken: Exception | int) -> None:
    """No answer, or one of a host in trouble: exit code 3, safe to run again."""
    web.post(LOGIN, **({"status": broken, "body": "<html>"} if isinstance(broken, int) else {"body": broken}))  # type: ignore[arg-type]
    with pytest.raises(Unreachable, match=r"login\.salesforce\.com") as raised:
        connect(None, environ=jwt_environ)
    assert raised.value.exit_code == 3


def test_connect__certificate_not_trusted(web: responses.RequestsMock, jwt_environ: dict[str, str]) -> None:
    """A certificate that is not trusted does not become so by trying again."""
    web.post(LOGIN, body=requests.exceptions.SSLError("self-signed certificate"))
    with pytest.raises(NpsError) as raised:
        connect(None, environ=jwt_environ)
    assert_usage_error(raised, "REQUESTS_CA_BUNDLE")


@pytest.mark.parametrize("url", ["test.salesforce.com", "http://login.example.com", "ftp://login.salesforce.com", "https://"])
def test_connect__login_url_is_none(jwt_environ: dict[str, str], url: str) -> None:
    """The login is sent nowhere but to an address, and unencrypted only to this machine."""
    with pytest.raises(NpsError) as raised:
        connect(None, environ={**jwt_environ, "SF_LOGIN_URL": url})
    assert_usage_error(raised, url, "SF_LOGIN_URL")


BAD_KEYS: dict[str, Callable[[rsa.RSAPrivateKey], str]] = {
    "no key": lambda key: "not a key",
    "cut off": lambda key: pem(key)[:200],
    "public": lambda key: (
        key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
    ),
    "elliptic": lambda key: pem(ec.generate_private_key(ec.SECP256R1())),
    "with a password": lambda key: pem(key, serialization.BestAvailableEncryption(b"secret")),
}


@pytest.mark.parametrize("kind", BAD_KEYS)
def test_connect__private_key_is_none(jwt_environ: dict[str, str], key: rsa.RSAPrivateKey, kind: str) -> None:
    """A key of another kind is named as the problem, without a line of it, and nothing is sent."""
    bad = BAD_KEYS[kind](key)
    with pytest.raises(NpsError) as raised:
        connect(None, environ={**jwt_environ, "SF_PRIVATE_KEY": bad})
    assert_usage_error(raised, "RSA private key in PEM form", "SF_PRIVATE_KEY")
    assert not set(bad.splitlines()[1:-1]) & set(str(raised.value).splitlines())


def test_connect__private_key_missing(jwt_environ: dict[str, str], tmp_path: Path) -> None:
    """No key, a file that is not there, and a file that is no text are three different sentences."""
    del jwt_environ["SF_PRIVATE_KEY"]
    with pytest.raises(NpsError) as raised:
        connect(None, environ=jwt_environ)
    assert_usage_error(raised, "SF_PRIVATE_KEY or SF_PRIVATE_KEY_FILE")

    with pytest.raises(NpsError) as raised:
        connect(None, environ={**jwt_environ, "SF_PRIVATE_KEY_FILE": str(tmp_path / "server.key")})
    assert_usage_error(raised, "server.key cannot be read", "No such file")

    (tmp_path / "server.key").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(NpsError) as raised:
        connect(None, environ={**jwt_environ, "SF_PRIVATE_KEY_FILE": str(tmp_path / "server.key")})
    assert_usage_error(raised, "server.key cannot be read")


# CumulusCI's keychain ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A CumulusCI project, with a home and a keychain of its own."""
    pytest.importorskip("cumulusci", reason="CumulusCI is an extra")
    root = tmp_path / "project"
    root.mkdir()
    subprocess.run(["git", "init", "-q", str(root)], check=True, env={"PATH": os.environ["PATH"], "HOME": str(tmp_path)})
    (root / "cumulusci.yml").write_text("minimum_cumulusci_version: '4.0.0'\nproject:\n  name: keychain-test\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("CUMULUSCI_KEY", "0123456789abcdef")
    for name in [name for name in os.environ if name.startswith("CUMULUSCI_ORG_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(sys, "path", list(sys.path))  # CumulusCI adds the project to it
    monkeypatch.chdir(root)
    return root


def save_org(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    org = {
        "instance_url": INSTANCE,
        "access_token": "0LD",
        "refresh_token": "R3FRESH",
        "client_id": "3MVG9",
        "client_secret": "5ECRET",
        "org_id": WHO["organization_id"],
        "username": WHO["preferred_username"],
        "id": f"https://login.salesforce.com/id/{WHO['organization_id']}/{WHO['user_id']}",
    }
    monkeypatch.setenv(f"CUMULUSCI_ORG_{name}", json.dumps(org))


_ORGANIZATION = re.compile(re.escape(INSTANCE) + r"/services/data/v[\d.]+/sobjects/Organization/.*")


def test_connect__keychain(web: responses.RequestsMock, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An org of CumulusCI's keychain is logged in to as CumulusCI does it, and the gateway has the new token."""
    save_org(monkeypatch, "prod")
    web.post(f"{INSTANCE}/services/oauth2/token", json={"access_token": "FR35H", "instance_url": INSTANCE})
    token_at(web, "FR35H")
    organization = {"OrganizationType": "Developer Edition", "IsSandbox": False, "InstanceName": "NA1", "NamespacePrefix": None}
    web.get(_ORGANIZATION, json=organization)
    web.get(f"{INSTANCE}/services/data", json=[{"version": "66.0"}])
    gateway = connect("prod", environ={})
    assert gateway.identity.username == WHO["preferred_username"]
    assert form_of(web.calls[0].request)["refresh_token"] == "R3FRESH"


@pytest.mark.parametrize("inside", [True, False], ids=["in a project", "outside of one"])
def test_connect__keychain_without_that_org(project: Path, monkeypatch: pytest.MonkeyPatch, inside: bool) -> None:
    """An unknown name is an error that says how to list and to connect orgs; the environment is not used instead."""
    if not inside:
        monkeypatch.chdir(project.parent)
    with pytest.raises(NpsError) as raised:
        connect("nowhere", environ={"SF_INSTANCE_URL": INSTANCE, "SF_ACCESS_TOKEN": "T0KEN"})
    assert_usage_error(raised, "nowhere", "cci org list", "cci org connect nowhere")


def test_connect__keychain_scratch_org_not_created(project: Path) -> None:
    """No scratch org comes into being because somebody wanted to write to it."""
    with pytest.raises(NpsError) as raised:
        connect("dev", environ={})
    assert_usage_error(raised, "dev was not created yet", "cci flow run dev_org --org dev")


@pytest.mark.parametrize(
    ("answer", "kind", "exit_code"),
    [
        ({"status": 400, "json": {"error": "invalid_grant", "error_description": "expired access/refresh token"}}, UsageError, 2),
        ({"body": requests.exceptions.ConnectionError("no route")}, Unreachable, 3),
    ],
    ids=["refused", "unreachable"],
)
def test_connect__keychain_login_fails(
    web: responses.RequestsMock,
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    answer: dict[str, Any],
    kind: type[NpsError],
    exit_code: int,
) -> None:
    """A login that CumulusCI cannot do is our error with our exit code, not CumulusCI's traceback."""
    save_org(monkeypatch, "prod")
    web.post(f"{INSTANCE}/services/oauth2/token", **answer)
    with pytest.raises(kind) as raised:
        connect("prod", environ={})
    assert raised.value.exit_code == exit_code
    assert "R3FRESH" not in str(raised.value)


def test_connect__keychain_project_file_broken(project: Path) -> None:
    """A cumulusci.yml that CumulusCI refuses is said to be so."""
    (project / "cumulusci.yml").write_text("project: [")
    with pytest.raises(NpsError) as raised:
        connect("prod", environ={})
    assert_usage_error(raised, "cumulusci.yml")
