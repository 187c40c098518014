"""Many records in one call. Open question 7."""

from __future__ import annotations

from tests.contract.target import RESPONSE, Target
from tooling.salesforce.org import RowOutcome

_COLLECTIONS, _COLLECTIONS_PER_CALL = 10, 5
_RECORDS, _RECORDS_HERE = 200, 20
"""In each collection. On the local org fewer: there the number shows nothing, as both answers to the question can be switched on."""
_DEADLINE = 900.0


def test_composite__ten_full_collections(automated: Target) -> None:
    """Ten collections of 200 new responses, five to a composite call, are all saved and all automated, each in one attempt."""
    records = _RECORDS_HERE if automated.is_local else _RECORDS
    made: list[str] = []
    for _ in range(_COLLECTIONS // _COLLECTIONS_PER_CALL):
        made += _one_call(automated, records)

    assert len(set(made)) == _COLLECTIONS * records
    automated.until(lambda: automated.statuses(made), {"Done": len(made)}, _DEADLINE)
    assert automated.statuses(made, "Automation_Attempt__c") == {1: len(made)}


def _one_call(target: Target, records: int) -> list[str]:
    """A full composite call, which the bridge itself would spread over several."""
    parts = [
        {
            "method": "POST",
            "url": "/services/data/v66.0/composite/sobjects",
            "referenceId": f"part{number}",
            "body": {
                "allOrNone": False,
                "records": [{"attributes": {"type": RESPONSE}, **target.response()} for _ in range(records)],
            },
        }
        for number in range(_COLLECTIONS_PER_CALL)
    ]
    answer = target.gateway._transport.call("POST", "composite", json={"allOrNone": False, "compositeRequest": parts})
    saved = [RowOutcome(row.get("id"), row["success"]) for part in answer["compositeResponse"] for row in part["body"]]
    made = [outcome.id for outcome in saved if outcome.id]
    target.keep(RESPONSE, made)
    assert all(outcome.success for outcome in saved), answer["compositeResponse"][0]
    return made
