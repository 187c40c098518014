"""One request to a login host, and for each way it can fail what to do next. Nothing that is sent is repeated in an error."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import requests

from tooling.errors import NpsError, Unreachable, UsageError
from tooling.salesforce.hosts import LOOPBACK
from tooling.salesforce.transport import open_session

PRODUCTION_LOGIN = "https://login.salesforce.com"
SANDBOX_LOGIN = "https://test.salesforce.com"
_TIMEOUT = (10, 60)
_SECRET_FIELDS = ("assertion", "client_secret")

# What Salesforce says, and what to do. First match wins. "OAuth 2.0 Authorization Errors" (Salesforce Help), "Resolve Common Authorization
# Errors" (Salesforce DX Developer Guide), and reports of clients' users.
_REMEDIES = (
    ("invalid_client_id", "SF_CLIENT_ID is no consumer key that {host} knows. A new app takes up to ten minutes to be known; {elsewhere}"),
    ("request not supported on this domain", "Set SF_LOGIN_URL to the org's own My Domain, such as https://yourcompany.my.salesforce.com."),
    ("no client credentials user", "Enable the client credentials flow in the connected app's policies and name the user it runs as."),
    ("invalid_client", "Check SF_CLIENT_ID and SF_CLIENT_SECRET: the secret may have been renewed in the connected app."),
    ("audience", "The JWT was for {audience}. A sandbox or scratch org takes {sandbox}, any other org {production}: set SF_LOGIN_URL."),
    ("invalid assertion", "The private key and the certificate in the connected app are not a pair: check SF_PRIVATE_KEY or its _FILE."),
    ("expired authorization code", "The JWT counted as expired when it arrived: set this machine's clock."),
    ("hasn't approved", "Let admins pre-authorize users in the connected app's policies and give {user} its profile or permission set. "
     "A username nobody has gets this answer too: check SF_USERNAME; {elsewhere}"),
    ("not admin approved", "Give {user} a profile or permission set of the connected app."),
    ("inactive user", "Activate or unfreeze {user}, or log in as somebody else."),
    ("ip restricted", "Allow this machine's address in the user's profile, or relax IP restrictions in the connected app's policies."),
    ("password", "Let {user} set a new password in the org, or give the profile a password that never expires."),
)  # fmt: skip
_ANY_REMEDY = "Check the connected app, its user and policies, and SF_LOGIN_URL; {elsewhere}"
_ELSEWHERE = "a sandbox logs in at https://test.salesforce.com or its own My Domain."


@dataclass(frozen=True, slots=True)
class Session:
    """What a login answers."""

    instance_url: str
    access_token: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class LogIn:
    """A login that is tried: where, with what, and what its errors may tell."""

    url: str
    form: Mapping[str, str] = field(repr=False)
    audience: str = ""
    username: str = ""


def log_in(attempt: LogIn, environ: Mapping[str, str]) -> Session:
    """A new session.

    Raises:
        UsageError: the login was refused, or this is no login host.
        Unreachable: it does not answer.
    """
    address = urlsplit(attempt.url)
    if not address.hostname or not (address.scheme == "https" or (address.scheme == "http" and address.hostname in LOOPBACK)):
        raise UsageError(f"{attempt.url!r} is no address to log in at", f"Set SF_LOGIN_URL to one such as {PRODUCTION_LOGIN}.")
    try:
        with open_session(attempt.url, environ) as session:
            # A redirect could carry the secret to another host.
            answer = session.post(f"{attempt.url}/services/oauth2/token", data=dict(attempt.form), timeout=_TIMEOUT, allow_redirects=False)
    except requests.exceptions.RequestException as error:
        raise error_of_connection(attempt.url, error) from error
    host = _host_of(attempt.url)
    if answer.status_code >= 500:
        raise Unreachable(f"the login host {host} has a problem: HTTP {answer.status_code}", "Running again is safe.")
    try:
        told = answer.json()
    except requests.exceptions.JSONDecodeError:
        told = None
    if isinstance(told, dict) and answer.status_code == 200 and told.keys() >= {"access_token", "instance_url"}:
        return Session(str(told["instance_url"]), str(told["access_token"]))
    if isinstance(told, dict) and "error" in told:
        raise _refused(attempt, f"{told['error']}: {told.get('error_description')}")
    raise UsageError(f"{host} did not answer as a login host does (HTTP {answer.status_code})", "Check SF_LOGIN_URL.")


def error_of_connection(host: str, error: requests.exceptions.RequestException) -> NpsError:
    """A login host that could not be talked to, by its URL or name."""
    name = _host_of(host) or host
    if isinstance(error, requests.exceptions.SSLError):
        return UsageError(f"the certificate of {name} is not trusted", "Point REQUESTS_CA_BUNDLE to a bundle with its authority.")
    return Unreachable(f"cannot reach the login host {name}: {type(error).__name__}", "Running again is safe.")


def without(text: str, secrets: Iterable[str | None]) -> str:
    """The text of another party, in which no secret of ours is repeated."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "[secret]")
    return text


def _host_of(url: str) -> str:
    """Host and port, without a name and password that somebody may have written into the address."""
    return urlsplit(url).netloc.rpartition("@")[2]


def _refused(attempt: LogIn, told: str) -> UsageError:
    reason = without(told, (attempt.form.get(name) for name in _SECRET_FIELDS))
    remedy = next((remedy for text, remedy in _REMEDIES if text in reason.lower()), _ANY_REMEDY)
    known = {
        "host": _host_of(attempt.url), "audience": attempt.audience, "user": attempt.username or "the user",
        "elsewhere": _ELSEWHERE, "sandbox": SANDBOX_LOGIN, "production": PRODUCTION_LOGIN,
    }  # fmt: skip
    return UsageError(f"the login was refused: {reason}", remedy.format(**known))
