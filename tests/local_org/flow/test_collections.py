"""Collection processors and transforms. Source: Metadata API 66 WSDL, FlowCollectionProcessor, FlowTransform."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tooling.local_org.flow import run_autolaunched

from .build import (
    assignment,
    collection,
    condition,
    item,
    number,
    problems,
    program,
    records,
    ref,
    text,
    to,
    variable,
)


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
        records("found", "Account"),
        records("kept", "Account"),
        "<collectionProcessors><name>Keep</name>" + "<assignNextValueToReference>currentItem_Keep</assignNextValueToReference>"
        "<collectionProcessorType>FilterCollectionProcessor</collectionProcessorType><collectionReference>found</collectionReference>"
        + test
        + to("Set")
        + "</collectionProcessors>",
        assignment("Set", item("kept", "Assign", ref("Keep"))),
        first="Keep",
    )
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
        records("people", "Contact"),
        records("tasks", "Task"),
        "<transforms><name>Make</name>"
        + to("Set")
        + "<dataType>SObject</dataType><isCollection>true</isCollection><objectType>Task</objectType>"
        "<storeOutputAutomatically>true</storeOutputAutomatically><transformValues>"
        + mapped("Subject", ref("people[$EachItem].LastName"))
        + mapped("Status", text("Open"))
        + "</transformValues></transforms>",
        assignment("Set", item("tasks", "Assign", ref("Make"))),
        first="Make",
    )
    [result] = run_autolaunched(made, org, [{"people": [{"LastName": "a"}, {"LastName": "b"}]}])
    assert result.outputs["tasks"] == [{"Subject": "a", "Status": "Open"}, {"Subject": "b", "Status": "Open"}]


def test_transform__collection_of_values_for_an_in_filter(org):
    """
    A transform makes a text collection of one field, ready for an In filter.
    """
    made = program(
        records("people", "Contact"),
        collection("ids"),
        "<transforms><name>Collect</name>" + to("Set") + "<dataType>String</dataType><isCollection>true</isCollection>"
        "<storeOutputAutomatically>true</storeOutputAutomatically><transformValues>"
        + mapped("", ref("people[$EachItem].AccountId"))
        + "</transformValues></transforms>",
        assignment("Set", item("ids", "Assign", ref("Collect"))),
        first="Collect",
    )
    [result] = run_autolaunched(made, org, [{"people": [{"AccountId": "001a"}, {"AccountId": "001b"}]}])
    assert result.outputs["ids"] == ["001a", "001b"]


@pytest.mark.parametrize(("kind", "reference", "expected"), [("Count", "found", 2), ("Sum", "found[$EachItem].Rank__c", 5)])
def test_transform__counts_and_adds_up(org, kind, reference, expected):
    """
    Count gives the number of items, Sum the total of a field.
    """
    made = program(
        records("found", "Account"),
        variable("n", "Number"),
        "<transforms><name>Total</name>" + to("Set") + "<dataType>Number</dataType><scale>0</scale>"
        "<storeOutputAutomatically>true</storeOutputAutomatically><transformValues>"
        f"<transformValueActions><transformType>{kind}</transformType><value>{ref(reference)}</value></transformValueActions>"
        "</transformValues></transforms>",
        assignment("Set", item("n", "Assign", ref("Total"))),
        first="Total",
    )
    [result] = run_autolaunched(made, org, [{"found": [{"Rank__c": Decimal(2)}, {"Rank__c": Decimal(3)}]}])
    assert result.outputs["n"] == expected


@pytest.mark.parametrize(("kind", "more", "expected"), [("Count", "", 2), ("Sum", "Rank__c", 5)])
def test_transform__aggregation_parameters(org, kind, more, expected):
    """
    Count and Sum as Flow Builder writes them: aggregationValues, and for a sum aggregationField. salesforce/sf-pi, transform aggregate.
    """
    field = f"<inputParameters><name>aggregationField</name><value>{text(more)}</value></inputParameters>" if more else ""
    values = f"<inputParameters><name>aggregationValues</name><value>{ref('found')}</value></inputParameters>"
    made = program(
        records("found", "Account"),
        variable("out", "Number"),
        f"<transforms><name>Total</name>{to('Take')}<dataType>Number</dataType><scale>0</scale><transformValues><transformValueActions>"
        f"{values}{field}<transformType>{kind}</transformType></transformValueActions></transformValues></transforms>",
        assignment("Take", item("out", "Assign", ref("Total"))),
        first="Total",
    )
    given = [{"Rank__c": Decimal(2)}, {"Rank__c": Decimal(3)}]
    [result] = run_autolaunched(made, org, [{"found": given}])
    assert result.outputs["out"] == expected
    [empty] = run_autolaunched(made, org, [{"found": []}])
    assert empty.outputs["out"] == 0


def _join(left_keys: str = '["Industry"]', reference: str = "Joined[$EachItem].RightTable.Rank__c") -> str:
    definition = (
        f'{{"leftElementReference":"left","leftJoinKeys":{left_keys},"leftSelectedFields":["Name"],"rightElementReference":"right",'
        '"rightJoinKeys":["Industry"],"rightSelectedFields":["Rank__c"]}'
    ).replace('"', "&quot;")
    mapped = (
        "<transformValueActions><outputFieldApiName>{}</outputFieldApiName><transformType>Map</transformType><value>"
        "<transformValueReference>{}</transformValueReference></value></transformValueActions>"
    )
    return (
        "<transforms><name>Join</name><dataType>SObject</dataType><isCollection>true</isCollection><objectType>Account</objectType>"
        "<storeOutputAutomatically>true</storeOutputAutomatically><transformValues><transformValueActions><inputParameters><name>Table</name>"
        f"<value><complexValue>{definition}</complexValue><complexValueType>JoinDefinition</complexValueType></value></inputParameters>"
        "<transformType>InnerJoin</transformType></transformValueActions><transformValueName>Joined</transformValueName></transformValues>"
        f"<transformValues>{mapped.format('Name', 'Joined[$EachItem].LeftTable.Name')}"
        f"{mapped.format('Rank__c', reference)}</transformValues>{to('Take')}</transforms>"
    )


TAKE = assignment("Take", item("out", "Assign", ref("Join")))
TABLES = (records("left", "Account"), records("right", "Account"), records("out", "Account"))


def test_transform__inner_join(org):
    """
    Pairs whose keys agree, unmatched items left out. Asserted in live orgs: salesforce/sf-pi, transform join.
    """
    made = program(*TABLES, _join(), TAKE, first="Join")
    left = [{"Name": "A", "Industry": "x"}, {"Name": "B", "Industry": "y"}, {"Name": "Only", "Industry": "z"}, {"Name": "None"}]
    right = [{"Rank__c": Decimal(2), "Industry": "y"}, {"Rank__c": Decimal(1), "Industry": "x"}, {"Rank__c": Decimal(9)}]
    [result] = run_autolaunched(made, org, [{"left": left, "right": right}])
    assert [(r["Name"], r["Rank__c"]) for r in result.outputs["out"]] == [("A", 1), ("B", 2)]


@pytest.mark.parametrize(
    ("join", "expected"),
    [
        (_join(left_keys="[]"), 'The join of "Join" isn\'t valid: a JoinDefinition needs as many left as right join keys.'),
        (_join(left_keys='["Nope"]'), 'The field "Nope" for the object "Account" doesn\'t exist.'),
        (_join(reference="Joined[$EachItem].Middle.Name"), "names no table of the join Joined"),
        (_join(reference="Joined[$EachItem].RightTable.Nope"), 'The field "Nope" for the object "Account" doesn\'t exist.'),
    ],
)
def test_transform__join_refused(join, expected):
    """
    A join names collections, keys and fields that are there.
    """
    assert any(expected in problem for problem in problems(*TABLES, join, TAKE, first="Join"))
