"""Loops, subflows, custom errors, limits, texts, globals, traces."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest

from tooling.local_org.errors import InvalidField, LimitExceeded
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
        collection("words"),
        variable("all"),
        loop("Each", "words", body="Join"),
        assignment("Join", item("all", "Add", ref("Each")), then="Each"),
        first="Each",
    )
    [some, none] = run_autolaunched(made, org, [{"words": ["a", "b"]}, {}])
    assert (some.outputs["all"], none.outputs["all"]) == ("ab", None)


def test_loop__inside_a_loop_starts_anew_for_each_item(org):
    """
    An inner loop runs over its whole collection for every item of the outer one, also when it was left half-way.
    """
    made = program(
        collection("outer"),
        collection("inner"),
        variable("all"),
        variable("o"),
        loop("Out", "outer", body="In"),
        loop("In", "inner", body="Join", after="Out"),
        assignment("Join", item("all", "Add", ref("Out")), item("all", "Add", ref("In")), then="Ask"),
        decision("Ask", condition("In", "EqualTo", text("2")), then="Out", otherwise="In"),
        first="Out",
    )
    [result] = run_autolaunched(made, org, [{"outer": ["a", "b"], "inner": ["1", "2", "3"]}])
    assert result.outputs["all"] == "a1a2b1b2"


def test_loop__record_items_are_copies_and_statements_count_per_iteration(org):
    """
    A statement inside a loop is one per iteration, for all interviews together.
    """
    made = program(
        collection("words"),
        variable("id"),
        loop("Each", "words", body="Make"),
        "<recordCreates><name>Make</name><assignRecordIdToReference>id</assignRecordIdToReference>"
        + to("Each")
        + inputs(Subject=ref("Each"))
        + "<object>Task</object></recordCreates>",
        first="Each",
    )
    run_autolaunched(made, org, [{"words": ["a", "b"]}, {"words": ["c", "d"]}])
    assert org.statements == ["insert Task x2", "insert Task x2"]
    assert [t["Subject"] for t in org.all("Task")] == ["a", "c", "b", "d"]


CHILD = flow(
    variable("input"),
    variable("result", "Boolean"),
    decision("Ask", condition("input", "EqualTo", text("a")), then="Make"),
    "<recordCreates><name>Make</name>"
    + to("Note")
    + inputs(Subject=ref("input"))
    + "<object>Task</object><storeOutputAutomatically>true</storeOutputAutomatically></recordCreates>",
    assignment("Note", item("result", "Assign", boolean(True))),
    name="Child",
    first="Ask",
)


def call(more=""):
    return f"<subflows><name>Call</name>{to('After')}<flowName>Child</flowName>{more}</subflows>"


def passed(**values):
    return "".join(f"<inputAssignments><name>{name}</name><value>{value}</value></inputAssignments>" for name, value in values.items())


def test_subflow__inputs_outputs_and_bulk(org):
    """
    Interviews inside a subflow advance together too; outputs come back by name or under the element's name.
    """
    made = program(
        variable("v"),
        variable("done", "Boolean"),
        variable("same", "Boolean"),
        call(passed(input=ref("v")) + "<storeOutputAutomatically>true</storeOutputAutomatically>"),
        assignment("After", item("same", "Assign", ref("Call.result"))),
        called=(CHILD,),
        first="Call",
    )
    results = run_autolaunched(made, org, [{"v": "a"}, {"v": "b"}, {"v": "A"}])
    assert org.statements == ["insert Task x2"]
    assert [r.outputs["same"] for r in results] == [True, None, True]


def test_subflow__output_assignments_and_unhandled_fault(org):
    """
    An unhandled fault in the child fails the parent.
    """
    outputs = "<outputAssignments><assignToReference>done</assignToReference><name>result</name></outputAssignments>"
    made = program(
        variable("v"),
        variable("done", "Boolean"),
        call(passed(input=ref("v")) + outputs),
        assignment("After", item("v", "Assign", text("went on"))),
        called=(CHILD,),
        first="Call",
    )
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
    )
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


def test_text_template__merge_fields(org):
    """
    Texts print numbers plainly, dates and moments for a reader in the user's zone, null as nothing.
    """
    body = "{!n} {!b} {!d} {!t} [{!nothing}]"
    made = program(
        variable("n", "Number", "<scale>2</scale>"),
        variable("b", "Boolean"),
        variable("d", "Date"),
        variable("t", "DateTime"),
        variable("nothing"),
        variable("out"),
        f"<textTemplates><name>Body</name><text>{body}</text></textTemplates>",
        assignment("Set", item("out", "Assign", ref("Body"))),
    )
    given = {"n": "1000.5", "b": True, "d": "2025-06-01", "t": "2025-06-02T03:04:00.000Z"}
    [result] = run_autolaunched(made, org, [given])
    assert result.outputs["out"] == "1000.50 true June 1, 2025 6/1/2025, 8:04 PM []"


def test_globals__come_from_the_host(org):
    """
    $User, $Setup and $Permission are asked of the org.
    """
    org.globals[("$Setup", "Settings__c", "Off__c")] = True
    made = program(
        variable("me"),
        variable("off", "Boolean"),
        assignment("Set", item("me", "Assign", ref("$User.Id")), item("off", "Assign", ref("$setup.settings__c.off__c"))),
    )
    [result] = run_autolaunched(made, org, [{}])
    assert result.outputs == {"me": "005000000000001AAA", "off": True}


def test_percent__is_50_in_flows_and_a_half_in_formulas(org):
    """
    50 % is 50 in record data and flow literals but 0.5 inside formulas.
    """
    made = program(
        variable("n", "Number", "<scale>2</scale>"),
        variable("f", "Number", "<scale>2</scale>"),
        "<formulas><name>Half</name><dataType>Number</dataType><expression>{!$Record.Percent__c}</expression><scale>2</scale></formulas>",
        assignment("Set", item("n", "Assign", ref("$Record.Percent__c")), item("f", "Assign", ref("Half"))),
        start=AFTER_SAVE,
    )
    [result] = run(made, org, [Trigger({"Id": "a01", "Percent__c": Decimal(50)}, None, True)])
    assert (result.outputs["n"], result.outputs["f"]) == (Decimal(50), Decimal("0.50"))


def test_trace__says_which_way_and_why(org):
    """
    The trace is JSON: elements in order, the outcome with its conditions, the fault that was taken. It can be left out.
    """
    org.refuse = lambda sobject, record: "No"
    made = program(
        record("r", "Task"),
        decision("Ask", condition("$Record.Score__c", "LessThan", number(7)), then="Make"),
        "<recordCreates><name>Make</name>"
        + to("After", "faultConnector")
        + inputs(Subject=text("x"))
        + "<object>Task</object></recordCreates>",
        assignment("After", item("r.Subject", "Assign", text("y"))),
        start=AFTER_SAVE,
        first="Ask",
    )
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


def test_trace__of_a_long_loop_is_cut(org):
    """
    A trace keeps the first thousand elements and counts the rest.
    """
    made = program(
        collection("words"),
        variable("all"),
        loop("Each", "words", body="Join"),
        assignment("Join", item("all", "Add", ref("Each")), then="Each"),
        first="Each",
    )
    [result] = run_autolaunched(made, org, [{"words": ["x"] * 700}])
    told = result.trace.as_json()
    assert (len(told["elements"]), told["leftOut"]) == (1000, 401)


def test_owner__that_is_a_queue_has_no_email(org):
    """
    A lookup to several objects that leads to one without the field: null in a formula, a fault elsewhere.
    """
    queue = org.add("Group", Name="Support")
    person = org.add("User", Name="Ann", Email="ann@example.com")
    made = program(
        record("c", "Contact"),
        variable("v"),
        '<formulas><name>Mail</name><dataType>String</dataType><expression>BLANKVALUE({!c.Owner.Email}, "none")</expression></formulas>',
        assignment("Set", item("v", "Assign", ref("Mail"))),
    )
    results = run_autolaunched(made, org, [{"c": {"OwnerId": owner["Id"]}} for owner in (queue, person)])
    assert [r.outputs["v"] for r in results] == ["none", "ann@example.com"]


def test_inputs__that_do_not_fit_fail_their_interview_only(org):
    """
    A value that its variable cannot hold fails that interview.
    """
    made = program(variable("n", "Number"), assignment("Set", item("n", "Add", number(1))))
    bad, good = run_autolaunched(made, org, [{"n": "many"}, {"n": "2"}])
    assert "many is not a number" in bad.error.message and good.outputs["n"] == 3


def test_formula__without_a_value_faults(org):
    """
    A formula that ends in an error is a fault of the element that asked for it.
    """
    made = program(
        variable("v"),
        variable("n", "Number"),
        "<formulas><name>Parsed</name><dataType>Number</dataType><expression>VALUE({!v})</expression><scale>0</scale></formulas>",
        assignment("Set", item("n", "Assign", ref("Parsed"))),
    )
    bad, good = run_autolaunched(made, org, [{"v": "abc"}, {"v": "7"}])
    assert 'The formula "Parsed" couldn\'t be evaluated' in bad.error.message and good.outputs["n"] == 7


def test_formula__null_is_not_zero(org):
    """
    Flow formulas have no "treat blanks as zero": null stays null.
    """
    made = program(
        variable("n", "Number"),
        variable("out", "Number"),
        "<formulas><name>Sum</name><dataType>Number</dataType><expression>{!n} + 1</expression><scale>0</scale></formulas>",
        assignment("Set", item("out", "Assign", ref("Sum"))),
    )
    [result] = run_autolaunched(made, org, [{}])
    assert result.outputs["out"] is None


def test_fault_path__of_a_get_before_save(org):
    """
    A Get that the org refuses takes its fault path, and the save goes on.
    """

    def refuse(selections):
        raise InvalidField("No such column")

    org.select = refuse
    made = program(
        "<recordLookups><name>Find</name>" + to("Note", "faultConnector") + "<object>Contact</object>"
        "<storeOutputAutomatically>true</storeOutputAutomatically></recordLookups>",
        assignment("Note", item("$Record.Note__c", "Assign", ref("$Flow.FaultMessage"))),
        start=BEFORE_SAVE,
    )
    row = {"Score__c": Decimal(1)}
    [result] = run(made, org, [Trigger(row, None, True)])
    assert result.succeeded
    assert row["Note__c"].startswith("This error occurred when the flow tried to look up records: INVALID_FIELD: No such column.")
