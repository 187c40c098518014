"""The façade itself: persistence, snapshots, reset, tokens, settings, access of other users, conversion and merge."""

from __future__ import annotations

import gc
import threading
import weakref
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from tooling.local_org.engine.org import ADMIN_TOKEN, LeadConvert, Org
from tooling.local_org.errors import InvalidSession, NotFound, OrgError

from .conftest import Story
from .metadata import create, flow, text, update_record
from .test_automation import DAILY

NIGHTLY = flow("Nightly", create("First", "Account", {"Name": text("Night")}), trigger="Scheduled", schedule=DAILY, sobject=None)


def test_open__fresh_org() -> None:
    """A fresh org has its organization, the administrator and the published token."""
    with Org.open() as org:
        admin = org.user_of_token(ADMIN_TOKEN)
        assert (admin.id, admin.profile) == ("005000000000001AAA", "System Administrator")
        assert org.query(admin, "SELECT Id FROM Organization").records[0]["Id"] == org.id


def test_close__twice() -> None:
    """Closing a closed org is no error."""
    org = Org.open()
    org.close()
    org.close()


def test_tokens__issued_and_unknown(story: Story) -> None:
    """An issued token stands for its user until that user is inactive; any other is refused."""
    other = story.user("Standard User")
    token = story.org.issue_token(other.id)
    assert story.org.user_of_token(token).username == "other@local.example"
    with pytest.raises(InvalidSession):
        story.org.user_of_token("nonsense")
    story.changed("User", other.id, IsActive=False)
    with pytest.raises(InvalidSession):
        story.org.user_of_token(token)


def test_persistence__records_and_clock(story: Story) -> None:
    """Records, metadata and the clock are there after closing and opening again."""
    story.saved("Response__c", Key__c="kept")
    folder: Path = story.org._runtime.store.path.parent
    now = story.org.now()
    story.org.close()
    with Org.open(folder) as org:
        again = Story(org)
        assert again.value("SELECT Key__c FROM Response__c") == "kept"
        assert 0 <= (org.now() - now).total_seconds() < 60


def test_snapshot__and_restore(story: Story) -> None:
    """Restoring brings records, metadata and queue back to the moment of the snapshot."""
    story.saved("Response__c", Key__c="before")
    story.org.snapshot("one")
    story.deploy_flows(Touch=flow("Touch", update_record("First", "Note__c", text("x"))))
    story.saved("Response__c", Key__c="after")
    story.org.restore("one")
    assert story.values("SELECT Key__c FROM Response__c") == ["before"]
    assert "Touch" not in story.org.metadata.flows
    with pytest.raises(NotFound):
        story.org.restore("two")


def test_restore__lets_the_former_metadata_go(story: Story) -> None:
    """An org that is restored again and again needs no more memory for it, although SQLite computed formula fields meanwhile."""
    story.org.snapshot("start")
    former = weakref.ref(story.org.metadata)
    story.rows("SELECT Id FROM Response__c WHERE Double__c > 3")
    story.org.restore("start")
    gc.collect()
    assert former() is None


def test_restore__clock_and_settings(story: Story) -> None:
    """The clock goes back to the moment of the snapshot, also over a restart, and the settings are those of then."""
    then = story.org.now()
    story.org.snapshot("then")
    story.org.advance(timedelta(days=30))
    story.org.settings = replace(story.org.settings, sandbox=True)
    assert story.value("SELECT IsSandbox FROM Organization") is True
    folder: Path = story.org._runtime.store.path.parent
    story.org.restore("then")
    assert timedelta(0) <= story.org.now() - then < timedelta(minutes=1)
    assert not story.org.settings.sandbox
    assert story.value("SELECT IsSandbox FROM Organization") is False
    story.org.close()
    with Org.open(folder) as org:
        assert timedelta(0) <= org.now() - then < timedelta(minutes=1)


def test_restore__clock_kept(story: Story) -> None:
    """Asked to, the clock stays: what was to run in the meantime is overdue, and runs once."""
    story.deploy_flows(Nightly=NIGHTLY)
    story.org.snapshot("then")
    story.org.advance(timedelta(days=30))
    now = story.org.now()
    story.org.restore("then", keep_clock=True)
    assert timedelta(0) <= story.org.now() - now < timedelta(minutes=1)
    story.org.run_async()
    assert len(story.values("SELECT Id FROM Account")) == 1


def test_restore__schedules_run_at_their_moments(story: Story) -> None:
    """Far in the future before: in the restored org nothing runs before its time."""
    story.deploy_flows(Nightly=NIGHTLY)
    story.org.snapshot("then")
    story.org.advance(timedelta(days=30))
    story.org.restore("then")
    story.org.run_async()
    assert story.values("SELECT Id FROM Account") == []
    story.org.advance(timedelta(days=1))
    assert len(story.values("SELECT Id FROM Account")) == 1


def test_reset__deployed_and_empty(story: Story) -> None:
    """`deployed` keeps metadata and permissions, `empty` keeps nothing."""
    story.saved("Response__c", Key__c="1")
    story.org.reset("deployed")
    assert story.values("SELECT Key__c FROM Response__c") == []
    story.saved("Response__c", Key__c="2")
    story.org.reset("empty")
    assert story.org.metadata.schema.get("Response__c") is None
    assert story.values("SELECT Username FROM User WHERE Username = 'admin@local.example'") == ["admin@local.example"]


def test_settings__unknown_and_wrong(story: Story) -> None:
    """A setting that does not exist, or a value it does not take, is refused by name."""
    with pytest.raises(OrgError, match="Unknown setting 'nope'"):
        story.set(nope=True)
    with pytest.raises(OrgError, match="'async' takes one of: immediate, on request"):
        story.set(**{"async": "sometimes"})


def test_access__without_permission_set(story: Story) -> None:
    """A user without the permission set sees neither the object nor its fields; with it, at once."""
    other = story.user("Standard User")
    assert story.refusal(story.response(Key__c="1"), other) == ("NOT_FOUND", "The requested resource does not exist")
    story.assign(other, "All_Access")
    assert story.org.insert(other, [story.response(Key__c="1")])[0].success


def test_access__assignment_twice(story: Story) -> None:
    """A permission set is assigned to a user once."""
    set_id = story.value("SELECT Id FROM PermissionSet WHERE Name = 'All_Access'")
    again = story.record("PermissionSetAssignment", AssigneeId=story.admin.id, PermissionSetId=set_id)
    assert story.refusal(again)[0] == "DUPLICATE_VALUE"


def test_convert_lead__makes_and_moves(story: Story) -> None:
    """A converted lead becomes account, contact and opportunity; its task follows, the lead is read-only from then on."""
    lead = story.saved("Lead", FirstName="Ada", LastName="Lovelace", Company="Engines", Email="ada@engines.example")
    task = story.saved("Task", Subject="Call", WhoId=lead)
    response = story.saved("Response__c", Key__c="1")
    converted = story.org.convert_lead(story.admin, LeadConvert(lead, "Closed - Converted"))
    assert story.rows(f"SELECT Name, Email, Account.Name FROM Contact WHERE Id = '{converted.contact_id}'")[0]["Name"] == "Ada Lovelace"
    assert story.value("SELECT Name FROM Opportunity") == "Engines"
    assert story.rows("SELECT Id, WhoId, WhatId FROM Task") == [{"Id": task, "WhoId": converted.contact_id, "WhatId": converted.account_id}]
    assert story.value("SELECT IsConverted FROM Lead") is True
    (result,) = story.org.update(story.admin, [story.record("Lead", Id=lead, Title="x")])
    assert result.errors[0].code == "CANNOT_UPDATE_CONVERTED_LEAD"
    assert response


def test_convert_lead__refused_as_a_whole(story: Story) -> None:
    """A status that is not a converted one leaves everything as it was."""
    lead = story.saved("Lead", LastName="Lovelace", Company="Engines")
    with pytest.raises(OrgError, match="invalid convertedStatus"):
        story.org.convert_lead(story.admin, LeadConvert(lead, "Open - Not Contacted"))
    assert story.values("SELECT Id FROM Account") == []


def test_merge__children_move_without_flows(story: Story) -> None:
    """Children follow to the master, no flow runs for them; the others are deleted and name their master."""
    story.deploy_flows(Touch=flow("Touch", update_record("First", "Note__c", text("flow ran")), on="Update"))
    master, loser = story.all_saved([story.record("Contact", LastName="A"), story.record("Contact", LastName="B", Email="b@c.example")])
    response = story.saved("Response__c", Key__c="1", Contact__c=loser)
    result = story.org.merge(story.admin, "Contact", {"Id": master, "Email": "b@c.example"}, [loser])
    assert (result.merged_record_ids, result.updated_related_ids) == ((loser,), (response,))
    assert story.rows("SELECT Contact__c, Note__c FROM Response__c") == [{"Contact__c": master, "Note__c": None}]
    assert story.rows("SELECT Id, Email FROM Contact") == [{"Id": master, "Email": "b@c.example"}]
    deleted = story.org.query(story.admin, f"SELECT MasterRecordId FROM Contact WHERE Id = '{loser}'", include_deleted=True).records
    assert deleted[0]["MasterRecordId"] == master


def test_threads__two_clients_at_once(story: Story) -> None:
    """Two clients that save at the same time wait for each other, and nobody's unit of work takes in the other's records."""
    failures: list[BaseException] = []

    def one(key: str) -> None:
        try:
            for number in range(5):
                with story.org.unit_of_work():
                    story.saved("Response__c", Key__c=f"{key}{number}")
                    if number == 4:
                        raise OrgError("undone")
        except OrgError:
            pass
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=one, args=(key,)) for key in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert sorted(story.values("SELECT Key__c FROM Response__c")) == [f"{key}{number}" for key in "ab" for number in range(4)]
