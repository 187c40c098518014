"""What formulas take for granted where Salesforce's documentation is silent, contradictory or not worth following."""

from __future__ import annotations

ASSUMPTIONS = (
    "The compiled size is an upper estimate, modelled on the published SQL generator; it is not Salesforce's own number.",
    "That the formulas of one object may cross 15 different relationships together is not checked; 10 in one reference is.",
    "REGEX translates the character classes of java.util.regex to Python's; Unicode classes that Python has not are an #Error!. No time "
    "is limited: a pattern that backtracks without end holds the org up, where Salesforce says that it is too complicated.",
    "DATEVALUE, YEAR and the like of a date/time count in GMT; TODAY() is the running user's day.",
    "PRIORVALUE of a new record is its current value, ISCHANGED is false then; ISCLONE is always false.",
    "Validation rules and flow formulas leave blank numbers blank; only formula fields can treat them as zero.",
    "A formula field whose evaluation is an #Error! is null in answers and queries; a validation rule with an #Error! refuses the record.",
    "Long text areas are refused in formula fields and default values, and taken in validation rules and flows.",
    "Transcendental functions (SQRT, EXP, LN, SIN …) are computed in double precision, all other arithmetic with 39 decimal digits.",
)
