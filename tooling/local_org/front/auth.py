"""Sessions: OAuth token flows, user info and identity."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, redirect, request

from ..errors import InvalidSession, NotFound, OrgError
from .connected_apps import app_of, check_assertion, check_client_credentials, check_secret, claims_of, required_app
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
    """A session of the named user, else of the administrator.

    Through a connected app that was registered with the control plane, only what Salesforce would accept; while none is registered, any.
    """
    grant = request.form.get("grant_type", "")
    client_id, secret = _client()
    if grant == "refresh_token":
        return _granted(_refreshed(client_id, secret, request.form.get("refresh_token")))
    if grant == "authorization_code":
        user = _user_of_code(request.form.get("code"))
        if user is None:
            raise OAuthRefused("invalid_grant", "invalid authorization code")
        return _granted(user, with_refresh=True)
    if grant == "urn:ietf:params:oauth:grant-type:jwt-bearer":
        return _granted(_asserted(request.form.get("assertion", "")))
    if grant == "client_credentials":
        if not client_id:
            raise OAuthRefused("invalid_client", "client identifier missing")
        return _granted(_client_user(client_id, secret))
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
    return reply(_identity(_identified()))


@routes.get("/id/<org_id>/<user_id>")
def identity(org_id: str, user_id: str) -> Response:
    user = _identified()
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


def _identified() -> User:
    """The calling user. Here a session that ended is told by 403 and a text ("User Info Endpoint", Salesforce Help), not as elsewhere."""
    try:
        return calling_user()
    except InvalidSession:
        text = "Bad_OAuth_Token" if request.headers.get("Authorization") else "Missing_OAuth_Token"
        abort(Response(text, status=403, content_type="text/html;charset=UTF-8"))


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


def _client() -> tuple[str, str]:
    """Consumer key and secret, from the form or from Basic authorization."""
    basic = request.authorization if request.authorization and request.authorization.type == "basic" else None
    if basic is not None:
        return basic.username or "", basic.password or ""
    return request.form.get("client_id", ""), request.form.get("client_secret", "")


def _refreshed(client_id: str, secret: str, refresh_token: str | None) -> User:
    app = app_of(client_id)
    user = _user_of_code(refresh_token)
    if app is not None:
        check_secret(app, secret)
        if user is None:
            raise OAuthRefused("invalid_grant", "expired access/refresh token")
    return user or _user(ADMIN)


def _asserted(assertion: str) -> User:
    """The user of a JWT; without a registered app neither signature nor `aud` nor `exp` are looked at."""
    claims = claims_of(assertion)
    app = required_app(str(claims.get("iss", "")))
    if app is None:
        return _user(str(claims["sub"]))
    (organization,) = the_org().query(_user(ADMIN), "SELECT IsSandbox FROM Organization").records
    check_assertion(app, assertion, claims, is_sandbox=bool(organization["IsSandbox"]))
    return _active(str(claims["sub"]), otherwise="user hasn't approved this consumer")


def _client_user(client_id: str, secret: str) -> User:
    app = required_app(client_id)
    if app is None:
        return _user(ADMIN)
    check_client_credentials(app, secret)
    return _active(app.run_as, otherwise="no client credentials user enabled")


def _active(username: str, *, otherwise: str) -> User:
    try:
        user = the_org().user_named(username)
    except OrgError as unknown:
        raise OAuthRefused("invalid_grant", otherwise) from unknown
    if not user.active:
        raise OAuthRefused("invalid_grant", "inactive user")
    return user


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
