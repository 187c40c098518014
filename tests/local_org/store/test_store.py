"""The store: transactions, ids, typed values in and out, tables that change."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from time import perf_counter

import pytest

from tooling.local_org.errors import MalformedId
from tooling.local_org.schema.standard import standard_schema
from tooling.local_org.schema.types import Field, FieldType, Schema, SObject
from tooling.local_org.store import Store, checksum, is_id, make_id, to_18
from tooling.local_org.store.records import format_auto_number
from tooling.local_org.store.tables import change_tables, create_table

ALL_TYPES = SObject(
    "Thing__c",
    "Thing",
    "Things",
    "a01",
    (
        Field("Id", "ID", FieldType.ID, 18, nillable=False),
        Field("IsDeleted", "Deleted", FieldType.BOOLEAN),
        Field("Name", "Name", FieldType.STRING, 80, name_field=True),
        Field("Key__c", "Key", FieldType.STRING, 80, custom=True, external_id=True, unique=True, case_sensitive=True),
        Field("Amount__c", "Amount", FieldType.DOUBLE, precision=18, scale=2, custom=True),
        Field("Flag__c", "Flag", FieldType.BOOLEAN, custom=True),
        Field("Day__c", "Day", FieldType.DATE, custom=True),
        Field("Moment__c", "Moment", FieldType.DATETIME, custom=True),
        Field("Clock__c", "Clock", FieldType.TIME, custom=True),
        Field("Twice__c", "Twice", FieldType.DOUBLE, custom=True, formula="Amount__c * 2"),
    ),
)


@pytest.fixture
def store() -> Iterator[Store]:
    made = Store.open()
    with made.transaction():
        create_table(made.connection, ALL_TYPES)
    yield made
    made.close()


def test_checksum__published_example() -> None:
    """The three extra characters encode which letters are upper case."""
    assert checksum("001D000000IRFmP") == "IAX"


def test_to_18__wrong_case_is_repaired() -> None:
    """An 18-character id survives systems that change the case of letters."""
    assert to_18("001D000000IRFmP") == "001D000000IRFmPIAX"
    assert to_18("001d000000irfmpIAX") == "001D000000IRFmPIAX"


@pytest.mark.parametrize("text", ["", "001", "001D000000IRFmP!", "001D000000IRFmPIA", "00é000000000000"])
def test_to_18__no_id(text: str) -> None:
    """Anything else is MALFORMED_ID."""
    assert not is_id(text)
    with pytest.raises(MalformedId):
        to_18(text)


def test_make_id__orders_and_differs() -> None:
    """Ids of one prefix count up, and no two are equal in a system that ignores case."""
    ids = [make_id("a01", number) for number in range(1, 3000)]
    assert len({i.lower() for i in ids}) == len(ids)
    assert ids[0] == "a01000000000001" + checksum("a01000000000001")


def test_records__every_type_comes_back_as_it_went(store: Store) -> None:
    """Typed values survive the database, blanks included."""
    record = {
        "Name": "Ü",
        "Key__c": "k",
        "Amount__c": Decimal("12.345"),
        "Flag__c": True,
        "Day__c": date(2026, 2, 28),
        "Moment__c": datetime(2026, 2, 28, 23, 59, 59, tzinfo=UTC),
        "Clock__c": time(13, 5),
    }
    [record_id] = store.records.insert(ALL_TYPES, [dict(record)])
    stored = store.records.read(ALL_TYPES, [record_id])[record_id]
    assert {name: stored[name] for name in record} == record
    assert "Twice__c" not in stored
    [empty] = store.records.insert(ALL_TYPES, [{"Name": None}])
    blank = store.records.read(ALL_TYPES, [empty])[empty]
    assert blank["Flag__c"] is False
    assert blank["Amount__c"] is None


@pytest.mark.parametrize("number", ["0", "-1", "999999999999999999", "0.1", "7.126", "-12345.678"])
def test_records__numbers_keep_their_value(store: Store, number: str) -> None:
    """Whole numbers are exact to 18 digits, others to fifteen."""
    [record_id] = store.records.insert(ALL_TYPES, [{"Amount__c": Decimal(number)}])
    assert store.records.read(ALL_TYPES, [record_id], ["Amount__c"])[record_id]["Amount__c"] == Decimal(number)


def test_find__text_ignores_case_unless_case_sensitive(store: Store) -> None:
    """Names compare as SOQL compares them; a case-sensitive external id does not."""
    store.records.insert(ALL_TYPES, [{"Name": "ÄRGER", "Key__c": "A"}, {"Name": "other", "Key__c": "a"}])
    assert len(store.records.find(ALL_TYPES, "Name", ["ärger"])) == 1
    assert [r["Key__c"] for r in store.records.find(ALL_TYPES, "Key__c", ["a", None])] == ["a"]


def test_find__uses_the_index(store: Store) -> None:
    """Looking up an external id does not read the table."""
    plan = store.connection.execute(
        'EXPLAIN QUERY PLAN SELECT * FROM "Thing__c" WHERE "Key__c" IN (SELECT value FROM json_each(?))', ("[]",)
    )
    assert "USING INDEX" in " ".join(str(row) for row in plan)


def test_delete__recycle_bin(store: Store) -> None:
    """A deleted record is hidden, can come back, and can go for good."""
    [record_id] = store.records.insert(ALL_TYPES, [{"Name": "x"}])
    store.records.delete(ALL_TYPES, [record_id])
    assert store.records.read(ALL_TYPES, [record_id]) == {}
    assert record_id in store.records.read(ALL_TYPES, [record_id], include_deleted=True)
    store.records.undelete(ALL_TYPES, [record_id])
    assert store.records.count(ALL_TYPES) == 1
    store.records.purge(ALL_TYPES, [record_id])
    assert store.records.read(ALL_TYPES, [record_id], include_deleted=True) == {}


def test_savepoint__inner_failure_keeps_outer_work(store: Store) -> None:
    """A savepoint undoes its own block only."""
    with store.transaction():
        store.records.insert(ALL_TYPES, [{"Name": "kept"}])
        with pytest.raises(ValueError, match="no"), store.savepoint():
            store.records.insert(ALL_TYPES, [{"Name": "undone"}])
            raise ValueError("no")
    assert [record["Name"] for record in store.records.all(ALL_TYPES)] == ["kept"]


def test_transaction__rolled_back_structure(store: Store) -> None:
    """A failed transaction undoes added columns as well as records."""
    wider = replace(ALL_TYPES, fields=(*ALL_TYPES.fields, Field("More__c", "More", FieldType.STRING, 10, custom=True)))
    with pytest.raises(ValueError, match="no"), store.transaction():
        change_tables(store.connection, Schema([ALL_TYPES]), Schema([wider]))
        store.records.insert(wider, [{"More__c": "x"}])
        raise ValueError("no")
    store.records.forget_plans()
    columns = {row[1] for row in store.connection.execute('PRAGMA table_info("Thing__c")')}
    assert "More__c" not in columns
    assert store.records.count(ALL_TYPES) == 0


def test_change_tables__fields_come_go_and_change(store: Store) -> None:
    """Other fields keep their values; a field that becomes case-insensitive is compared so."""
    store.records.insert(ALL_TYPES, [{"Name": "n", "Key__c": "Mixed", "Amount__c": Decimal(5)}])
    kept = [field for field in ALL_TYPES.fields if field.name not in ("Amount__c", "Key__c")]
    changed = replace(
        ALL_TYPES,
        fields=(
            *kept,
            Field("Key__c", "Key", FieldType.STRING, 80, custom=True, external_id=True),
            Field("Extra__c", "Extra", FieldType.BOOLEAN, custom=True),
        ),
    )
    with store.transaction():
        change_tables(store.connection, Schema([ALL_TYPES]), Schema([changed]))
    store.records.forget_plans()
    [found] = store.records.find(changed, "Key__c", ["MIXED"])
    assert found["Name"] == "n"
    assert found["Extra__c"] is False
    assert "Amount__c" not in found


def test_snapshot__restore(store: Store, tmp_path: Path) -> None:
    """A snapshot brings the whole database back, counters included."""
    store.records.insert(ALL_TYPES, [{"Name": "before"}])
    store.snapshot(tmp_path / "one")
    store.records.insert(ALL_TYPES, [{"Name": "after"}])
    store.restore(tmp_path / "one")
    assert [record["Name"] for record in store.records.all(ALL_TYPES)] == ["before"]
    [record_id] = store.records.insert(ALL_TYPES, [{"Name": "next"}])
    assert record_id == make_id("a01", 2)
    with pytest.raises(FileNotFoundError):
        store.restore(tmp_path / "none")


def test_open__persists_under_a_path(tmp_path: Path) -> None:
    """What was committed is there when the file is opened again."""
    first = Store.open(tmp_path / "org.sqlite")
    with first.transaction():
        create_table(first.connection, ALL_TYPES)
        first.records.insert(ALL_TYPES, [{"Name": "kept"}])
        first.set_meta("key", "value")
    first.close()
    second = Store.open(tmp_path / "org.sqlite")
    assert [record["Name"] for record in second.records.all(ALL_TYPES)] == ["kept"]
    assert second.meta("key") == "value"
    second.set_meta("key", None)
    assert second.meta("key") is None
    second.close()


def test_open__temporary_file_is_removed() -> None:
    """Without a path the database is a temporary file that closing removes."""
    store = Store.open()
    path = store.path
    assert path.exists()
    store.close()
    assert not path.parent.exists()


def test_auto_numbers__count_in_the_display_format(store: Store) -> None:
    """Numbers are filled up with zeros, and longer ones are not cut."""
    name = replace(ALL_TYPES.fields[2], auto_number="SR-{0000}")
    assert store.records.auto_numbers(ALL_TYPES, name, 2) == ["SR-0001", "SR-0002"]
    assert store.records.auto_numbers(ALL_TYPES, name, 1) == ["SR-0003"]
    assert format_auto_number("{0}-x", 123) == "123-x"


def test_insert__composed_name_follows_its_parts(store: Store) -> None:
    """Contact.Name is made of FirstName and LastName, and changes with them."""
    contact = standard_schema().get("Contact")
    assert contact is not None
    with store.transaction():
        create_table(store.connection, contact)
    [record_id] = store.records.insert(contact, [{"FirstName": "Ada", "LastName": "Byron", "Name": "ignored"}])
    assert store.records.read(contact, [record_id])[record_id]["Name"] == "Ada Byron"
    store.records.update(contact, [(record_id, {"FirstName": None, "LastName": "Lovelace"})])
    assert store.records.find(contact, "Name", ["lovelace"])[0]["Id"] == record_id


def test_insert__bulk_is_one_statement(store: Store) -> None:
    """200 records go in with one prepared statement: no round trip per record."""
    statements: list[str] = []
    store.connection.set_trace_callback(statements.append)
    records = [{"Name": f"n{number}", "Key__c": f"k{number}"} for number in range(200)]
    started = perf_counter()
    with store.transaction():
        ids = store.records.insert(ALL_TYPES, records)
    elapsed = perf_counter() - started
    store.connection.set_trace_callback(None)
    assert len(set(ids)) == 200
    assert len([s for s in statements if s.startswith("INSERT INTO org_counter")]) == 1
    assert elapsed < 5
