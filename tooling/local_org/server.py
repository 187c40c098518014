"""The socket side of the local org: TLS and plain HTTP on one loopback port, started and stopped as a context manager."""

from __future__ import annotations

import contextlib
import logging
import socket
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cheroot.makefile import MakeFile
from cheroot.server import HTTPConnection, HTTPRequest
from cheroot.wsgi import Gateway_10
from cheroot.wsgi import Server as WsgiServer

from .front.app import create_app
from .front.certificates import Certificates
from .front.environment import PORT_FILE
from .front.wire import CONNECTION_KEY

if TYPE_CHECKING:
    from flask import Flask

    from .engine.org import Org

DEFAULT_PORT = 8765

_LOG = logging.getLogger("tooling.local_org.server")

_TLS_HANDSHAKE = 0x16
"""First byte of a TLS record that carries a handshake; no HTTP method begins with it."""
_HANDSHAKE_SECONDS = 5.0
_IDLE_SECONDS = 120
_THREADS = 40
_MAX_HEADER_BYTES = 64 * 1024


class PortInUse(OSError):
    """Another program answers on the wanted port."""


@dataclass(frozen=True, slots=True)
class Served:
    """A local org that answers: its port and the files that make clients trust it."""

    port: int
    certificates: Certificates
    app: Flask

    @property
    def url(self) -> str:
        return f"https://localhost:{self.port}"

    @property
    def plain_url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def ca_bundle(self) -> Path:
        """PEM file for REQUESTS_CA_BUNDLE: the public authorities and ours."""
        return self.certificates.bundle()


class _Request(HTTPRequest):
    """Accepts `//services/data`, which sf sends and which URL grammar takes for a host name; the front reads REQUEST_URI itself."""

    def __init__(self, server: Any, conn: Any) -> None:
        super().__init__(server, conn, proxy_mode=False, strict_mode=False)


class _Gateway(Gateway_10):
    # cheroot's own annotation says that get_environ answers nothing.
    def get_environ(self) -> dict[str, Any]:  # type: ignore[override]
        environ: dict[str, Any] = super().get_environ()  # type: ignore[no-untyped-call]
        environ[CONNECTION_KEY] = self.req.conn
        if isinstance(self.req.conn.socket, ssl.SSLSocket):
            environ["wsgi.url_scheme"] = "https"
            environ["HTTPS"] = "on"
        return environ

    def respond(self) -> None:
        super().respond()
        if self.req.chunked_read and self.req.rfile.closed:
            # The line break after the last chunk would be taken for the next request and hold a worker.
            for _ in self.req.rfile.read_trailer_lines():
                pass


class _Connection(HTTPConnection):
    """Decides between TLS and plain HTTP when the first byte is there; until then it waits in the selector and holds no worker."""

    RequestHandlerClass = _Request
    tls: ssl.SSLContext
    _decided = False

    def communicate(self) -> bool:
        if not self._decided:
            first = self._peek()
            if first is None:
                return True
            if first == b"" or (first[0] == _TLS_HANDSHAKE and not self._start_tls()):
                return False
            self._decided = True
        return bool(super().communicate())  # type: ignore[no-untyped-call]

    def close(self) -> None:
        # An error here would end the whole server; a failed handshake or a cut connection leaves a socket that is closed already.
        with contextlib.suppress(OSError, ValueError):
            super().close()

    def _peek(self) -> bytes | None:
        """The first byte without taking it; b"" when the peer has gone, None when nothing was sent yet."""
        timeout = self.socket.gettimeout()
        self.socket.setblocking(False)
        try:
            return bytes(self.socket.recv(1, socket.MSG_PEEK))
        except (BlockingIOError, InterruptedError):
            return None
        except OSError:
            return b""
        finally:
            self.socket.settimeout(timeout)

    def _start_tls(self) -> bool:
        for stream in (self.rfile, self.wfile):
            stream.close()
        try:
            self.socket.settimeout(_HANDSHAKE_SECONDS)
            self.socket = self.tls.wrap_socket(self.socket, server_side=True)
            self.socket.settimeout(_IDLE_SECONDS)
        except (OSError, ValueError) as refused:
            _LOG.debug("TLS handshake failed: %s", refused)
            return False
        finally:
            self.rfile, self.wfile = _streams(self.socket)
        return True


def _streams(sock: socket.socket) -> tuple[Any, Any]:
    return MakeFile(sock, "rb"), MakeFile(sock, "wb")


class _Server(WsgiServer):
    keep_alive_conn_limit = None  # type: ignore[assignment]
    max_request_header_size = _MAX_HEADER_BYTES

    def __init__(self, address: tuple[str, int], app: Any, tls: ssl.SSLContext) -> None:
        super().__init__(address, app, numthreads=_THREADS, server_name="localhost", request_queue_size=128, timeout=_IDLE_SECONDS)
        self.gateway = _Gateway
        self.ConnectionClass = type("Connection", (_Connection,), {"tls": tls})

    @staticmethod
    def bind_socket(socket_: socket.socket, bind_addr: Any) -> socket.socket:
        try:
            socket_.bind(bind_addr)
        except OSError:
            socket_.close()
            raise
        return socket_

    def error_log(self, msg: str = "", level: int = logging.INFO, traceback: bool = False) -> None:
        _LOG.log(level, msg, exc_info=traceback)


def _start(address: tuple[str, int], app: Any, tls: ssl.SSLContext) -> _Server:
    server = _Server(address, app, tls)
    try:
        server.prepare()
    except OSError as refused:
        raise PortInUse(f"Cannot listen on {address[0]} port {address[1]}: {refused}. Choose another port with --port.") from refused
    threading.Thread(target=server.serve, name=f"local-org-{address[0]}", daemon=True).start()
    return server


@contextlib.contextmanager
def serve(org: Org, *, port: int = DEFAULT_PORT, home: Path) -> Iterator[Served]:
    """Serves the org on 127.0.0.1 (and ::1 where the machine has it) until the block ends; it answers when the block begins.

    Port 0 picks a free one. CA, certificate, bundle and a `port` file are kept in `home` and reused.

    Raises:
        PortInUse: another program listens there.
    """
    certificates = Certificates.ensure(home)
    app = create_app(org)
    tls = certificates.server_context()
    servers = [_start(("127.0.0.1", port), app, tls)]
    bound = int(servers[0].bind_addr[1])
    # Clients that resolve `localhost` to ::1 first would otherwise wait for a refusal; a machine without IPv6 simply has one listener.
    with contextlib.suppress(OSError):
        servers.append(_start(("::1", bound), app, tls))
    (home / PORT_FILE).write_text(f"{bound}\n", encoding="ascii")
    try:
        yield Served(bound, certificates, app)
    finally:
        for server in servers:
            server.stop()
