"""The double on a loopback port."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from cheroot.wsgi import Server

from tooling.local_promoter.app import Double, create_app


@contextmanager
def serve(double: Double, port: int = 0) -> Iterator[str]:
    """Serves the double; the value is its base URL, as PROMOTER_IO_BASE_URL wants it. Port 0 picks a free one."""
    server = Server(("127.0.0.1", port), create_app(double), numthreads=4)
    server.prepare()
    thread = threading.Thread(target=server.serve, name="local-promoter", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.bind_addr[1]}/api/"
    finally:
        server.stop()
        thread.join(timeout=5)
