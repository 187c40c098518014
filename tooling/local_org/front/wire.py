"""What every endpoint needs of the request in hand: the org, the calling user, the API version, a JSON body in, a JSON reply out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, cast

from flask import Response, current_app, g, request

from ..errors import InvalidSession, JsonParserError, OrgError, error_class

if TYPE_CHECKING:
    from ..engine.org import Org
    from ..engine.users import User
    from .state import FrontState

CONNECTION_KEY = "local_org.connection"
"""WSGI environ key under which the server hands over its connection object, so that a fault can cut it."""
SUBREQUEST_KEY = "local_org.subrequest"
"""WSGI environ key of a request made by a composite call: neither counted nor hit by faults on its own."""
LATEST_VERSION = "67.0"
OLDEST_VERSION = 20
JSON_TYPE = "application/json;charset=UTF-8"
_EXTENSION = "local_org"


def install(org: Org, state: FrontState) -> dict[str, Any]:
    """The entry of `app.extensions` that the functions below read."""
    return {_EXTENSION: (org, state)}


def the_org() -> Org:
    return cast("tuple[Org, FrontState]", current_app.extensions[_EXTENSION])[0]


def front_state() -> FrontState:
    return cast("tuple[Org, FrontState]", current_app.extensions[_EXTENSION])[1]


def calling_user() -> User:
    """The user whose session the request carries.

    Raises:
        InvalidSession: no token, or one that is not known.
        OrgError: INVALID_AUTH_HEADER, an Authorization header that is neither Bearer nor OAuth.
    """
    if "user" not in g:
        g.user = the_org().user_of_token(_token())
    return cast("User", g.user)


def _token() -> str:
    header = request.headers.get("Authorization", "")
    if not header:
        session = request.headers.get("X-SFDC-Session", "")
        if not session:
            raise InvalidSession("Session expired or invalid")
        return session
    scheme, _, token = header.partition(" ")
    if scheme.lower() not in {"bearer", "oauth"} or not token.strip():
        refused = error_class("INVALID_AUTH_HEADER")("INVALID_HEADER_TYPE")
        refused.status = 401
        raise refused
    return token.strip()


def api_version() -> str:
    """The version in the path, such as `64.0`; answers repeat it in their addresses."""
    return cast("str", (request.view_args or {}).get("version") or g.get("version") or LATEST_VERSION)


def data_url(path: str) -> str:
    """An address below the caller's own API version: `data_url("sobjects/Account/001…")`."""
    return f"/services/data/v{api_version()}/{path}"


def base_url() -> str:
    """Scheme, host and port as the caller wrote them, without a trailing slash."""
    return request.host_url.rstrip("/")


def json_body() -> Any:
    """The request body read as JSON; numbers keep their decimal digits.

    Raises:
        JsonParserError: the body is not JSON.
    """
    data = request.get_data(cache=True)
    if not data.strip():
        raise JsonParserError("Unexpected end of input, no JSON body was sent")
    try:
        return json.loads(data, parse_float=Decimal)
    except (ValueError, RecursionError) as unreadable:
        raise JsonParserError(f"Unexpected character in the request body: {unreadable}") from unreadable


def json_object() -> dict[str, Any]:
    """The body as a JSON object."""
    value = json_body()
    if not isinstance(value, dict):
        raise JsonParserError("The HTTP entity body is required to be a JSON object")
    return value


def boolean(value: Any, default: bool = False) -> bool:
    """JSON booleans and the strings cci sends in their place."""
    if value is None:
        return default
    return value if isinstance(value, bool) else str(value).strip().lower() in {"true", "1"}


def reply(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(dumps(value), status=status, headers=dict(headers or {}), content_type=JSON_TYPE)


def no_content() -> Response:
    return Response(status=204)


def dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=_encode)


def _encode(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}+0000"
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


def note_rows(count: int) -> None:
    """Counts records that this request wrote, for latency per record."""
    g.rows = g.get("rows", 0) + count


def unsupported(what: str) -> OrgError:
    """The error of something Salesforce has and the local org has not: it names the thing."""
    return error_class("FUNCTIONALITY_NOT_ENABLED")(f"The local org does not support {what}.")
