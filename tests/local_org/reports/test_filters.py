"""Which rows a report shows: operators, relative dates, filter logic, time frames."""

from __future__ import annotations

import pytest

from tooling.local_org.engine.reports import ReportError

from .conftest import Desk
from .metadata import column, criteria, report

NAME = column("Name")


@pytest.mark.parametrize(
    ("name", "operator", "value", "rows"),
    [
        ("Name", "equals", "B", "b"),
        ("Name", "notEqual", "A,b", "CD"),
        ("Name", "startsWith", "a", "A"),
        ("Amount__c", "greaterOrEqual", "10", "Ab"),
        ("Amount__c", "lessThan", "0", "D"),
        ("Amount__c", "equals", "", "C"),
        ("Amount__c", "notEqual", "", "AbD"),
        ("Paid__c", "equals", "1", "AD"),
        ("Paid__c", "equals", "False", "bC"),
        ("Kind__c", "equals", "New business", "AC"),
        ("Kind__c", "equals", "New,Again", "AbC"),
        ("Kind__c", "notEqual", "", "AbC"),
        ("Account__c", "equals", "acme <b>", "Ab"),
        ("Account__c", "equals", "", "CD"),
        ("Notes__c", "contains", "AGAIN", "C"),
        ("Notes__c", "equals", '"late, again"', "C"),
        ("Notes__c", "notContain", "again", "AbD"),
        ("Due__c", "equals", "TODAY", "C"),
        ("Due__c", "equals", "LAST_N_DAYS:2", "bC"),
        ("Due__c", "equals", "LAST 90 DAYS", "AbC"),
        ("Due__c", "greaterOrEqual", "THIS_MONTH", "C"),
        ("Due__c", "greaterThan", "LAST_MONTH", "C"),
        ("Due__c", "lessThan", "THIS_MONTH", "Ab"),
        ("Due__c", "lessOrEqual", "2026-02-28", "Ab"),
        ("Due__c", "equals", "2/28/2026", "b"),
        ("Due__c", "notEqual", "THIS_MONTH", "AbD"),
        ("Due__c", "equals", "", "D"),
    ],
)
def test_criteria__operators(desk: Desk, name: str, operator: str, value: str, rows: str) -> None:
    """Text without regard to case, picklists by value or label, lookups by name, dates by the reader's days."""
    assert desk.names(report([NAME, criteria((name, operator, value))], kind="Tabular")) == list(rows)


@pytest.mark.parametrize(("logic", "rows"), [("1 AND 2", "A"), ("1 OR 2", "AbD"), ("NOT 1 AND 2", "b"), ("1 AND (2 OR 3)", "AD"),
                                             ("3 OR 1 AND 2", "ACD"), ("", "")])  # fmt: skip
def test_logic__combines(desk: Desk, logic: str, rows: str) -> None:
    """AND binds more strongly than OR, NOT most strongly; without logic all criteria hold."""
    items = (("Paid__c", "equals", "1"), ("Account__c", "notEqual", ""), ("Account__c", "equals", ""))
    items = items[:2] if logic.count("3") == 0 and logic else items
    expected = [name for name in "AbCD" if name in rows]
    assert desk.names(report([NAME, criteria(*items, logic=logic)], kind="Tabular")) == expected


@pytest.mark.parametrize("logic", ["1 AND", "1 2", "(1", "4", "1 XOR 2", "1)"])
def test_logic__unreadable(desk: Desk, logic: str) -> None:
    """An error, never a guess."""
    with pytest.raises(ReportError, match="filter logic"):
        desk.run(report([NAME, criteria(("Name", "equals", "A"), ("Name", "equals", "b"), logic=logic)], kind="Tabular"))


@pytest.mark.parametrize(
    ("frame", "rows"),
    [
        ("<interval>INTERVAL_CUSTOM</interval>", "AbCD"),
        ("<endDate>2026-03-01</endDate><interval>INTERVAL_CUSTOM</interval><startDate>2026-02-28</startDate>", "b"),
        ("<interval>INTERVAL_CUSTOM</interval><startDate>2026-02-28</startDate>", "bC"),
        ("<interval>INTERVAL_LASTMONTH</interval>", "b"),
        ("<interval>INTERVAL_CURRENTQ</interval>", "AbC"),
    ],
)
def test_time_frame__days(desk: Desk, frame: str, rows: str) -> None:
    """A custom frame without dates is all time, blanks too; any other leaves blanks out."""
    content = report([NAME], kind="Tabular")
    frame = f"<timeFrameFilter><dateColumn>Invoice__c$Due__c</dateColumn>{frame}</timeFrameFilter>"
    assert desk.names(content.replace(b"</Report>", f"{frame}</Report>".encode())) == list(rows)


@pytest.mark.parametrize(
    ("item", "complaint"),
    [
        (("Amount__c", "greaterThan", "much"), "much is no number"),
        (("Due__c", "equals", "next year or so"), "The date next year or so of report filters is not supported"),
        (("Due__c", "contains", "2026"), "The operator contains of report filters on dates is not supported"),
        (("Name", "within", "A"), "The operator within of report filters is not supported"),
    ],
)
def test_criteria__refused(desk: Desk, item: tuple[str, str, str], complaint: str) -> None:
    """What cannot be compared is refused."""
    with pytest.raises(ReportError, match=complaint):
        desk.run(report([NAME, criteria(item)], kind="Tabular"))
