"""What a deploy refuses. Source: metadata reference, "start: meaning and what deploy rejects", "Elements: details that bite"."""

from __future__ import annotations

import pytest

from tooling.local_org.flow import check_flow, read_flow

from .build import (
    AFTER_SAVE,
    BEFORE_SAVE,
    assignment,
    boolean,
    collection,
    condition,
    decision,
    filters,
    flow,
    inputs,
    item,
    number,
    problems,
    record,
    records,
    ref,
    text,
    to,
    variable,
)
from .schema import SCHEMA

V = variable("v")
SET = assignment("Set", item("v", "Assign", text("x")))
STORE = "<storeOutputAutomatically>true</storeOutputAutomatically>"


def test_nothing_wrong():
    """
    A sound flow has no problems.
    """
    assert problems(V, SET) == []


def after_save(more="", kind="Update", paths=""):
    return (
        f"<connector><targetReference>Set</targetReference></connector>{more}<object>Response__c</object>"
        f"<recordTriggerType>{kind}</recordTriggerType>{paths}<triggerType>RecordAfterSave</triggerType>"
    )


def path(body):
    return f"<scheduledPaths><name>P</name>{to('Set')}{body}</scheduledPaths>"


ASYNC = "<pathType>AsyncAfterCommit</pathType>"
TIMED = "<label>x</label><offsetNumber>1</offsetNumber><offsetUnit>Hours</offsetUnit><timeSource>RecordTriggerEvent</timeSource>"
CHANGED = "<doesRequireRecordChangedToMeetCriteria>true</doesRequireRecordChangedToMeetCriteria><filterLogic>and</filterLogic>" + filters(
    ("Score__c", "LessThan", number(7))
)


@pytest.mark.parametrize(
    ("begin", "expected"),
    [
        ("", "The flow can't run because nothing is connected to the Start element."),
        (after_save(paths=path(ASYNC)), "must run only when the record is changed to meet the conditions"),
        (
            after_save(CHANGED, paths=path(ASYNC + "<label>x</label>").replace(ASYNC + "<label>x</label>", "<label>x</label>" + ASYNC)),
            "can't have label",
        ),
        (after_save(CHANGED, paths=path("<maxBatchSize>10</maxBatchSize>" + ASYNC)), "can't have maxBatchSize"),
        (after_save(CHANGED, paths=path("<offsetNumber>0</offsetNumber>" + ASYNC)), "can't have offsetNumber"),
        (
            after_save(CHANGED, paths=path(TIMED.replace("<offsetNumber>1", "<maxBatchSize>500</maxBatchSize><offsetNumber>1"))),
            "between 1 and 200",
        ),
        (after_save(CHANGED, paths=path(TIMED.replace("RecordTriggerEvent", "RecordField"))), "Required field is missing: recordField"),
        (
            after_save(CHANGED, "Update")
            .replace("RecordAfterSave", "RecordBeforeSave")
            .replace("<triggerType>", path(TIMED) + "<triggerType>"),
            "Scheduled paths are only for flows that run after a record is saved.",
        ),
        (after_save(kind="Delete"), "The recordTriggerType Delete isn't allowed"),
        (after_save("<filterFormula>ISNEW()</filterFormula>" + filters(("Score__c", "LessThan", number(7)))), "not by both"),
        (after_save("<filterLogic>1 AND 3</filterLogic>" + filters(("Score__c", "LessThan", number(7)))), "refers to condition 3"),
        (after_save(filters(("Nope__c", "LessThan", number(7)))), 'The field "Nope__c" for the object "Response__c" doesn\'t exist.'),
        (after_save("<filterFormula>{!$Record.Nope__c} = 1</filterFormula>"), "The formula expression is invalid: "),
        (after_save().replace("Response__c", "Nope__c"), 'The object "Nope__c" doesn\'t exist.'),
        (after_save().replace("RecordAfterSave", "PlatformEvent"), "triggerType PlatformEvent is not supported by the local org"),
        (after_save().replace("RecordAfterSave", "Scheduled"), "A flow whose triggerType is Scheduled needs a schedule."),
        (after_save(filters(("Score__c", "IsChanged", boolean(True))), kind="Create"), "only for flows that run when a record is updated"),
    ],
)
def test_start__refused(begin, expected):
    """
    Rules of the start element.
    """
    assert any(expected in problem for problem in problems(V, SET, start=begin))


@pytest.mark.parametrize("more", [CHANGED, "<filterFormula>ISCHANGED({!$Record.Score__c})</filterFormula>"])
def test_async_path__accepted_when_the_record_must_change(more):
    """
    An update trigger with an asynchronous path needs the change: by the flag, or by asking whether a field changed.
    """
    assert problems(V, SET, start=after_save(more, paths=path(ASYNC))) == []


def test_async_path__create_only_needs_no_change():
    """
    A flow that runs on create only needs neither.
    """
    assert problems(V, SET, start=after_save(kind="Create", paths=path(ASYNC))) == []


def test_trigger_order__out_of_range():
    """
    triggerOrder is 1 to 2000.
    """
    assert problems(V, SET, more="<triggerOrder>2001</triggerOrder>") == ["triggerOrder must be between 1 and 2000, not 2001."]


CREATE = "<recordCreates><name>Make</name>{}</recordCreates>"
UPDATE = "<recordUpdates><name>Save</name>{}</recordUpdates>"
GET = "<recordLookups><name>Find</name>{}</recordLookups>"


@pytest.mark.parametrize(
    ("fragments", "expected"),
    [
        ((V, variable("V"), SET), 'The name "V" is used more than once in the flow.'),
        ((variable("v_"), assignment("Set", item("v_", "Assign", text("x")))), 'The name "v_"'),
        ((V, assignment("Set", item("nope", "Assign", text("x")))), 'The element "nope" doesn\'t exist.'),
        ((V, assignment("Set", item("v", "Assign", text("{!nope.Field}")))), 'The element "nope.Field" doesn\'t exist.'),
        ((V, assignment("Set", item("v", "Assign", text("x")), then="Nowhere")), 'leads to the element "Nowhere", which doesn\'t exist.'),
        ((V, assignment("Set", item("v", "Assign", ref("$Record.Name")))), "$Record isn't available in this flow"),
        ((record("r", "Nope__c"), V, SET), 'The object "Nope__c" doesn\'t exist.'),
        (
            (V, variable("b", "Boolean"), assignment("Set", item("b", "Add", boolean(True)))),
            "Add isn't available for the data type Boolean",
        ),
        ((V, assignment("Set", item("v", "RemoveAll", text("x")))), "RemoveAll is only for collections"),
        ((V, collection("c"), assignment("Set", item("c", "Assign", text("x")))), "use Add"),
        ((V, record("r", "Task"), assignment("Set", item("v", "Assign", ref("r")))), "can't be assigned to v"),
        ((variable("n", "Number"), V, assignment("Set", item("n", "Assign", boolean(True)))), "can't be assigned to n"),
        ((record("r", "Response__c"), assignment("Set", item("r.Category__c", "Assign", text("x")))), "the field is a formula"),
        (
            (record("r", "Contact"), assignment("Set", item("r.Account.Name", "Assign", text("x")))),
            "fields of related records are read-only",
        ),
        ((V, decision("Ask", condition("v", "GreaterThan", text("x")), logic="1 AND 2")), "refers to condition 2"),
        (
            (variable("n", "Number"), decision("Ask", condition("n", "Contains", text("x")))),
            "Contains isn't available for the data type Number",
        ),
        ((V, decision("Ask", condition("v", "IsChanged", boolean(True)))), "IsChanged is only for fields of $Record"),
        ((V, decision("Ask", condition("v", "WasSelected", boolean(True)))), "The operator WasSelected is not supported by the local org"),
        ((V, decision("Ask", condition("v", "In", text("x")))), "The operator In needs a collection."),
        ((V, GET.format(filters(("Email", "EqualTo", text("x"))) + "<object>Contact</object>")), "stores nothing"),
        (
            (record("r", "Contact"), GET.format("<object>Contact</object><outputReference>r</outputReference>" + STORE)),
            "can't be combined with",
        ),
        (
            (V, GET.format("<object>User</object><queriedFields>Manager.Name</queriedFields>" + STORE)),
            'The field "Manager.Name" for the object "User" doesn\'t exist.',
        ),
        ((V, GET.format("<object>Contact</object><sortField>Nope</sortField>" + STORE)), 'The field "Nope" for the object "Contact"'),
        ((V, GET.format(filters(("Verbatim__c", "EqualTo", text("x"))) + "<object>Response__c</object>" + STORE)), "can't be filtered"),
        ((V, GET.format(filters(("Rank__c", "EqualTo", boolean(True))) + "<object>Account</object>" + STORE)), "can't be compared"),
        ((V, CREATE.format(inputs(Nope=text("x")) + "<object>Task</object>")), 'The field "Nope" for the object "Task" doesn\'t exist.'),
        (
            (
                V,
                CREATE.format(
                    "<assignRecordIdToReference>v</assignRecordIdToReference>" + inputs(Subject=text("x")) + "<object>Task</object>" + STORE
                ),
            ),
            "assignRecordIdToReference can't be combined with storeOutputAutomatically.",
        ),
        ((V, CREATE.format(inputs(ActivityDate=boolean(True)) + "<object>Task</object>")), 'to the field "ActivityDate"'),
        ((V, UPDATE.format(inputs(Subject=text("x")) + "<object>Task</object>")), "without them it would reach all records of the object"),
        ((V, UPDATE.format(filters(("Subject", "EqualTo", text("x"))) + "<object>Task</object>")), "sets no field"),
        ((V, UPDATE.format("<inputReference>v</inputReference>")), "must be a record or a record collection"),
        ((V, "<subflows><name>Call</name><flowName>Nope</flowName></subflows>"), 'The flow "Nope" that "Call" calls doesn\'t exist.'),
        (
            (V, f"<subflows><name>Call</name>{to('Set', 'faultConnector')}<flowName>Child</flowName></subflows>", SET),
            "faultConnector invalid at this location in type FlowSubflow",
        ),
        (
            (V, "<actionCalls><name>Act</name><actionName>X</actionName><actionType>apex</actionType></actionCalls>"),
            'The action type apex of "Act" is not supported by the local org',
        ),
        ((V, "<recordRollbacks><name>Roll</name></recordRollbacks>"), "Roll Back Records isn't available in autolaunched flows."),
        (
            (V, SET, "<formulas><name>F</name><dataType>Number</dataType><expression>1 +</expression></formulas>"),
            "The formula expression is invalid: ",
        ),
        (
            (V, SET, "<formulas><name>F</name><dataType>Date</dataType><expression>1</expression></formulas>"),
            "incompatible with expected data type",
        ),
        ((V, SET, "<formulas><name>F</name><dataType>Number</dataType><expression>{!F} + 1</expression></formulas>"), "refers to itself"),
        ((V, "<loops><name>Each</name><collectionReference>v</collectionReference></loops>"), '"v" isn\'t a collection.'),
        ((V, SET, "<waits><name>W</name></waits>"), "waits of Flow is not supported by the local org"),
        (
            (V, SET, "<nonsense><name>W</name></nonsense>"),
            "Element {http://soap.sforce.com/2006/04/metadata}nonsense invalid at this location in type Flow",
        ),
        ((V, assignment("Set", item("v", "Plus", text("x")))), "'Plus' is not a valid value for the enum 'FlowAssignmentOperator'"),
        ((variable("n", "Number", "<scale>18</scale>"), V, SET), "must be between 0 and 17"),
    ],
)
def test_elements__refused(fragments, expected):
    """
    Rules of elements and resources.
    """
    found = problems(*fragments, called=(flow(V, SET, name="Child"),))
    assert any(expected in problem for problem in found), found


def test_before_save__only_reads_decides_and_assigns():
    """
    Before the save no other record is written and no action runs.
    """
    create = CREATE.format(inputs(Subject=text("x")) + "<object>Task</object>")
    [problem] = problems(create, start=BEFORE_SAVE)
    assert problem == 'The element "Make" (FlowRecordCreate) isn\'t allowed in a flow that runs before the record is saved.'
    own = UPDATE.format(inputs(Note__c=text("x")) + "<inputReference>$Record</inputReference>")
    assert problems(own, start=BEFORE_SAVE) == []


def test_subflow__with_a_trigger_type_of_none():
    """
    A callable flow must leave triggerType out: None deploys, and fails when it is called (salesforce/sf-pi, flow guide).
    """
    child = flow(
        V, SET, name="Child", start="<connector><targetReference>{first}</targetReference></connector><triggerType>None</triggerType>"
    )
    call = "<subflows><name>Call</name><flowName>Child</flowName></subflows>"
    assert problems(V, call, called=(child,)) == []
    triggered = flow(V, SET, name="Child", start=AFTER_SAVE)
    assert problems(V, call, called=(triggered,)) == ['The flow "Child" has a triggerType and can\'t be called by "Call".']


def test_custom_error__needs_its_field_and_a_trigger():
    """
    A field error names a field of the object.
    """

    def error(field):
        return (
            f"<customErrors><name>Stop</name><customErrorMessages><errorMessage>x</errorMessage>{field}<isFieldError>true</isFieldError>"
            "</customErrorMessages></customErrors>"
        )

    assert problems(error(""), start=AFTER_SAVE) == ["A field error needs a fieldSelection."]
    assert problems(error("<fieldSelection>Nope</fieldSelection>"), start=AFTER_SAVE) == [
        'The field "Nope" for the object "Response__c" doesn\'t exist.'
    ]
    assert any("only for flows that a record triggers" in p for p in problems(error("<fieldSelection>Note__c</fieldSelection>")))


def test_is_changed__not_after_commit():
    """
    IsChanged is not available in asynchronous paths.
    """
    begin = after_save(CHANGED, paths=path(ASYNC).replace("Set", "Ask"))
    found = problems(V, SET, decision("Ask", condition("$Record.Score__c", "IsChanged", boolean(True))), start=begin)
    assert found == ["The operator IsChanged isn't available in asynchronous and scheduled paths."]


def test_all_problems_at_once_with_their_lines():
    """
    Everything wrong is reported together, each with its place.
    """
    lines = [
        '<Flow xmlns="http://soap.sforce.com/2006/04/metadata">',
        "    <label>x</label>",
        "    <variables>",
        "        <name>a</name>",
        "        <dataType>SObject</dataType>",
        "        <objectType>Nope__c</objectType>",
        "    </variables>",
        "    <variables>",
        "        <name>a</name>",
        "        <dataType>String</dataType>",
        "    </variables>",
        "</Flow>",
    ]
    found = check_flow(read_flow("X", "\n".join(lines).encode()), SCHEMA, {})
    assert [(p.line, p.problem.split("(", 1)[-1]) for p in found] == [
        (1, "The flow can't run because nothing is connected to the Start element.)"),
        (3, 'The object "Nope__c" doesn\'t exist.)'),
        (8, 'The name "a" is used more than once in the flow.)'),
    ]


def test_reader__scattered_repeats_and_bad_xml():
    """
    Repeated elements stand together; a file that is no XML says where.
    """
    text_ = '<Flow xmlns="http://soap.sforce.com/2006/04/metadata"><formulas/><label>x</label><formulas/></Flow>'
    assert any("Element formulas is duplicated at this location in type Flow" in p.problem for p in read_flow("X", text_.encode()).problems)
    [broken] = read_flow("X", b"<Flow>\n<a></Flow>").problems
    assert broken.line == 2 and broken.problem.startswith("Error parsing file: ")


def test_reader__keeps_entities_off():
    """
    An entity of the file's own is not resolved.
    """
    evil = b'<!DOCTYPE Flow [<!ENTITY x SYSTEM "file:///etc/hostname">]><Flow xmlns="http://soap.sforce.com/2006/04/metadata"><label>&x;</label></Flow>'
    assert read_flow("X", evil).label == ""


def test_collection_reference__records():
    """
    A loop over a record collection gives records of its object.
    """
    each = f"<loops><name>Each</name><collectionReference>rs</collectionReference>{to('Set', 'nextValueConnector')}</loops>"
    found = problems(records("rs", "Task"), V, each, assignment("Set", item("v", "Assign", ref("Each.Nope")), then="Each"), first="Each")
    assert found == ['The field "Nope" for the object "Task" doesn\'t exist.']
