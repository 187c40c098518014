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
