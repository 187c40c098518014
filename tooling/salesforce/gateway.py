"""`TargetOrg` over simple-salesforce."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlparse

import requests
from simple_salesforce import Salesforce

from tooling.errors import OrgRefused, UsageError
from tooling.salesforce.describe import object_describe
from tooling.salesforce.org import ApiUsage, Identity, ObjectDescribe, Row, RowOutcome, Write
from tooling.salesforce.record_writer import COLLECTIONS_PER_CALL, WRITERS, CollectionWriter
from tooling.salesforce.refusals import error_of_call
from tooling.salesforce.transport import Renew, Transport, open_session

API_VERSION = "66.0"
SUBREQUESTS_PER_CALL = 25


class Gateway:
    """An org reached over its REST API."""

    def __init__(
        self, client: Salesforce, *, renew: Renew | None = None, sleep: Callable[[float], None] = time.sleep, writers: int = WRITERS
    ) -> None:
        self._transport = Transport(client, renew=renew, sleep=sleep)
        self._api_path = urlparse(client.base_url).path
        self._writer = CollectionWriter(self._transport, self._api_path, writers=writers)
        self._describes: dict[str, ObjectDescribe | None] = {}
        self._identity: Identity | None = None
        self._lock = threading.Lock()

    @property
    def identity(self) -> Identity:
        """Who the session belongs to, asked once (not an API call by Salesforce's count).

        Raises:
            SessionExpired: the session is not valid.
        """
        if self._identity is None:
            answer = self._transport.call("GET", "../../oauth2/userinfo")
            self._identity = Identity(
                org_id=str(answer["organization_id"]),
                user_id=str(answer["user_id"]),
                username=str(answer.get("preferred_username") or ""),
                host=self._transport.host,
            )
        return self._identity

    @property
    def calls(self) -> int:
        return self._transport.calls

    @property
    def usage(self) -> ApiUsage | None:
        return self._transport.usage

    def now(self) -> datetime:
        moment = self._transport.now()
        if moment is None:
            self._transport.get("limits")
            moment = self._transport.now()
        if moment is None:
            raise UsageError(f"{self._transport.host} does not say what time it is", "A proxy on the way must leave the Date header alone.")
        return moment

    def query(self, soql: str) -> list[Row]:
        return self._pages(self._transport.get("query", {"q": soql}))

    def query_many(self, queries: Sequence[str], *, include_deleted: bool = False) -> list[list[Row]]:
        resource = "queryAll" if include_deleted else "query"
        if len(queries) == 1:
            return [self._pages(self._transport.get(resource, {"q": queries[0]}))]
        found: list[list[Row]] = []
        for start in range(0, len(queries), COLLECTIONS_PER_CALL):
            part = queries[start : start + COLLECTIONS_PER_CALL]
            answers = self._composite([f"{resource}?q={quote(query, safe='')}" for query in part])
            for query, (status, body) in zip(part, answers, strict=True):
                if status >= 300:
                    raise error_of_call(status, body, place=_beginning(query))
                found.append(self._pages(body))
        return found

    def describe(self, names: Sequence[str]) -> Mapping[str, ObjectDescribe | None]:
        unknown = [name for name in dict.fromkeys(names) if name not in self._describes]
        for start in range(0, len(unknown), SUBREQUESTS_PER_CALL):
            part = unknown[start : start + SUBREQUESTS_PER_CALL]
            for name, (status, body) in zip(part, self._composite([f"sobjects/{name}/describe" for name in part]), strict=True):
                if status >= 300:
                    error = error_of_call(status, body, place=f"describe of {name}")
                    if not (isinstance(error, OrgRefused) and status == 404):
                        raise error
                self._describes[name] = object_describe(body) if status < 300 else None
        return {name: self._describes[name] for name in names}

    def write(self, writes: Sequence[Write]) -> list[list[RowOutcome]]:
        return self._writer.write(writes)

    def close(self) -> None:
        """Closes the connections."""
        self._transport.client.session.close()

    def _composite(self, paths: Sequence[str]) -> list[tuple[int, Any]]:
        requests_ = [{"method": "GET", "url": f"{self._api_path}{path}", "referenceId": f"r{number}"} for number, path in enumerate(paths)]
        answer = self._transport.call("POST", "composite", json={"allOrNone": False, "compositeRequest": requests_})
        by_reference = {item["referenceId"]: item for item in answer["compositeResponse"]}
        return [(int(by_reference[f"r{number}"]["httpStatusCode"]), by_reference[f"r{number}"]["body"]) for number in range(len(paths))]

    def _pages(self, page: Mapping[str, Any]) -> list[Row]:
        records: list[Row] = list(page["records"])
        while not page["done"]:
            page = self._transport.get(str(page["nextRecordsUrl"]).removeprefix(self._api_path))
            records += page["records"]
        return records


def connect(
    instance_url: str,
    access_token: str,
    *,
    api_version: str = API_VERSION,
    renew: Renew | None = None,
    session: requests.Session | None = None,
    environ: Mapping[str, str] = os.environ,
    sleep: Callable[[float], None] = time.sleep,
    writers: int = WRITERS,
) -> Gateway:
    """A gateway to the org at `instance_url`. Nothing is called yet. `writers`: calls side by side; 1 makes the fewest calls.

    Raises:
        UsageError: the URL is not one.
    """
    if not urlparse(instance_url).hostname:
        raise UsageError(f"{instance_url!r} is not an instance URL", "It looks like https://yourcompany.my.salesforce.com.")
    client = Salesforce(
        instance_url=instance_url,
        session_id=access_token,
        version=api_version,
        session=session or open_session(instance_url, environ),
        object_pairs_hook=dict,
    )
    return Gateway(client, renew=renew, sleep=sleep, writers=writers)


def _beginning(query: str) -> str:
    return query if len(query) <= 300 else f"{query[:300]}…"
