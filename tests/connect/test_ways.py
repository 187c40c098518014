"""Each way to an org, over the real protocol: who is connected, and what was sent."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qsl

import jwt
import pytest
import responses
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.connect.world import BRIDGE, CONSUMER_KEY, World, assert_says, pem, user_of
from tooling.connect import connect
from tooling.connect.environment import audience
from tooling.errors import NpsError
from tooling.local_org.engine.org import Org
from tooling.local_org.server import serve

PRODUCTION, SANDBOX = "https://login.salesforce.com", "https://test.salesforce.com"
ACME = "https://acme.my.salesforce.com"
UAT = "https://acme--uat.sandbox.my.salesforce.com"


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"SF_INSTANCE_URL": ACME},
        {"SF_ACCESS_TOKEN": "T0KEN"},
        {"SF_USERNAME": BRIDGE},
        {"SF_CLIENT_ID": CONSUMER_KEY},
        {"SF_INSTANCE_URL": "", "SF_ACCESS_TOKEN": ""},
    ],
    ids=lambda environ: "+".join(environ) or "nothing",
)
@pytest.mark.parametrize("name", [None, ""])
def test_connect__nobody_named(name: str | None, environ: Mapping[str, str]) -> None:
    """Without a name and without a complete login in the environment: every way there is, with its variables."""
    with pytest.raises(NpsError) as raised:
        connect(name, environ=environ)
    ways = ("--org NAME", "`local`", "SF_INSTANCE_URL and SF_ACCESS_TOKEN", "SF_PRIVATE_KEY_FILE", "SF_CLIENT_SECRET", "client credentials")
    assert_says(raised, *ways)


def test_local__not_started(tmp_path: Path) -> None:
    """A local org that was never started is not looked for elsewhere, whatever the environment says."""
    with pytest.raises(NpsError) as raised:
        connect("local", environ={"SF_INSTANCE_URL": ACME, "SF_ACCESS_TOKEN": "T0KEN"}, home=tmp_path)
    assert_says(raised, "no local org", "nps local-org serve")


@pytest.mark.parametrize("content", ["", "eighty"])
def test_local__damaged_port_file(tmp_path: Path, content: str) -> None:
    """A port file that names no port is like none."""
    (tmp_path / "port").write_text(content)
    with pytest.raises(NpsError) as raised:
        connect("local", environ={}, home=tmp_path)
    assert_says(raised, "no local org")


def test_local__by_name_alone(tmp_path: Path) -> None:
    """The name `local` is enough: address, token and trust come from the home of the org that was started last."""
    with Org.open() as org, serve(org, port=0, home=tmp_path):
        gateway = connect("local", environ={}, home=tmp_path)
        assert gateway.identity.org_id == org.id
        assert user_of(gateway) == "admin@local.example"


def test_token__used_as_it_is(world: World) -> None:
    """Address and token are enough, and come before any login that is described too."""
    gateway = connect(None, environ={**world.jwt, **world.token})
    assert gateway.identity.host == f"localhost:{world.served.port}"
    assert user_of(gateway) == "admin@local.example"


@pytest.mark.parametrize("url", ["acme.my.salesforce.com", "https://"])
def test_token__instance_url_is_none(url: str) -> None:
    """A host without a scheme is no instance URL."""
    with pytest.raises(NpsError) as raised:
        connect(None, environ={"SF_INSTANCE_URL": url, "SF_ACCESS_TOKEN": "T0KEN"})
    assert_says(raised, "instance URL", "https://yourcompany.my.salesforce.com")


def test_jwt__logs_in(world: World) -> None:
    """A signed assertion for an approved user is a session of that user."""
    assert user_of(connect(None, environ=world.jwt)) == BRIDGE


@pytest.mark.parametrize("address", ["SF_LOGIN_URL", "SF_INSTANCE_URL"])
def test_jwt__key_from_a_file(world: World, tmp_path: Path, address: str) -> None:
    """The key may lie in a file, and the org's own address serves as its login host."""
    file = tmp_path / "server.key"
    file.write_text(pem(world.key))
    environ = {name: value for name, value in world.jwt.items() if name not in {"SF_PRIVATE_KEY", "SF_LOGIN_URL"}}
    assert user_of(connect(None, environ={**environ, "SF_PRIVATE_KEY_FILE": str(file), address: f"{world.served.url}/"})) == BRIDGE


def test_jwt__audience_can_be_named(world: World) -> None:
    """SF_AUDIENCE_URL, which Salesforce CLI reads too, is the audience whatever the login host."""
    assert user_of(connect(None, environ={**world.jwt, "SF_AUDIENCE_URL": PRODUCTION})) == BRIDGE


def test_jwt__audience_of_a_sandbox(world: World) -> None:
    """A sandbox wants the audience of sandboxes, and no other public one."""
    world.is_sandbox()
    assert user_of(connect(None, environ={**world.jwt, "SF_AUDIENCE_URL": SANDBOX})) == BRIDGE
    with pytest.raises(NpsError) as raised:
        connect(None, environ={**world.jwt, "SF_AUDIENCE_URL": PRODUCTION})
    assert_says(raised, "audience is invalid", f"was for {PRODUCTION}", SANDBOX)


@pytest.mark.parametrize(
    ("address", "asked", "meant_for"),
    [
        ({}, PRODUCTION, PRODUCTION),
        ({"SF_LOGIN_URL": SANDBOX}, SANDBOX, SANDBOX),
        ({"SF_LOGIN_URL": f"{SANDBOX}/"}, SANDBOX, SANDBOX),
        ({"SF_LOGIN_URL": SANDBOX, "SF_INSTANCE_URL": UAT}, SANDBOX, SANDBOX),
        ({"SF_INSTANCE_URL": UAT}, UAT, SANDBOX),
        ({"SF_LOGIN_URL": UAT}, UAT, SANDBOX),
        ({"SF_INSTANCE_URL": ACME}, ACME, PRODUCTION),
    ],
    ids=lambda value: value if isinstance(value, str) else "+".join(f"{name}={url}" for name, url in value.items()) or "neither",
)
def test_jwt__production_or_sandbox_by_address(key: rsa.RSAPrivateKey, address: Mapping[str, str], asked: str, meant_for: str) -> None:
    """The address alone decides where the assertion goes and for whom it is; it is valid for less than three minutes."""
    environ = {"SF_USERNAME": BRIDGE, "SF_CLIENT_ID": CONSUMER_KEY, "SF_PRIVATE_KEY": pem(key), **address}
    before = int(time.time())
    with responses.RequestsMock() as web:
        web.post(f"{asked}/services/oauth2/token", json={"access_token": "T0KEN", "instance_url": ACME})
        connect(None, environ=environ).close()
        form = dict(parse_qsl(str(web.calls[0].request.body)))
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    claims = jwt.decode(form["assertion"], key.public_key(), algorithms=["RS256"], audience=meant_for)
    assert (claims["iss"], claims["sub"], claims["aud"]) == (CONSUMER_KEY, BRIDGE, meant_for)
    assert before < claims["exp"] <= time.time() + 180


@pytest.mark.parametrize(
    ("url", "meant_for"),
    [
        ("https://acme--uat.my.salesforce.com", SANDBOX),
        ("https://acme--uat.cs12.my.salesforce.com", SANDBOX),
        ("https://cs12.salesforce.com", SANDBOX),
        ("https://quiet-bear-123.scratch.my.salesforce.com", SANDBOX),
        ("https://acme-dev-ed.develop.my.salesforce.com", PRODUCTION),
        ("https://na139.salesforce.com", PRODUCTION),
        ("https://sandbox.my.salesforce.com", PRODUCTION),
        ("https://acme.my.site.com/customers", "https://acme.my.site.com/customers"),
    ],
)
def test_audience__of_other_addresses(url: str, meant_for: str) -> None:
    """Sandboxes and scratch orgs of every form of address; a company may be called Sandbox; a site is its own audience."""
    assert audience(url) == meant_for


@pytest.mark.parametrize("address", ["SF_LOGIN_URL", "SF_INSTANCE_URL"])
def test_client_credentials__logs_in(world: World, address: str) -> None:
    """Key and secret are a session of the user whom the connected app runs as."""
    environ = {name: value for name, value in world.client_credentials.items() if name != "SF_LOGIN_URL"}
    assert user_of(connect(None, environ={**environ, address: world.served.url})) == BRIDGE


def test_client_credentials__username_without_key(world: World) -> None:
    """A username beside a secret, and no private key, is not taken for half a JWT login."""
    assert user_of(connect(None, environ={**world.client_credentials, "SF_USERNAME": "somebody@acme.example.com"})) == BRIDGE


@pytest.mark.parametrize("url", [None, PRODUCTION, SANDBOX, f"{SANDBOX}/"])
def test_client_credentials__not_at_the_public_hosts(world: World, url: str | None) -> None:
    """Salesforce takes client credentials at the org's own domain only: said before the secret is sent anywhere."""
    environ = {name: value for name, value in world.client_credentials.items() if name != "SF_LOGIN_URL"}
    with pytest.raises(NpsError) as raised:
        connect(None, environ={**environ, **({"SF_LOGIN_URL": url} if url else {})})
    assert_says(raised, "My Domain", "SF_LOGIN_URL")
