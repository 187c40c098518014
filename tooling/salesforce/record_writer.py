"""Many records in few calls: sObject Collections of 200, packed five to a composite call, halved when one fails as a whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from tooling.errors import NpsError, OrgRefused, Retriable
from tooling.salesforce.org import Operation, Row, RowOutcome, Write
from tooling.salesforce.refusals import NextAction, error_of_call, is_about_the_call, may_pass_in_smaller_calls, next_action, shortened
from tooling.salesforce.soql import Identifier, fields, split
from tooling.salesforce.transport import ATTEMPTS, TimedOut, Transport

RECORDS_PER_COLLECTION = 200
COLLECTIONS_PER_CALL = 5
"""A composite call may hold 25 subrequests, of which five collections or queries (REST API Developer Guide, "Composite")."""
RECORDS_PER_CALL = 275
"""Above this, records are spread evenly over several calls that run side by side: within a call they wait for each other."""
WRITERS = 5


@dataclass(frozen=True, slots=True)
class _Collection:
    """At most 200 records of one write, and where their outcomes belong."""

    write: Write
    positions: tuple[int, ...]
    owner: int
    attempt: int = 1
    alone: bool = False
    """Sent in a call of its own: in company it failed."""

    @property
    def rows(self) -> list[Row]:
        return [self.write.rows[position] for position in self.positions]

    def part(self, positions: Sequence[int], *, attempt: int | None = None) -> _Collection:
        return replace(self, positions=tuple(positions), attempt=self.attempt if attempt is None else attempt)

    def smaller(self) -> list[_Collection]:
        """What to send instead of a collection that failed as a whole: itself without company, then its halves."""
        if not self.alone:
            return [replace(self, alone=True)]
        middle = len(self.positions) // 2
        return [self.part(self.positions[:middle]), self.part(self.positions[middle:])]


class CollectionWriter:
    """Saves records through sObject Collections. One refused record never costs its neighbours."""

    def __init__(self, transport: Transport, api_path: str, *, writers: int = WRITERS) -> None:
        self._transport = transport
        self._api_path = api_path
        self._writers = writers

    def write(self, writes: Sequence[Write], *, together: bool = False) -> list[list[RowOutcome]]:
        """One outcome per row, in order. `together`: in as few calls as possible, one after another."""
        outcomes: list[dict[int, RowOutcome]] = [{} for _ in writes]
        writers = 1 if together else self._writers
        size = self._collection_size(sum(len(write.rows) for write in writes), writers)
        waiting = [
            _Collection(write, positions, owner) for owner, write in enumerate(writes) for positions in _evenly(len(write.rows), size)
        ]
        rounds = 0
        while waiting:
            calls = self._packed(waiting, writers)
            waiting = []
            if len(calls) == 1:
                results = [self._send(calls[0])]
            else:
                with ThreadPoolExecutor(max_workers=writers) as pool:
                    results = list(pool.map(self._send, calls))
            again = [entry for result in results for entry in result]
            for collection, answers in again:
                waiting += self._settle(collection, answers, outcomes[collection.owner])
            rounds = max((collection.attempt for collection in waiting), default=1) - 1
            if rounds:
                self._transport.pause(rounds)
        return [[outcome[position] for position in range(len(write.rows))] for outcome, write in zip(outcomes, writes, strict=True)]

    def _collection_size(self, records: int, writers: int) -> int:
        """The largest number of records in a collection that spreads them evenly over the calls."""
        if _calls_for(records, writers) == 1:
            return RECORDS_PER_COLLECTION
        in_call = -(-records // _calls_for(records, writers))
        return -(-in_call // -(-in_call // RECORDS_PER_COLLECTION))

    def _packed(self, collections: Sequence[_Collection], writers: int) -> list[list[_Collection]]:
        """Collections by call: as few calls as the limits allow, more where there are so many records that side by side is faster."""
        calls = [[collection] for collection in collections if collection.alone]
        company = [collection for collection in collections if not collection.alone]
        if not company:
            return calls
        fewest = -(-len(company) // COLLECTIONS_PER_CALL)
        wanted = min(_calls_for(sum(len(collection.positions) for collection in company), writers), len(company))
        shared: list[list[_Collection]] = [[] for _ in range(max(fewest, wanted))]
        for collection in sorted(company, key=lambda item: -len(item.positions)):
            with_room = [call for call in shared if len(call) < COLLECTIONS_PER_CALL]
            min(with_room, key=lambda call: sum(len(item.positions) for item in call)).append(collection)
        return [*calls, *(call for call in shared if call)]

    def _send(self, collections: Sequence[_Collection]) -> list[tuple[_Collection, list[RowOutcome] | NpsError]]:
        """Sends one composite call; a collection, or the call, may fail as a whole."""
        body = {"allOrNone": False, "collateSubrequests": False, "compositeRequest": [
            {**subrequest(item.write, item.rows, self._api_path), "referenceId": f"c{number}"} for number, item in enumerate(collections)
        ]}  # fmt: skip
        try:
            answer = self._transport.call("POST", "composite", json=body, repeat_after_time_out=False)
        except (TimedOut, OrgRefused) as error:
            return [(collection, error) for collection in collections]
        by_reference = {item["referenceId"]: item for item in answer["compositeResponse"]}
        return [(collection, _answers(collection, by_reference[f"c{number}"])) for number, collection in enumerate(collections)]

    def _settle(self, collection: _Collection, answers: list[RowOutcome] | NpsError, outcomes: dict[int, RowOutcome]) -> list[_Collection]:
        """Records what is final, and answers with what has to be sent again."""
        if isinstance(answers, TimedOut):
            return self._read_back(collection, answers, outcomes)
        if isinstance(answers, Retriable):
            if collection.attempt >= ATTEMPTS:
                raise answers
            return [collection.part(collection.positions, attempt=collection.attempt + 1)]
        if isinstance(answers, OrgRefused):
            if is_about_the_call(answers.code):
                raise answers
            # A field that does not exist for this user concerns every record; anything else may be about one of them.
            if len(collection.positions) > 1 and next_action(answers.code, answers.fields) is not NextAction.DROP_FIELD:
                return collection.smaller()
            refused = RowOutcome(None, False, code=answers.code, message=answers.reason, fields=answers.fields, attempts=collection.attempt)
            outcomes.update(dict.fromkeys(collection.positions, refused))
            return []
        if isinstance(answers, NpsError):
            raise answers
        codes = {answer.code for answer in answers}
        if len(answers) > 1 and len(codes) == 1 and may_pass_in_smaller_calls(next(iter(codes))):
            return collection.smaller()
        repeat: list[int] = []
        for position, answer in zip(collection.positions, answers, strict=True):
            if not answer.success and next_action(answer.code) is NextAction.RETRY and collection.attempt < ATTEMPTS:
                repeat.append(position)
            else:
                outcomes[position] = replace(answer, attempts=collection.attempt)
        return [collection.part(repeat, attempt=collection.attempt + 1)] if repeat else []

    def _read_back(self, collection: _Collection, error: TimedOut, outcomes: dict[int, RowOutcome]) -> list[_Collection]:
        """After a time-out: finds which records of an insert were saved. The other operations may simply be repeated."""
        if collection.attempt >= ATTEMPTS:
            raise error
        self._transport.pause(collection.attempt)
        missing = list(collection.positions)
        write = collection.write
        if write.operation is Operation.INSERT:
            if write.key is None:
                raise error
            saved = self._ids_by_key(write.sobject, write.key, [str(row[write.key]) for row in collection.rows])
            for position in collection.positions:
                record_id = saved.get(str(write.rows[position][write.key]))
                if record_id is not None:
                    outcomes[position] = RowOutcome(record_id, True, created=True, attempts=collection.attempt)
                    missing.remove(position)
        return [collection.part(missing, attempt=collection.attempt + 1)] if missing else []

    def _ids_by_key(self, sobject: str, key: str, values: Sequence[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        template = "SELECT {columns} FROM {sobject} WHERE {key} IN {values}"
        for query in split(
            template, over="values", values=values, columns=fields(["Id", key]), sobject=Identifier(sobject), key=Identifier(key)
        ):
            found.update((record[key], record["Id"]) for record in self._transport.get("query", {"q": query})["records"])
        return found


def _calls_for(records: int, writers: int) -> int:
    return max(1, min(writers, -(-records // RECORDS_PER_CALL)))


def _evenly(count: int, size: int) -> Iterator[tuple[int, ...]]:
    """0 to count - 1 in parts of at most `size`, none much smaller than another."""
    parts = -(-count // size)
    for part in range(parts):
        yield tuple(range(count * part // parts, count * (part + 1) // parts))


def subrequest(write: Write, rows: Sequence[Row], api_path: str) -> dict[str, Any]:
    """The part of a composite call that saves these rows of a write."""
    url = f"{api_path}composite/sobjects"
    headers = {"Sforce-Duplicate-Rule-Header": f"allowSave={'true' if write.allow_duplicates else 'false'}"}
    if write.operation is Operation.DELETE:
        ids = ",".join(str(row["Id"]) for row in rows)
        return {"method": "DELETE", "url": f"{url}?ids={ids}&allOrNone=false"}
    records = [{"attributes": {"type": write.sobject}, **row} for row in rows]
    body = {"allOrNone": False, "records": records}
    if write.operation is Operation.INSERT:
        return {"method": "POST", "url": url, "httpHeaders": headers, "body": body}
    if write.operation is Operation.UPDATE:
        return {"method": "PATCH", "url": url, "httpHeaders": headers, "body": body}
    return {"method": "PATCH", "url": f"{url}/{write.sobject}/{write.key}", "httpHeaders": headers, "body": body}


def _answers(collection: _Collection, item: Mapping[str, Any]) -> list[RowOutcome] | NpsError:
    status, body = int(item["httpStatusCode"]), item["body"]
    if status >= 300:
        place = f"{collection.write.operation} of {len(collection.positions)} {collection.write.sobject}"
        return error_of_call(status, body, place=place)
    return [_outcome(answer, collection.write.operation) for answer in body]


def outcomes_of(write: Write, status: int, body: Any) -> list[RowOutcome]:
    """The outcomes of a subrequest of one write.

    Raises:
        NpsError: it failed as a whole.
    """
    if status >= 300:
        raise error_of_call(status, body, place=f"{write.operation} of {write.sobject}")
    return [_outcome(answer, write.operation) for answer in body]


def _outcome(answer: Mapping[str, Any], operation: Operation) -> RowOutcome:
    if answer.get("success"):
        created = operation is Operation.INSERT or bool(answer.get("created"))
        return RowOutcome(answer.get("id"), True, created=created)
    first: Mapping[str, Any] = (answer.get("errors") or [{}])[0]
    return RowOutcome(
        answer.get("id"),
        False,
        code=str(first.get("statusCode") or first.get("errorCode") or "UNKNOWN_EXCEPTION"),
        message=shortened(str(first.get("message") or "")),
        fields=tuple(str(name) for name in first.get("fields") or ()),
    )
