"""`cci task run nps_sync`."""

from __future__ import annotations

from pathlib import Path

from cumulusci.core.exceptions import CumulusCIFailure
from cumulusci.core.utils import process_bool_arg
from cumulusci.tasks.salesforce import BaseSalesforceApiTask

from tooling.bridge.sync import SyncOptions, sync
from tooling.salesforce.gateway import connect
from tooling.sources.configured import configured_sources
from tooling.tasks.spec_option import SPEC_OPTION, as_cumulusci_errors, spec_of


class SyncResponses(BaseSalesforceApiTask):
    """Reads survey responses from the sources of the mapping spec and writes them into the org."""

    task_options = {  # noqa: RUF012 - CumulusCI's own form
        **SPEC_OPTION,
        "dry_run": {"description": "Only plan; write nothing. Default: False."},
        "limit": {"description": "Stop after so many responses; the bookmark stays where it is."},
        "with_follow_ups": {"description": "Start follow-up Tasks also in a first sync. Default: False."},
    }

    def _run_task(self) -> None:
        spec = spec_of(self)
        limit = self.options.get("limit")
        options = SyncOptions(
            dry_run=process_bool_arg(self.options.get("dry_run") or False),
            limit=int(limit) if limit else None,
            with_follow_ups=process_bool_arg(self.options.get("with_follow_ups") or False),
        )
        root = Path(self.options.get("spec") or Path(self.project_config.repo_root) / "nps.yml").resolve().parent
        with as_cumulusci_errors():
            org = connect(self.org_config.instance_url, self.org_config.access_token, api_version=spec.org.api_version, renew=self._renewed)
            report = sync(spec, configured_sources(spec.sources, root), org, options)
        self.logger.info(report.as_text())
        self.return_values = report.as_json()
        if report.exit_code():
            raise CumulusCIFailure(
                "The org refused responses that it had not refused before; they are listed above and kept as dead letters."
            )

    def _renewed(self) -> str:
        self.org_config.refresh_oauth_token(self.project_config.keychain)
        return str(self.org_config.access_token)
