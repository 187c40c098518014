"""The tests' own manners: no org that is not for testing, and nothing left behind."""

from __future__ import annotations

import pytest

from tests.contract.target import RESPONSE, Target, refuse_production
from tooling.errors import UsageError


def test_production__is_refused(target: Target) -> None:
    """An org that is neither sandbox nor scratch org is not written to, and the message says which one it was."""
    if not target.is_local:
        pytest.skip("the org was let through: it is a sandbox or a scratch org")

    with pytest.raises(UsageError, match=r"no sandbox and no scratch org"):
        refuse_production(target.gateway)


def test_made_records__are_deleted(target: Target) -> None:
    """What a test made is gone afterwards, and nothing else is touched."""
    other = Target(target.gateway, target.local_url)
    (kept,) = other.insert(RESPONSE, other.response())
    target.insert(RESPONSE, target.response(), target.response())

    target.delete_what_was_made()

    assert target.query(f"SELECT Id FROM {RESPONSE} WHERE Source_Response_Id__c LIKE '{target.marker}%'") == []
    assert [row["Id"] for row in other.query(f"SELECT Id FROM {RESPONSE} WHERE Source_Response_Id__c LIKE '{other.marker}%'")] == [kept]
    other.delete_what_was_made()
