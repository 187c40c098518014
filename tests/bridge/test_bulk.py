"""Many responses at once, through the Bulk API: the same end, whatever fails on the way."""

from __future__ import annotations

from typing import Any

import pytest

from tests.bridge.test_faults import behind, keys, letters
from tests.bridge.test_people import ODD
from tests.bridge.world import ListSource, World, response
from tooling.bridge.sync import sync
from tooling.errors import NpsError
from tooling.nps.content import normalised_verbatim
from tooling.spec.loader import spec_from

BULK = spec_from("version: 1\nsources: {promoter_io: {campaigns: all}}\nbudget: {daily_share: 1.0, reserve: 0, bulk_from: 10}\n")


def many(count: int = 40, **changes: Any) -> ListSource:
    return ListSource(
        [response(number, f"{['anna', 'bob', 'lea'][number % 3]}@example.com", number % 11, **changes) for number in range(count)]
    )


def test_bulk__insert_update_and_nothing(world: World, people: dict[str, str]) -> None:
    """Many responses go by Bulk API 2.0: created, revised with an archive, and left alone when unchanged."""
    odd = 'two lines,\nand "quotes"; #N/A'
    source = many(verbatim=odd)
    assert sync(BULK, [source], world.gateway).created == 40
    row = world.query(
        "SELECT Verbatim__c, Quiet__c, Removed_At_Source__c, Contact__c FROM Survey_Response__c WHERE Response_Key__c = 'promoter_io:0'"
    )[0]
    assert row == {"Verbatim__c": odd, "Quiet__c": True, "Removed_At_Source__c": None, "Contact__c": people["anna"]}
    assert behind(world) == []
    again = sync(BULK, [source], world.gateway)
    assert (again.unchanged, again.changed) == (40, 0)
    source.responses = [
        response(number, f"{['anna', 'bob', 'lea'][number % 3]}@example.com", 10, verbatim="changed") for number in range(40)
    ]
    assert sync(BULK, [source], world.gateway).revised == 40
    assert len(world.query("SELECT Id FROM Survey_Response_Revision__c")) == 40
    assert behind(world) == []


@pytest.mark.parametrize(
    "fault",
    [
        {"drop": True, "count": 1, "match": {"path": "/batches", "method": "PUT"}},
        {"lose": True, "count": 1, "match": {"path": "/batches", "method": "PUT"}},
        {"drop": True, "count": 1, "match": {"path": "/jobs/ingest", "method": "PATCH"}},
        {"lose": True, "count": 1, "match": {"path": "/jobs/ingest", "method": "PATCH"}},
        {"drop": True, "count": 1, "match": {"path": "/jobs/ingest", "method": "POST"}},
        {"status": 503, "count": 3, "match": {"path": "/jobs/ingest"}},
        {"record": '"Response_Key__c": "promoter_io:7"', "code": "UNABLE_TO_LOCK_ROW", "count": 1},
    ],
    ids=lambda fault: "-".join(f"{name}={value}" for name, value in fault.items()),
)
def test_bulk__passing_trouble(world: World, people: dict[str, str], fault: dict[str, Any]) -> None:
    """A job whose step is lost, or whose record meets a lock, ends with every response there once."""
    world.fault(**fault)
    report = sync(BULK, [many()], world.connect())
    assert (report.created + report.unchanged, report.refused_count) == (40, 0)
    assert len(set(keys(world))) == len(keys(world)) == 40
    assert behind(world) == []


def test_bulk__records_are_refused(world: World, people: dict[str, str]) -> None:
    """Failed rows of a job are handled as those of collections: field dropped, dead letter, neighbours saved."""
    source = many()
    source.responses[3] = response(3, "anna@example.com", 3, language="refuse-me")
    world.fault(record="refuse-me", code="STRING_TOO_LONG", message="Language: data value too large: x", fields=["Language__c"])
    world.fault(record='"Response_Key__c": "promoter_io:5"', code="FIELD_CUSTOM_VALIDATION_EXCEPTION", message="not: this one")
    report = sync(BULK, [source], world.gateway)
    assert (report.created, report.refused_count, report.dropped_fields) == (39, 1, 1)
    (letter,) = letters(world)
    assert (letter["Delivery_Key__c"], letter["Error_Message__c"]) == ("promoter_io:5", "not: this one")
    (row,) = world.query("SELECT Dropped_Fields__c FROM Survey_Response__c WHERE Response_Key__c = 'promoter_io:3'")
    assert row["Dropped_Fields__c"].startswith("Language__c: STRING_TOO_LONG")
    assert behind(world) == []


WORDS = 'It\'s "bad" \\\\ 100%_off,\r\nsecond; line \U0001f600 ' + "é" * 5_000


@pytest.mark.parametrize("spec_name", ["bulk", "collections"])
def test_sync__odd_answers_arrive_as_they_are(world: World, people: dict[str, str], spec_name: str) -> None:
    """Quotes, backslashes, wildcards, emoji, line ends and thousands of characters, in addresses and in words: each answer is with
    whom its address names, its words are kept whole, what does not fit is said, and a second sync finds nothing changed."""
    addresses = [*ODD, "per%cent@example.com", "a+nps@example.com", "a.nna@example.com"]
    obrien, percent = world.insert(
        "Contact", {"LastName": "O'Brien", "Email": "o'brien@example.com"}, {"LastName": "Percent", "Email": "per%cent@example.com"}
    )
    source = ListSource([response(number, one, 3, verbatim=f"{number} {WORDS}") for number, one in enumerate(addresses)])
    spec = BULK if spec_name == "bulk" else world.spec

    report = sync(spec, [source], world.connect())

    assert (report.created, report.refused_count, report.ambiguous) == (len(addresses), 0, 0)
    rows = world.query("SELECT Source_Response_Id__c, Contact__c, Verbatim__c, Dropped_Fields__c FROM Survey_Response__c")
    found = {int(row["Source_Response_Id__c"]): row for row in rows}
    assert {number: row["Contact__c"] for number, row in found.items() if row["Contact__c"]} == {0: obrien, 3: percent, len(ODD): percent}
    assert [found[number]["Verbatim__c"] for number in range(len(addresses))] == [
        normalised_verbatim(one.verbatim) for one in source.responses
    ]
    endless = found[ODD.index(max(ODD, key=len))]["Dropped_Fields__c"]
    assert "Respondent_Email__c" in endless and len(endless) < 700
    again = sync(spec, [source], world.connect())
    assert (again.unchanged, again.changed) == (len(addresses), 0)


def test_bulk__job_fails(world: World, people: dict[str, str]) -> None:
    """A job that the org refuses as a whole says so, and nothing is half done."""
    world.fault(code="FEATURENOTENABLED", status=400, match={"path": "/jobs/ingest", "method": "POST"})
    with pytest.raises(NpsError, match="FEATURENOTENABLED"):
        sync(BULK, [many()], world.gateway)
    assert keys(world) == []
