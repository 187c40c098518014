"""Responses as records, as dead letters, and as a report."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tooling.bridge.dead_letters import response_from_json, response_to_json
from tooling.bridge.explain import next_step
from tooling.bridge.matching import CONTACT, Candidate, Decision, MatchStatus
from tooling.bridge.records import (
    NEVER_DROPPED,
    WriteContext,
    archive_record,
    moment_text,
    new_record,
    revised_record,
    unfit_reason,
    without_fields,
)
from tooling.bridge.report import PlannedChange, Refused, SyncReport
from tooling.nps.content import content_hash
from tooling.nps.response import Outcome, Person, Response, ResponseSkipped, SourceStatus
from tooling.spec.objects.survey_response import SURVEY_RESPONSE
from tooling.spec.objects.survey_response_revision import SURVEY_RESPONSE_REVISION
from tooling.spec.objects.types import Writer

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
CONTEXT = WriteContext("run-1", NOW, quiet=True)
RESPONSE = Response(
    "promoter_io", "270", Person("a@b.c", "Anna", "Haro", "u1", company_id="acme"), score=3, verbatim="slow\r\n", tags=("price", "speed"),
    survey_name="Renewal", campaign_id="101", responded_at=NOW, modified_at=NOW, sent_at=NOW, attributes={"order": 7},
)  # fmt: skip
MATCHED = Decision(MatchStatus.MATCHED, "email", contact_id="003A", account_id="001A")


def test_new_record() -> None:
    """A new response carries its key, its content, its match and its run; what flows set is left to them."""
    values = new_record(RESPONSE, "h", MATCHED, CONTEXT)
    assert (values["Response_Key__c"], values["Revision__c"], values["Content_Hash__c"]) == ("promoter_io:270", 1, "h")
    assert (values["Score__c"], values["Verbatim__c"], values["Tags__c"]) == (3, "slow", "price\nspeed")
    assert (values["Contact__c"], values["Lead__c"], values["Account__c"], values["Match_Status__c"]) == ("003A", None, "001A", "Matched")
    assert (values["Run_Key__c"], values["Quiet__c"], values["Received_At__c"]) == ("run-1", True, "2026-03-04T12:00:00.000Z")
    assert json.loads(values["Attributes__c"]) == {"company_id": "acme", "order": 7}
    assert not {"Roll_Up_Changed_At__c", "Automation_Status__c", "Category__c"} & set(values)


def test_records__write_only_what_the_bridge_may() -> None:
    """Every field that is written is one that the object model gives to the bridge."""
    granted = {field.api_name for field in SURVEY_RESPONSE.fields if Writer.BRIDGE in field.writers}
    assert set(new_record(RESPONSE, "h", MATCHED, CONTEXT)) <= granted
    assert set(revised_record(RESPONSE, "h", "a00A", 2, CONTEXT)) <= granted | {"Id"}
    assert granted >= NEVER_DROPPED
    archived = {field.api_name for field in SURVEY_RESPONSE_REVISION.fields}
    assert set(archive_record({"Id": "a00A", "Response_Key__c": "k"}, [], CONTEXT)) <= archived


def test_new_record__candidates() -> None:
    """An ambiguous match names its candidates, a line each."""
    decision = Decision(
        MatchStatus.AMBIGUOUS, "2 found by email", candidates=(Candidate(CONTACT, "003A", name="Anna"), Candidate(CONTACT, "003B"))
    )
    assert new_record(RESPONSE, "h", decision, CONTEXT)["Match_Candidates__c"] == "Contact 003A (Anna)\nContact 003B"


def test_new_record__long_texts() -> None:
    """Descriptive texts are cut to their field and the cut is noted; JSON that does not fit is left out, never halved."""
    long = replace(RESPONSE, survey_name="n" * 300, language="x" * 21, attributes={"a": "y" * 32_000})
    values = new_record(long, "h", MATCHED, CONTEXT)
    assert (len(values["Survey_Name__c"]), len(values["Language__c"]), values["Attributes__c"]) == (255, 20, None)
    assert values["Dropped_Fields__c"].splitlines() == [
        "Survey_Name__c: cut from 300 to 255 characters",
        "Language__c: cut from 21 to 20 characters",
        "Attributes__c: left out, 32031 characters where 32000 fit",
    ]


def test_unfit_reason() -> None:
    """An id that does not fit its field cannot be cut: another response might have the same beginning."""
    assert unfit_reason(RESPONSE) is None
    assert unfit_reason(replace(RESPONSE, id="7" * 81)) == "its id has 81 characters; 80 fit"


def test_revised_record__keeps_the_match() -> None:
    """A revision changes the content only: people stay as they were decided; a removed response is back."""
    values = revised_record(RESPONSE, "h2", "a00A", 4, CONTEXT)
    assert (values["Id"], values["Revision__c"], values["Content_Hash__c"], values["Removed_At_Source__c"]) == ("a00A", 4, "h2", None)
    assert not {"Contact__c", "Match_Status__c", "Respondent_Email__c", "Received_At__c"} & set(values)
    assert "Quiet__c" not in revised_record(RESPONSE, "h2", "a00A", 4, replace(CONTEXT, quiet=False))


def test_archive_record() -> None:
    """The archive is what the org holds, under the number it had; later contents came when the one before was archived."""
    current = {
        "Id": "a00A",
        "Response_Key__c": "k:1",
        "Revision__c": 2.0,
        "Score__c": 3.0,
        "Verbatim__c": "slow",
        "Received_At__c": "first",
    }
    values = archive_record(current, [{"Revision__c": 1.0, "Archived_At__c": "second"}], CONTEXT)
    assert (values["Revision_Key__c"], values["Revision__c"], values["Score__c"], values["Verbatim__c"]) == ("k:1:r2", 2, 3.0, "slow")
    assert values["Received_At__c"] == "second"
    assert archive_record(current, [], CONTEXT)["Received_At__c"] == "first"


def test_without_fields() -> None:
    """A refused field is left out and noted; a refused Contact makes the response unmatched, with the reason."""
    values = without_fields(new_record(RESPONSE, "h", MATCHED, CONTEXT), ["Respondent_Email__c"], "INVALID_EMAIL_ADDRESS: bad")
    assert "Respondent_Email__c" not in values
    assert values["Dropped_Fields__c"] == "Respondent_Email__c: INVALID_EMAIL_ADDRESS: bad"
    again = without_fields(values, ["Contact__c"], "FIELD_FILTER_VALIDATION_EXCEPTION: no")
    assert (again["Match_Status__c"], "Contact__c" in again) == ("Unmatched", False)
    assert len(again["Dropped_Fields__c"].splitlines()) == 2


def test_moment_text() -> None:
    """Datetimes are sent in UTC with milliseconds."""
    assert moment_text(NOW.replace(microsecond=339051)) == "2026-03-04T12:00:00.339Z"
    assert moment_text(None) is None


def test_content_hash__is_keyed() -> None:
    """Two responses with the same words, or the same response in two orgs, cannot be linked by their hashes."""
    mine = content_hash(RESPONSE, "00D000000000001EAA")
    assert mine == content_hash(RESPONSE, "00D000000000001")
    assert mine != content_hash(replace(RESPONSE, id="271"), "00D000000000001EAA")
    assert mine != content_hash(RESPONSE, "00D000000000002EAA")


@pytest.mark.parametrize(
    "response", [RESPONSE, Response("file", "1", Person(), outcome=Outcome.DISMISSED), replace(RESPONSE, status=SourceStatus.CLOSED)]
)
def test_dead_letter__keeps_the_whole_response(response: Response) -> None:
    """A dead letter's payload gives the same response back."""
    assert response_from_json(response_to_json(response)) == response


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"source": 1}', response_to_json(RESPONSE)[:100]])
def test_dead_letter__payload_that_is_none(text: str) -> None:
    """A payload that was cut or written by another hand is no response."""
    assert response_from_json(text) is None


def test_report__exit_code() -> None:
    """Work that is parked, skipped or was refused before is counted; only a new refusal ends with 1, or anything with `strict`."""
    report = SyncReport(ambiguous=1)
    report.skip(ResponseSkipped("'ten' is not a score", "responses.csv:14"))
    report.refuse(Refused("k", "X", "x", is_known=True))
    assert (report.exit_code(), report.exit_code(strict=True)) == (0, 1)
    report.refuse(Refused("k2", "X", "x"))
    assert report.exit_code() == 1
    assert SyncReport().exit_code(strict=True) == 0


def test_report__text_and_json() -> None:
    """The report is readable by people and by programs."""
    report = SyncReport(dry_run=True, sources=["file"], read=2, created=1, unmatched=1, quiet=True, follow_ups=1, api_calls=6)
    report.skip(ResponseSkipped("no id", "responses.csv:14"))
    report.plan(PlannedChange("file:1", "create", "score 3"))
    text = report.as_text()
    assert "2 responses read from file; 6 API calls" in text
    assert "1 would be created" in text
    assert "responses.csv:14: no id" in text
    assert "1 follow-up Tasks would not be started" in text
    assert json.loads(json.dumps(report.as_json()))["parked"] == 1


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        ({"Erased_At__c": "x", "Match_Status__c": "Ambiguous"}, "erased"),
        ({"Match_Status__c": "Ambiguous"}, "decide who"),
        ({"Match_Status__c": "Unmatched"}, "next sync"),
        ({"Match_Status__c": "Matched", "Automation_Status__c": "Failed"}, "Retry Automation"),
        ({"Match_Status__c": "Matched", "Automation_Status__c": "Done", "Follow_Up_Status__c": "Open"}, "follow up"),
        ({"Match_Status__c": "Matched", "Automation_Status__c": "Done"}, "nothing"),
    ],
)
def test_next_step(facts: dict[str, str], expected: str) -> None:
    """The next step names what somebody has to do now."""
    assert expected in next_step(facts)
