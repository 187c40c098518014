"""The control plane: what a test or a demo does to the org that no Salesforce API can. JSON, no session, loopback only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from flask import Blueprint, Response, request

from ..engine.flow_tests import run_flow_tests
from ..errors import error_class
from . import connected_apps
from .durations import read_duration, read_moment
from .faults import fault_from_json
from .flow_tests import control_answer
from .wire import front_state, json_body, json_object, reply, the_org

routes = Blueprint("control", __name__, url_prefix="/local-org")
routes.register_blueprint(connected_apps.routes)


@routes.before_request
def _same_origin() -> None:
    """A web page elsewhere must not be able to reset the org of a developer who has it open."""
    origin = request.headers.get("Origin")
    if request.method != "GET" and origin not in (None, request.host_url.rstrip("/")):
        refused = error_class("INSUFFICIENT_ACCESS")(f"The control plane does not answer pages of {origin}")
        refused.status = 403
        raise refused


@routes.get("/clock")
def clock() -> Response:
    return reply({"now": _now()})


@routes.post("/clock")
def set_clock() -> Response:
    """`{"now": TIME}` or `{"advance": "45d"}`; scheduled paths that became due have run when this answers."""
    body = json_object()
    if ("now" in body) == ("advance" in body):
        raise error_class("INVALID_ARGUMENT")('Send either {"now": TIME} or {"advance": SPAN}')
    if "now" in body:
        the_org().set_now(read_moment(str(body["now"])))
    else:
        the_org().advance(read_duration(str(body["advance"])))
    return reply({"now": _now()})


@routes.post("/run-async")
def run_async() -> Response:
    """Runs what is due and answers with counts when nothing is left."""
    return reply(the_org().run_async())


@routes.post("/test-flows")
def test_flows() -> Response:
    """`{"tests": [NAME, …]}`, or nothing for all: runs flow tests; they leave nothing behind."""
    names = (json_object() if request.get_data(cache=True) else {}).get("tests")
    if names is not None and not (isinstance(names, list) and all(isinstance(name, str) for name in names)):
        raise error_class("INVALID_ARGUMENT")('Send {"tests": [NAME, …]}, or nothing for all flow tests')
    return reply(control_answer(run_flow_tests(the_org(), names or None)))


@routes.get("/emails")
def emails() -> Response:
    return reply({"emails": _plain(the_org().emails())})


@routes.post("/emails/verify")
def verify_sender() -> Response:
    """`{"address": ADDRESS}`: its owner follows the link that verifies an organization-wide address."""
    address = _text("address")
    the_org().verify_sender(address)
    return reply({"verified": address})


@routes.get("/interviews")
def interviews() -> Response:
    """The newest flow interviews with their paths; `?flow=NAME`, `?record=ID` and `?limit=N` narrow them."""
    found: list[Any] = _plain(the_org().interviews())
    flow, record = request.args.get("flow"), request.args.get("record")
    if flow:
        found = [each for each in found if str(each.get("flow", "")).lower() == flow.lower()]
    if record:
        found = [each for each in found if record[:15] in str(each)]
    limit = request.args.get("limit", "")
    return reply({"interviews": found[-int(limit) :] if limit.isdigit() and int(limit) else found})


@routes.get("/usage")
def usage() -> Response:
    return reply({"api": front_state().usage.to_json(), "limits": _plain(the_org().usage())})


@routes.route("/faults", methods=["GET", "POST", "DELETE"])
def faults() -> Response:
    """POST takes one fault, a list, or `{"faults": [...]}`, and adds them; an empty list or DELETE clears."""
    if request.method == "DELETE":
        front_state().faults.replace([])
    if request.method == "POST":
        body = json_body()
        given = body.get("faults", [body]) if isinstance(body, Mapping) else body
        if not isinstance(given, list) or not all(isinstance(each, Mapping) for each in given):
            raise error_class("INVALID_ARGUMENT")("A fault is an object; several are a list")
        if given:
            front_state().faults.add([fault_from_json(each) for each in given])
        else:
            front_state().faults.replace([])
    return reply({"faults": front_state().faults.to_json()})


@routes.post("/reset")
def reset() -> Response:
    """`{"to": "empty" | "deployed"}`: a fresh org, or the records gone and the metadata kept."""
    to = str((json_object() if request.get_data(cache=True) else {}).get("to", "empty"))
    if to not in {"empty", "deployed"}:
        raise error_class("INVALID_ARGUMENT")('reset takes {"to": "empty"} or {"to": "deployed"}')
    the_org().reset(to)
    front_state().forget()
    front_state().usage.clear()
    front_state().faults.replace([])
    return reply({"reset": to})


@routes.post("/snapshot")
def snapshot() -> Response:
    name = _text("name")
    the_org().snapshot(name)
    return reply({"snapshot": name})


@routes.post("/restore")
def restore() -> Response:
    """`{"name": NAME}`, and `"clock": "keep"` where the clock shall not go back to the moment of the snapshot."""
    name, clock = _text("name"), json_object().get("clock", "restore")
    if clock not in ("restore", "keep"):
        raise error_class("INVALID_ARGUMENT")('restore takes "clock": "restore" (the default) or "keep"')
    the_org().restore(name, keep_clock=clock == "keep")
    front_state().forget()
    front_state().usage.clear()
    return reply({"restored": name, "now": _now()})


@routes.route("/settings", methods=["GET", "POST"])
def settings() -> Response:
    org = the_org()
    if request.method == "POST":
        org.settings = org.settings.changed(json_object())
    return reply(org.settings.to_json())


def _text(key: str) -> str:
    text = json_object().get(key)
    if not isinstance(text, str) or not text:
        raise error_class("INVALID_ARGUMENT")(f'Send {{"{key}": {key.upper()}}}')
    return text


def _now() -> str:
    return the_org().now().astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
