"""What every e-mail to a customer goes through: may we write, who is it from, sent once."""

from __future__ import annotations

from tooling.metadata.flows.elements import Action, Assign, Assignment, Condition, Decision, Element, Filter, Get, Rule
from tooling.metadata.flows.resources import Formula, Resource, Variable
from tooling.metadata.flows.values import FALSE, TRUE, Value, literal, ref
from tooling.spec.emails import Emails
from tooling.spec.model import Spec

SWITCHED_OFF = Condition("$Setup.NPS_Settings__c.Automation_Off__c", "EqualTo", TRUE)


def relationship(lookup: str) -> str:
    """The relationship of a lookup field: `Manager__c` is followed as `Manager__r`, `OwnerId` as `Owner`."""
    return lookup.removesuffix("__c") + "__r" if lookup.endswith("__c") else lookup.removesuffix("Id")


def manager_of(account: str, spec: Spec, field: str) -> str:
    """A formula: a field of the success manager of the Account at the end of a path."""
    return f"{{!{account}.{relationship(spec.org.success_manager.removeprefix('Account.'))}.{field}}}"


def permission(emails: Emails, then: str, refused: str, fault: str) -> tuple[Element, ...]:
    """`Is_It_Allowed` and, unless the spec lets e-mails out of a sandbox, `Sandbox` before it; needs `why_not`."""
    allowed = Decision(
        "Is_It_Allowed",
        "May we write?",
        "Not without an address, nor against the person's wish, nor to an address that bounced.",
        (Rule("Not_Allowed", "No", (Condition("MayNotWrite", "EqualTo", TRUE),), refused),),
        then,
        "Yes",
    )
    if emails.sandbox:
        return (allowed,)
    return (
        Get(
            "Sandbox",
            "Is this a sandbox?",
            "From a sandbox nothing goes to customers unless emails.sandbox in the mapping spec says so.",
            "Organization",
            (Filter("IsSandbox", "EqualTo", TRUE),),
            ("Id", "Name"),
            then="Is_It_A_Sandbox",
            fault=fault,
        ),
        Decision(
            "Is_It_A_Sandbox",
            "Is it a sandbox?",
            "An organization that is found is a sandbox.",
            (Rule("In_Sandbox", "Yes", (Condition("Sandbox", "IsNull", FALSE),), "Note_Sandbox"),),
            "Is_It_Allowed",
            "No",
        ),
        Assignment(
            "Note_Sandbox",
            "Note the sandbox",
            "The reason that is kept.",
            (Assign("SandboxReason", literal("This org is a sandbox: no e-mail goes to customers")),),
            refused,
        ),
        allowed,
    )


FIRST_OF_PERMISSION = {True: "Is_It_Allowed", False: "Sandbox"}


def first_check(emails: Emails) -> str:
    """The element with which `permission` begins."""
    return FIRST_OF_PERMISSION[emails.sandbox]


def sender(emails: Emails, then: str, fault: str) -> tuple[Element, ...]:
    """Chooses `SenderAddress`: the manager's own address where the org knows it as a verified organisation-wide one."""
    if not emails.per_manager:
        return ()
    return (
        Get(
            "Manager_Sender",
            "The manager's address",
            "Only a verified organisation-wide address may be the sender, and only one that every profile may use.",
            "OrgWideEmailAddress",
            (
                Filter("Address", "EqualTo", ref("ManagerEmail")),
                Filter("IsVerified", "EqualTo", TRUE),
                Filter("IsAllowAllProfiles", "EqualTo", TRUE),
            ),
            ("Id", "Address"),
            then="Is_Manager_Sender",
            fault=fault,
        ),
        Decision(
            "Is_Manager_Sender",
            "May the manager send?",
            "Otherwise the sender of the mapping spec stands.",
            (Rule("Manager_May_Send", "Yes", (Condition("Manager_Sender", "IsNull", FALSE),), "Take_Manager_Sender"),),
            then,
            "No",
        ),
        Assignment(
            "Take_Manager_Sender",
            "The manager sends",
            "The person knows this address and can answer it.",
            (Assign("SenderAddress", ref("Manager_Sender.Address")),),
            then,
        ),
    )


def first_of_sender(emails: Emails, then: str) -> str:
    """The element with which `sender` begins, or the one after it when there is nothing to choose."""
    return "Manager_Sender" if emails.per_manager else then


def reads_anything(emails: Emails) -> bool:
    """Whether `permission` or `sender` reads a record, and so has a fault path."""
    return emails.per_manager or not emails.sandbox


def send(address: Value, then: str | None, fault: str, *, subject: str = "Subject", body: str = "Body") -> Action:
    return Action(
        "Send",
        "Send the e-mail",
        "Leaves when this transaction is committed, and only then.",
        "emailSimple",
        (
            ("emailAddresses", address),
            ("emailBody", ref(body)),
            ("emailSubject", ref(subject)),
            ("senderAddress", ref("SenderAddress")),
            ("senderType", literal("OrgWideEmailAddress")),
        ),
        then,
        fault,
    )


def sender_resources(emails: Emails, manager_email: str) -> tuple[Resource, ...]:
    address = Variable(
        "SenderAddress", "String", "Who the e-mail is from: emails.sender, or the manager's own.", value=literal(emails.sender)
    )
    sandbox = () if emails.sandbox else (Variable("SandboxReason", "String", "Filled when nothing may leave this org."),)
    if not emails.per_manager:
        return (address, *sandbox)
    return (address, *sandbox, Formula("ManagerEmail", "String", manager_email, "The success manager's address."))


def person_resources(record: str) -> tuple[Resource, ...]:
    """Of a response's person, Contact before Lead: `PersonEmail`, and `WhyNot`, blank when we may write."""

    def either(field: str) -> str:
        return f"IF(ISBLANK({{!{record}.Contact__c}}), {{!{record}.Lead__r.{field}}}, {{!{record}.Contact__r.{field}}})"

    return (
        Formula("PersonEmail", "String", either("Email"), "The address of the Contact, else of the Lead."),
        *why_not(
            "{!PersonEmail}",
            either("HasOptedOutOfEmail"),
            f"NOT(ISBLANK({either('EmailBouncedDate')}))",
            either("NPS_Opted_Out__c"),
        ),
    )


def why_not(address: str, opted_out: str, bounced: str, surveys: str) -> tuple[Resource, ...]:
    """`WhyNot`, the reason against writing, and `MayNotWrite`. The arguments are formulas: a text, and three that are true or false."""
    reason = Formula(
        "WhyNot",
        "String",
        f'IF(ISBLANK({address}), "The person has no e-mail address", '
        f'IF({opted_out}, "The person has opted out of e-mail", '
        f'IF({bounced}, "The person\'s address bounced", '
        f'IF({surveys}, "The person does not want to be surveyed", ""))))',
        "Why no e-mail may be sent; empty when it may.",
    )
    return (reason, Formula("MayNotWrite", "Boolean", "NOT(ISBLANK({!WhyNot}))", "True when there is a reason against writing."))


def response_values(spec: Spec, record: str) -> dict[str, str]:
    """Merge field → formula, for an e-mail about a response."""

    def either(field: str) -> str:
        return f"IF(ISBLANK({{!{record}.Contact__c}}), {{!{record}.Lead__r.{field}}}, {{!{record}.Contact__r.{field}}})"

    manager = manager_of(f"{record}.Account__r", spec, "Name")
    return {
        "first_name": either("FirstName"),
        "last_name": either("LastName"),
        "company": f"BLANKVALUE({{!{record}.Account__r.Name}}, {{!{record}.Lead__r.Company}})",
        "score": f"TEXT({{!{record}.Score__c}})",
        "survey": f"{{!{record}.Survey_Name__c}}",
        "manager": f"BLANKVALUE({manager}, {{!FollowUpName}})",
        "invitation": "{!Invitation}",
    }
