"""Sessions after the login: which are renewed when they end, and what is said to a user who may not call."""

from __future__ import annotations

import pytest

from tests.connect.world import BRIDGE, CONSUMER_SECRET, IDENTITY, World, assert_says, user_of
from tooling.connect import connect
from tooling.errors import NpsError, SessionExpired, UsageError

QUERY = "SELECT Username FROM User WHERE Username LIKE 'bridge%'"


@pytest.mark.parametrize("way", ["jwt", "client_credentials"])
def test_session__renewed_when_it_ends(world: World, way: str) -> None:
    """A session that an admin ended in the middle is renewed by the same login, and the call repeated."""
    gateway = connect(None, environ=getattr(world, way))
    assert gateway.query(QUERY)[0]["Username"] == BRIDGE
    world.end_sessions()
    assert gateway.query(QUERY)[0]["Username"] == BRIDGE
    gateway.close()


@pytest.mark.parametrize("way", ["jwt", "client_credentials"])
def test_session__renewed_at_the_first_call(world: World, way: str) -> None:
    """Also when it ended before the first call, which the org answers unlike any other."""
    gateway = connect(None, environ=getattr(world, way))
    world.end_sessions()
    assert user_of(gateway) == BRIDGE


def test_session__of_a_token_ends(world: World) -> None:
    """A token alone cannot be renewed: wherever it ends, that is a matter of configuration."""
    gateway = connect(None, environ={**world.token, "SF_ACCESS_TOKEN": "00D000000000001!AQ4AQgone"})
    for call in (lambda: gateway.query(QUERY), lambda: gateway.identity):
        with pytest.raises(NpsError) as raised:
            call()
        assert_says(raised, "no longer valid", kind=SessionExpired)
    gateway.close()


@pytest.mark.parametrize("way", ["jwt", "client_credentials"])
def test_session__renewal_is_refused(world: World, way: str) -> None:
    """A login that is no longer allowed when the session ends says so, as at the beginning."""
    gateway = connect(None, environ=getattr(world, way))
    world.end_sessions()
    world.register(certificate="", consumer_secret="another")
    with pytest.raises(NpsError) as raised:
        gateway.query(QUERY)
    assert_says(raised, "the login was refused", "SF_PRIVATE_KEY" if way == "jwt" else "SF_CLIENT_SECRET")
    assert CONSUMER_SECRET not in str(raised.value)
    gateway.close()


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("API_DISABLED_FOR_ORG", "API Enabled"),
        ("API_CURRENTLY_DISABLED", "API Enabled"),
        ("INVALID_OPERATION_WITH_EXPIRED_PASSWORD", "password has expired"),
    ],
)
@pytest.mark.parametrize("path", [IDENTITY, "/query"])
def test_session__user_may_not_call(world: World, code: str, says: str, path: str) -> None:
    """A user without access to the API, or whose password expired: exit code 2, at the first call or a later one, and no second try."""
    gateway = connect(None, environ=world.jwt)
    world.fault(code=code, message="no", status=403, match={"path": path})
    with pytest.raises(NpsError) as raised:
        _ = gateway.identity
        gateway.query(QUERY)
    assert_says(raised, code, says, kind=UsageError)
    assert gateway.calls <= 2
    gateway.close()


def test_session__certificate_of_the_org_not_trusted(world: World) -> None:
    """A token of an org whose certificate nobody trusts."""
    gateway = connect(None, environ={name: value for name, value in world.token.items() if name != "REQUESTS_CA_BUNDLE"})
    with pytest.raises(NpsError) as raised:
        user_of(gateway)
    assert_says(raised, "certificate of localhost", "REQUESTS_CA_BUNDLE")
