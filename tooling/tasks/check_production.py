"""`cci task run nps_check_production`: a setting that would roll the deploy back stops the install first."""

from __future__ import annotations

from typing import Any

from cumulusci.core.exceptions import CumulusCIFailure
from cumulusci.salesforce_api.metadata import ApiRetrieveUnpackaged
from cumulusci.tasks.salesforce import BaseSalesforceApiTask
from lxml import etree

_NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"
_PACKAGE = """<?xml version="1.0" encoding="UTF-8"?>
<Package xmlns="http://soap.sforce.com/2006/04/metadata">
    <types><members>Flow</members><name>Settings</name></types>
    <version>{version}</version>
</Package>"""

SENTENCE = (
    "This org deploys flows as active: in a production org Salesforce then rolls the whole deploy back unless Apex tests cover 75 % of its "
    "flows (flow tests do not count there). Ask an admin to switch off Setup > Process Automation Settings > "
    '"Deploy processes and flows as active", run this again, and switch it back on: the flows are activated one by one after the deploy.'
)


class CheckProduction(BaseSalesforceApiTask):
    """Reads the org's flow settings and stops when the deploy of active flows would be rolled back."""

    def _run_task(self) -> None:
        organization: dict[str, Any] = self.org_config.organization_sobject
        if organization.get("IsSandbox") or organization.get("OrganizationType") == "Developer Edition":
            self.logger.info("Not a production org: flows are deployed as active.")
            return
        if self._deploys_as_active():
            raise CumulusCIFailure(SENTENCE)
        self.logger.info("Flows will arrive inactive and are activated after the deploy.")

    def _deploys_as_active(self) -> bool:
        version = self.project_config.project__package__api_version
        answer = ApiRetrieveUnpackaged(self, _PACKAGE.format(version=version), version)()
        for name in answer.namelist():
            if name.endswith("Flow.settings"):
                root = etree.fromstring(answer.read(name), etree.XMLParser(resolve_entities=False, no_network=True))
                return root.findtext(f"{_NAMESPACE}enableFlowDeployAsActiveEnabled") == "true"
        return False
