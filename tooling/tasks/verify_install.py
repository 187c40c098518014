"""`cci task run nps_verify`: proves that an install is complete."""

from __future__ import annotations

from cumulusci.core.exceptions import CumulusCIFailure
from cumulusci.tasks.salesforce import BaseSalesforceApiTask

from tooling.metadata.flows import all_flows
from tooling.spec.model import Spec
from tooling.spec.objects import objects_of
from tooling.tasks.spec_option import SPEC_OPTION, spec_of

# Fields of Activity are described on Task and Event only.
_SHOWN_AS = {"Activity": ("Task", "Event")}


class VerifyInstall(BaseSalesforceApiTask):
    """Compares the org's objects, fields and active flows with the spec; names everything that is missing."""

    task_options = SPEC_OPTION

    def _run_task(self) -> None:
        spec = spec_of(self)
        missing = [*self._missing_fields(spec), *self._inactive_flows([flow.name for flow in all_flows(spec)])]
        if missing:
            raise CumulusCIFailure("The install is not complete:\n" + "\n".join(f"  {line}" for line in missing))
        self.logger.info("Objects, fields and flows are there, and every flow is active.")

    def _missing_fields(self, spec: Spec) -> list[str]:
        known = {entry["name"] for entry in self.sf.describe()["sobjects"]}
        missing = []
        for sobject in objects_of(spec):
            for name in _SHOWN_AS.get(sobject.api_name, (sobject.api_name,)):
                if name not in known:
                    missing.append(f"{name} is not in the org, or this user may not see it")
                    continue
                fields = {field["name"] for field in getattr(self.sf, name).describe()["fields"]}
                missing += [
                    f"{name}.{field.api_name} is not in the org, or this user may not see it"
                    for field in sobject.fields
                    if field.api_name not in fields
                ]
        return missing

    def _inactive_flows(self, names: list[str]) -> list[str]:
        listed = ", ".join(f"'{name}'" for name in names)
        query = f"SELECT DeveloperName, ActiveVersionId FROM FlowDefinition WHERE DeveloperName IN ({listed})"
        active = {row["DeveloperName"]: row["ActiveVersionId"] for row in self.tooling.query(query)["records"]}
        return [f"flow {name} is not in the org" for name in names if name not in active] + [
            f"flow {name} is not active" for name in names if name in active and not active[name]
        ]
