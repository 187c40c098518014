"""NPS_Bridge is enough where everything is Private, and nothing in it is too much; NPS_User edits what a follow-up needs and no more."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.bridge.world import SPEC, START, ListSource, World, response
from tooling.bridge.explain import explain
from tooling.bridge.resolve import resolve
from tooling.bridge.retention import Removed
from tooling.bridge.retry import retry
from tooling.bridge.review import review
from tooling.bridge.status import status
from tooling.bridge.sync import SyncOptions, sync
from tooling.errors import NpsError
from tooling.local_org.engine.org import DeployOptions, User
from tooling.local_org.errors import OrgError
from tooling.metadata import access, package, writer
from tooling.metadata.generator import plan
from tooling.metadata.rendering import render
from tooling.metadata.types.permission_set import ObjectPermission, PermissionSet
from tooling.nps.response import Person
from tooling.salesforce.gateway import Gateway
from tooling.salesforce.org import TargetOrg, Write
from tooling.spec.loader import spec_from
from tooling.spec.model import Spec

SPACE = 'xmlns="http://soap.sforce.com/2006/04/metadata"'
STANDARD = ("Account", "Contact", "Lead", "Opportunity", "Case")
PRIVATE_LEDGER = (
    SPEC
    + """
org: {ledger_sharing: Private}
routes: [{name: site, object: Account, lookup: {field: Id, from: account}, when: {category: detractor}, fields: {Site: key}}]
"""
)
PEOPLE = ("Account", "Contact", "Lead")
SAMPLE = 20


@dataclass
class Private:
    """An org in which nobody sees what is not their own, and a user who has nothing but a profile without permissions."""

    world: World
    spec: Spec
    ids: dict[str, str]
    bridge: str
    rep: str

    @property
    def bridge_set(self) -> PermissionSet:
        return permission_set(self.spec, "NPS_Bridge")

    def grant(self, given: PermissionSet, user: str) -> None:
        package = f"<types><members>{given.name}</members><name>PermissionSet</name></types>"
        self.deploy({f"permissionsets/{given.name}.permissionset": render(given)}, package)
        (row,) = self.world.query(f"SELECT Id FROM PermissionSet WHERE Name = '{given.name}'")
        self.world.insert("PermissionSetAssignment", {"PermissionSetId": row["Id"], "AssigneeId": user})

    def deploy(self, files: dict[str, str], members: str) -> None:
        package = f"<Package {SPACE}>{members}<version>66.0</version></Package>"
        encoded = {"package.xml": package.encode(), **{path: text.encode() for path, text in files.items()}}
        result = self.world.org.deploy(self.world.user, encoded, DeployOptions())
        assert result.success, [failure.problem for failure in result.failures]


def permission_set(spec: Spec, name: str) -> PermissionSet:
    return next(one for one in access.components(spec) if isinstance(one, PermissionSet) and one.name == name)


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    """What is in the snapshot `private`, once it is made."""
    return {}


@pytest.fixture
def private(world: World, people: dict[str, str], made: dict[str, Any], tmp_path: Path) -> Private:
    if made:
        world.org.restore("private")
        return Private(world, **made)
    spec = spec_from(PRIVATE_LEDGER)
    found = Private(world, spec, people, _user(world, "Bridge"), _user(world, "Rep"))
    writer.write(plan(spec), tmp_path)
    deployed = world.org.deploy(world.user, package.to_mdapi(tmp_path), DeployOptions())
    assert deployed.success, deployed.failures
    objects = {f"objects/{name}.object": f"<CustomObject {SPACE}><sharingModel>Private</sharingModel></CustomObject>" for name in STANDARD}
    found.deploy(objects, "".join(f"<types><members>{name}</members><name>CustomObject</name></types>" for name in STANDARD))
    _prepare(world, people)
    made.update(spec=spec, ids=people, bridge=found.bridge, rep=found.rep)
    world.org.snapshot("private")
    return found


def _prepare(world: World, people: dict[str, str]) -> None:
    """Whom only a user id, a company id or a name in our own fields finds, and what earlier users have left behind."""
    world.update("Contact", {"Id": people["bob"], "NPS_User_Id__c": "u-7"})
    world.insert("Lead", {"LastName": "Product", "Company": "User Ltd", "NPS_User_Id__c": "u-8"})
    world.update("Account", {"Id": people["other"], "NPS_Company_Id__c": "company-1"})
    old = (START - timedelta(days=100)).strftime("%Y-%m-%dT%H:%M:%SZ")
    world.insert("NPS_Sync_Run__c", {"Run_Key__c": "old", "Source__c": "promoter_io", "Started_At__c": old})
    world.insert("NPS_Dead_Letter__c", {"Delivery_Key__c": "old", "Status__c": "Resolved", "Resolved_At__c": old})
    # The bridge has had another user before.
    world.insert(
        "Survey_Response__c",
        {"Response_Key__c": "promoter_io:50", "Source__c": "promoter_io", "Source_Response_Id__c": "50", "Revision__c": 1, "Score__c": 2,
         "Outcome__c": "Answered", "Responded_At__c": old, "Contact__c": people["bob"], "Account__c": people["acme"], "Quiet__c": True,
         "Match_Status__c": "Matched"},
    )  # fmt: skip


def _user(world: World, name: str) -> str:
    (profile,) = world.query("SELECT Id FROM Profile WHERE Name = 'Minimum Access - Salesforce'")
    login = f"{name.lower()}@acme.example"
    (user,) = world.insert(
        "User",
        {"LastName": name, "Username": login, "Email": login, "Alias": name.lower(), "ProfileId": profile["Id"], "IsActive": True,
         "TimeZoneSidKey": "Europe/Zurich", "LocaleSidKey": "en_US", "EmailEncodingKey": "UTF-8", "LanguageLocaleKey": "en_US"},
    )  # fmt: skip
    return user


Connect = Callable[[PermissionSet], "Watched"]


# What the bridge does ---------------------------------------------------------------------------------------------------------------


@dataclass
class Watched:
    """An org whose queries and writes are remembered: which fields of which object."""

    org: TargetOrg
    read: set[str] = field(default_factory=set)
    written: set[str] = field(default_factory=set)
    created: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.org, name)

    def query(self, soql: str) -> Any:
        self._queried(soql)
        return self.org.query(soql)

    def query_many(self, queries: Sequence[str], *, include_deleted: bool = False, along: Write | None = None) -> Any:
        for query in queries:
            self._queried(query)
        self._wrote([along] if along else [])
        return self.org.query_many(queries, include_deleted=include_deleted, along=along)

    def describe_and_query(self, names: Sequence[str], queries: Sequence[str]) -> Any:
        for query in queries:
            self._queried(query)
        return self.org.describe_and_query(names, queries)

    def write(self, writes: Sequence[Write], **manner: Any) -> Any:
        self._wrote(writes)
        return self.org.write(writes, **manner)

    def _queried(self, query: str) -> None:
        found = re.search(r"\bFROM (\w+)", query)
        assert found is not None
        for path in re.findall(r"[A-Za-z_][\w.]*", re.sub(r"'(?:\\.|[^'\\])*'", "''", query)):
            *before, name = path.split(".")
            self.read.add(f"{before[-1].removesuffix('__r') if before else found[1]}.{name}")

    def _wrote(self, writes: Sequence[Write]) -> None:
        for one in writes:
            self.written |= {f"{one.sobject}.{name}" for row in one.rows for name in row}


def everything(private: Private, org: TargetOrg) -> dict[str, Any]:
    """All that the bridge does, in two days; what came of it, without what differs by the second. An error is what came of it too."""
    world = private.world
    found: dict[str, Any] = {}
    try:
        _everything(private, org, found)
    except NpsError as error:
        found["error"] = str(error)
    found["people"] = [
        world.query(f"SELECT Name, NPS_Score__c, NPS_Response_Count__c, NPS_Average_Score__c FROM {name} ORDER BY Id") for name in PEOPLE
    ]
    found["ledger"] = world.ledger()
    return found


def _everything(private: Private, org: TargetOrg, found: dict[str, Any]) -> None:
    world, spec = private.world, private.spec
    first = response(
        1, "anna@example.com", 3, tags=("billing",), survey_name="Quarterly", campaign_id="270", channel="email", language="de",
        sent_at=START - timedelta(days=2), modified_at=START, attributes={"company_id": "x"},
    )  # fmt: skip
    source = ListSource(
        [
            first,
            response(2, "twin@example.com", 9),
            response(3, "nobody@example.com", 8),
            _by_user_id(4, "u-7"),
            _by_user_id(5, "u-8"),
            _by_company(6, "lea@example.com"),
            response(9, "bob@example.com", 5, verbatim="refuse me"),
            response(50, "bob@example.com", 10),
        ]
    )
    world.fault(record='"Response_Key__c": "promoter_io:9"', code="STRING_TOO_LONG", message="no", fields=["Score__c"])
    world.fault(record='"Language__c": "de"', code="INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message="no", fields=["Language__c"])
    report = sync(spec, [source], org, SyncOptions(with_follow_ups=True))
    found["sync"], found["routed"] = _counts(report), report.routed
    found["refused"] = sorted(one.key for one in report.refused)
    world.org.run_async()
    requests.delete(f"{world.served.plain_url}/local-org/faults", timeout=10)
    found["review"] = review(org).counts, [(item.kind, item.reason, item.candidates) for item in review(org).items]
    found["retry"] = {name: value for name, value in retry(org, spec).as_json().items() if not isinstance(value, list)}
    number = world.query("SELECT Name FROM Survey_Response__c WHERE Response_Key__c = 'promoter_io:2'")[0]["Name"]
    found["resolve"] = resolve(org, spec, number, contact="anna@example.com", account="Acme").as_json()

    world.org.advance(timedelta(hours=30))
    (edited,) = world.query("SELECT Id FROM Contact WHERE LastName = 'Anna'")
    world.update("Contact", {"Id": edited["Id"], "NPS_Response_Count__c": 70})
    source.responses[0] = replace(first, score=9, verbatim="better", modified_at=START + timedelta(hours=20))
    world.insert("Contact", {"LastName": "Nobody", "Email": "nobody@example.com"})
    second = sync(spec, [source], org)
    world.org.run_async()
    found["second"], found["expired"], found["warnings"] = _counts(second), second.expired, second.warnings
    found["reconciled"] = second.reconciled and _reconciled(second.reconciled.as_json())
    told = explain(org, "promoter_io:1").as_json()
    found["explain"] = (
        {name: value for name, value in told["facts"].items() if not name.endswith(("_At__c", "Run_Key__c"))},
        told["missing"],
        told["revisions"],
    )
    said = status(org)
    found["status"] = (
        said.ambiguous,
        said.unmatched,
        said.automation,
        said.dead_letters,
        len(said.runs),
        [r["Mode__c"] for r in said.runs],
    )


def _reconciled(told: dict[str, Any]) -> dict[str, Any]:
    """Without who is behind: a parent that was recalculated in the second of its child's change counts as that, so the clock decides."""
    reasons = {why: count for why, count in told["reasons"].items() if why != "behind"}
    return {"checked": told["checked"], "reasons": reasons, "refused": told["refused"]}


def _counts(report: Any) -> dict[str, Any]:
    names = ("read", "created", "revised", "unchanged", "ambiguous", "unmatched", "rematched", "refused_count", "dropped_fields",
             "recalculated", "incomplete")  # fmt: skip
    return {name: getattr(report, name) for name in names}


def _by_user_id(number: int, user_id: str) -> Any:
    return replace(response(number, None, 6), person=Person(user_id=user_id))


def _by_company(number: int, email: str) -> Any:
    return replace(response(number, None, 6), person=Person(email=email, company_id="company-1"))


@pytest.fixture
def as_bridge(private: Private) -> Iterator[Connect]:
    """The bridge's user, with these permissions and no others, from the start."""
    opened: list[Gateway] = []

    def connect(given: PermissionSet) -> Watched:
        private.world.org.restore("private")
        private.grant(replace(given, name="NPS_Bridge_Copy"), private.bridge)
        opened.append(private.world.connect(private.world.org.issue_token(private.bridge)))
        return Watched(opened[-1])

    yield connect
    for one in opened:
        one.close()


def test_bridge__with_its_permission_set_alone(private: Private, as_bridge: Connect) -> None:
    """Everything Private, a user with no other permission: sync, review, retry, resolve, explain, status and reconcile do their work.

    And every field it grants is used for what it is granted: written if it may be edited, asked for if it may be read.
    """
    given = private.bridge_set
    org = as_bridge(given)
    found = everything(private, org)
    assert "error" not in found, found["error"]
    assert found["sync"]["created"] == 6 and found["sync"]["ambiguous"] == 1
    assert found["refused"] == ["promoter_io:50", "promoter_io:9"]
    assert found["routed"].updated == 2 and found["routed"].parked == 0
    assert found["expired"] == Removed(runs=1, dead_letters=1)
    assert found["reconciled"]["checked"] == {"Contact": 3, "Lead": 2, "Account": 2}
    assert sorted({one.field for one in given.fields if one.editable} - org.written) == []
    assert sorted({one.field for one in given.fields} - org.read - org.written) == []


def _less_of_objects(given: PermissionSet) -> Iterator[tuple[str, PermissionSet]]:
    """The set without one object permission, and without those that cannot be granted without it."""
    for one in given.objects:
        if one.modify_all:
            # Its Read, Edit, Delete and View All cannot be taken away without it: it is what has to be needed.
            yield f"{one.sobject}: Modify All", _with(given, one, replace(one, modify_all=False, delete=False))
            continue
        for name, without in (
            ("Create", {"create": False}),
            ("Edit", {"edit": False, "delete": False}),
            ("Delete", {"delete": False}),
            ("View All", {"view_all": False}),
        ):
            if getattr(one, name.lower().replace(" ", "_")):
                yield f"{one.sobject}: {name}", _with(given, one, replace(one, **without))


def _with(given: PermissionSet, old: ObjectPermission, new: ObjectPermission) -> PermissionSet:
    return replace(given, objects=tuple(new if one is old else one for one in given.objects))


def _less_of_fields(given: PermissionSet) -> Iterator[tuple[str, PermissionSet]]:
    """The set without one of our fields, and with one that may only be read. (In a local org nobody restricts standard fields.)"""
    for one in given.fields:
        if one.field.endswith("__c"):
            yield one.field, replace(given, fields=tuple(other for other in given.fields if other is not one))
            if one.editable:
                read_only = replace(one, editable=False)
                yield f"{one.field}: edit", replace(given, fields=tuple(read_only if other is one else other for other in given.fields))


def test_bridge__needs_each_grant(private: Private, as_bridge: Connect) -> None:
    """Take any grant away, and something the bridge does fails or comes to something else.

    NPS_ALL_GRANTS=1 takes away every field one by one; otherwise it is every twentieth.
    """
    given = private.bridge_set
    usual = everything(private, as_bridge(given))
    assert everything(private, as_bridge(given)) == usual
    every = 1 if os.environ.get("NPS_ALL_GRANTS") else SAMPLE
    less = [*_less_of_objects(given), *list(_less_of_fields(given))[::every]]
    assert len(less) > 15
    superfluous = [name for name, without in less if everything(private, as_bridge(without)) == usual]
    assert superfluous == []


# NPS_User ---------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def rep(world: World, people: dict[str, str]) -> User:
    """Somebody with NPS_User and nothing else; the ledger is the bridge's."""
    user = _user(world, "Rep")
    (row,) = world.query("SELECT Id FROM PermissionSet WHERE Name = 'NPS_User'")
    world.insert("PermissionSetAssignment", {"PermissionSetId": row["Id"], "AssigneeId": user})
    world.sync(ListSource([response(1, "anna@example.com", 3)]), with_follow_ups=True)
    return world.org.user_named("rep@acme.example")


FOLLOW_UP = {
    "Follow_Up_Status__c", "Followed_Up_At__c", "Root_Cause__c", "Resolution__c", "Advocacy_Status__c", "Advocacy_Ask__c",
    "Advocacy_Completed_At__c",
}  # fmt: skip


def test_user__fills_in_follow_ups(world: World, rep: User) -> None:
    """Whoever has NPS_User closes the follow-up of a response that the bridge's user owns."""
    (before,) = world.org.query(rep, "SELECT Id, Verbatim__c FROM Survey_Response__c").records
    values = {"Follow_Up_Status__c": "Done", "Root_Cause__c": "Other", "Resolution__c": "We called."}
    (saved,) = world.org.update(rep, [{"attributes": {"type": "Survey_Response__c"}, "Id": before["Id"], **values}])
    assert saved.success, saved.errors
    assert world.query("SELECT Follow_Up_Status__c, Root_Cause__c, Resolution__c FROM Survey_Response__c") == [values]


def test_user__edits_nothing_else(world: World, rep: User) -> None:
    """Every other field of a response is read-only; nobody creates or deletes one, and runs and dead letters do not exist for them."""
    described = world.org.describe(rep, "Survey_Response__c")
    ours = {one["name"]: one for one in described["fields"] if one["name"].endswith("__c")}
    assert {name for name, one in ours.items() if one["updateable"]} == FOLLOW_UP
    assert (described["createable"], described["deletable"]) == (False, False)
    (row,) = world.org.query(rep, "SELECT Id FROM Survey_Response__c").records
    for name, value in (("Score__c", 10), ("Verbatim__c", "fine"), ("Contact__c", None), ("Quiet__c", True), ("Erased_At__c", None)):
        (saved,) = world.org.update(rep, [{"attributes": {"type": "Survey_Response__c"}, "Id": row["Id"], name: value}])
        assert (saved.success, saved.errors[0].code) == (False, "INVALID_FIELD_FOR_INSERT_UPDATE"), name
    (deleted,) = world.org.delete(rep, [row["Id"]])
    assert not deleted.success
    for sobject in ("NPS_Sync_Run__c", "NPS_Dead_Letter__c"):
        with pytest.raises(OrgError):
            world.org.query(rep, f"SELECT Id FROM {sobject}")
