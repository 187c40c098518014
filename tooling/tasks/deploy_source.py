"""`cci task run nps_deploy`: CumulusCI's own deploy, on a folder that our packaging wrote."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from cumulusci.core.utils import process_bool_arg
from cumulusci.tasks.salesforce import Deploy
from simple_salesforce.exceptions import SalesforceMalformedRequest

from tooling.metadata.package import to_mdapi
from tooling.metadata.settings_in_org import kept, queries, records_in, without
from tooling.tasks.spec_option import as_cumulusci_errors


class DeploySource(Deploy):
    """Deploys a Salesforce DX source folder without the sf command: CumulusCI would call it to convert the source.

    Escalation keywords and routes that differ in the org stay as they are there, and are listed.
    """

    task_options = {  # noqa: RUF012 - CumulusCI's own form
        **Deploy.task_options,
        "overwrite_settings": {
            "description": "Deploy escalation keywords and routes also where an admin has changed them in the org. Default: False."
        },
        "flow_tests": {"description": "Deploy our flow tests too. Nothing else needs them. Default: True."},
    }

    def _get_package_zip(self, path: str) -> Any:
        source = Path(path)
        if not source.is_absolute():
            source = Path(self.project_config.repo_root) / source
        with_tests = process_bool_arg(self.options.get("flow_tests", True))
        with tempfile.TemporaryDirectory() as folder:
            with as_cumulusci_errors():
                files = to_mdapi(source, leave_out=() if with_tests else ("FlowTest",))
                for name, content in self._with_their_settings(files).items():
                    target = Path(folder) / name
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(content)
            return super()._get_package_zip(folder)

    def _with_their_settings(self, files: dict[str, bytes]) -> dict[str, bytes]:
        if not records_in(files) or process_bool_arg(self.options.get("overwrite_settings") or False):
            return files
        theirs = kept(files, {kind: self._rows(query) for kind, query in queries().items()})
        differing = [setting for setting in theirs if not setting.same]
        for setting in differing:
            self.logger.warning(f"{setting.name} is left as it is in the org: {setting.reason}.")
        if differing:
            self.logger.info("`nps pull settings` writes the org's settings into the spec; -o overwrite_settings True deploys ours.")
        return without(files, [setting.name for setting in theirs])

    def _rows(self, query: str) -> list[dict[str, Any]]:
        try:
            rows: list[dict[str, Any]] = self.org_config.salesforce_client.query_all(query)["records"]
        except SalesforceMalformedRequest as error:
            # Before the first install there is no such type, before an upgrade perhaps no such field.
            if error.content and error.content[0].get("errorCode") in ("INVALID_TYPE", "INVALID_FIELD"):
                return []
            raise
        return rows
