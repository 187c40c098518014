"""A store with standard objects, a survey response object, and a handful of records."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tooling.local_org.engine.access import Access
from tooling.local_org.engine.clock import Clock
from tooling.local_org.engine.query import QueryEngine
from tooling.local_org.engine.users import User
from tooling.local_org.schema.permissions import FieldPermissions, ObjectPermissions, PermissionSet
from tooling.local_org.schema.standard import resolve_activity_subjects, standard_sobjects
from tooling.local_org.schema.types import Field, FieldType, ObjectKind, PicklistValue, Schema, SObject
from tooling.local_org.store import Store
from tooling.local_org.store.tables import create_table

_CATEGORY = 'IF(Score__c >= 9, "Promoter", IF(Score__c >= 7, "Passive", "Detractor"))'
NOW = datetime(2026, 3, 10, 4, 30, tzinfo=UTC)
"""The evening of 9 March in Los Angeles."""


def _survey_object() -> SObject:
    """Fields of a response; the formulas are a plain one, a nested one, a cross-object one and one that asks for the clock."""
    system = [
        Field("Id", "Record ID", FieldType.ID, length=18, nillable=False, updateable=False),
        Field("OwnerId", "Owner ID", FieldType.REFERENCE, length=18, reference_to=("Group", "User"), relationship_name="Owner"),
        Field("IsDeleted", "Deleted", FieldType.BOOLEAN, nillable=False, updateable=False),
        Field("Name", "Response", FieldType.STRING, length=80, name_field=True, auto_number="SR-{0000}"),
        Field("CreatedDate", "Created Date", FieldType.DATETIME, nillable=False, updateable=False),
    ]
    own = [
        Field("Score__c", "Score", FieldType.DOUBLE, precision=3, scale=0),
        Field("Weight__c", "Weight", FieldType.DOUBLE, precision=8, scale=3),
        Field("Comment__c", "Comment", FieldType.TEXTAREA, length=32000, metadata_type="LongTextArea"),
        Field("Key__c", "Key", FieldType.STRING, length=80, external_id=True, unique=True),
        Field("Exact__c", "Exact", FieldType.STRING, length=80, external_id=True, unique=True, case_sensitive=True),
        Field("Responded_At__c", "Responded At", FieldType.DATETIME),
        Field("Due__c", "Due", FieldType.DATE),
        Field("Urgent__c", "Urgent", FieldType.BOOLEAN, nillable=False),
        Field("Topics__c", "Topics", FieldType.MULTIPICKLIST, length=4099),
        Field(
            "Channel__c", "Channel", FieldType.PICKLIST, length=255,
            picklist=(PicklistValue("email", "E-mail"), PicklistValue("web", "Web")),
        ),
        Field(
            "Contact__c", "Contact", FieldType.REFERENCE, length=18, reference_to=("Contact",), relationship_name="Contact__r",
            child_relationship_name="Survey_Responses__r",
        ),
        Field("Category__c", "Category", FieldType.STRING, length=1300, formula=_CATEGORY),
        Field("Shout__c", "Shout", FieldType.STRING, length=1300, formula='UPPER(Category__c) & "!"'),
        Field("Share__c", "Share", FieldType.PERCENT, precision=18, scale=1, formula="Weight__c / 3"),
        Field("Company__c", "Company", FieldType.STRING, length=1300, formula="Contact__r.Account.Name"),
        Field("Overdue__c", "Overdue", FieldType.BOOLEAN, nillable=False, formula="Due__c < TODAY()"),
    ]  # fmt: skip
    fields = (*system, *(_custom(one) for one in own))
    return SObject(
        "Survey_Response__c",
        "Survey Response",
        "Survey Responses",
        "a00",
        fields,
        kind=ObjectKind.CUSTOM,
        sharing_model="Private",
        activities=True,
    )


def _custom(one: Field) -> Field:
    values = {name: getattr(one, name) for name in Field.__dataclass_fields__}
    return Field(**(values | {"custom": True, "createable": not one.calculated, "updateable": not one.calculated}))


@dataclass
class World:
    store: Store
    schema: Schema
    access: Access
    clock: Clock
    engine: QueryEngine
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def admin(self) -> User:
        """In Los Angeles; sees every field."""
        return self.user("Ada", "System Administrator")

    def user(self, name: str, profile: str) -> User:
        return User(self.ids[name], f"{name.lower()}@example.com", name, profile, ZoneInfo("America/Los_Angeles"))

    def add(self, sobject: str, label: str | None = None, **values: Any) -> str:
        found = self.schema.get(sobject)
        assert found is not None
        record = {"CreatedDate": NOW} | values if found.field("CreatedDate") else dict(values)
        [record_id] = self.store.records.insert(found, [record])
        if label:
            self.ids[label] = record_id
        return record_id

    def rows(self, soql: str, user: User | None = None, **options: Any) -> list[dict[str, Any]]:
        """The records without their attributes."""
        return [_bare(record) for record in self.engine.run(soql, user, **options).records]

    def values(self, soql: str, user: User | None = None, **options: Any) -> list[Any]:
        """The first selected value of each record."""
        return [next(iter(row.values())) for row in self.rows(soql, user, **options)]


def _bare(record: dict[str, Any]) -> dict[str, Any]:
    kept = {}
    for name, value in record.items():
        if name == "attributes":
            continue
        if isinstance(value, dict) and "records" in value:
            value = [_bare(child) for child in value["records"]]
        kept[name] = _bare(value) if isinstance(value, dict) and "attributes" in value else value
    return kept


@pytest.fixture(scope="session")
def filled() -> Iterator[tuple[Store, Schema, dict[str, str]]]:
    """Made once; tests undo what they change."""
    schema = resolve_activity_subjects([*standard_sobjects(), _survey_object()])
    store = Store.open()
    with store.transaction():
        for sobject in schema:
            create_table(store.connection, sobject)
        made = _world(store, schema, {})
        _fill(made)
    yield store, schema, made.ids
    store.close()


@pytest.fixture
def world(filled: tuple[Store, Schema, dict[str, str]]) -> Iterator[World]:
    store, schema, ids = filled
    store.connection.execute("BEGIN")
    yield _world(store, schema, dict(ids))
    store.connection.execute("ROLLBACK")


def _world(store: Store, schema: Schema, ids: dict[str, str]) -> World:
    metadata: Any = SimpleNamespace(schema=schema, permission_sets={"NPS": _some_fields(), "All": _all_fields(schema)}, profiles={})
    clock = Clock(NOW)
    access = Access(store, metadata)
    return World(store, schema, access, clock, QueryEngine(store, metadata, access, clock), ids)


def _some_fields() -> PermissionSet:
    fields = {f"survey_response__c.{name.lower()}": FieldPermissions(True, True) for name in ("Score__c", "Contact__c", "Category__c")}
    return PermissionSet("NPS", "NPS", {"survey_response__c": ObjectPermissions(read=True, create=True)}, fields)


def _all_fields(schema: Schema) -> PermissionSet:
    survey = schema.get("Survey_Response__c")
    assert survey is not None
    return PermissionSet("All", "All", {}, {f"survey_response__c.{one.name.lower()}": FieldPermissions(True) for one in survey.fields})


def _fill(world: World) -> None:
    add = world.add
    for name in ("Ada", "Ben"):
        add("User", name, FirstName=name, LastName="User", Username=f"{name.lower()}@example.com", Email=f"{name.lower()}@example.com")
    add("Group", "Queue", Name="Feedback Queue", DeveloperName="Feedback_Queue", Type="Queue")
    add("PermissionSet", "Set", Name="NPS", Label="NPS")
    add("PermissionSet", "AllSet", Name="All", Label="All")
    add(
        "Account",
        "Acme",
        Name="Acme",
        Industry="Energy",
        NumberOfEmployees=Decimal(10),
        AnnualRevenue=Decimal("1000"),
        BillingCity="Oslo",
        OwnerId=world.ids["Ada"],
    )
    add("Account", "Beta", Name="beta", NumberOfEmployees=Decimal(20), AnnualRevenue=Decimal("2500.5"), Website="https://beta.example")
    add("Account", "Gone", Name="Gone", IsDeleted=True)
    ids = world.ids
    add("Contact", "Ann", FirstName="Ann", LastName="Ångström", Email="Ann@Example.com", AccountId=ids["Acme"])
    add("Contact", "Bob", FirstName="Bob", LastName="Berg", AccountId=ids["Beta"])
    add("Contact", "Cyd", LastName="Cyd", AccountId=ids["Gone"])
    add("Contact", "Dan", LastName="Dan")
    responses: list[dict[str, Any]] = [
        {
            "Score__c": Decimal(10),
            "Contact__c": ids["Ann"],
            "Key__c": "K-1",
            "Topics__c": "Price;Speed",
            "Channel__c": "email",
            "Urgent__c": True,
        },
        {"Score__c": Decimal(7), "Contact__c": ids["Ann"], "Key__c": "K-2", "Topics__c": "Price", "Weight__c": Decimal("0.125")},
        {
            "Score__c": Decimal(3),
            "Contact__c": ids["Bob"],
            "Key__c": "K-3",
            "Exact__c": "abc",
            "Due__c": date(2026, 3, 8),
            "Comment__c": "slow",
        },
        {"Contact__c": None, "Key__c": "K-4", "Due__c": date(2026, 3, 9), "Responded_At__c": datetime(2026, 3, 9, 7, 30, tzinfo=UTC)},
    ]
    for number, values in enumerate(responses, 1):
        add("Survey_Response__c", f"R{number}", Name=f"SR-{number}", OwnerId=ids["Ada" if number < 3 else "Ben"], **values)
    add("Task", "T1", Subject="Call", WhatId=ids["Acme"], WhoId=ids["Ann"], OwnerId=ids["Ada"], Status="Completed")
    add("Task", "T2", Subject="Write", WhatId=ids["R1"], OwnerId=ids["Ben"], Status="Not Started")
    add("Task", "T3", Subject="Rest", OwnerId=ids["Ada"], Status="Not Started")
    add("Lead", "L1", LastName="Lead", Company="X", OwnerId=ids["Queue"])
    add("PermissionSetAssignment", AssigneeId=ids["Ben"], PermissionSetId=ids["Set"])
    add("PermissionSetAssignment", AssigneeId=ids["Ada"], PermissionSetId=ids["AllSet"])
