"""Who calls: users as the engine needs them, and the access tokens that stand for them."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ..errors import InvalidSession, NotFound
from ..schema.types import Schema
from ..store import Store
from .fresh_org import ADMIN_ID as ADMIN_ID
from .fresh_org import ORGANIZATION_ID as ORGANIZATION_ID

ADMIN_TOKEN = "00D000000000001!AQ4AQLOCALTOKEN"
_TABLE = "CREATE TABLE IF NOT EXISTS org_token (token TEXT PRIMARY KEY, user_id TEXT NOT NULL) WITHOUT ROWID"


@dataclass(frozen=True, slots=True)
class User:
    """The running user of a transaction."""

    id: str
    username: str
    name: str
    profile: str
    time_zone: tzinfo
    active: bool = True


class Users:
    """Reads users from their records; keeps issued tokens in the store, so that they survive a restart."""

    def __init__(self, store: Store, schema: Schema) -> None:
        self._store = store
        self._schema = schema
        self._by_id: dict[str, User] = {}
        store.connection.execute(_TABLE)

    def forget(self) -> None:
        """After a User or Profile record changed."""
        self._by_id.clear()

    def of_id(self, user_id: str) -> User:
        """Raises NotFound: no such user."""
        known = self._by_id.get(user_id)
        if known is None:
            found = self._store.records.read(self._schema["User"], [user_id])
            if user_id not in found:
                raise NotFound("The requested resource does not exist")
            known = self._by_id[user_id] = self._user(found[user_id])
        return known

    def named(self, username: str) -> User:
        """Raises NotFound: no such user."""
        found = self._store.records.find(self._schema["User"], "Username", [username])
        if not found:
            raise NotFound(f"No user with the username '{username}'")
        return self.of_id(found[0]["Id"])

    def of_token(self, token: str) -> User:
        """Raises InvalidSession: an unknown token, or its user is inactive."""
        if hmac.compare_digest(token.encode(), ADMIN_TOKEN.encode()):
            return self.of_id(ADMIN_ID)
        row = self._store.connection.execute("SELECT user_id FROM org_token WHERE token = ?", (token,)).fetchone()
        if row is None:
            raise InvalidSession("Session expired or invalid")
        user = self.of_id(row[0])
        if not user.active:
            raise InvalidSession("Session expired or invalid")
        return user

    def issue_token(self, user_id: str) -> str:
        user = self.of_id(user_id)
        token = f"{ORGANIZATION_ID[:15]}!AQ4AQ{secrets.token_hex(32)}"
        self._store.connection.execute("INSERT INTO org_token VALUES (?, ?)", (token, user.id))
        return token

    def organization(self) -> Mapping[str, Any]:
        return self._store.records.read(self._schema["Organization"], [ORGANIZATION_ID])[ORGANIZATION_ID]

    def organization_time_zone(self) -> tzinfo:
        return zone(self.organization().get("TimeZoneSidKey"))

    def _user(self, record: Mapping[str, Any]) -> User:
        profiles = self._store.records.read(self._schema["Profile"], [record["ProfileId"]]) if record.get("ProfileId") else {}
        profile = profiles[record["ProfileId"]]["Name"] if profiles else ""
        return User(
            id=record["Id"],
            username=record["Username"],
            name=record.get("Name") or record["Username"],
            profile=profile,
            time_zone=zone(record.get("TimeZoneSidKey")),
            active=bool(record.get("IsActive")),
        )


def zone(key: str | None) -> tzinfo:
    """The time zone of a TimeZoneSidKey, UTC when it names none."""
    try:
        return ZoneInfo(key or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")
