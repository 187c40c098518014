"""What is shown is what the ledger says: after everything that reaches no flow, one reconcile makes both equal again."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.bridge.world import SPEC, START, ListSource, World, response
from tooling.bridge.ledger import moment
from tooling.bridge.reconcile import reconcile
from tooling.bridge.reconcile_report import ReconcileReport
from tooling.cli import main
from tooling.errors import UsageError
from tooling.local_org.engine.lead_conversion import LeadConvert
from tooling.local_org.engine.org import ADMIN_TOKEN, DeployOptions
from tooling.nps.response import Outcome

PARENTS = ("Contact", "Lead", "Account")


def latest_first(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: str(row["Responded_At__c"]), reverse=True)


def person_of(row: dict[str, Any]) -> str:
    return str(row["Contact__c"] or row["Lead__c"] or row["Respondent_Email__c"] or row["Id"])


def recomputed(world: World, sobject: str) -> dict[str, dict[str, Any]]:
    """Parent → what it should show, from the ledger's rows and nothing else."""
    now = world.org.now()
    rows = world.query(
        "SELECT Id, Contact__c, Lead__c, Account__c, Score__c, Outcome__c, Responded_At__c, Survey_Sent_At__c, Respondent_Email__c "
        "FROM Survey_Response__c WHERE Removed_At_Source__c = null AND Responded_At__c != null"
    )
    by_parent: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        if row[f"{sobject}__c"]:
            by_parent.setdefault(row[f"{sobject}__c"], []).append(row)
    return {parent: shown_by(there, world, now, sobject) for parent, there in by_parent.items()}


def shown_by(rows: list[dict[str, Any]], world: World, now: datetime, sobject: str) -> dict[str, Any]:
    def within(span: timedelta, row: dict[str, Any]) -> bool:
        at = moment(row["Responded_At__c"])
        return at is not None and at >= now - span

    there = [row for row in rows if within(world.spec.rollup.history, row)]
    counted = latest_first([row for row in there if row["Score__c"] is not None and row["Outcome__c"] != "Dismissed"])
    window = [row for row in counted if within(world.spec.rollup.window, row)]
    average = Decimal(sum(int(row["Score__c"]) for row in window)) / len(window) if window else None
    values: dict[str, Any] = {
        "NPS_Score__c": counted[0]["Score__c"] if counted else None,
        "NPS_Previous_Score__c": counted[1]["Score__c"] if len(counted) > 1 else None,
        "NPS_Responded_At__c": counted[0]["Responded_At__c"] if counted else None,
        "NPS_Response_Count__c": len(counted),
        "NPS_Average_Score__c": None if average is None else float(average.quantize(Decimal("0.01"), ROUND_HALF_UP)),
        "NPS_Last_Surveyed_At__c": max((row["Survey_Sent_At__c"] for row in there if row["Survey_Sent_At__c"]), default=None),
    }
    if sobject == "Account":
        latest: dict[str, int] = {}
        for row in window:
            latest.setdefault(person_of(row), int(row["Score__c"]))
        values["NPS_Promoters__c"] = sum(score >= 9 for score in latest.values())
        values["NPS_Passives__c"] = sum(7 <= score <= 8 for score in latest.values())
        values["NPS_Detractors__c"] = sum(score <= 6 for score in latest.values())
    return values


def shown(world: World, sobject: str) -> dict[str, dict[str, Any]]:
    names = ["NPS_Score__c", "NPS_Previous_Score__c", "NPS_Responded_At__c", "NPS_Response_Count__c", "NPS_Average_Score__c"]
    names += ["NPS_Last_Surveyed_At__c"] + (["NPS_Promoters__c", "NPS_Passives__c", "NPS_Detractors__c"] if sobject == "Account" else [])
    more = " WHERE IsConverted = false" if sobject == "Lead" else ""
    return {row["Id"]: {name: row[name] for name in names} for row in world.query(f"SELECT Id, {', '.join(names)} FROM {sobject}{more}")}


def assert_equal(world: World) -> None:
    """Every Contact, Lead that is still one, and Account shows what a recomputation of the ledger gives; who has no answers, nothing."""
    for sobject in PARENTS:
        expected = recomputed(world, sobject)
        for parent, values in shown(world, sobject).items():
            nothing = dict.fromkeys(values)
            wanted = expected.get(parent, nothing)
            assert {n: v or None for n, v in values.items()} == {n: v or None for n, v in wanted.items()}, f"{sobject} {parent}"


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    """What is in the snapshot that `company` begins with, once it is made."""
    return {}


@pytest.fixture
def company(world: World, made: dict[str, Any]) -> dict[str, Any]:
    """Six Accounts, thirty Contacts, five Leads, and two hundred answers of theirs over three years."""
    if made:
        world.org.restore("company")
    else:
        made.update(_company(world))
        world.org.snapshot("company")
    world.org.set_now(START + timedelta(hours=1))
    return made


def _company(world: World) -> dict[str, Any]:
    chance = random.Random(7)
    accounts = world.insert("Account", *({"Name": f"Company {n}"} for n in range(6)))
    contacts = world.insert(
        "Contact", *({"LastName": f"C{n}", "Email": f"c{n}@example.com", "AccountId": accounts[n % 5]} for n in range(30))
    )
    leads = world.insert("Lead", *({"LastName": f"L{n}", "Company": "New", "Email": f"l{n}@example.com"} for n in range(5)))
    addresses = [f"c{n}@example.com" for n in range(27)] + [f"l{n}@example.com" for n in range(5)]
    answers = [
        response(
            n,
            chance.choice(addresses),
            None if n % 13 == 0 else chance.randrange(11),
            outcome=Outcome.DISMISSED if n % 13 == 0 else Outcome.ANSWERED,
            responded_at=START - timedelta(days=chance.randrange(900), minutes=n),
            sent_at=START - timedelta(days=905 - n),
        )
        for n in range(200)
    ]
    world.sync(ListSource(answers), backfill=True)
    world.org.run_async()
    world.org.advance(timedelta(minutes=1))
    reconcile(world.gateway, world.spec)  # what was changed and recalculated within one second counts as behind
    assert_equal(world)
    return {"accounts": accounts, "contacts": contacts, "leads": leads}


def reconciled(world: World, **options: Any) -> ReconcileReport:
    found = reconcile(world.gateway, world.spec, **options)
    assert_equal(world)
    return found


def test_reconcile__nothing_to_do(world: World, company: dict[str, Any]) -> None:
    """Where all is well every record is compared in a handful of calls and none is written."""
    found = reconciled(world)
    assert found.checked.keys() == set(PARENTS) and found.checked["Account"] >= 5
    assert (found.different_count, found.flagged, found.refused_count) == (0, 0, 0)
    assert found.api_calls <= 7


def test_reconcile__deleted(world: World, company: dict[str, Any]) -> None:
    """Deleted responses leave the numbers; who has none left shows nothing."""
    gone = company["contacts"][3]
    ids = [row["Id"] for row in world.query(f"SELECT Id FROM Survey_Response__c WHERE Contact__c = '{gone}'")]
    ids += [row["Id"] for row in world.query("SELECT Id FROM Survey_Response__c ORDER BY Response_Key__c LIMIT 9")]
    world.org.delete(world.user, list(dict.fromkeys(ids)))
    found = reconciled(world)
    assert found.flagged == found.different_count > 2
    assert shown(world, "Contact")[gone]["NPS_Score__c"] is None
    assert reconciled(world).different_count == 0


def test_reconcile__dismissal_deleted(world: World, company: dict[str, Any]) -> None:
    """A dismissed survey counts nothing, but it was the last that was sent."""
    (last,) = world.query("SELECT Id FROM Survey_Response__c WHERE Outcome__c = 'Dismissed' ORDER BY Survey_Sent_At__c DESC LIMIT 1")
    world.org.delete(world.user, [last["Id"]])
    reconciled(world)


def test_reconcile__merged(world: World, company: dict[str, Any]) -> None:
    """Merged Contacts, Accounts and Leads: the children moved without a flow. Colleagues merged change only how many people answered."""
    contacts, accounts, leads = company["contacts"], company["accounts"], company["leads"]
    world.org.merge(world.user, "Contact", {"Id": contacts[0]}, [contacts[5]])
    assert reconciled(world).different["Account"] == 1
    world.org.merge(world.user, "Account", {"Id": accounts[1]}, [accounts[2]])
    world.org.merge(world.user, "Account", {"Id": accounts[5]}, [accounts[4]])
    world.org.merge(world.user, "Lead", {"Id": leads[0]}, [leads[1]])
    assert reconciled(world).different["Account"] == 2


@pytest.mark.parametrize(
    "values",
    [
        {"NPS_Score__c": 3.0},
        {"NPS_Score__c": None},
        {"NPS_Response_Count__c": 77},
        {"NPS_Responded_At__c": "2026-01-01T00:00:00Z"},
        {"NPS_Average_Score__c": 0.5},
        {"NPS_Last_Surveyed_At__c": None},
        {"NPS_Recalculated_At__c": None},
    ],
    ids=lambda values: next(iter(values)),
)
def test_reconcile__edited_by_hand(world: World, company: dict[str, Any], values: dict[str, Any]) -> None:
    """A value that somebody changed becomes the ledger's again, also on a record that never had an answer."""
    for sobject, ids in (("Contact", company["contacts"]), ("Account", company["accounts"]), ("Lead", company["leads"])):
        world.update(sobject, *({"Id": one, **values} for one in ids))
    before = shown(world, "Contact")
    reconciled(world)
    if "NPS_Recalculated_At__c" not in values:
        assert shown(world, "Contact") != before
    assert reconciled(world).different_count == 0


def test_reconcile__edited_people(world: World, company: dict[str, Any]) -> None:
    """An Account that counts other people than those who answered is found."""
    world.update("Account", {"Id": company["accounts"][0], "NPS_Detractors__c": 50})
    assert reconciled(world).reasons == {"people": 1}


def test_reconcile__converted(world: World, company: dict[str, Any]) -> None:
    """A conversion no flow has followed: the answers get their Contact and Account, and nobody flags the Lead."""
    lead = company["leads"][2]
    own = world.query(f"SELECT Id FROM Survey_Response__c WHERE Lead__c = '{lead}'")
    converted = world.org.convert_lead(world.user, LeadConvert(lead, "Closed - Converted"))
    before = world.query(f"SELECT LastModifiedDate FROM Lead WHERE Id = '{lead}'")

    assert reconcile(world.gateway, world.spec, dry_run=True).conversions == len(own)
    found = reconciled(world)
    assert found.conversions == len(own) > 0
    assert found.checked["Lead"] == 4 and found.different == {"Contact": 1, "Account": 1}
    assert shown(world, "Contact")[converted.contact_id]["NPS_Response_Count__c"]
    assert world.query(f"SELECT LastModifiedDate FROM Lead WHERE Id = '{lead}'") == before
    world.org.run_async()
    world.org.advance(timedelta(minutes=1))
    reconciled(world)
    assert reconciled(world).different_count == 0


def test_reconcile__behind(world: World, company: dict[str, Any]) -> None:
    """Whoever has an answer newer than its own recalculation is recalculated, though nothing that is compared differs."""
    (row,) = world.query("SELECT Id, Contact__c, Account__c FROM Survey_Response__c WHERE Contact__c != null AND Score__c != null LIMIT 1")
    world.org.advance(timedelta(minutes=1))
    world.update("Survey_Response__c", {"Id": row["Id"], "Contact__c": None})
    world.update("Survey_Response__c", {"Id": row["Id"], "Contact__c": row["Contact__c"]})
    found = reconcile(world.gateway, world.spec)
    assert found.reasons == {"behind": 2}
    assert {one.id for one in found.differences} == {row["Contact__c"], row["Account__c"]}


@pytest.mark.parametrize("page", [3, 7])
def test_reconcile__many_pages(world: World, company: dict[str, Any], page: int) -> None:
    """Page by page the same is found, however the pages fall."""
    ids = [row["Id"] for row in world.query("SELECT Id FROM Survey_Response__c ORDER BY Response_Key__c LIMIT 60")]
    world.org.delete(world.user, ids)
    at_once, paged = (reconcile(world.gateway, world.spec, dry_run=True, page=size) for size in (2_000, page))
    assert (paged.checked, paged.different, paged.reasons) == (at_once.checked, at_once.different, at_once.reasons)
    assert reconciled(world, page=page).flagged == paged.different_count


def test_reconcile__dry_run(world: World, company: dict[str, Any]) -> None:
    """A dry run says who differs and in what; nothing is written, no run is recorded."""
    world.update("Contact", {"Id": company["contacts"][0], "NPS_Response_Count__c": 77})
    before = shown(world, "Contact"), world.query("SELECT Id FROM NPS_Sync_Run__c")
    found = reconcile(world.gateway, world.spec, dry_run=True)
    assert [(one.id, one.reasons) for one in found.differences] == [(company["contacts"][0], ("count",))]
    assert "1 would be recalculated" in found.as_text()
    assert (shown(world, "Contact"), world.query("SELECT Id FROM NPS_Sync_Run__c")) == before


def test_reconcile__bounded_requests(world: World, company: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """One transaction recalculates at most 200 records, and at most 2,000 responses of theirs."""
    world.insert("Contact", *({"LastName": f"Edited {n}", "NPS_Response_Count__c": 5} for n in range(450)))
    sizes = list(_flag_sizes(world, monkeypatch))
    assert sum(sizes) == 450 and max(sizes) <= 200
    assert_equal(world)


def _flag_sizes(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    written: list[int] = []
    write = world.gateway.write

    def watched(writes: Any, **manner: Any) -> Any:
        written.extend(len(one.rows) for one in writes if one.sobject == "Contact")
        return write(writes, **manner)

    monkeypatch.setattr(world.gateway, "write", watched)
    reconcile(world.gateway, world.spec)
    yield from written


def test_reconcile__refused(world: World, company: dict[str, Any]) -> None:
    """A record that cannot be saved is told, with the org's words; the others are recalculated, the run's record counts both."""
    one, other = company["contacts"][:2]
    world.update("Contact", {"Id": one, "NPS_Response_Count__c": 77}, {"Id": other, "NPS_Response_Count__c": 77})
    _rule(world, "C0")
    found = reconcile(world.gateway, world.spec)
    assert (found.flagged, found.refused_count, found.exit_code) == (1, 1, 1)
    assert [(item.id, item.code) for item in found.refused] == [(one, "FIELD_CUSTOM_VALIDATION_EXCEPTION")]
    *_, run = world.query(
        "SELECT Source__c, Status__c, Recalculated_Count__c, Refused_Count__c FROM NPS_Sync_Run__c WHERE Mode__c = 'Reconcile' ORDER BY Id"
    )
    assert run == {"Source__c": "ledger", "Status__c": "Done", "Recalculated_Count__c": 1.0, "Refused_Count__c": 1.0}


def _rule(world: World, name: str) -> None:
    """A customer's validation rule: nobody may save the Contact of this name."""
    space = 'xmlns="http://soap.sforce.com/2006/04/metadata"'
    rule = (
        f"<CustomObject {space}><validationRules><fullName>Frozen</fullName><active>true</active>"
        f"<errorConditionFormula>LastName = &quot;{name}&quot;</errorConditionFormula><errorMessage>not today</errorMessage>"
        "</validationRules></CustomObject>"
    )
    package = (
        f"<Package {space}><types><members>Contact.Frozen</members><name>ValidationRule</name></types><version>66.0</version></Package>"
    )
    files = {"package.xml": package.encode(), "objects/Contact.object": rule.encode()}
    result = world.org.deploy(world.user, files, DeployOptions())
    assert result.success, result.failures


def test_reconcile__not_permitted(world: World) -> None:
    """Who may not see what is to be compared is told which fields, and nothing is written."""
    for row in world.query("SELECT Id FROM PermissionSetAssignment WHERE PermissionSet.Name LIKE 'NPS%'"):
        world.org.delete(world.user, [row["Id"]])
    gateway = world.connect()
    with pytest.raises(UsageError, match=r"Account\.NPS_Promoters__c does not exist, or this user may not read it"):
        reconcile(gateway, world.spec)
    gateway.close()


def test_command(world: World, company: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`nps reconcile` tells what it found, as JSON for programs, and does it unless it is a dry run."""
    (tmp_path / "nps.yml").write_text(SPEC)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SF_INSTANCE_URL", world.served.url)
    monkeypatch.setenv("SF_ACCESS_TOKEN", ADMIN_TOKEN)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(world.served.ca_bundle))
    world.update("Contact", {"Id": company["contacts"][0], "NPS_Response_Count__c": 77})
    dry, done, again = (CliRunner().invoke(main, ["reconcile", *more]) for more in (["--dry-run", "--json"], [], ["--json"]))
    assert (dry.exit_code, json.loads(dry.stdout)["reasons"]) == (0, {"count": 1})
    assert (done.exit_code, "1 recalculated, 0 refused" in done.stdout) == (0, True)
    assert json.loads(again.stdout)["different"] == {}
