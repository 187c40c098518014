"""Escalation settings: what is generated from the spec, and what a deploy leaves alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from tooling.local_org.engine.org import Org
from tooling.metadata.generator import plan
from tooling.metadata.package import to_mdapi
from tooling.metadata.settings import keyword_name
from tooling.metadata.settings_in_org import Kept, kept, queries, records_in, without
from tooling.metadata.writer import write
from tooling.spec import spec_from

SPEC = """
sources: {promoter_io: {}}
escalation:
  keywords: {cancel: {severity: high, queue: Legal}, Not working: {type: Problem}, 解約: {match: contains}}
  route: [{tier: [Enterprise, Strategic], queue: NPS_Enterprise, priority: High}, {queue: NPS_Escalations}]
"""
CANCEL = "NPS_Escalation_Keyword.cancel"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("settings") / "force-app"
    write(plan(spec_from(SPEC)), folder)
    return to_mdapi(folder)


def rows(records: dict[str, dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for name, fields in records.items():
        kind, _, own = name.partition(".")
        found.setdefault(kind, []).append({"DeveloperName": own, **fields})
    return found


def as_deployed(package: dict[str, bytes]) -> dict[str, dict[str, Any]]:
    return {name: dict(fields) for name, fields in records_in(package).items()}


def test_settings__queues_of_ours_only() -> None:
    """A queue that is called NPS_… is made; any other is the org's own, and is not overwritten."""
    queues = {Path(p).name.partition(".")[0] for p in plan(spec_from(SPEC)) if "/queues/" in p}

    assert queues == {"NPS_Enterprise", "NPS_Escalations"}


def test_settings__without_escalation() -> None:
    """A spec without escalation makes no keyword, no route and no queue."""
    assert not [p for p in plan(spec_from("sources: {promoter_io: {}}")) if "Escalation_" in Path(p).name and "customMetadata" in p]


def test_keyword_name__stable() -> None:
    """Words make a readable name; another script makes a hash that stays the same whatever the case and punctuation."""
    assert keyword_name("Not working!") == "not_working"
    assert keyword_name("Kündigen") == keyword_name("kündigen…")
    assert keyword_name("24h") != keyword_name("24 hours")


def test_kept__first_install(package: dict[str, bytes]) -> None:
    """An empty org gets everything."""
    assert kept(package, {}) == []
    assert len(records_in(package)) == 5


def test_kept__as_deployed(package: dict[str, bytes]) -> None:
    """What is as it was deployed is deployed again: nobody would see a difference."""
    assert kept(package, rows(as_deployed(package))) == []


def test_kept__changed_in_the_org(package: dict[str, bytes]) -> None:
    """A record that an admin changed stays as it is, and the log says what differs."""
    records = as_deployed(package)
    records[CANCEL] |= {"Severity__c": "low", "Queue__c": None}

    reason = "Severity__c is low in the org, high here, Queue__c is blank in the org, Legal here"
    assert kept(package, rows(records)) == [Kept(CANCEL, reason)]


def test_kept__same_under_another_name(package: dict[str, bytes]) -> None:
    """A keyword or a route that an admin made by hand is not deployed a second time under our name."""
    records = as_deployed(package)
    by_hand = {
        "NPS_Escalation_Keyword.Termination": records.pop(CANCEL) | {"Keyword__c": "CANCEL!", "Severity__c": "low"},
        "NPS_Escalation_Route.Vip": records.pop("NPS_Escalation_Route.Route_10") | {"Order__c": 5.0},
    }

    assert kept(package, rows({**records, **by_hand})) == [
        Kept(CANCEL, "the org has it as Termination"),
        Kept("NPS_Escalation_Route.Route_10", "the org has it as Vip", same=True),
    ]


def test_kept__same_list_in_other_words(package: dict[str, bytes]) -> None:
    """A spec that was pulled from the org numbers its records anew and names an admin's by its own rule: nothing is deployed over the
    admin's, and nothing is said to differ."""
    records = as_deployed(package)
    of_an_admin = {"NPS_Escalation_Keyword.Termination": records.pop(CANCEL) | {"Order__c": 5.0}}
    records["NPS_Escalation_Keyword.not_working"] |= {"Order__c": 25.0}

    left = kept(package, rows({**records, **of_an_admin}))
    assert {one.name: one.same for one in left} == {CANCEL: True, "NPS_Escalation_Keyword.not_working": True}


def test_kept__other_order(package: dict[str, bytes]) -> None:
    """Numbers that make another order are a difference: which keyword or route comes first decides."""
    records = as_deployed(package)
    records[CANCEL] |= {"Order__c": 95.0}

    assert kept(package, rows(records)) == [Kept(CANCEL, "Order__c is 95 in the org, 10 here")]


def test_without__manifest_agrees(package: dict[str, bytes]) -> None:
    """What is left out is out of the manifest too; nothing else is."""
    rest = without(package, [CANCEL])

    def members(files: dict[str, bytes]) -> set[str]:
        return {str(e.text) for e in etree.fromstring(files["package.xml"]).iter("{*}members")}

    assert set(package) - set(rest) == {f"customMetadata/{CANCEL}.md"}
    assert members(package) - members(rest) == {CANCEL}


def test_settings__round_trip_through_an_org(package: dict[str, bytes]) -> None:
    """Deployed, and read back by SOQL, the settings are what the package says: a second deploy keeps nothing back."""
    org = Org.open()
    try:
        admin = org.user_named("admin@local.example")
        deployed = org.deploy(admin, package)
        answers = {kind: org.query(admin, query).records for kind, query in queries().items()}
    finally:
        org.close()

    assert deployed.success
    assert {kind: len(found) for kind, found in answers.items()} == {"NPS_Escalation_Keyword": 3, "NPS_Escalation_Route": 2}
    assert kept(package, answers) == []
