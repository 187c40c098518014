"""Runs one request inside another, for composite, batch and graph: the same endpoints answer, nothing is sent."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from flask import current_app, g, request
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from .path import normal_path
from .wire import SUBREQUEST_KEY, dumps, note_rows

_TOLD_HEADERS = ("Location", "ETag", "Last-Modified")
_KEPT_HEADERS = ("Authorization", "X-SFDC-Session", "Sforce-Duplicate-Rule-Header", "Sforce-Query-Options")


@dataclass(frozen=True, slots=True)
class SubResponse:
    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def failed(self) -> bool:
        return self.status >= 400


def run(method: str, url: str, body: Any = None, headers: Mapping[str, str] | None = None) -> SubResponse:
    """Answers `method url` as the outer request's caller; raw spaces in the URL are taken as cci sends them."""
    path, _, query = url.partition("?")
    kept = Headers({name: request.headers[name] for name in _KEPT_HEADERS if name in request.headers})
    kept.update(dict(headers or {}))
    builder = EnvironBuilder(
        method=method,
        path="/",
        query_string=quote(query, safe="%=&+,'()*!~@:/?$-._;"),
        base_url=request.host_url,
        headers=kept,
        data=dumps(body).encode() if body is not None else None,
        content_type="application/json" if body is not None else None,
    )
    environ = builder.get_environ()
    encoded = quote(path, safe="%/@:!$&'()*+,;=~-._")
    environ["REQUEST_URI"] = encoded
    environ["PATH_INFO"] = unquote_to_bytes(normal_path(encoded)).decode("latin-1")
    environ[SUBREQUEST_KEY] = True
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - Flask's documented way to the application itself
    # An application context of its own: `g` holds the user and the counters of one request.
    with app.app_context(), app.request_context(environ):
        response = app.full_dispatch_request()
        rows = g.get("rows", 0)
        data = response.get_data()
    note_rows(rows)
    told = {name: response.headers[name] for name in _TOLD_HEADERS if name in response.headers}
    return SubResponse(response.status_code, json.loads(data) if data else None, told)
