"""Quoting and building SOQL."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tooling.salesforce.soql import LONGEST_URI, Identifier, Starts, encoded_size, fields, literal, soql, split


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("O'Neil", r"'O\'Neil'"),
        ("back\\slash", r"'back\\slash'"),
        ("') OR Id != null --", r"'\') OR Id != null --'"),
        ("a\nb\tc", r"'a\nb\tc'"),
        (Starts("50%_a'"), r"'50\%\_a\'%'"),
        (None, "null"),
        (True, "true"),
        (7, "7"),
        (date(2026, 3, 4), "2026-03-04"),
        (datetime(2026, 3, 4, 1, 30, tzinfo=timezone(timedelta(hours=2))), "2026-03-03T23:30:00Z"),
        (["a", "b'"], r"('a','b\'')"),
    ],
)
def test_literal(value: object, expected: str) -> None:
    """Every kind of value is written as SOQL needs it; what a text holds never ends the text."""
    assert literal(value) == expected


@pytest.mark.parametrize("value", [[], datetime(2026, 3, 4), object()])
def test_literal__impossible(value: object) -> None:
    """An empty list, a datetime without zone and an unknown kind of value are refused."""
    with pytest.raises(ValueError, match=r"SOQL|IN list|zone"):
        literal(value)


@given(st.text())
def test_literal__any_text_stays_inside_its_quotes(text: str) -> None:
    """Undoing the escapes gives the text back (without NUL), and no bare quotation mark is inside."""
    written = literal(text)
    assert written[0] == written[-1] == "'"
    undone, rest = "", written[1:-1]
    names = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
    while rest:
        if rest[0] == "\\":
            undone, rest = undone + names.get(rest[1], rest[1]), rest[2:]
        else:
            assert rest[0] != "'"
            undone, rest = undone + rest[0], rest[1:]
    assert undone == text.replace("\x00", "")


@pytest.mark.parametrize("name", ["", "Name FROM User", "Name,Id", "1a", "a..b", "Náme", "Name\n"])
def test_identifier__not_an_api_name(name: str) -> None:
    """Only API names and relationship paths are placed in SOQL unquoted."""
    with pytest.raises(ValueError, match="API name"):
        Identifier(name)


def test_soql() -> None:
    """A template takes values by name."""
    query = soql(
        "SELECT {columns} FROM {o} WHERE Name = {name}", columns=fields(["Id", "Id", "A__r.Name"]), o=Identifier("X__c"), name="{x}'"
    )
    assert query == r"SELECT Id, A__r.Name FROM X__c WHERE Name = '{x}\''"


@given(st.lists(st.text(min_size=1, max_size=60), min_size=1, max_size=300))
def test_split__every_value_once_and_every_query_fits(values: list[str]) -> None:
    """The parts hold every value, and each fits a URI."""
    queries = list(split("SELECT Id FROM Contact WHERE Email IN {values}", over="values", values=values, longest=2000))
    assert all(encoded_size(query) <= 2000 for query in queries)
    assert all(any(literal(value) in query for query in queries) for value in values)


def test_split__hundreds_of_addresses_in_one_query() -> None:
    """A query holds some hundred addresses; a value that is longer than a SOQL string is left out; no values, no query."""
    addresses = [f"person.number{number}@example.com" for number in range(1000)]
    queries = list(split("SELECT Id FROM Contact WHERE Email IN {values}", over="values", values=[*addresses, "x" * 4001]))
    assert 2 <= len(queries) <= 4
    assert all(encoded_size(query) <= LONGEST_URI for query in queries)
    assert not any("xxx" in query for query in queries)
    assert list(split("SELECT Id FROM Contact WHERE Email IN {values}", over="values", values=[])) == []
