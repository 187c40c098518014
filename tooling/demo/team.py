"""What people do in the org between two syncs: they call back, and close what they have dealt with."""

from __future__ import annotations

from tooling.errors import NpsError
from tooling.salesforce.org import Operation, Row, TargetOrg, Write
from tooling.salesforce.soql import soql
from tooling.spec.model import Spec

_FOLLOW_UPS = (
    "SELECT Id, NPS_Response__c FROM Task WHERE NPS_Kind__c = 'Follow-up' AND IsClosed = false "
    "AND NPS_Response__r.Contact__r.Email != {email} ORDER BY CreatedDate, Id"
)
_CASES = "SELECT Id FROM Case WHERE NPS_Response__c != null AND IsClosed = false ORDER BY CreatedDate, Id"
_CLOSED_CASE = "SELECT ApiName FROM CaseStatus WHERE IsClosed = true ORDER BY SortOrder LIMIT 1"
_CAUSES = ("Product gap", "Support experience", "Price or contract")


def close_some(org: TargetOrg, spec: Spec, *, but: str) -> str:
    """Every second follow-up and every third Case is done, with cause and outcome noted, but none of the person with that address.

    Raises:
        NpsError: the org refused it.
    """
    tasks = org.query(soql(_FOLLOW_UPS, email=but))[::2]
    cases = org.query(_CASES)[::3]
    [status] = org.query(_CLOSED_CASE)
    notes: list[Row] = [
        {
            "Id": task["NPS_Response__c"],
            "Root_Cause__c": _CAUSES[place % len(_CAUSES)],
            "Resolution__c": "Called back, and agreed on what comes next.",
        }
        for place, task in enumerate(tasks)
    ]
    _update(org, "Survey_Response__c", notes)
    _update(org, "Task", [{"Id": task["Id"], "Status": spec.task.closed} for task in tasks])
    _update(org, "Case", [{"Id": case["Id"], "Status": status["ApiName"]} for case in cases])
    return f"{len(tasks)} follow-ups and {len(cases)} Cases closed"


def _update(org: TargetOrg, sobject: str, rows: list[Row]) -> None:
    for results in org.write([Write(Operation.UPDATE, sobject, rows)]):
        for saved in results:
            if not saved.success:
                raise NpsError(
                    f"{sobject} could not be closed: {saved.code}: {saved.message}", "This is a defect of the demo: please report it."
                )
