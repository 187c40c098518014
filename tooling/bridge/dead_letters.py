"""What could not be written, kept in the org with payload and reason until it can be."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from tooling.bridge.records import WriteContext, moment_text
from tooling.bridge.writing import Refusal
from tooling.nps.response import Outcome, Person, Response, SourceStatus, SurveyType
from tooling.salesforce.org import Operation, Row, RowOutcome, TargetOrg, Write
from tooling.salesforce.soql import soql

DEAD_LETTER = "NPS_Dead_Letter__c"
ERASED = "ERASED"
"""The error code of a letter whose person was erased on request: its response is not to come back."""
MOST_READ = 2_000
_LONGEST_PAYLOAD, _LONGEST_MESSAGE, _LONGEST_CODE = 131_072, 4_000, 80


@dataclass(frozen=True, slots=True)
class DeadLetter:
    id: str
    key: str
    attempts: int
    status: str
    is_erased: bool = False
    """The person was erased on request: the response must not come back."""


def open_letters_query(source: str) -> str:
    return soql(
        "SELECT Id, Delivery_Key__c, Attempts__c, Status__c, Error_Code__c FROM NPS_Dead_Letter__c "
        "WHERE Source__c = {source} AND (Status__c IN {statuses} OR Error_Code__c = {erased}) ORDER BY Last_Failed_At__c DESC LIMIT {most}",
        erased=ERASED,
        source=source,
        statuses=["New", "Retry"],
        most=MOST_READ,
    )


def letters_from(rows: Iterable[Row]) -> dict[str, DeadLetter]:
    return {
        row["Delivery_Key__c"]: DeadLetter(
            row["Id"], row["Delivery_Key__c"], int(row.get("Attempts__c") or 1), row["Status__c"], row.get("Error_Code__c") == ERASED
        )
        for row in rows
    }


def responses_to_retry(org: TargetOrg, letters: Iterable[DeadLetter]) -> list[Response]:
    """The responses of the letters that somebody set to Retry."""
    ids = [letter.id for letter in letters if letter.status == "Retry"][:200]
    if not ids:
        return []
    rows = org.query(soql("SELECT Payload__c FROM NPS_Dead_Letter__c WHERE Id IN {ids}", ids=ids))
    found = (response_from_json(row.get("Payload__c") or "") for row in rows)
    return [response for response in found if response is not None]


def keep(org: TargetOrg, refusals: Sequence[Refusal], known: Mapping[str, DeadLetter], context: WriteContext) -> list[RowOutcome]:
    """Writes one dead letter per refusal, one outcome each; a later refusal of the same response counts up the attempts."""
    rows = [_row(refusal, known.get(refusal.key), context) for refusal in refusals]
    return org.write([Write(Operation.UPSERT, DEAD_LETTER, rows, key="Delivery_Key__c")])[0] if rows else []


def resolve(org: TargetOrg, letters: Sequence[DeadLetter], context: WriteContext) -> None:
    """Marks letters whose responses have been written since."""
    rows = [{"Id": letter.id, "Status__c": "Resolved", "Resolved_At__c": moment_text(context.now)} for letter in letters]
    if rows:
        org.write([Write(Operation.UPDATE, DEAD_LETTER, rows)])


def _row(refusal: Refusal, known: DeadLetter | None, context: WriteContext) -> dict[str, Any]:
    outcome, response = refusal.outcome, refusal.response
    return {
        "Delivery_Key__c": refusal.key,
        "Source__c": refusal.key.partition(":")[0],
        "Status__c": "New",
        "Attempts__c": known.attempts + 1 if known else 1,
        "Error_Code__c": outcome.code[:_LONGEST_CODE],
        "Error_Message__c": _message(outcome)[:_LONGEST_MESSAGE],
        "Payload__c": (response_to_json(response) if response else "")[:_LONGEST_PAYLOAD] or None,
        "Run_Key__c": context.run_key,
        "Last_Failed_At__c": moment_text(context.now),
    }


def _message(outcome: RowOutcome) -> str:
    blamed = f" [{', '.join(outcome.fields)}]" if outcome.fields else ""
    return f"{outcome.message}{blamed}"


def response_to_json(response: Response) -> str:
    """The whole response, so that it can be written later without asking the source again."""
    return json.dumps(asdict(response), ensure_ascii=False, default=_plain)


def response_from_json(text: str) -> Response | None:
    """The inverse of `response_to_json`; None for a text that is no complete response."""
    try:
        values = json.loads(text)
        if not isinstance(values, dict):
            return None
        moments = {
            name: datetime.fromisoformat(values[name]) if values.get(name) else None for name in ("sent_at", "responded_at", "modified_at")
        }
        return Response(
            **{
                **values,
                **moments,
                "person": Person(**values["person"]),
                "outcome": Outcome(values["outcome"]),
                "survey_type": SurveyType(values["survey_type"]),
                "status": SourceStatus(values["status"]),
                "tags": tuple(values["tags"]),
            }
        )
    except (ValueError, KeyError, TypeError):
        return None


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
