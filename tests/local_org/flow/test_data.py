"""Get, Create, Update, Delete Records, and their bulk. Source: metadata reference, "Elements: details that bite"."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from tooling.local_org.flow import Trigger, run, run_autolaunched

from .build import (
    AFTER_SAVE,
    BEFORE_SAVE,
    assignment,
    boolean,
    collection,
    condition,
    decision,
    filters,
    inputs,
    item,
    number,
    program,
    record,
    records,
    ref,
    text,
    to,
    variable,
)

FIRST = "<getFirstRecordOnly>true</getFirstRecordOnly>"
STORE = "<storeOutputAutomatically>true</storeOutputAutomatically>"


def get(name, lines, more=STORE, then="", sobject="Contact"):
    return f"<recordLookups><name>{name}</name>{to(then)}{filters(*lines)}<object>{sobject}</object>{more}</recordLookups>"


def triggers(*records):
    return [Trigger(record, None, True) for record in records]


def test_get_records__one_statement_for_all_interviews(org):
    """
    Two hundred interviews at one Get make one SOQL statement.
    """
    contacts = [org.add("Contact", LastName=f"N{i}", Email=f"n{i}@example.com") for i in range(200)]
    made = program(
        get("Find", [("Id", "EqualTo", ref("$Record.Contact__c"))], FIRST + STORE, then="Set"),
        assignment("Set", item("$Record.Note__c", "Assign", ref("Find.Email"))),
        start=BEFORE_SAVE,
    )
    rows = [{"Contact__c": contact["Id"]} for contact in contacts]
    run(made, org, triggers(*rows))
    assert org.statements == ["select Contact x200"]
    assert [row["Note__c"] for row in rows] == [contact["Email"] for contact in contacts]


def test_get_records__nothing_found_is_null_and_its_field_faults(org):
    """
    The output of a Get that found nothing is null; a field of it fails outside formulas in Salesforce's words.
    """
    made = program(
        variable("v"),
        get("Find", [("LastName", "EqualTo", text("none"))], FIRST + STORE, then="Ask"),
        decision("Ask", condition("Find", "IsNull", boolean(True)), then="Set"),
        assignment("Set", item("v", "Assign", ref("Find.Email"))),
    )
    [result] = run_autolaunched(made, org, [{}])
    assert "The flow failed to access the value for Find.Email because it hasn't been set or assigned." in result.error.message


def test_get_records__sort_limit_and_queried_fields(org):
    """
    Sorted, cut, and with only the fields asked for.
    """
    for name in "bca":
        org.add("Contact", LastName=name, Email=f"{name}@example.com")
    more = (
        "<limit><numberValue>2</numberValue></limit><outputReference>found</outputReference><queriedFields>LastName</queriedFields>"
        "<sortField>LastName</sortField><sortOrder>Desc</sortOrder>"
    )
    made = program(records("found", "Contact"), get("Find", [("Email", "IsNull", boolean(False))], more))
    [result] = run_autolaunched(made, org, [{}])
    assert [dict(r) | {"Id": None} for r in result.outputs["found"]] == [{"Id": None, "LastName": "c"}, {"Id": None, "LastName": "b"}]


def test_get_records__output_assignments(org):
    """
    Fields of the first record into variables; nothing found leaves them or nulls them, as the element says.
    """
    org.add("Contact", LastName="a", Email="a@example.com")
    assigned = "<outputAssignments><assignToReference>v</assignToReference><field>Email</field></outputAssignments>"
    nulls = "<assignNullValuesIfNoRecordsFound>true</assignNullValuesIfNoRecordsFound>"
    for more, name, expected in (("", "a", "a@example.com"), ("", "x", "before"), (nulls, "x", None)):
        made = program(variable("v"), get("Find", [("LastName", "EqualTo", text(name))], more + assigned))
        [result] = run_autolaunched(made, org, [{"v": "before"}])
        assert result.outputs["v"] == expected


def test_create_records__from_fields_keeps_the_id(org):
    """
    One DML statement for all interviews; each gets the Id of its record.
    """
    made = program(
        variable("id"),
        "<recordCreates><name>Make</name><assignRecordIdToReference>id</assignRecordIdToReference>"
        + inputs(Subject=text("Call {!$Record.Name}"), ActivityDate=ref("$Flow.CurrentDate"), WhatId=ref("$Record.Id"))
        + "<object>Task</object></recordCreates>",
        start=AFTER_SAVE,
    )
    results = run(made, org, triggers({"Id": "a01", "Name": "R1"}, {"Id": "a02", "Name": "R2"}))
    assert org.statements == ["insert Task x2"]
    assert [task["Subject"] for task in org.all("Task")] == ["Call R1", "Call R2"]
    assert [r.outputs["id"] for r in results] == [task["Id"] for task in org.all("Task")]
    assert str(org.all("Task")[0]["ActivityDate"]) == "2025-06-15"


def test_create_records__a_collection_gets_its_ids(org):
    """
    Records of a collection are created by one statement and carry their Ids afterwards.
    """
    made = program(
        record("task", "Task"),
        records("tasks", "Task"),
        collection("ids"),
        variable("last"),
        assignment(
            "Fill",
            item("task.Subject", "Assign", text("a")),
            item("tasks", "Add", ref("task")),
            item("tasks", "Add", ref("task")),
            then="Make",
        ),
        "<recordCreates><name>Make</name><inputReference>tasks</inputReference></recordCreates>",
    )
    [result] = run_autolaunched(made, org, [{}])
    assert org.statements == ["insert Task x2"]
    assert [t["Id"] for t in result.outputs["tasks"]] == [t["Id"] for t in org.all("Task")]


def test_create_records__a_refused_record_takes_its_own_fault_path(org):
    """
    One interview's refusal is that interview's: it goes the fault path with $Flow.FaultMessage, the others go on.
    """
    org.refuse = lambda sobject, record: "Subject is bad" if record.get("Subject") == "bad" else None
    made = program(
        variable("subject"),
        variable("message"),
        variable("id"),
        "<recordCreates><name>Make</name><assignRecordIdToReference>id</assignRecordIdToReference>"
        + to("Keep", "faultConnector")
        + inputs(Subject=ref("subject"))
        + "<object>Task</object></recordCreates>",
        assignment("Keep", item("message", "Assign", ref("$Flow.FaultMessage"))),
    )
    good, bad = run_autolaunched(made, org, [{"subject": "good"}, {"subject": "bad"}])
    assert good.error is bad.error is None
    assert good.outputs["message"] is None and good.outputs["id"]
    assert bad.outputs["message"] == (
        "This error occurred when the flow tried to create records: FIELD_CUSTOM_VALIDATION_EXCEPTION: Subject is bad. "
        "You can look up ExceptionCode values in the SOAP API Developer Guide."
    )


def test_unhandled_fault__is_the_error_of_the_save(org):
    """
    Without a fault path the interview fails with the text that Salesforce shows, naming the flow by its label.
    """
    org.refuse = lambda sobject, record: "No"
    made = program("<recordCreates><name>Make</name>" + inputs(Subject=text("x")) + "<object>Task</object></recordCreates>")
    [result] = run_autolaunched(made, org, [{}])
    assert result.error.code == "CANNOT_EXECUTE_FLOW_TRIGGER"
    assert result.error.message == (
        "We can't save this record because the “My flow” process failed. Give your Salesforce admin these details. "
        "This error occurred when the flow tried to create records: FIELD_CUSTOM_VALIDATION_EXCEPTION: No. "
        "You can look up ExceptionCode values in the SOAP API Developer Guide."
    )


def test_upsert__by_external_id(org):
    """
    doesUpsert updates the record with the same external Id, else creates one.
    """
    org.add("Response__c", Key__c="k", Note__c="old")
    made = program(
        record("r", "Response__c"),
        variable("key"),
        assignment("Fill", item("r.Key__c", "Assign", ref("key")), item("r.Note__c", "Assign", text("new")), then="Put"),
        "<recordCreates><name>Put</name><doesUpsert>true</doesUpsert><inputReference>r</inputReference>"
        "<upsertExternalIdField>Key__c</upsertExternalIdField></recordCreates>",
    )
    run_autolaunched(made, org, [{"key": "k"}, {"key": "l"}])
    assert org.statements == ["upsert Response__c x2 by Key__c"]
    assert [(r["Key__c"], r["Note__c"]) for r in org.all("Response__c")] == [("k", "new"), ("l", "new")]


def test_update__triggering_record_after_save_sends_only_what_was_assigned(org):
    """
    After the save, $Record is written by an Update element, with the fields that the flow assigned and no others.
    """
    row = org.add("Response__c", Score__c=Decimal(3), Note__c="old")
    made = program(
        assignment("Set", item("$Record.Note__c", "Assign", text("new")), then="Save"),
        "<recordUpdates><name>Save</name><inputReference>$Record</inputReference></recordUpdates>",
        start=AFTER_SAVE,
    )
    seen = []
    org.refuse = lambda sobject, record: seen.append(dict(record))
    trigger = Trigger(dict(row), None, True)
    run(made, org, [trigger])
    assert seen == [{"Id": row["Id"], "Note__c": "new"}]
    assert trigger.record["Note__c"] == "old", "the transaction's record is not the interview's"


def test_update__triggering_record_before_save_needs_no_statement(org):
    """
    Update Triggering Record before the save writes into the record at hand.
    """
    made = program(
        "<recordUpdates><name>Save</name>" + inputs(Note__c=text("new")) + "<inputReference>$Record</inputReference></recordUpdates>",
        start=BEFORE_SAVE,
    )
    row = {"Score__c": Decimal(1)}
    run(made, org, triggers(row))
    assert row["Note__c"] == "new" and org.statements == []


def test_update__related_record_through_the_lookup(org):
    """
    `$Record.Account__r` as input updates the parent; a record without one has nothing to update.
    """
    account = org.add("Account", Name="Acme")
    made = program(
        "<recordUpdates><name>Save</name>"
        + inputs(Industry=text("Tech"))
        + "<inputReference>$Record.Account__r</inputReference></recordUpdates>",
        start=AFTER_SAVE,
    )
    results = run(made, org, triggers({"Id": "a01", "Account__c": account["Id"]}, {"Id": "a02", "Account__c": None}))
    assert [r.error for r in results] == [None, None]
    assert org.statements == ["update Account x1"] and account["Industry"] == "Tech"


def test_update__by_filters(org):
    """
    Update with filters: one SOQL statement and one DML statement for all interviews.
    """
    accounts = [org.add("Account", Name=name) for name in "ab"]
    made = program(
        variable("name"),
        "<recordUpdates><name>Save</name>"
        + filters(("Name", "EqualTo", ref("name")))
        + inputs(Rank__c=number(5))
        + "<object>Account</object></recordUpdates>",
    )
    run_autolaunched(made, org, [{"name": "A"}, {"name": "zzz"}, {"name": "b"}])
    assert org.statements == ["select Account x3", "update Account x2"]
    assert [a["Rank__c"] for a in accounts] == [Decimal(5), Decimal(5)]


def test_update__record_variable_without_id_faults(org):
    """
    An update needs the Id of its record.
    """
    made = program(record("r", "Account"), "<recordUpdates><name>Save</name><inputReference>r</inputReference></recordUpdates>")
    [result] = run_autolaunched(made, org, [{}])
    assert "MISSING_ARGUMENT: Id not specified in an update call" in result.error.message


def test_delete__by_reference_and_by_filters(org):
    """
    Delete Records takes records at hand or filters.
    """
    for name in "abc":
        org.add("Account", Name=name)
    made = program(
        get("Find", [("Name", "EqualTo", text("a"))], STORE, then="Drop", sobject="Account"),
        "<recordDeletes><name>Drop</name>" + to("Sweep") + "<inputReference>Find</inputReference></recordDeletes>",
        "<recordDeletes><name>Sweep</name>" + filters(("Name", "EqualTo", text("b"))) + "<object>Account</object></recordDeletes>",
        first="Find",
    )
    run_autolaunched(made, org, [{}])
    assert [a["Name"] for a in org.all("Account")] == ["c"]


def test_parent_field__through_an_empty_lookup(org):
    """
    An empty lookup on the way faults outside formulas and is null inside them.
    """
    row = {"Id": "a01", "Contact__c": None}
    parts = (
        "<formulas><name>Safe</name><dataType>String</dataType>"
        '<expression>BLANKVALUE({!$Record.Contact__r.Email}, "none")</expression></formulas>',
    )
    safe = program(*parts, variable("v"), assignment("Set", item("v", "Assign", ref("Safe"))), start=AFTER_SAVE)
    [result] = run(safe, org, triggers(row))
    assert result.outputs["v"] == "none"
    bare = program(variable("v"), assignment("Set", item("v", "Assign", ref("$Record.Contact__r.Email"))), start=AFTER_SAVE)
    [result] = run(bare, org, triggers(row))
    assert "failed to access the value for $Record.Contact__r.Email because it hasn't been set or assigned." in result.error.message


def test_parent_fields__are_prefetched_once(org):
    """
    The parents that a flow mentions are read for the whole batch before it runs.
    """
    account = org.add("Account", Name="Acme", OwnerId=org.add("User", Name="Ann")["Id"])
    made = program(variable("v"), assignment("Set", item("v", "Assign", ref("$Record.Account__r.Owner.Name"))), start=AFTER_SAVE)
    results = run(made, org, triggers(*({"Id": str(i), "Account__c": account["Id"]} for i in range(3))))
    assert org.prefetched == [("Response__c", 3, (("Account__r", "Owner", "Name"),))]
    assert [r.outputs["v"] for r in results] == ["Ann"] * 3


def test_formula_field__of_the_triggering_record(org):
    """
    Formula fields are asked of the org, stored fields are at hand.
    """
    made = program(variable("v"), assignment("Set", item("v", "Assign", ref("$Record.Category__c"))), start=AFTER_SAVE)
    [result] = run(made, org, triggers({"Id": "a01", "Score__c": Decimal(9)}))
    assert result.outputs["v"] == "9"


def test_current_date__is_the_running_users(org):
    """
    $Flow.CurrentDate is the day in the running user's time zone, $Flow.CurrentDateTime the moment in UTC.
    """
    org._now = datetime(2025, 6, 16, 5, 0, tzinfo=UTC)
    made = program(
        variable("d", "Date"),
        variable("t", "DateTime"),
        assignment("Set", item("d", "Assign", ref("$Flow.CurrentDate")), item("t", "Assign", ref("$Flow.CurrentDateTime"))),
    )
    [result] = run_autolaunched(made, org, [{}])
    assert str(result.outputs["d"]) == "2025-06-15" and result.outputs["t"] == org.now()
