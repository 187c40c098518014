"""What a person sees."""

from __future__ import annotations

import re

import pytest

V = "/services/data/v66.0"
pytestmark = pytest.mark.usefixtures("clean")


@pytest.fixture
def widget(rest):
    account = rest.post(f"{V}/sobjects/Account", json={"Name": "Acme <b>"}).json()["id"]
    body = {"Name": "<script>alert(1)</script>", "Account__c": account, "Notes__c": "long " * 100, "Colour__c": "Blue"}
    made = rest.post(f"{V}/sobjects/Widget__c", json=body).json()["id"]
    rest.post(f"{V}/sobjects/Task", json={"Subject": "Call back", "WhatId": account})
    return made, account


def test_overview__shows_objects(rest, widget):
    """The first page lists objects with their numbers of records."""
    page = rest.get("/")
    assert page.headers["Content-Type"].startswith("text/html")
    assert "/o/Widget__c" in page.text
    assert rest.get("/local-org.css").headers["Content-Type"].startswith("text/css")


def test_object__lists_records_escaped(rest, widget):
    """Records in a table; what they contain is text, never markup."""
    page = rest.get("/o/Widget__c").text
    assert "&lt;script&gt;" in page
    assert "<script>" not in page
    assert "Blue ones" in page
    assert "No widgets in this view." not in rest.get("/o/Widget__c?view=Blue_ones").text


def test_record__fields_related_lists_timeline(rest, widget):
    """A record with its fields, what hangs on it, and what happened around it."""
    made, account = widget
    page = rest.get(f"/r/{made}").text
    assert "Acme &lt;b&gt;" in page
    assert f"/r/{account}" in page
    page = rest.get(f"/r/{account[:15]}").text
    assert "Call back" in page
    assert f"/r/{made}" in page


def test_interview__path_with_values(rest, widget):
    """An interview is shown element by element, with what a decision saw; the record and the flow lead to it."""
    made, _ = widget
    rest.post(f"{V}/sobjects/Widget__c", json={"Name": "Red one", "Colour__c": "Red"})
    page = rest.get("/interviews").text
    assert "Widget Note" in page
    addresses = re.findall(r"/interviews/[0-9a-f-]+", page)
    shown = [rest.get(address).text for address in addresses[:2]]
    assert any("Write_Note" in each and "Colour__c" in each for each in shown)
    assert "/interviews/" in rest.get(f"/r/{made}").text
    assert "/interviews/" in rest.get("/metadata/Flow/Widget_Note").text
    assert rest.get("/local-org/interviews?flow=Widget_Note&limit=1").json()["interviews"][0]["flow"] == "Widget_Note"


def test_record__links_into_the_org(rest, widget):
    """Addresses that e-mails carry lead to the record."""
    made, _ = widget
    for address in (f"/{made}", f"/lightning/r/Widget__c/{made}/view"):
        assert rest.get(address).url.endswith(f"/r/{made}")


@pytest.mark.parametrize("path", ["/interviews", "/emails", "/metadata", "/metadata/PermissionSet/Widgets", "/o/Account"])
def test_pages__answer(rest, path):
    """Every page answers, also when there is nothing to show."""
    assert rest.get(path).status_code == 200


@pytest.mark.parametrize(
    "path", ["/o/Nothing__c", "/r/nonsense", "/r/a99000000000001AAA", "/interviews/99999", "/metadata/Flow/None", "/nonsense"]
)
def test_pages__missing(rest, path):
    """What is not there says so, as a page."""
    page = rest.get(path)
    assert (page.status_code, page.headers["Content-Type"].split(";")[0]) == (404, "text/html")


def test_record__fields_as_its_layout_has_them(rest, org, widget):
    """With a deployed layout its sections come in their order, read from left to right; what is not on it comes folded at the end."""
    made, _ = widget
    columns = "".join(
        f"<layoutColumns>{''.join(f'<layoutItems><field>{name}</field></layoutItems>' for name in names)}</layoutColumns>"
        for names in (("Colour__c", "Account__c"), ("Name",))
    )
    layout = f"""<Layout xmlns="http://soap.sforce.com/2006/04/metadata"><layoutSections><label>What matters</label>{columns}
        <style>TwoColumnsTopToBottom</style></layoutSections></Layout>"""
    org.snapshot("before")
    try:
        result = org.deploy(org.user_named("admin@local.example"), {"layouts/Widget__c-Widget Layout.layout-meta.xml": layout.encode()})
        assert result.success, result.failures
        page = rest.get(f"/r/{made}").text
    finally:
        org.restore("before")
    assert re.findall(r"<h2>(.*?)</h2>", page)[:2] == ["What matters", "Not on the layout"]
    assert re.findall(r'<dt title="(\w+)', page)[:3] == ["Colour__c", "Name", "Account__c"]


def test_record__custom_fields_first(rest):
    """Without a layout, what was added to an object comes before its own fields."""
    contact = rest.post(f"{V}/sobjects/Contact", json={"LastName": "Byron", "Ext__c": "e-1"}).json()["id"]
    titles = re.findall(r"<h2>(.*?)</h2>", rest.get(f"/r/{contact}").text)
    assert titles[:4] == ["Custom fields", "Details", "Empty fields", "System information"]
