"""sObject resources of the REST API: describe, and one record at a time by Id or by an external id."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from flask import Blueprint, Response, request

from ..engine.org import SaveOptions
from ..errors import InvalidField, NotFound, error_class
from ..store.ids import is_id
from .errors import NOT_THERE, require_success
from .wire import (
    api_version,
    base_url,
    boolean,
    calling_user,
    data_url,
    dumps,
    front_state,
    json_object,
    no_content,
    note_rows,
    reply,
    the_org,
    unsupported,
)

routes = Blueprint("sobjects", __name__)

_FIRST_LISTED = 20
_LAST_LISTED = 67
_VERSION_IN_URL = re.compile(r"^/services/data/v[\d.]+/")
_NOT_HERE = {
    "updated": "the ids of updated records; query LastModifiedDate or SystemModstamp",
    "deleted": "the ids of deleted records; use queryAll with IsDeleted = true",
    "listviews": "list views over REST",
    "quickactions": "quick actions over REST",
    "defaultvalues": "default values over REST",
    "describe": "layouts over REST",
}
"""Resources below an sObject that the local org does not have; `describe` itself it has."""
_RESOURCES = ("sobjects", "query", "queryAll", "composite", "jobs", "limits", "tooling", "metadata")


@routes.get("/services/data")
def versions() -> Response:
    """Newest last: cci takes the last one."""
    listed = [f"{number}.0" for number in range(_FIRST_LISTED, _LAST_LISTED + 1)]
    return reply([{"label": _label(each), "url": f"/services/data/v{each}", "version": each} for each in listed])


@routes.get("/services/data/v<version:version>")
def resources(version: str) -> Response:
    user = calling_user()
    found = {name: f"/services/data/v{version}/{name}" for name in _RESOURCES}
    # jsforce needs an absolute address here.
    return reply({**found, "identity": f"{base_url()}/id/{the_org().id}/{user.id}"})


@routes.get("/services/data/v<version:version>/sobjects")
def describe_global(version: str) -> Response:
    entries = [_localised(entry) for entry in the_org().describe_global(calling_user())]
    return _unless_unmodified({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": entries})


@routes.get("/services/data/v<version:version>/sobjects/<sobject>/describe")
def describe(version: str, sobject: str) -> Response:
    return _unless_unmodified(_localised(the_org().describe(calling_user(), sobject)))


@routes.get("/services/data/v<version:version>/sobjects/<sobject>")
def basic_information(version: str, sobject: str) -> Response:
    described = the_org().describe(calling_user(), sobject)
    entry = next(each for each in the_org().describe_global(calling_user()) if each["name"] == described["name"])
    return reply({"objectDescribe": _localised(entry), "recentItems": []})


@routes.post("/services/data/v<version:version>/sobjects/<sobject>")
def create(version: str, sobject: str) -> Response:
    return _create(sobject, json_object())


@routes.route("/services/data/v<version:version>/sobjects/<sobject>/<record_id>", methods=["GET", "PATCH", "DELETE", "POST"])
def by_id(version: str, sobject: str, record_id: str) -> Response:
    _refuse_resource(record_id)
    method = _method()
    if method == "POST" and record_id.lower() == "id":
        # "Insert or Update (Upsert) a Record": POST to …/{sObject}/Id inserts.
        return _create(sobject, json_object())
    if method == "POST":
        raise _not_allowed("GET, PATCH, DELETE")
    name = _known(sobject)
    if not is_id(record_id):
        raise NotFound(f"Provided external ID field does not exist or is not accessible: {record_id}")
    return _one_record(method, name, record_id)


@routes.route("/services/data/v<version:version>/sobjects/<sobject>/<field>/<text:value>", methods=["GET", "PATCH", "DELETE", "POST"])
def by_key(version: str, sobject: str, field: str, value: str) -> Response:
    _refuse_resource(field)
    method = _method()
    name = _known(sobject)
    if method == "POST":
        raise _not_allowed("GET, PATCH, DELETE")
    if field.lower() == "id":
        return _one_record(method, name, value)
    ids = the_org().ids_by_key(calling_user(), name, field, value)
    if len(ids) > 1:
        # Several matches: 300, the addresses, nothing written ("Upsert a Record Using an External ID").
        return reply([data_url(f"sobjects/{name}/{each}") for each in ids], 300)
    if method == "PATCH":
        return _upsert(name, field, value, bool(ids))
    if not ids:
        raise NotFound(NOT_THERE)
    return _one_record(method, name, ids[0])


def save_options() -> SaveOptions:
    """What the request's headers ask of a save."""
    duplicates = _header_options("Sforce-Duplicate-Rule-Header")
    truncate = request.headers.get("Sforce-Allow-Field-Truncation", request.headers.get("AllowFieldTruncationHeader", ""))
    return SaveOptions(allow_duplicates=duplicates.get("allowsave") == "true", truncate="true" in truncate.lower())


def _header_options(name: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in re.split(r"[;,]", request.headers.get(name, "")))
    return {key.strip().lower(): value.strip().lower() for key, _, value in pairs}


def _create(sobject: str, body: Mapping[str, Any]) -> Response:
    name = _known(sobject)
    note_rows(1)
    [result] = the_org().insert(calling_user(), [{**body, "attributes": {"type": name}}], options=save_options())
    require_success(result)
    location = data_url(f"sobjects/{name}/{result.id}")
    return reply({"id": result.id, "success": True, "errors": []}, 201, {"Location": location})


def _one_record(method: str, sobject: str, record_id: str) -> Response:
    note_rows(0 if method == "GET" else 1)
    if method == "GET":
        wanted = request.args.get("fields")
        fields = [field.strip() for field in wanted.split(",")] if wanted else None
        [record] = the_org().retrieve(calling_user(), sobject, [record_id], fields, api_version=api_version())
        if record is None:
            raise NotFound(NOT_THERE)
        return reply(record)
    if method == "PATCH":
        body = {**json_object(), "attributes": {"type": sobject}}
        if any(key.lower() == "id" for key in body):
            raise InvalidField("The Id field should not be specified in the sobject data.", ("Id",))
        [result] = the_org().update(calling_user(), [{**body, "Id": record_id}], options=save_options())
    else:
        [result] = the_org().delete(calling_user(), [record_id])
    require_success(result)
    return no_content()


def _upsert(sobject: str, field: str, value: str, exists: bool) -> Response:
    body = json_object()
    if any(key.lower() == field.lower() for key in body):
        raise InvalidField(f"The {field} field should not be specified in the sobject data.", (field,))
    if boolean(request.args.get("updateOnly")) and not exists:
        raise NotFound(NOT_THERE)
    note_rows(1)
    record = {**body, field: value, "attributes": {"type": sobject}}
    [result] = the_org().upsert(calling_user(), sobject, field, [record], options=save_options())
    require_success(result)
    if not result.created and float(api_version()) < 46:
        return no_content()
    answer: dict[str, Any] = {"id": result.id, "success": True, "errors": [], "created": bool(result.created)}
    headers = {"Location": data_url(f"sobjects/{sobject}/{result.id}")} if result.created else {}
    return reply(answer, 201 if result.created else 200, headers)


def _refuse_resource(name: str) -> None:
    calling_user()
    if name.lower() in _NOT_HERE:
        raise unsupported(_NOT_HERE[name.lower()])


def _known(sobject: str) -> str:
    """The sObject's canonical name; an unknown one answers 404 as an unknown path does."""
    found = the_org().metadata.schema.get(sobject)
    if found is None:
        raise NotFound(NOT_THERE)
    return found.name


def _method() -> str:
    """Clients that cannot send PATCH send POST with `?_HttpMethod=PATCH`."""
    if request.method == "POST" and request.args.get("_HttpMethod", "").upper() in {"PATCH", "DELETE", "GET"}:
        return request.args["_HttpMethod"].upper()
    return request.method


def _not_allowed(allowed: str) -> Exception:
    refused = error_class("METHOD_NOT_ALLOWED")(f"HTTP Method '{request.method}' not allowed. Allowed are {allowed}")
    refused.status = 405
    return refused


def _localised(value: Any) -> Any:
    """The describe answer with the caller's API version in its addresses."""
    if not isinstance(value, dict) or not isinstance(value.get("urls"), dict):
        return value
    urls = {key: _VERSION_IN_URL.sub(f"/services/data/v{api_version()}/", str(url)) for key, url in value["urls"].items()}
    return {**value, "urls": urls}


def _unless_unmodified(value: dict[str, Any]) -> Response:
    """The answer, or 304 when it has not changed since If-Modified-Since or the entity tag is the caller's."""
    text = dumps(value)
    tag = f'"{hashlib.blake2s(text.encode(), digest_size=4).hexdigest()}"'
    changed = front_state().changed_at((calling_user().id, request.path), tag)
    headers = {"ETag": tag, "Last-Modified": format_datetime(changed, usegmt=True)}
    if tag in request.headers.get("If-None-Match", "") or _unmodified_since(changed):
        return Response(status=304, headers=headers)
    response = reply(None, headers=headers)
    response.set_data(text)
    return response


def _unmodified_since(changed: datetime) -> bool:
    given = request.headers.get("If-Modified-Since")
    if not given:
        return False
    try:
        since = parsedate_to_datetime(given)
    except ValueError:
        return False
    return changed <= (since if since.tzinfo else since.replace(tzinfo=UTC))


def _label(version: str) -> str:
    """Release names: three a year, Winter '26 being 65.0."""
    number = int(version.partition(".")[0]) - 65
    season, year = ("Winter", "Spring", "Summer")[number % 3], 26 + number // 3
    return f"{season} '{year:02d}"
