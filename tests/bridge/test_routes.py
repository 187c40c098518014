"""Which responses take a route, what it writes, and what becomes of its targets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.bridge.test_faults import META
from tests.bridge.test_sync import DyingOrg, Killed
from tests.bridge.world import SPEC, START, ListSource, World, response
from tooling.bridge.retry import retry
from tooling.bridge.routes import Links, answer, carried, holds, takes, values_of, waits_for
from tooling.bridge.sync import sync
from tooling.errors import UsageError
from tooling.local_org.engine.org import DeployOptions
from tooling.nps.response import Outcome, Person, Response
from tooling.salesforce.org import RowOutcome, Write
from tooling.spec.loader import spec_from
from tooling.spec.model import Spec
from tooling.spec.routes import Condition, Route, Value
from tooling.spec.standard_fields import KnownField

RENEWAL = """
routes:
  - name: renewal
    when: {category: [detractor, passive, promoter]}
    object: Opportunity
    lookup: {field: NextStep, from: attributes.renewal}
    fields: {Description: {text: "{score}: {verbatim}"}, LeadSource: attributes.plan}
"""


def spec_with(routes: str) -> Spec:
    return spec_from(SPEC + routes)


def route(**changes: Any) -> Route:
    values: dict[str, Any] = {"name": "r", "object": "Account", "lookup": {"field": "Id", "from": "account"}, "fields": {"Site": "score"}}
    return Route.model_validate({**values, **changes})


DETRACTOR = Response(
    "promoter_io", "1", Person(email="a@b.c", attributes={"plan": "Pro", "seats": 12}), score=3, verbatim="I will CANCEL",
    campaign_id="270", survey_name="Renewal 2026", responded_at=datetime(2026, 3, 4, 12, tzinfo=UTC), attributes={"plan": "Team"},
)  # fmt: skip


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ({}, True),
        ({"source": ("promoter_io",)}, True),
        ({"source": ("web_*",)}, False),
        ({"campaign": ("renewal*",)}, True),
        ({"campaign": ("27?",)}, True),
        ({"campaign": ("Onboarding", "nothing")}, False),
        ({"category": ("detractor",)}, True),
        ({"category": ("promoter",)}, False),
        ({"status": ("dismissed",)}, False),
        ({"answers": {"score": {"below": 7}, "verbatim": {"contains": ("cancel",)}}}, True),
        ({"answers": {"score": {"above": 3}}}, False),
        ({"answers": {"attributes.plan": {"is": ("team",)}}}, True),
        ({"answers": {"attributes.seats": {"at_least": 12, "at_most": "12.0"}}}, True),
        ({"answers": {"attributes.region": {"is_not": ("EU",)}}}, False),
        ({"answers": {"attributes.region": {"exists": False}}}, True),
        ({"answers": {"responded_at": {"above": "2026-03-01"}}}, True),
        ({"answers": {"responded_at": {"below": "2026-03-01"}}}, False),
        ({"answers": {"email": {"starts_with": ("A@",)}}}, True),
        ({"answers": {"email": {"starts_with": ("@b",)}}}, False),
        ({"answers": {"verbatim": {"contains": ("stay", "cancel")}}}, True),
        ({"answers": {"verbatim": {"contains": ("stay",)}}}, False),
        ({"answers": {"attributes.plan": {"is": ("Pro", "Tea")}}}, False),
        ({"answers": {"attributes.plan": {"is_not": ("Team",)}}}, False),
        ({"answers": {"attributes.plan": {"is_not": ("Pro",)}}}, True),
        ({"answers": {"attributes.plan": {"exists": True}}}, True),
        ({"answers": {"attributes.plan": {"exists": False}}}, False),
        ({"answers": {"attributes.region": {"exists": True}}}, False),
        ({"answers": {"attributes.seats": {"at_least": 12.5}}}, False),
        ({"answers": {"attributes.seats": {"at_most": 11}}}, False),
        ({"answers": {"attributes.seats": {"above": 11, "below": 13}}}, True),
        ({"answers": {"attributes.seats": {"below": 12}}}, False),
        ({"answers": {"attributes.seats": {"above": 9}, "score": {"at_least": 4}}}, False),
        ({"source": ("promoter_*",), "campaign": ("Renewal*",), "status": ("answered",), "category": ("detractor", "passive")}, True),
        ({"source": ("promoter_*",), "campaign": ("Renewal*",), "status": ("answered",), "category": ("passive",)}, False),
    ],
)
def test_takes(when: dict[str, Any], expected: bool) -> None:
    """Every condition that is written must hold; a missing answer fulfils only `exists: false`."""
    assert takes(route(when=when), DETRACTOR) is expected


def test_takes__dismissed() -> None:
    """A dismissed survey takes a route only when its status is named."""
    dismissed = replace(DETRACTOR, outcome=Outcome.DISMISSED, score=None)
    assert not takes(route(), dismissed)
    assert takes(route(when={"status": ("dismissed",)}), dismissed)


@pytest.mark.parametrize("value", ["abc", "", None, True])
def test_holds__what_cannot_be_compared(value: object) -> None:
    """What is no number and no date is neither above nor below anything."""
    assert not holds(Condition(above=1), value)
    assert not holds(Condition(at_most=1), value)


def test_answer__survey_before_person() -> None:
    """What was frozen with the survey counts before what the person has now; the ledger carries what routes need."""
    assert (answer("attributes.plan", DETRACTOR), answer("attributes.seats", DETRACTOR)) == ("Team", 12)
    needs_seats = route(fields={"Site": "attributes.seats"})
    assert carried(DETRACTOR, [needs_seats]).attributes == {"plan": "Team", "seats": 12}


def test_values_of() -> None:
    """Values follow the type of their field; a missing answer changes nothing; what does not fit is noted."""
    known = {
        "A": KnownField("A", "string", 5), "B": KnownField("B", "double"), "C": KnownField("C", "boolean"),
        "D": KnownField("D", "date"), "E": KnownField("E", "picklist"), "F": KnownField("F", "string"), "G": KnownField("G", "double"),
    }  # fmt: skip
    expressions = {
        "A": "verbatim", "B": "attributes.seats", "C": {"value": True}, "D": "responded_at",
        "E": {"from": "attributes.plan", "map": {"TEAM": "Gold"}, "default": "None"}, "F": "attributes.region", "G": "attributes.plan",
    }  # fmt: skip
    values, notes = values_of(route(fields=expressions), DETRACTOR, Links(), known.get)
    assert values == {"A": "I wil", "B": 12, "C": True, "D": "2026-03-04", "E": "Gold"}
    assert notes == ["G: 'Team' is not a number"]


def test_waits_for() -> None:
    """A route to the respondent's own records waits until it is decided who that is."""
    assert waits_for(route(), Links()) == "account"
    assert waits_for(route(), Links(account="001")) is None
    assert waits_for(route(), Links(contact="003", is_matched=True)) is None


def test_value__exactly_one_source() -> None:
    """A value says one thing."""
    with pytest.raises(ValueError, match="one of from, value and text"):
        Value.model_validate({"from": "score", "value": 1})


# against the org ------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def deals(world: World, people: dict[str, str]) -> dict[str, str]:
    first, second, third = world.insert(
        "Opportunity",
        *(
            {"Name": name, "NextStep": key, "StageName": "Prospecting", "CloseDate": "2026-06-01", "AccountId": people["acme"]}
            for name, key in (("Renewal", "R-1"), ("Twin", "R-2"), ("Twin 2", "R-2"))
        ),
    )
    return {"renewal": first, "twin": second, "twin 2": third}


def run(world: World, routes: str, *responses: Response, **options: Any) -> Any:
    return sync(spec_with(routes), [ListSource(list(responses))], world.connect())


def ledger_of(world: World) -> list[tuple[str | None, str]]:
    rows = world.query("SELECT Routing_Status__c, Routing_Notes__c FROM Survey_Response__c ORDER BY Response_Key__c")
    return [(row["Routing_Status__c"], row["Routing_Notes__c"] or "") for row in rows]


def test_sync__route(world: World, people: dict[str, str], deals: dict[str, str]) -> None:
    """An answer reaches the record its key names; none, several or no key are said on the response; the rest takes no route."""
    report = run(
        world, RENEWAL,
        response(1, "anna@example.com", 3, attributes={"renewal": "r-1", "plan": "Web"}),
        response(2, "anna@example.com", 4, attributes={"renewal": "R-2"}),
        response(3, "anna@example.com", 5, attributes={"renewal": "R-9"}),
        response(4, "anna@example.com", 6),
        response(5, "anna@example.com", None, outcome=Outcome.DISMISSED),
    )  # fmt: skip
    assert (report.routed.updated, report.routed.done, report.routed.parked, report.exit_code()) == (1, 3, 1, 0)
    (deal,) = world.query(f"SELECT Description, LeadSource FROM Opportunity WHERE Id = '{deals['renewal']}'")
    assert (deal["Description"], deal["LeadSource"]) == ("3: words of 1", "Web")
    found = ledger_of(world)
    assert [status for status, _ in found] == ["Done", "Parked", "Done", "Done", None]
    assert f"updated Opportunity {deals['renewal']}" in found[0][1]
    assert "there are 2 Opportunity" in found[1][1] and deals["twin"] in found[1][1]
    assert "there is no Opportunity with NextStep 'R-9'" in found[2][1]
    assert "carries no attributes.renewal" in found[3][1]


def test_sync__route_of_several_answers(world: World, people: dict[str, str], deals: dict[str, str]) -> None:
    """Several answers for one record are one write, and the latest is what it says; a revision goes the same way."""
    first = response(1, "anna@example.com", 3, attributes={"renewal": "R-1"})
    older = replace(response(2, "bob@example.com", 9, attributes={"renewal": "R-1"}), responded_at=START - timedelta(days=1))
    run(world, RENEWAL, first, older)
    query = f"SELECT Description FROM Opportunity WHERE Id = '{deals['renewal']}'"
    assert world.query(query) == [{"Description": "3: words of 1"}]
    run(world, RENEWAL, replace(first, score=8, verbatim="better"), older)
    assert world.query(query) == [{"Description": "8: better"}]


CREATE = """
routes:
  - name: complaint
    when: {category: detractor}
    object: Case
    lookup: {field: SuppliedCompany, from: key}
    on_found: skip
    on_missing: create
    fields: {Subject: {text: "Score {score}"}, Description: verbatim, ContactId: contact, Origin: {value: Web}}
"""


def test_sync__route_creates_once(world: World, people: dict[str, str]) -> None:
    """A route makes the record that is missing, once; for a respondent nobody knows it waits."""
    known, unknown = response(1, "anna@example.com", 3), response(2, "new@example.com", 2)
    assert run(world, CREATE, known, unknown).routed.created == 1
    assert [status for status, _ in ledger_of(world)] == ["Done", "Waiting"]
    world.update(
        "Survey_Response__c",
        *({"Id": row["Id"], "Routing_Status__c": "Pending"} for row in world.query("SELECT Id FROM Survey_Response__c")),
    )
    world.insert("Contact", {"LastName": "New", "Email": "new@example.com"})
    assert run(world, CREATE).routed.created == 1
    cases = world.query("SELECT SuppliedCompany, ContactId, Subject FROM Case ORDER BY SuppliedCompany")
    assert [case["SuppliedCompany"] for case in cases] == ["promoter_io:1", "promoter_io:2"]
    assert (cases[0]["ContactId"], cases[0]["Subject"]) == (people["anna"], "Score 3")
    assert [status for status, _ in ledger_of(world)] == ["Done", "Done"]


def test_sync__route_leaves_what_it_finds(world: World, people: dict[str, str]) -> None:
    """With `on_found: skip` a record that is there stays as it is, and the response says so; with `update` it is written."""
    world.insert("Case", {"SuppliedCompany": "promoter_io:1", "Description": "ours"})
    report = run(world, CREATE, response(1, "anna@example.com", 3))
    assert (report.routed.created, report.routed.updated, report.routed.done) == (0, 0, 1)
    assert world.query("SELECT Description FROM Case") == [{"Description": "ours"}]
    ((status, note),) = ledger_of(world)
    assert status == "Done" and "Case" in note
    world.update("Survey_Response__c", {"Id": world.query("SELECT Id FROM Survey_Response__c")[0]["Id"], "Routing_Status__c": "Pending"})
    assert run(world, CREATE.replace("on_found: skip", "on_found: update")).routed.updated == 1
    assert world.query("SELECT Description FROM Case") == [{"Description": "words of 1"}]


def test_sync__route_killed_at_any_write(world: World, people: dict[str, str]) -> None:
    """Killed anywhere and run again: one Case per answer, whatever was done before."""
    answers = [response(1, "anna@example.com", 3), response(2, "bob@example.com", 2)]
    world.org.snapshot("before-routes")
    deaths = 0
    while True:
        world.org.restore("before-routes")
        dying = DyingOrg(world, deaths / 2)
        try:
            sync(spec_with(CREATE), [ListSource(answers)], dying)  # type: ignore[arg-type]
            break
        except Killed:
            deaths += 1
        finally:
            dying._gateway.close()
        run(world, CREATE, *answers)
        assert len(world.query("SELECT Id FROM Case")) == 2, f"killed at step {deaths}"
        assert [status for status, _ in ledger_of(world)] == ["Done", "Done"]
    assert deaths >= 8


class UnwillingOrg:
    """An org in which an Opportunity is deleted just before it is written, or stays locked by somebody else."""

    def __init__(self, world: World, *, deletes: bool) -> None:
        self._world, self._gateway, self._deletes = world, world.connect(), deletes

    def __getattr__(self, name: str) -> Any:
        return getattr(self._gateway, name)

    def write(self, writes: Sequence[Write], **options: Any) -> list[list[RowOutcome]]:
        ids = [str(row["Id"]) for one in writes if one.sobject == "Opportunity" for row in one.rows]
        if ids and self._deletes:
            self._world.org.delete(self._world.user, ids)
        elif ids:
            return [[RowOutcome(None, False, code="UNABLE_TO_LOCK_ROW", message="busy", attempts=5) for _ in one.rows] for one in writes]
        return self._gateway.write(writes, **options)


def test_sync__route_target_vanishes(world: World, people: dict[str, str], deals: dict[str, str]) -> None:
    """A record that is deleted between look-up and write is parked with the org's reason; the run goes on; later it can be retried."""
    answers = [response(1, "anna@example.com", 3, attributes={"renewal": "R-1"})]
    report = sync(spec_with(RENEWAL), [ListSource(answers)], UnwillingOrg(world, deletes=True))  # type: ignore[arg-type]
    assert (report.created, report.routed.parked, report.exit_code()) == (1, 1, 0)
    assert "ENTITY_IS_DELETED" in ledger_of(world)[0][1]
    world.org.undelete(world.user, [deals["renewal"]])
    again = retry(world.gateway, spec_with(RENEWAL))
    assert (again.routes, again.sync.routed.updated, again.exit_code) == (1, 1, 0)
    assert [status for status, _ in ledger_of(world)] == ["Done"]


def test_sync__route_target_is_locked(world: World, people: dict[str, str], deals: dict[str, str]) -> None:
    """A record that stays locked is left for the next sync, which does it."""
    answers = [response(1, "anna@example.com", 3, attributes={"renewal": "R-1"})]
    report = sync(spec_with(RENEWAL), [ListSource(answers)], UnwillingOrg(world, deletes=False))  # type: ignore[arg-type]
    assert (report.routed.pending, report.exit_code()) == (1, 0)
    assert [status for status, _ in ledger_of(world)] == ["Pending"]
    assert run(world, RENEWAL, *answers).routed.updated == 1


def test_sync__route_field_is_refused(world: World, people: dict[str, str]) -> None:
    """A field that the org refuses is left out and named; the rest is written."""
    routes = CREATE.replace("Origin: {value: Web}", "SuppliedEmail: attributes.mail")
    report = run(world, routes, response(1, "anna@example.com", 3, attributes={"mail": "not an address"}))
    assert (report.routed.created, report.routed.dropped_fields) == (1, 1)
    assert "SuppliedEmail: INVALID_EMAIL_ADDRESS" in ledger_of(world)[0][1]


def test_sync__route_does_not_fit_the_org(world: World, people: dict[str, str]) -> None:
    """Objects and fields the org has not, and types that do not fit, are all named before anything is read or written."""
    routes = """
routes:
  - {name: one, object: Renewal__c, lookup: {field: Key__c, from: key}, fields: {A__c: score}}
  - {name: two, object: Opportunity, lookup: {field: Key__c, from: key}, fields: {Risk__c: score, Amount: attributes.x}}
  - {name: three, object: Account, lookup: {field: Id, from: account}, fields: {NPS_Opted_Out__c: {value: true}, Rating: attributes.x}}
"""
    source = ListSource([response(1, "anna@example.com", 3)])
    with pytest.raises(UsageError) as raised:
        sync(spec_with(routes), [source], world.connect())
    for text in ("the route one: Renewal__c does not exist", "the route two: Opportunity.Key__c", "Opportunity.Risk__c does not exist"):
        assert text in str(raised.value)
    assert "three" not in str(raised.value)
    assert (source.windows, world.ledger()) == ([], [])


USAGE = (
    f"<CustomObject {META}><fields><fullName>Usage__c</fullName><label>Usage</label><precision>5</precision><scale>0</scale>"
    "<required>true</required><type>Number</type></fields></CustomObject>"
)


def test_sync__route_types_of_a_customers_field(world: World, people: dict[str, str]) -> None:
    """What `nps check` cannot know offline, the type of a customer's own field, is refused before anything is read or written."""
    members = "<types><members>Account.Usage__c</members><name>CustomField</name></types>"
    files = {
        "objects/Account.object": USAGE.encode(),
        "package.xml": f"<Package {META}>{members}<version>66.0</version></Package>".encode(),
    }
    assert world.org.deploy(world.user, files, DeployOptions()).success
    route = "routes: [{name: usage, object: Account, lookup: {field: Id, from: account}, fields: {Usage__c: %s}}]"
    for value in ("verbatim", "{value: many}", "{value: true}", "responded_at", "contact"):
        source = ListSource([response(1, "anna@example.com", 3)])
        with pytest.raises(UsageError, match=r"the route usage: Account\.Usage__c \(double\)"):
            sync(spec_with(route % value), [source], world.connect())
        assert (source.windows, world.ledger()) == ([], [])
    assert run(world, route % "score", response(1, "anna@example.com", 3)).routed.updated == 1
