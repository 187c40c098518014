"""The API over HTTP: keys, throttling, pages and filters. Also a log of the requests, and `/local-promoter/…` for demo and tests."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Response, jsonify, request

from tooling.local_promoter.assumptions import Assumptions, Throttle
from tooling.local_promoter.feed import Feed, Feedback
from tooling.local_promoter.payloads import payload_of


@dataclass
class Double:
    """The state behind the API."""

    feed: Feed
    now: Callable[[], datetime]
    """The service's clock: when events of the feed happen, and what has happened by now."""
    key: str = "local-promoter-key"
    assumed: Assumptions = field(default_factory=Assumptions)
    throttle: Throttle = field(default_factory=Throttle)
    log: list[str] = field(default_factory=list)
    """Method and address of every request, oldest first."""
    throttled: int = 0
    ticks: Callable[[], float] = time.monotonic
    """Seconds that pass while a throttled caller waits."""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _in_a_row: int = 0
    _free_at: float = 0.0

    def admit(self, line: str) -> float | None:
        """Notes a request; the seconds to wait when it is throttled."""
        with self._lock:
            self.log.append(line)
            moment = self.ticks()
            if moment < self._free_at:
                self.throttled += 1
                return self._free_at - moment
            self._in_a_row += 1
            if self.throttle.requests and self._in_a_row > self.throttle.requests:
                self._in_a_row, self._free_at = 0, moment + self.throttle.wait
                self.throttled += 1
                return self.throttle.wait
            return None


def create_app(double: Double) -> Flask:
    app = Flask(__name__)

    @app.before_request
    def admit() -> Response | None:
        if not request.path.startswith("/api/"):
            return None
        seconds = double.admit(f"{request.method} {request.full_path.rstrip('?')}")
        if seconds is not None:
            answer = jsonify(detail=f"Request was throttled. Expected available in {seconds:.1f} seconds.")
            answer.status_code = 429
            answer.headers["Retry-After"] = str(max(1, math.ceil(seconds)))
            return answer
        if request.headers.get("Authorization") != f"Token {double.key}":
            return _detail("Invalid token.", double.assumed.bad_key)
        return None

    @app.get("/api/v2/feedback/")
    def list_feedback() -> Response:
        items = sorted(double.feed.items.values(), key=lambda item: (item.created, item.id), reverse=double.assumed.newest_first)
        return _page([item for item in items if _passes(item, double)], double)

    @app.get("/api/feedback/<int:feedback_id>/")
    def one_feedback(feedback_id: int) -> Response:
        item = double.feed.find(feedback_id, double.assumed.edit_keeps_id)
        if item is None:
            return _detail("Not found.", double.assumed.removed if double.feed.is_gone(feedback_id) else 404)
        return jsonify(_payload(item, double))

    @app.put("/api/v2/feedback/<int:feedback_id>/")
    def set_status(feedback_id: int) -> Response:
        status = (request.get_json(silent=True) or {}).get("status")
        item = double.feed.find(feedback_id, double.assumed.edit_keeps_id)
        if item is None:
            return _detail("Not found.", 404)
        if status not in {"OPEN", "CLOSED"}:
            answer = jsonify(status=[f'"{status}" is not a valid choice.'])
            answer.status_code = 400
            return answer
        double.feed.set_status(item, status)
        if double.assumed.put_status == 204:
            return Response(status=204)
        answer = jsonify(_payload(double.feed.items[item.id], double))
        answer.status_code = double.assumed.put_status
        return answer

    @app.get("/api/campaigns/")
    def campaigns() -> Response:
        rows = [{"id": key, "name": name} for key, name in double.feed.campaigns.items()]
        return jsonify(count=len(rows), next=None, previous=None, results=rows)

    @app.post("/local-promoter/go-on")
    def go_on() -> Response:
        return jsonify(events=double.feed.go_on(double.now()))

    @app.get("/local-promoter/log")
    def log() -> Response:
        return jsonify(requests=double.log, throttled=double.throttled)

    return app


def _payload(item: Feedback, double: Double) -> dict[str, Any]:
    return payload_of(item, double.feed, double.assumed, request.host_url.rstrip("/"), double.now())


def _detail(text: str, status: int) -> Response:
    answer = jsonify(detail=text)
    answer.status_code = status
    return answer


def _passes(item: Feedback, double: Double) -> bool:
    """The filters that callers of the real service use; any other parameter is ignored, as there."""
    asked = request.args
    day = item.created.date()
    upper = asked.get("posted_date_1")
    if upper and (day > date.fromisoformat(upper) or (day == date.fromisoformat(upper) and not double.assumed.posted_date_1_inclusive)):
        return False
    lower = asked.get("posted_date_0")
    if lower and day < date.fromisoformat(lower):
        return False
    email = asked.get("survey__contact__email")
    if email and str(item.contact.get("email", "")).lower() != email.lower():
        return False
    if asked.get("survey__campaign") and str(item.campaign) != asked["survey__campaign"]:
        return False
    return not (asked.get("score") and str(item.score) != asked["score"])


def _page(items: list[Feedback], double: Double) -> Response:
    size = double.assumed.page_size
    page = request.args.get("page", 1, type=int)
    pages = max(1, -(-len(items) // size))
    if not 1 <= page <= pages:
        if double.assumed.past_the_end == 200:
            return jsonify(count=len(items), next=None, previous=None, results=[])
        return _detail("Invalid page.", double.assumed.past_the_end)
    address = request.host_url.rstrip("/")

    def link(number: int) -> str | None:
        if not 1 <= number <= pages:
            return None
        return f"{address}{request.path}?{urlencode({**request.args, 'page': number})}"

    rows = [_payload(item, double) for item in items[(page - 1) * size : page * size]]
    return jsonify(count=len(items), next=link(page + 1), previous=link(page - 1), results=rows)
