"""What running reports takes for granted where Salesforce's documentation is silent, and what is left out of it."""

from __future__ import annotations

ASSUMPTIONS = (
    "Figures leave blank values out: an average is over the rows that have a value. The sum of no value is 0, every other figure is blank; "
    "summary formulas take a blank figure as 0.",
    "Blank groups come first in ascending order, picklist values in the order of their definition, text without regard to case; texts that "
    "differ in case only are two groups.",
    "Groups by a date are called `March 2026`, `Q1 2026`, `01 Mar 2026 - 07 Mar 2026`: Salesforce words them by the reader's locale.",
    "A filter on a lookup compares the name of the record it leads to.",
    "Days of date/times are those of the reader's time zone; weeks begin on Sunday, and the fiscal year is the calendar year.",
    "A dashboard is read as whoever opens it, whatever its running user; its components show the figures themselves, not their rounding by "
    "`displayUnits`.",
)
