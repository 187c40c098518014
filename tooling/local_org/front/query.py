"""Query resources: query, queryAll, the further pages of a result, and the search resource's refusal."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, cast

from flask import Blueprint, Response, request

from ..engine.org import QueryResult
from ..errors import InvalidQueryLocator, MalformedQuery
from .state import Shelf
from .wire import api_version, calling_user, data_url, front_state, reply, the_org, unsupported

routes = Blueprint("query", __name__)

LOCATOR_PREFIX = "01g"
_MOST = 2000
_LEAST = 200
_MOST_WITH_LONG_TEXTS = 200
_BATCH_SIZE = re.compile(r"batchSize\s*=\s*(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cursor:
    """A result that a caller reads page by page."""

    result: QueryResult
    user_id: str


def cursors() -> Shelf[Cursor]:
    return cast("Shelf[Cursor]", front_state().shelf(LOCATOR_PREFIX))


@routes.get("/services/data/v<version:version>/<any(query, queryAll):resource>")
def query(version: str, resource: str) -> Response:
    if "explain" in request.args:
        raise unsupported("query plans (the explain parameter)")
    soql = request.args.get("q")
    if soql is None:
        raise MalformedQuery("unexpected token: '<EOF>'" if "q" in request.args else "A query string has to be specified")
    result = the_org().query(calling_user(), soql, api_version=api_version(), include_deleted=resource == "queryAll")
    if request.args.get("columns", "").lower() == "true":
        return reply({"columnMetadata": result.columns})
    return reply(first_page(result, data_url(resource)))


@routes.get("/services/data/v<version:version>/<any(query, queryAll):resource>/<locator>")
def query_more(version: str, resource: str, locator: str) -> Response:
    return reply(next_page(locator, data_url(resource)))


@routes.get("/services/data/v<version:version>/<any(search, parameterizedSearch):resource>")
def search(version: str, resource: str) -> Response:
    calling_user()
    raise unsupported("SOSL searches")


def batch_size(result: QueryResult) -> int:
    """Records per page: 2,000 unless `Sforce-Query-Options` asks for fewer, never below 200 (REST API, "Query Options Header").

    Two or more custom long text fields: 200 at most (SOQL and SOSL Reference, "Change the Batch Size in Queries").
    """
    found = _BATCH_SIZE.search(request.headers.get("Sforce-Query-Options", ""))
    most = _MOST_WITH_LONG_TEXTS if result.long_texts > 1 else _MOST
    return min(max(int(found[1]), _LEAST), most) if found else most


def first_page(result: QueryResult, address: str) -> dict[str, Any]:
    size = batch_size(result)
    records = result.page(0, size)
    answer: dict[str, Any] = {"totalSize": result.total_size, "done": len(records) >= len(result.rows), "records": records}
    if not answer["done"]:
        locator = cursors().new_id()
        cursors().keep(locator, Cursor(result, calling_user().id))
        answer["nextRecordsUrl"] = f"{address}/{locator}-{size}"
    return answer


def next_page(locator: str, address: str) -> dict[str, Any]:
    """The page that `01g…-2000` names.

    Raises:
        InvalidQueryLocator: unknown, given up, or another user's.
    """
    key, _, start = locator.partition("-")
    cursor = cursors().get(key)
    if cursor is None or cursor.user_id != calling_user().id or not start.isdigit():
        raise InvalidQueryLocator("invalid query locator")
    size = batch_size(cursor.result)
    offset = int(start)
    records = cursor.result.page(offset, size)
    done = offset + len(records) >= len(cursor.result.rows)
    answer: dict[str, Any] = {"totalSize": cursor.result.total_size, "done": done, "records": records}
    if not done:
        answer["nextRecordsUrl"] = f"{address}/{key}-{offset + size}"
    return answer
