"""Reports: groups, figures, summary formulas, rows, joins."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tooling.local_org.engine.reports import ERROR, ReportError, run_report

from .conftest import LOS_ANGELES, Desk, figures
from .metadata import column, criteria, formula, grouping, report

NAME = column("Name")


def test_groups__by_month_of_the_readers_days(desk: Desk) -> None:
    """A date/time falls into the month it has in the reader's time zone; blank comes first."""
    found = figures(desk.run(report([NAME, column("Amount__c", "Sum")], end=grouping("Due__c", "Month"))))
    assert found == {
        "": (4, 35),
        "-": (1, -5),
        "January 2026": (1, 10),
        "February 2026": (1, 30),
        "March 2026": (1, 0),
    }


@pytest.mark.parametrize(
    ("granularity", "labels"),
    [
        ("Day", ["-", "31 Jan 2026", "28 Feb 2026", "02 Mar 2026"]),
        ("Week", ["-", "25 Jan 2026 - 31 Jan 2026", "22 Feb 2026 - 28 Feb 2026", "01 Mar 2026 - 07 Mar 2026"]),
        ("Quarter", ["-", "Q1 2026"]),
        ("Year", ["-", "2026"]),
        ("MonthInYear", ["-", "January", "February", "March"]),
        ("DayInMonth", ["-", "2", "28", "31"]),
    ],
)
def test_groups__granularities(desk: Desk, granularity: str, labels: list[str]) -> None:
    """Weeks begin on Sunday; MonthInYear and DayInMonth put all years together."""
    assert [group.label for group in desk.run(report([NAME], end=grouping("Due__c", granularity))).down] == labels


def test_groups__picklist_in_its_order_and_words(desk: Desk) -> None:
    """By definition, under their labels; descending turns the whole order round."""
    assert [group.label for group in desk.run(report([NAME], end=grouping("Kind__c"))).down] == ["-", "New business", "Again"]
    assert [group.label for group in desk.run(report([NAME], end=grouping("Kind__c", order="Desc"))).down] == ["Again", "New business", "-"]


def test_groups__within_groups(desk: Desk) -> None:
    """Each level has its figures, and a lookup's group leads to its record."""
    result = desk.run(report([NAME], end=grouping("Account__c") + grouping("Paid__c")))
    assert {name: values[0] for name, values in figures(result).items()} == {
        "": 4, "-": 2, "-/false": 1, "-/true": 1, "Acme <b>": 2, "Acme <b>/false": 1, "Acme <b>/true": 1,
    }  # fmt: skip
    assert result.down[0].record_id is None
    assert str(result.down[1].record_id).startswith("001")


def test_figures__aggregates_leave_blanks_out(desk: Desk) -> None:
    """Four rows, three amounts: 10, 30 and -5."""
    kinds = ("Sum", "Average", "Maximum", "Minimum", "Median", "Unique")
    result = desk.run(report([NAME, *(column("Amount__c", kind) for kind in kinds)], end=grouping("Paid__c")))
    assert result.total.figures == (4, 35, Decimal(35) / 3, 30, -5, 10, 3)
    assert [each.label for each in result.summaries][:3] == ["Record count", "Sum of Amount", "Average Amount"]


def test_figures__of_no_row(desk: Desk) -> None:
    """A report without rows has no groups, a count of 0, a sum of 0 and no average."""
    parts = [NAME, column("Amount__c", "Sum"), column("Amount__c", "Average"), criteria(("Name", "equals", "nobody"))]
    result = desk.run(report(parts, end=grouping("Kind__c")))
    assert (result.down, result.total.figures) == ((), (0, 0, None))


def test_formula__of_aggregates(desk: Desk) -> None:
    """A summary formula works on each group's figures; a division by zero is #Error!."""
    parts = [formula("90 * Invoice__c.Paid__c:SUM / (RowCount - 1)"), NAME]
    found = figures(desk.run(report(parts, end=grouping("Kind__c"))))
    assert {name: values[-1] for name, values in found.items()} == {
        "": 60, "-": ERROR, "New business": 90, "Again": ERROR,
    }  # fmt: skip


def test_formula__percent_fields_are_shares(desk: Desk) -> None:
    """20 % is 0.20 in a summary formula, and a formula of type percent shows 0.20 as 20 %."""
    result = desk.run(report([formula("Invoice__c.Discount__c:AVG", datatype="percent"), NAME], end=grouping("Paid__c")))
    assert (result.total.figures[-1], result.summaries[-1].percent) == (20, True)


def test_formula__share_of_the_whole(desk: Desk) -> None:
    """PARENTGROUPVAL gives the figure of the group around; the formula is shown for its own level only."""
    share = formula("RowCount / PARENTGROUPVAL(RowCount, GRAND_SUMMARY)", datatype="percent", context="Invoice__c$Paid__c")
    found = figures(desk.run(report([share, NAME], end=grouping("Paid__c") + grouping("Kind__c"))))
    assert {name: values[-1] for name, values in found.items() if "/" not in name} == {"": None, "false": 50, "true": 50}
    assert {values[-1] for name, values in found.items() if "/" in name} == {None}


def test_formula__of_a_level_between(desk: Desk) -> None:
    """The level may be any grouping around."""
    share = formula(
        "RowCount / PARENTGROUPVAL(RowCount, Invoice__c.Account__c)", datatype="percent", context="Invoice__c$Paid__c"
    )  # fmt: skip
    found = figures(desk.run(report([share, NAME], end=grouping("Account__c") + grouping("Paid__c"))))
    assert {name: values[-1] for name, values in found.items() if "/" in name} == dict.fromkeys(
        ["-/false", "-/true", "Acme <b>/false", "Acme <b>/true"], 50
    )


@pytest.mark.parametrize(
    ("text", "options", "complaint"),
    [
        ("Invoice__c.Nothing__c:SUM", {}, "Nothing__c:SUM"),
        ("PREVGROUPVAL(RowCount, Invoice__c.Kind__c)", {}, "PREVGROUPVAL"),
        ("RowCount / PARENTGROUPVAL(RowCount, GRAND_SUMMARY)", {}, "downGroupingContext must name a grouping"),
        ("RowCount / PARENTGROUPVAL(RowCount, Invoice__c.Kind__c)", {"context": "Invoice__c$Kind__c"}, "no grouping around"),
        ("RowCount", {"context": "Invoice__c$Paid__c"}, "by which the report is not grouped"),
    ],
)
def test_formula__refused(desk: Desk, text: str, options: dict[str, str], complaint: str) -> None:
    """A formula that cannot be computed is refused with its name and the reason."""
    with pytest.raises(ReportError, match=complaint):
        desk.run(report([formula(text, **options), NAME], end=grouping("Kind__c")))


def test_matrix__crossings(desk: Desk) -> None:
    """Figures of each crossing, of each row and of each column; a crossing without rows is not there."""
    parts = [NAME, column("Amount__c", "Sum")]
    result = desk.run(report(parts, kind="Matrix", end=grouping("Paid__c", across=True) + grouping("Kind__c")))
    labels = [group.label for group in result.down], [group.label for group in result.across]
    assert labels == (["-", "New business", "Again"], ["false", "true"])
    sums = {at: fact.figures[1] for at, fact in result.facts.items()}
    assert sums == {
        ((), ()): 35, ((), (0,)): 30, ((), (1,)): 5, ((0,), ()): -5, ((0,), (1,)): -5, ((1,), ()): 10, ((1,), (0,)): 0, ((1,), (1,)): 10,
        ((2,), ()): 30, ((2,), (0,)): 30,
    }  # fmt: skip


def test_rows__sorted_and_limited(desk: Desk) -> None:
    """A tabular report with a sort column and a row limit: text without regard to case."""
    by_name = "<sortColumn>Invoice__c$Name</sortColumn><sortOrder>Desc</sortOrder>"
    content = report([NAME], kind="Tabular").replace(b"<showDetails>", b"<rowLimit>3</rowLimit><showDetails>")
    content = content.replace(b"</Report>", f"{by_name}</Report>".encode())
    assert desk.names(content) == ["D", "C", "b"]


def test_rows__lead_to_their_records(desk: Desk) -> None:
    """The name and a lookup carry the record they lead to; fields of a lookup's record can be columns."""
    result = desk.run(report([NAME, column("Account__c"), column("Account__c.Owner")], kind="Tabular"))
    name, account, owner = result.total.rows[0]
    assert (name.value, account.value, owner.value) == ("A", "Acme <b>", "Local Admin")
    assert [str(cell.record_id)[:3] for cell in (account, owner)] == ["001", "005"]
    assert name.record_id
    assert [column.label for column in result.columns] == ["Name", "Account", "Owner"]


@pytest.mark.parametrize(("outer", "expected"), [("true", [("A", 1), ("A", 2), ("C", None), ("D", None), ("b", 3)]),
                                                 ("false", [("A", 1), ("A", 2), ("b", 3)])])  # fmt: skip
def test_rows__of_a_joined_type(desk: Desk, outer: str, expected: list[tuple[str, int | None]]) -> None:
    """A record above is repeated for each below; without any it is there only when the join is outer."""
    ids = {row["Name"]: row["Id"] for row in desk.org.query(None, "SELECT Id, Name FROM Invoice__c").records}
    lines = (("A", 1), ("A", 2), ("b", 3))
    desk.insert("Line__c", *({"Name": "L", "Invoice__c": ids[name], "Price__c": price} for name, price in lines))
    result = desk.run(report([NAME, column("Invoice__c.Lines__r$Price__c", "Sum")], kind="Tabular", of=f"Lines_{outer}"))
    rows = sorted(((row[0].value, row[1].value) for row in result.total.rows), key=str)
    assert rows == expected
    assert result.total.figures == (len(expected), 6)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (report([NAME], kind="MultiBlock"), "The report format MultiBlock"),
        (report([column("Name", "Sum")], kind="Tabular"), "Name cannot be summarised by Sum"),
        (report([NAME], end=grouping("Notes__c")), "long text"),
        (report([NAME], end=grouping("Due__c", "FiscalQuarter")), "The date granularity FiscalQuarter"),
        (report([NAME], kind="Tabular").replace(b"organization", b"user"), "The report scope user"),
        (report([NAME], kind="Tabular").replace(b"Invoices__c<", b"CustomEntity$Invoice__c<"), "The standard report type"),
        (report(["<buckets><bucketType>text</bucketType><developerName>B</developerName><masterLabel>B</masterLabel>"
                 "<sourceColumnName>Invoice__c$Name</sourceColumnName></buckets>", NAME], kind="Tabular"), "buckets of reports"),
    ],
)  # fmt: skip
def test_refused__by_name(desk: Desk, content: bytes, complaint: str) -> None:
    """What changes the answer and is not run is an error that names it."""
    with pytest.raises(ReportError, match=complaint.replace("$", r"\$")):
        desk.run(content)


def test_unknown__report_and_column(desk: Desk) -> None:
    """Neither has an answer."""
    with pytest.raises(ReportError, match="There is no report Finance/Nothing"):
        run_report(desk.org, "Finance/Nothing", user=None, time_zone=LOS_ANGELES)
    with pytest.raises(ReportError, match=r"Invalid value specified: Invoice__c\$Nothing"):
        desk.run(report([column("Nothing")], kind="Tabular"))
