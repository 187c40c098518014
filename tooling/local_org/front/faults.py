"""Injected faults: what a caller must survive, refused, delayed or cut off on demand. Applied in one place, outside every lock."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from ..errors import OrgError, error_class
from ..flow.elements.action import INPUTS

_DEFAULT_MESSAGES = {
    "REQUEST_LIMIT_EXCEEDED": "TotalRequests Limit exceeded.",
    "UNABLE_TO_LOCK_ROW": "unable to obtain exclusive access to this record",
    "SERVER_UNAVAILABLE": "The server is temporarily unable to process your request",
    "INVALID_SESSION_ID": "Session expired or invalid",
}
_DEFAULT_STATUS = {"REQUEST_LIMIT_EXCEEDED": 403, "SERVER_UNAVAILABLE": 503, "INVALID_SESSION_ID": 401}


@dataclass(slots=True)
class Fault:
    """One fault. All match conditions must hold; without any, every call of the Salesforce API matches."""

    code: str | None = None
    """Salesforce error code to answer with; None delays or cuts only."""
    status: int | None = None
    message: str | None = None
    rate: float = 1.0
    """Share of matching calls that are hit."""
    count: int | None = None
    """How many calls are hit before the fault is spent; None: all."""
    path: str | None = None
    method: str | None = None
    body: str | None = None
    """Substring of the request body."""
    latency: float = 0.0
    """Seconds added to each call."""
    latency_per_row: float = 0.0
    """Seconds added per record that the call writes; a Bulk job's records are not written while the caller waits."""
    drop: bool = False
    """Commit, then cut the connection instead of answering."""
    lose: bool = False
    """Cut the connection without doing anything."""
    html: bool = False
    """Answer with a page, as a proxy or a maintenance window does; `status` is its status."""
    record: str | None = None
    """Substring of a record: the fault refuses such records inside collections and Bulk jobs, not the call."""
    action: str | None = None
    """Type of a flow action, as `emailSimple`: the fault refuses such actions, not calls."""
    fields: list[str] = field(default_factory=list)
    """Fields that the refusal of a record blames."""

    def refuses(self, record: str) -> bool:
        return self.record is not None and self.record in record

    def matches(self, method: str, path: str, body: bytes) -> bool:
        return (
            self.record is None
            and self.action is None
            and (self.method is None or self.method.upper() == method)
            and (self.path is None or self.path in path)
            and (self.body is None or self.body.encode() in body)
        )

    @property
    def error(self) -> OrgError | None:
        if self.code is None and self.status is None:
            return None
        code = self.code or "UNKNOWN_EXCEPTION"
        refused = error_class(code)(self.message or _DEFAULT_MESSAGES.get(code, f"Injected fault: {code}"), tuple(self.fields))
        refused.status = self.status or _DEFAULT_STATUS.get(code, refused.status)
        return refused

    def to_json(self) -> dict[str, Any]:
        return {f.name: getattr(self, f.name) for f in fields(self)}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What happens to one call."""

    error: OrgError | None = None
    latency: float = 0.0
    latency_per_row: float = 0.0
    drop: bool = False
    lose: bool = False
    html: bool = False


def fault_from_json(value: Mapping[str, Any]) -> Fault:
    """A fault as posted to the control plane. `match` may be a path substring or an object of path, method, body.

    Raises:
        OrgError: an unknown key or a value of the wrong kind.
    """
    given = dict(value)
    match = given.pop("match", None)
    if isinstance(match, str):
        given["path"] = match
    elif isinstance(match, Mapping):
        given.update(match)
    for alias, name in (("drop_connection", "drop"), ("latencyPerRow", "latency_per_row"), ("errorCode", "code")):
        if alias in given:
            given[name] = given.pop(alias)
    known = {f.name: f for f in fields(Fault)}
    for name, found in given.items():
        if name not in known:
            raise _refused(f"Unknown key '{name}' of a fault; keys are match, {', '.join(sorted(known))}")
        if found is not None and not _fits(name, found):
            raise _refused(f"Key '{name}' of a fault does not take {found!r}")
    action = given.get("action")
    if action is not None and (action not in INPUTS or given.get("code") is None):
        raise _refused(f"A fault of an action has a 'code', and as 'action' one of {', '.join(INPUTS)}")
    numbers = {name: float(given[name]) for name in ("rate", "latency", "latency_per_row") if given.get(name) is not None}
    return Fault(**{name: found for name, found in {**given, **numbers}.items() if found is not None})


def _fits(name: str, value: Any) -> bool:
    if name == "fields":
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    if name in {"drop", "lose", "html"}:
        return isinstance(value, bool)
    if name in {"code", "message", "path", "method", "body", "record", "action"}:
        return isinstance(value, str)
    if isinstance(value, bool):
        return False
    if name in {"status", "count"}:
        return isinstance(value, int) and value > 0
    try:
        number = float(value)
    except (TypeError, ValueError):
        return False
    return 0 <= number <= (1 if name == "rate" else 600)


class Faults:
    """The faults in force. Deterministic: the dice of `rate` start from the same seed after each change."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._dice = random.Random(0)
        self._lock = threading.Lock()

    def replace(self, faults: list[Fault]) -> None:
        with self._lock:
            self._faults = faults
            self._dice.seed(0)

    def add(self, faults: list[Fault]) -> None:
        with self._lock:
            self._faults.extend(faults)
            self._dice.seed(0)

    def to_json(self) -> list[dict[str, Any]]:
        with self._lock:
            return [fault.to_json() for fault in self._faults]

    def judge(self, method: str, path: str, body: bytes) -> Verdict:
        """What happens to this call; the count of each fault that hits it goes down by one."""
        with self._lock:
            if not self._faults:
                return Verdict()
            hits = [fault for fault in self._faults if fault.matches(method, path, body) and self._dice.random() < fault.rate]
            self._spend(hits)
        return Verdict(
            error=next((fault.error for fault in hits if fault.error is not None), None),
            latency=sum(fault.latency for fault in hits),
            latency_per_row=sum(fault.latency_per_row for fault in hits),
            drop=any(fault.drop for fault in hits),
            lose=any(fault.lose for fault in hits),
            html=any(fault.html for fault in hits),
        )

    def refused_records(self, records: Sequence[Mapping[str, Any]]) -> dict[int, OrgError]:
        """The records that a fault refuses, by their position; each counts as one hit."""
        found: dict[int, OrgError] = {}
        with self._lock:
            if not any(fault.record is not None for fault in self._faults):
                return found
            for index, record in enumerate(records):
                text = json.dumps(record, ensure_ascii=False, default=str)
                hit = next((fault for fault in self._faults if fault.refuses(text) and self._dice.random() < fault.rate), None)
                if hit is not None and (error := hit.error) is not None:
                    found[index] = error
                    self._spend([hit])
        return found

    def refused_action(self, kind: str) -> OrgError | None:
        """The refusal of a flow's action of this type; counts as one hit."""
        with self._lock:
            hit = next((fault for fault in self._faults if fault.action == kind and self._dice.random() < fault.rate), None)
            if hit is None:
                return None
            error = hit.error
            self._spend([hit])
        return error

    def _spend(self, hits: Sequence[Fault]) -> None:
        for fault in hits:
            if fault.count is not None:
                fault.count -= 1
        self._faults = [fault for fault in self._faults if fault.count is None or fault.count > 0]


def pause(seconds: float) -> None:
    """Waits in the thread that serves the call, which holds no lock then."""
    if seconds > 0:
        time.sleep(seconds)


def _refused(message: str) -> OrgError:
    return error_class("INVALID_ARGUMENT")(message)
