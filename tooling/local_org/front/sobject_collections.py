"""sObject Collections: up to 200 records of one or several types in one call, each with a result of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, Response, request

from ..engine.org import SaveResult
from ..errors import JsonParserError, error_class
from .errors import save_json
from .sobjects import save_options
from .wire import api_version, boolean, calling_user, front_state, json_object, note_rows, reply, the_org

routes = Blueprint("sobject_collections", __name__)

MOST_RECORDS = 200
MOST_RETRIEVED = 2000


@routes.post("/services/data/v<version:version>/composite/sobjects")
def create(version: str) -> Response:
    all_or_none, records = _records()
    return _answer(_saved(records, lambda taken: the_org().insert(calling_user(), taken, all_or_none=all_or_none, options=save_options())))


@routes.patch("/services/data/v<version:version>/composite/sobjects")
def update(version: str) -> Response:
    all_or_none, records = _records()
    return _answer(_saved(records, lambda taken: the_org().update(calling_user(), taken, all_or_none=all_or_none, options=save_options())))


@routes.patch("/services/data/v<version:version>/composite/sobjects/<sobject>/<field>")
def upsert(version: str, sobject: str, field: str) -> Response:
    all_or_none, records = _records()
    user, options = calling_user(), save_options()
    results = _saved(records, lambda taken: the_org().upsert(user, sobject, field, taken, all_or_none=all_or_none, options=options))
    return _answer(results, created=True)


@routes.delete("/services/data/v<version:version>/composite/sobjects")
def delete(version: str) -> Response:
    ids = [each for each in (part.strip() for part in request.args.get("ids", "").split(",")) if each]
    if not ids:
        raise error_class("MISSING_ARGUMENT")("The ids parameter is required")
    require_at_most(len(ids))
    note_rows(len(ids))
    return _answer(the_org().delete(calling_user(), ids, all_or_none=boolean(request.args.get("allOrNone"))))


@routes.route("/services/data/v<version:version>/composite/sobjects/<sobject>", methods=["GET", "POST"])
def retrieve(version: str, sobject: str) -> Response:
    """Records in the order of the ids, null for one that is not there."""
    if request.method == "POST":
        body = json_object()
        ids, fields = body.get("ids") or [], body.get("fields") or []
        if not isinstance(ids, list) or not isinstance(fields, list):
            raise JsonParserError("ids and fields must be arrays")
    else:
        ids = [each for each in request.args.get("ids", "").split(",") if each]
        fields = [each for each in request.args.get("fields", "").split(",") if each]
    if not ids or not fields:
        raise error_class("MISSING_ARGUMENT")("The ids and fields parameters are required")
    require_at_most(len(ids), MOST_RETRIEVED)
    return reply(the_org().retrieve(calling_user(), sobject, ids, fields, api_version=api_version()))


def require_at_most(count: int, most: int = MOST_RECORDS) -> None:
    """Raises:
    OrgError: EXCEEDED_ID_LIMIT, more records than one call takes.
    """
    if count > most:
        raise error_class("EXCEEDED_ID_LIMIT")(f"record limit reached. cannot submit more than {most} records into this call")


def _records() -> tuple[bool, list[dict[str, Any]]]:
    body = json_object()
    records = body.get("records")
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise error_class("MISSING_ARGUMENT")("The records parameter is required: an array of records")
    require_at_most(len(records))
    note_rows(len(records))
    return boolean(body.get("allOrNone")), records


def _saved(records: Sequence[dict[str, Any]], save: Callable[[list[dict[str, Any]]], list[SaveResult]]) -> list[SaveResult]:
    """What `save` made of the records, but for those that an injected fault refuses."""
    refused = front_state().faults.refused_records(records)
    taken = [record for index, record in enumerate(records) if index not in refused]
    saved = iter(save(taken) if taken else [])
    return [SaveResult(None, False, (refused[index],)) if index in refused else next(saved) for index in range(len(records))]


def _answer(results: Sequence[SaveResult], *, created: bool = False) -> Response:
    return reply([save_json(result, created=created) for result in results])
