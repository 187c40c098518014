"""A feedback service on a loopback port with Promoter.io's addresses, whose answers a test sets, broken ones included."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "pk-3f9a-promoter-secret"


def feedback(number: int, email: str, score: int | None, **changes: Any) -> dict[str, Any]:
    return {
        "id": number, "score": score, "comment": f"words of {number}", "status": "OPEN", "score_created": "2026-03-04T10:00:00Z",
        "contact": {"email": email, "first_name": "Kim", "last_name": f"No{number}"}, "campaign": {"id": 270, "name": "Yearly"}, **changes,
    }  # fmt: skip


@dataclass
class FeedbackService:
    """What the service holds, and the broken answers it gives before the right ones."""

    items: list[dict[str, Any]] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    """Each is given once: 429, 500, 401, html, half, cut."""
    url: str = ""

    def answer(self, path: str) -> tuple[int, str, bytes, int | None]:
        """Status, content type, body, and the length that is promised if it is another."""
        kind = self.broken.pop(0) if self.broken else ""
        if kind == "429":
            return 429, "application/json", b'{"detail": "Request was throttled. Expected available in 0.01 seconds."}', None
        if kind in {"500", "401"}:
            return int(kind), "application/json", json.dumps({"detail": f"no, {KEY}"}).encode(), None
        if kind == "400":
            return 400, "text/plain", f"you sent Token {KEY}".encode(), None
        if kind == "html":
            return 200, "text/html", f"<html>Sign in, {KEY}</html>".encode(), None
        body = self._page(path)
        if kind == "half":
            return 200, "application/json", body[: len(body) // 2], len(body)
        if kind == "cut":
            return 200, "application/json", body[: len(body) // 2], None
        return (404, "application/json", b'{"detail": "Not found."}', None) if body == b"" else (200, "application/json", body, None)

    def _page(self, path: str) -> bytes:
        parts = [part for part in path.partition("?")[0].split("/") if part]
        if parts == ["api", "v2", "feedback"]:
            return json.dumps({"count": len(self.items), "next": None, "previous": None, "results": self.items}).encode()
        one = next((item for item in self.items if str(item["id"]) == parts[-1]), None)
        return json.dumps(one).encode() if one else b""


@contextmanager
def serve(service: FeedbackService) -> Iterator[FeedbackService]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, kind, body, promised = service.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(promised or len(body)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    service.url = f"http://127.0.0.1:{server.server_port}/api/"
    try:
        yield service
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
