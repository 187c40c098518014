"""What Salesforce says of a login that it refuses, and what we say to do about it: over the real protocol, nothing secret repeated."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

import pytest
import requests
import responses
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.connect.world import BRIDGE, World, assert_says, pem
from tooling.connect import connect
from tooling.errors import NpsError

# What differs in the environment, what in the connected app, what is said.
JWT: dict[str, tuple[dict[str, str], dict[str, Any], tuple[str, ...]]] = {
    "consumer key unknown": ({"SF_CLIENT_ID": "3MVG9other"}, {}, ("invalid_client_id", "SF_CLIENT_ID", "https://test.salesforce.com")),
    "no certificate": ({}, {"certificate": ""}, ("invalid assertion", "certificate", "SF_PRIVATE_KEY")),
    "audience of another kind of org": (
        {"SF_AUDIENCE_URL": "https://test.salesforce.com"},
        {},
        ("audience is invalid", "was for https://test.salesforce.com", "SF_LOGIN_URL"),
    ),
    "user unknown": ({"SF_USERNAME": "nobody@acme.example.com"}, {}, ("hasn't approved", "nobody@acme.example.com", "SF_USERNAME")),
    "user approved but unknown": (
        {"SF_USERNAME": "gone@acme.example.com"}, {"approved": ["gone@acme.example.com"]}, ("hasn't approved", "gone@acme.example.com"),
    ),
    "user not approved": ({}, {"approved": []}, ("user hasn't approved this consumer", "pre-authorize", BRIDGE)),
    "network": ({}, {"ip_ranges": ["10.0.0.0/8"]}, ("ip restricted", "Allow this machine's address")),
}  # fmt: skip
CLIENT_CREDENTIALS: dict[str, tuple[dict[str, str], dict[str, Any], tuple[str, ...]]] = {
    "consumer key unknown": ({"SF_CLIENT_ID": "3MVG9other"}, {}, ("invalid_client_id", "SF_CLIENT_ID")),
    "secret wrong": ({"SF_CLIENT_SECRET": "an-old-5ECRET"}, {}, ("invalid_client: invalid client credentials", "SF_CLIENT_SECRET")),
    "no user to run as": ({}, {"run_as": ""}, ("no client credentials user enabled", "name the user it runs as")),
    "network": ({}, {"ip_ranges": ["10.0.0.0/8", "fd00::/8"]}, ("ip restricted", "relax IP restrictions")),
}


def refused(environ: dict[str, str], *texts: str) -> None:
    """The login fails with these texts and with nothing that was sent in confidence."""
    with pytest.raises(NpsError) as raised:
        connect(None, environ=environ)
    assert_says(raised, "the login was refused", *texts)
    told = f"{raised.value}{raised.value!r}{raised.value.__cause__!r}"
    assert "BEGIN PRIVATE" not in told and "eyJ" not in told and "5ECRET" not in told


@pytest.mark.parametrize("case", JWT)
def test_jwt__refused(world: World, case: str) -> None:
    """Each refusal of an assertion names the setting it is about."""
    changes, app, texts = JWT[case]
    world.register(**app)
    refused({**world.jwt, **changes}, *texts)


def test_jwt__key_of_somebody_else(world: World) -> None:
    """A key that is not the certificate's is told from every other refusal."""
    refused({**world.jwt, "SF_PRIVATE_KEY": pem(rsa.generate_private_key(65537, 2048))}, "invalid assertion", "not a pair")


def test_jwt__clock_is_slow(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """An assertion that expired before it was made is a matter of this machine's clock."""
    monkeypatch.setattr("tooling.connect.environment._VALID_SECONDS", -600)
    refused(world.jwt, "expired authorization code", "clock")


def test_jwt__user_inactive(world: World) -> None:
    """A user who was deactivated is named."""
    world.update_bridge(IsActive=False)
    refused(world.jwt, "inactive user", BRIDGE)


@pytest.mark.parametrize("case", CLIENT_CREDENTIALS)
def test_client_credentials__refused(world: World, case: str) -> None:
    """Each refusal of client credentials names the setting it is about."""
    changes, app, texts = CLIENT_CREDENTIALS[case]
    world.register(**app)
    refused({**world.client_credentials, **changes}, *texts)


def test_client_credentials__public_host_behind_another_name(world: World) -> None:
    """Where only Salesforce can tell that the address is a public login host, its answer is explained."""
    url = f"{world.served.url}/login.salesforce.com"
    refused({**world.client_credentials, "SF_LOGIN_URL": url}, "request not supported on this domain", "My Domain")


@pytest.mark.parametrize("way", ["jwt", "client_credentials"])
def test_secret__repeated_by_the_login_host(world: World, way: str) -> None:
    """A login host that repeats all it was sent is quoted without the assertion and without the secret."""

    def repeat(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        sent.update(parse_qsl(str(request.body)))
        return 400, {}, json.dumps({"error": "invalid_request", "error_description": f"you sent {sent}"})

    sent: dict[str, str] = {}
    with responses.RequestsMock() as web:
        web.add_callback(responses.POST, "https://acme.my.salesforce.com/services/oauth2/token", repeat)
        with pytest.raises(NpsError) as raised:
            connect(None, environ={**getattr(world, way), "SF_LOGIN_URL": "https://acme.my.salesforce.com"})
    assert_says(raised, "the login was refused", "you sent")
    assert sent[{"jwt": "assertion", "client_credentials": "client_secret"}[way]] not in str(raised.value)
