from __future__ import annotations

from datetime import date
from decimal import Decimal

from tooling.local_org.flow import Trigger, entry_matches, run


def test_before_save__assigns_into_the_record(org, program):
    """
    A before-save flow writes into the very record that is about to be saved, without any statement.
    """
    record = {"Score__c": Decimal(3), "Quiet__c": True, "Amount__c": Decimal("1.5")}
    [result] = run(program("Before_Save"), org, [Trigger(record, None, True)])
    assert result.error is None
    assert record["Status__c"] == "Pending"
    assert record["Quiet__c"] is False
    assert record["Amount__c"] == Decimal("2.5")
    assert record["Due__c"] == date(2025, 6, 16)
    assert record["Note__c"] == "Score 3 on June 15, 2025"
    assert org.statements == []


def test_entry_formula__is_new_and_is_changed(org, program):
    """
    ISNEW and ISCHANGED decide in an entry formula.
    """
    flow = program("Before_Save")
    same, other = {"Score__c": Decimal(3)}, {"Score__c": Decimal(4)}
    assert entry_matches(flow, org, Trigger(same, None, True))
    assert not entry_matches(flow, org, Trigger(same, dict(same), False))
    assert entry_matches(flow, org, Trigger(same, other, False))
