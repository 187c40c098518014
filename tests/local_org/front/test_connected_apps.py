"""Connected apps of the control plane: without one, any client logs in; with one, Salesforce's checks. The bridge's tests have the rest."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import jwt
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from tests.connect.world import certificate_of

ADMIN = "admin@local.example"
APPS = "/local-org/connected-apps"
TOKEN = "/services/oauth2/token"
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@pytest.fixture(scope="module")
def key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


@pytest.fixture
def app(rest: Any, key: rsa.RSAPrivateKey) -> Iterator[dict[str, Any]]:
    given = {
        "consumer_key": "3MVG9app",
        "consumer_secret": "s3cret",
        "certificate": certificate_of(key),
        "approved": [ADMIN],
        "run_as": ADMIN,
    }
    assert rest.post(APPS, json=given).ok
    yield given
    rest.delete(APPS)


def by_jwt(rest: Any, key: Any, algorithm: str = "RS256", **changes: Any) -> requests.Response:
    claims = {"iss": "3MVG9app", "sub": ADMIN, "aud": "https://login.salesforce.com", "exp": int(time.time()) + 120, **changes}
    assertion = jwt.api_jws.encode(jwt.api_jwt.json.dumps(claims).encode(), key, algorithm=algorithm)
    answer: requests.Response = rest.post(TOKEN, data={"grant_type": JWT_GRANT, "assertion": assertion})
    return answer


def refusal(answer: requests.Response) -> tuple[int, str, str]:
    told = answer.json()
    return answer.status_code, told["error"], told["error_description"]


def test_registered__listed_without_its_secret(rest: Any, app: dict[str, Any]) -> None:
    """What is registered can be read back, but for the secret; DELETE forgets it."""
    (listed,) = rest.get(APPS).json()["connected_apps"]
    assert (listed["consumer_key"], listed["approved"], listed["run_as"]) == ("3MVG9app", [ADMIN], ADMIN)
    assert "s3cret" not in str(listed)
    assert rest.delete(APPS).json() == {"connected_apps": []}


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"secret": "x", "consumer_key": "k"}, "unknown key 'secret'"),
        ({"consumer_secret": "x"}, "consumer_key is missing"),
        ({"consumer_key": "k", "approved": "admin"}, "'approved' of a connected app takes a list"),
        ({"consumer_key": "k", "run_as": 7}, "'run_as' of a connected app takes a string"),
        ({"consumer_key": "k", "certificate": "none"}, "X.509 certificate"),
        ({"consumer_key": "k", "ip_ranges": ["here"]}, "networks"),
    ],
)
def test_registered__refused(rest: Any, given: dict[str, Any], says: str) -> None:
    """What is no connected app is refused with what is wrong, and is not kept."""
    answer = rest.post(APPS, json=given)
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "INVALID_ARGUMENT")
    assert says in answer.json()[0]["message"]
    assert rest.get(APPS).json() == {"connected_apps": []}


def test_registered__not_by_a_page_elsewhere(rest: Any) -> None:
    """As the whole control plane."""
    assert rest.post(APPS, json={"consumer_key": "k"}, headers={"Origin": "https://elsewhere.example.com"}).status_code == 403


@pytest.mark.parametrize(
    "changes_at",
    [
        lambda now: {},
        lambda now: {"exp": int(now * 1000) + 300},
        lambda now: {"exp": str(int(now) + 180)},
        lambda now: {"exp": int(now), "alg": "RS256"},
    ],
    ids=["ours", "Salesforce CLI", "simple-salesforce", "CumulusCI"],
)
def test_jwt__as_each_client_writes_it(
    rest: Any, app: dict[str, Any], key: rsa.RSAPrivateKey, changes_at: Callable[[float], dict[str, Any]]
) -> None:
    """Milliseconds, a text, and no margin at all: Salesforce lets all these clients in."""
    assert by_jwt(rest, key, **changes_at(time.time())).ok


@pytest.mark.parametrize(
    ("changes", "error", "description"),
    [
        ({"aud": "https://test.salesforce.com"}, "invalid_grant", "audience is invalid"),
        ({"exp": int(time.time()) - 600}, "invalid_grant", "expired authorization code"),
        ({"exp": "soon"}, "invalid_grant", "invalid assertion"),
        ({"exp": None}, "invalid_grant", "invalid assertion"),
        ({"iss": "3MVG9other"}, "invalid_client_id", "client identifier invalid"),
        ({"sub": "somebody@acme.example.com"}, "invalid_grant", "user hasn't approved this consumer"),
    ],
)
def test_jwt__refused(
    rest: Any, app: dict[str, Any], key: rsa.RSAPrivateKey, changes: dict[str, Any], error: str, description: str
) -> None:  # fmt: skip
    """Each claim is looked at."""
    assert refusal(by_jwt(rest, key, **changes)) == (400, error, description)


def test_jwt__signed_otherwise(rest: Any, app: dict[str, Any], key: rsa.RSAPrivateKey) -> None:
    """Another key, another kind of signature, or none."""
    others: list[tuple[Any, str]] = [
        (rsa.generate_private_key(65537, 2048), "RS256"), (key, "RS512"), (ec.generate_private_key(ec.SECP256R1()), "ES256"), ("", "none"),
    ]  # fmt: skip
    for other, algorithm in others:
        assert refusal(by_jwt(rest, other, algorithm)) == (400, "invalid_grant", "invalid assertion")


@pytest.mark.parametrize("assertion", ["", "a", "a.b", "a.b.c", "e30.e30.", "e30.W10.x", "é.é.é"])
def test_jwt__is_none(rest: Any, app: dict[str, Any], assertion: str) -> None:
    """What is no JWT is an invalid assertion, not a failure of the org."""
    answer = rest.post(TOKEN, data={"grant_type": JWT_GRANT, "assertion": assertion})
    assert refusal(answer) == (400, "invalid_grant", "invalid assertion")


def test_client_credentials__in_the_header(rest: Any, app: dict[str, Any]) -> None:
    """Key and secret may come as Basic authorization."""
    form = {"grant_type": "client_credentials"}
    assert rest.post(TOKEN, data=form, auth=("3MVG9app", "s3cret")).ok
    assert refusal(rest.post(TOKEN, data=form, auth=("3MVG9app", "another")))[1] == "invalid_client"


def test_refresh_token__of_an_app_of_every_org(rest: Any, app: dict[str, Any]) -> None:
    """CumulusCI and Salesforce CLI log in through apps of their own, which nobody registers; the registered one is checked."""
    assert rest.post(TOKEN, data={"grant_type": "refresh_token", "client_id": "PlatformCLI"}).ok
    form = {"grant_type": "refresh_token", "client_id": "3MVG9app", "client_secret": "s3cret", "refresh_token": "5Aepnone"}
    assert refusal(rest.post(TOKEN, data=form)) == (400, "invalid_grant", "expired access/refresh token")


@pytest.mark.parametrize("path", ["/services/oauth2/userinfo", "/id/00D000000000001EAA/005000000000001AAA"])
def test_identity__session_ended(rest: Any, path: str) -> None:
    """Who is calling is refused with 403 and a text, unlike every other resource."""
    rest.headers["Authorization"] = "Bearer 00D000000000001!gone"
    ended = rest.get(path)
    assert (ended.status_code, ended.text) == (403, "Bad_OAuth_Token")
    del rest.headers["Authorization"]
    assert rest.get(path).text == "Missing_OAuth_Token"


def test_registered__certificate_of_another_kind(rest: Any) -> None:
    """A certificate of an elliptic key is refused: the assertion is signed with RS256."""
    answer = rest.post(APPS, json={"consumer_key": "k", "certificate": certificate_of(ec.generate_private_key(ec.SECP256R1()))})
    assert (answer.status_code, "RSA key" in answer.json()[0]["message"]) == (400, True)
