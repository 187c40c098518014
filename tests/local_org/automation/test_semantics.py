"""What interviews do to records in an org: each rule with its source."""

from __future__ import annotations

from typing import Any

import pytest

from ..flow.build import (
    assignment,
    boolean,
    collection,
    condition,
    decision,
    filters,
    inputs,
    item,
    number,
    records,
    ref,
    text,
    to,
    variable,
    xml,
)  # fmt: skip
from ..flow.build import (
    record as record_variable,
)
from .conftest import Projects, record

STORE = "<storeOutputAutomatically>true</storeOutputAutomatically>"


def start(
    trigger: str = "RecordAfterSave", on: str = "CreateAndUpdate", more: str = "", paths: str = "", sobject: str = "Project__c"
) -> str:
    first = "" if paths else to("{first}")
    return f"{first}{more}<object>{sobject}</object><recordTriggerType>{on}</recordTriggerType>{paths}<triggerType>{trigger}</triggerType>"


def update(name: str, *, then: str = "", fault: str = "", more: str = "", **fields: str) -> str:
    """Updates the triggering record."""
    body = f"{to(then)}{to(fault, 'faultConnector')}{more}{inputs(**fields)}<inputReference>$Record</inputReference>"
    return f"<recordUpdates><name>{name}</name>{body}</recordUpdates>"


def create(name: str, sobject: str, *, then: str = "", fault: str = "", **fields: str) -> str:
    body = f"{to(then)}{to(fault, 'faultConnector')}{inputs(**fields)}<object>{sobject}</object>"
    return f"<recordCreates><name>{name}</name>{body}</recordCreates>"


def get(name: str, line: tuple[str, str, str], *, then: str, more: str = "") -> str:
    """Gets milestones and stores all their fields."""
    body = f"{to(then)}{filters(line)}{more}<object>Milestone__c</object>{STORE}"
    return f"<recordLookups><name>{name}</name>{body}</recordLookups>"


def install(projects: Projects, **flows: bytes) -> None:
    projects.deploy({f"flows/{name}.flow-meta.xml": content for name, content in flows.items()})


def fault_of(projects: Projects, **values: Any) -> tuple[str, str]:
    (result,) = projects.save(record("Project__c", **{"Name": "A", **values}))
    (error,) = result.errors
    return error.code, error.message


def formula(name: str, expression: str, kind: str = "String") -> str:
    return f"<formulas><name>{name}</name><dataType>{kind}</dataType><expression>{expression}</expression></formulas>"


# Order and records


def test_trigger_order__then_creation(bare: Projects) -> None:
    """By triggerOrder; without one between 1000 and 1001, in the order of creation (Salesforce Help, "Flow Trigger Order")."""

    def appends(letter: str, order: int | None = None) -> bytes:
        more = f"<triggerOrder>{order}</triggerOrder>" if order else ""
        return xml(
            assignment("Append", item("$Record.Health__c", "Add", text(letter))), start=start("RecordBeforeSave", "Create"), more=more
        )

    install(bare, Zulu=appends("z"))
    install(bare, Alpha=appends("a"), Last=appends("9", 2000), First=appends("1", 1), Middle=appends("5", 1000), After=appends("7", 1001))
    assert bare.project(bare.saved("Project__c", Name="A"), "Health__c") == ["15za79"]


def test_after_save_update__goes_through_validation_again(bare: Projects) -> None:
    """An update by a flow is a save of its own: what fits no field fails the first save (Apex Developer Guide, "Order of Execution")."""
    install(
        bare, Long=xml(formula("Long", "RPAD(&quot;x&quot;, 81, &quot;x&quot;)"), update("Write", Health__c=ref("Long")), start=start())
    )
    code, message = fault_of(bare)
    assert code == "CANNOT_EXECUTE_FLOW_TRIGGER"
    assert message.startswith("We can't save this record because the “My flow” process failed. Give your Salesforce admin these details. ")
    assert "This error occurred when the flow tried to update records: STRING_TOO_LONG: " in message
    assert message.endswith("You can look up ExceptionCode values in the SOAP API Developer Guide.")
    assert bare.values("SELECT COUNT(Id) FROM Project__c") == [0]


def test_update_of_the_triggering_record__held_to_conditions(bare: Projects) -> None:
    """Flow Builder's "Condition Requirements to Update Record": a record that does not meet them is not updated."""
    only = "<filterLogic>or</filterLogic>" + filters(("Budget__c", "GreaterThan", number(100)), ("Status__c", "EqualTo", text("running")))
    for trigger in ("RecordBeforeSave", "RecordAfterSave"):
        install(bare, Held=xml(update("Mark", more=only, Health__c=text("yes")), start=start(trigger, "Create")))
        rich = bare.saved("Project__c", Name="A", Budget__c=500)
        running = bare.saved("Project__c", Name="B", Status__c="Running")
        poor = bare.saved("Project__c", Name="C", Budget__c=5)
        assert [bare.project(i, "Health__c") for i in (rich, running, poor)] == [["yes"], ["yes"], [None]]


# Faults


def test_null_lookup__faults_outside_formulas(bare: Projects) -> None:
    """`$Record.Parent__r.Field` through an empty lookup (Salesforce Stack Exchange 395137; dlrs issue 355)."""
    install(bare, Read=xml(update("Write", Health__c=ref("$Record.Account__r.Name")), start=start(on="Create")))
    _, message = fault_of(bare)
    assert "The flow failed to access the value for $Record.Account__r.Name because it hasn't been set or assigned." in message
    install(bare, Read=xml(formula("Name", "{!$Record.Account__r.Name}"), update("Write", Health__c=ref("Name")), start=start(on="Create")))
    assert bare.project(bare.saved("Project__c", Name="A"), "Health__c") == [None]


def test_fault_path__keeps_what_was_done_before(bare: Projects) -> None:
    """The save succeeds, earlier work stays, the text is at hand ("Flow" page of the Metadata API guide)."""
    bad = create("Bad", "Milestone__c", fault="Note", Name=text("x"), Project__c=text("not an id"))
    flow = xml(
        create("Good", "Milestone__c", then="Bad", Name=text("kept")), bad,
        formula("Head", "LEFT({!$Flow.FaultMessage}, 60)"), update("Note", Health__c=ref("Head")),
        start=start(on="Create"), first="Good",
    )  # fmt: skip
    install(bare, Careful=flow)
    project = bare.saved("Project__c", Name="A")
    assert bare.project(project, "Health__c") == ["This error occurred when the flow tried to create records: M"]
    assert bare.values("SELECT Name FROM Milestone__c") == ["kept"]


CHAIN = [
    ("unhandled", False, []),
    ("handled", True, ["marker"]),
    ("none", False, []),
]


@pytest.mark.parametrize(("mode", "saved", "left"), CHAIN)
def test_subflow__fault_of_the_child(bare: Projects, mode: str, saved: bool, left: list[str]) -> None:
    """An unhandled fault of a child fails the parent and takes back what its interview saved; a handled one does not.

    A child with triggerType None deploys, and fails when it is called. Asserted in live orgs: salesforce/sf-pi, subflow chain.
    """
    fault = "Sentinel" if mode == "handled" else ""
    child = xml(
        create("Fail", "Milestone__c", fault=fault, Name=text("x"), Project__c=text("nonsense")),
        variable("out"), assignment("Sentinel", item("out", "Assign", text("handled"))), first="Fail",
    )  # fmt: skip
    none = xml(variable("out"), assignment("Set", item("out", "Assign", text("x"))), start=to("Set") + "<triggerType>None</triggerType>")
    taken = "<outputAssignments><assignToReference>got</assignToReference><name>out</name></outputAssignments>"
    parent = xml(
        create("Mark", "Milestone__c", then="Call", Name=text("marker")), variable("got"),
        f"<subflows><name>Call</name>{to('Save')}<flowName>Child</flowName>{taken}</subflows>", update("Save", Health__c=ref("got")),
        start=start(on="Create"), first="Mark",
    )  # fmt: skip
    install(bare, Child=none if mode == "none" else child, Parent=parent)
    (result,) = bare.save(record("Project__c", Name="A"))
    assert result.success is saved
    assert bare.values("SELECT Name FROM Milestone__c") == left
    if saved:
        assert bare.project(str(result.id), "Health__c") == ["handled"]


def test_partial_save__survivors_run_again(bare: Projects) -> None:
    """Only the refused row fails; the others run again without it, and count once (Apex guide, "Bulk DML Exception Handling")."""
    stop = (
        "<customErrors><name>Stop</name><customErrorMessages><errorMessage>no</errorMessage><isFieldError>false</isFieldError>"
        "</customErrorMessages></customErrors>"
    )
    flow = xml(
        create("Make", "Milestone__c", then="Ask", Name=ref("$Record.Name")),
        decision("Ask", condition("$Record.Name", "StartsWith", text("BAD")), then="Stop"), stop, start=start(on="Create"), first="Make",
    )  # fmt: skip
    install(bare, Picky=flow)
    results = bare.save(record("Project__c", Name="Bad"), record("Project__c", Name="Good"))
    assert [r.success for r in results] == [False, True]
    assert bare.values("SELECT Name FROM Milestone__c") == ["Good"]


# Data elements


def test_get__null_on_the_right(bare: Projects) -> None:
    """A null asks for records without a value; for a checkbox it finds nothing (Salesforce Help, "Flow Resource Considerations")."""
    bare.saved("Milestone__c", Name="With", Points__c=1)
    bare.saved("Milestone__c", Name="Without")

    def counting(field: str, kind: str) -> bytes:
        return xml(
            variable("nothing", kind), variable("n", "Number"),
            get("Find", (field, "EqualTo", ref("nothing")), then="Count"),
            assignment("Count", item("n", "AssignCount", ref("Find")), then="Save"), update("Save", Points__c=ref("n")),
            start=start(on="Create"), first="Find",
        )  # fmt: skip

    install(bare, Find=counting("Points__c", "Number"))
    assert bare.project(bare.saved("Project__c", Name="A"), "Points__c") == [1.0]
    install(bare, Find=counting("Done__c", "Boolean"))
    assert bare.project(bare.saved("Project__c", Name="B"), "Points__c") == [0.0]


def test_get__text_ignores_case(bare: Projects) -> None:
    """Filters go to SOQL, where = and LIKE on text ignore case (SOQL and SOSL Reference)."""
    bare.saved("Milestone__c", Name="ALPHA", Rank__c=7)
    flow = xml(
        get("Find", ("Name", "StartsWith", text("alp")), then="Save", more="<getFirstRecordOnly>true</getFirstRecordOnly>"),
        update("Save", Points__c=ref("Find.Rank__c")), start=start(on="Create"), first="Find",
    )  # fmt: skip
    install(bare, Find=flow)
    assert bare.project(bare.saved("Project__c", Name="A"), "Points__c") == [7.0]


@pytest.mark.parametrize(("all_or_none", "left"), [(True, ["Kept before"]), (False, ["Kept before", "New", "Renamed"])])
def test_upsert__all_or_none(bare: Projects, all_or_none: bool, left: list[str]) -> None:
    """With doesUpsertAllOrNone nothing of the collection is saved, without it the valid members are; the fault path is taken both ways.

    Asserted in live orgs: salesforce/sf-pi, upsert collection.
    """
    bare.saved("Milestone__c", Name="Kept before" if all_or_none else "Old", Key__c="k1")
    if not all_or_none:
        bare.saved("Milestone__c", Name="Kept before", Key__c="k0")

    def add(name: str, key: str, more: str = "") -> str:
        items = [item("one.Name", "Assign", text(name)), item("one.Key__c", "Assign", text(key)), more, item("all", "Add", ref("one"))]
        return "".join(items)

    wrong = item("one.Project__c", "Assign", text("a00000000000009AAA"))
    right = item("one.Project__c", "Assign", ref("$GlobalConstant.EmptyString"))
    flow = xml(
        record_variable("one", "Milestone__c"), records("all", "Milestone__c"),
        assignment("Collect", add("Renamed", "K1"), add("Bad", "k2", wrong), add("New", "k3", right), then="Upsert"),
        f"<recordCreates><name>Upsert</name>{to('Good')}<doesUpsert>true</doesUpsert><doesUpsertAllOrNone>{str(all_or_none).lower()}"
        f"</doesUpsertAllOrNone>{to('Bad', 'faultConnector')}<inputReference>all</inputReference>"
        "<upsertExternalIdField>Key__c</upsertExternalIdField></recordCreates>",
        update("Good", Health__c=text("good")), update("Bad", Health__c=text("fault")), start=start(on="Create"), first="Collect",
    )  # fmt: skip
    install(bare, Upserting=flow)
    assert bare.project(bare.saved("Project__c", Name="A"), "Health__c") == ["fault"]
    assert bare.values("SELECT Name FROM Milestone__c ORDER BY Name") == left


# Paths


def test_scheduled_path__without_prior_as_who_saved(bare: Projects) -> None:
    """It runs as the user who changed the record, sees its current values, and has no prior ones (Salesforce Help, "Scheduled Paths")."""
    path = (
        f"<scheduledPaths><name>Soon</name>{to('Note')}<label>Soon</label><offsetNumber>1</offsetNumber><offsetUnit>Hours</offsetUnit>"
        "<timeSource>RecordTriggerEvent</timeSource></scheduledPaths>"
    )
    flow = xml(
        formula("Prior", "BLANKVALUE({!$Record__Prior.Name}, &quot;no prior&quot;)"),
        formula("Seen", "{!$User.Username} &amp; &quot; &quot; &amp; {!Prior} &amp; &quot; &quot; &amp; {!$Record.Name}"),
        update("Note", Health__c=ref("Seen")), start=start(on="Create", paths=path), first="Note",
    )  # fmt: skip
    install(bare, Later=flow)
    project = bare.saved("Project__c", Name="A")
    bare.changed("Project__c", project, Name="B")
    bare.advance(hours=1)
    assert bare.project(project, "Health__c") == ["admin@local.example no prior B"]


def test_schedule__once_in_the_past_never_runs(bare: Projects) -> None:
    """Asserted in live orgs: salesforce/sf-pi; Salesforce Help, "Considerations for Schedule-Triggered Flows"."""

    def once(day: str) -> bytes:
        schedule = f"<schedule><frequency>Once</frequency><startDate>{day}</startDate><startTime>09:00:00.000Z</startTime></schedule>"
        begin = to("Make") + schedule + "<triggerType>Scheduled</triggerType>"
        return xml(create("Make", "Milestone__c", Name=text(day)), start=begin)

    install(bare, Past=once("2026-03-01"), Future=once("2026-03-03"))
    bare.advance(days=400)
    assert bare.values("SELECT Name FROM Milestone__c") == ["2026-03-03"]


def test_schedule__batch_size(bare: Projects) -> None:
    """A schedule-triggered flow over records may set its batch size, 1 to 200 (salesforce/sf-pi, flow guide)."""
    bare.save(*(record("Project__c", Name=f"P{n}") for n in range(25)))
    schedule = "<schedule><frequency>Once</frequency><startDate>2026-03-03</startDate><startTime>09:00:00.000Z</startTime></schedule>"
    begin = to("Mark") + f"<maxBatchSize>10</maxBatchSize><object>Project__c</object>{schedule}<triggerType>Scheduled</triggerType>"
    install(bare, Small=xml(update("Mark", Health__c=text("seen")), start=begin))
    bare.advance(days=2)
    ran = [t["transaction"]["dmlRows"] for t in bare.org.interviews() if t["flow"] == "Small"]
    assert sorted(set(ran)) == [5, 10]
    assert len(ran) == 25


# Values


def test_multi_record_sort__three_fields(bare: Projects) -> None:
    """Later options order what earlier ones leave equal; empty values last (asserted in live orgs: salesforce/sf-pi, multi sort)."""
    for name, key, points, rank in (
        ("Zulu", "zulu", 1, 1),
        ("Low", "alpha", 1, 2),
        ("High B", "alpha", 9, 3),
        ("High A", "alpha", 9, 4),
        ("None", None, 5, 5),
    ):
        bare.saved("Milestone__c", Name=name, Key__c=key and f"{key}{rank}", Points__c=points, Rank__c=rank)

    def option(field: str, order: str, first: str = "false") -> str:
        return (
            f"<sortOptions><doesPutEmptyStringAndNullFirst>{first}</doesPutEmptyStringAndNullFirst><sortField>{field}</sortField>"
            f"<sortOrder>{order}</sortOrder></sortOptions>"
        )

    def sorting(first: str) -> bytes:
        return xml(
            f"<recordLookups><name>Find</name>{to('Sort')}<object>Milestone__c</object>{STORE}</recordLookups>",
            f"<collectionProcessors><name>Sort</name><collectionProcessorType>SortCollectionProcessor</collectionProcessorType>"
            f"<collectionReference>Find</collectionReference>{to('Each')}{option('Points__c', 'Desc')}{option('Key__c', 'Asc', first)}"
            f"{option('Name', 'Asc')}</collectionProcessors>",
            f"<loops><name>Each</name><collectionReference>Find</collectionReference>{to('Add', 'nextValueConnector')}"
            f"{to('Save', 'noMoreValuesConnector')}</loops>",
            variable("all"), assignment("Add", item("all", "Add", ref("Each.Name")), item("all", "Add", text(";")), then="Each"),
            update("Save", Health__c=ref("all")), start=start(on="Create"), first="Find",
        )  # fmt: skip

    install(bare, Sorting=sorting("false"))
    assert bare.project(bare.saved("Project__c", Name="A"), "Health__c") == ["High B;High A;None;Low;Zulu;"]


def test_date_and_datetime__in_the_users_zone(bare: Projects) -> None:
    """$Flow.CurrentDate is the running user's day, a datetime assigned to a date its day there (Salesforce Help, "Flow Resources")."""
    flow = xml(variable("day", "Date"), assignment("Take", item("day", "Assign", ref("$Flow.CurrentDateTime")), then="Save"),
               formula("Both", "TEXT({!day}) &amp; &quot; &quot; &amp; TEXT({!$Flow.CurrentDate})"), update("Save", Health__c=ref("Both")),
               start=start(on="Create"), first="Take")  # fmt: skip
    install(bare, Days=flow)
    bare.advance(hours=10)
    # It is 2 o'clock of March 3 in UTC, 6 in the evening of March 2 in Los Angeles.
    assert bare.project(bare.saved("Project__c", Name="A"), "Health__c") == ["2026-03-02 2026-03-02"]


def test_collection_of_text__in_a_filter(bare: Projects) -> None:
    """In and NotIn take a collection ("FlowRecordFilterOperator", Metadata API guide)."""
    for name in ("a", "b", "c"):
        bare.saved("Milestone__c", Name=name)
    flow = xml(
        collection("names"), variable("n", "Number"),
        assignment("Fill", item("names", "Add", text("A")), item("names", "Add", text("c")), then="Find"),
        get("Find", ("Name", "In", ref("names")), then="Count"),
        assignment("Count", item("n", "AssignCount", ref("Find")), then="Save"), update("Save", Points__c=ref("n")),
        start=start(on="Create"), first="Fill",
    )  # fmt: skip
    install(bare, Finding=flow)
    assert bare.project(bare.saved("Project__c", Name="A"), "Points__c") == [2.0]


def test_checkbox__is_never_null(bare: Projects) -> None:
    """A checkbox field is false, not null (Salesforce Help, "Flow Resource Considerations")."""
    flow = xml(
        decision("Ask", condition("$Record.Overdue__c", "IsNull", boolean(False)), then="Save"), update("Save", Health__c=text("not null")),
        start=start(on="Create"), first="Ask",
    )  # fmt: skip
    install(bare, Asking=flow)
    assert bare.project(bare.saved("Project__c", Name="A"), "Health__c") == ["not null"]
