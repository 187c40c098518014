"""What the org refuses, whoever writes. Open question 6."""

from __future__ import annotations

import pytest

from tests.contract.target import RESPONSE, Target

REFUSED = "FIELD_CUSTOM_VALIDATION_EXCEPTION"


@pytest.mark.parametrize(
    ("field", "value"),
    [("Verbatim__c", "As nobody gave it."), ("Score__c", 7), ("Responded_At__c", "2026-01-15T12:00:00.000Z"), ("Outcome__c", "Partial")],
)
def test_content__edited_by_hand(bound: Target, field: str, value: object) -> None:
    """What a response says cannot be edited, a long text no more than the rest: the rule takes ISCHANGED of each of them."""
    (response,) = bound.insert(RESPONSE, bound.response())

    outcome = bound.try_update(RESPONSE, response, **{field: value})

    assert (outcome.success, outcome.code) == (False, REFUSED)
    assert "only as the next revision" in outcome.message


def test_content__same_value_again(bound: Target) -> None:
    """Writing what stands there already is no edit."""
    (response,) = bound.insert(RESPONSE, bound.response())

    bound.update(RESPONSE, response, Verbatim__c="As it was given.", Score__c=8)


@pytest.mark.parametrize("planned", [1, 2, 4])
def test_revision__stale_or_with_a_gap(bound: Target, planned: int) -> None:
    """Another content comes with the next revision alone: an older one, the same one and one too far are refused."""
    (response,) = bound.insert(RESPONSE, bound.response())
    bound.update(RESPONSE, response, Revision__c=2, Score__c=7)

    outcome = bound.try_update(RESPONSE, response, Revision__c=planned, Score__c=8)

    assert (outcome.success, outcome.code) == (False, REFUSED)
    assert bound.record(RESPONSE, response, "Revision__c", "Score__c") == {"Revision__c": 2, "Score__c": 7}


def test_response_key__twice(target: Target) -> None:
    """A key is taken once: the second insert says whose it is and which field."""
    row = target.response()
    (first,) = target.insert(RESPONSE, row)

    (outcome,) = target.try_insert(RESPONSE, row)

    assert (outcome.success, outcome.code) == (False, "DUPLICATE_VALUE")
    assert first[:15] in outcome.message
    assert "Response_Key__c" in outcome.message


def test_response_key__differs_in_case(target: Target) -> None:
    """Keys that differ in case are two."""
    row = target.response()

    made = target.insert(RESPONSE, row, {**row, "Response_Key__c": row["Response_Key__c"].upper()})

    assert len(set(made)) == 2
