"""Which answer is a detractor's that somebody has to act on: the one condition that Task, bell and acknowledgement share."""

from __future__ import annotations

from tooling.nps.score import FIRST_PASSIVE


def is_current(record: str) -> str:
    """A formula: the answer has a score, is audible, was neither removed nor dismissed."""
    return (
        f"NOT(ISBLANK({{!{record}.Score__c}})), NOT({{!{record}.Quiet__c}}), ISBLANK({{!{record}.Removed_At_Source__c}}), "
        f'NOT(ISPICKVAL({{!{record}.Outcome__c}}, "Dismissed"))'
    )


def needs_follow_up(record: str) -> str:
    """A formula: true for a current, audible answer of a detractor."""
    return f"AND({is_current(record)}, BLANKVALUE({{!{record}.Score__c}}, 10) < {FIRST_PASSIVE})"
