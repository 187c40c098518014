"""Every way in which a call or a record can fail, injected on the org's side of the wire: what the bridge does next."""

from __future__ import annotations

import time
from typing import Any

import pytest
import requests

from tests.bridge.world import ListSource, World, response
from tooling.bridge.sync import sync
from tooling.errors import SessionExpired, Unreachable, UsageError
from tooling.local_org.engine.org import DeployOptions

META = 'xmlns="http://soap.sforce.com/2006/04/metadata"'
INSERT = {"path": "/composite", "body": '"POST"'}
READ_TIMEOUT = (5.0, 0.25)


def three() -> ListSource:
    return ListSource([response(1, "anna@example.com", 3), response(2, "bob@example.com"), response(3, "lea@example.com", 7)])


def keys(world: World) -> list[str]:
    return [row["Response_Key__c"] for row in world.query("SELECT Response_Key__c FROM Survey_Response__c ORDER BY Response_Key__c")]


def letters(world: World) -> list[dict[str, Any]]:
    return world.query(
        "SELECT Delivery_Key__c, Status__c, Attempts__c, Error_Code__c, Error_Message__c, Payload__c FROM NPS_Dead_Letter__c ORDER BY Name"
    )


def behind(world: World) -> list[dict[str, Any]]:
    """Responses that a parent's NPS fields do not show yet."""
    found = []
    for parent in ("Contact", "Lead", "Account"):
        rows = world.query(
            f"SELECT Response_Key__c, Roll_Up_Changed_At__c, {parent}__r.NPS_Recalculated_At__c FROM Survey_Response__c "
            f"WHERE {parent}__c != null"
        )
        found += [row for row in rows if (row[f"{parent}__r"]["NPS_Recalculated_At__c"] or "") < row["Roll_Up_Changed_At__c"]]
    return found


@pytest.mark.parametrize(
    "fault",
    [
        {"record": '"Response_Key__c": "promoter_io:2"', "code": "UNABLE_TO_LOCK_ROW", "count": 2},
        {"code": "UNABLE_TO_LOCK_ROW", "count": 2, "match": INSERT},
        {"status": 429, "count": 2, "match": INSERT},
        {"status": 503, "count": 4},
        {"status": 502, "html": True, "count": 3},
        {"code": "SERVER_UNAVAILABLE", "count": 3, "match": INSERT},
        {"code": "REQUEST_LIMIT_EXCEEDED", "message": "ConcurrentRequests (Concurrent API Requests) Limit exceeded.", "count": 2},
        {"lose": True, "count": 2},
        {"drop": True, "count": 2},
        {"lose": True, "count": 1, "match": INSERT},
        {"drop": True, "count": 1, "match": INSERT},
        {"drop": True, "count": 1, "match": {"body": "NPS_Recalculate__c"}},
        {"drop": True, "count": 1, "match": {"body": "Run_Key__c"}},
        {"drop": True, "count": 4, "rate": 0.5},
        {"record": "NPS_Recalculate__c", "code": "UNABLE_TO_LOCK_ROW", "count": 3},
    ],
    ids=lambda fault: "-".join(f"{name}={value}" for name, value in fault.items() if name != "match"),
)
def test_sync__passing_trouble(world: World, people: dict[str, str], fault: dict[str, Any]) -> None:
    """What passes by itself is waited for: everything is written, once, and every parent recalculated."""
    world.fault(**fault)
    report = sync(world.spec, [three()], world.connect())
    assert (report.created, report.refused_count, report.exit_code()) == (3, 0, 0)
    assert keys(world) == ["promoter_io:1", "promoter_io:2", "promoter_io:3"]
    assert behind(world) == []
    assert letters(world) == []


def test_sync__time_out_and_the_org_writes_later(world: World, people: dict[str, str]) -> None:
    """An insert that times out and is not there when it is read back is repeated; the first one arriving late is refused as a duplicate."""
    world.fault(latency=0.6, count=1, match=INSERT)
    report = sync(world.spec, [three()], world.connect(timeout=READ_TIMEOUT))
    assert (report.created, report.refused_count) == (3, 0)
    time.sleep(0.7)  # until the org has done what it was told first
    assert keys(world) == ["promoter_io:1", "promoter_io:2", "promoter_io:3"]
    assert behind(world) == []


def test_sync__time_out_after_the_commit_of_an_update(world: World, people: dict[str, str]) -> None:
    """A revision whose answer is lost is written once more, as the same revision."""
    source = three()
    world.sync(source)
    source.responses[0] = response(1, "anna@example.com", 9)
    world.fault(drop=True, count=1, match={"path": "/composite", "body": '"Revision__c": 2'})
    world.sync(source)
    (row,) = world.query("SELECT Revision__c, Score__c FROM Survey_Response__c WHERE Response_Key__c = 'promoter_io:1'")
    assert (row["Revision__c"], row["Score__c"]) == (2, 9)
    assert len(world.query("SELECT Id FROM Survey_Response_Revision__c")) == 1


@pytest.mark.parametrize(
    ("fault", "what"),
    [
        ({"code": "REQUEST_LIMIT_EXCEEDED", "message": "TotalRequests Limit exceeded."}, "run again later"),
        ({"status": 503}, "HTTP 503|UNKNOWN_EXCEPTION"),
        ({"lose": True}, "connection"),
        ({"html": True, "status": 404}, "not Salesforce's REST API"),
    ],
    ids=["daily limit", "503", "lost", "html"],
)
@pytest.mark.parametrize("place", [{"path": "/composite", "body": "describe"}, INSERT], ids=["at the start", "at the insert"])
def test_sync__trouble_that_stays(world: World, people: dict[str, str], fault: dict[str, Any], what: str, place: dict[str, str]) -> None:
    """The run ends with exit code 3 and says that running again is safe; the next one does the whole work."""
    world.fault(**fault, match=place)
    with pytest.raises(Unreachable, match=what) as raised:
        world.sync(three())
    assert raised.value.exit_code == 3
    assert world.query("SELECT Id FROM NPS_Sync_Run__c WHERE Bookmark__c != null") == []
    clear(world)
    assert world.sync(three()).created + len([*keys(world)]) >= 3
    assert keys(world) == ["promoter_io:1", "promoter_io:2", "promoter_io:3"]
    assert behind(world) == []


def clear(world: World) -> None:
    requests.delete(f"{world.served.plain_url}/local-org/faults", timeout=10)


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_sync__session_ends_in_the_middle(world: World, people: dict[str, str], number: int) -> None:
    """The session is renewed once, wherever it ends, and the call repeated."""
    renewed: list[str] = []

    def renew() -> str:
        renewed.append(world.org.issue_token(world.user.id))
        return renewed[-1]

    gateway = world.connect(renew=renew)
    bodies = ["describe", '"POST"', "NPS_Recalculate__c", "Finished_At__c"]
    world.fault(code="INVALID_SESSION_ID", count=1, match={"path": "/composite", "body": bodies[number - 1]})
    assert sync(world.spec, [three()], gateway).created == 3
    assert len(renewed) == 1
    assert behind(world) == []
    gateway.close()


def test_sync__session_cannot_be_renewed(world: World, people: dict[str, str]) -> None:
    """One renewal is tried; when the org still says no, the run ends with exit code 2."""
    renewed: list[str] = []

    def renew() -> str:
        renewed.append("x")
        return "00D000000000001!still-expired"

    gateway = world.connect("00D000000000001!expired", renew=renew)
    with pytest.raises(SessionExpired) as raised:
        sync(world.spec, [three()], gateway)
    assert (renewed, raised.value.exit_code) == (["x"], 2)
    gateway.close()


@pytest.mark.parametrize("code", ["INVALID_FIELD_FOR_INSERT_UPDATE", "FIELD_INTEGRITY_EXCEPTION", "STRING_TOO_LONG"])
def test_sync__refused_field(world: World, people: dict[str, str], code: str) -> None:
    """A descriptive field that the org refuses is left out and recorded; its neighbours keep theirs."""
    source = three()
    source.responses[0] = response(1, "anna@example.com", 3, language="refuse-me", channel="email")
    world.fault(record='"refuse-me"', code=code, message="no", fields=["Language__c"])
    report = world.sync(source)
    assert (report.created, report.dropped_fields, report.exit_code()) == (3, 1, 0)
    rows = world.query("SELECT Language__c, Channel__c, Dropped_Fields__c FROM Survey_Response__c ORDER BY Response_Key__c")
    assert (rows[0]["Language__c"], rows[0]["Channel__c"]) == (None, "email")
    assert rows[0]["Dropped_Fields__c"] == f"Language__c: {code}: no"
    assert rows[1]["Dropped_Fields__c"] is None


def test_sync__field_permission_is_taken_away_meanwhile(world: World, people: dict[str, str]) -> None:
    """A field the user may no longer write costs that field, not the call: no halving down to single records."""
    gateway = world.connect()
    gateway.describe(["Survey_Response__c"])
    world.fault(code="INVALID_FIELD", message="No such column 'Language__c' on sobject of type Survey_Response__c", count=99,
                match={"path": "/composite", "body": '"Language__c"'})  # fmt: skip
    source = ListSource([response(number, "anna@example.com", language="de") for number in range(30)])
    report = sync(world.spec, [source], gateway)
    assert (report.created, report.dropped_fields) == (30, 30)
    assert report.api_calls <= 12
    gateway.close()


@pytest.mark.parametrize("blamed", ["Score__c", "Response_Key__c", "Responded_At__c", "Verbatim__c"])
def test_sync__refused_field_that_makes_the_response(world: World, people: dict[str, str], blamed: str) -> None:
    """Key, score, date and words are never left out: the response becomes a dead letter instead of another response."""
    world.fault(record='"Response_Key__c": "promoter_io:1"', code="FIELD_INTEGRITY_EXCEPTION", fields=[blamed])
    report = world.sync(three())
    assert (report.created, report.refused_count, report.exit_code()) == (2, 1, 1)
    (letter,) = letters(world)
    assert (letter["Delivery_Key__c"], letter["Error_Code__c"]) == ("promoter_io:1", "FIELD_INTEGRITY_EXCEPTION")
    assert blamed in letter["Error_Message__c"]


def custom(kind: str, name: str, body: str) -> dict[str, bytes]:
    """An addition of the customer's to Survey_Response__c."""
    members = f"<types><members>Survey_Response__c.{name}</members><name>{kind}</name></types>"
    return {
        "package.xml": f'<?xml version="1.0"?><Package {META}>{members}<version>66.0</version></Package>'.encode(),
        "objects/Survey_Response__c.object": f'<?xml version="1.0"?><CustomObject {META}>{body}</CustomObject>'.encode(),
    }


RULE = custom(
    "ValidationRule",
    "Theirs",
    "<validationRules><fullName>Theirs</fullName><active>true</active><errorConditionFormula>Score__c = 3</errorConditionFormula>"
    "<errorMessage>no threes</errorMessage></validationRules>",
)
REQUIRED = custom(
    "CustomField",
    "Region__c",
    "<fields><fullName>Region__c</fullName><label>Region</label><length>20</length><required>true</required><type>Text</type></fields>",
)


@pytest.mark.parametrize(
    ("addition", "code", "created"),
    [(RULE, "FIELD_CUSTOM_VALIDATION_EXCEPTION", 2), (REQUIRED, "REQUIRED_FIELD_MISSING", 0)],
    ids=["validation rule", "required field"],
)
def test_sync__customer_refuses(world: World, people: dict[str, str], addition: dict[str, bytes], code: str, created: int) -> None:
    """A customer's rule costs the records it refuses: they are kept with the reason, their neighbours are saved."""
    deployed = world.org.deploy(world.user, addition, DeployOptions())
    assert deployed.success, deployed.failures
    report = sync(world.spec, [three()], world.connect())
    assert (report.created, report.refused_count, report.exit_code()) == (created, 3 - created, 1)
    assert {letter["Error_Code__c"] for letter in letters(world)} == {code}
    again = sync(world.spec, [three()], world.connect())
    assert (again.known_refused, again.exit_code()) == (3 - created, 0)


def test_sync__duplicate_rule(world: World, people: dict[str, str]) -> None:
    """Every write carries the header that saves in spite of alerts; a rule that blocks nevertheless makes dead letters."""
    world.fault(record='"Response_Key__c": "promoter_io:1"', code="DUPLICATES_DETECTED")
    assert world.sync(three()).created == 2
    assert [letter["Error_Code__c"] for letter in letters(world)] == ["DUPLICATES_DETECTED"]
    sent: list[Any] = []
    gateway = world.connect()
    gateway._transport.client.session.hooks["response"].append(lambda answer, **_: sent.append(answer.request))
    sync(world.spec, [ListSource([response(9, "anna@example.com")])], gateway)
    posts = [request.body for request in sent if b'"POST"' in (request.body or b"")]
    assert posts and all(b"allowSave=true" in body for body in posts)
    gateway.close()


def test_sync__composite_fails_as_a_whole(world: World, people: dict[str, str]) -> None:
    """It is halved down to the one record that breaks it; all others are saved."""
    world.fault(code="APEX_ERROR", status=400, match={"path": "/composite", "body": '"Response_Key__c": "promoter_io:13"'})
    source = ListSource([response(number, "anna@example.com") for number in range(1, 21)])
    report = world.sync(source)
    assert (report.created, report.refused_count) == (19, 1)


def test_sync__dead_letter_set_to_retry(world: World, people: dict[str, str]) -> None:
    """An admin sets Retry: the next sync writes the response from the letter, although the source no longer gives it."""
    world.fault(record='"Response_Key__c": "promoter_io:1"', code="FIELD_INTEGRITY_EXCEPTION")
    world.sync(three())
    clear(world)
    (letter,) = world.query("SELECT Id FROM NPS_Dead_Letter__c")
    world.update("NPS_Dead_Letter__c", {"Id": letter["Id"], "Status__c": "Retry"})
    assert world.sync(ListSource()).created == 1
    assert [row["Status__c"] for row in letters(world)] == ["Resolved"]
    (row,) = world.query("SELECT Score__c, Verbatim__c, Contact__c FROM Survey_Response__c WHERE Response_Key__c = 'promoter_io:1'")
    assert (row["Score__c"], row["Verbatim__c"], row["Contact__c"]) == (3, "words of 1", people["anna"])
    assert behind(world) == []


def test_sync__dead_letter_cannot_be_kept(world: World, people: dict[str, str]) -> None:
    """When not even the dead letter is taken, the bookmark stays: the response is read again."""
    world.fault(record='"Response_Key__c": "promoter_io:1"', code="FIELD_INTEGRITY_EXCEPTION")
    world.fault(record="Delivery_Key__c", code="STORAGE_LIMIT_EXCEEDED")
    report = world.sync(three())
    assert (report.created, report.refused_count, bool(report.warnings)) == (2, 1, True)
    assert world.query("SELECT Id FROM NPS_Sync_Run__c WHERE Bookmark__c != null") == []
    clear(world)
    assert world.sync(three()).created == 1


def test_sync__another_writer_was_first(world: World, people: dict[str, str]) -> None:
    """DUPLICATE_VALUE on the key: what the org has is read and compared, and nothing is written twice."""
    gateway = world.connect()
    by_key = gateway.query_many
    raced: list[bool] = []

    def racing(queries: Any, **how: Any) -> Any:
        found = by_key(queries, **how)
        if not raced and any("Response_Key__c IN" in query for query in queries):
            raced.append(True)
            sync(world.spec, [three()], world.connect())
        return found

    gateway.query_many = racing  # type: ignore[method-assign]
    report = sync(world.spec, [three()], gateway)
    assert (report.created, report.unchanged, report.refused_count) == (0, 3, 0)
    assert len(keys(world)) == 3
    assert letters(world) == []
    gateway.close()


def test_sync__token_that_is_none(world: World) -> None:
    """A token with characters that no token has is said to be one, and not printed."""
    with pytest.raises(UsageError, match="access token") as raised:
        sync(world.spec, [three()], world.connect("secret\u2013token"))
    assert "secret" not in str(raised.value)
