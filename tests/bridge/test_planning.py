"""What a batch changes, which windows are read, whom to recalculate."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tooling.bridge.bookmark import Bookmark, Window, plan_reading
from tooling.bridge.ledger import Parent, Parked, Stored, moment, stored_from
from tooling.bridge.matching import Decision, MatchStatus
from tooling.bridge.planning import latest_of_each, plan_batch, plan_rematches
from tooling.bridge.rollups import _chunks
from tooling.nps.content import content_hash
from tooling.nps.response import Person, Response, SourceStatus

ORG = "00D000000000001EAA"
NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)
RESPONSE = Response("file", "1", Person(email="a@b.c"), score=3, verbatim="slow", responded_at=NOW, modified_at=NOW)
NOBODY = Decision(MatchStatus.UNMATCHED, "nobody found by email")


def stored(response: Response = RESPONSE, **changes: object) -> Stored:
    known = Stored("a00A", response.key, content_hash(response, ORG), 1, status="Open", source_modified_at=response.modified_at)
    return replace(known, **changes)  # type: ignore[arg-type]


def plan(response: Response, known: Stored | None) -> str:
    key = response.key
    found = plan_batch([response], {key: content_hash(response, ORG)}, {key: known} if known else {}, {key: NOBODY})
    changes = {name for name in ("inserts", "revisions", "refreshes", "unchanged") if getattr(found, name)}
    assert len(changes) == 1
    return changes.pop()


def test_plan_batch() -> None:
    """New, changed, same: decided by key and hash alone."""
    assert plan(RESPONSE, None) == "inserts"
    assert plan(RESPONSE, stored()) == "unchanged"
    assert plan(replace(RESPONSE, score=4), stored()) == "revisions"
    assert plan(replace(RESPONSE, verbatim="fast"), stored()) == "revisions"
    assert plan(replace(RESPONSE, tags=("x",)), stored()) == "revisions"


@pytest.mark.parametrize("verbatim", ["slow ", "slow\r\n", "\n slow"])
def test_plan_batch__what_salesforce_would_trim(verbatim: str) -> None:
    """White space that the org does not keep is no change."""
    assert plan(replace(RESPONSE, verbatim=verbatim), stored()) == "unchanged"


def test_plan_batch__status_at_source() -> None:
    """Another status at the source is no revision, but is taken over; so is the return of a removed response."""
    assert plan(replace(RESPONSE, status=SourceStatus.CLOSED), stored()) == "refreshes"
    assert plan(RESPONSE, stored(removed_at=NOW)) == "refreshes"


def test_plan_batch__erased() -> None:
    """A person who was erased does not come back with the next poll."""
    assert plan(replace(RESPONSE, score=9), stored(erased_at=NOW)) == "unchanged"


def test_plan_batch__overtaken_delivery() -> None:
    """A delivery older than what the org has undoes nothing; the org keeps whole seconds only."""
    assert plan(replace(RESPONSE, score=9, modified_at=NOW - timedelta(hours=1)), stored()) == "unchanged"
    late = replace(RESPONSE, score=9, modified_at=NOW + timedelta(microseconds=400))
    assert plan(late, stored(source_modified_at=NOW)) == "revisions"


def test_latest_of_each() -> None:
    """A response read twice counts once: the later change wins, then the later read."""
    earlier, later = replace(RESPONSE, score=1), replace(RESPONSE, score=2, modified_at=NOW + timedelta(minutes=1))
    assert latest_of_each([later, earlier]) == [later]
    assert latest_of_each([replace(earlier, modified_at=None), replace(RESPONSE, modified_at=None)]) == [
        replace(RESPONSE, modified_at=None)
    ]


def test_plan_rematches() -> None:
    """A parked response is changed when its person is known now, or when the reason for parking is another."""
    item = Parked(stored(match_status="Unmatched"), RESPONSE.person)
    matched = Decision(MatchStatus.MATCHED, "email", contact_id="003A")
    assert plan_rematches([item], {item.stored.key: NOBODY}) == ()
    assert [change.decision for change in plan_rematches([item], {item.stored.key: matched})] == [matched]
    assert len(plan_rematches([item], {item.stored.key: Decision(MatchStatus.AMBIGUOUS, "2 found by email")})) == 1


def test_behind() -> None:
    """A parent is behind while the response's change is not older than its recalculation; one never recalculated always is."""
    never = Parent("Contact", "003A")
    before, same = Parent("Lead", "00QA", NOW - timedelta(seconds=1)), Parent("Account", "001A", NOW)
    after = Parent("Account", "001B", NOW + timedelta(seconds=1))
    assert stored(changed_at=NOW, parents=(never, before, same, after)).behind == (never, before, same)


def test_stored_from__whom_nobody_flags() -> None:
    """A converted Lead is no parent to recalculate, and neither is the Contact of a person account whose flag stands since it was asked."""
    row = {
        "Id": "a00A", "Response_Key__c": "file:1", "Revision__c": 2.0, "Roll_Up_Changed_At__c": "2026-03-04T12:00:00.000+0000",
        "Contact__c": "003A", "Contact__r": {"IsPersonAccount": True, "NPS_Recalculate__c": True},
        "Lead__c": "00QA", "Lead__r": {"IsConverted": True},
        "Account__c": "001A", "Account__r": {"NPS_Recalculated_At__c": None, "NPS_Response_Count__c": 12.0},
    }  # fmt: skip
    found = stored_from(row)
    assert (found.revision, found.changed_at, found.parents) == (2, NOW, (Parent("Account", "001A", None, 12),))
    row["Contact__r"] = {"IsPersonAccount": True, "NPS_Recalculate__c": False}
    assert stored_from(row).parents[0] == Parent("Contact", "003A", is_person_account=True)


@pytest.mark.parametrize("text", ["2026-03-04T12:00:00.000+0000", "2026-03-04T12:00:00.000Z", "2026-03-04T12:00:00Z"])
def test_moment(text: str) -> None:
    """REST writes zones without a colon."""
    assert moment(text) == NOW
    assert moment(None) is None


OVERLAP, REREAD = timedelta(days=2), timedelta(days=30)


def test_plan_reading__first_run() -> None:
    """Without a bookmark everything is read."""
    reading = plan_reading(Bookmark(), now=NOW, earliest=None, overlap=OVERLAP, reread=REREAD)
    assert reading.windows == (Window(),)


def test_plan_reading__overlap_and_slice() -> None:
    """A daily run reads the overlap and a thirtieth of what is older, one day more on each side."""
    bookmark = Bookmark(NOW - timedelta(days=1))
    earliest = NOW - timedelta(days=303)
    reading = plan_reading(bookmark, now=NOW, earliest=earliest, overlap=OVERLAP, reread=REREAD)
    recent, older = reading.windows
    assert recent == Window(NOW - timedelta(days=3), None, checks_removals=True)
    assert reading.reread_position == earliest + timedelta(days=10)
    assert (older.since, older.until) == (earliest - timedelta(days=1), earliest + timedelta(days=11))


def test_plan_reading__nothing_older() -> None:
    """While all responses lie in the overlap there is no older slice."""
    reading = plan_reading(Bookmark(NOW), now=NOW, earliest=NOW - timedelta(days=1), overlap=OVERLAP, reread=REREAD)
    assert len(reading.windows) == 1


@given(
    st.lists(st.floats(min_value=0.01, max_value=40), min_size=1, max_size=60),
    st.integers(min_value=3, max_value=2000),
    st.floats(min_value=0, max_value=1),
)
def test_plan_reading__everything_is_reread_in_time(pauses: list[float], age: int, where: float) -> None:
    """Whatever the pauses between runs: an older response is read again at least once in any 30 days and one pause."""
    earliest = NOW - timedelta(days=age)
    one = earliest + (NOW - OVERLAP - earliest) * where
    bookmark, now, last_read = Bookmark(NOW), NOW, NOW
    for pause in pauses:
        now += timedelta(days=pause)
        reading = plan_reading(bookmark, now=now, earliest=earliest, overlap=OVERLAP, reread=REREAD)
        windows = [(window.since, window.until or now) for window in reading.windows]
        if any(since is not None and since <= one <= until for since, until in windows):
            last_read = now
        # While the past grows by the days of these runs, a round takes a little longer.
        assert now - last_read <= (REREAD + timedelta(days=pause)) * (1 + (now - NOW) / (NOW - earliest)) + OVERLAP
        bookmark = Bookmark(now, reading.reread_position)


def test_chunks__limits_of_a_transaction() -> None:
    """At most 200 parents of one object and 2,000 responses in a chunk; one with more has its own."""
    parents = [Parent("Contact", f"003{number:04}") for number in range(250)]
    parents += [
        Parent("Account", "001A", responses=5000),
        Parent("Account", "001B", responses=1500),
        Parent("Account", "001C", responses=600),
    ]
    assert [len(chunk) for chunk in _chunks(parents)] == [1, 1, 1, 200, 50]
