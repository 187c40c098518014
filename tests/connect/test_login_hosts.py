"""Login hosts that cannot be reached, are not trusted, or are none."""

from __future__ import annotations

import socket
from typing import Any

import pytest
import requests
import responses

from tests.connect.world import World, assert_says
from tooling.connect import connect
from tooling.errors import NpsError, Unreachable

LOGIN = "https://login.salesforce.com/services/oauth2/token"


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.mark.parametrize("way", ["jwt", "client_credentials"])
def test_login__host_unreachable(world: World, way: str) -> None:
    """Nobody answers: exit code 3, and running again is safe."""
    url = f"https://localhost:{closed_port()}"
    with pytest.raises(NpsError) as raised:
        connect(None, environ={**getattr(world, way), "SF_LOGIN_URL": url})
    assert_says(raised, "cannot reach the login host localhost", "Running again is safe", kind=Unreachable, code=3)


def test_login__host_in_trouble(world: World) -> None:
    """A login host that answers 503 is one that answers later."""
    world.fault(status=503, match={"path": "/services/oauth2/token"})
    with pytest.raises(NpsError) as raised:
        connect(None, environ=world.jwt)
    assert_says(raised, "HTTP 503", kind=Unreachable, code=3)


@pytest.mark.parametrize("fault", [{"lose": True}, {"drop": True}])
def test_login__connection_breaks(world: World, fault: dict[str, Any]) -> None:
    """A connection that ends without an answer is one to try again."""
    world.fault(**fault, match={"path": "/services/oauth2/token"})
    with pytest.raises(NpsError) as raised:
        connect(None, environ=world.jwt)
    assert_says(raised, "cannot reach", kind=Unreachable, code=3)


@pytest.mark.parametrize("way", ["jwt", "client_credentials"])
def test_login__certificate_not_trusted(world: World, way: str) -> None:
    """A certificate of an authority nobody trusts does not become trusted by trying again."""
    environ = {name: value for name, value in getattr(world, way).items() if name != "REQUESTS_CA_BUNDLE"}
    with pytest.raises(NpsError) as raised:
        connect(None, environ=environ)
    assert_says(raised, "certificate of localhost", "REQUESTS_CA_BUNDLE")


def test_login__proxy_unreachable(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy that does not answer is no answer of the login host; its password is not told."""
    monkeypatch.setenv("HTTPS_PROXY", f"http://proxy-user:pr0xy-5ECRET@127.0.0.1:{closed_port()}")
    with pytest.raises(NpsError) as raised:
        connect(None, environ={**world.jwt, "SF_LOGIN_URL": "https://login.salesforce.com"})
    assert_says(raised, "login.salesforce.com", kind=Unreachable, code=3)
    assert "5ECRET" not in f"{raised.value}{raised.value.__cause__!r}"


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
def test_login__no_login_host(world: World, answer: dict[str, Any]) -> None:
    """Whatever is not the answer of a login host points to SF_LOGIN_URL; a redirect is not followed."""
    with responses.RequestsMock() as web, pytest.raises(NpsError) as raised:
        web.post(LOGIN, **answer)
        connect(None, environ={**world.jwt, "SF_LOGIN_URL": "https://login.salesforce.com"})
    assert_says(raised, "login.salesforce.com", "SF_LOGIN_URL")


def test_login__proxy_page_of_the_org(world: World) -> None:
    """A page in place of the org's answer, as a proxy gives it."""
    world.fault(html=True, status=404, match={"path": "/services/oauth2/token"})
    with pytest.raises(NpsError) as raised:
        connect(None, environ=world.jwt)
    assert_says(raised, "did not answer as a login host does (HTTP 404)")


@pytest.mark.parametrize("url", ["test.salesforce.com", "http://login.example.com", "ftp://login.salesforce.com", "https://"])
def test_login__url_is_none(world: World, url: str) -> None:
    """The login is sent nowhere but to an address, and unencrypted only to this machine."""
    with pytest.raises(NpsError) as raised:
        connect(None, environ={**world.jwt, "SF_LOGIN_URL": url})
    assert_says(raised, url.rstrip("/"), "SF_LOGIN_URL")


def test_login__time_out(world: World) -> None:
    """A login host that takes a connection and says nothing is one that cannot be reached."""
    with responses.RequestsMock() as web, pytest.raises(NpsError) as raised:
        web.post(LOGIN, body=requests.exceptions.ReadTimeout())
        connect(None, environ={**world.jwt, "SF_LOGIN_URL": "https://login.salesforce.com"})
    assert_says(raised, "ReadTimeout", kind=Unreachable, code=3)
