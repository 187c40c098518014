"""What left the org: e-mails and notifications. Captured in the store, so that a rolled-back transaction sends nothing."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from ..flow.host import Email, Notification
from ..store import Store
from ..store.columns import encode_datetime

_TABLE = "CREATE TABLE IF NOT EXISTS org_outbox (number INTEGER PRIMARY KEY, kind TEXT NOT NULL, at TEXT NOT NULL, body TEXT NOT NULL)"


class Outbox:
    def __init__(self, store: Store) -> None:
        self._store = store
        store.connection.execute(_TABLE)

    def send(self, message: Email | Notification, sender_id: str, at: datetime) -> None:
        kind = "email" if isinstance(message, Email) else "notification"
        body = json.dumps({**asdict(message), "sender_id": sender_id})
        self._store.connection.execute("INSERT INTO org_outbox (kind, at, body) VALUES (?, ?, ?)", (kind, encode_datetime(at), body))

    def emails(self) -> list[dict[str, Any]]:
        """Oldest first."""
        return self._sent("email")

    def notifications(self) -> list[dict[str, Any]]:
        """Oldest first."""
        return self._sent("notification")

    def clear(self) -> None:
        self._store.connection.execute("DELETE FROM org_outbox")

    def _sent(self, kind: str) -> list[dict[str, Any]]:
        rows = self._store.connection.execute("SELECT at, body FROM org_outbox WHERE kind = ? ORDER BY number", (kind,))
        return [{"at": at, **json.loads(body)} for at, body in rows]
