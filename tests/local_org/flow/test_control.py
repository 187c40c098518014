"""Loops, subflows, custom errors, limits, collections, transforms, actions, traces."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from tooling.local_org.errors import LimitExceeded
from tooling.local_org.flow import Trigger, run, run_autolaunched

from .build import (
    AFTER_SAVE,
    BEFORE_SAVE,
    assignment,
    boolean,
    collection,
    condition,
    decision,
    flow,
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


def loop(name, over, body="", after="", more=""):
    return (
        f"<loops><name>{name}</name>{more}<collectionReference>{over}</collectionReference><iterationOrder>Asc</iterationOrder>"
        f"{to(body, 'nextValueConnector')}{to(after, 'noMoreValuesConnector')}</loops>"
    )


def test_loop__its_own_name_is_the_current_item(org):
    """
    Without a variable of its own, a loop's name is the current item (API 51 and later).
    """
    made = program(
        collection("words"), variable("all"), loop("Each", "words", body="Join"),
        assignment("Join", item("all", "Add", ref("Each")), then="Each"), first="Each",
    )  # fmt: skip
    [some, none] = run_autolaunched(made, org, [{"words": ["a", "b"]}, {}])
    assert (some.outputs["all"], none.outputs["all"]) == ("ab", None)


def test_loop__inside_a_loop_starts_anew_for_each_item(org):
    """
    An inner loop runs over its whole collection for every item of the outer one, also when it was left half-way.
    """
    made = program(
        collection("outer"), collection("inner"), variable("all"), variable("o"),
        loop("Out", "outer", body="In"),
        loop("In", "inner", body="Join", after="Out"),
        assignment("Join", item("all", "Add", ref("Out")), item("all", "Add", ref("In")), then="Ask"),
        decision("Ask", condition("In", "EqualTo", text("2")), then="Out", otherwise="In"), first="Out",
    )  # fmt: skip
    [result] = run_autolaunched(made, org, [{"outer": ["a", "b"], "inner": ["1", "2", "3"]}])
    assert result.outputs["all"] == "a1a2b1b2"


def test_loop__record_items_are_copies_and_statements_count_per_iteration(org):
    """
    A statement inside a loop is one per iteration, for all interviews together.
    """
    made = program(
        collection("words"), variable("id"), loop("Each", "words", body="Make"),
        "<recordCreates><name>Make</name><assignRecordIdToReference>id</assignRecordIdToReference>" + to("Each") + inputs(Subject=ref("Each"))
        + "<object>Task</object></recordCreates>", first="Each",
    )  # fmt: skip
    run_autolaunched(made, org, [{"words": ["a", "b"]}, {"words": ["c", "d"]}])
    assert org.statements == ["insert Task x2", "insert Task x2"]
    assert [t["Subject"] for t in org.all("Task")] == ["a", "c", "b", "d"]


CHILD = flow(
    variable("input"), variable("result", "Boolean"),
    decision("Ask", condition("input", "EqualTo", text("a")), then="Make"),
    "<recordCreates><name>Make</name>" + to("Note") + inputs(Subject=ref("input"))
    + "<object>Task</object><storeOutputAutomatically>true</storeOutputAutomatically></recordCreates>",
    assignment("Note", item("result", "Assign", boolean(True))), name="Child",
    first="Ask",
)  # fmt: skip


def call(more=""):
    return f"<subflows><name>Call</name>{to('After')}<flowName>Child</flowName>{more}</subflows>"


def passed(**values):
    return "".join(f"<inputAssignments><name>{name}</name><value>{value}</value></inputAssignments>" for name, value in values.items())


def test_subflow__inputs_outputs_and_bulk(org):
    """
    Interviews inside a subflow advance together too; outputs come back by name or under the element's name.
    """
    made = program(
        variable("v"), variable("done", "Boolean"), variable("same", "Boolean"),
        call(passed(input=ref("v")) + "<storeOutputAutomatically>true</storeOutputAutomatically>"),
        assignment("After", item("same", "Assign", ref("Call.result"))), called=(CHILD,), first="Call",
    )  # fmt: skip
    results = run_autolaunched(made, org, [{"v": "a"}, {"v": "b"}, {"v": "A"}])
    assert org.statements == ["insert Task x2"]
    assert [r.outputs["same"] for r in results] == [True, None, True]


def test_subflow__output_assignments_and_unhandled_fault(org):
    """
    An unhandled fault in the child fails the parent.
    """
    outputs = "<outputAssignments><assignToReference>done</assignToReference><name>result</name></outputAssignments>"
    made = program(
        variable("v"), variable("done", "Boolean"), call(passed(input=ref("v")) + outputs),
        assignment("After", item("v", "Assign", text("went on"))), called=(CHILD,), first="Call",
    )  # fmt: skip
    [result] = run_autolaunched(made, org, [{"v": "a"}])
    assert result.outputs == {"v": "went on", "done": True}
    org.refuse = lambda sobject, record: "No"
    [result] = run_autolaunched(made, org, [{"v": "a"}])
    assert "process failed" in result.error.message and "FIELD_CUSTOM_VALIDATION_EXCEPTION: No" in result.error.message


def test_custom_error__ends_the_interview_of_that_record(org):
    """
    A custom error refuses one record with its messages, on the page or at a field.
    """
    made = program(
        decision("Ask", condition("$Record.Score__c", "GreaterThan", number(10)), then="Refuse"),
        "<customErrors><name>Refuse</name><customErrorMessages><errorMessage>Score {!$Record.Score__c} is too high</errorMessage>"
        "<fieldSelection>Score__c</fieldSelection><isFieldError>true</isFieldError></customErrorMessages>"
        "<customErrorMessages><errorMessage>Stop</errorMessage><isFieldError>false</isFieldError></customErrorMessages></customErrors>",
        start=BEFORE_SAVE,
    )  # fmt: skip
    bad, good = run(made, org, [Trigger({"Score__c": Decimal(11)}, None, True), Trigger({"Score__c": Decimal(1)}, None, True)])
    assert bad.custom_errors == [("Score 11 is too high", "Score__c"), ("Stop", None)]
    assert good.succeeded and not bad.succeeded and bad.error is None


def test_limits__cpu_time_is_metered_and_not_caught(org):
    """
    A breach of a governor limit goes through every fault path.
    """
    org.cpu_limit = 100
    made = program(variable("n", "Number"), assignment("Again", item("n", "Add", number(1)), then="Again"))
    with pytest.raises(LimitExceeded):
        run_autolaunched(made, org, [{}])


def test_sort__in_place_with_a_limit(org):
    """
    Sort changes the collection itself; empty values come first or last as it says.
    """
    made = program(
        records("found", "Account"),
        "<collectionProcessors><name>Sort</name><collectionProcessorType>SortCollectionProcessor</collectionProcessorType>"
        "<collectionReference>found</collectionReference><limit>3</limit><sortOptions>"
        "<doesPutEmptyStringAndNullFirst>false</doesPutEmptyStringAndNullFirst><sortField>Rank__c</sortField><sortOrder>Desc</sortOrder>"
        "</sortOptions></collectionProcessors>",
    )
    given = [{"Rank__c": Decimal(1)}, {"Rank__c": None}, {"Rank__c": Decimal(3)}, {"Rank__c": Decimal(2)}]
    [result] = run_autolaunched(made, org, [{"found": given}])
    assert [r["Rank__c"] for r in result.outputs["found"]] == [3, 2, 1]


@pytest.mark.parametrize(
    "test",
    [
        "<conditionLogic>and</conditionLogic>" + condition("currentItem_Keep.Rank__c", "GreaterThan", number(1)),
        "<conditionLogic>formula_evaluates_to_true</conditionLogic><formula>{!currentItem_Keep.Rank__c} &gt; 1</formula>",
    ],
)
def test_filter__keeps_what_meets_the_conditions_or_the_formula(org, test):
    """
    Filter makes a new collection under the element's name.
    """
    made = program(
        records("found", "Account"), records("kept", "Account"),
        "<collectionProcessors><name>Keep</name>" + "<assignNextValueToReference>currentItem_Keep</assignNextValueToReference>"
        "<collectionProcessorType>FilterCollectionProcessor</collectionProcessorType><collectionReference>found</collectionReference>"
        + test + to("Set") + "</collectionProcessors>",
        assignment("Set", item("kept", "Assign", ref("Keep"))), first="Keep",
    )  # fmt: skip
    [result] = run_autolaunched(made, org, [{"found": [{"Rank__c": Decimal(1)}, {"Rank__c": Decimal(2)}]}])
    assert [r["Rank__c"] for r in result.outputs["kept"]] == [2]


def mapped(field, value):
    name = f"<outputFieldApiName>{field}</outputFieldApiName>" if field else ""
    return f"<transformValueActions>{name}<transformType>Map</transformType><value>{value}</value></transformValueActions>"


def test_transform__maps_each_item(org):
    """
    `[$EachItem]` makes one record per item of the source; other values are the same in all of them.
    """
    made = program(
        records("people", "Contact"), records("tasks", "Task"),
        "<transforms><name>Make</name>" + to("Set") + "<dataType>SObject</dataType><isCollection>true</isCollection><objectType>Task</objectType>"
        "<storeOutputAutomatically>true</storeOutputAutomatically><transformValues>"
        + mapped("Subject", ref("people[$EachItem].LastName")) + mapped("Status", text("Open")) + "</transformValues></transforms>",
        assignment("Set", item("tasks", "Assign", ref("Make"))), first="Make",
    )  # fmt: skip
    [result] = run_autolaunched(made, org, [{"people": [{"LastName": "a"}, {"LastName": "b"}]}])
    assert result.outputs["tasks"] == [{"Subject": "a", "Status": "Open"}, {"Subject": "b", "Status": "Open"}]


def test_transform__collection_of_values_for_an_in_filter(org):
    """
    A transform makes a text collection of one field, ready for an In filter.
    """
    made = program(
        records("people", "Contact"), collection("ids"),
        "<transforms><name>Collect</name>" + to("Set") + "<dataType>String</dataType><isCollection>true</isCollection>"
        "<storeOutputAutomatically>true</storeOutputAutomatically><transformValues>" + mapped("", ref("people[$EachItem].AccountId"))
        + "</transformValues></transforms>",
        assignment("Set", item("ids", "Assign", ref("Collect"))), first="Collect",
    )  # fmt: skip
    [result] = run_autolaunched(made, org, [{"people": [{"AccountId": "001a"}, {"AccountId": "001b"}]}])
    assert result.outputs["ids"] == ["001a", "001b"]


@pytest.mark.parametrize(("kind", "reference", "expected"), [("Count", "found", 2), ("Sum", "found[$EachItem].Rank__c", 5)])
def test_transform__counts_and_adds_up(org, kind, reference, expected):
    """
    Count gives the number of items, Sum the total of a field.
    """
    made = program(
        records("found", "Account"), variable("n", "Number"),
        "<transforms><name>Total</name>" + to("Set") + "<dataType>Number</dataType><scale>0</scale>"
        "<storeOutputAutomatically>true</storeOutputAutomatically><transformValues>"
        f"<transformValueActions><transformType>{kind}</transformType><value>{ref(reference)}</value></transformValueActions>"
        "</transformValues></transforms>",
        assignment("Set", item("n", "Assign", ref("Total"))), first="Total",
    )  # fmt: skip
    [result] = run_autolaunched(made, org, [{"found": [{"Rank__c": Decimal(2)}, {"Rank__c": Decimal(3)}]}])
    assert result.outputs["n"] == expected


def action(kind, action_name=None, **values):
    given = "".join(f"<inputParameters><name>{name}</name><value>{value}</value></inputParameters>" for name, value in values.items())
    return (
        f"<actionCalls><name>Act</name><actionName>{action_name or kind}</actionName><actionType>{kind}</actionType>"
        f"{to('Keep', 'faultConnector')}{given}</actionCalls>"
    )


KEEP = (variable("message"), assignment("Keep", item("message", "Assign", ref("$Flow.FaultMessage"))))


def test_action__send_email(org):
    """
    emailSimple hands over addresses, subject, body, sender.
    """
    made = program(
        *KEEP,
        action(
            "emailSimple", emailAddresses=text("a@example.com, b@example.com"), emailSubject=text("Hi"), emailBody=text("Score {!score}"),
            senderType=text("OrgWideEmailAddress"), senderAddress=text("nps@example.com"),
        ),
        variable("score", "Number"), first="Act",
    )  # fmt: skip
    run_autolaunched(made, org, [{"score": Decimal(9)}])
    [email] = org.emails
    assert email.to == ("a@example.com", "b@example.com") and email.body == "Score 9"
    assert (email.sender_type, email.sender_address) == ("OrgWideEmailAddress", "nps@example.com")


def test_action__send_email_to_nobody_faults(org):
    """
    An e-mail without a recipient takes the fault path.
    """
    made = program(*KEEP, action("emailSimple", emailSubject=text("Hi"), emailBody=text("x")), first="Act")
    [result] = run_autolaunched(made, org, [{}])
    assert "Missing required input parameter" in result.outputs["message"] and org.emails == []


def test_action__custom_notification(org):
    """
    customNotificationAction notifies a collection of users.
    """
    made = program(
        *KEEP, collection("users"),
        action(
            "customNotificationAction", customNotifTypeId=text("0ML000000000001AAA"), recipientIds=ref("users"), title=text("T"), body=text("B"),
            targetId=text("a01"),
        ), first="Act",
    )  # fmt: skip
    run_autolaunched(made, org, [{"users": ["005a", "005b"]}])
    assert [n.recipient_ids for n in org.notifications] == [("005a", "005b")]


def test_action__email_alert_without_a_host_for_it_faults(org):
    """
    An org that knows no e-mail alerts says so on the fault path.
    """
    made = program(*KEEP, action("emailAlert", "Response__c.Thanks", SObjectRowId=text("a01")), first="Act")
    [result] = run_autolaunched(made, org, [{}])
    assert result.outputs["message"] == "Email alerts are not supported by this org: Response__c.Thanks"


def test_text_template__merge_fields(org):
    """
    Texts print numbers plainly, dates and moments for a reader in the user's zone, null as nothing.
    """
    body = "{!n} {!b} {!d} {!t} [{!nothing}]"
    made = program(
        variable("n", "Number", "<scale>2</scale>"), variable("b", "Boolean"), variable("d", "Date"), variable("t", "DateTime"),
        variable("nothing"), variable("out"), f"<textTemplates><name>Body</name><text>{body}</text></textTemplates>",
        assignment("Set", item("out", "Assign", ref("Body"))),
    )  # fmt: skip
    given = {"n": "1000.5", "b": True, "d": "2025-06-01", "t": "2025-06-02T03:04:00.000Z"}
    [result] = run_autolaunched(made, org, [given])
    assert result.outputs["out"] == "1000.50 true June 1, 2025 6/1/2025, 8:04 PM []"


def test_globals__come_from_the_host(org):
    """
    $User, $Setup and $Permission are asked of the org.
    """
    org.globals[("$Setup", "Settings__c", "Off__c")] = True
    made = program(
        variable("me"), variable("off", "Boolean"),
        assignment("Set", item("me", "Assign", ref("$User.Id")), item("off", "Assign", ref("$setup.settings__c.off__c"))),
    )  # fmt: skip
    [result] = run_autolaunched(made, org, [{}])
    assert result.outputs == {"me": "005000000000001AAA", "off": True}


def test_percent__is_50_in_flows_and_a_half_in_formulas(org):
    """
    50 % is 50 in record data and flow literals but 0.5 inside formulas.
    """
    made = program(
        variable("n", "Number", "<scale>2</scale>"), variable("f", "Number", "<scale>2</scale>"),
        "<formulas><name>Half</name><dataType>Number</dataType><expression>{!$Record.Percent__c}</expression><scale>2</scale></formulas>",
        assignment("Set", item("n", "Assign", ref("$Record.Percent__c")), item("f", "Assign", ref("Half"))), start=AFTER_SAVE,
    )  # fmt: skip
    [result] = run(made, org, [Trigger({"Id": "a01", "Percent__c": Decimal(50)}, None, True)])
    assert (result.outputs["n"], result.outputs["f"]) == (Decimal(50), Decimal("0.50"))


def test_trace__says_which_way_and_why(org):
    """
    The trace is JSON: elements in order, the outcome with its conditions, the fault that was taken. It can be left out.
    """
    org.refuse = lambda sobject, record: "No"
    made = program(
        record("r", "Task"), decision("Ask", condition("$Record.Score__c", "LessThan", number(7)), then="Make"),
        "<recordCreates><name>Make</name>" + to("After", "faultConnector") + inputs(Subject=text("x")) + "<object>Task</object></recordCreates>",
        assignment("After", item("r.Subject", "Assign", text("y"))), start=AFTER_SAVE, first="Ask",
    )  # fmt: skip
    [result] = run(made, org, [Trigger({"Id": "a01", "Score__c": Decimal(3)}, None, True)])
    told = json.loads(json.dumps(result.trace.as_json()))
    assert [e["element"] for e in told["elements"]] == ["Ask", "Make", "After"]
    assert told["elements"][0]["outcome"] == "Ask_Yes"
    assert told["elements"][0]["why"][0]["conditions"] == [
        {"condition": "$Record.Score__c LessThan", "left": "3", "right": "7", "met": True}
    ]
    assert told["elements"][1]["handled"] is True and "No" in told["elements"][1]["fault"]
    assert told["recordId"] == "a01" and told["fault"] is None
    [silent] = run(made, org, [Trigger({"Id": "a01", "Score__c": Decimal(3)}, None, True)], trace=False)
    assert silent.trace is None
