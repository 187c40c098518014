"""Connected apps that were registered with the control plane: who logs in through one is checked as Salesforce checks it.

Error texts: "OAuth 2.0 Authorization Errors" (Salesforce Help), "Resolve Common Authorization Errors" (Salesforce DX Developer Guide), and
what clients quote in their issue trackers. In which order Salesforce looks at the claims is not published; ours is that of RFC 7523.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import ipaddress
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, cast

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from flask import Blueprint, Response, request

from ..errors import OrgError, error_class
from .errors import OAuthRefused
from .path import raw_path
from .wire import base_url, front_state, json_object, reply

routes = Blueprint("connected_apps", __name__, url_prefix="/connected-apps")

_SHELF = "connected app"
_PRODUCTION_HOST, _SANDBOX_HOST = "login.salesforce.com", "test.salesforce.com"
_LEEWAY = 180
"""Seconds that an assertion may be past its `exp`: CumulusCI sends the moment itself, and logs in to Salesforce with it."""


@dataclass(frozen=True, slots=True)
class ConnectedApp:
    """What Salesforce knows of a connected app. What is left out is not allowed: no certificate, no JWT."""

    consumer_key: str
    consumer_secret: str = ""
    certificate: str = ""
    """PEM: the certificate of "Use digital signatures"."""
    approved: tuple[str, ...] = ()
    """Usernames that an administrator pre-authorized."""
    run_as: str = ""
    """Username that the client credentials flow runs as."""
    ip_ranges: tuple[str, ...] = ()
    """Networks that may log in, such as 10.0.0.0/8; none: all."""

    def to_json(self) -> dict[str, Any]:
        """Everything but the secret."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.name != "consumer_secret"}


@routes.route("", methods=["GET", "POST", "DELETE"])
def connected_apps() -> Response:
    """POST registers one app, or replaces it; DELETE forgets all. Without any, every client may log in as it likes."""
    shelf = front_state().shelf(_SHELF)
    if request.method == "DELETE":
        shelf.clear()
    if request.method == "POST":
        app = _app_from_json(json_object())
        shelf.keep(app.consumer_key, app)
    return reply({"connected_apps": [app.to_json() for app in _apps()]})


def app_of(consumer_key: str) -> ConnectedApp | None:
    """The registered app of a consumer key. None: apps of CumulusCI and of Salesforce CLI are in every org without being registered.

    Raises:
        OAuthRefused: the caller's network may not log in through it.
    """
    found = next((app for app in _apps() if app.consumer_key == consumer_key), None)
    if found is not None and found.ip_ranges and not _is_within(request.remote_addr or "", found.ip_ranges):
        raise OAuthRefused("invalid_grant", "ip restricted")
    return found


def required_app(consumer_key: str) -> ConnectedApp | None:
    """As `app_of`, for grants that need an app of the customer's. None: none is registered at all, and nothing is to be checked.

    Raises:
        OAuthRefused: also when apps are registered and this is none of them.
    """
    found = app_of(consumer_key)
    if found is None and _apps():
        raise OAuthRefused("invalid_client_id", "client identifier invalid")
    return found


def claims_of(assertion: str) -> dict[str, Any]:
    """The claims of a JWT, not verified.

    Raises:
        OAuthRefused: it is none.
    """
    try:
        claims = json.loads(_decoded(assertion.split(".")[1]))
    except (IndexError, ValueError, binascii.Error) as unreadable:
        raise OAuthRefused("invalid_grant", "invalid assertion") from unreadable
    if not isinstance(claims, dict) or "sub" not in claims:
        raise OAuthRefused("invalid_grant", "invalid assertion")
    return claims


def check_assertion(app: ConnectedApp, assertion: str, claims: Mapping[str, Any], *, is_sandbox: bool) -> None:
    """Signature, audience, expiry and approval, in this order.

    `exp` may be a text (simple-salesforce) and far off (Salesforce CLI sends milliseconds); both log in to Salesforce.

    Raises:
        OAuthRefused: one of them is wrong.
    """
    if not _is_signed(app, assertion):
        raise OAuthRefused("invalid_grant", "invalid assertion")
    # "OAuth 2.0 JWT Bearer Flow", `aud`: test.salesforce.com for a sandbox. Salesforce CLI tries the org's own address first.
    login_host = _SANDBOX_HOST if is_sandbox else _PRODUCTION_HOST
    if str(claims.get("aud", "")).rstrip("/") not in {f"https://{login_host}", base_url()}:
        raise OAuthRefused("invalid_grant", "audience is invalid")
    try:
        expires = float(claims.get("exp", 0))
    except (TypeError, ValueError) as unreadable:
        raise OAuthRefused("invalid_grant", "invalid assertion") from unreadable
    if expires < time.time() - _LEEWAY:
        raise OAuthRefused("invalid_grant", "expired authorization code")
    if claims["sub"] not in app.approved:
        raise OAuthRefused("invalid_grant", "user hasn't approved this consumer")


def check_client_credentials(app: ConnectedApp, secret: str) -> None:
    """The secret, the address (My Domain alone) and the user to run as.

    Raises:
        OAuthRefused: one of them is wrong.
    """
    if raw_path(request.environ).lstrip("/").split("/")[0] in {_PRODUCTION_HOST, _SANDBOX_HOST}:
        raise OAuthRefused("invalid_grant", "request not supported on this domain")
    check_secret(app, secret)
    if not app.run_as:
        raise OAuthRefused("invalid_grant", "no client credentials user enabled")


def check_secret(app: ConnectedApp, secret: str) -> None:
    """Raises OAuthRefused: it is not the app's."""
    if not app.consumer_secret or not hmac.compare_digest(secret.encode(), app.consumer_secret.encode()):
        raise OAuthRefused("invalid_client", "invalid client credentials")


def _apps() -> list[ConnectedApp]:
    return cast("list[ConnectedApp]", front_state().shelf(_SHELF).values())


def _is_signed(app: ConnectedApp, assertion: str) -> bool:
    signed, _, signature = assertion.rpartition(".")
    try:
        if not app.certificate or json.loads(_decoded(signed.split(".")[0])).get("alg") != "RS256":
            return False
        _public_key(app.certificate).verify(_decoded(signature), signed.encode("ascii"), PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError, AttributeError):
        return False
    return True


def _public_key(certificate: str) -> RSAPublicKey:
    """Raises ValueError: no certificate of an RSA key."""
    key = x509.load_pem_x509_certificate(certificate.encode()).public_key()
    if not isinstance(key, RSAPublicKey):
        raise ValueError("not an RSA key")
    return key


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def _is_within(address: str, ranges: tuple[str, ...]) -> bool:
    return any(ipaddress.ip_address(address) in ipaddress.ip_network(each) for each in ranges)


def _app_from_json(given: Mapping[str, Any]) -> ConnectedApp:
    known = {f.name for f in fields(ConnectedApp)}
    unknown = sorted(set(given) - known)
    if unknown or not given.get("consumer_key"):
        what = f"unknown key '{unknown[0]}'" if unknown else "consumer_key is missing"
        raise _refused(f"A connected app: {what}; keys are {', '.join(sorted(known))}")
    values: dict[str, Any] = {}
    for name, value in given.items():
        wanted = list if name in {"approved", "ip_ranges"} else str
        if not isinstance(value, wanted):
            raise _refused(f"Key '{name}' of a connected app takes a {'list' if wanted is list else 'string'}")
        values[name] = tuple(str(each) for each in value) if isinstance(value, list) else value
    app = ConnectedApp(**values)
    try:
        _ = [ipaddress.ip_network(each) for each in app.ip_ranges]
        _ = app.certificate and _public_key(app.certificate)
    except ValueError as unreadable:
        raise _refused(f"A connected app takes an X.509 certificate of an RSA key in PEM form, and networks: {unreadable}") from unreadable
    return app


def _refused(message: str) -> OrgError:
    return error_class("INVALID_ARGUMENT")(message)
