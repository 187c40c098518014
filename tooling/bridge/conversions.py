"""Responses whose Lead was converted and that nobody told: they get the Contact and Account the Lead became."""

from __future__ import annotations

from tooling.bridge.ledger import RESPONSE
from tooling.salesforce.org import Operation, TargetOrg, Write

ROWS_PER_WRITE = 200
MOST = 2_000
"""Responses in one run: what is left over is done by the next."""


def follow_conversions(org: TargetOrg, *, dry_run: bool = False) -> int:
    """How many responses got their Contact, or would. An Account that an answer was given for stays.

    Their new lookups make both parents behind, so whoever compares next flags these.
    """
    rows = org.query(
        "SELECT Id, Account__c, Lead__r.ConvertedContactId, Lead__r.ConvertedAccountId FROM Survey_Response__c "
        f"WHERE Lead__r.IsConverted = true AND Lead__r.ConvertedContactId != null AND Contact__c = null LIMIT {MOST}"
    )
    if dry_run or not rows:
        return len(rows)
    changes = [
        {
            "Id": row["Id"],
            "Contact__c": row["Lead__r"]["ConvertedContactId"],
            "Account__c": row["Account__c"] or row["Lead__r"]["ConvertedAccountId"],
        }
        for row in rows
    ]
    writes = [Write(Operation.UPDATE, RESPONSE, changes[at : at + ROWS_PER_WRITE]) for at in range(0, len(changes), ROWS_PER_WRITE)]
    return sum(outcome.success for outcomes in org.write(writes) for outcome in outcomes)
