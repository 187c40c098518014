"""Formula fields: rounding, percent, errors, and the clock they are evaluated by."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from tooling.local_org.engine.formula_fields import FormulaFields, field_value
from tooling.local_org.errors import InvalidField
from tooling.local_org.schema.types import Field, FieldType


def test_field_value__rounding():
    """
    Half is rounded away from zero at the field's scale; a percent of 0.125 is 12.5.
    """
    number = Field("N__c", "N", FieldType.DOUBLE, scale=2, formula="x")
    assert field_value(number, Decimal("1.005")) == Decimal("1.01")
    assert field_value(number, Decimal("-1.005")) == Decimal("-1.01")
    assert field_value(Field("P__c", "P", FieldType.PERCENT, scale=1, formula="x"), Decimal("0.125")) == Decimal("12.5")
    assert field_value(Field("B__c", "B", FieldType.BOOLEAN, formula="x"), None) is False
    assert field_value(Field("T__c", "T", FieldType.STRING, formula="x"), None) is None


def test_field_value__long_text():
    """
    A text formula shows its first 1,300 characters.
    """
    text = Field("T__c", "T", FieldType.STRING, length=1300, formula="x")
    assert field_value(text, "x" * 1301) == "x" * 1300
    assert field_value(text, "x" * 1300) == "x" * 1300


def _with_formula(world, formula, kind=FieldType.DOUBLE, **more):
    survey = world.schema.get("Survey_Response__c")
    field = Field("Extra__c", "Extra", kind, formula=formula, custom=True, **more)
    changed = replace(survey, fields=(*survey.fields, field))
    return FormulaFields(world.schema.with_sobjects([changed]), world.store.connection), changed, field


def test_function__error_is_null(world):
    """
    A division by zero has no value.
    """
    formulas, survey, field = _with_formula(world, "1 / Score__c", scale=3)
    function = formulas.function(survey, field)
    formulas.enter(world.clock.now(), world.admin.time_zone, None)
    assert function.arguments == (("Score__c",),)
    rows = world.store.connection.execute(f"SELECT {function.name}(0), {function.name}(8), {function.name}(3.0), {function.name}(NULL)")
    assert rows.fetchall() == [(None, 0.125, 0.333, None)]


def test_function__clock_and_globals_are_volatile(world):
    """
    What asks for the clock or for a global can change while the record does not.
    """
    assert not _volatile(world, "Score__c + 1")
    assert _volatile(world, "TODAY() - Due__c")
    assert _volatile(world, "IF($User.Username = 'x', 1, 2)")


def _volatile(world, formula):
    formulas, survey, field = _with_formula(world, formula)
    return formulas.formula(survey, field).volatile


def test_formula__does_not_compile(world):
    """
    A formula that does not compile names its field.
    """
    formulas, survey, field = _with_formula(world, "Nothing__c + 1")
    with pytest.raises(InvalidField, match=r"Survey_Response__c\.Extra__c: .*Nothing__c"):
        formulas.formula(survey, field)


def test_run__today_follows_the_clock(world):
    """
    A formula with TODAY() changes overnight, without a save.
    """
    soql = "SELECT Name FROM Survey_Response__c WHERE Overdue__c = true ORDER BY Name"
    assert world.values(soql, world.admin) == ["SR-3"]
    world.clock.set(world.clock.now() + timedelta(hours=3))
    assert world.values(soql, world.admin) == ["SR-3", "SR-4"]
