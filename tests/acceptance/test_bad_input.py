"""Wrong input: a message that says where and what to do next, the right exit code, nothing lost, nothing half-written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.conftest import ROOT, Place
from tooling.local_org.engine.org import ADMIN_TOKEN

_CSV_SPEC = """version: 1
sources:
  files:
    - path: "*.csv"
      name: web_form
      columns: {id: id, score: score, verbatim: comment, email: email, responded_at: date, outcome: outcome}
match:
  people:
    - {by: email, fields: [Email]}
follow_up: {default_user: admin@local.example}
"""
_HEADER = "id,score,comment,email,date,outcome\n"


def _nothing_written(place: Place) -> bool:
    return not place.query("SELECT Id FROM Survey_Response__c") and not place.query("SELECT Id FROM NPS_Sync_Run__c")


def test_spec__broken(place: Place) -> None:
    """All findings at once, each with line and column; nothing is written."""
    place.use_spec("version: 1\nsources:\n  promoter_oi: {}\nroutes: []\nfollow_up:\n  detractor: {due: soon}\n")

    ran = place.nps("sync")

    assert ran.code == 2
    assert "nps.yml:3:3:" in ran.err
    assert "promoter_io" in ran.err
    assert "nps.yml:4:1: routes" in ran.err or "routes" not in ran.err
    assert "nps.yml:6:" in ran.err
    assert _nothing_written(place)


def test_csv__rows_that_are_no_response(place: Place) -> None:
    """Scores are never guessed: each bad row is named with file and line, the good ones are written."""
    place.use_spec(_CSV_SPEC)
    bad = ("ten", "11", "9.5", "-1", "8/10", "")
    rows = [f"r{number},{score},,anna@example.com,2026-03-01,\n" for number, score in enumerate(bad)]
    rows += [
        "r90,7,,anna@example.com,03/04/2026,\n",
        "r91,9,fine,anna@example.com,2026-03-01,\n",
        "r92,,,anna@example.com,2026-03-01,dismissed\n",
    ]
    (place.folder / "answers.csv").write_text(_HEADER + "".join(rows), "utf-8")

    ran = place.nps("sync")

    assert ran.code == 0, ran.err
    for line, score in enumerate(bad, 2):
        assert f"answers.csv:{line}:" in ran.out, ran.out
        assert score in ran.out
    assert "answers.csv:8:" in ran.out
    assert "03/04/2026" in ran.out
    assert [row["Source_Response_Id__c"] for row in place.query("SELECT Source_Response_Id__c FROM Survey_Response__c ORDER BY Name")] == [
        "r91",
        "r92",
    ]


def test_csv__strict_counts_skipped_rows(place: Place) -> None:
    place.use_spec(_CSV_SPEC)
    (place.folder / "answers.csv").write_text(_HEADER + "r1,eleven,,anna@example.com,2026-03-01,\n", "utf-8")

    assert place.nps("sync", "--strict").code == 1


def test_csv__a_column_is_missing(place: Place) -> None:
    place.use_spec(_CSV_SPEC)
    (place.folder / "answers.csv").write_text("id,nps\nr1,9\n", "utf-8")

    ran = place.nps("sync")

    assert ran.code == 2
    assert "answers.csv" in ran.err
    assert "score" in ran.err
    assert _nothing_written(place)


def test_feed__html(place: Place) -> None:
    """A log-in page instead of the API: said so, exit 2, no record of a response."""
    ran = place.nps("sync", PROMOTER_IO_BASE_URL=place.variables["SF_INSTANCE_URL"].replace("https", "http") + "/")

    assert ran.code == 2
    assert "did not answer with the API's JSON" in ran.err or "does not exist" in ran.err
    assert place.query("SELECT Id FROM Survey_Response__c") == []


@pytest.mark.parametrize("status", [401, 403])
def test_feed__expired_key(place: Place, status: int) -> None:
    place.promoter.key = "another"

    ran = place.nps("sync")

    assert ran.code == 2
    assert "the key was refused" in ran.err
    assert "PROMOTER_IO_API_KEY" in ran.err
    assert "local-promoter-key" not in ran.err + ran.out
    assert place.query("SELECT Id FROM Survey_Response__c") == []


def test_feed__no_key(place: Place) -> None:
    ran = place.nps("sync", PROMOTER_IO_API_KEY="")

    assert ran.code == 2
    assert "PROMOTER_IO_API_KEY" in ran.err


def test_org__none_named(place: Place) -> None:
    """Nothing writes to an org nobody named."""
    ran = place.nps("sync", SF_INSTANCE_URL="", SF_ACCESS_TOKEN="")

    assert ran.code == 2
    assert "--org NAME" in ran.err
    assert "SF_INSTANCE_URL" in ran.err
    assert _nothing_written(place)


def test_org__expired_session(place: Place) -> None:
    ran = place.nps("sync", SF_ACCESS_TOKEN="00D000000000001!EXPIRED")

    assert ran.code == 2
    assert "session" in ran.err.lower()


def test_org__not_reachable(place: Place) -> None:
    ran = place.nps("sync", SF_INSTANCE_URL="https://localhost:9")

    assert ran.code == 3
    assert "localhost:9" in ran.err


def test_org__without_our_metadata(place: Place) -> None:
    """Named before the run, with the command that mends it."""
    place.org.restore("fresh")

    ran = place.nps("sync")

    assert ran.code == 2
    assert "Survey_Response__c" in ran.err


def test_org__a_user_without_permissions(place: Place) -> None:
    """What is missing is named, with the permission set to assign."""
    (profile,) = place.query("SELECT Id FROM Profile WHERE Name = 'Standard User'")
    (user,) = place.insert(
        "User",
        {
            "Username": "bridge@local.example", "LastName": "Bridge", "Email": "bridge@local.example", "Alias": "bridge",
            "ProfileId": profile["Id"], "IsActive": True, "TimeZoneSidKey": "GMT", "LocaleSidKey": "en_US", "EmailEncodingKey": "UTF-8",
            "LanguageLocaleKey": "en_US",
        },
    )  # fmt: skip
    token = place.org.issue_token(user)

    ran = place.nps("sync", SF_ACCESS_TOKEN=token)

    assert token != ADMIN_TOKEN
    assert ran.code == 2
    assert "NPS_Bridge" in ran.err
    assert _nothing_written(place)


def test_generate__drift(place: Place) -> None:
    """A file changed by hand is shown, and the check fails."""
    path = place.folder / "force-app/main/default/flows/NPS_Follow_Up.flow-meta.xml"
    path.write_text(path.read_text("utf-8").replace("Not Started", "Open"), "utf-8")

    ran = place.nps("generate", "--check")

    assert ran.code == 1
    assert "-" in ran.out
    assert "NPS_Follow_Up.flow-meta.xml" in ran.out
    assert "nps generate" in ran.err


def test_spec__missing(tmp_path: Path, place: Place) -> None:
    ran = place.nps("check", "--spec", "nowhere.yml")

    assert ran.code == 2
    assert "nowhere.yml" in ran.err
    assert (ROOT / "nps.yml").exists()
