"""Tooling API: queries and describes of metadata objects, flow tests. There is no Apex in a local org; what needs it says so."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from ..engine.flow_tests import run_flow_tests
from ..engine.users import User
from ..errors import JsonParserError, MalformedQuery, NotFound, error_class
from .errors import NOT_THERE
from .flow_tests import requested_tests, run_answer
from .query import first_page, next_page
from .wire import api_version, calling_user, data_url, front_state, json_object, reply, the_org, unsupported

routes = Blueprint("tooling", __name__, url_prefix="/services/data/v<version:version>/tooling")

NO_APEX = "The local org does not run Apex."
_TEST_RUN_PREFIX = "707"
# CumulusCI's unschedule_apex, a step of its dev_org and qa_org flows: done by definition in an org that has no scheduled Apex.
# Without its white space.
_UNSCHEDULE = "for(CronTriggert:[SELECTIdFROMCronTrigger]){System.abortJob(t.Id);}"
_PACKAGE = '<Package xmlns="http://soap.sforce.com/2006/04/metadata">{members}<version>66.0</version></Package>'
_DEFINITION = (
    '<FlowDefinition xmlns="http://soap.sforce.com/2006/04/metadata"><activeVersionNumber>{number}</activeVersionNumber></FlowDefinition>'
)


@routes.get("/query")
def query(version: str) -> Response:
    if "explain" in request.args:
        raise unsupported("query plans (the explain parameter)")
    soql = request.args.get("q")
    if soql is None:
        raise MalformedQuery("A query string has to be specified")
    result = the_org().query(calling_user(), soql, api_version=api_version(), tooling=True)
    if request.args.get("columns", "").lower() == "true":
        return reply({"columnMetadata": result.columns})
    return reply(_tooling_page(first_page(result, data_url("tooling/query"))))


@routes.get("/query/<locator>")
def query_more(version: str, locator: str) -> Response:
    return reply(_tooling_page(next_page(locator, data_url("tooling/query"))))


@routes.get("/sobjects")
def describe_global(version: str) -> Response:
    return reply({"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": the_org().describe_global(calling_user())})


@routes.get("/sobjects/<sobject>/describe")
def describe(version: str, sobject: str) -> Response:
    """404 for SourceMember tells sf that the org has no source tracking."""
    return reply(the_org().describe(calling_user(), sobject))


@routes.route("/sobjects/<sobject>", methods=["GET", "POST"])
@routes.route("/sobjects/<sobject>/<record_id>", methods=["GET", "PATCH", "DELETE"])
def record(version: str, sobject: str, record_id: str = "") -> Response:
    user = calling_user()
    found = the_org().metadata.schema.get(sobject)
    if found is None:
        raise NotFound(NOT_THERE)
    if found.name == "FlowDefinition" and request.method == "PATCH":
        _activate(user, record_id)
        return Response(status=204)
    if request.method != "GET" or not record_id:
        raise unsupported(f"{request.method} of the tooling object {found.name}; deploy metadata instead")
    return reply(_read(user, found.name, record_id))


def _read(user: User, sobject: str, record_id: str) -> dict[str, Any]:
    if not record_id.isalnum():
        raise NotFound(NOT_THERE)
    query = f"SELECT FIELDS(ALL) FROM {sobject} WHERE Id = '{record_id}' LIMIT 1"
    records: list[dict[str, Any]] = the_org().query(user, query, api_version=api_version(), tooling=True).page(0, 1)
    if not records:
        raise NotFound(NOT_THERE)
    return records[0]


def _activate(user: User, record_id: str) -> None:
    """`{"Metadata": {"activeVersionNumber": n}}` on a FlowDefinition: the same change as deploying one. 0 deactivates."""
    name = _read(user, "FlowDefinition", record_id)["DeveloperName"]
    body = json_object()
    number = (body.get("Metadata") or {}).get("activeVersionNumber")
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        raise JsonParserError("Metadata.activeVersionNumber: a version number is expected, 0 to deactivate")
    result = the_org().deploy(
        user,
        {
            "package.xml": _PACKAGE.format(members=f"<types><members>{name}</members><name>FlowDefinition</name></types>").encode(),
            f"flowDefinitions/{name}.flowDefinition": _DEFINITION.format(number=number).encode(),
        },
    )
    if not result.success:
        raise error_class("INVALID_FIELD")("; ".join(failure.problem or "" for failure in result.failures))


@routes.route("/executeAnonymous", methods=["GET", "POST"])
def execute_anonymous(version: str) -> Response:
    """A compile problem in the documented shape: callers show its text."""
    calling_user()
    if "".join(request.values.get("anonymousBody", "").split()) == _UNSCHEDULE:
        return reply(refused_apex() | {"line": -1, "column": -1, "compiled": True, "success": True, "compileProblem": None})
    return reply(refused_apex())


@routes.route("/<any(runTestsSynchronous, runTestsAsynchronous):how>", methods=["GET", "POST"])
def run_tests(version: str, how: str) -> Response:
    """Flow tests named `FlowTesting.X`; of Apex a run of no tests, as no class of the org could hold one."""
    user = calling_user()
    names = requested_tests(the_org(), json_object() if request.method == "POST" else request.args)
    if how == "runTestsAsynchronous":
        if names:
            raise unsupported("asynchronous runs of flow tests; use runTestsSynchronous")
        return reply(front_state().shelf(_TEST_RUN_PREFIX).new_id())
    return reply(run_answer(run_flow_tests(the_org(), names, user)))


def refused_apex() -> dict[str, Any]:
    return {
        "line": 1, "column": 1, "compiled": False, "success": False, "compileProblem": NO_APEX, "exceptionStackTrace": None,
        "exceptionMessage": None,
    }  # fmt: skip


def _tooling_page(page: dict[str, Any]) -> dict[str, Any]:
    records = page["records"]
    entity = records[0].get("attributes", {}).get("type") if records else None
    answer = {
        "size": len(records), "totalSize": page["totalSize"], "done": page["done"], "queryLocator": None, "entityTypeName": entity,
        "records": records,
    }  # fmt: skip
    if "nextRecordsUrl" in page:
        answer["nextRecordsUrl"] = page["nextRecordsUrl"]
    return answer
