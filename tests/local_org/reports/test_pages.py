"""Reports and dashboards as a person reads them."""

from __future__ import annotations

import re

from .conftest import Desk
from .metadata import as_reports, column, component, criteria, dashboard, grouping, report

NAME = column("Name")
BY_ACCOUNT = report([NAME, column("Amount__c", "Sum"), criteria(("Amount__c", "greaterThan", "-100"))], end=grouping("Account__c"))
BY_KIND_AND_PAID = report([NAME], end=grouping("Kind__c") + grouping("Paid__c"))


def page(desk: Desk, path: str) -> str:
    answer = desk.web.get(path)
    assert answer.status_code == 200, answer.text
    return answer.text


def cells(text: str) -> list[list[str]]:
    """The cells of every table row, without tags."""
    rows = [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL) for row in re.findall(r"<tr[^>]*>(.*?)</tr>", text, re.DOTALL)]
    return [[" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in row] for row in rows]


def test_report__groups_totals_rows(desk: Desk) -> None:
    """Every group with its figures, the total, and the rows below; all of it text, never markup."""
    desk.deploy(as_reports({"By_Account": BY_ACCOUNT}))
    text = page(desk, "/reports/Finance/By_Account")
    rows = cells(text)
    assert ["-", "", "1", "-5.00"] in rows
    assert ["Acme &lt;b&gt;", "", "2", "40.00"] in rows
    assert ["Total", "", "3", "35.00"] in rows
    assert ["b", "30.00"] in rows
    assert "Amount &gt; -100" in text
    assert "<b>" not in text.replace("<b>Money</b>", "")


def test_report__what_is_in_the_way(desk: Desk) -> None:
    """A report that is not run says why; one that is not there is not found."""
    desk.deploy(as_reports({"Joined": report([NAME], kind="MultiBlock")}))
    assert "The report format MultiBlock is not supported by the local org" in page(desk, "/reports/Finance/Joined")
    assert desk.web.get("/reports/Finance/Nothing").status_code == 404
    assert desk.web.get("/dashboards/Finance/Nothing").status_code == 404


def test_report__matrix_and_empty(desk: Desk) -> None:
    """Crossings beside the figures; no row is said so."""
    desk.deploy(
        as_reports(
            {
                "Matrix": report([NAME], kind="Matrix", end=grouping("Paid__c", across=True) + grouping("Kind__c")),
                "Empty": report([NAME, criteria(("Name", "equals", "nobody"))], kind="Tabular"),
            }
        )
    )
    rows = cells(page(desk, "/reports/Finance/Matrix"))
    assert ["Again", "", "1", "1", "–"] in rows
    assert ["Total", "", "4", "2", "2"] in rows
    assert "No record is in this report." in page(desk, "/reports/Finance/Empty")


def test_lists__and_navigation(desk: Desk) -> None:
    """Reports and dashboards are listed and led to from every page."""
    desk.deploy(as_reports({"By_Account": BY_ACCOUNT}) | {"dashboards/Finance/Money.dashboard-meta.xml": dashboard("")})
    assert 'href="/reports/Finance/By_Account"' in page(desk, "/reports")
    assert 'href="/dashboards/Finance/Money"' in page(desk, "/dashboards")
    home = page(desk, "/")
    assert 'href="/dashboards"' in home
    assert 'href="/dashboards/Finance/Money"' in home


def test_dashboard__shapes(desk: Desk) -> None:
    """Bars with their numbers, stacked bars with the numbers of their parts, a metric, rows; a component that is not run says so."""
    parts = [
        component("Bar", "Finance/By_Account", "By <account>", inner="<chartSummary><aggregate>Sum</aggregate>"
                  "<column>Invoice__c$Amount__c</column></chartSummary>"),
        component("ColumnStacked", "Finance/By_Kind", "By kind", row=1),
        component("Metric", "Finance/By_Account", "All", row=2, inner="<chartSummary><column>RowCount</column></chartSummary>"),
        component("Table", "Finance/Rows", "Rows", row=3),
        component("Scatter", "Finance/By_Account", "Cloud", row=4),
    ]  # fmt: skip
    reports = as_reports({"By_Account": BY_ACCOUNT, "By_Kind": BY_KIND_AND_PAID, "Rows": report([NAME, column("Kind__c")], kind="Tabular")})
    desk.deploy(reports | {"dashboards/Finance/Money.dashboard-meta.xml": dashboard("".join(parts))})
    text = page(desk, "/dashboards/Finance/Money")
    rows = cells(text)
    assert "By &lt;account&gt;" in text
    assert ["Acme &lt;b&gt;", "", "40.00", "2"] in rows
    assert ["New business", "", "2", "1", "1"] in rows
    assert '<p class="metric">3</p>' in text
    assert ["b", "Again"] in rows
    assert "The dashboard component Scatter is not supported by the local org" in text


def test_dashboard__bars_are_to_scale(desk: Desk) -> None:
    """From the lowest figure to the highest, with zero between them: -5 and 40 are a ninth and eight ninths."""
    inner = "<chartSummary><aggregate>Sum</aggregate><column>Invoice__c$Amount__c</column></chartSummary>"
    desk.deploy(
        as_reports({"By_Account": BY_ACCOUNT})
        | {"dashboards/Finance/Money.dashboard-meta.xml": dashboard(component("Bar", "Finance/By_Account", "Bars", inner=inner))}
    )
    text = page(desk, "/dashboards/Finance/Money")
    assert '<span class="bar minus" style="margin-left: 0.0%; width: 11.1%">' in text
    assert '<span class="bar" style="margin-left: 11.1%; width: 88.9%">' in text
