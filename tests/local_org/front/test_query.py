"""Queries and their pages."""

from __future__ import annotations

from pathlib import Path

import pytest

from tooling.local_org.engine.org import ADMIN_TOKEN, Org
from tooling.local_org.front.app import create_app

V = "/services/data/v66.0"
pytestmark = pytest.mark.usefixtures("clean")


@pytest.fixture
def many(rest):
    """450 widgets."""
    for start in range(0, 450, 150):
        records = [{"attributes": {"type": "Widget__c"}, "Name": f"W{number:04}"} for number in range(start, start + 150)]
        assert all(each["success"] for each in rest.post(f"{V}/composite/sobjects", json={"records": records}).json())


def test_query__pages(rest, many):
    """A result longer than the batch size comes in pages whose addresses start with a slash."""
    headers = {"Sforce-Query-Options": "batchSize=200"}
    page = rest.get(f"{V}/query", params={"q": "SELECT Name FROM Widget__c ORDER BY Name"}, headers=headers).json()
    assert (page["totalSize"], page["done"], len(page["records"])) == (450, False, 200)
    assert page["nextRecordsUrl"].startswith(f"{V}/query/01g")
    names = [each["Name"] for each in page["records"]]
    while not page["done"]:
        page = rest.get(page["nextRecordsUrl"], headers=headers).json()
        names += [each["Name"] for each in page["records"]]
    assert names == [f"W{number:04}" for number in range(450)]


def test_query__batch_size_has_bounds(rest, many):
    """Below 200 is taken for 200."""
    page = rest.get(f"{V}/query", params={"q": "SELECT Id FROM Widget__c"}, headers={"Sforce-Query-Options": "batchSize=1"}).json()
    assert len(page["records"]) == 200


def test_query__long_texts_make_short_pages():
    """With two custom long text fields in the select list a page has 200 records, whatever the header asks for."""
    fields = "".join(
        f"<fields><fullName>Long{number}__c</fullName><label>Long</label><length>1000</length><type>LongTextArea</type>"
        "<visibleLines>3</visibleLines></fields>"
        for number in (1, 2)
    )
    text = (Path(__file__).parent / "package/objects/Account.object").read_text().replace("<fields>", f"{fields}<fields>", 1)
    head = '<Package xmlns="http://soap.sforce.com/2006/04/metadata"><types><members>Account</members><name>CustomObject</name></types>'
    with Org.open() as other:
        admin = other.user_of_token(ADMIN_TOKEN)
        granted = "".join(
            f"<fieldPermissions><editable>true</editable><field>Account.Long{number}__c</field><readable>true</readable></fieldPermissions>"
            for number in (1, 2)
        )
        profile = f'<Profile xmlns="http://soap.sforce.com/2006/04/metadata">{granted}</Profile>'
        head += "<types><members>Admin</members><name>Profile</name></types><version>66.0</version></Package>"
        files = {"package.xml": head, "objects/Account.object": text, "profiles/Admin.profile": profile}
        assert other.deploy(admin, {path: content.encode() for path, content in files.items()}).success
        for _ in range(2):
            other.insert(admin, [{"attributes": {"type": "Account"}, "Name": "A"} for _ in range(150)])
        client = create_app(other).test_client()
        headers = {"Authorization": f"Bearer {ADMIN_TOKEN}", "Sforce-Query-Options": "batchSize=2000"}
        for soql, most in (("SELECT Long1__c FROM Account", 300), ("SELECT Name, Long1__c, Long2__c FROM Account", 200)):
            page = client.get(f"{V}/query", query_string={"q": soql}, headers=headers).get_json()
            assert (page["totalSize"], len(page["records"])) == (300, most)
        assert len(client.get(page["nextRecordsUrl"], headers=headers).get_json()["records"]) == 100


def test_query_all_iter__simple_salesforce(salesforce, many):
    """The unmodified client walks all pages."""
    assert sum(1 for _ in salesforce.query_all_iter("SELECT Id FROM Widget__c")) == 450


def test_query__count_and_columns(rest):
    """count() has no records; columns=true describes the select list."""
    assert rest.get(f"{V}/query/?q=SELECT+count()+FROM+Widget__c").json() == {"totalSize": 0, "done": True, "records": []}
    columns = rest.get(f"{V}/query", params={"q": "SELECT Name, Account__r.Name FROM Widget__c", "columns": "true"}).json()[
        "columnMetadata"
    ]
    assert [each["columnName"] for each in columns] == ["Name", "Account__r"]


def test_query_all__finds_deleted(rest):
    """queryAll sees what is in the recycle bin, query does not."""
    made = rest.post(f"{V}/sobjects/Widget__c", json={"Name": "Gone"}).json()["id"]
    rest.delete(f"{V}/sobjects/Widget__c/{made}")
    soql = {"q": f"SELECT Id, IsDeleted FROM Widget__c WHERE Id = '{made}'"}
    assert rest.get(f"{V}/query", params=soql).json()["totalSize"] == 0
    assert rest.get(f"{V}/queryAll", params=soql).json()["records"][0]["IsDeleted"] is True


def test_tooling_query__shape(rest):
    """Tooling queries have a shape of their own."""
    answer = rest.get(f"{V}/tooling/query", params={"q": "SELECT Id FROM ApexClass"}).json()
    assert answer == {"size": 0, "totalSize": 0, "done": True, "queryLocator": None, "entityTypeName": None, "records": []}


def test_limits__count_calls(rest):
    """The limits resource counts API calls, recordCount leaves out what has no records."""
    before = rest.get(f"{V}/limits").json()["DailyApiRequests"]
    after = rest.get(f"{V}/limits/").json()["DailyApiRequests"]
    assert before["Max"] == 15000
    assert after["Remaining"] == before["Remaining"] - 1
    rest.post(f"{V}/sobjects/Widget__c", json={"Name": "One"})
    counts = rest.get(f"{V}/limits/recordCount?sObjects=Widget__c,Lead").json()
    assert counts == {"sObjects": [{"count": 1, "name": "Widget__c"}]}


def test_apex__is_refused_in_the_documented_shape(rest):
    """executeAnonymous says that there is no Apex; a test run ends without tests."""
    answer = rest.get(f"{V}/tooling/executeAnonymous", params={"anonymousBody": "System.debug(1);"}).json()
    assert (answer["compiled"], answer["success"]) == (False, False)
    assert "Apex" in answer["compileProblem"]
    unschedule = "for (CronTrigger t : [SELECT Id FROM CronTrigger]) { System.abortJob(t.Id); }"
    assert rest.get(f"{V}/tooling/executeAnonymous", params={"anonymousBody": unschedule}).json()["success"] is True
    assert rest.post(f"{V}/tooling/runTestsSynchronous", json={}).json()["numTestsRun"] == 0
    assert rest.post(f"{V}/tooling/runTestsAsynchronous", json={"classids": ""}).json().startswith("707")
