"""One spelling for every address: clients double slashes, add trailing ones and put a login host into the path."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote_to_bytes

Environ = dict[str, Any]
WsgiApp = Callable[[Environ, Any], Iterable[bytes]]

_SLASHES = re.compile(r"/{2,}")
_LOGIN_HOST = re.compile(r"^/[A-Za-z0-9.-]+\.salesforce\.com(?=/|$)")


def normal_path(raw: str) -> str:
    """The still percent-encoded path with single slashes, no trailing one and no leading `/login.salesforce.com`.

    sf sends `//services/data`; simple-salesforce, given the domain `localhost:8765/login`, posts to
    `/login.salesforce.com/services/oauth2/token`.
    """
    path = _SLASHES.sub("/", f"/{raw}")
    path = _LOGIN_HOST.sub("", path)
    return path.rstrip("/") or "/"


def raw_path(environ: Environ) -> str:
    """The path as it was sent. PATH_INFO is already decoded, and an external id may hold an encoded slash."""
    uri = environ.get("REQUEST_URI")
    if not isinstance(uri, str):
        return str(environ.get("PATH_INFO", "/"))
    path = uri.partition("?")[0].partition("#")[0]
    scheme, found, rest = path.partition("://")
    if found and scheme.isalpha():
        return "/" + rest.partition("/")[2]
    return path


class NormalPath:
    """WSGI middleware: rewrites PATH_INFO before the routes see it."""

    def __init__(self, app: WsgiApp) -> None:
        self._app = app

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        path = normal_path(raw_path(environ))
        environ["PATH_INFO"] = unquote_to_bytes(path).decode("latin-1")
        return self._app(environ, start_response)
