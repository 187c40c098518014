"""The SOAP Metadata API: one address, whatever its spelling; the body's first element says what is asked."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response
from lxml import etree

from ..engine.users import User
from ..errors import InvalidSession, OrgError, error_class
from .apex_soap import invalid_session
from .metadata_files import Retrieve, deploy_json, find_deploy, find_retrieve, options_of, retrieve, start_deploy
from .soap import Element, SoapCall, child, children, parse, read_call, soap_fault, soap_reply
from .wire import the_org

routes = Blueprint("metadata_soap", __name__)

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"


@routes.post("/services/Soap/m/<path:_address>")
def metadata(_address: str) -> Response:
    call = read_call()
    try:
        user = the_org().user_of_token(call.session)
    except InvalidSession:
        return invalid_session()
    operation = _OPERATIONS.get(call.name)
    if operation is None:
        return soap_fault("sf:UNSUPPORTED_API_OPERATION", f"The local org does not support {call.name}; deploy the metadata instead.")
    return operation(call, user)


def _deploy(call: SoapCall, user: User) -> Response:
    try:
        content = base64.b64decode(call.text("ZipFile"), validate=False)
    except binascii.Error as unreadable:
        raise error_class("INVALID_ARGUMENT")(f"ZipFile is not base64: {unreadable}") from unreadable
    found = child(call.operation, "DeployOptions")
    started = start_deploy(user, content, options_of(_flat(found)))
    return _reply("deploy", [{"done": False, "id": started.id, "state": "Queued"}])


def _check_deploy_status(call: SoapCall, user: User) -> Response:
    found = find_deploy(call.text("asyncProcessId"))
    return _reply("checkDeployStatus", [deploy_json(found, details=call.flag("includeDetails", default=True))])


def _cancel_deploy(call: SoapCall, user: User) -> Response:
    found = find_deploy(call.text("String") or call.text("asyncProcessId"))
    return _reply("cancelDeploy", [{"done": True, "id": found.id}])


def _retrieve(call: SoapCall, user: User) -> Response:
    # cci and simple-salesforce name the argument retrieveRequest, sf and jsforce request.
    asked = child(call.operation, "retrieveRequest")
    if asked is None:
        asked = child(call.operation, "request")
    if asked is None:
        raise error_class("MISSING_ARGUMENT")("retrieve needs a retrieveRequest")
    unpackaged = child(asked, "unpackaged")
    members: list[tuple[str, str]] = []
    for types in [] if unpackaged is None else children(unpackaged, "types"):
        kind = child(types, "name")
        name = (kind.text or "").strip() if kind is not None else ""
        members += [(name, (member.text or "").strip()) for member in children(types, "members")]
    packages = [(each.text or "").strip() for each in children(asked, "packageNames")]
    version = child(asked, "apiVersion")
    started = retrieve(user, members, packages, (version.text or "") if version is not None else "")
    return _reply("retrieve", [{"done": False, "id": started.id, "state": "Queued"}])


def _check_status(call: SoapCall, user: User) -> Response:
    found = find_retrieve(call.text("asyncProcessId"))
    return _reply("checkStatus", [{"done": True, "id": found.id, "state": "Completed"}])


def _check_retrieve_status(call: SoapCall, user: User) -> Response:
    return _reply("checkRetrieveStatus", [_retrieve_result(find_retrieve(call.text("asyncProcessId")))])


def _retrieve_result(found: Retrieve) -> dict[str, Any]:
    return {
        "done": True,
        "fileProperties": [dict(each) for each in found.files],
        "id": found.id,
        "messages": [{"fileName": file_name, "problem": problem} for file_name, problem in found.messages],
        "status": "Succeeded",
        "success": True,
        "zipFile": base64.b64encode(found.content).decode("ascii"),
    }
