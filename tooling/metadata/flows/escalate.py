"""NPS_Escalate: critical feedback opens one Case, once in the life of a response."""

from __future__ import annotations

from tooling.metadata.flows.detractor import is_current
from tooling.metadata.flows.elements import (
    Assign,
    Assignment,
    Condition,
    Create,
    Decision,
    Element,
    Filter,
    Get,
    Loop,
    Rule,
    Update,
)
from tooling.metadata.flows.flow import CalledStart, Flow
from tooling.metadata.flows.follow_up import default_user
from tooling.metadata.flows.keywords import keyword_resources, look_for_keywords
from tooling.metadata.flows.resources import Formula, Resource, TextTemplate, Variable
from tooling.metadata.flows.trouble import fault_text, hand_over
from tooling.metadata.flows.values import FALSE, TRUE, literal, ref
from tooling.metadata.flows.wording import escaped
from tooling.metadata.settings import ROUTE_TYPE
from tooling.spec.escalation import Escalation
from tooling.spec.model import Spec

ESCALATE = "NPS_Escalate"
_LONGEST_VERBATIM = 30_000
_QUEUE_PREFIX = "00G"
"""Ids of queues begin so in every org: an owner can be a user or a queue."""


def escalate(spec: Spec, escalation: Escalation) -> Flow:
    return Flow(
        name=ESCALATE,
        label="NPS Escalate",
        description=(
            "Opens a Case for an answer with a low score and an escalation keyword, or a very low score alone: one for ever. The gravest "
            "keyword's own queue gets it, else the first route that fits, else the default user. A Case that was opened before it was "
            "known who answered gets its Contact and Account, and while nobody has taken it, the queue that they lead to."
        ),
        start=CalledStart("Existing_Case"),
        elements=(
            *_what_is_there(),
            *look_for_keywords("Is_It_Enough", "Fault_Reading"),
            *_routes(),
            *_owner(spec),
            *_write(spec),
            *_faults(),
        ),
        resources=_resources(spec, escalation),
    )


def _what_is_there() -> tuple[Element, ...]:
    return (
        Get(
            "Existing_Case",
            "Existing Case",
            "The response is what makes a Case unique.",
            "Case",
            (Filter("NPS_Response__c", "EqualTo", ref("Response.Id")),),
            ("AccountId", "ContactId", "Id", "IsClosed", "OwnerId", "Priority"),
            then="What_Is_To_Do",
            fault="Fault_Reading",
            sort_by="CreatedDate",
        ),
        Decision(
            "What_Is_To_Do",
            "What is to do?",
            "A Case that is there stays as it is, unless it does not know yet who answered.",
            (
                Rule(
                    "Case_Lacks_Person",
                    "There is one, without its person",
                    (Condition("Existing_Case", "IsNull", FALSE), Condition("LacksPerson", "EqualTo", TRUE)),
                    "Prepare_Text",
                ),
                Rule("Case_Is_There", "There is one", (Condition("Existing_Case", "IsNull", FALSE),), "Keep_Case"),
                Rule(
                    "May_Escalate",
                    "None, and the score is low",
                    (Condition("Response.Case__c", "IsNull", TRUE), Condition("IsCandidate", "EqualTo", TRUE)),
                    "Prepare_Text",
                ),
            ),
            None,
            "None, and none needed",
        ),
        Assignment("Keep_Case", "Keep the Case", "One for ever.", (Assign("CaseId", ref("Existing_Case.Id")),), None),
        Decision(
            "Is_It_Enough",
            "Is it enough?",
            "A keyword, or a very low score alone. A Case that is there goes on to get its person.",
            (
                Rule("Has_Keyword", "A keyword", (Condition("Rank", "GreaterThan", literal(0)),), "Routes"),
                Rule("Is_Very_Low", "A very low score", (Condition("IsVeryLow", "EqualTo", TRUE),), "Take_As_Grave"),
                Rule("Has_Case", "There is a Case", (Condition("Existing_Case", "IsNull", FALSE),), "Routes"),
            ),
            None,
            "No",
        ),
        Assignment(
            "Take_As_Grave",
            "Take it as grave",
            "A very low score alone is as grave as a grave keyword.",
            (Assign("Severity", literal("high")),),
            "Routes",
        ),
    )


def _routes() -> tuple[Element, ...]:
    return (
        Get(
            "Routes",
            "Escalation routes",
            "Custom metadata that admins may change in Setup.",
            f"{ROUTE_TYPE}__mdt",
            (Filter("Active__c", "EqualTo", TRUE),),
            ("Case_Type__c", "Id", "Order__c", "Priority__c", "Queue__c", "Severity__c", "Tier__c"),
            then="Each_Route",
            fault="Fault_Reading",
            first_only=False,
            sort_by="Order__c",
        ),
        Loop("Each_Route", "Each route", "By their order.", "Routes", "Does_It_Fit", "Default_User"),
        Decision(
            "Does_It_Fit",
            "Does it fit?",
            "The first whose conditions all hold; a blank condition always holds.",
            (Rule("It_Fits", "Yes", (Condition("RouteFits", "EqualTo", TRUE),), "Take_Route"),),
            "Each_Route",
            "No",
        ),
        Assignment(
            "Take_Route",
            "Take the route",
            "Later ones are passed over.",
            (
                Assign("RouteQueue", ref("Each_Route.Queue__c")),
                Assign("RoutePriority", ref("Each_Route.Priority__c")),
                Assign("RouteTaken", TRUE),
            ),
            "Each_Route",
        ),
    )


def _owner(spec: Spec) -> tuple[Element, ...]:
    return (
        Get(
            "Default_User",
            "Default user",
            "Owns the Case without a keyword's queue and without a route.",
            "User",
            (default_user(spec), Filter("IsActive", "EqualTo", TRUE)),
            ("Id", "Name"),
            then="Which_Owner",
            fault="Fault_Reading",
        ),
        Decision(
            "Which_Owner",
            "Whose Case is it?",
            "A queue's, if a keyword or a route names one.",
            (
                Rule("Names_Queue", "A queue's", (Condition("HasQueue", "EqualTo", TRUE),), "Queue"),
                Rule("Names_Nobody", "The default user's", (Condition("Default_User", "IsNull", FALSE),), "Take_Default"),
            ),
            "Nobody_There",
            "Nobody's",
        ),
        Get(
            "Queue",
            "Queue",
            "An org gives it an id of its own: it is found by its name.",
            "Group",
            (Filter("Type", "EqualTo", literal("Queue")), Filter("DeveloperName", "EqualTo", ref("QueueName"))),
            ("DeveloperName", "Id"),
            then="Is_Queue_There",
            fault="Fault_Reading",
        ),
        Decision(
            "Is_Queue_There",
            "Is there such a queue?",
            "A Case that nobody would see is not opened: the error goes on the response, and the next run opens it.",
            (Rule("Queue_Found", "Yes", (Condition("Queue", "IsNull", FALSE),), "Take_Queue"),),
            "Queue_Missing",
            "No",
        ),
        Assignment("Take_Queue", "Take the queue", "Whose Case it is.", (Assign("OwnerId", ref("Queue.Id")),), "Create_Or_Update"),
        Assignment(
            "Take_Default", "Take the default user", "Whose Case it is.", (Assign("OwnerId", ref("Default_User.Id")),), "Create_Or_Update"
        ),
    )


def _write(spec: Spec) -> tuple[Element, ...]:
    fields = {
        "AccountId": ref("Response.Account__c"),
        "ContactId": ref("Response.Contact__c"),
        "Description": ref("CaseText"),
        "NPS_Response__c": ref("Response.Id"),
        "Origin": literal(spec.case.origin),
        "OwnerId": ref("OwnerId"),
        "Status": literal(spec.case.status),
        "Subject": ref("CaseSubject"),
        "SuppliedEmail": ref("SuppliedEmail"),
        "SuppliedName": ref("SuppliedName"),
        "Type": ref("CaseType"),
    }
    return (
        Decision(
            "Create_Or_Update",
            "Create or update?",
            "There is never a second Case.",
            (Rule("Update_It", "Update", (Condition("Existing_Case", "IsNull", FALSE),), "Update_Case"),),
            "Fill_Case",
            "Create",
        ),
        Assignment(
            "Fill_Case",
            "Fill in the Case",
            "Everything but the priority, which only a route gives.",
            tuple(Assign(f"NewCase.{field}", value) for field, value in fields.items()),
            "Has_Priority",
        ),
        Decision(
            "Has_Priority",
            "Does a route give a priority?",
            "Otherwise the org's default stands.",
            (Rule("Priority_Given", "Yes", (Condition("RoutePriority", "IsNull", FALSE),), "Fill_Priority"),),
            "Create_Case",
            "No",
        ),
        Assignment(
            "Fill_Priority",
            "Fill in the priority",
            "The first route that fits.",
            (Assign("NewCase.Priority", ref("RoutePriority")),),
            "Create_Case",
        ),
        Create("Create_Case", "Open the Case", "One Case for one response.", "NewCase", (), then="Note_Case", fault="Fault_Writing"),
        Assignment("Note_Case", "Note the Case", "It goes on the response.", (Assign("CaseId", ref("NewCase.Id")),), None),
        Update(
            "Update_Case",
            "Complete the Case",
            "It is known now who answered. A Case that somebody has taken keeps its owner.",
            (
                ("AccountId", ref("Response.Account__c")),
                ("ContactId", ref("Response.Contact__c")),
                ("OwnerId", ref("KeptOwner")),
                ("Priority", ref("KeptPriority")),
            ),
            then="Keep_Case",
            fault="Fault_Writing",
            sobject="Case",
            filters=(Filter("Id", "EqualTo", ref("Existing_Case.Id")),),
        ),
    )


def _faults() -> tuple[Element, ...]:
    return (
        hand_over("Queue_Missing", "No such queue", "QueueMissingText"),
        hand_over("Nobody_There", "Nobody there", "NobodyText"),
        hand_over("Fault_Reading", "Could not read", "FaultReading"),
        hand_over("Fault_Writing", "Could not write", "FaultWriting"),
    )


def _resources(spec: Spec, escalation: Escalation) -> tuple[Resource, ...]:
    score = "BLANKVALUE({!Response.Score__c}, 10)"
    very_low = f"{score} <= {escalation.very_low}" if escalation.very_low is not None else "FALSE"
    tier = spec.org.tier.removeprefix("Account.")
    return (
        Variable("Response", "SObject", "The survey response.", sobject="Survey_Response__c", input=True),
        Variable("CaseId", "String", "The Case; empty when there is none.", output=True),
        Variable("ErrorText", "String", "What went wrong; empty when all went well.", output=True),
        Variable("NewCase", "SObject", "The Case that is opened.", sobject="Case"),
        Variable("OwnerId", "String", "The queue or user whose Case it is."),
        Variable("RouteQueue", "String", "The route's queue."),
        Variable("RoutePriority", "String", "The route's priority."),
        Variable("RouteTaken", "Boolean", "True once a route was taken.", value=FALSE),
        *keyword_resources("Response"),
        Formula(
            "IsCandidate",
            "Boolean",
            f"AND({is_current('Response')}, OR({score} < {escalation.score_below}, {very_low}))",
            "True for a current, audible answer whose score may lead to a Case.",
        ),
        Formula("IsVeryLow", "Boolean", f"AND({is_current('Response')}, {very_low})", "True when the score alone is enough."),
        Formula(
            "LacksPerson",
            "Boolean",
            "AND(NOT({!Existing_Case.IsClosed}), OR("
            "AND(ISBLANK({!Existing_Case.ContactId}), NOT(ISBLANK({!Response.Contact__c}))), "
            "AND(ISBLANK({!Existing_Case.AccountId}), NOT(ISBLANK({!Response.Account__c})))))",
            "True for an open Case that does not say yet who answered.",
        ),
        Formula(
            "RouteFits",
            "Boolean",
            f"AND(NOT({{!RouteTaken}}), {_holds('Tier__c', f'TEXT({{!Response.Account__r.{tier}}})')}, "
            f"{_holds('Severity__c', '{!Severity}')}, {_holds('Case_Type__c', '{!CaseType}')})",
            "True for the first route whose conditions all hold.",
        ),
        Formula("QueueName", "String", "BLANKVALUE({!KeywordQueue}, {!RouteQueue})", "The queue that gets the Case; empty: none is named."),
        Formula("HasQueue", "Boolean", "NOT(ISBLANK({!QueueName}))", "True when a keyword or a route names a queue."),
        Formula(
            "KeptOwner",
            "String",
            f'IF(OR(LEFT({{!Existing_Case.OwnerId}}, 3) = "{_QUEUE_PREFIX}", {{!Existing_Case.OwnerId}} = {{!Default_User.Id}}), '
            "{!OwnerId}, {!Existing_Case.OwnerId})",
            "A Case that nobody has taken goes where its person leads to.",
        ),
        Formula(
            "KeptPriority",
            "String",
            "BLANKVALUE({!RoutePriority}, TEXT({!Existing_Case.Priority}))",
            "The route's priority, else as it was.",
        ),
        Formula("CaseType", "String", f"BLANKVALUE({{!KeywordType}}, {escaped(spec.case.type)})", "The keyword's type, else case.type."),
        Formula(
            "SuppliedName",
            "String",
            "IF(ISBLANK({!Response.Contact__c}), LEFT(BLANKVALUE({!Response.Lead__r.Name}, {!Response.Respondent_Name__c}), 80), NULL)",
            "Who answered, where there is no Contact.",
        ),
        Formula(
            "SuppliedEmail",
            "String",
            "IF(ISBLANK({!Response.Contact__c}), BLANKVALUE({!Response.Lead__r.Email}, {!Response.Respondent_Email__c}), NULL)",
            "Their address, where there is no Contact.",
        ),
        Formula(
            "Respondent",
            "String",
            'BLANKVALUE({!Response.Respondent_Name__c}, BLANKVALUE({!Response.Respondent_Email__c}, "an unknown respondent"))',
            "Who answered.",
        ),
        Formula(
            "CaseSubject",
            "String",
            'LEFT("NPS " & TEXT({!Response.Score__c}) & " of 10 from " & {!Respondent} & '
            'IF(ISBLANK({!FoundKeywords}), "", ": " & {!FoundKeywords}), 255)',
            "The Case's subject.",
        ),
        Formula(
            "VerbatimText",
            "String",
            f'IF(ISBLANK({{!Response.Verbatim__c}}), "No comment was given.", LEFT({{!Response.Verbatim__c}}, {_LONGEST_VERBATIM}))',
            "The comment, cut to what a Case holds.",
        ),
        Formula(
            "WhyText",
            "String",
            'IF(ISBLANK({!FoundKeywords}), "the score is very low", "the score is low and the comment says: " & {!FoundKeywords})',
            "Why there is a Case.",
        ),
        TextTemplate(
            "CaseText",
            "{!VerbatimText}\n\nWhy this Case exists: {!WhyText}. Survey response {!Response.Name}, score {!Response.Score__c}.",
            "The Case's description.",
        ),
        TextTemplate(
            "QueueMissingText",
            "Escalation: there is no queue {!QueueName}. Make it in Setup, Queues, or name another one in NPS Escalation Keywords and "
            "Routes; then tick Retry.",
            "What to do when the queue is missing.",
        ),
        TextTemplate(
            "NobodyText",
            "Escalation: no route fits, and the default user is not active. Name one as follow_up.default_user in nps.yml and deploy, "
            "then tick Retry.",
            "What to do when nobody can own the Case.",
        ),
        fault_text("Reading", "Escalation, reading"),
        fault_text("Writing", "Escalation, writing the Case"),
    )


def _holds(field: str, value: str) -> str:
    """A formula: the route's field is blank, or names the value, perhaps among others."""
    named = f"{{!Each_Route.{field}}}"
    listed = f'";" & SUBSTITUTE({named}, "; ", ";") & ";"'
    return f'OR(ISBLANK({named}), AND(NOT(ISBLANK({value})), CONTAINS({listed}, ";" & {value} & ";")))'
