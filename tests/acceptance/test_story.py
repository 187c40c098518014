"""The main job, told by what a user does and sees."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.acceptance.conftest import Place


def _person(place: Place, **values: Any) -> str:
    (account,) = place.insert("Account", {"Name": "Acme"})
    (contact,) = place.insert("Contact", {"LastName": "Anna", "Email": "anna@example.com", "AccountId": account, **values})
    return contact


def test_story__a_detractor_answers(place: Place) -> None:
    """One response becomes a record, a value on the Contact and a Task; `nps explain` says why."""
    contact = _person(place)
    place.feed(id=1, score=3, comment="Slow.", contact={"email": "ANNA@example.com", "first_name": "Anna"})

    ran = place.nps("sync", "--with-follow-ups", "--json")
    place.org.run_async()

    assert ran.code == 0, ran.err
    assert (ran.json["created"], ran.json["parked"]) == (1, 0)
    assert "Writing to org 00D000000000001EAA at localhost" in ran.err
    assert place.query(f"SELECT NPS_Score__c, NPS_Category__c FROM Contact WHERE Id = '{contact}'") == [
        {"NPS_Score__c": 3.0, "NPS_Category__c": "Detractor"}
    ]
    (task,) = place.query("SELECT Id, Priority, Status, WhoId, Description FROM Task WHERE NPS_Kind__c = 'Follow-up'")
    assert (task["Priority"], task["Status"], task["WhoId"]) == ("High", "Not Started", contact)
    assert "Slow." in task["Description"]
    explained = place.nps("explain", task["Id"])
    assert explained.code == 0
    assert "Matched: email → Contact Anna, Account Acme" in explained.out


def test_story__a_first_sync_is_quiet(place: Place) -> None:
    """Without being asked to, the first sync starts no Task, and says how many it held back."""
    _person(place)
    place.feed(id=1, score=3, comment="Slow.", contact={"email": "anna@example.com"})

    ran = place.nps("sync")
    place.org.run_async()

    assert ran.code == 0
    assert "1 follow-up Task" in ran.out and "not started" in ran.out
    assert place.query("SELECT Id FROM Task WHERE NPS_Kind__c = 'Follow-up'") == []


def test_story__the_same_comment_three_times(place: Place) -> None:
    """Trailing spaces and CRLF are no edit: three syncs leave one record and no revision."""
    _person(place)
    place.feed(id=1, score=9, comment="Two lines\r\nand spaces  \r\n", contact={"email": "anna@example.com"})

    reports = [place.nps("sync", "--json").json for _ in range(3)]

    assert [report["created"] for report in reports] == [1, 0, 0]
    assert [report["unchanged"] for report in reports] == [0, 1, 1]
    assert place.query("SELECT Revision__c, Verbatim__c FROM Survey_Response__c") == [
        {"Revision__c": 1.0, "Verbatim__c": "Two lines\nand spaces"}
    ]
    assert place.query("SELECT Id FROM Survey_Response_Revision__c") == []


def test_story__another_machine_goes_on(place: Place, tmp_path_factory: Any) -> None:
    """A second machine with a new home reads from the bookmark minus the overlap: nothing is kept outside the org."""
    _person(place)
    place.feed(id=1, score=9, contact={"email": "anna@example.com"})
    assert place.nps("sync").code == 0
    place.org.advance(timedelta(days=5))
    place.feed(id=2, score=8, contact={"email": "anna@example.com"})
    place.promoter.log.clear()
    second: Path = tmp_path_factory.mktemp("second-machine")
    shutil.copy(place.folder / "nps.yml", second)
    other = Place(second, place.org, place.promoter, {**place.variables, "HOME": str(second)})

    ran = other.nps("sync", "--json")

    assert (ran.code, ran.json["created"]) == (0, 1)
    # The bookmark is 2 March, 17:00 UTC; the overlap 2 days; a day more on either side because the filter's time zone is unknown.
    assert any("posted_date_0=2026-02-27" in line for line in place.promoter.log), place.promoter.log


def test_story__an_edit_becomes_a_revision(place: Place) -> None:
    """What the answer said before is a child record; the Task is the same one and tells of the change."""
    _person(place)
    place.feed(id=1, score=3, comment="Slow.", contact={"email": "anna@example.com"})
    place.nps("sync", "--with-follow-ups")
    place.org.run_async()
    place.promoter.feed.play([{"event": "edit", "id": 1, "score": 9, "comment": "Fixed within a day!"}], place.promoter.now())

    ran = place.nps("sync", "--json")
    place.org.run_async()

    assert (ran.code, ran.json["revised"]) == (0, 1)
    assert place.query("SELECT Score__c, Revision__c FROM Survey_Response__c") == [{"Score__c": 9.0, "Revision__c": 2.0}]
    assert place.query("SELECT Score__c, Verbatim__c FROM Survey_Response_Revision__c") == [{"Score__c": 3.0, "Verbatim__c": "Slow."}]
    (task,) = place.query("SELECT Description FROM Task WHERE NPS_Kind__c = 'Follow-up'")
    assert "Improved since: 9 of 10 now." in task["Description"]


def test_story__the_spec_decides(place: Place) -> None:
    """A weight, a label and a due time: one edit of nps.yml changes force-app/ and what the org does."""
    text = (place.folder / "nps.yml").read_text("utf-8")
    changed = text.replace("nps_average: {weight: 35}", "nps_average: {weight: 70}").replace("due: 24h", "due: 4h")
    place.use_spec(changed + "\nlabels:\n  Survey_Response__c.Score__c: Rating\n")
    contact = _person(place)
    place.update("Account", {"Id": place.query("SELECT Id FROM Account")[0]["Id"], "Usage_Score__c": 100})

    ran = place.nps("generate")
    place.deploy(place.folder / "force-app")
    place.feed(id=1, score=3, contact={"email": "anna@example.com"})
    place.nps("sync", "--with-follow-ups")
    place.org.run_async()

    assert ran.code == 0
    written = set(ran.out.split())
    assert {
        "main/default/objects/Survey_Response__c/fields/Score__c.field-meta.xml",
        "main/default/objects/Account/fields/NPS_Health_Score__c.field-meta.xml",
        "main/default/flows/NPS_Follow_Up.flow-meta.xml",
    } <= written
    described = {field["name"]: field["label"] for field in place.org.describe(None, "Survey_Response__c")["fields"]}
    assert described["Score__c"] == "Rating"
    (response,) = place.query("SELECT CreatedDate, Follow_Up_Due_At__c FROM Survey_Response__c")
    assert response["Follow_Up_Due_At__c"][:13] == "2026-03-02T21"
    # 70 x 30 (average 3) + 20 x 100 (no escalation) + 15 x 100 (recent) + 15 x 100 (usage), of a weight of 120.
    assert place.query("SELECT NPS_Health_Score__c FROM Account") == [{"NPS_Health_Score__c": 59.0}]
    assert contact


def test_story__the_switch(place: Place) -> None:
    """With automation off the response is saved and marked; with it on again, Retry starts it once."""
    _person(place)
    place.insert("NPS_Settings__c", {"SetupOwnerId": place.org.id, "Automation_Off__c": True})
    place.feed(id=1, score=3, contact={"email": "anna@example.com"})
    place.nps("sync", "--with-follow-ups")
    place.org.run_async()
    (response,) = place.query("SELECT Id, Automation_Status__c FROM Survey_Response__c")
    tasks_while_off = place.query("SELECT Id FROM Task WHERE NPS_Kind__c = 'Follow-up'")

    (setting,) = place.query("SELECT Id FROM NPS_Settings__c")
    place.org.delete(place.admin, [setting["Id"]])
    place.update("Survey_Response__c", {"Id": response["Id"], "Automation_Retry__c": True})
    place.org.run_async()

    assert (response["Automation_Status__c"], tasks_while_off) == ("Suppressed", [])
    assert place.query("SELECT Automation_Status__c, Automation_Retry__c FROM Survey_Response__c") == [
        {"Automation_Status__c": "Done", "Automation_Retry__c": False}
    ]
    assert len(place.query("SELECT Id FROM Task WHERE NPS_Kind__c = 'Follow-up'")) == 1
