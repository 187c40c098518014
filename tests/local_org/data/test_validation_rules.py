"""Validation rules: when they run, what they see, what they say."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import DataStory
from .package import SAMPLE_FIELDS, custom_object, rule

CASES: list[tuple[dict[str, Any], list[tuple[str, tuple[str, ...]]]]] = [
    ({"Number__c": 12}, []),
    ({"Number__c": 13}, [("Thirteen brings bad luck.", ("Number__c",))]),
    ({"Text__c": "Forbidden"}, []),
    ({"Text__c": "forbidden"}, [("That word is not allowed.", ())]),
    ({"Text__c": "forbidden", "Number__c": 13}, [("Thirteen brings bad luck.", ("Number__c",)), ("That word is not allowed.", ())]),
    ({"Number__c": None}, []),
]


@pytest.mark.parametrize(("values", "errors"), CASES)
def test_rules__all_broken_ones_are_told(story: DataStory, values: dict[str, Any], errors: list[tuple[str, tuple[str, ...]]]) -> None:
    """Every active rule that is broken is told, at its field or at the top of the page; formulas compare case."""
    (result,) = story.org.insert(story.admin, [story.record("Sample__c", **values)])
    assert {(error.message, error.fields) for error in result.errors} == set(errors)
    assert {error.code for error in result.errors} <= {"FIELD_CUSTOM_VALIDATION_EXCEPTION"}


def test_rules__prior_value(story: DataStory) -> None:
    """A rule sees the record as it was; a field saved with its old value has not changed."""
    sample = story.saved("Sample__c")
    story.changed("Sample__c", sample, Day__c="2026-01-01")
    story.changed("Sample__c", sample, Day__c="2026-01-01", Text__c="x")
    (result,) = story.org.update(story.admin, [story.record("Sample__c", Id=sample, Day__c="2026-01-02")])
    assert result.errors[0].message == "The day stays."


WITHOUT_VALUE = [
    ("Number__c / 0 > 1", True),
    ('VALUE("x") > 1', True),
    ("Number__c > Money__c", False),
    ("NOT(Number__c > Money__c)", False),
    ("AND(ISBLANK(Number__c), Flag__c)", False),
]


@pytest.mark.parametrize(("condition", "refused"), WITHOUT_VALUE)
def test_rules__blanks_and_errors(story: DataStory, condition: str, refused: bool) -> None:
    """A comparison with a blank is false, and so is its NOT; a formula that has an error refuses the record."""
    fields = "".join(SAMPLE_FIELDS[name] for name in ("Number__c", "Money__c", "Flag__c"))
    story.deploy({"objects/Sample__c.object": custom_object("Sample", fields + rule("Odd", condition, "Odd."))})
    values = {"Number__c": 1} if "/ 0" in condition else {}
    (result,) = story.org.insert(story.admin, [story.record("Sample__c", **values)])
    assert result.success is not refused


def test_rules__vlookup_and_regex(story: DataStory) -> None:
    """VLOOKUP reads another record by its name, REGEX matches the whole text."""
    found = 'VLOOKUP($ObjectType.Notice__c.Fields.Text__c, $ObjectType.Notice__c.Fields.Name, Text__c) <> "open"'
    odd = 'NOT(REGEX(Phone__c, "[0-9]{3}-[0-9]{4}"))'
    fields = SAMPLE_FIELDS["Text__c"] + SAMPLE_FIELDS["Phone__c"]
    rules = rule("Known", found, "Not open.") + rule("Phone", odd, "No phone number.")
    story.deploy({"objects/Sample__c.object": custom_object("Sample", fields + rules)})
    story.all_saved([story.record("Notice__c", Name="door", Text__c="open"), story.record("Notice__c", Name="gate", Text__c="shut")])
    assert story.saved("Sample__c", Text__c="door", Phone__c="555-1234")
    assert story.refusal(story.record("Sample__c", Text__c="gate", Phone__c="555-1234"))[1] == "Not open."
    assert story.refusal(story.record("Sample__c", Text__c="door", Phone__c="555-12345"))[1] == "No phone number."
