"""`cci task run nps_activate_flows` and `nps_deactivate_flows`: CumulusCI's own activation, in the order in which flows call each other."""

from __future__ import annotations

from typing import Any

from cumulusci.tasks.salesforce.activate_flow import ActivateFlow

from tooling.metadata.flows import all_flows
from tooling.tasks.spec_option import SPEC_OPTION, spec_of


class ActivateNpsFlows(ActivateFlow):
    """Activates the latest version of each of our flows; a flow comes after those it calls."""

    task_options = SPEC_OPTION
    status = True

    def _init_options(self, kwargs: dict[str, Any]) -> None:
        # The base class insists on names before the spec can be read.
        self.task_config.options["developer_names"] = ["pending"]
        super()._init_options(kwargs)
        names = [flow.name for flow in all_flows(spec_of(self))]
        self.options["developer_names"] = names if self.status else names[::-1]
        self.options["status"] = self.status

    def _run_task(self) -> None:
        # The base class works in the order of the org's answer, so it gets one name at a time.
        for name in list(self.options["developer_names"]):
            self.options["developer_names"] = [name]
            super()._run_task()


class DeactivateNpsFlows(ActivateNpsFlows):
    """Deactivates our flows; a flow comes before those it calls."""

    status = False
