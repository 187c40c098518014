"""Evaluation: blanks, percent, picklists, dates, text, the record as it was."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_UP, Decimal, localcontext

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tooling.local_org.formula import Context, FormulaRuntimeError, Names, compile_formula


def test_blanks__numbers(evaluate):
    """
    As zero: a blank number is 0 everywhere, so ISBLANK never sees one. As blank: arithmetic with it has no value.
    """
    assert evaluate("Score__c + 1", blanks_as_zero=True) == 1
    assert evaluate("Rate__c + 1", blanks_as_zero=True) == 1
    assert evaluate("ISBLANK(Score__c)", blanks_as_zero=True) is False
    assert evaluate("BLANKVALUE(Score__c, 5)", blanks_as_zero=True) == 0
    assert evaluate("Score__c + 1") is None
    assert evaluate("ISBLANK(Score__c)") is True
    assert evaluate("BLANKVALUE(Score__c, 5)") == 5
    assert evaluate("MAX(Score__c, 1)") is None


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("Score__c > 1", False),
        ("NOT(Score__c > 1)", False),
        ("IF(Score__c < 1, 1, 2)", 2),
        ("Score__c = null", True),
        ("Name = ''", True),
        ("Name = null", True),
        ("Name <> 'x'", True),
        ("Day__c = null", True),
        ("Day__c <> null", False),
        ("AND(null, TRUE)", False),
        ("OR(null, TRUE)", True),
        ("NOT(null)", False),
        ("null && TRUE || TRUE", True),
        ("ISNULL(Name)", False),
        ("ISBLANK(Name)", True),
        ("ISNULL(Day__c)", True),
        ("NULLVALUE(Name, 'x')", None),
        ("BLANKVALUE(Name, 'x')", "x"),
        ("Name & 'a'", "a"),
        ("Name & null", None),
        ("'' ", None),
        ("CONTAINS('x', Name)", True),
        ("CONTAINS(Name, 'x')", False),
        ("LEN(Name)", 0),
        ("LEFT(Name, 2)", None),
        ("LEFT('abc', Score__c)", None),
        ("VALUE(Name)", None),
        ("TEXT(Score__c)", None),
        ("Flag__c", False),
        ("NOT(Flag__c)", True),
        ("Day__c + 1", None),
        ("NOT(CONTAINS(Name, 'x'))", False),
        ("BEGINS(Name, 'x')", False),
        ("CHR(-1)", None),
        ("YEAR(Day__c)", None),
        ("Score__c + null", None),
        ("IF(null = null, 1, 2)", 1),
        ("CASE(Score__c, 1, 'a', 'b')", "b"),
        ("CASE(Name, '', 'a', 'b')", "a"),
        ("TEXT(Status__c)", None),
        ("ISPICKVAL(Status__c, '')", True),
        ("ISPICKVAL(Status__c, 'Open')", False),
        ("CASE(Status__c, 'Open', 1, 2)", 2),
    ],
)
def test_blanks__everything_is_null(source, value, evaluate):
    """
    A record without values, blanks as blanks.
    """
    assert evaluate(source) == value


def test_blanks__flow_boolean_is_not_false_but_counts_as_such(evaluate):
    """
    A flow's Boolean variable can be null: neither it nor its negation is true.
    """
    assert evaluate("NOT({!Flag__c})", context=Context.FLOW) is False
    assert evaluate("IF({!Flag__c}, 1, 2)", context=Context.FLOW) == 2


def test_percent__fifty_is_one_half(evaluate):
    """
    A percent field of 50 is 0.5 inside a formula.
    """
    assert evaluate("Rate__c * 10", Rate__c=50) == 5
    assert evaluate("Rate__c = 0.5", Rate__c=50) is True


def test_picklist__functions(evaluate):
    """
    Picklists are compared by API value, case-sensitively.
    """
    assert evaluate("ISPICKVAL(Status__c, 'Open')", Status__c="Open") is True
    assert evaluate("ISPICKVAL(Status__c, 'open')", Status__c="Open") is False
    assert evaluate("CASE(Status__c, 'New', 1, 'Open', 2, 3)", Status__c="Open") == 2
    assert evaluate("TEXT(Status__c) & '!'", Status__c="Open") == "Open!"
    assert evaluate("INCLUDES(Topics__c, 'b')", Topics__c="a;b") is True
    assert evaluate("PICKCOUNT(Topics__c)", Topics__c="a;b") == 2


@pytest.mark.parametrize(
    "source",
    [
        "1/0",
        "MOD(1, 0)",
        "VALUE('abc')",
        "VALUE(' 1')",
        "SQRT(-1)",
        "LN(0)",
        "DATE(2023, 2, 29)",
        "DATE(2023, 0, 1)",
        "2^0.5",
        "10^70",
        "DATEVALUE('x')",
        "DATEVALUE('2023-02-30')",
        "TIMEVALUE('25:00:00.000')",
        "EXP(1000)",
        "ISBLANK(1/0)",
        "DATE(9999,12,31) + 1",
        "VALUE('1e9999')",
    ],
)
def test_error__no_value(source, evaluate):
    """
    #Error! at run time, not when the formula is compiled; ISBLANK does not catch it.
    """
    with pytest.raises(FormulaRuntimeError):
        evaluate(source)


def test_error__branches_not_taken_are_not_evaluated(evaluate):
    """
    IF, CASE, AND, OR and BLANKVALUE look only at what they need.
    """
    assert evaluate("IF(Other__c = 0, 0, Score__c / Other__c)", Score__c=1, Other__c=0) == 0
    assert evaluate("CASE(Other__c, 0, 0, Score__c / Other__c)", Score__c=1, Other__c=0) == 0
    assert evaluate("AND(Other__c <> 0, Score__c / Other__c > 1)", Score__c=1, Other__c=0) is False
    assert evaluate("Other__c = 0 || Score__c / Other__c > 1", Score__c=1, Other__c=0) is True
    assert evaluate("BLANKVALUE(Score__c, 1/0)", Score__c=1) == 1


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("FLOOR(-1.7)", -1),
        ("CEILING(-0.4)", -1),
        ("MFLOOR(-1.7)", -2),
        ("MCEILING(-0.4)", 0),
        ("MOD(-7, 3)", -1),
        ("MOD(7.5, -2)", "1.5"),
        ("ROUND(-12.345, 2)", "-12.35"),
        ("ROUND(2.5, 0)", 3),
        ("ROUND(1250, -2)", 1300),
        ("TRUNC(-1.99, 1)", "-1.9"),
        ("TRUNC(1.9)", 1),
        ("FLOOR(1/9*9)", 1),
        ("2^-1", "0.5"),
        ("POWER(2, 10)", 1024),
        ("ABS(-3)", 3),
        ("MIN(3, 1, 2)", 1),
        ("LOG(1000)", 3),
        ("0^0", 1),
    ],
)
def test_numbers(source, value, evaluate):
    """
    FLOOR and CEILING work toward and away from zero, MOD keeps the dividend's sign, ROUND is half away from zero.
    """
    assert evaluate(source) == Decimal(str(value))


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("TEXT(1.50)", "1.5"),
        ("TEXT(-0.0)", "0"),
        ("TEXT(100)", "100"),
        ("TEXT(1/4)", "0.25"),
        ("MID('hello', 0, 2)", "he"),
        ("RIGHT('abc', 2)", "bc"),
        ("LEFT('abc', -1)", None),
        ("FIND('l', 'hello')", 3),
        ("FIND('l', 'hello', 5)", 0),
        ("FIND('l', 'hello', 0)", 0),
        ("FIND('L', 'hello')", 0),
        ("SUBSTITUTE('aXbX', 'X', '')", "ab"),
        ("LPAD('7', 3, '0')", "007"),
        ("RPAD('abc', 2)", "ab"),
        ("LPAD('7', 4, 'ab')", "aba7"),
        ("TRIM('  a b ')", "a b"),
        ("INITCAP('mr. SMITH-jones')", "Mr. Smith-Jones"),
        ("UPPER('i', 'tr')", "İ"),
        ("REVERSE('abc')", "cba"),
        ("BEGINS('abc', 'ab')", True),
        ("'a' = 'A'", False),
        ("'a' < 'b'", True),
        ("CASESAFEID('001A0000006Vm9r')", "001A0000006Vm9rIAC"),
        ("VALUE('1e3')", 1000),
        ("ISNUMBER('1.5')", True),
        ("ISNUMBER('1,5')", False),
        ("ASCII('A')", 65),
        ("CHR(65)", "A"),
        ("HYPERLINK('/1', 'a', '_self')", '<a href="/1" target="_self">a</a>'),
        ("IMAGE('u', 'a', 1, 2)", '<img src="u" alt="a" height="1" width="2"/>'),
        ("IFS(FALSE, 1, TRUE, 2, 3)", 2),
        ("REGEX('123-4567', '\\\\d{3}-\\\\d{4}')", True),
        ("REGEX('x123', '\\\\d{3}')", False),
    ],
)
def test_text(source, value, evaluate):
    """
    Positions count from 1, comparison is case-sensitive, text without characters is null.
    """
    assert evaluate(source) == value


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("DATE(2024, 1, 31) + 1.9", date(2024, 2, 1)),
        ("1 + DATE(2024, 1, 31)", date(2024, 2, 1)),
        ("DATE(2024,3,1) - DATE(2024,2,1)", Decimal(29)),
        ("ADDMONTHS(DATE(2024, 1, 31), 1)", date(2024, 2, 29)),
        ("ADDMONTHS(DATE(2024, 2, 29), 12)", date(2025, 2, 28)),
        ("ADDMONTHS(DATE(2024, 1, 15), -2)", date(2023, 11, 15)),
        ("WEEKDAY(DATE(2026, 3, 1))", 1),
        ("DAYOFYEAR(DATE(2024, 12, 31))", 366),
        ("ISOWEEK(DATE(2021, 1, 3))", 53),
        ("ISOYEAR(DATE(2021, 1, 3))", 2020),
        ("TEXT(DATE(2024, 1, 2))", "2024-01-02"),
        ("TEXT(DATETIMEVALUE('2024-01-02 03:04:05'))", "2024-01-02 03:04:05Z"),
        ("DATETIMEVALUE('2024-01-02 12:00:00') - DATETIMEVALUE('2024-01-01 00:00:00')", Decimal("1.5")),
        ("DATETIMEVALUE('2024-01-01 00:00:00') + 0.25", datetime(2024, 1, 1, 6, tzinfo=UTC)),
        ("DATEVALUE('2024-1-2')", date(2024, 1, 2)),
        ("TIMEVALUE('23:00:00.000') + 7200000", time(1)),
        ("TIMEVALUE('01:00:00.000') - TIMEVALUE('23:00:00.000')", Decimal(7_200_000)),
        ("HOUR(TIMEVALUE('13:14:15.016'))", 13),
        ("MILLISECOND(TIMEVALUE('13:14:15.016'))", 16),
        ("UNIXTIMESTAMP(DATE(1970, 1, 2))", 86_400),
        ("FROMUNIXTIME(86400)", datetime(1970, 1, 2, tzinfo=UTC)),
        ("FORMATDURATION(90061)", "25:01:01"),
        ("FORMATDURATION(90061, TRUE)", "1:01:01:01"),
        ("NOW()", datetime(2026, 3, 1, 4, 30, tzinfo=UTC)),
        ("TODAY()", date(2026, 2, 28)),
        ("DATEVALUE(NOW())", date(2026, 3, 1)),
        ("TIMENOW()", time(4, 30)),
        ("DISTANCE(GEOLOCATION(0, 0), GEOLOCATION(0, 180), 'km') > 20000", True),
    ],
)
def test_dates(source, value, evaluate):
    """
    A date drops the fraction of days, a month's end stays its end, TODAY() is the running user's day, text is GMT.
    """
    assert evaluate(source) == value


def test_record__changes(evaluate):
    """
    ISCHANGED, PRIORVALUE and ISNEW: a new record has changed nothing and is its own past.
    """
    assert evaluate("ISCHANGED(Score__c)", Score__c=2, before={"Score__c": 1}) is True
    assert evaluate("ISCHANGED(Score__c)", Score__c=2, before={"Score__c": Decimal("2.0")}) is False
    assert evaluate("ISCHANGED(Score__c)", before={"Score__c": 0}) is True
    assert evaluate("ISCHANGED(Status__c)", Status__c="a", is_new=True) is False
    assert evaluate("ISPICKVAL(PRIORVALUE(Status__c), 'a')", Status__c="b", before={"Status__c": "a"}) is True
    assert evaluate("PRIORVALUE(Rate__c)", Rate__c=1, before={"Rate__c": 50}) == Decimal("0.5")
    assert evaluate("PRIORVALUE(Score__c)", Score__c=7, is_new=True) == 7
    assert evaluate("ISNEW()", is_new=True) is True


def test_record__vlookup(evaluate):
    """
    VLOOKUP asks the values for another record's field.
    """
    source = "VLOOKUP($ObjectType.Zip__c.Fields.City__c, $ObjectType.Zip__c.Fields.Name, Name)"
    assert evaluate(source, Name="94105") == "San Francisco"


def test_record__ids_have_fifteen_characters_outside_flows(evaluate):
    """
    Formulas see an id's 15-character form, flows the 18-character form; CASESAFEID goes from one to the other.
    """
    assert evaluate("Id", Id="001A0000006Vm9rIAC") == "001A0000006Vm9r"
    assert evaluate("CASESAFEID(Id)", Id="001A0000006Vm9rIAC") == "001A0000006Vm9rIAC"
    assert evaluate("{!Id}", Id="001A0000006Vm9rIAC", context=Context.FLOW) == "001A0000006Vm9rIAC"


class _NoNames(Names):
    def find(self, path):
        return None


_decimals = st.decimals(-(10**12), 10**12, places=6)


@settings(max_examples=200, deadline=None)
@given(_decimals, _decimals, st.sampled_from("+-*/"))
def test_arithmetic__is_decimal_arithmetic(a, b, operator):
    """
    + - * / equal Python's decimal at 39 digits, half up.
    """
    formula = compile_formula(f"({a:f}) {operator} ({b:f})", _NoNames(), result=None)
    with localcontext() as context:
        context.prec, context.rounding = 39, ROUND_HALF_UP
        if operator == "/" and not b:
            with pytest.raises(FormulaRuntimeError):
                formula.evaluate(None)
            return
        expected = {"+": a + b, "-": a - b, "*": a * b, "/": a / b if b else None}[operator]
    assert formula.evaluate(None) == expected


@settings(max_examples=200, deadline=None)
@given(_decimals, st.integers(-3, 8))
def test_round__is_half_away_from_zero(number, digits):
    """
    ROUND equals quantize half up, for negative digits too.
    """
    formula = compile_formula(f"ROUND({number:f}, {digits})", _NoNames(), result=None)
    assert formula.evaluate(None) == number.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


@pytest.mark.parametrize("context", [Context.FLOW, Context.ENTRY])
def test_contains__of_a_related_record_in_flows(evaluate, context):
    """
    In flows CONTAINS searches the first 250 characters of a related record's field, and all of the record's own.
    """
    text = "x" * 249 + "ab"
    assert evaluate("CONTAINS({!$Record.Account.Name}, 'a')", context=context, **{"$Record.Account.Name": text}) is True
    assert evaluate("CONTAINS({!$Record.Account.Name}, 'b')", context=context, **{"$Record.Account.Name": text}) is False
    assert evaluate("CONTAINS({!$Record.Name}, 'b')", context=context, **{"$Record.Name": text}) is True
    assert evaluate("CONTAINS(Account.Name, 'b')", **{"Account.Name": text}) is True
