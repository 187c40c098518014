"""Composite, batch and graph: several requests in one call, alone or as one transaction."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

from flask import Blueprint, Response

from ..errors import JsonParserError, NotFound, OrgError, error_class
from .errors import NOT_THERE, error_entry
from .references import resolve
from .subrequests import SubResponse, run
from .wire import boolean, calling_user, json_object, reply, the_org

routes = Blueprint("composite", __name__)

MOST_SUBREQUESTS = 25
MOST_QUERIES = 5
MOST_GRAPHS = 75
MOST_NODES = 500

_ROLLED_BACK = "The transaction was rolled back since another operation in the same transaction failed."
_COUNTED_APART = re.compile(r"^/services/data/v[\d.]+/(query|queryAll|composite/sobjects)(/|\?|$)")
_NESTED = re.compile(r"^/services/data/v[\d.]+/composite(/batch|/graph|/tree)?/?(\?|$)")
_DATA = re.compile(r"^/services/data/v[\d.]+/.")


class _Undone(Exception):
    """Leaves the unit of work, which rolls back."""


@routes.post("/services/data/v<version:version>/composite")
def composite(version: str) -> Response:
    calling_user()
    body = json_object()
    subrequests = _subrequests(body.get("compositeRequest"), "compositeRequest")
    _require_limits(subrequests)
    # collateSubrequests only lets Salesforce group requests; the answers and their order are the same.
    answers = _together(subrequests) if boolean(body.get("allOrNone")) else _one_by_one(subrequests)
    return reply({"compositeResponse": _answer_list(subrequests, answers)})


@routes.post("/services/data/v<version:version>/composite/batch")
def batch(version: str) -> Response:
    calling_user()
    body = json_object()
    requests = body.get("batchRequests")
    if not isinstance(requests, list) or not all(isinstance(each, dict) for each in requests):
        raise JsonParserError("batchRequests must be an array of objects")
    if len(requests) > MOST_SUBREQUESTS:
        raise error_class("LIMIT_EXCEEDED")(f"Too many subrequests: {len(requests)}. The maximum number is {MOST_SUBREQUESTS}.")
    results: list[SubResponse] = []
    halt = boolean(body.get("haltOnError"))
    for each in requests:
        if halt and any(result.failed for result in results):
            halted = [{"errorCode": "BATCH_PROCESSING_HALTED", "message": "Batch processing halted per request"}]
            results.append(SubResponse(412, halted))
            continue
        url = str(each.get("url", "")).lstrip("/")
        full = f"/{url}" if url.startswith("services/") else f"/services/data/{url}"
        results.append(_run_one(str(each.get("method", "GET")), full, each.get("richInput"), {}))
    return reply(
        {
            "hasErrors": any(result.failed for result in results),
            "results": [{"statusCode": result.status, "result": result.body} for result in results],
        }
    )


@routes.post("/services/data/v<version:version>/composite/graph")
def graph(version: str) -> Response:
    calling_user()
    graphs = json_object().get("graphs")
    if not isinstance(graphs, list) or not all(isinstance(each, dict) and each.get("graphId") for each in graphs):
        raise JsonParserError("graphs must be an array of objects with a graphId")
    parts = [(str(each["graphId"]), _subrequests(each.get("compositeRequest"), "compositeRequest")) for each in graphs]
    if len(parts) > MOST_GRAPHS or sum(len(subrequests) for _, subrequests in parts) > MOST_NODES:
        raise error_class("LIMIT_EXCEEDED")(f"A payload takes at most {MOST_GRAPHS} graphs and {MOST_NODES} nodes.")
    answers = []
    for graph_id, subrequests in parts:
        results = _together(subrequests)
        answers.append(
            {
                "graphId": graph_id,
                "graphResponse": {"compositeResponse": _answer_list(subrequests, results)},
                "isSuccessful": not any(result.failed for result in results),
            }
        )
    return reply({"graphs": answers})


def _subrequests(value: Any, name: str) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise JsonParserError(f"{name} must be an array of objects")
    seen: set[str] = set()
    for each in value:
        missing = [key for key in ("method", "url", "referenceId") if not isinstance(each.get(key), str) or not each[key]]
        if missing:
            raise error_class("MISSING_ARGUMENT")(f"A subrequest needs {', '.join(missing)}")
        if each["referenceId"] in seen:
            raise error_class("DUPLICATE_REFERENCE_ID")(f"Duplicate referenceId: {each['referenceId']}")
        seen.add(each["referenceId"])
    return value


def _require_limits(subrequests: Sequence[dict[str, Any]]) -> None:
    if len(subrequests) > MOST_SUBREQUESTS:
        raise error_class("LIMIT_EXCEEDED")(f"Too many subrequests: {len(subrequests)}. The maximum number is {MOST_SUBREQUESTS}.")
    counted = sum(1 for each in subrequests if _COUNTED_APART.match(each["url"]))
    if counted > MOST_QUERIES:
        raise error_class("LIMIT_EXCEEDED")(
            f"Too many query and sObject Collections subrequests: {counted}. The maximum is {MOST_QUERIES}."
        )


def _one_by_one(subrequests: Sequence[dict[str, Any]]) -> list[SubResponse]:
    """Each subrequest a transaction of its own; one that refers to a failed one fails too."""
    told: dict[str, Any] = {}
    answers = []
    # Whether governor limits are counted per subrequest or per call is not in Salesforce's public documentation: a setting.
    with the_org().shared_limits() if the_org().settings.composite_limits == "call" else nullcontext():
        for each in subrequests:
            answer = _run_with_references(each, told)
            answers.append(answer)
            if not answer.failed:
                told[each["referenceId"]] = answer.body
    return answers


def _together(subrequests: Sequence[dict[str, Any]]) -> list[SubResponse]:
    """One transaction: the first failure undoes all, keeps its own error and halts the others."""
    told: dict[str, Any] = {}
    answers: list[SubResponse] = []
    try:
        with the_org().unit_of_work():
            for each in subrequests:
                answers.append(_run_with_references(each, told))
                if answers[-1].failed:
                    raise _Undone
                told[each["referenceId"]] = answers[-1].body
    except _Undone:
        halted = SubResponse(400, [error_entry(error_class("PROCESSING_HALTED")(_ROLLED_BACK))])
        failed = len(answers) - 1
        return [answers[failed] if index == failed else halted for index in range(len(subrequests))]
    return answers


def _run_with_references(subrequest: dict[str, Any], told: dict[str, Any]) -> SubResponse:
    try:
        url = str(resolve(subrequest["url"], told))
        body = resolve(subrequest.get("body"), told)
        headers = resolve(subrequest.get("httpHeaders") or {}, told)
    except OrgError as missing:
        return _refused(missing)
    return _run_one(subrequest["method"], url, body, headers)


def _run_one(method: str, url: str, body: Any, headers: Any) -> SubResponse:
    path = url if url.startswith("/") else f"/{url}"
    if not _DATA.match(path) or _NESTED.match(path):
        return _refused(NotFound(NOT_THERE))
    return run(method.upper(), path, body, {str(name): str(value) for name, value in dict(headers).items()})


def _refused(error: OrgError) -> SubResponse:
    return SubResponse(error.status, [error_entry(error)])


def _answer_list(subrequests: Sequence[dict[str, Any]], answers: Sequence[SubResponse]) -> list[dict[str, Any]]:
    return [
        {"body": answer.body, "httpHeaders": answer.headers, "httpStatusCode": answer.status, "referenceId": each["referenceId"]}
        for each, answer in zip(subrequests, answers, strict=True)
    ]
