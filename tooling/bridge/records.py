"""Responses as the org's records: pure conversions, in the field names of the object model."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tooling.bridge.matching import Decision
from tooling.bridge.routes import RoutingStatus, carried, takes
from tooling.nps.content import normalised_verbatim
from tooling.nps.response import Response
from tooling.salesforce.org import Row
from tooling.spec.objects.survey_response import SURVEY_RESPONSE
from tooling.spec.objects.types import FieldType
from tooling.spec.routes import Route

Values = dict[str, Any]

_LENGTHS: Mapping[str, int] = {
    spec.api_name: spec.length for spec in SURVEY_RESPONSE.fields if spec.length and spec.type in (FieldType.TEXT, FieldType.LONG_TEXT)
}
NEVER_DROPPED = frozenset({
    "Response_Key__c", "Source__c", "Source_Response_Id__c", "Score__c", "Outcome__c", "Verbatim__c", "Responded_At__c", "Revision__c",
    "Content_Hash__c",
})  # fmt: skip
"""Without these a response would be another one: if the org refuses one of them, the response is a dead letter."""


@dataclass(frozen=True, slots=True)
class WriteContext:
    """What all records of one run share."""

    run_key: str
    now: datetime
    quiet: bool = False
    routes: tuple[Route, ...] = ()


def moment_text(value: datetime | None) -> str | None:
    """A datetime as REST takes it: UTC, milliseconds."""
    return None if value is None else value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def unfit_reason(response: Response) -> str | None:
    """Why the org cannot hold this response under its key, or None."""
    if len(response.id) > _LENGTHS["Source_Response_Id__c"]:
        return f"its id has {len(response.id)} characters; {_LENGTHS['Source_Response_Id__c']} fit"
    if len(response.key) > _LENGTHS["Response_Key__c"]:
        return f"its key has {len(response.key)} characters; {_LENGTHS['Response_Key__c']} fit"
    return None


def new_record(response: Response, content_hash: str, decision: Decision, context: WriteContext) -> Values:
    """The values of a response that the org does not have yet."""
    values: Values = {
        "Response_Key__c": response.key,
        "Source__c": response.source,
        "Source_Response_Id__c": response.id,
        "Revision__c": 1,
        **_content(response, content_hash, context),
        "Respondent_Email__c": response.person.email,
        "Respondent_Name__c": response.person.name,
        "Respondent_User_Id__c": response.person.user_id,
        "Received_At__c": moment_text(context.now),
        "Quiet__c": context.quiet,
        "Attributes__c": _attributes(carried(response, context.routes)),
        **match_values(decision),
        **_routing(response, context),
    }
    return fitted(values)


def revised_record(response: Response, content_hash: str, stored_id: str, revision: int, context: WriteContext) -> Values:
    """The values that turn a stored response into its next revision. People and match stay as they were decided."""
    values: Values = {
        "Id": stored_id,
        "Revision__c": revision,
        **_content(response, content_hash, context),
        "Removed_At_Source__c": None,
        **({"Quiet__c": True} if context.quiet else {}),
        **_routing(response, context),
    }
    return fitted(values)


def archive_record(current: Row, revisions: Sequence[Row], context: WriteContext) -> Values:
    """What the org's record says now, as the revision that it will have been."""
    number = int(current.get("Revision__c") or 1)
    earlier = max(revisions, key=lambda row: int(row["Revision__c"]), default=None)
    return {
        "Survey_Response__c": current["Id"],
        "Revision_Key__c": revision_key(current["Response_Key__c"], number),
        "Revision__c": number,
        "Content_Hash__c": current.get("Content_Hash__c"),
        "Score__c": current.get("Score__c"),
        "Outcome__c": current.get("Outcome__c"),
        "Verbatim__c": current.get("Verbatim__c"),
        "Tags__c": current.get("Tags__c"),
        "Responded_At__c": current.get("Responded_At__c"),
        "Source_Modified_At__c": current.get("Source_Modified_At__c"),
        # This content came when the one before it was archived; the first came with the response.
        "Received_At__c": earlier["Archived_At__c"] if earlier else current.get("Received_At__c"),
        "Archived_At__c": moment_text(context.now),
        "Run_Key__c": context.run_key,
    }


def revision_key(response_key: str, number: int) -> str:
    return f"{response_key}:r{number}"


def match_values(decision: Decision) -> Values:
    return {
        "Match_Status__c": decision.status.value,
        "Match_Rule__c": decision.rule[: _LENGTHS["Match_Rule__c"]],
        "Match_Candidates__c": "\n".join(str(candidate) for candidate in decision.candidates)[: _LENGTHS["Match_Candidates__c"]] or None,
        "Contact__c": decision.contact_id,
        "Lead__c": decision.lead_id,
        "Account__c": decision.account_id,
    }


def fitted(values: Values) -> Values:
    """Descriptive texts cut to what their fields hold, with a note of it. JSON that is too long is left out: half of it is none."""
    notes: list[str] = []
    result = dict(values)
    for name, value in values.items():
        length = _LENGTHS.get(name)
        if not isinstance(value, str) or length is None or len(value) <= length or name in NEVER_DROPPED:
            continue
        if name == "Attributes__c":
            result[name] = None
            notes.append(f"{name}: left out, {len(value)} characters where {length} fit")
        else:
            result[name] = value[:length]
            notes.append(f"{name}: cut from {len(value)} to {length} characters")
    return with_dropped(result, notes)


def with_dropped(values: Values, notes: Sequence[str]) -> Values:
    """The values with these lines added to Dropped_Fields__c."""
    if not notes:
        return values
    lines = [line for line in (values.get("Dropped_Fields__c"), *notes) if line]
    return {**values, "Dropped_Fields__c": "\n".join(lines)[: _LENGTHS["Dropped_Fields__c"]]}


def without_fields(values: Values, names: Sequence[str], reason: str) -> Values:
    """The values without the fields that the org refused, and the note that says so."""
    kept = {name: value for name, value in values.items() if name not in names}
    if {"Contact__c", "Lead__c"} & set(names):
        kept |= {"Match_Status__c": "Unmatched", "Match_Rule__c": f"the org refused the match: {reason}"[: _LENGTHS["Match_Rule__c"]]}
    return with_dropped(kept, [f"{name}: {reason}" for name in names])


def _content(response: Response, content_hash: str, context: WriteContext) -> Values:
    return {
        "Content_Hash__c": content_hash,
        "Run_Key__c": context.run_key,
        "Outcome__c": response.outcome.value,
        "Score__c": response.score,
        "Verbatim__c": normalised_verbatim(response.verbatim),
        "Tags__c": "\n".join(response.tags) or None,
        "Survey_Type__c": response.survey_type.value,
        "Survey_Name__c": response.survey_name,
        "Campaign_Id__c": response.campaign_id,
        "Channel__c": response.channel,
        "Language__c": response.language,
        "Survey_Sent_At__c": moment_text(response.sent_at),
        "Responded_At__c": moment_text(response.responded_at),
        "Source_Modified_At__c": moment_text(response.modified_at),
        "Source_Status__c": response.status.value,
    }


def _routing(response: Response, context: WriteContext) -> Values:
    """Marks a response that takes a route: the routes are carried out once it is confirmed."""
    takes_any = any(takes(route, response) for route in context.routes)
    return {"Routing_Status__c": RoutingStatus.PENDING.value} if takes_any else {}


def _attributes(response: Response) -> str | None:
    """Survey attributes as JSON, with the ids wherever they came from: a parked response is matched again by them."""
    attributes = dict(response.attributes)
    if response.person.company_id:
        attributes["company_id"] = response.person.company_id
    if response.person.salesforce_id:
        attributes["salesforce_id"] = response.person.salesforce_id
    return json.dumps(attributes, ensure_ascii=False, sort_keys=True, default=str) if attributes else None
