"""`TargetOrg` over simple-salesforce."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlparse

import requests
from simple_salesforce import Salesforce

from tooling.errors import NpsError, OrgRefused, UsageError
from tooling.salesforce.bulk import BulkJobs
from tooling.salesforce.describe import object_describe
from tooling.salesforce.org import ApiUsage, Identity, ObjectDescribe, Row, RowOutcome, Write
from tooling.salesforce.record_writer import COLLECTIONS_PER_CALL, WRITERS, CollectionWriter, outcomes_of, subrequest
from tooling.salesforce.refusals import error_of_call
from tooling.salesforce.transport import TIMEOUT, Renew, Transport, open_session

API_VERSION = "66.0"
SUBREQUESTS_PER_CALL = 25


class Gateway:
    """An org reached over its REST API."""

    def __init__(
        self,
        client: Salesforce,
        *,
        renew: Renew | None = None,
        sleep: Callable[[float], None] = time.sleep,
        writers: int = WRITERS,
        timeout: tuple[float, float] = TIMEOUT,
    ) -> None:
        self._transport = Transport(client, renew=renew, sleep=sleep, timeout=timeout)
        self._api_path = urlparse(client.base_url).path
        self.writers = writers
        self._writer = CollectionWriter(self._transport, self._api_path, writers=writers)
        self._bulk = BulkJobs(self._transport, sleep)
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

    def query_many(self, queries: Sequence[str], *, include_deleted: bool = False, along: Write | None = None) -> list[list[Row]]:
        resource = "queryAll" if include_deleted else "query"
        if along is None and len(queries) == 1:
            return [self._pages(self._transport.get(resource, {"q": queries[0]}))]
        gets = [_get(f"{resource}?q={quote(query, safe='')}") for query in queries]
        requests_ = [subrequest(along, along.rows, ""), *gets] if along is not None else gets
        answers = self._composites(requests_)
        if along is not None:
            (saved,) = outcomes_of(along, *answers.pop(0))
            if not saved.success:
                raise OrgRefused(saved.code, f"{along.sobject}: {saved.message}", saved.fields)
        found: list[list[Row]] = []
        for query, (status, body) in zip(queries, answers, strict=True):
            if status >= 300:
                raise error_of_call(status, body, place=_beginning(query))
            found.append(self._pages(body))
        return found

    def describe(self, names: Sequence[str]) -> Mapping[str, ObjectDescribe | None]:
        unknown = [name for name in dict.fromkeys(names) if name not in self._describes]
        for start in range(0, len(unknown), SUBREQUESTS_PER_CALL):
            part = unknown[start : start + SUBREQUESTS_PER_CALL]
            self._keep_describes(part, self._composite([_get(f"sobjects/{name}/describe") for name in part]))
        return {name: self._describes[name] for name in names}

    def describe_and_query(
        self, names: Sequence[str], queries: Sequence[str]
    ) -> tuple[Mapping[str, ObjectDescribe | None], list[list[Row] | NpsError]]:
        if len(queries) > COLLECTIONS_PER_CALL:
            raise ValueError(f"{len(queries)} queries do not fit into one call")
        unknown = [name for name in dict.fromkeys(names) if name not in self._describes]
        describes = [_get(f"sobjects/{name}/describe") for name in unknown]
        answers = self._composite([*describes, *(_get(f"query?q={quote(query, safe='')}") for query in queries)])
        self._keep_describes(unknown, answers[: len(unknown)])
        found = [
            error_of_call(status, body, place=_beginning(query)) if status >= 300 else self._pages(body)
            for query, (status, body) in zip(queries, answers[len(unknown) :], strict=True)
        ]
        return {name: self._describes[name] for name in names}, found

    def bulk_query(self, query: str) -> Iterator[Mapping[str, str]]:
        return self._bulk.query(query)

    def write(self, writes: Sequence[Write], *, together: bool = False, bulk: bool = False) -> list[list[RowOutcome]]:
        if not bulk:
            return self._writer.write(writes, together=together)
        return [self._written_by_bulk(write) for write in writes]

    def _written_by_bulk(self, write: Write) -> list[RowOutcome]:
        """What a job leaves undone, or asks to send again, goes by collections: they say exactly what is wrong."""
        outcomes = self._bulk.write(write)
        left = [index for index, outcome in enumerate(outcomes) if outcome is None]
        if left:
            rest = Write(write.operation, write.sobject, [write.rows[index] for index in left], write.key)
            for index, outcome in zip(left, self._writer.write([rest])[0], strict=True):
                outcomes[index] = outcome
        return [outcome for outcome in outcomes if outcome is not None]

    def _keep_describes(self, names: Sequence[str], answers: Sequence[tuple[int, Any]]) -> None:
        for name, (status, body) in zip(names, answers, strict=True):
            if status >= 300:
                error = error_of_call(status, body, place=f"describe of {name}")
                if not (isinstance(error, OrgRefused) and status == 404):
                    raise error
            self._describes[name] = object_describe(body) if status < 300 else None

    def close(self) -> None:
        """Closes the connections."""
        self._transport.client.session.close()

    def _composites(self, requests_: Sequence[Mapping[str, Any]]) -> list[tuple[int, Any]]:
        """Five to a call, the calls side by side; but the first one alone when it writes."""
        parts = [requests_[start : start + COLLECTIONS_PER_CALL] for start in range(0, len(requests_), COLLECTIONS_PER_CALL)]
        if len(parts) <= 1:
            return self._composite(requests_) if requests_ else []
        with ThreadPoolExecutor(max_workers=self.writers) as pool:
            return [answer for answers in pool.map(self._composite, parts) for answer in answers]

    def _composite(self, requests_: Sequence[Mapping[str, Any]]) -> list[tuple[int, Any]]:
        numbered = [{**item, "url": f"{self._api_path}{item['url']}", "referenceId": f"r{number}"} for number, item in enumerate(requests_)]
        body = {"allOrNone": False, "collateSubrequests": False, "compositeRequest": numbered}
        answer = self._transport.call("POST", "composite", json=body)
        by_reference = {item["referenceId"]: item for item in answer["compositeResponse"]}
        return [(int(by_reference[f"r{number}"]["httpStatusCode"]), by_reference[f"r{number}"]["body"]) for number in range(len(numbered))]

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
    timeout: tuple[float, float] = TIMEOUT,
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
    return Gateway(client, renew=renew, sleep=sleep, writers=writers, timeout=timeout)


def _get(path: str) -> Mapping[str, Any]:
    return {"method": "GET", "url": path}


def _beginning(query: str) -> str:
    return query if len(query) <= 300 else f"{query[:300]}…"
