"""Many records or many requests in one call."""

from __future__ import annotations

import pytest

V = "/services/data/v66.0"
pytestmark = pytest.mark.usefixtures("clean")


def widget(**values):
    return {"attributes": {"type": "Widget__c"}, **values}


def count(rest, where="Name != null"):
    return rest.get(f"{V}/query", params={"q": f"SELECT count() FROM Widget__c WHERE {where}"}).json()["totalSize"]


def test_collections__partial_success(rest):
    """Each record has its own result in order; a refused one carries statusCode, message and fields."""
    records = [widget(Name="A"), widget(Name="B", Quantity__c=-1), {"attributes": {"type": "Account"}, "Name": "C"}]
    good, bad, other = rest.post(f"{V}/composite/sobjects", json={"allOrNone": False, "records": records}).json()
    assert (good["success"], good["errors"]) == (True, [])
    assert bad["success"] is False
    assert bad["errors"] == [
        {"statusCode": "FIELD_CUSTOM_VALIDATION_EXCEPTION", "message": "A quantity cannot be negative.", "fields": ["Quantity__c"]}
    ]
    assert other["id"].startswith("001")


def test_collections__all_or_none(rest):
    """With allOrNone nothing stays, and the innocent records say why."""
    records = [widget(Name="A"), widget(Name="B", Quantity__c=-1)]
    answer = rest.post(f"{V}/composite/sobjects", json={"allOrNone": True, "records": records})
    assert answer.status_code == 200
    assert [each["errors"][0]["statusCode"] for each in answer.json()] == [
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
    ]
    assert count(rest) == 0


def test_collections__upsert_update_delete_retrieve(rest):
    """The life of a collection: upsert by key, update with either spelling of Id, retrieve in order, delete."""
    rows = [widget(Name="A", Key__c="a"), widget(Name="B", Key__c="b")]
    first = rest.patch(f"{V}/composite/sobjects/Widget__c/Key__c", json={"records": rows}).json()
    assert [each["created"] for each in first] == [True, True]
    again = rest.patch(f"{V}/composite/sobjects/Widget__c/Key__c", json={"records": rows}).json()
    assert [each["created"] for each in again] == [False, False]
    by_id = rest.patch(f"{V}/composite/sobjects/Widget__c/Id", json={"records": [widget(Id=None, Name="C")]}).json()
    assert by_id[0]["created"] is True
    ids = [each["id"] for each in first]
    changes = [widget(Id=ids[0], Quantity__c="3"), widget(id=ids[1], Quantity__c=4)]
    assert all(each["success"] for each in rest.patch(f"{V}/composite/sobjects", json={"records": changes}).json())
    wanted = {"ids": [ids[1], "a00000000000000AAA", ids[0]], "fields": ["Name", "Quantity__c"]}
    found = rest.post(f"{V}/composite/sobjects/Widget__c", json=wanted).json()
    assert [each and each["Quantity__c"] for each in found] == [4, None, 3]
    gone = rest.delete(f"{V}/composite/sobjects?ids={','.join(ids)}&allOrNone=true").json()
    assert [each["success"] for each in gone] == [True, True]
    assert count(rest) == 1


def test_collections__at_most_200(rest):
    """The 201st record refuses the call."""
    answer = rest.post(f"{V}/composite/sobjects", json={"records": [widget(Name="x")] * 201})
    assert answer.status_code == 400
    assert answer.json()[0]["errorCode"] == "EXCEEDED_ID_LIMIT"
    assert answer.json()[0]["message"] == "record limit reached. cannot submit more than 200 records into this call"


def test_composite__references(rest):
    """Later subrequests use what earlier ones answered, in address and body."""
    requests = [
        {"method": "POST", "url": f"{V}/sobjects/Account", "referenceId": "acc", "body": {"Name": "Ref"}},
        {"method": "POST", "url": f"{V}/sobjects/Widget__c", "referenceId": "w", "body": {"Name": "W", "Account__c": "@{acc.id}"}},
        {"method": "GET", "url": f"{V}/query/?q=select Id, Account__r.Name from Widget__c where Id = '@{{w.id}}'", "referenceId": "q"},
        {"method": "GET", "url": f"{V}/sobjects/Account/@{{q.records[0].Account__r.Name}}", "referenceId": "wrong"},
    ]
    answer = rest.post(f"{V}/composite", json={"compositeRequest": requests})
    assert answer.status_code == 200
    found = {each["referenceId"]: each for each in answer.json()["compositeResponse"]}
    assert found["acc"]["httpStatusCode"] == 201
    assert found["acc"]["httpHeaders"]["Location"].endswith(found["acc"]["body"]["id"])
    assert found["q"]["body"]["records"][0]["Account__r"]["Name"] == "Ref"
    assert (found["wrong"]["httpStatusCode"], found["wrong"]["body"][0]["errorCode"]) == (404, "NOT_FOUND")


def test_composite__all_or_none(rest):
    """One failure undoes all; the others say that the transaction was rolled back."""
    requests = [
        {"method": "POST", "url": f"{V}/sobjects/Widget__c", "referenceId": "a", "body": {"Name": "A"}},
        {"method": "POST", "url": f"{V}/sobjects/Widget__c", "referenceId": "b", "body": {"Name": "B", "Quantity__c": -1}},
        {"method": "POST", "url": f"{V}/sobjects/Widget__c", "referenceId": "c", "body": {"Name": "C"}},
    ]
    answer = rest.post(f"{V}/composite", json={"allOrNone": True, "compositeRequest": requests}).json()["compositeResponse"]
    assert [each["body"][0]["errorCode"] for each in answer] == [
        "PROCESSING_HALTED",
        "FIELD_CUSTOM_VALIDATION_EXCEPTION",
        "PROCESSING_HALTED",
    ]
    assert answer[0]["body"][0]["message"] == "The transaction was rolled back since another operation in the same transaction failed."
    assert count(rest) == 0


def test_composite__failed_reference_fails_the_dependent(rest):
    """Without allOrNone only what refers to a failed subrequest fails with it."""
    requests = [
        {"method": "POST", "url": f"{V}/sobjects/Widget__c", "referenceId": "a", "body": {"Name": "A", "Quantity__c": -1}},
        {"method": "PATCH", "url": f"{V}/sobjects/Widget__c/@{{a.id}}", "referenceId": "b", "body": {"Name": "B"}},
        {"method": "POST", "url": f"{V}/sobjects/Widget__c", "referenceId": "c", "body": {"Name": "C"}},
    ]
    answer = rest.post(f"{V}/composite", json={"compositeRequest": requests}).json()["compositeResponse"]
    assert [each["httpStatusCode"] for each in answer] == [400, 400, 201]
    assert answer[1]["body"][0]["message"].startswith("Invalid reference specified.")


def test_composite__limits(rest):
    """26 subrequests, or six of the counted kinds, refuse the call."""
    one = {"method": "GET", "url": f"{V}/sobjects/Account/describe"}
    many = [{**one, "referenceId": f"r{number}"} for number in range(26)]
    assert rest.post(f"{V}/composite", json={"compositeRequest": many}).status_code == 400
    query = {"method": "GET", "url": f"{V}/query?q=SELECT+Id+FROM+Account"}
    queries = [{**query, "referenceId": f"q{number}"} for number in range(6)]
    assert rest.post(f"{V}/composite", json={"compositeRequest": queries}).status_code == 400


def test_composite__describe_unmodified(rest):
    """A describe inside a composite call carries its headers, and answers 304 with a null body."""
    address = {"method": "GET", "url": f"{V}/sobjects/Widget__c/describe", "referenceId": "d"}
    [first] = rest.post(f"{V}/composite", json={"compositeRequest": [address]}).json()["compositeResponse"]
    headers = {"If-Modified-Since": first["httpHeaders"]["Last-Modified"]}
    [again] = rest.post(f"{V}/composite", json={"compositeRequest": [{**address, "httpHeaders": headers}]}).json()["compositeResponse"]
    assert (again["httpStatusCode"], again["body"]) == (304, None)


def test_batch__results_and_halt(rest):
    """A batch runs each request alone; haltOnError stops after the first failure."""
    requests = [
        {"method": "GET", "url": "v66.0/sobjects/Nothing__c/describe"},
        {"method": "POST", "url": "v66.0/sobjects/Widget__c", "richInput": {"Name": "B"}},
    ]
    free = rest.post(f"{V}/composite/batch", json={"batchRequests": requests}).json()
    assert free["hasErrors"] is True
    assert [each["statusCode"] for each in free["results"]] == [404, 201]
    halted = rest.post(f"{V}/composite/batch", json={"batchRequests": requests, "haltOnError": True}).json()
    assert [each["statusCode"] for each in halted["results"]] == [404, 412]


def test_graph__each_graph_is_a_transaction(rest):
    """A failing graph leaves nothing, its neighbour stays."""

    def graph(name, quantity):
        return {
            "graphId": name,
            "compositeRequest": [
                {"method": "POST", "url": f"{V}/sobjects/Widget__c", "referenceId": f"{name}1", "body": {"Name": name}},
                {
                    "method": "POST",
                    "url": f"{V}/sobjects/Widget__c",
                    "referenceId": f"{name}2",
                    "body": {"Name": name, "Quantity__c": quantity},
                },
            ],
        }

    answer = rest.post(f"{V}/composite/graph", json={"graphs": [graph("good", 1), graph("bad", -1)]}).json()
    assert [each["isSuccessful"] for each in answer["graphs"]] == [True, False]
    assert count(rest, "Name = 'good'") == 2
    assert count(rest, "Name = 'bad'") == 0


def tree(quantity):
    child = {"attributes": {"type": "Widget__c", "referenceId": "w1"}, "Name": "Child", "Quantity__c": quantity}
    return {"records": [{"attributes": {"type": "Account", "referenceId": "a1"}, "Name": "Parent", "Widgets__r": {"records": [child]}}]}


def test_tree__parents_and_children(rest):
    """A tree is created whole, with ids by reference."""
    answer = rest.post(f"{V}/composite/tree/Account", json=tree(1))
    assert answer.status_code == 201
    assert [each["referenceId"] for each in answer.json()["results"]] == ["a1", "w1"]
    assert count(rest, "Account__r.Name = 'Parent'") == 1


def test_tree__all_or_nothing(rest):
    """A refused child takes its parent with it."""
    answer = rest.post(f"{V}/composite/tree/Account", json=tree(-1))
    assert (answer.status_code, answer.json()["hasErrors"]) == (400, True)
    assert answer.json()["results"][0]["referenceId"] == "w1"
    assert rest.get(f"{V}/query?q=SELECT+Id+FROM+Account+WHERE+Name='Parent'").json()["totalSize"] == 0
