"""What saving, access and deploys take for granted where Salesforce's documentation is silent, and what is left out of them."""

from __future__ import annotations

from .duplicate_rules import FUZZY_METHODS

PERSON_ACCOUNTS = (
    "Person accounts: saving one runs flows, validation rules and duplicate rules of Account only. Saving its Contact runs the validation "
    "rules of Contact, its flows unless `person_contact_flows` is off, and nothing of Account; both rows are stamped. A public report has "
    "updates of the Contact refused in the very transaction that creates the account; here they are taken.",
    "Person accounts: Phone, Fax and OwnerId of both rows are one value; Description, and whatever has no counterpart that begins with "
    "Person, is each row's own. There is one record type of persons, PersonAccount, and a company needs no record type.",
    "Person accounts: a custom field `X__c` of Contact is `X__pc` of Account with the security of `X__c`; it is neither unique nor an "
    "external id there, a formula or auto-number is read through the contact, and roll-up summaries are not shown.",
    "Person accounts: merging them, turning companies into them and back, and converting a lead into an existing one are refused.",
)

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
    "The fields that Data.com, Knowledge and Salesforce's own services fill stay blank. LastActivityDate follows tasks and events, and is "
    "not computed anew by a merge.",
    "OrgWideEmailAddress.IsVerified is set by the click on the link alone, though the Object Reference lists it as createable; a changed "
    "Address is unverified again. The texts for an unverified sender and for the Automated Process user without one were not seen. An "
    "address is for all profiles or for none: OrgEmailAddressSecurity is not supported. Users' own addresses count as verified, and "
    "domains are not verified.",
    "To delete a record is its owner's right, except under Public Full Access and of details; a contact that is controlled by its account "
    "is deleted by whoever may delete the account.",
    "The recycle bin is never emptied by time; undeleting restores lookups that are still empty.",
    "MIXED_DML_OPERATION is not enforced: users and business records may be saved in one transaction.",
    "UNABLE_TO_LOCK_ROW never happens by itself, as transactions run one after another; the control plane injects it.",
    "Logins are checked once a connected app is registered with the control plane; the order of the checks, and three minutes of leeway "
    "after `exp`, are ours. A session never ends by itself and is not ended by `revoke`.",
    "Assignment, auto-response and escalation rules, workflow rules, Apex, entitlements and criteria-based sharing are stored when "
    "deployed and never run: the save order has no such steps.",
    "Multiple currencies, territories and state and country picklists are features that are off, and so are person accounts until the "
    "setting turns them on.",
    *PERSON_ACCOUNTS,
    "Flow tests run over the Tooling API under the class `FlowTesting.` and the name of the flow or of the test, synchronously only; their "
    "results have the form that is documented for Apex tests.",
    "DUPLICATES_DETECTED of a REST call carries the found records as `duplicateResut`, the misspelt key clients are seen to read, and as "
    "`duplicateResult`; its details were not compared with an answer of a real org.",
    "An event's all-day date is kept from midnight to midnight UTC.",
)
