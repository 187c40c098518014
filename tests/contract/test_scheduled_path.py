"""A scheduled path that waits while its record is saved again. Open question 3."""

from __future__ import annotations

import os

import pytest

from tests.contract.target import RESPONSE, Target

PATIENT = "NPS_CONTRACT_PATIENT"
_DEADLINE = 1200.0


def test_request__waits_through_later_saves(automated: Target) -> None:
    """Minutes after the answer its Account is recalculated, though the response was saved again in between."""
    if not automated.is_local and not os.environ.get(PATIENT):
        pytest.skip(f"a real org's clock cannot be moved: the path is due in minutes; {PATIENT}=1 waits up to 20 of them")
    (account,) = automated.insert("Account", {"Name": automated.marker})
    (response,) = automated.insert(RESPONSE, automated.response(Account__c=account, Responded_At__c=_now(automated)))
    automated.until(lambda: automated.statuses([response]), {"Done": 1})

    automated.update(RESPONSE, response, Resolution__c="Called and explained.")
    if automated.is_local:
        automated.advance("3m")
        assert _count(automated, account) is None
        automated.advance("4m")

    automated.until(lambda: _count(automated, account), 1, _DEADLINE)


def _now(target: Target) -> str:
    return target.gateway.now().strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _count(target: Target, account: str) -> object:
    return target.record("Account", account, "NPS_Response_Count__c")["NPS_Response_Count__c"]
