"""The whole sync, against a real org's protocol."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from tests.bridge.world import START, ListSource, World, response
from tooling.bridge.explain import explain
from tooling.bridge.status import status
from tooling.bridge.sync import sync
from tooling.errors import UsageError
from tooling.nps.response import ResponseSkipped, SourceStatus
from tooling.salesforce.org import RowOutcome, Write


def test_sync__first(world: World, people: dict[str, str]) -> None:
    """Responses reach the Contact, the Lead and the Account; what cannot be decided is parked with its reason."""
    source = ListSource(
        [
            response(1, "ANNA@example.com", 3),
            response(2, "lea@example.com", 10),
            response(3, "twin@example.com", 8),
            response(4, "nobody@example.com", 5),
        ],
        skipped=[ResponseSkipped("'ten' is not a score", "feedback 5")],
    )
    report = world.sync(source)
    assert (report.read, report.created, report.ambiguous, report.unmatched, report.skipped_count) == (4, 4, 1, 1, 1)
    assert (report.quiet, report.follow_ups, report.exit_code()) == (True, 2, 0)
    rows = world.query(
        "SELECT Contact__c, Lead__c, Account__c, Match_Status__c, Match_Rule__c, Match_Candidates__c, Category__c, Quiet__c "
        "FROM Survey_Response__c ORDER BY Response_Key__c"
    )
    assert [(row["Contact__c"], row["Lead__c"], row["Account__c"], row["Match_Status__c"]) for row in rows] == [
        (people["anna"], None, people["acme"], "Matched"),
        (None, people["lead"], None, "Matched"),
        (None, None, None, "Ambiguous"),
        (None, None, None, "Unmatched"),
    ]
    assert [row["Category__c"] for row in rows] == ["Detractor", "Promoter", "Passive", "Detractor"]
    assert people["twin"] in rows[2]["Match_Candidates__c"]
    assert people["second"] in rows[2]["Match_Candidates__c"]
    assert all(row["Quiet__c"] for row in rows)


def test_sync__second_changes_nothing(world: World, people: dict[str, str]) -> None:
    """The same responses again: nothing is created or changed, in few calls, and idle runs share one record."""
    source = ListSource([response(1, "anna@example.com", 3), response(2, "nobody@example.com")])
    world.sync(source)
    before = world.ledger()
    world.org.advance(timedelta(hours=1))
    second = world.sync(source)
    third = world.sync(source)
    assert (second.changed, second.unchanged, third.changed) == (0, 2, 0)
    assert world.ledger() == before
    assert third.api_calls <= 8
    runs = world.query("SELECT Status__c, Created_Count__c, Bookmark__c FROM NPS_Sync_Run__c WHERE Mode__c = 'Sync' ORDER BY Name")
    assert [(run["Status__c"], int(run["Created_Count__c"])) for run in runs] == [("Done", 2), ("Done", 0)]


def test_sync__parents_are_recalculated_once(world: World, people: dict[str, str]) -> None:
    """Each distinct parent is asked once, however many responses it has, and is not behind afterwards."""
    source = ListSource([response(number, "anna@example.com", number) for number in range(5)] + [response(9, "bob@example.com")])
    report = world.sync(source)
    assert report.recalculated == 3
    world.org.advance(timedelta(minutes=1))
    world.sync(source)
    world.org.advance(timedelta(minutes=1))
    assert world.sync(source).recalculated == 0


def test_sync__edit_becomes_a_revision(world: World, people: dict[str, str]) -> None:
    """What a response said before is archived; from A to B and back to A are two archived revisions."""
    first = response(1, "anna@example.com", 3)
    source = ListSource([first])
    world.sync(source)
    for change in (replace(first, score=9, verbatim="better"), first):
        source.responses = [change]
        assert world.sync(source).revised == 1
    (row,) = world.query("SELECT Score__c, Verbatim__c, Revision__c, Contact__c FROM Survey_Response__c")
    assert (row["Score__c"], row["Verbatim__c"], row["Revision__c"], row["Contact__c"]) == (3, "words of 1", 3, people["anna"])
    archived = world.query("SELECT Revision_Key__c, Score__c, Verbatim__c FROM Survey_Response_Revision__c ORDER BY Revision_Key__c")
    assert [(one["Revision_Key__c"], one["Score__c"], one["Verbatim__c"]) for one in archived] == [
        ("promoter_io:1:r1", 3, "words of 1"),
        ("promoter_io:1:r2", 9, "better"),
    ]


def test_sync__closed_at_source(world: World, people: dict[str, str]) -> None:
    """Another status at the source is taken over without a revision."""
    source = ListSource([response(1, "anna@example.com")])
    world.sync(source)
    source.responses = [replace(source.responses[0], status=SourceStatus.CLOSED)]
    assert world.sync(source).refreshed == 1
    assert world.query("SELECT Source_Status__c, Revision__c FROM Survey_Response__c") == [{"Source_Status__c": "Closed", "Revision__c": 1}]


def test_sync__parked_response_is_matched_later(world: World, people: dict[str, str]) -> None:
    """Once the Contact exists, the next sync gives it its response, although the source is not asked for it again."""
    source = ListSource([response(1, "new@example.com", 3)])
    world.sync(source)
    (new,) = world.insert("Contact", {"LastName": "New", "Email": "new@example.com", "AccountId": people["acme"]})
    source.responses = []
    report = world.sync(source)
    assert (report.rematched, report.recalculated) == (1, 2)
    (row,) = world.query("SELECT Contact__c, Account__c, Match_Status__c, Match_Rule__c, Revision__c FROM Survey_Response__c")
    assert (row["Contact__c"], row["Match_Status__c"], row["Revision__c"]) == (new, "Matched", 1)


def test_sync__removed_at_source(world: World, people: dict[str, str]) -> None:
    """A response that a complete read misses is marked only when the source itself says that it is gone."""
    old = START - timedelta(days=10)
    source = ListSource([response(number, "anna@example.com", responded_at=old) for number in range(1, 4)])
    world.sync(source)
    kept = source.responses[1:]
    world.org.advance(timedelta(days=30))
    source.responses = kept
    assert world.sync(source).removed == 0
    world.org.advance(timedelta(days=30))
    source.removed = {"1"}
    assert world.sync(source).removed == 1
    removed = world.query("SELECT Response_Key__c FROM Survey_Response__c WHERE Removed_At_Source__c != null")
    assert [row["Response_Key__c"] for row in removed] == ["promoter_io:1"]


def test_sync__most_of_a_window_is_missing(world: World, people: dict[str, str]) -> None:
    """When much is missing the source is doubted: nothing is marked, and the run says so."""
    old = START - timedelta(days=10)
    source = ListSource([response(number, "anna@example.com", responded_at=old) for number in range(20)])
    world.sync(source)
    world.org.advance(timedelta(days=31))
    source.responses, source.removed = [], {str(number) for number in range(20)}
    report = world.sync(source)
    assert (report.removed, len(report.warnings)) == (0, 1)


def test_sync__dry_run(world: World, people: dict[str, str]) -> None:
    """A dry run says what it would do and writes nothing."""
    report = world.sync(ListSource([response(1, "anna@example.com", 3), response(2, "twin@example.com")]), dry_run=True)
    assert [(change.key, change.action) for change in report.planned] == [("promoter_io:1", "create"), ("promoter_io:2", "create")]
    assert people["anna"] in report.planned[0].detail
    assert world.ledger() == []
    assert world.query("SELECT Id FROM NPS_Sync_Run__c") == []


def test_sync__limit(world: World, people: dict[str, str]) -> None:
    """A first try writes some responses and leaves the bookmark: the next sync is still the first one, and quiet."""
    source = ListSource([response(number, "anna@example.com") for number in range(5)])
    tried = world.sync(source, limit=2)
    assert (tried.created, bool(tried.incomplete), tried.bookmarks) == (2, True, {})
    rest = world.sync(source)
    assert (rest.created, rest.unchanged, rest.quiet) == (3, 2, True)
    source.responses.append(response(9, "anna@example.com", 2))
    later = world.sync(source)
    assert (later.created, later.quiet) == (1, False)


def test_sync__field_the_org_refuses(world: World, people: dict[str, str]) -> None:
    """A refused descriptive field is left out and named on the response; the rest and its neighbours are saved."""
    report = world.sync(ListSource([response(1, "bad address@", 3), response(2, "anna@example.com")]))
    assert (report.created, report.dropped_fields, report.exit_code()) == (2, 1, 0)
    row = world.query("SELECT Respondent_Email__c, Dropped_Fields__c, Score__c FROM Survey_Response__c WHERE Score__c = 3")[0]
    assert row["Respondent_Email__c"] is None
    assert row["Dropped_Fields__c"].startswith("Respondent_Email__c: INVALID_EMAIL_ADDRESS")


def test_sync__record_the_org_refuses(world: World, people: dict[str, str]) -> None:
    """A refused response becomes a dead letter; the next time it is known; when it is written at last, the letter is resolved."""
    odd = replace(response(1, "anna@example.com", 3), source="unknown_tool")
    source = ListSource([odd, response(2, "anna@example.com")], name="unknown_tool")
    report = world.sync(source)
    assert (report.created, report.refused_count, report.exit_code()) == (1, 1, 1)
    (letter,) = world.query("SELECT Delivery_Key__c, Status__c, Attempts__c, Error_Code__c, Payload__c FROM NPS_Dead_Letter__c")
    assert (letter["Delivery_Key__c"], letter["Status__c"], letter["Attempts__c"]) == ("unknown_tool:1", "New", 1)
    assert letter["Error_Code__c"] == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    again = world.sync(source)
    assert (again.refused_count, again.known_refused, again.exit_code()) == (1, 1, 0)
    assert [row["Attempts__c"] for row in world.query("SELECT Attempts__c FROM NPS_Dead_Letter__c")] == [2]


def test_sync__missing_permissions(world: World) -> None:
    """Without the permission set the sync refuses before it reads or writes, and names what is missing."""
    ids = [
        row["Id"] for row in world.query("SELECT Id FROM PermissionSetAssignment WHERE PermissionSet.Name IN ('NPS_Admin','NPS_Bridge')")
    ]
    world.org.delete(world.user, ids)
    source = ListSource([response(1, "anna@example.com")])
    with pytest.raises(UsageError, match="NPS_Bridge") as raised:
        sync(world.spec, [source], world.connect())
    assert "Survey_Response__c" in str(raised.value)
    assert source.windows == []


def test_sync__nothing_is_visible(world: World) -> None:
    """When nearly no field of an object is visible one line says so: a permission set is missing, not forty fields."""
    profile = world.query("SELECT Id FROM Profile WHERE Name = 'System Administrator'")[0]["Id"]
    (user,) = world.insert(
        "User",
        {
            "LastName": "New", "Username": "new@acme.example", "Email": "new@acme.example", "Alias": "new", "ProfileId": profile,
            "IsActive": True, "TimeZoneSidKey": "Europe/Zurich", "LocaleSidKey": "en_US", "EmailEncodingKey": "UTF-8",
            "LanguageLocaleKey": "en_US",
        },
    )  # fmt: skip
    with pytest.raises(UsageError, match="NPS_Bridge") as raised:
        sync(world.spec, [ListSource()], world.connect(world.org.issue_token(user)))
    lines = [line for line in raised.value.message.splitlines() if "Survey_Response__c" in line]
    assert len(lines) == 1 and " fields do not exist, or this user may not read them: Score__c, " in lines[0]
    assert len(raised.value.message.splitlines()) < 15


@pytest.mark.parametrize("code", ["UNABLE_TO_LOCK_ROW", "SERVER_UNAVAILABLE"])
def test_sync__org_is_busy(world: World, people: dict[str, str], code: str) -> None:
    """A busy org is asked again after a pause; nothing is lost and nothing is written twice."""
    world.fault(code=code, count=2, match={"path": "/composite", "body": "promoter_io:1"})
    assert world.sync(ListSource([response(1, "anna@example.com")])).created == 1
    assert len(world.ledger()) == 1
    assert world.pauses


def test_sync__connection_breaks_after_the_commit(world: World, people: dict[str, str]) -> None:
    """An insert whose answer is lost is read back before it is repeated."""
    world.fault(drop=True, count=1, match={"path": "/composite", "body": '"POST"'})
    report = world.sync(ListSource([response(number, "anna@example.com") for number in range(3)]))
    assert (report.created, report.refused_count) == (3, 0)
    assert len(world.ledger()) == 3


def test_sync__session_expires(world: World, people: dict[str, str]) -> None:
    """An expired session is renewed once, in the middle of a run."""
    renewed: list[str] = []

    def renew() -> str:
        renewed.append("x")
        return world.org.issue_token(world.user.id)

    gateway = world.connect("00D000000000001!expired", renew=renew)
    assert sync(world.spec, [ListSource([response(1, "anna@example.com")])], gateway).created == 1
    assert renewed == ["x"]
    gateway.close()


class Killed(BaseException):
    """The process ends here."""


class DyingOrg:
    """An org whose client dies before or after its n-th write."""

    def __init__(self, world: World, dies_at: float) -> None:
        self._gateway, self._left = world.connect(), dies_at

    def __getattr__(self, name: str) -> Any:
        return getattr(self._gateway, name)

    def write(self, writes: Sequence[Write], **how: bool) -> list[list[RowOutcome]]:
        self._left -= 0.5
        if self._left < 0:
            raise Killed
        outcomes = self._gateway.write(writes, **how)
        self._left -= 0.5
        if self._left < 0:
            raise Killed
        return outcomes


def test_sync__killed_at_any_write(world: World, people: dict[str, str]) -> None:
    """Killed before or after any write and run again, the org is as after an undisturbed run, and no parent is left behind."""
    old = [response(number, email, 3) for number, email in enumerate(["anna@example.com", "bob@example.com", "x@example.com"])]
    new = [replace(old[0], score=9), old[1], response(7, "lea@example.com", 2)]
    world.sync(ListSource(old))
    world.insert("Contact", {"LastName": "X", "Email": "x@example.com", "AccountId": people["other"]})
    world.org.snapshot("before-the-crash")
    world.sync(ListSource(new))
    expected = world.ledger()
    deaths = 0
    while True:
        world.org.restore("before-the-crash")
        dying = DyingOrg(world, deaths / 2)
        try:
            sync(world.spec, [ListSource(new)], dying)  # type: ignore[arg-type]
            break
        except Killed:
            deaths += 1
        finally:
            dying._gateway.close()
        world.org.advance(timedelta(minutes=1))
        world.sync(ListSource(new))
        assert world.ledger() == expected, f"killed at step {deaths}"
        for parent in ("Contact", "Lead", "Account"):
            stamps = world.query(
                f"SELECT Roll_Up_Changed_At__c, {parent}__r.NPS_Recalculated_At__c FROM Survey_Response__c WHERE {parent}__c != null"
            )
            behind = [row for row in stamps if (row[f"{parent}__r"]["NPS_Recalculated_At__c"] or "") < row["Roll_Up_Changed_At__c"]]
            assert behind == [], f"killed at step {deaths}"
    assert deaths >= 8


def test_sync__calls_for_many(world: World) -> None:
    """400 new responses of 200 people at 40 companies take about a dozen calls."""
    accounts = world.insert("Account", *({"Name": f"A{number}"} for number in range(40)))
    world.insert(
        "Contact",
        *({"LastName": f"P{number}", "Email": f"p{number}@example.com", "AccountId": accounts[number % 40]} for number in range(200)),
    )
    source = ListSource([response(number, f"p{number % 200}@example.com", number % 11) for number in range(400)])
    report = world.sync(source)
    assert (report.created, report.recalculated) == (400, 240)
    assert report.api_calls <= 12


def test_explain_and_status(world: World, people: dict[str, str]) -> None:
    """A response explains itself by number, key and id; the status counts what waits."""
    world.sync(ListSource([response(1, "twin@example.com", 3), response(2, "anna@example.com")]))
    (row,) = world.query("SELECT Id, Name FROM Survey_Response__c WHERE Match_Status__c = 'Ambiguous'")
    found = explain(world.gateway, "promoter_io:1")
    assert explain(world.gateway, row["Name"]) == found == explain(world.gateway, row["Id"])
    assert len(found.candidates) == 2
    assert "decide who it was" in found.as_text()
    with pytest.raises(UsageError, match="SR-99999999"):
        explain(world.gateway, "SR-99999999")
    known = status(world.gateway)
    assert (known.ambiguous, known.unmatched, known.dead_letters, known.runs[0]["Status__c"]) == (1, 0, 0, "Done")
    assert "promoter_io" in known.bookmarks
    assert known.needs_attention
