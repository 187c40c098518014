"""What saving, access and deploys take for granted where Salesforce's documentation is silent, and what is left out of them."""

from __future__ import annotations

from .duplicate_rules import FUZZY_METHODS

ASSUMPTIONS = (
    f"The fuzzy methods of matching rules ({', '.join(FUZZY_METHODS)}) compare whole values without regard to case, as Exact does; "
    "standard matching rules are not supported.",
    "An edit is compared by duplicate rules only when it changes a field they use; records of one chunk of 200 are not compared with each "
    "other; DuplicateRecordSet is not written. Duplicate rules do not run for merges, undeletes and lead conversion.",
    "A record type that is active and of the object is taken from every user: record type visibility gives defaults only. A picklist that "
    "a record type does not list has all its values.",
    "Of roll-up summaries, those of a new deploy are filled without automation; a master that cannot be saved refuses its details.",
    "Role hierarchy, sharing rules, manual shares and territories are not modelled: owners, queues, public groups, organisation-wide "
    "defaults, View All and Modify All are.",
    "LastActivityDate stays blank, and so do the fields that Data.com, Knowledge and Salesforce's own services fill.",
    "The recycle bin is never emptied by time; undeleting restores lookups that are still empty.",
    "MIXED_DML_OPERATION is not enforced: users and business records may be saved in one transaction.",
    "UNABLE_TO_LOCK_ROW never happens by itself, as transactions run one after another; the control plane injects it.",
    "Assignment, auto-response and escalation rules, workflow rules, Apex, entitlements and criteria-based sharing are stored when "
    "deployed and never run: the save order has no such steps.",
    "Person accounts, multiple currencies, territories and state and country picklists are features that are off.",
    "Flow tests run over the Tooling API under the class `FlowTesting.` and the name of the flow or of the test, synchronously only; their "
    "results have the form that is documented for Apex tests.",
    "DUPLICATES_DETECTED of a REST call carries the found records as `duplicateResut`, the misspelt key clients are seen to read, and as "
    "`duplicateResult`; its details were not compared with an answer of a real org.",
    "An event's all-day date is kept from midnight to midnight UTC.",
)
