"""The only place where an error becomes an HTTP reply: JSON list, SOAP fault, Bulk v1 XML or OAuth object, by the address called."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import uuid4
from xml.sax.saxutils import escape

from flask import Flask, Response, render_template, request
from werkzeug.exceptions import HTTPException

from ..errors import DuplicatesDetected, NotFound, OrgError, error_class
from .wire import front_state, reply

if TYPE_CHECKING:
    from ..engine.org import SaveResult

_LOG = logging.getLogger("tooling.local_org.front")
_ASYNC_NAMESPACE = "http://www.force.com/2009/06/asyncapi/dataload"

_API_PATHS = ("/services", "/id/", "/local-org/")

NOT_THERE = "The requested resource does not exist"


class SaveRefused(OrgError):
    """A single-record call that was refused for one or more reasons, all of which are told."""

    def __init__(self, errors: Sequence[OrgError]) -> None:
        super().__init__(errors[0].message, errors[0].fields)
        self.code = errors[0].code
        self.status = errors[0].status
        self.errors = tuple(errors)


class OAuthRefused(Exception):
    """An OAuth error: `{"error", "error_description"}`."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status


def error_entry(error: OrgError, *, with_fields: bool = False) -> dict[str, Any]:
    """One entry of a REST error list; `fields` stands there for errors of a save, also when empty."""
    entry: dict[str, Any] = {"message": error.message, "errorCode": error.code}
    if error.fields or with_fields:
        entry["fields"] = list(error.fields)
    if isinstance(error, DuplicatesDetected):
        # The key has been misspelt in REST answers for years, and clients read it so; some read the right one.
        entry["duplicateResut"] = entry["duplicateResult"] = error.duplicate_result
    return entry


def row_error(error: OrgError) -> dict[str, Any]:
    """One entry of a record's errors in collections, trees and bulk results: all three keys always."""
    return {"statusCode": error.code, "message": error.message, "fields": list(error.fields)}


def save_json(result: SaveResult, *, created: bool = False) -> dict[str, Any]:
    """A save result as collections answer it; `created` is told by upserts."""
    answer: dict[str, Any] = {"id": result.id} if result.id else {}
    answer["success"] = result.success
    answer["errors"] = [row_error(error) for error in result.errors]
    if created and result.success:
        answer["created"] = bool(result.created)
    return answer


def require_success(result: SaveResult) -> SaveResult:
    """The result of a single-record call.

    Raises:
        SaveRefused: it was refused.
    """
    if not result.success:
        raise SaveRefused(result.errors)
    return result


def register(app: Flask) -> None:
    app.register_error_handler(OrgError, _org_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(OAuthRefused, _oauth_error)
    app.register_error_handler(Exception, _unexpected)


def _org_error(error: OrgError) -> Response:
    front_state().usage.count_refused(error.code)
    if request.path.startswith("/services/Soap/"):
        return soap_fault(f"sf:{error.code}", f"{error.code}: {error.message}")
    if request.path.startswith("/services/async/"):
        return _async_error(error)
    if isinstance(error, SaveRefused):
        return reply([error_entry(each, with_fields=True) for each in error.errors], error.status)
    return reply([error_entry(error)], error.status)


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return Response(error.get_response().data, status=status, headers=dict(error.get_response().headers))
    if status == 404 and not request.path.startswith(_API_PATHS):
        return Response(render_template("missing.html"), status=404, content_type="text/html;charset=UTF-8")
    found: OrgError
    if status == 404:
        found = NotFound(NOT_THERE)
    elif status == 405:
        allowed = ", ".join(sorted(set(getattr(error, "valid_methods", None) or ()) - {"OPTIONS"}))
        found = error_class("METHOD_NOT_ALLOWED")(f"HTTP Method '{request.method}' not allowed. Allowed are {allowed}")
        found.status = 405
    elif status == 413:
        found = error_class("REQUEST_TOO_LARGE")("The request body is larger than this resource takes")
        found.status = 413
    else:
        found = error_class("UNKNOWN_EXCEPTION")(error.description or error.name)
        found.status = status
    return _org_error(found)


def _oauth_error(error: OAuthRefused) -> Response:
    return reply({"error": error.error, "error_description": error.description}, error.status)


def _unexpected(error: Exception) -> Response:
    number = uuid4().hex[:10]
    _LOG.error("Unexpected error %s in %s %s", number, request.method, request.path, exc_info=error)
    found = OrgError(f"An unexpected error occurred. Please include this ErrorId if you contact support: {number} ({type(error).__name__})")
    found.status = 500
    return _org_error(found)


def soap_fault(code: str, text: str, status: int = 500) -> Response:
    """A SOAP 1.1 fault; the prefix `sf` of the code is declared, cci compares it literally."""
    body = (
        '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:sf="http://soap.sforce.com/2006/04/metadata"><soapenv:Body><soapenv:Fault>'
        f"<faultcode>{escape(code)}</faultcode><faultstring>{escape(text)}</faultstring></soapenv:Fault></soapenv:Body></soapenv:Envelope>"
    )
    return Response(body, status=status, content_type="text/xml;charset=UTF-8")


# Bulk API 1.0 has error names of its own for what the other APIs call by an error code ("Errors", Bulk API Developer Guide).
_ASYNC_CODES = {"INVALID_SESSION_ID": "InvalidSessionId", "NOT_FOUND": "InvalidUrl", "METHOD_NOT_ALLOWED": "ClientInputError"}


def _async_error(error: OrgError) -> Response:
    code = _ASYNC_CODES.get(error.code, error.code)
    if request.accept_mimetypes.best == "application/json" or "json" in request.headers.get("Content-Type", ""):
        return Response(
            reply({"exceptionCode": code, "exceptionMessage": error.message}).data, error.status, content_type="application/json"
        )
    body = (
        f'<?xml version="1.0" encoding="UTF-8"?><error xmlns="{_ASYNC_NAMESPACE}">'
        f"<exceptionCode>{escape(code)}</exceptionCode><exceptionMessage>{escape(error.message)}</exceptionMessage></error>"
    )
    return Response(body, status=error.status, content_type="application/xml")
