"""The SOAP Metadata API: one address, whatever its spelling; the body's first element says what is asked."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Any
from xml.sax.saxutils import escape

from flask import Blueprint, Response
from lxml import etree

from ..engine.listing import describe_metadata, list_metadata
from ..engine.retrieve import retrieve
from ..engine.users import User
from ..errors import InvalidSession, error_class
from .apex_soap import invalid_session
from .errors import soap_fault
from .metadata_files import (
    deploy_json,
    file_properties,
    find_deploy,
    find_retrieve,
    options_of,
    retrieve_json,
    start_deploy,
    start_retrieve,
)
from .soap import Element, SoapCall, child, children, parse, read_call, soap_reply
from .wire import the_org

routes = Blueprint("metadata_soap", __name__)

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"


@routes.post("/services/Soap/m/<path:address>")
def metadata(address: str) -> Response:
    call = read_call()
    try:
        user = the_org().user_of_token(call.session)
    except InvalidSession:
        return invalid_session()
    if call.name == "readMetadata":
        return soap_reply(call.name, [], namespace=NAMESPACE, raw=_read_metadata(call, user))
    operation = _OPERATIONS.get(call.name)
    if operation is None:
        return soap_fault("sf:UNSUPPORTED_API_OPERATION", f"The local org does not support {call.name}; deploy the metadata instead.")
    return soap_reply(call.name, operation(call, user), namespace=NAMESPACE)


def _deploy(call: SoapCall, user: User) -> list[Any]:
    try:
        content = base64.b64decode(call.text("ZipFile"), validate=False)
    except binascii.Error as unreadable:
        raise error_class("INVALID_ARGUMENT")(f"ZipFile is not base64: {unreadable}") from unreadable
    started = start_deploy(user, content, options_of(_flat(child(call.operation, "DeployOptions"))))
    return [{"done": False, "id": started.id, "state": "Queued"}]


def _check_deploy_status(call: SoapCall, user: User) -> list[Any]:
    return [deploy_json(find_deploy(call.text("asyncProcessId")), details=call.flag("includeDetails", default=True))]


def _cancel_deploy(call: SoapCall, user: User) -> list[Any]:
    """A deploy is finished before anyone can cancel it."""
    return [{"done": True, "id": find_deploy(call.text("String")).id}]


def _retrieve(call: SoapCall, user: User) -> list[Any]:
    # cci and simple-salesforce name the argument retrieveRequest, sf and jsforce request.
    asked = child(call.operation, "retrieveRequest")
    if asked is None:
        asked = child(call.operation, "request")
    if asked is None:
        raise error_class("MISSING_ARGUMENT")("retrieve needs a retrieveRequest")
    unpackaged = child(asked, "unpackaged")
    members: list[tuple[str, str]] = []
    for types in [] if unpackaged is None else children(unpackaged, "types"):
        members += [(_text(types, "name"), (each.text or "").strip()) for each in children(types, "members")]
    packages = [(each.text or "").strip() for each in children(asked, "packageNames")]
    started = start_retrieve(members, [each for each in packages if each], _text(asked, "apiVersion"))
    return [{"done": False, "id": started.id, "state": "Queued"}]


def _check_status(call: SoapCall, user: User) -> list[Any]:
    found = find_retrieve(call.text("asyncProcessId"))
    return [{"done": True, "id": found.id, "state": "Completed"}]


def _check_retrieve_status(call: SoapCall, user: User) -> list[Any]:
    found = find_retrieve(call.text("asyncProcessId"))
    return [{**retrieve_json(found), "zipFile": base64.b64encode(found.content).decode("ascii")}]


def _list_metadata(call: SoapCall, user: User) -> list[Any]:
    found = []
    for query in children(call.operation, "queries"):
        found += [file_properties(each) for each in list_metadata(the_org().metadata, _text(query, "type"), _text(query, "folder") or None)]
    return found


def _describe_metadata(call: SoapCall, user: User) -> list[Any]:
    kinds = [
        {
            "childXmlNames": list(each.child_xml_names), "directoryName": each.directory_name, "inFolder": each.in_folder,
            "metaFile": each.meta_file, "suffix": each.suffix, "xmlName": each.xml_name,
        }
        for each in describe_metadata()
    ]  # fmt: skip
    return [{"metadataObjects": kinds, "organizationNamespace": "", "partialSaveAllowed": True, "testRequired": False}]


def _read_metadata(call: SoapCall, user: User) -> str:
    """Each component as its file has it; an empty record for one that is not there."""
    kind = call.text("type")
    names = [(each.text or "").strip() for each in children(call.operation, "fullNames")]
    return "<result>" + "".join(_record(kind, name) for name in names) + "</result>"


def _record(kind: str, name: str) -> str:
    found = retrieve(the_org().metadata, [(kind, name)])
    file = next((body for path, body in found.files.items() if path != "package.xml" and body.lstrip().startswith(b"<")), None)
    if not found.properties or file is None:
        return '<records xsi:nil="true"/>'
    inner = "".join(etree.tostring(each, encoding="unicode") for each in parse(file) if etree.QName(each).localname != "fullName")
    return f'<records xsi:type="{escape(kind)}"><fullName>{escape(name)}</fullName>{inner}</records>'


def _text(element: Element, name: str) -> str:
    found = child(element, name)
    return (found.text or "").strip() if found is not None else ""


def _flat(options: Element | None) -> dict[str, Any]:
    """Children by name; one that repeats (`runTests`) as a list."""
    found: dict[str, Any] = {}
    for each in [] if options is None else options:
        if not isinstance(each.tag, str):
            continue
        name, text = each.tag.rpartition("}")[2], (each.text or "").strip()
        found[name] = [*found[name], text] if isinstance(found.get(name), list) else [found[name], text] if name in found else text
    return found


_OPERATIONS: dict[str, Callable[[SoapCall, User], list[Any]]] = {
    "deploy": _deploy,
    "checkDeployStatus": _check_deploy_status,
    "cancelDeploy": _cancel_deploy,
    "retrieve": _retrieve,
    "checkStatus": _check_status,
    "checkRetrieveStatus": _check_retrieve_status,
    "listMetadata": _list_metadata,
    "describeMetadata": _describe_metadata,
}
