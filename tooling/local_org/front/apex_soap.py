"""The SOAP Apex API, which `sf apex run` calls: answers that this org runs no Apex."""

from __future__ import annotations

from flask import Blueprint, Response

from ..errors import InvalidSession
from .errors import soap_fault
from .soap import read_call, soap_reply, unknown_operation
from .tooling import NO_APEX
from .wire import the_org

routes = Blueprint("apex_soap", __name__)

_NAMESPACE = "http://soap.sforce.com/2006/08/apex"


@routes.post("/services/Soap/s/<path:_version>")
def apex(_version: str) -> Response:
    call = read_call()
    try:
        the_org().user_of_token(call.session)
    except InvalidSession:
        return invalid_session()
    if call.name != "executeAnonymous":
        return unknown_operation(call)
    header = f"<soapenv:Header><DebuggingInfo><debugLog>{NO_APEX}</debugLog></DebuggingInfo></soapenv:Header>"
    result = {
        "column": 1, "compileProblem": NO_APEX, "compiled": False, "exceptionMessage": "", "exceptionStackTrace": "", "line": 1,
        "success": False,
    }  # fmt: skip
    return soap_reply("executeAnonymous", [result], namespace=_NAMESPACE, header=header)


def invalid_session() -> Response:
    """Cci tests for the literal `sf:INVALID_SESSION_ID`."""
    return soap_fault("sf:INVALID_SESSION_ID", "INVALID_SESSION_ID: Invalid Session ID found in SessionHeader: Illegal Session")
