"""Sessions: OAuth token flows, user info and identity."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import secrets
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, request

from ..errors import NotFound, OrgError
from .errors import NOT_THERE, OAuthRefused
from .wire import base_url, calling_user, front_state, reply, the_org

if TYPE_CHECKING:
    from werkzeug.wrappers import Response as AnyResponse

    from ..engine.users import User

routes = Blueprint("auth", __name__)

ADMIN = "admin@local.example"
_CODES = "code"
_SCOPE = "refresh_token web api full"


@routes.post("/services/oauth2/token")
def token() -> Response:
    """Every grant type of section "Auth endpoints": all of them answer a session of the named user, else of the administrator."""
    grant = request.form.get("grant_type", "")
    if grant == "refresh_token":
        return _granted(_user_of_code(request.form.get("refresh_token")) or _user(ADMIN))
    if grant == "authorization_code":
        user = _user_of_code(request.form.get("code"))
        if user is None:
            raise OAuthRefused("invalid_grant", "invalid authorization code")
        return _granted(user, with_refresh=True)
    if grant == "urn:ietf:params:oauth:grant-type:jwt-bearer":
        return _granted(_user(_subject(request.form.get("assertion", ""))))
    if grant == "client_credentials":
        if not (request.form.get("client_id") or request.authorization):
            raise OAuthRefused("invalid_client", "client identifier missing")
        return _granted(_user(ADMIN))
    if grant == "password":
        return _granted(_user(request.form.get("username", "")))
    raise OAuthRefused("unsupported_grant_type", "grant type not supported")


@routes.get("/services/oauth2/authorize")
def authorize() -> AnyResponse:
    """Logs the administrator in without a page and sends the browser back with a code."""
    target = request.args.get("redirect_uri", "")
    if request.args.get("response_type") != "code" or not target:
        raise OAuthRefused("invalid_request", "response_type=code and redirect_uri are needed")
    code = _code_of(_user(request.args.get("login_hint") or ADMIN))
    answer = {"code": code, **({"state": request.args["state"]} if "state" in request.args else {})}
    return redirect(f"{target}{'&' if '?' in target else '?'}{urlencode(answer)}", 302)


@routes.route("/services/oauth2/userinfo", methods=["GET", "POST"])
def user_info() -> Response:
    return reply(_identity(calling_user()))


@routes.get("/id/<org_id>/<user_id>")
def identity(org_id: str, user_id: str) -> Response:
    user = calling_user()
    if org_id[:15] != the_org().id[:15] or user_id[:15] != user.id[:15]:
        raise NotFound(NOT_THERE)
    return reply(_identity(user))


@routes.post("/services/oauth2/revoke")
def revoke() -> Response:
    """Answers as Salesforce does; the session stays, the local org has no session table to take it from."""
    return Response(status=200)


@routes.post("/services/oauth2/singleaccess")
def single_access() -> Response:
    calling_user()
    return reply({"frontdoor_uri": f"{base_url()}/"})


def _granted(user: User, *, with_refresh: bool = False) -> Response:
    issued_at = str(int(time.time() * 1000))
    identity_url = _identity_url(user)
    answer = {
        "access_token": the_org().issue_token(user.id),
        # Without a trailing slash: simple-salesforce strips only the scheme from it.
        "instance_url": base_url(),
        "id": identity_url,
        "token_type": "Bearer",
        "issued_at": issued_at,
        "scope": _SCOPE,
        "signature": base64.b64encode(hashlib.sha256((identity_url + issued_at).encode()).digest()).decode(),
    }
    if with_refresh:
        answer["refresh_token"] = _code_of(user)
    return reply(answer)


def _user(username: str) -> User:
    try:
        return the_org().user_named(username)
    except OrgError as unknown:
        raise OAuthRefused("invalid_grant", f"authentication failure: no user {username!r} in the local org") from unknown


def _code_of(user: User) -> str:
    code = "aPrx" + secrets.token_urlsafe(32)
    front_state().shelf(_CODES).keep(code, user.username)
    return code


def _user_of_code(code: str | None) -> User | None:
    username = front_state().shelf(_CODES).get(code) if code else None
    return _user(username) if isinstance(username, str) else None


def _subject(assertion: str) -> str:
    """The `sub` of a JWT. Signature, `exp` and `aud` are not checked.

    cci sends `exp` = now, sf sends it in milliseconds, simple-salesforce as text: each would fail a strict check.
    """
    try:
        payload = assertion.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return str(claims["sub"])
    except (IndexError, KeyError, TypeError, ValueError, binascii.Error) as unreadable:
        raise OAuthRefused("invalid_grant", "invalid assertion") from unreadable


def _identity_url(user: User) -> str:
    return f"{base_url()}/id/{the_org().id}/{user.id}"


def _identity(user: User) -> dict[str, Any]:
    base, org_id = base_url(), the_org().id
    version = "v{version}"
    return {
        "id": _identity_url(user), "sub": _identity_url(user), "asserted_user": True, "user_id": user.id, "organization_id": org_id,
        "preferred_username": user.username, "username": user.username, "nickname": user.name, "name": user.name, "display_name": user.name,
        "email": user.username, "email_verified": True, "given_name": user.name.partition(" ")[0],
        "family_name": user.name.partition(" ")[2] or user.name, "zoneinfo": str(user.time_zone), "timezone": str(user.time_zone),
        "user_type": "STANDARD", "language": "en_US", "locale": "en_US", "active": True, "is_app_installed": True,
        "urls": {
            "enterprise": f"{base}/services/Soap/c/{version}/{org_id}", "metadata": f"{base}/services/Soap/m/{version}/{org_id}",
            "partner": f"{base}/services/Soap/u/{version}/{org_id}", "rest": f"{base}/services/data/{version}/",
            "sobjects": f"{base}/services/data/{version}/sobjects/", "query": f"{base}/services/data/{version}/query/",
            "tooling_rest": f"{base}/services/data/{version}/tooling/", "profile": f"{base}/{user.id}", "custom_domain": base,
        },
    }  # fmt: skip
