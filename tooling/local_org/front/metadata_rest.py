"""The REST deploy resource: multipart with a zip and options, in whatever order the client sends the two."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, request

from ..errors import JsonParserError, NotFound, OrgError, error_class
from .errors import NOT_THERE
from .metadata_files import deploy_json, find_deploy, options_of, start_deploy
from .wire import boolean, calling_user, json_object, reply

routes = Blueprint("metadata_rest", __name__, url_prefix="/services/data/v<version:version>/metadata")

_OPTION_PARTS = ("json", "entity_content")


@routes.post("/deployRequest")
def deploy(version: str) -> Response:
    user = calling_user()
    content, options = _zip(), _options()
    started = start_deploy(user, content, options_of(options))
    pending = {"id": started.id, "status": "Pending", "done": False, "success": False}
    return reply({"id": started.id, "validatedDeployRequestId": None, "deployOptions": options, "deployResult": pending}, 201)


@routes.get("/deployRequest/<deploy_id>")
def status(version: str, deploy_id: str) -> Response:
    calling_user()
    try:
        result = find_deploy(deploy_id)
    except OrgError as unknown:
        raise NotFound(NOT_THERE) from unknown
    details = boolean(request.args.get("includeDetails"))
    return reply({"id": result.id, "validatedDeployRequestId": None, "deployResult": deploy_json(result, details=details)})


@routes.patch("/deployRequest/<deploy_id>")
def cancel(version: str, deploy_id: str) -> Response:
    """A deploy is finished before anyone can cancel it; the answer shows how it ended."""
    calling_user()
    wanted = json_object().get("deployResult")
    if not isinstance(wanted, dict) or wanted.get("status") != "Canceling":
        raise error_class("INVALID_ARGUMENT")("Only the status Canceling can be asked for")
    return reply({"id": deploy_id, "deployResult": deploy_json(find_deploy(deploy_id), details=False)}, 202)


def _zip() -> bytes:
    found = request.files.get("file")
    if found is None:
        raise error_class("MISSING_ARGUMENT")("A part named 'file' with the zip is required")
    return bytes(found.read())


def _options() -> dict[str, Any]:
    for name in _OPTION_PARTS:
        text: Any = request.form.get(name)
        if text is None and name in request.files:
            text = request.files[name].read().decode("utf-8", errors="replace")
        if text is None:
            continue
        try:
            value = json.loads(text)
        except ValueError as unreadable:
            raise JsonParserError(f"The part {name} is not JSON: {unreadable}") from unreadable
        options = value.get("deployOptions") if isinstance(value, dict) else None
        if isinstance(options, dict):
            return options
    raise error_class("MISSING_ARGUMENT")("A part with deployOptions is required")
