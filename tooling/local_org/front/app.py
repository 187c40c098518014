"""The Flask application: which endpoints exist, and what happens before and after each of them."""

from __future__ import annotations

import gzip
import io
import re
import socket
import ssl
import zlib
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Flask, Response, g, request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, RequestHeaderFieldsTooLarge, RequestURITooLarge
from werkzeug.routing import BaseConverter, ValidationError

from ..errors import error_class
from . import (
    apex_soap,
    auth,
    bulk1,
    bulk2,
    composite,
    control,
    errors,
    limits,
    metadata_rest,
    metadata_soap,
    pages,
    partner_soap,
    query,
    sobject_collections,
    sobjects,
    tooling,
    tree,
)  # fmt: skip
from .faults import pause
from .path import NormalPath
from .state import FrontState
from .wire import CONNECTION_KEY, LATEST_VERSION, OLDEST_VERSION, SUBREQUEST_KEY, front_state, install, the_org

if TYPE_CHECKING:
    from ..engine.org import Org

MEBIBYTE = 1024 * 1024
_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
_MOST_ADDRESS_BYTES = 16_384
_COUNTED = re.compile(r"^/services/(?!data$|oauth2/)")


class _VersionConverter(BaseConverter):
    regex = r"\d+\.0"

    def to_python(self, value: str) -> str:
        if not OLDEST_VERSION <= float(value) <= float(LATEST_VERSION):
            raise ValidationError()
        return value


class _TextConverter(BaseConverter):
    """The rest of the path, slashes included: an external id may hold them, encoded."""

    regex = r".+"
    part_isolating = False


def create_app(org: Org) -> Flask:
    """The whole HTTP face of an org: Salesforce's APIs, the control plane and the pages."""
    app = Flask(__name__, static_folder=None)
    app.url_map.merge_slashes = False
    app.url_map.strict_slashes = False
    app.url_map.converters["version"] = _VersionConverter
    app.url_map.converters["text"] = _TextConverter
    state = FrontState(org.now)
    org.refuse_actions(state.faults.refused_action)
    app.extensions.update(install(org, state))
    errors.register(app)
    app.before_request(_before)
    app.after_request(_after)
    for endpoints in (
        auth, sobjects, query, composite, sobject_collections, tree, bulk1, bulk2, metadata_soap, metadata_rest, apex_soap, partner_soap,
        tooling, limits, control, pages,
    ):  # fmt: skip
        app.register_blueprint(endpoints.routes)
    app.wsgi_app = NormalPath(app.wsgi_app)  # type: ignore[method-assign]
    return app


def _before() -> Response | None:
    """Body limits, the count of API calls and injected faults, in that order; the body is read whole before anything answers."""
    if SUBREQUEST_KEY in request.environ:
        return None
    _check_host()
    _check_size()
    _read_body()
    if not request.path.startswith("/services/") and not request.path.startswith("/id/"):
        return None
    if _COUNTED.match(request.path):
        front_state().usage.count(request.method, request.path)
    g.verdict = front_state().faults.judge(request.method, request.full_path, request.get_data(cache=True))
    pause(g.verdict.latency)
    if g.verdict.lose:
        _cut(request.environ.get(CONNECTION_KEY))
    if g.verdict.lose or g.verdict.html:
        status = 503 if g.verdict.error is None else g.verdict.error.status
        return Response("<!DOCTYPE html><title>Down for maintenance</title>", status, content_type="text/html")
    if g.verdict.error is not None:
        raise g.verdict.error
    return None


def _check_host() -> None:
    """Loopback names only: a page of another site must not reach the org through a host name it made resolve to this machine."""
    host = urlsplit(f"//{request.host}").hostname
    if host not in _HOSTS:
        raise BadRequest(f"The local org answers to localhost, not to {host}")


def _check_size() -> None:
    # "URI too long": 16,384 bytes for the URI alone, 431 for URI and headers together (Salesforce Help 000386264).
    address = len(request.environ.get("REQUEST_URI", ""))
    if address > _MOST_ADDRESS_BYTES:
        raise RequestURITooLarge()
    if address + sum(len(name) + len(value) + 4 for name, value in request.headers) > _MOST_ADDRESS_BYTES:
        raise RequestHeaderFieldsTooLarge()
    request.max_content_length = _most_bytes(request.path)


def _most_bytes(path: str) -> int:
    """The largest body: 50 MB SOAP and deploys, 150 MB a Bulk 2.0 upload, 10 MB a Bulk v1 batch, 50 MB everything else."""
    if "/jobs/ingest" in path:
        return 150 * MEBIBYTE
    return 10 * MEBIBYTE + 65_536 if path.startswith("/services/async/") else 75 * MEBIBYTE


def _read_body() -> None:
    data = request.get_data(cache=True)
    if request.headers.get("Content-Encoding", "").lower() != "gzip" or not data:
        return
    most = request.max_content_length or 0
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
            plain = packed.read(most + 1)
    except (OSError, EOFError, zlib.error) as unreadable:
        raise error_class("MALFORMED_REQUEST")(f"The body is not gzip: {unreadable}") from unreadable
    if len(plain) > most:
        raise RequestEntityTooLarge()
    request._cached_data = plain  # noqa: SLF001 - the attribute get_data(cache=True) itself fills


def _after(response: Response) -> Response:
    if SUBREQUEST_KEY in request.environ:
        return response
    if request.path.startswith("/services/"):
        response.date = the_org().now()  # callers tell the org's time by it
    if request.path.startswith("/services/data/"):
        response.headers["Sforce-Limit-Info"] = front_state().usage.header
    verdict = g.get("verdict")
    if verdict is not None:
        pause(verdict.latency_per_row * g.get("rows", 0))
        if verdict.drop:
            _cut(request.environ.get(CONNECTION_KEY))
    return response


def _cut(connection: Any) -> None:
    """Ends the connection after the commit and before the reply, as a network failure would."""
    if connection is None:
        return
    try:
        connection.socket.shutdown(socket.SHUT_RDWR)
    except (OSError, ssl.SSLError, ValueError):
        return
