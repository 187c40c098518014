"""The org that environment variables describe: by a token, a JWT, or client credentials."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import jwt

from tooling.connect.login import PRODUCTION_LOGIN, SANDBOX_LOGIN, LogIn, Session, log_in
from tooling.errors import UsageError
from tooling.salesforce.gateway import Gateway
from tooling.salesforce.gateway import connect as open_gateway
from tooling.salesforce.hosts import OrgKind, kind_of

WAYS = (
    "Name one: --org NAME (an org of CumulusCI's keychain, or `local` for the local org); "
    "or set SF_INSTANCE_URL and SF_ACCESS_TOKEN (token); "
    "or SF_USERNAME, SF_CLIENT_ID and SF_PRIVATE_KEY_FILE or SF_PRIVATE_KEY (JWT; for a sandbox also SF_LOGIN_URL); "
    "or SF_CLIENT_ID, SF_CLIENT_SECRET and SF_LOGIN_URL, the org's own My Domain (client credentials)."
)
_JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_VALID_SECONDS = 170
"""Salesforce accepts at most three minutes to expiry."""
_PUBLIC_LOGINS = frozenset({PRODUCTION_LOGIN, SANDBOX_LOGIN})


def environment_org(api_version: str, environ: Mapping[str, str]) -> Gateway:
    """A gateway to the org the variables describe, logged in. The first complete way wins, in the order of `WAYS`.

    Raises:
        UsageError: no way is complete, or the login was refused.
        Unreachable: the login host does not answer.
    """
    if environ.get("SF_INSTANCE_URL") and environ.get("SF_ACCESS_TOKEN"):
        return open_gateway(environ["SF_INSTANCE_URL"], environ["SF_ACCESS_TOKEN"], api_version=api_version, environ=environ)
    session = _way(environ)
    first = session()
    return open_gateway(
        first.instance_url, first.access_token, api_version=api_version, renew=lambda: session().access_token, environ=environ
    )


def audience(login_url: str) -> str:
    """The `aud` that a JWT for this login host carries.

    Salesforce takes https://login.salesforce.com, https://test.salesforce.com for sandboxes, or the address of an Experience Cloud site
    ("OAuth 2.0 JWT Bearer Flow for Server-to-Server Integration", Salesforce Help). A scratch org is a sandbox in this.
    """
    url = login_url.rstrip("/")
    kind = kind_of(urlsplit(url).netloc)
    if url in _PUBLIC_LOGINS or kind is None or kind is OrgKind.LOCAL:
        return url
    return SANDBOX_LOGIN if kind in {OrgKind.SANDBOX, OrgKind.SCRATCH} else PRODUCTION_LOGIN


def _way(environ: Mapping[str, str]) -> Callable[[], Session]:
    """How to log in; calling it again renews the session."""
    url = (environ.get("SF_LOGIN_URL") or environ.get("SF_INSTANCE_URL") or PRODUCTION_LOGIN).rstrip("/")
    has_key = bool(environ.get("SF_PRIVATE_KEY") or environ.get("SF_PRIVATE_KEY_FILE"))
    has_secret = bool(environ.get("SF_CLIENT_SECRET"))
    if environ.get("SF_CLIENT_ID") and environ.get("SF_USERNAME") and (has_key or not has_secret):
        meant_for = environ.get("SF_AUDIENCE_URL") or audience(url)

        def by_jwt() -> Session:
            form = {"grant_type": _JWT_GRANT, "assertion": _assertion(environ, meant_for)}
            return log_in(LogIn(url, form, audience=meant_for, username=environ["SF_USERNAME"]), environ)

        return by_jwt
    if environ.get("SF_CLIENT_ID") and has_secret:
        if url in _PUBLIC_LOGINS:
            raise UsageError(
                f"client credentials are not accepted at {urlsplit(url).netloc}, but at the org's own My Domain only",
                "Set SF_LOGIN_URL to one such as https://yourcompany.my.salesforce.com.",
            )
        form = {
            "grant_type": "client_credentials", "client_id": environ["SF_CLIENT_ID"], "client_secret": environ["SF_CLIENT_SECRET"],
        }  # fmt: skip
        return lambda: log_in(LogIn(url, form), environ)
    raise UsageError("no org is named: nothing is written to an org nobody named", WAYS)


def _assertion(environ: Mapping[str, str], meant_for: str) -> str:
    key = environ.get("SF_PRIVATE_KEY", "")
    path = environ.get("SF_PRIVATE_KEY_FILE")
    if not key and path:
        try:
            key = Path(path).read_text("ascii")
        except (OSError, ValueError) as error:
            raise UsageError(f"SF_PRIVATE_KEY_FILE {path} cannot be read: {error}", "It is a PEM file.") from error
    if not key:
        raise UsageError("a JWT login needs SF_PRIVATE_KEY or SF_PRIVATE_KEY_FILE beside SF_USERNAME and SF_CLIENT_ID", WAYS)
    claims = {
        "iss": environ["SF_CLIENT_ID"],
        "sub": environ["SF_USERNAME"],
        "aud": meant_for,
        "exp": int(time.time()) + _VALID_SECONDS,
    }
    try:
        return jwt.encode(claims, key, algorithm="RS256")
    except (ValueError, TypeError, AttributeError, jwt.PyJWTError):  # AttributeError: a public key
        # Not chained: what the libraries say of a key may repeat a part of it.
        raise UsageError(
            "the private key is no RSA private key in PEM form without a password", "Check SF_PRIVATE_KEY or SF_PRIVATE_KEY_FILE."
        ) from None
