"""SOQL text to AST."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tooling.local_org.errors import MalformedQuery
from tooling.local_org.soql.ast import (
    AllOf,
    AnyOf,
    Call,
    ChildQuery,
    Comparison,
    DateLiteral,
    FieldPath,
    Includes,
    InQuery,
    InValues,
    Item,
    Literal,
    Not,
    Ordering,
    Query,
    TypeOf,
)
from tooling.local_org.soql.parser import MAX_LENGTH, parse


def _where(text):
    return parse(f"SELECT Id FROM Account WHERE {text}").where


def _path(text):
    return FieldPath(tuple(text.split(".")))


def _is(name, value=1):
    return Comparison(_path(name), "=", Literal(Decimal(value)))


def test_parse__every_clause():
    """
    All clauses, in any case of their keywords.
    """
    text = (
        "select Id, sum(Amount) total from Opportunity o where x = 1 with security_enforced group by Account.Name having sum(Amount) > 1 "
        "order by Name desc nulls last, Id limit 5 offset 2 for view for reference update tracking all rows"
    )
    assert parse(text) == Query(
        select=(Item(_path("Id")), Item(Call("sum", (_path("Amount"),)), "total")),
        sobject=_path("Opportunity"),
        alias="o",
        where=_is("x"),
        with_="security_enforced",
        group_by=(_path("Account.Name"),),
        having=Comparison(Call("sum", (_path("Amount"),)), ">", Literal(Decimal(1))),
        order_by=(Ordering(_path("Name"), True, True), Ordering(_path("Id"))),
        limit=5,
        offset=2,
        for_=("VIEW", "REFERENCE"),
        all_rows=True,
    )


def test_parse__child_query_and_type_of():
    """
    A child query and a TYPEOF in the select list.
    """
    query = parse("SELECT (SELECT Id FROM Contacts), TYPEOF What WHEN Account THEN Phone, Name WHEN Case THEN Id ELSE Name END FROM Task")
    assert query.select == (
        ChildQuery(Query((Item(_path("Id")),), _path("Contacts"))),
        TypeOf(_path("What"), ((_path("Account"), (_path("Phone"), _path("Name"))), (_path("Case"), (_path("Id"),))), (_path("Name"),)),
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("'a'", "a"),
        (r"'O\'Neil \\ \"x\" \n\t\u00e9'", 'O\'Neil \\ "x" \n\té'),
        (r"'\uD83D\uDE00'", "😀"),
        (r"'50\% \_'", "50% _"),
        ("null", None),
        ("TRUE", True),
        ("false", False),
        ("-1.50", Decimal("-1.50")),
        ("2e3", Decimal(2000)),
        ("2026-02-28", date(2026, 2, 28)),
        ("2026-02-28T01:02:03Z", datetime(2026, 2, 28, 1, 2, 3, tzinfo=UTC)),
        ("2026-02-28T01:02:03.456+0530", datetime(2026, 2, 28, 1, 2, 3, 456000, timezone(timedelta(hours=5, minutes=30)))),
        ("today", DateLiteral("TODAY")),
        ("Last_N_Days:30", DateLiteral("LAST_N_DAYS", 30)),
    ],
)
def test_parse__literals(text, value):
    """
    Each kind of literal.
    """
    assert _where(f"x = {text}").right.value == value


def test_parse__like_pattern_keeps_its_escapes():
    """
    For LIKE an escaped percent sign stays apart from a wildcard.
    """
    assert _where(r"x LIKE 'a\%b%'") == Comparison(_path("x"), "LIKE", Literal("a%b%", pattern=r"a\%b%"))


def test_parse__logic():
    """
    AND, OR and NOT nest by parentheses; NOT takes the next condition only.
    """
    assert _where("a = 1 AND NOT b = 1 AND (c = 1 OR d = 1)") == AllOf((_is("a"), Not(_is("b")), AnyOf((_is("c"), _is("d")))))
    assert _where("NOT (a = 1 AND b = 1)") == Not(AllOf((_is("a"), _is("b"))))
    assert _where("NOT NOT a = 1") == _is("a")
    assert _where("a <> 1") == Comparison(_path("a"), "!=", Literal(Decimal(1)))


def test_parse__lists():
    """
    IN with values or a query, INCLUDES, EXCLUDES.
    """
    assert _where("x IN ('a', 'b')") == InValues(_path("x"), (Literal("a"), Literal("b")))
    assert _where("x not in (1, null)") == InValues(_path("x"), (Literal(Decimal(1)), Literal(None)), negated=True)
    inner = Query((Item(_path("AccountId")),), _path("Contact"))
    assert _where("Id NOT IN (SELECT AccountId FROM Contact)") == InQuery(_path("Id"), inner, negated=True)
    assert _where("x EXCLUDES ('a;b')") == Includes(_path("x"), (Literal("a;b"),), negated=True)


def test_parse__keywords_are_names_elsewhere():
    """
    Group, Order and the like are ordinary names where no keyword can stand.
    """
    query = parse("SELECT Order, Limit.Name FROM Group GROUP BY Group ORDER BY Order")
    assert query.select == (Item(_path("Order")), Item(_path("Limit.Name")))
    assert (query.sobject, query.group_by) == (_path("Group"), (_path("Group"),))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "unexpected token: '<EOF>'"),
        ("SELECT", "unexpected token: '<EOF>'"),
        ("DELETE FROM Account", "unexpected token: 'DELETE'"),
        ("SELECT Id FROM Account WHERE a = 1 OR b = 1 AND c = 1", "unexpected token: 'AND'"),
        ("SELECT Id FROM Account LIMIT x", "unexpected token: 'x'"),
        ("SELECT Id FROM Account LIMIT -1", "unexpected token: '-1'"),
        ("SELECT Id FROM Account LIMIT 1.5", "unexpected token: '1.5'"),
        ("SELECT Id FROM Account WHERE d = 2026-02-30", "Invalid date: 2026-02-30"),
        ("SELECT Id FROM Account WHERE d = LAST_N_DAYS", "unexpected token: 'LAST_N_DAYS'"),
        ("SELECT Id FROM Account WHERE d = LAST_N_FISCAL_DAYS:3", "unexpected token: 'LAST_N_FISCAL_DAYS:3'"),
        ("SELECT Id FROM Account; SELECT Id FROM Contact", "no viable alternative at character ';'"),
        (r"SELECT Id FROM Account WHERE a = '\ud800'", "Illegal character sequence"),
        ("SELECT Id FROM Account WHERE " + "(" * 100 + "a = 1" + ")" * 100, "nested more than"),
        ("SELECT Id FROM Account WHERE " + "NOT " * 9999 + "a = 1", "nested too deeply"),
        ("SELECT Id FROM Account WHERE a = '" + "x" * MAX_LENGTH + "'", "cannot be longer than 100000"),
    ],
)
def test_parse__refused(text, message):
    """
    What is not SOQL is refused with what is wrong about it.
    """
    with pytest.raises(MalformedQuery) as refused:
        parse(text)
    assert message in refused.value.message


def test_parse__position_in_the_second_row():
    """
    Rows and columns count from one; the caret stands under the culprit.
    """
    with pytest.raises(MalformedQuery) as refused:
        parse("SELECT Id\nFROM Account WHERE = 1")
    assert refused.value.message == "\nFROM Account WHERE = 1\n                   ^\nERROR at Row:2:Column:20\nunexpected token: '='"


_PIECES = st.sampled_from(
    (
        *("SELECT", "FROM", "WHERE", "GROUP", "BY", "ORDER", "LIMIT", "OFFSET", "HAVING", "TYPEOF", "WHEN", "THEN", "END", "NULLS"),
        *("FOR", "VIEW", "ALL", "ROWS", "IN", "NOT", "AND", "OR", "LIKE", "INCLUDES", "Id", "Account.Name", "COUNT", "TODAY"),
        *("LAST_N_DAYS:3", "'x'", r"'a\%'", r"'\u12'", "5", "1e9999999999999999999", "2026-01-01", "2026-01-01T99:00:00Z"),
        *("(", ")", ",", "=", "!=", ":", "'", '"', "\\", "#", "é"),
    )
)


@settings(max_examples=300, deadline=None)
@given(st.one_of(st.text(), st.lists(_PIECES, max_size=14).map(lambda pieces: "SELECT Id FROM Account WHERE " + " ".join(pieces))))
def test_parse__never_anything_but_malformed_query(text):
    """
    Any text is either SOQL or a malformed query.
    """
    try:
        parse(text)
    except MalformedQuery as refused:
        assert refused.message
