"""Deploys and retrieves as the front remembers them between the request that starts one and those that ask how it went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from ..engine.deploy_result import ComponentResult, DeployOptions, DeployResult
from ..engine.retrieve import FileProperties, zip_files
from ..engine.users import ADMIN_ID
from ..errors import error_class
from .state import Shelf
from .wire import LATEST_VERSION, boolean, front_state, the_org

if TYPE_CHECKING:
    from ..engine.users import User

DEPLOY_PREFIX, RETRIEVE_PREFIX = "0Af", "09S"
_PACKAGES = "package"
_UNKNOWN = "1970-01-01T00:00:00.000Z"
Members = tuple[tuple[str, str], ...]
MOST_ZIP_BYTES = 39 * 1024 * 1024
"""Salesforce Developer Limits, "Metadata Limits"."""


def options_of(given: Mapping[str, Any]) -> DeployOptions:
    """Deploy options by the names of the Metadata API; booleans may be the strings cci sends, `runTests` one name or a list."""
    tests = given.get("runTests") or ()
    return DeployOptions(
        check_only=boolean(given.get("checkOnly")),
        rollback_on_error=boolean(given.get("rollbackOnError"), default=True),
        ignore_warnings=boolean(given.get("ignoreWarnings")),
        single_package=boolean(given.get("singlePackage")),
        purge_on_delete=boolean(given.get("purgeOnDelete")),
        allow_missing_files=boolean(given.get("allowMissingFiles")),
        auto_update_package=boolean(given.get("autoUpdatePackage")),
        perform_retrieve=boolean(given.get("performRetrieve")),
        test_level=str(given["testLevel"]) if given.get("testLevel") else None,
        run_tests=(tests,) if isinstance(tests, str) else tuple(map(str, tests)),
    )


def start_deploy(user: User, content: bytes, options: DeployOptions) -> DeployResult:
    """Deploys now; the answer is kept for those who poll."""
    if len(content) > MOST_ZIP_BYTES:
        raise error_class("LIMIT_EXCEEDED")("Maximum size of request reached. Maximum size of request is 39 MB.")
    result = the_org().deploy(user, content, replace(options, production=the_org().settings.production))
    _deploys().keep(result.id, result)
    if result.package_name and result.success and not result.check_only:
        members = tuple((each.component_type, each.full_name) for each in result.successes if each.component_type and not each.deleted)
        cast("Shelf[Members]", front_state().shelf(_PACKAGES)).keep(result.package_name, members)
    return result


def find_deploy(deploy_id: str) -> DeployResult:
    """Raises:
    OrgError: INVALID_CROSS_REFERENCE_KEY, an unknown id.
    """
    found = _deploys().get(deploy_id)
    if found is None:
        raise error_class("INVALID_CROSS_REFERENCE_KEY")(f"invalid cross reference id: no deploy {deploy_id}")
    return found


@dataclass(frozen=True, slots=True)
class Retrieve:
    """A finished retrieve: the zip, and what is told of it."""

    id: str
    content: bytes
    root: str
    properties: tuple[FileProperties, ...]
    messages: tuple[tuple[str, str], ...]


def start_retrieve(members: Sequence[tuple[str, str]], packages: Sequence[str], version: str) -> Retrieve:
    """Collects what was asked for: below `unpackaged/`, or below the package's name for a package."""
    root, messages = "unpackaged", []
    wanted = list(members)
    for name in packages:
        known = cast("Shelf[Members]", front_state().shelf(_PACKAGES)).get(name)
        if known is None:
            messages.append((f"{name}/package.xml", f"INVALID_CROSS_REFERENCE_KEY: No package named '{name}' found"))
        else:
            root, wanted = name, [*wanted, *known]
    found = the_org().retrieve_metadata(wanted, api_version=version or LATEST_VERSION, package_name=root if packages else None)
    shelf = cast("Shelf[Retrieve]", front_state().shelf(RETRIEVE_PREFIX))
    content = zip_files(found.files, root)
    result = Retrieve(shelf.new_id(), content, root, found.properties, (*messages, *found.messages))
    shelf.keep(result.id, result)
    return result


def find_retrieve(retrieve_id: str) -> Retrieve:
    """Raises:
    OrgError: INVALID_CROSS_REFERENCE_KEY, an unknown id.
    """
    found = cast("Shelf[Retrieve]", front_state().shelf(RETRIEVE_PREFIX)).get(retrieve_id)
    if found is None:
        raise error_class("INVALID_CROSS_REFERENCE_KEY")(f"invalid cross reference id: no retrieve {retrieve_id}")
    return found


def retrieve_json(found: Retrieve) -> dict[str, Any]:
    """The RetrieveResult of the Metadata API, without the zip."""
    manifest = FileProperties("Package", f"{found.root}/package.xml", "package.xml", "")
    return {
        "done": True,
        "fileProperties": [file_properties(each, f"{found.root}/") for each in (*found.properties, manifest)],
        "id": found.id,
        "messages": [{"fileName": file_name, "problem": problem} for file_name, problem in found.messages],
        "status": "Succeeded",
        "success": True,
    }


def file_properties(each: FileProperties, root: str = "") -> dict[str, Any]:
    """The FileProperties of the Metadata API. Who made a component and when is not kept: Salesforce writes 1970 for standard ones."""
    by, name = ADMIN_ID, "Local Admin"
    return {
        "createdById": by, "createdByName": name, "createdDate": _UNKNOWN, "fileName": root + each.file_name, "fullName": each.full_name,
        "id": each.id, "lastModifiedById": by, "lastModifiedByName": name, "lastModifiedDate": _UNKNOWN, "manageableState": "unmanaged",
        "type": each.type,
    }  # fmt: skip


def deploy_json(result: DeployResult, *, details: bool = True) -> dict[str, Any]:
    """The DeployResult of the Metadata API, in the element order of its WSDL, for SOAP and REST alike."""
    answer: dict[str, Any] = {
        "checkOnly": result.check_only, "completedDate": _moment(result.completed_date), "createdBy": result.created_by_id,
        "createdByName": result.created_by_name, "createdDate": _moment(result.created_date),
    }  # fmt: skip
    if details:
        answer["details"] = {
            "componentFailures": [_component(each) for each in (*result.failures, *result.warnings)],
            "componentSuccesses": [_component(each) for each in result.successes],
            "runTestResult": {"numFailures": 0, "numTestsRun": 0, "totalTime": 0.0},
        }
    answer["done"] = result.done
    # cci takes an errorMessage anywhere for a failure: only where the deploy as a whole failed.
    if result.error_message is not None:
        answer["errorMessage"] = result.error_message
        answer["errorStatusCode"] = result.error_status_code or "UNKNOWN_EXCEPTION"
    return answer | {
        "id": result.id, "ignoreWarnings": result.ignore_warnings, "lastModifiedDate": _moment(result.last_modified_date),
        "numberComponentErrors": result.number_component_errors, "numberComponentsDeployed": result.number_components_deployed,
        "numberComponentsTotal": result.number_components_total, "numberTestErrors": 0, "numberTestsCompleted": 0, "numberTestsTotal": 0,
        "rollbackOnError": result.rollback_on_error, "runTestsEnabled": result.run_tests_enabled,
        "startDate": _moment(result.start_date), "status": result.status, "success": result.success,
    }  # fmt: skip


def _component(each: ComponentResult) -> dict[str, Any]:
    """Cci reads `created` and `deleted` of failures too."""
    answer: dict[str, Any] = {"changed": each.changed}
    if each.column is not None:
        answer["columnNumber"] = each.column
    answer |= {
        "componentType": each.component_type, "created": each.created, "createdDate": _moment(each.created_date), "deleted": each.deleted,
        "fileName": each.file_name, "fullName": each.full_name,
    }  # fmt: skip
    if each.id is not None:
        answer["id"] = each.id
    if each.line is not None:
        answer["lineNumber"] = each.line
    if each.problem is not None:
        answer |= {"problem": each.problem, "problemType": each.problem_type or "Error"}
    answer["success"] = each.success
    return answer


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _deploys() -> Shelf[DeployResult]:
    return cast("Shelf[DeployResult]", front_state().shelf(DEPLOY_PREFIX))
