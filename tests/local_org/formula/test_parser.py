"""Reading formulas: precedence, literals, names, syntax errors."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tooling.local_org.formula import FormulaError
from tooling.local_org.formula.parser import parse
from tooling.local_org.formula.tree import Binary, Call, Name, NumberLiteral, TextLiteral, Unary


@pytest.mark.parametrize(
    ("source", "value"),
    [
        ("1+2*3^2", 37),
        ("-2^2", 4),
        ("2^3^2", 64),
        ("1-2-3", -4),
        ("8/4/2", 1),
        ("2+3&''", None),
        ("- -2", 2),
        ("+2", 2),
        ("1--2", 3),
        ("10/2*5", 25),
        ("(1+2)*3", 9),
        ("1.50", Decimal("1.5")),
    ],
)
def test_parse__operators_group_as_the_published_grammar_says(source, value, evaluate):
    """
    `^` is weaker than `*` and `/`, signs are strongest, everything groups to the left.
    """
    if value is None:
        with pytest.raises(FormulaError, match="Expected Text, received Number"):
            evaluate(source)
    else:
        assert evaluate(source) == value


def test_parse__comparison_is_weaker_than_arithmetic_and_stronger_than_logic(evaluate):
    """
    `||` is weaker than `&&`, then equality, then order, then sums.
    """
    assert evaluate("TRUE || FALSE && FALSE") is True
    assert evaluate("1 + 1 = 2 && 2 < 3 = TRUE") is True
    assert evaluate("NOT FALSE && !FALSE") is True
    assert evaluate("1 == 1 && 1 != 2 && 1 <> 2") is True


def test_parse__names_comments_and_spaces():
    """
    Keywords and functions have no case; comments and pasted zero-width spaces vanish; names with `$`, `.` and `:` are one name.
    """
    assert parse("/* a */ tRuE /* b * / */").value is True
    assert parse(" if ( a , b , c ) ").name == "if"
    assert parse("Owner:User.Name") == Name(("Owner:User", "Name"))
    assert parse("a\u200b+\u00a0b").operator == "+"
    assert parse("NotAKeyword") == Name(("NotAKeyword",))
    assert parse("null_c") == Name(("null_c",))


def test_parse__flow_references():
    """
    `{!…}` is the same as a bare name.
    """
    assert parse("{!$Record__Prior.Score__c}") == Name(("$Record__Prior", "Score__c"), braced=True)
    assert parse("{! Loop_Item.Field__c }").path == ("Loop_Item", "Field__c")
    assert parse("IF({!a},{!b.c.d},{!$Flow.CurrentDateTime})").arguments[2].path == ("$Flow", "CurrentDateTime")


def test_parse__text_literals():
    """
    Both quotes, with the escapes of the language and no others.
    """
    assert parse(r'"a\"b\\d{2}\n"') == TextLiteral('a"b\\d{2}\n')
    assert parse("'it\\'s'") == TextLiteral("it's")
    for broken in ('"\\d"', '"abc', "'a\nb'"):
        with pytest.raises(FormulaError, match="Syntax error"):
            parse(broken)


@pytest.mark.parametrize(
    ("source", "message", "position"),
    [
        ("IF(a, b", "Syntax error. Missing ')'", 7),
        ("(1+2", "Syntax error. Missing ')'", 4),
        ("IF(a b)", "Syntax error. Missing ')'", 5),
        ("1 2", "Syntax error. Extra '2'", 2),
        ("IF(a,b,c))", "Syntax error. Extra ')'", 9),
        ("1 + * 2", "Syntax error. Found '*'", 4),
        ("a # b", "Syntax error. Found '#'", 2),
        ("IF(,1)", "Syntax error. Found ','", 3),
        ("", "Syntax error", 0),
        ("1 +", "Syntax error", 3),
    ],
)
def test_parse__syntax_errors_have_salesforce_s_words_and_a_position(source, message, position):
    """
    Missing, Extra and Found, as in the editor's Check Syntax.
    """
    with pytest.raises(FormulaError) as error:
        parse(source)
    assert (error.value.message, error.value.position) == (message, position)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="abIF01.,()+-*/^&|<>=!{}$\"'\\ \n#_:N", max_size=40) | st.text(max_size=40))
def test_parse__any_text_is_a_tree_or_a_formula_error(source):
    """
    No input crashes the parser in any other way.
    """
    try:
        parse(source)
    except FormulaError as e:
        assert 0 <= e.position <= len(source)


_leaves = st.integers(0, 999).map(str) | st.sampled_from(["a", "B__c", "c.d", "$User.Id", "{!x.y}", '"t"', "TRUE", "null"])
_operators = st.sampled_from(["+", "-", "*", "/", "^", "&", "=", "<>", "<", ">=", "&&", "||"])
_sources = st.recursive(
    _leaves,
    lambda inner: (
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/", "^", "&", "=", "<>", "<", ">=", "&&", "||"]), inner).map(
            lambda t: f"({t[0]} {t[1]} {t[2]})"
        )
        | st.lists(inner, max_size=3).map(lambda a: f"fn({', '.join(a)})")
        | inner.map(lambda a: f"NOT {a}")
        | inner.map(lambda a: f"(-{a})")
    ),
    max_leaves=12,
)


def written(node) -> str:
    """A tree as source text, with every operation in parentheses."""
    match node:
        case Binary():
            return f"({written(node.left)} {node.operator} {written(node.right)})"
        case Unary():
            return f"({node.operator} {written(node.operand)})"
        case Call():
            return f"{node.name}({', '.join(map(written, node.arguments))})"
        case Name():
            return f"{{!{node.text}}}" if node.braced else node.text
        case NumberLiteral():
            return str(node.value)
        case TextLiteral():
            return f'"{node.value}"'
    return str(getattr(node, "value", "null"))


@settings(max_examples=150, deadline=None)
@given(_sources)
def test_parse__what_is_written_reads_the_same(source):
    """
    A tree, written in full parentheses and read again, is the same tree.
    """
    tree = parse(source)
    assert written(parse(written(tree))) == written(tree)
