"""Review, resolve, retry and forget: what people decide, and what the org does then."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
import requests

from tests.bridge.test_sync import DyingOrg, Killed
from tests.bridge.world import ListSource, World, response
from tooling.bridge.forget import forget
from tooling.bridge.resolve import resolve
from tooling.bridge.retry import retry
from tooling.bridge.review import review
from tooling.errors import Unreachable, UsageError
from tooling.local_org.errors import OrgError
from tooling.nps.response import Person


def number_of(world: World, key: str) -> str:
    return str(world.query(f"SELECT Name FROM Survey_Response__c WHERE Response_Key__c = '{key}'")[0]["Name"])


def test_review(world: World, people: dict[str, str]) -> None:
    """Everything that waits is listed with its reason, its candidates and the command that decides it."""
    assert review(world.gateway).as_text() == "there is no response yet. Next: nps sync --dry-run"
    world.sync(ListSource([response(4, "anna@example.com")]))
    assert review(world.gateway).as_text() == "nothing waits: every response is matched and written"
    odd = replace(response(3, "anna@example.com", 3), source="unknown_tool")
    world.sync(ListSource([response(1, "twin@example.com", 3), response(2, "nobody@example.com"), odd]))
    found = review(world.gateway)
    assert {kind: count for kind, count in found.counts.items() if count} == {"ambiguous": 1, "unmatched": 1, "refused": 1}
    ambiguous, unmatched, refused = found.items
    assert len(ambiguous.candidates) == 2 and people["twin"] in "".join(ambiguous.candidates)
    assert "2 found by email" in ambiguous.reason and f"nps resolve {ambiguous.number} --contact" in ambiguous.next_step
    assert unmatched.reason == "nobody found by email"
    assert (refused.key, refused.number[:3]) == ("unknown_tool:3", "DL-")
    assert json.loads(json.dumps(found.as_json()))["total"] == 3
    for text in (ambiguous.number, "twin@example.com", "3 Detractor", "nps retry DL-"):
        assert text in found.as_text()
    assert len(review(world.gateway, limit=1).items) == 3


@pytest.mark.parametrize("by", ["id", "email"])
def test_resolve__contact(world: World, people: dict[str, str], by: str) -> None:
    """The response goes to the Contact, its Account follows, both are recalculated, and a sync leaves the decision alone."""
    world.sync(ListSource([response(1, "twin@example.com", 3)]))
    found = resolve(
        world.gateway, world.spec, number_of(world, "promoter_io:1"), contact=people["anna"] if by == "id" else "ANNA@example.com"
    )
    assert (found.contact_id, found.account_id, found.recalculated) == (people["anna"], people["acme"], 2)
    assert found.before.startswith("Ambiguous: 2 found by email")
    query = "SELECT Contact__c, Account__c, Match_Status__c, Match_Rule__c FROM Survey_Response__c"
    (row,) = world.query(query)
    assert (row["Contact__c"], row["Match_Status__c"]) == (people["anna"], "Resolved")
    assert row["Match_Rule__c"] == "resolved by admin@local.example: contact"
    assert [int(one["NPS_Score__c"]) for one in world.query(f"SELECT NPS_Score__c FROM Contact WHERE Id = '{people['anna']}'")] == [3]
    world.sync(ListSource([response(1, "twin@example.com", 3)]))
    assert world.query(query) == [row]


def test_resolve__moves_a_wrong_match(world: World, people: dict[str, str]) -> None:
    """A match that was wrong is corrected: the former Contact loses the answer, the new one has it."""
    world.sync(ListSource([response(1, "anna@example.com", 3)]))
    world.org.advance(timedelta(minutes=1))
    resolve(world.gateway, world.spec, "promoter_io:1", contact=people["bob"])
    rows = {row["Id"]: row["NPS_Score__c"] for row in world.query("SELECT Id, NPS_Score__c FROM Contact WHERE LastName IN ('Anna','Bob')")}
    assert (rows[people["anna"]], int(rows[people["bob"]])) == (None, 3)


def test_resolve__lead_and_account(world: World, people: dict[str, str]) -> None:
    """A Lead, an Account by id or by name; the Contact that a converted Lead became."""
    world.sync(ListSource([response(1, "x@example.com", 3)]))
    found = resolve(world.gateway, world.spec, "promoter_io:1", lead="lea@example.com", account="Other")
    assert (found.lead_id, found.account_id) == (people["lead"], people["other"])
    found = resolve(world.gateway, world.spec, "promoter_io:1", account=people["acme"])
    assert (found.lead_id, found.account_id) == (people["lead"], people["acme"])


def test_resolve__who_is_not_clear(world: World, people: dict[str, str]) -> None:
    """Nobody, several, or the wrong kind of record: refused with the ids to choose from, nothing written."""
    world.sync(ListSource([response(1, "twin@example.com", 3)]))
    name = number_of(world, "promoter_io:1")
    before = world.ledger()
    wrong: list[tuple[dict[str, str], str]] = [
        ({}, "whose response"),
        ({"contact": "twin@example.com"}, people["second"]),
        ({"contact": "no@example.com"}, "there is no Contact"),
        ({"contact": people["lead"]}, "is not the id of a Contact"),
        ({"contact": "Anna"}, "neither a record id nor an e-mail address"),
        ({"account": "Nobody Ltd"}, "there is no Account"),
        ({"contact": people["anna"], "lead": people["lead"]}, "whose response"),
    ]
    for given, text in wrong:
        with pytest.raises(UsageError, match=text):
            resolve(world.gateway, world.spec, name, **given)
    with pytest.raises(UsageError, match="SR-99999999"):
        resolve(world.gateway, world.spec, "SR-99999999", contact=people["anna"])
    assert world.ledger() == before


def test_retry(world: World, people: dict[str, str]) -> None:
    """A refused response is written from its letter, without the source; refused again it stays a letter and the exit code says so."""
    long_key = replace(response(1, "anna@example.com", 3), source="unknown_tool")
    world.sync(ListSource([long_key], name="unknown_tool"))
    again = retry(world.gateway, world.spec)
    assert (again.letters, again.sync.refused_count, again.exit_code) == (1, 1, 1)
    (letter,) = world.query("SELECT Id, Name, Attempts__c, Payload__c FROM NPS_Dead_Letter__c")
    assert letter["Attempts__c"] == 2
    payload = json.loads(letter["Payload__c"]) | {"source": "file"}
    world.update(
        "NPS_Dead_Letter__c", {"Id": letter["Id"], "Payload__c": json.dumps(payload), "Delivery_Key__c": "file:1", "Source__c": "file"}
    )
    done = retry(world.gateway, world.spec, [letter["Name"]])
    assert (done.sync.created, done.exit_code) == (1, 0)
    assert world.query("SELECT Status__c FROM NPS_Dead_Letter__c") == [{"Status__c": "Resolved"}]
    assert retry(world.gateway, world.spec).as_text() == "nothing to try again"
    with pytest.raises(UsageError, match="DL-999999"):
        retry(world.gateway, world.spec, ["DL-999999"])
    modes = {row["Mode__c"] for row in world.query("SELECT Mode__c FROM NPS_Sync_Run__c")}
    assert "Retry" in modes


SECRETS = ("quite a secret", "earlier secret", "zoe@example.com", "Zoe Zebra", "+41 79 000 00 00", "secret tag", "letter secret", "u-zoe")


def everything_that_is_kept(world: World) -> dict[str, list[str]]:
    """Secret → where in the whole org it still stands, deleted records included."""
    found: dict[str, list[str]] = {}
    for described in world.org.describe_global(world.user):
        name = described["name"]
        if not described["queryable"] or name == "FieldDefinition":
            continue
        columns = [
            one["name"] for one in world.org.describe(world.user, name)["fields"] if one["type"] not in ("address", "location", "base64")
        ]
        try:
            rows = world.org.query(world.user, f"SELECT {', '.join(columns)} FROM {name}", include_deleted=True).records
        except OrgError:
            continue  # objects of the Tooling API: they hold metadata
        for row in rows:
            text = json.dumps(row, ensure_ascii=False, default=str).casefold()
            for secret in SECRETS:
                if secret.casefold() in text:
                    found.setdefault(secret, []).append(f"{name} {row.get('Id')}")
    return found


def test_forget(world: World, people: dict[str, str]) -> None:
    """Nothing a person said or is stands anywhere in the org; score and date stay; the next sync brings nothing back."""
    (lead,) = world.insert("Lead", {"LastName": "Known", "Company": "K", "Email": "zoe@example.com"})
    person = Person(email="Zoe@example.com", first_name="Zoe", last_name="Zebra", user_id="u-zoe")
    first = replace(
        response(1, None, 3, verbatim="earlier secret", tags=("secret tag",), attributes={"phone": "+41 79 000 00 00"}), person=person
    )
    edited = replace(first, verbatim="quite a secret")
    refused = replace(first, id="9", source="unknown_tool", verbatim="letter secret")
    source, other = ListSource([first, response(2, "anna@example.com", 9)]), ListSource([refused], name="unknown_tool")
    world.sync(source, with_follow_ups=True)
    world.sync(other)
    source.responses[0] = edited
    world.sync(source)
    world.org.run_async()
    (response_id,) = [row["Id"] for row in world.query("SELECT Id FROM Survey_Response__c WHERE Respondent_Email__c = 'zoe@example.com'")]
    world.insert("Case", {"Subject": "From Zoe Zebra", "Description": "quite a secret", "NPS_Response__c": response_id})
    assert {"Task", "Survey_Response__c", "NPS_Dead_Letter__c", "Lead", "Case", "Survey_Response_Revision__c"} <= {
        place.split()[0] for places in everything_that_is_kept(world).values() for place in places
    }
    erasure = forget(world.gateway, world.spec, "ZOE@example.com")
    assert (erasure.responses, erasure.revisions, erasure.cases, erasure.dead_letters) == (1, 1, 1, 1)
    assert erasure.tasks >= 1
    assert (erasure.remaining, erasure.exit_code) == ([], 0)
    world.org.run_async()
    assert everything_that_is_kept(world) == {"zoe@example.com": [f"Lead {lead}"]}
    (row,) = world.query(f"SELECT Score__c, Responded_At__c, Erased_At__c, Lead__c FROM Survey_Response__c WHERE Id = '{response_id}'")
    assert (int(row["Score__c"]), row["Lead__c"], bool(row["Erased_At__c"] and row["Responded_At__c"])) == (3, lead, True)
    world.org.advance(timedelta(hours=1))
    source.responses[0] = replace(edited, verbatim="quite a secret, edited", score=5)
    again, others = world.sync(source), world.sync(other)
    retried = retry(world.gateway, world.spec)
    world.org.run_async()
    assert (again.changed, others.changed, others.refused_count, retried.letters) == (0, 0, 0, 0)
    assert everything_that_is_kept(world) == {"zoe@example.com": [f"Lead {lead}"]}
    repeated = forget(world.gateway, world.spec, "zoe@example.com")
    assert (repeated.exit_code, repeated.dead_letters) == (0, 0)


def person_with_everything(world: World) -> tuple[ListSource, str, list[str]]:
    """Zoe: an answer with a revision, its Task, a Case, e-mail messages about both, and a refused answer. Also the ids of the messages."""
    (account,) = world.insert("Account", {"Name": "Zoo"})
    world.insert("Contact", {"LastName": "Known", "Email": "zoe@example.com", "AccountId": account})
    person = Person(email="zoe@example.com", first_name="Zoe", last_name="Zebra", user_id="u-zoe")
    first = replace(response(1, None, 3, verbatim="earlier secret", tags=("secret tag",)), person=person)
    source = ListSource([first, response(2, "anna@example.com", 9)])
    world.sync(source, with_follow_ups=True)
    world.sync(ListSource([replace(first, id="9", source="unknown_tool", verbatim="letter secret")], name="unknown_tool"))
    source.responses[0] = replace(first, verbatim="quite a secret")
    world.sync(source)
    world.org.run_async()
    (row,) = world.query("SELECT Id FROM Survey_Response__c WHERE Respondent_Email__c = 'zoe@example.com'")
    (case,) = world.insert("Case", {"Subject": "From Zoe Zebra", "Description": "quite a secret", "NPS_Response__c": row["Id"]})
    text = {"Subject": "Zoe Zebra", "TextBody": "quite a secret", "HtmlBody": "<b>quite a secret</b>", "ToAddress": "zoe@example.com"}
    messages = world.insert("EmailMessage", {**text, "RelatedToId": row["Id"]}, {**text, "ParentId": case})
    return source, str(row["Id"]), messages


def test_forget__email_messages(world: World, people: dict[str, str]) -> None:
    """Messages about the answer and about its Case are emptied and deleted: their text stands nowhere, not even in the Recycle Bin."""
    person_with_everything(world)
    assert any(place.startswith("EmailMessage") for place in everything_that_is_kept(world)["quite a secret"])
    erasure = forget(world.gateway, world.spec, "zoe@example.com")
    assert (erasure.email_messages, erasure.remaining, erasure.exit_code) == (2, [], 0)
    assert world.query("SELECT Id FROM EmailMessage") == []
    assert "quite a secret" not in everything_that_is_kept(world)


def test_forget__a_sent_message_that_cannot_be_edited(world: World, people: dict[str, str]) -> None:
    """It is deleted with its text, so the Recycle Bin holds it: it is named, again in the next run, and the exit code says so."""
    _, _, messages = person_with_everything(world)
    world.fault(record='"TextBody": null', code="INSUFFICIENT_ACCESS_OR_READONLY", message="not a draft", count=99)
    erasure = forget(world.gateway, world.spec, "zoe@example.com")
    assert (erasure.email_messages, erasure.exit_code) == (2, 1)
    (named,) = erasure.remaining
    assert all(one in named for one in messages) and "Recycle Bin" in named
    again = forget(world.gateway, world.spec, "zoe@example.com")
    assert (again.remaining, again.exit_code) == (erasure.remaining, 1)


def test_forget__killed_at_any_write(world: World, people: dict[str, str]) -> None:
    """Killed before or after any write and run again: nothing is left of the person anywhere, and a sync brings nothing back."""
    source, _, _ = person_with_everything(world)
    world.org.snapshot("before-forgetting")
    deaths = 0
    while True:
        world.org.restore("before-forgetting")
        dying = DyingOrg(world, deaths / 2)
        try:
            forget(dying, world.spec, "zoe@example.com")  # type: ignore[arg-type]
            break
        except Killed:
            deaths += 1
        finally:
            dying._gateway.close()
        assert forget(world.gateway, world.spec, "zoe@example.com").exit_code == 0
        world.org.run_async()
        kept = everything_that_is_kept(world)
        assert {place.split()[0] for places in kept.values() for place in places} == {"Contact"}, f"killed at step {deaths}: {kept}"
    assert deaths >= 16
    world.org.advance(timedelta(hours=1))
    assert world.sync(source).changed == 0


@pytest.mark.parametrize("sobject", ["Survey_Response_Revision__c", "Task", "Case", "NPS_Dead_Letter__c", "Survey_Response__c", "Contact"])
def test_forget__the_connection_breaks(world: World, people: dict[str, str], sobject: str) -> None:
    """When the connection breaks at a write the command ends with 3; run again it finishes what it began."""
    person_with_everything(world)
    world.fault(drop=True, count=99, match={"path": "/composite", "body": f'"type": "{sobject}"'})
    with pytest.raises(Unreachable):
        forget(world.connect(), world.spec, "zoe@example.com")
    requests.delete(f"{world.served.plain_url}/local-org/faults", timeout=10)
    assert forget(world.gateway, world.spec, "zoe@example.com").exit_code == 0
    world.org.run_async()
    assert {place.split()[0] for places in everything_that_is_kept(world).values() for place in places} == {"Contact"}


def test_forget__candidate_of_others(world: World, people: dict[str, str]) -> None:
    """The person is no longer named among the candidates of somebody else's response."""
    world.sync(ListSource([response(1, "twin@example.com", 3)]))
    world.update("Contact", {"Id": people["second"], "Email": "gone@example.com"})
    assert forget(world.gateway, world.spec, "gone@example.com").candidates == 1
    (row,) = world.query("SELECT Match_Candidates__c FROM Survey_Response__c")
    assert people["second"] not in row["Match_Candidates__c"] and people["twin"] in row["Match_Candidates__c"]


def test_forget__recycle_bin(world: World, people: dict[str, str]) -> None:
    """What lies in the Recycle Bin can be restored: it is named, and the exit code says that something remains."""
    world.sync(ListSource([response(1, "anna@example.com", 3), response(2, "anna@example.com", 4)]))
    (row,) = world.query("SELECT Id FROM Survey_Response__c WHERE Response_Key__c = 'promoter_io:1'")
    world.org.delete(world.user, [row["Id"]])
    erasure = forget(world.gateway, world.spec, "anna@example.com")
    assert (erasure.responses, erasure.exit_code) == (1, 1)
    assert row["Id"] in erasure.remaining[0] and "Recycle Bin" in erasure.as_text()


def test_forget__not_allowed(world: World, people: dict[str, str]) -> None:
    """Without NPS Admin it is refused before anything is changed."""
    world.sync(ListSource([response(1, "anna@example.com", 3)]))
    before = world.ledger()
    ids = [row["Id"] for row in world.query("SELECT Id FROM PermissionSetAssignment WHERE PermissionSet.Name = 'NPS_Admin'")]
    world.org.delete(world.user, ids)
    with pytest.raises(UsageError, match="NPS_Admin"):
        forget(world.connect(), world.spec, "anna@example.com")
    with pytest.raises(UsageError, match="not an e-mail address"):
        forget(world.gateway, world.spec, "anna")
    assert world.ledger() == before
