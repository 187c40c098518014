"""What flows take for granted where Salesforce's documentation is silent."""

from __future__ import annotations

ASSUMPTIONS = (
    "Whether a flow runs again for a record it already ran for in the same transaction is a setting (`reenter`, on by default).",
    "CPU time is a budget of elements, not a clock: each element, DML row and validation rule costs a fixed part of a millisecond.",
    "An entry formula without a value (#Error!) does not start the flow; Salesforce's behaviour is nowhere stated.",
    "IsChanged and ISCHANGED are false for a new record.",
    "A scheduled path whose moment is past already when the record enters runs at once.",
    "Pending scheduled paths are looked at again when their record is saved; criteria that speak of a change cannot be asked again, and "
    "keep them.",
    "Flows without a triggerOrder run between those of 1,000 and 1,001; equal ones in the order in which they were created.",
)
