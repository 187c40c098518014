"""What is stored of a value, and what is refused in which words; one row per rule, through the façade."""

from __future__ import annotations

from typing import Any

import pytest

from tooling.local_org.engine.org import SaveOptions

from .conftest import DataStory

STORED = [
    ("Text__c", "  padded ", "padded"),
    ("Text__c", "   ", None),
    ("Text__c", "", None),
    ("Text__c", None, None),
    ("Text__c", 42, "42"),
    ("Area__c", "two\nlines", "two\nlines"),
    ("Number__c", 7.126, 7.126),
    ("Number__c", "1.005", 1.005),
    ("Number__c", 0, 0.0),
    ("Number__c", "", None),
    ("Money__c", "1234567890.12", 1234567890.12),
    ("Share__c", 50, 50.0),
    ("Flag__c", None, False),
    ("Flag__c", "true", True),
    ("Flag__c", "1", True),
    ("Day__c", "2026-02-28", "2026-02-28"),
    ("Day__c", "2026-02-28T23:00:00Z", "2026-02-28"),
    ("Moment__c", "2026-02-28T23:00:00+02:00", "2026-02-28T21:00:00.000+0000"),
    ("Clock__c", "09:30:00.000Z", "09:30:00.000Z"),
    ("Mail__c", "ada@example.com", "ada@example.com"),
    ("Band__c", "Low", "Low"),
    ("Open_Band__c", "Never Heard Of", "Never Heard Of"),
    ("Tags__c", "Blue;Red", "Red;Blue"),
    ("Tags__c", "Blue;Blue", "Blue"),
    ("Site__c", "example.com", "example.com"),
]


@pytest.mark.parametrize(("name", "raw", "stored"), STORED)
def test_insert__stored(story: DataStory, name: str, raw: Any, stored: Any) -> None:
    """Text is trimmed and blank text is null, numbers keep digits beyond the scale, moments are kept in UTC."""
    story.saved("Sample__c", **{name: raw})
    assert story.value(f"SELECT {name} FROM Sample__c") == stored


REFUSED = [
    ("Text__c", "x" * 11, "STRING_TOO_LONG", f"Text: data value too large: {'x' * 11} (max length=10)"),
    ("Area__c", "x" * 256, "STRING_TOO_LONG", None),
    ("Long__c", "x" * 301, "STRING_TOO_LONG", None),
    ("Phone__c", "1" * 41, "STRING_TOO_LONG", None),
    ("Number__c", 1000, "NUMBER_OUTSIDE_VALID_RANGE", "Number: value outside of valid range on numeric field: 1000"),
    ("Number__c", "many", "JSON_PARSER_ERROR", None),
    ("Flag__c", "perhaps", "JSON_PARSER_ERROR", None),
    ("Day__c", "2026-02-30", "JSON_PARSER_ERROR", None),
    ("Moment__c", "yesterday", "JSON_PARSER_ERROR", None),
    ("Moment__c", "2026-02-28", "JSON_PARSER_ERROR", None),
    ("Mail__c", "ada", "INVALID_EMAIL_ADDRESS", "Mail: invalid email address: ada"),
    ("Mail__c", "ada@localhost", "INVALID_EMAIL_ADDRESS", None),
    ("Band__c", "Medium", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "Band: bad value for restricted picklist field: Medium"),
    ("Band__c", "Gone", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", None),
    ("Tags__c", "Red;Pink", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "Tags: bad value for restricted picklist field: Pink"),
    ("Contact__c", "nonsense", "MALFORMED_ID", "Contact: id value of incorrect type: nonsense"),
    ("Contact__c", "001000000000001", "FIELD_INTEGRITY_EXCEPTION", None),
    ("Contact__c", "003000000009999", "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"),
]


@pytest.mark.parametrize(("name", "raw", "code", "message"), REFUSED, ids=[f"{case[0]}-{case[2]}" for case in REFUSED])
def test_insert__refused(story: DataStory, name: str, raw: Any, code: str, message: str | None) -> None:
    """A value that does not fit is refused by code, field and (where it is known) text."""
    (result,) = story.org.insert(story.admin, [story.record("Sample__c", **{name: raw})])
    (error,) = result.errors
    assert (error.code, error.fields) == (code, (name,))
    assert message is None or error.message == message


READ_ONLY = ["Twice__c", "Serial__c", "CreatedDate", "SystemModstamp", "IsDeleted"]


@pytest.mark.parametrize("name", READ_ONLY)
def test_insert__not_writable(story: DataStory, name: str) -> None:
    """Formulas, auto-numbers and system fields are never written."""
    (result,) = story.org.insert(story.admin, [story.record("Sample__c", **{name: "1"})])
    assert [(error.code, error.fields) for error in result.errors] == [("INVALID_FIELD_FOR_INSERT_UPDATE", (name,))]


def test_insert__several_things_wrong(story: DataStory) -> None:
    """Every value that does not fit is reported at once."""
    (result,) = story.org.insert(story.admin, [story.record("Sample__c", Text__c="x" * 11, Mail__c="ada", Band__c="Medium")])
    assert [error.code for error in result.errors] == [
        "STRING_TOO_LONG", "INVALID_EMAIL_ADDRESS", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
    ]  # fmt: skip


def test_ids__fifteen_and_eighteen(story: DataStory) -> None:
    """Both lengths are taken, also with the wrong case where the checksum repairs it; answers have 18 characters."""
    contact = story.saved("Contact", LastName="A")
    for given in (contact, contact[:15], contact.lower()):
        story.saved("Sample__c", Contact__c=given)
    assert story.values("SELECT Contact__c FROM Sample__c") == [contact] * 3
    story.changed("Contact", contact[:15], LastName="B")
    assert story.value(f"SELECT LastName FROM Contact WHERE Id = '{contact[:15]}'") == "B"
    (result,) = story.org.update(story.admin, [story.record("Contact", Id="001xx000003DGb2999", LastName="C")])
    assert (result.errors[0].code, result.errors[0].message, result.errors[0].fields) == (
        "MALFORMED_ID", "Contact ID: id value of incorrect type: 001xx000003DGb2999", ("Id",),
    )  # fmt: skip


def test_update__null_and_absent(story: DataStory) -> None:
    """Null and empty text clear a field; a field that is not sent keeps its value."""
    sample = story.saved("Sample__c", Text__c="a", Area__c="b", Phone__c="c", Flag__c=True)
    story.changed("Sample__c", sample, Text__c=None, Area__c="")
    assert story.rows("SELECT Text__c, Area__c, Phone__c, Flag__c FROM Sample__c") == [
        {"Text__c": None, "Area__c": None, "Phone__c": "c", "Flag__c": True}
    ]


def test_names__fields_in_any_case(story: DataStory) -> None:
    """Field names are compared without regard to case; unknown ones are refused by name."""
    story.saved("Sample__c", tExT__C="a")
    assert story.value("SELECT Text__c FROM Sample__c") == "a"
    assert story.refusal(story.record("Sample__c", Nope__c=1)) == ("INVALID_FIELD", "No such column 'Nope__c' on sobject of type Sample__c")


def test_truncation__allowed_by_header(story: DataStory) -> None:
    """AllowFieldTruncationHeader cuts what is too long."""
    results = story.org.insert(story.admin, [story.record("Sample__c", Text__c="abcdefghijklm")], options=SaveOptions(truncate=True))
    assert results[0].success and story.value("SELECT Text__c FROM Sample__c") == "abcdefghij"


def test_keys__case_of_unique_fields(story: DataStory) -> None:
    """A unique text ignores case unless it is case-sensitive; blanks are never duplicates."""
    holder = story.saved("Sample__c", Key__c="Alpha", Case_Key__c="Alpha")
    story.all_saved([story.record("Sample__c"), story.record("Sample__c")])
    assert story.refusal(story.record("Sample__c", Key__c="ALPHA")) == (
        "DUPLICATE_VALUE", f"duplicate value found: Key__c duplicates value on record with id: {holder[:15]}",
    )  # fmt: skip
    assert story.saved("Sample__c", Case_Key__c="ALPHA")
    assert story.org.ids_by_key(story.admin, "Sample__c", "Case_Key__c", "alpha") == []
    assert story.org.ids_by_key(story.admin, "Sample__c", "Key__c", "alpha") == [holder]


def test_auto_number__counts_and_stays(story: DataStory) -> None:
    """Auto-numbers count in their format, also after a refused record, and are never reused."""
    story.all_saved([story.record("Sample__c"), story.record("Sample__c")])
    assert story.values("SELECT Serial__c FROM Sample__c ORDER BY Serial__c") == ["S-001", "S-002"]


def test_name__text_without_a_value(story: DataStory) -> None:
    """A record without a name is named by its id."""
    sample = story.saved("Sample__c")
    assert story.value("SELECT Name FROM Sample__c") == sample[:15]
    story.changed("Sample__c", sample, Name="Mine")
    assert story.value("SELECT Name FROM Sample__c") == "Mine"


def test_name__composed(story: DataStory) -> None:
    """A person's name is made of its parts and cannot be written."""
    story.all_saved([story.record("Contact", LastName="Lovelace"), story.record("Lead", FirstName="Ada", LastName="Byron", Company="C")])
    assert story.values("SELECT Name FROM Contact") == ["Lovelace"]
    assert story.values("SELECT Name FROM Lead WHERE Name LIKE 'ada b%'") == ["Ada Byron"]
    (result,) = story.org.insert(story.admin, [story.record("Contact", LastName="A", Name="B")])
    assert result.errors[0].code == "INVALID_FIELD_FOR_INSERT_UPDATE"


def test_required__missing_and_removed(story: DataStory) -> None:
    """A required field must have a value, when the record is made and when it is changed; blanks are none."""
    assert story.refusal(story.record("Contact", LastName="  ")) == ("REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]")
    assert story.refusal(story.record("Part__c", Points__c=1)) == ("REQUIRED_FIELD_MISSING", "Required fields are missing: [Sample__c]")
    (result,) = story.org.insert(story.admin, [story.record("Opportunity")])
    assert set(result.errors[0].fields) == {"Name", "StageName", "CloseDate"}
    contact = story.saved("Contact", LastName="A")
    (result,) = story.org.update(story.admin, [story.record("Contact", Id=contact, LastName=None)])
    assert result.errors[0].code == "REQUIRED_FIELD_MISSING"
