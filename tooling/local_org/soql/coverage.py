"""SOQL by example: one query per clause and feature, which the list of what is supported is made of by running them."""

from __future__ import annotations

EXAMPLES: tuple[tuple[str, str], ...] = (
    ("fields and aliases of objects", "SELECT a.Id, a.Name FROM Account a"),
    ("parent fields, five levels", "SELECT Contact.Account.Owner.Profile.Name FROM Case"),
    ("child relationships", "SELECT Name, (SELECT LastName FROM Contacts ORDER BY LastName LIMIT 5) FROM Account"),
    ("child relationships within child relationships", "SELECT (SELECT (SELECT Id FROM Cases) FROM Contacts) FROM Account"),
    ("polymorphic parents", "SELECT Who.Name, What.Type FROM Task WHERE What.Type = 'Account'"),
    ("TYPEOF", "SELECT TYPEOF What WHEN Account THEN Phone ELSE Name END FROM Task"),
    ("FIELDS(ALL), FIELDS(CUSTOM), FIELDS(STANDARD)", "SELECT FIELDS(ALL) FROM Account LIMIT 200"),
    ("COUNT()", "SELECT COUNT() FROM Account"),
    ("aggregates and aliases", "SELECT COUNT(Id) n, COUNT_DISTINCT(LastName), MIN(CreatedDate), MAX(CreatedDate) FROM Contact"),
    ("SUM and AVG", "SELECT SUM(Amount), AVG(Amount) FROM Opportunity"),
    ("GROUP BY and HAVING", "SELECT StageName, COUNT(Id) FROM Opportunity GROUP BY StageName HAVING COUNT(Id) > 1"),
    ("GROUP BY ROLLUP", "SELECT StageName, COUNT(Id) FROM Opportunity GROUP BY ROLLUP(StageName)"),
    ("GROUP BY CUBE", "SELECT StageName, COUNT(Id) FROM Opportunity GROUP BY CUBE(StageName)"),
    ("WHERE with AND, OR, NOT and parentheses", "SELECT Id FROM Contact WHERE (Email = 'a' OR NOT Phone LIKE '1%') AND Fax != null"),
    ("IN and NOT IN", "SELECT Id FROM Contact WHERE LastName IN ('a', 'b') AND FirstName NOT IN ('c')"),
    ("INCLUDES and EXCLUDES", "SELECT Id FROM AccountContactRelation WHERE Roles INCLUDES ('Buyer;Other', 'Influencer')"),
    ("semi-joins", "SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE Email != null)"),
    ("anti-joins", "SELECT Id FROM Account WHERE Id NOT IN (SELECT AccountId FROM Contact)"),
    ("date literals such as LAST_N_DAYS:30, THIS_FISCAL_QUARTER", "SELECT Id FROM Task WHERE ActivityDate = LAST_N_DAYS:30"),
    ("dates and date/times", "SELECT Id FROM Task WHERE ActivityDate = TODAY AND CreatedDate > 2026-01-01T00:00:00Z"),
    ("date functions, convertTimezone", "SELECT CALENDAR_YEAR(convertTimezone(CreatedDate)) y, COUNT(Id) FROM Contact GROUP BY "
     "CALENDAR_YEAR(convertTimezone(CreatedDate))"),
    ("ORDER BY with ASC, DESC, NULLS FIRST, NULLS LAST", "SELECT Id FROM Contact ORDER BY LastName DESC NULLS LAST, Id"),
    ("LIMIT and OFFSET", "SELECT Id FROM Contact LIMIT 10 OFFSET 20"),
    ("ALL ROWS", "SELECT Id FROM Contact ALL ROWS"),
    ("FOR VIEW, FOR REFERENCE", "SELECT Id FROM Contact FOR VIEW"),
    ("FOR UPDATE", "SELECT Id FROM Contact FOR UPDATE"),
    ("UPDATE TRACKING, UPDATE VIEWSTAT", "SELECT Id FROM Contact UPDATE VIEWSTAT"),
    ("USING SCOPE everything", "SELECT Id FROM Contact USING SCOPE everything"),
    ("USING SCOPE mine and the others", "SELECT Id FROM Contact USING SCOPE mine"),
    ("WITH SECURITY_ENFORCED, USER_MODE, SYSTEM_MODE", "SELECT Id FROM Contact WITH SECURITY_ENFORCED"),
    ("WITH DATA CATEGORY", "SELECT Id FROM Contact WITH DATA CATEGORY Geography__c ABOVE usa__c"),
    ("toLabel", "SELECT toLabel(LeadSource) FROM Contact"),
    ("FORMAT", "SELECT FORMAT(CreatedDate) FROM Contact"),
    ("convertCurrency", "SELECT convertCurrency(Amount) FROM Opportunity"),
    ("DISTANCE and GEOLOCATION", "SELECT Id FROM Account WHERE DISTANCE(BillingAddress, GEOLOCATION(37, 122), 'mi') < 20"),
    ("binding variables of Apex", "SELECT Id FROM Contact WHERE Id = :someId"),
)  # fmt: skip

ASSUMPTIONS = (
    "Weeks begin on Sunday and the fiscal year is the calendar year.",
    "FOR VIEW, FOR REFERENCE, FOR UPDATE, UPDATE and the WITH clauses are read and change nothing.",
    "Without ORDER BY records come in the order of their ids; Salesforce promises none.",
)
