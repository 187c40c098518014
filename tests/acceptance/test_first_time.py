"""The first hour of somebody who has never seen the product, as a user who may do no more than needed: from `nps init` to `nps status`."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from tests.acceptance.conftest import STORY_BEGINS, Place, Ran
from tooling.local_org.engine.org import ADMIN_TOKEN, DeployOptions, Org
from tooling.local_promoter.app import Double
from tooling.local_promoter.feed import Feed

SPACE = 'xmlns="http://soap.sforce.com/2006/04/metadata"'
STANDARD = ("Account", "Contact", "Lead", "Opportunity", "Case")
ROUTE = """
routes:
  - name: site
    object: Account
    when: {category: detractor}
    lookup: {field: Id, from: account}
    fields: {Site: key}
"""


def make_private(org: Org) -> None:
    """Nobody sees records that are not their own."""
    files = {
        f"objects/{name}.object": f"<CustomObject {SPACE}><sharingModel>Private</sharingModel></CustomObject>".encode() for name in STANDARD
    }
    members = "".join(f"<types><members>{name}</members><name>CustomObject</name></types>" for name in STANDARD)
    files["package.xml"] = f"<Package {SPACE}>{members}<version>66.0</version></Package>".encode()
    result = org.deploy(org.user_of_token(ADMIN_TOKEN), files, DeployOptions())
    assert result.success, [failure.problem for failure in result.failures]


@pytest.fixture
def place(served: tuple[Org, Double, dict[str, str]], tmp_path: Path) -> Place:
    """An org without our metadata in which everything is Private, an empty folder, and a user whose profile allows next to nothing."""
    org, promoter, variables = served
    org.restore("fresh")
    org.set_now(STORY_BEGINS)
    promoter.feed, promoter.key = Feed(STORY_BEGINS), "local-promoter-key"
    make_private(org)
    found = Place(tmp_path, org, promoter, {**variables, "HOME": str(tmp_path), "COLUMNS": "80"})
    (profile,) = found.query("SELECT Id FROM Profile WHERE Name = 'Minimum Access - Salesforce'")
    (user,) = found.insert(
        "User",
        {"LastName": "Bridge", "Username": "bridge@acme.example", "Email": "bridge@acme.example", "Alias": "bridge",
         "ProfileId": profile["Id"], "IsActive": True, "TimeZoneSidKey": "Europe/Zurich", "LocaleSidKey": "en_US",
         "EmailEncodingKey": "UTF-8", "LanguageLocaleKey": "en_US"},
    )  # fmt: skip
    found.variables["SF_ACCESS_TOKEN"] = org.issue_token(user)
    return found


def grant(place: Place) -> None:
    (user,) = place.query("SELECT Id FROM User WHERE Username = 'bridge@acme.example'")
    (granted,) = place.query("SELECT Id FROM PermissionSet WHERE Name = 'NPS_Bridge'")
    place.insert("PermissionSetAssignment", {"PermissionSetId": granted["Id"], "AssigneeId": user["Id"]})


def answers(place: Place) -> dict[str, str]:
    """Eight answers: six of people at Acme, one of an address that two Contacts share, one of nobody."""
    (acme,) = place.insert("Account", {"Name": "Acme"})
    people = place.insert(
        "Contact",
        *({"LastName": f"P{number}", "Email": f"p{number}@example.com", "AccountId": acme} for number in range(6)),
        *({"LastName": name, "Email": "twin@example.com", "AccountId": acme} for name in ("Twin", "Twin Two")),
    )
    place.feed(id=1, score=9, contact={"email": "twin@example.com", "first_name": "T."})
    place.feed(id=2, score=8, contact={"email": "nobody@example.com"})
    for number in range(6):
        place.feed(id=number + 3, score=number * 2, comment="Slow.", contact={"email": f"p{number}@example.com"})
    return {"acme": acme, "first": people[0], "twin": people[6], "second": people[7]}


def readable(ran: Ran) -> None:
    """Every line says one thing: what is longer than a terminal's line is one item with its reason, and nothing is cut."""
    assert "…" not in ran.out.replace("SR-…", "")
    assert all(len(line) <= 160 for line in ran.out.splitlines()), ran.out


def test_first_time(place: Place) -> None:
    """Every command says what it did and which one comes next; whoever follows that ends with a synced org, without follow-ups."""
    started = place.nps("init")
    assert started.code == 0
    for step in ("nps check", "nps generate", "SF_INSTANCE_URL", "NPS Bridge", "PROMOTER_IO_API_KEY", "nps sync --dry-run"):
        assert step in started.out, step
    place.use_spec((place.folder / "nps.yml").read_text("utf-8") + ROUTE)
    assert place.nps("check").code == 0
    assert "Next: deploy" in place.nps("generate").err

    too_early = place.nps("sync", "--dry-run")
    assert too_early.code == 2
    assert "Survey_Response__c does not exist" in too_early.err and "Deploy the metadata" in too_early.err
    assert "Writing" not in too_early.out
    place.deploy(place.folder / "force-app")
    assert "permission set NPS_Bridge" in place.nps("sync", "--dry-run").err
    grant(place)
    ids = answers(place)

    assert "Next: nps sync --dry-run" in place.nps("status").out
    assert "Next: nps sync --dry-run" in place.nps("review").out

    dry = place.nps("sync", "--dry-run")
    readable(dry)
    for text in (
        "8 would be created",
        "6  Matched: email",
        "1  Ambiguous: 2 found by email",
        "1  Unmatched: nobody found by email",
        f"create     promoter_io:3  score 0, Matched: Contact {ids['first']} (email)",
        f"Contact {ids['twin']} (Twin); Contact {ids['second']} (Twin Two)",
        "because this is the first sync of promoter_io: 4 follow-up Tasks would not be started",
        "routes: 1 records would be updated",
        f"site: Account {ids['acme']}: Site",
        "the sync itself would make about",
        "the spec grants 7,500 of the org's 15,000 a day",
        "Nothing was written. Next: nps sync --limit 5",
    ):
        assert text in dry.out, text
    assert place.query("SELECT Id FROM Survey_Response__c") + place.query("SELECT Id FROM NPS_Sync_Run__c") == []

    tried = place.nps("sync", "--limit", "5")
    assert tried.code == 0
    assert "5 created" in tried.out and "This was a try of 5 responses; the bookmark stays" in tried.out
    shown = re.search(r"nps explain (promoter_io:\d+)", tried.out)
    assert shown and "Next" in tried.out and "`nps sync` for all of them" in tried.out
    assert "quiet: a first sync" in place.nps("explain", shown[1]).out
    assert "promoter_io: not complete yet. Next: nps sync" in place.nps("status").out

    expected = int(re.findall(r"would make about (\d+) API calls", dry.out)[0])
    synced = place.nps("sync")
    assert synced.code == 0
    assert "3 created" in synced.out and "5 unchanged" in synced.out and "2 parked" in synced.out
    assert "because this is the first sync of promoter_io" in synced.out
    assert "Next: nps review" in synced.out
    assert abs(int(re.findall(r"(\d+) API calls", synced.out)[0]) - expected) <= 3
    place.org.run_async()
    assert place.query("SELECT Id FROM Task WHERE NPS_Kind__c = 'Follow-up'") == []
    assert str(place.query("SELECT Site FROM Account")[0]["Site"]).startswith("promoter_io:")

    listed = place.nps("review")
    readable(listed)
    command = next(line for line in listed.out.splitlines() if ids["second"] in line).partition(": nps ")[2].split()
    assert command[0] == "resolve" and command[2:] == ["--contact", ids["second"]]
    resolved = place.nps(*command)
    assert resolved.code == 0
    assert f"belongs to Contact {ids['second']}, Account {ids['acme']} (Twin Two)" in resolved.out
    assert "2 records are recalculated" in resolved.out and "no follow-up is started" in resolved.out
    assert place.query(f"SELECT NPS_Score__c FROM Contact WHERE Id = '{ids['second']}'") == [{"NPS_Score__c": 9.0}]
    unknown = next(line for line in place.nps("review").out.splitlines() if "--contact EMAIL" in line)
    assert "the next sync matches it" in unknown
    place.insert("Contact", {"LastName": "Nobody", "Email": "nobody@example.com", "AccountId": ids["acme"]})
    last = place.nps("sync")
    assert "1 matched again" in last.out and "parked" not in last.out
    assert "nothing waits" in place.nps("review").out
    status = place.nps("status")
    readable(status)
    assert "promoter_io: fine, last looked 2026-03-02 17:" in status.out
    assert "everything answered until 2026-03-02 17:" in status.out and "parked: 0 ambiguous, 0 unmatched" in status.out


def test_status__at_three_in_the_morning(place: Place) -> None:
    """Exit code 3 says what could not be reached and that running again is safe; the status says since when, and what is in the org."""
    assert place.nps("init").code == place.nps("generate").code == 0
    place.deploy(place.folder / "force-app")
    grant(place)
    answers(place)
    assert place.nps("sync").code == 0
    place.org.advance(timedelta(hours=3))
    gone = "http://127.0.0.1:1"
    failed = [place.nps("sync", PROMOTER_IO_BASE_URL=gone)]
    place.org.advance(timedelta(hours=5))
    failed.append(place.nps("sync", PROMOTER_IO_BASE_URL=gone))
    assert [ran.code for ran in failed] == [3, 3]
    assert all("127.0.0.1:1" in ran.err and "running again is safe" in ran.err for ran in failed)

    told = place.nps("status")

    assert told.code == 0
    readable(told)
    assert re.search(r"promoter_io: FAILING since 2026-03-02 20:\d\d UTC \(5 h ago\), 2 runs in a row", told.out), told.out
    for text in ("no answer from 127.0.0.1:1", "the last complete run was 2026-03-02 17:", "Safe to run again", "is in the org"):
        assert text in told.out, text
    known = json.loads(place.nps("status", "--json").out)
    assert known["needs_attention"] and known["sources"]["promoter_io"]["failures"] == 2
    assert place.nps("sync").code == 0
    assert "promoter_io: fine" in place.nps("status").out
    refused = place.nps("status", SF_INSTANCE_URL="https://localhost:1")
    assert refused.code == 3 and "localhost:1" in refused.err and "running again is safe" in refused.err
