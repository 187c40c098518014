"""The SOAP partner and enterprise APIs, as far as REST has nothing for it: login, convertLead, merge, undelete."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response

from ..engine.lead_conversion import LeadConvert
from ..engine.users import User
from ..errors import InvalidSession, NotFound, OrgError, error_class
from .apex_soap import invalid_session
from .errors import soap_fault
from .soap import NIL, Element, SoapCall, child, children, read_call, soap_reply, type_of, unknown_operation
from .wire import LATEST_VERSION, base_url, the_org

routes = Blueprint("partner_soap", __name__)

_NAMESPACES = {"u": "urn:partner.soap.sforce.com", "c": "urn:enterprise.soap.sforce.com"}
Operation = Callable[[SoapCall, User], list[dict[str, Any]]]


@routes.post("/services/Soap/<any(u, c):api>/<path:address>")
def call_api(api: str, address: str) -> Response:
    """One address for all operations; those that REST has are refused by name."""
    call = read_call()
    namespace = _NAMESPACES[api]
    if call.name == "login":
        return _login(call, api, address)
    operation = _OPERATIONS.get(call.name)
    if operation is None:
        return unknown_operation(call)
    try:
        user = the_org().user_of_token(call.session)
    except InvalidSession:
        return invalid_session()
    return soap_reply(call.name, operation(call, user), namespace=namespace)


def _login(call: SoapCall, api: str, address: str) -> Response:
    try:
        user = the_org().user_named(call.text("username"))
    except NotFound:
        return soap_fault("sf:INVALID_LOGIN", "INVALID_LOGIN: Invalid username, password, security token; or user locked out.")
    first = address.split("/")[0]
    version = first if first.replace(".", "").isdigit() else LATEST_VERSION
    org_id = the_org().id
    result = {
        "metadataServerUrl": f"{base_url()}/services/Soap/m/{version}/{org_id}",
        "passwordExpired": False,
        "sandbox": False,
        "serverUrl": f"{base_url()}/services/Soap/{api}/{version}/{org_id}",
        "sessionId": the_org().issue_token(user.id),
        "userId": user.id,
        "userInfo": _user_info(user),
    }
    return soap_reply("login", [result], namespace=_NAMESPACES[api])


def _user_info(user: User) -> dict[str, Any]:
    return {
        "organizationId": the_org().id, "organizationName": "Local Org", "sessionSecondsValid": 7200, "userEmail": user.username,
        "userFullName": user.name, "userId": user.id, "userLanguage": "en_US", "userLocale": "en_US", "userName": user.username,
        "userTimeZone": str(user.time_zone), "userType": "Standard", "userUiSkin": "Theme3",
    }  # fmt: skip


def _logout(call: SoapCall, user: User) -> list[dict[str, Any]]:
    return []


def _get_user_info(call: SoapCall, user: User) -> list[dict[str, Any]]:
    return [_user_info(user)]


def _convert_lead(call: SoapCall, user: User) -> list[dict[str, Any]]:
    return [_converted(user, each) for each in children(call.operation, "leadConverts")]


def _converted(user: User, asked: Element) -> dict[str, Any]:
    text = {name: _text(asked, name) for name in ("leadId", "convertedStatus", "accountId", "contactId", "opportunityName", "ownerId")}
    wanted = LeadConvert(
        lead_id=text["leadId"] or "",
        converted_status=text["convertedStatus"] or "",
        account_id=text["accountId"],
        contact_id=text["contactId"],
        create_opportunity=_text(asked, "doNotCreateOpportunity") != "true",
        opportunity_name=text["opportunityName"],
        owner_id=text["ownerId"],
    )
    try:
        done = the_org().convert_lead(user, wanted)
    except OrgError as refused:
        return {"errors": [_soap_error(refused)], "leadId": wanted.lead_id, "success": False}
    ids = {"accountId": done.account_id, "contactId": done.contact_id, "leadId": done.lead_id, "opportunityId": done.opportunity_id}
    return {**ids, "success": True}


def _merge(call: SoapCall, user: User) -> list[dict[str, Any]]:
    return [_merged(user, each) for each in children(call.operation, "request")]


def _merged(user: User, asked: Element) -> dict[str, Any]:
    master = child(asked, "masterRecord")
    if master is None:
        raise error_class("MISSING_ARGUMENT")("merge needs a masterRecord")
    record = {
        name: None if each.get(NIL) == "true" else (each.text or None)
        for each in master
        if isinstance(each.tag, str) and (name := each.tag.rpartition("}")[2]) not in {"type", "fieldsToNull"}
    }
    record |= {(each.text or "").strip(): None for each in children(master, "fieldsToNull")}
    sobject = _text(master, "type") or type_of(master)
    losers = [(each.text or "").strip() for each in children(asked, "recordToMergeIds")]
    try:
        done = the_org().merge(user, sobject, {**record, "attributes": {"type": sobject}}, losers)
    except OrgError as refused:
        return {"errors": [_soap_error(refused)], "success": False}
    merged = {"mergedRecordIds": list(done.merged_record_ids), "updatedRelatedIds": list(done.updated_related_ids)}
    return {"id": done.id, **merged, "success": True}


def _undelete(call: SoapCall, user: User) -> list[dict[str, Any]]:
    ids = [(each.text or "").strip() for each in children(call.operation, "ids")]
    results = the_org().undelete(user, ids)
    return [{"errors": [_soap_error(error) for error in each.errors], "id": each.id, "success": each.success} for each in results]


def _text(element: Element, name: str) -> str | None:
    found = child(element, name)
    return (found.text or "").strip() or None if found is not None else None


def _soap_error(error: OrgError) -> dict[str, Any]:
    return {"fields": list(error.fields), "message": error.message, "statusCode": error.code}


_OPERATIONS: dict[str, Operation] = {
    "logout": _logout,
    "getUserInfo": _get_user_info,
    "convertLead": _convert_lead,
    "merge": _merge,
    "undelete": _undelete,
}
