"""JSON values to typed values: what fits, what is coerced, what Salesforce answers to the rest."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from tooling.local_org.errors import OrgError
from tooling.local_org.schema.types import Field, FieldType, PicklistValue
from tooling.local_org.schema.values import check_value, from_json, to_json

TEXT = Field("Note__c", "Note", FieldType.STRING, 5)
NUMBER = Field("Score__c", "Score", FieldType.DOUBLE, precision=4, scale=1)
COUNT = Field("Count", "Count", FieldType.INT, precision=8)
FLAG = Field("Flag__c", "Flag", FieldType.BOOLEAN)
DAY = Field("Day__c", "Day", FieldType.DATE)
MOMENT = Field("At__c", "At", FieldType.DATETIME)
CLOCK = Field("Clock__c", "Clock", FieldType.TIME)
MAIL = Field("Mail__c", "Mail", FieldType.EMAIL, 80)
LINK = Field("Contact__c", "Contact", FieldType.REFERENCE, 18, reference_to=("Contact",))
COLOURS = (PicklistValue("Red", "Red"), PicklistValue("Blue", "Blue"), PicklistValue("Old", "Old", active=False))
PICK = Field("Colour__c", "Colour", FieldType.PICKLIST, 255, picklist=COLOURS, restricted=True)
OPEN_PICK = Field("Colour__c", "Colour", FieldType.PICKLIST, 255, picklist=COLOURS)
MANY = Field("Colours__c", "Colours", FieldType.MULTIPICKLIST, 4099, picklist=COLOURS, restricted=True)


@pytest.mark.parametrize(
    ("field", "raw", "typed"),
    [
        (TEXT, "  ab ", "ab"),
        (TEXT, "   ", None),
        (TEXT, "", None),
        (TEXT, 12, "12"),
        (NUMBER, 7, Decimal(7)),
        (NUMBER, "7.126", Decimal("7.126")),
        (NUMBER, 0.1, Decimal("0.1")),
        (COUNT, "10000", Decimal(10000)),
        (FLAG, "TRUE", True),
        (FLAG, None, False),
        (FLAG, False, False),
        (DAY, "2026-02-28", date(2026, 2, 28)),
        (DAY, "2026-02-28T00:00:00.000Z", date(2026, 2, 28)),
        (MOMENT, "2026-02-28T10:00:00Z", datetime(2026, 2, 28, 10, tzinfo=UTC)),
        (MOMENT, "2026-02-28T10:00:00.123456+0100", datetime(2026, 2, 28, 9, 0, 0, 123000, tzinfo=UTC)),
        (MOMENT, "2026-02-28T10:00:00", datetime(2026, 2, 28, 10, tzinfo=UTC)),
        (CLOCK, "10:30:00.000Z", time(10, 30)),
        (MAIL, "A.B+c@x-y.example", "A.B+c@x-y.example"),
        (LINK, "003000000000001", "003000000000001AAA"),
        (PICK, "Red", "Red"),
        (OPEN_PICK, "Green", "Green"),
        (MANY, "Blue;Red;Blue", "Red;Blue"),
    ],
)
def test_from_json__fits(field: Field, raw: Any, typed: Any) -> None:
    """Values come out typed; text is trimmed; clients that send everything as text are understood."""
    assert from_json(field, raw) == typed


@pytest.mark.parametrize(
    ("field", "raw", "code", "message"),
    [
        (TEXT, "too long", "STRING_TOO_LONG", "Note: data value too large: too long (max length=5)"),
        (TEXT, {}, "JSON_PARSER_ERROR", "Cannot deserialize instance of string from START_OBJECT"),
        (NUMBER, "abc", "JSON_PARSER_ERROR", "Cannot deserialize instance of double from VALUE_STRING value abc"),
        (NUMBER, 1000, "NUMBER_OUTSIDE_VALID_RANGE", "Score: value outside of valid range on numeric field: 1000"),
        (NUMBER, "NaN", "JSON_PARSER_ERROR", "Cannot deserialize"),
        (COUNT, 1.5, "JSON_PARSER_ERROR", "Cannot deserialize instance of int"),
        (FLAG, "perhaps", "JSON_PARSER_ERROR", "Cannot deserialize instance of boolean"),
        (DAY, "28.02.2026", "JSON_PARSER_ERROR", "Cannot deserialize instance of date"),
        (MOMENT, "2026-02-28", "JSON_PARSER_ERROR", "Cannot deserialize instance of datetime"),
        (MAIL, "not an address", "INVALID_EMAIL_ADDRESS", "Mail: invalid email address: not an address"),
        (MAIL, "a@b", "INVALID_EMAIL_ADDRESS", "Mail: invalid email address: a@b"),
        (LINK, "abc", "MALFORMED_ID", "Contact: id value of incorrect type: abc"),
        (PICK, "Green", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "Colour: bad value for restricted picklist field: Green"),
        (PICK, "Old", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "Colour: bad value for restricted picklist field: Old"),
        (MANY, "Red;Green", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", "Colours: bad value for restricted picklist field: Green"),
    ],
)
def test_from_json__refused(field: Field, raw: Any, code: str, message: str) -> None:
    """Salesforce's code and wording, and the field."""
    with pytest.raises(OrgError) as refused:
        from_json(field, raw)
    assert refused.value.code == code
    assert message in refused.value.message
    assert refused.value.fields == (field.name,)


def test_from_json__truncation_allowed() -> None:
    """With AllowFieldTruncationHeader long text is cut instead."""
    assert from_json(TEXT, "too long", truncate=True) == "too l"


@pytest.mark.parametrize(
    ("field", "typed", "shown"),
    [
        (NUMBER, Decimal(9), 9.0),
        (COUNT, Decimal(9), 9),
        (DAY, date(2026, 1, 2), "2026-01-02"),
        (MOMENT, datetime(2026, 1, 2, 4, tzinfo=timezone(timedelta(hours=1))), "2026-01-02T03:00:00.000+0000"),
        (CLOCK, time(1, 2), "01:02:00.000Z"),
        (TEXT, None, None),
        (FLAG, True, True),
    ],
)
def test_to_json__as_rest_answers(field: Field, typed: Any, shown: Any) -> None:
    """Doubles always show a point, integers never."""
    found = to_json(field, typed)
    assert found == shown
    assert type(found) is type(shown)


def test_check_value__typed_values_meet_the_same_rules() -> None:
    """What a flow assigns is limited as what a client sends."""
    assert check_value(TEXT, " a ") == "a"
    assert check_value(FLAG, None) is False
    with pytest.raises(OrgError):
        check_value(PICK, "Green")
    with pytest.raises(OrgError):
        check_value(NUMBER, Decimal(99999))
