"""`cci task run nps_remove`: takes our metadata out of an org, in an order that the org accepts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from xml.sax.saxutils import escape

from cumulusci.core.utils import process_bool_arg
from cumulusci.salesforce_api.metadata import ApiDeploy
from cumulusci.salesforce_api.package_zip import BasePackageZipBuilder
from cumulusci.tasks.salesforce import BaseSalesforceApiTask

from tooling.metadata.flows import all_flows
from tooling.metadata.package import members_of
from tooling.tasks.spec_option import SPEC_OPTION, as_cumulusci_errors, spec_of

_ANALYTICS = ("Dashboard", "Report", "ReportType")
"""A dashboard goes before its reports, a report before its type."""
_WITHOUT_DATA = ("CustomApplication", "CustomTab", "CustomNotificationType")
_WITH_DATA = (
    "CustomField", "CustomMetadata", "CustomObject", "CustomPermission", "FlexiPage", "Layout", "ListView", "Queue", "ValidationRule"
)  # fmt: skip


class RemoveMetadata(BaseSalesforceApiTask):
    """Removes app, tabs, reports, permission sets, flow tests and flow versions; on request also fields, objects and all their records."""

    task_options = {  # noqa: RUF012 - CumulusCI's own form
        **SPEC_OPTION,
        "delete_data": {"description": "Also remove our objects and fields, and so every record and value in them. Default: False."},
    }

    def _run_task(self) -> None:
        spec = spec_of(self)
        with as_cumulusci_errors():
            members = members_of(Path(self.project_config.repo_root) / "force-app")
        versions = self._flow_versions([flow.name for flow in all_flows(spec)])
        # What refers goes before what it refers to: flow tests and grants, then app and tabs, then data.
        self._delete({"FlowTest": members.get("FlowTest", [])})
        # A permission set in use cannot be deleted.
        self._unassign(members.get("PermissionSet", []))
        self._delete({"PermissionSet": members.get("PermissionSet", []), "Flow": versions})
        for name in _ANALYTICS:
            self._delete({name: members.get(name, [])})
        self._delete({name: members.get(name, []) for name in _WITHOUT_DATA})
        if process_bool_arg(self.options.get("delete_data") or False):
            self._delete({name: members.get(name, []) for name in _WITH_DATA})
        else:
            self.logger.info("Objects and fields stay, with their records. To remove them too: -o delete_data True.")

    def _unassign(self, permission_sets: list[str]) -> None:
        listed = ", ".join(f"'{name}'" for name in permission_sets)
        rows = self.sf.query_all(f"SELECT Id FROM PermissionSetAssignment WHERE PermissionSet.Name IN ({listed})")["records"]
        for row in rows:
            self.sf.PermissionSetAssignment.delete(row["Id"])

    def _flow_versions(self, names: list[str]) -> list[str]:
        listed = ", ".join(f"'{name}'" for name in names)
        query = f"SELECT Definition.DeveloperName, VersionNumber FROM Flow WHERE Definition.DeveloperName IN ({listed})"
        # A flow is deleted version by version.
        return [f"{row['Definition']['DeveloperName']}-{row['VersionNumber']}" for row in self.tooling.query(query)["records"]]

    def _delete(self, members: Mapping[str, list[str]]) -> None:
        if not any(members.values()):
            return
        version = self.project_config.project__package__api_version
        package = BasePackageZipBuilder()
        package.zf.writestr("package.xml", _package({}, version))
        package.zf.writestr("destructiveChanges.xml", _package(members, version))
        ApiDeploy(self, package.as_base64(), purge_on_delete=False)()


def _package(members: Mapping[str, list[str]], version: str) -> str:
    types = "".join(
        f"<types>{''.join(f'<members>{escape(name)}</members>' for name in sorted(names))}<name>{kind}</name></types>"
        for kind, names in sorted(members.items())
        if names
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Package xmlns="http://soap.sforce.com/2006/04/metadata">{types}<version>{version}</version></Package>'
    )
