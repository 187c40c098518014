"""Static checks: Salesforce's words for what is wrong, and which function is allowed where."""

from __future__ import annotations

import pytest

from tooling.local_org.formula import Context, FormulaError, Type


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("Nope__c", "Field Nope__c does not exist. Check spelling."),
        ("{!$Record.Nope__c}", "Field $Record.Nope__c does not exist. Check spelling."),
        ("FROB(1)", "Unknown function FROB. Check spelling."),
        ("LEFT(Name)", "Incorrect number of parameters for function 'LEFT()'. Expected 2, received 1"),
        ("IF(TRUE, 1)", "Incorrect number of parameters for function 'IF()'. Expected 3, received 2"),
        ("CASE(Score__c, 1, 2)", "Incorrect number of parameters for function 'CASE()'. Expected 4, received 3"),
        ("CASE(1)", "Incorrect number of parameters for function 'CASE()'. Expected 4, received 1"),
        ("TODAY(1)", "Incorrect number of parameters for function 'TODAY()'. Expected 0, received 1"),
        ("LEFT(Score__c, 1)", "Incorrect parameter type for function 'LEFT()'. Expected Text, received Number"),
        ("left(Name, Name)", "Incorrect parameter type for function 'left()'. Expected Number, received Text"),
        ("Name + 1", "Incorrect parameter type for operator '+'. Expected Text, received Number"),
        ("1 + Name", "Incorrect parameter type for operator '+'. Expected Number, Date, DateTime, received Text"),
        ("Name & 1", "Incorrect parameter type for operator '&'. Expected Text, received Number"),
        ("Name * 2", "Incorrect parameter type for operator '*'. Expected Number, received Text"),
        ("Day__c + Day__c", "Incorrect parameter type for operator '+'. Expected Number, received Date"),
        ("Moment__c - Day__c", "Incorrect parameter type for operator '-'. Expected Number, DateTime, received Date"),
        ("Day__c = Moment__c", "Incorrect parameter type for operator '='. Expected Date, received DateTime"),
        ("Score__c = Name", "Incorrect parameter type for operator '='. Expected Number, received Text"),
        ("Flag__c > TRUE", "Incorrect parameter type for operator '>'. Expected Number, Date, DateTime, received Boolean"),
        ("Name && TRUE", "Incorrect parameter type for operator '&&'. Expected Boolean, received Text"),
        ("AND(Flag__c, Name)", "Incorrect parameter type for function 'AND()'. Expected Boolean, received Text"),
        ("NOT(Name)", "Incorrect parameter type for function 'NOT()'. Expected Boolean, received Text"),
        ("-Name", "Incorrect parameter type for operator '-'. Expected Number, received Text"),
        ("IF(Name, 1, 2)", "Incorrect parameter type for function 'IF()'. Expected Boolean, received Text"),
        ("IF(Flag__c, 1, 'a')", "Incorrect parameter type for function 'IF()'. Expected Number, received Text"),
        ("CASE(Name, 'a', 1, 'b')", "Incorrect parameter type for function 'CASE()'. Expected Number, received Text"),
        ("CASE(Score__c, 'a', 1, 2)", "Incorrect parameter type for function 'CASE()'. Expected Number, received Text"),
        ("CASE(Flag__c, TRUE, 1, 2)", "Incorrect argument type for function 'CASE()'."),
        ("TEXT(Name)", "Incorrect parameter type for function 'TEXT()'. Expected Number, Date, DateTime, Picklist, received Text"),
        ("YEAR(Moment__c)", "Incorrect parameter type for function 'YEAR()'. Expected Date, received DateTime"),
        ("DATEVALUE(Score__c)", "Incorrect argument type for function 'DATEVALUE()'."),
        ("ISBLANK(Flag__c)", "Incorrect argument type for function 'ISBLANK()'."),
        ("Status__c", "Field Status__c is a picklist field. Picklist fields are only supported in certain functions."),
        ("Status__c = 'Open'", "Field Status__c is a picklist field. Picklist fields are only supported in certain functions."),
        ("Name & Status__c", "Field Status__c is a picklist field. Picklist fields are only supported in certain functions."),
        ("IF(TRUE, Status__c, Status__c)", "Field Status__c is a picklist field. Picklist fields are only supported in certain functions."),
        (
            "LEN(Topics__c)",
            "Field Topics__c is a multi-select picklist field. Multi-select picklist fields are only supported in certain functions.",
        ),
        ("ISPICKVAL(Name, 'a')", "Incorrect parameter type for function 'ISPICKVAL()'. Expected Picklist, received Text"),
        ("ISPICKVAL(Status__c, Name)", "Incorrect parameter type for function 'ISPICKVAL()'. Expected Text Literal, received Text"),
        ("CASE(Status__c, Name, 1, 2)", "Incorrect parameter type for function 'CASE()'. Expected Text Literal, received Text"),
        ("INCLUDES(Status__c, 'a')", "Field Status__c is a picklist field. Picklist fields are only supported in certain functions."),
        ("ISCHANGED(1)", "Incorrect argument type for function 'ISCHANGED()'."),
        ("ISCHANGED(Account.Name)", "The ISCHANGED function cannot reference the Account.Name field."),
        ("HYPERLINK('javascript:x()', 'a')", "Incorrect argument value for function 'HYPERLINK()'. Javascript is not allowed."),
    ],
)
def test_check__complains_in_salesforce_s_words(source, message, compiled):
    """
    One complaint per formula, worded as formulaLabels.xml of the published engine has it.
    """
    with pytest.raises(FormulaError) as error:
        compiled(source)
    assert error.value.message == message


def test_check__position_points_at_the_culprit(compiled):
    """
    The offset of the wrong operand or name in the source.
    """
    with pytest.raises(FormulaError) as error:
        compiled("IF(Flag__c, 1,  Nope__c)")
    assert error.value.position == 16


@pytest.mark.parametrize(
    ("result", "source", "message"),
    [
        (Type.NUMBER, "Name", "Formula result is data type (Text), incompatible with expected data type (Number)."),
        (Type.TEXT, "Score__c", "Formula result is data type (Number), incompatible with expected data type (Text)."),
        (Type.BOOLEAN, "Name", "Formula result is data type (Text), incompatible with expected data type (true or false)."),
        (Type.DATETIME, "TODAY()", "Formula result is data type (Date), incompatible with expected data type (DateTime)."),
    ],
)
def test_check__result_type(result, source, message, compiled):
    """
    The field's return type is demanded of the whole formula.
    """
    with pytest.raises(FormulaError) as error:
        compiled(source, result=result)
    assert error.value.message == message


def test_check__null_fits_every_result(compiled):
    """
    A formula that is only null has the type that was asked for.
    """
    assert compiled("null", result=Type.DATE).type is Type.DATE


def test_check__picklist_defaults_are_text(compiled):
    """
    A formula for a picklist field gives the text of a value.
    """
    assert compiled("'Open'", Context.DEFAULT_VALUE, result=Type.PICKLIST).type is Type.TEXT


_ALL = set(Context)
_RULES = {Context.VALIDATION, Context.ENTRY}


@pytest.mark.parametrize(
    ("source", "allowed"),
    [
        ("ISNEW()", _RULES),
        ("ISCHANGED(Score__c)", _RULES),
        ("PRIORVALUE(Score__c) = 1", _RULES),
        ("REGEX(Name, 'a')", _RULES | {Context.FLOW}),
        ("VLOOKUP($ObjectType.Zip__c.Fields.City__c, $ObjectType.Zip__c.Fields.Name, Name) = ''", {Context.VALIDATION}),
        ("INCLUDES(Topics__c, 'a')", _ALL - {Context.FLOW}),
        ("IMAGE('a', 'b') = ''", _ALL - {Context.FLOW}),
        ("LEN(Notes__c) > 1", {Context.VALIDATION, Context.ENTRY, Context.FLOW}),
        ("ISPICKVAL(Status__c, 'a')", _ALL),
        ("GETSESSIONID() = ''", set()),
        ("URLFOR('a') = ''", set()),
    ],
)
def test_check__contexts(source, allowed, compiled):
    """
    Change functions only where there is a record as it was; long text not in formula fields; flow formulas without INCLUDES and IMAGE.
    """
    for context in Context:
        if context in allowed:
            compiled(source, context, result=Type.BOOLEAN)
        else:
            with pytest.raises(FormulaError, match=r"may not be used in this type of formula|Long Text Area"):
                compiled(source, context)


def test_check__too_long(compiled):
    """
    3,900 characters, comments included.
    """
    compiled("1" + " " * 3_899)
    with pytest.raises(FormulaError, match=r"Formula is too long \(3,901 characters\). Maximum length is 3,900 characters"):
        compiled("1" + " " * 3_900)


def test_check__compiled_too_big(compiled):
    """
    Text compared with text field by field makes the compiled formula explode.
    """
    with pytest.raises(FormulaError, match=r"Compiled formula is too big to execute \([0-9,]+ characters\). Maximum size is 15,000"):
        compiled("OR(" + ",".join(["Name=Nick__c & Name"] * 190) + ")")


def test_check__long_chains_are_fine_and_deep_nests_are_refused(compiled, evaluate):
    """
    A thousand terms in a row compile and run; what is nested beyond reason is an error of the formula, not of Python.
    """
    assert evaluate("+".join(["1"] * 1_500)) == 1_500
    assert evaluate("&".join(["'a'"] * 900)) == "a" * 900
    assert evaluate("".join(f"IF(Score__c={n},{n}," for n in range(190)) + "0" + ")" * 190, Score__c=189) == 189
    with pytest.raises(FormulaError, match="nested too deeply"):
        compiled("-" * 3_000 + "Score__c")
    compiled("(" * 1_900 + "1" + ")" * 1_900)


def test_check__references_are_canonical_and_once(compiled):
    """
    In the order of the source, under their real names.
    """
    found = compiled("score__c + SCORE__C + other__C", Context.FIELD).references
    assert [r.path for r in found] == [("Score__c",), ("Other__c",)]


def test_check__volatile(compiled):
    """
    A formula that asks for more than its references says so.
    """
    assert compiled("TODAY() > Day__c").volatile
    assert not compiled("Score__c > 1").volatile
