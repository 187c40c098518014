"""`cci task run nps_reconcile`."""

from __future__ import annotations

from cumulusci.core.exceptions import CumulusCIFailure
from cumulusci.core.utils import process_bool_arg
from cumulusci.tasks.salesforce import BaseSalesforceApiTask

from tooling.bridge.reconcile import reconcile
from tooling.salesforce.gateway import connect
from tooling.tasks.spec_option import SPEC_OPTION, as_cumulusci_errors, spec_of


class Reconcile(BaseSalesforceApiTask):
    """Compares what Contacts, Leads and Accounts show with the ledger and recalculates those that differ."""

    task_options = {  # noqa: RUF012 - CumulusCI's own form
        **SPEC_OPTION,
        "dry_run": {"description": "Only compare; recalculate nothing. Default: False."},
    }

    def _run_task(self) -> None:
        spec = spec_of(self)
        dry_run = process_bool_arg(self.options.get("dry_run") or False)
        with as_cumulusci_errors():
            org = connect(self.org_config.instance_url, self.org_config.access_token, api_version=spec.org.api_version, renew=self._renewed)
            report = reconcile(org, spec, dry_run=dry_run)
        self.logger.info(report.as_text())
        self.return_values = report.as_json()
        if report.exit_code:
            raise CumulusCIFailure("Some records refused to be recalculated; they are listed above.")

    def _renewed(self) -> str:
        self.org_config.refresh_oauth_token(self.project_config.keychain)
        return str(self.org_config.access_token)
