"""NPS_Stamp_Decision: what the company's last answer was when it decided, stamped while the Opportunity is closed."""

from __future__ import annotations

from tooling.metadata.flows.elements import Assign, Assignment, Condition, Decision, Filter, Get, Rule
from tooling.metadata.flows.flow import Flow, RecordStart
from tooling.metadata.flows.resources import Formula, Variable
from tooling.metadata.flows.response import RESPONSE
from tooling.metadata.flows.values import FALSE, TRUE, literal, ref
from tooling.nps.score import FIRST_PASSIVE, FIRST_PROMOTER
from tooling.spec.model import Spec
from tooling.spec.objects import NO_RESPONSE

_EARLIEST, _LATEST = 180, 7
"""Days before the close date: an answer given later may have been given because of the decision."""
_STAMP = "NPS_Segment_At_Decision__c"
_AGE = "NPS_Age_Days_At_Decision__c"


def stamp_decision(spec: Spec) -> Flow:
    return Flow(
        name="NPS_Stamp_Decision",
        label="NPS: Stamp Decision",
        description=(
            "While an Opportunity is closed: stamps the category and age of the company's last answer between 180 and 7 days before the "
            "close date, or that there was none. Answers given after the decision never count. Opening it again takes the stamp back."
        ),
        start=RecordStart(
            "Opportunity",
            "RecordBeforeSave",
            "CreateAndUpdate",
            then="Closed_Stage",
            filters=(Filter(_STAMP, "IsNull", TRUE), Filter("StageName", "IsChanged", TRUE)),
            logic="or",
        ),
        order=500,
        elements=(
            Get(
                "Closed_Stage",
                "Is the stage a closed one?",
                # Whether IsClosed of a record says so already while it is being saved is not documented.
                "The stage itself is asked: before the save the record may not know yet.",
                "OpportunityStage",
                (Filter("ApiName", "EqualTo", ref("$Record.StageName")), Filter("IsClosed", "EqualTo", TRUE)),
                ("ApiName", "Id"),
                then="Is_It_Closed",
                fault="Leave_It",
            ),
            Decision(
                "Is_It_Closed",
                "Is it closed?",
                "An open Opportunity has no decision.",
                (
                    Rule("Closed_With_Account", "Yes", (Condition("Closed_Stage", "IsNull", FALSE), _HAS_ACCOUNT), "Last_Answer"),
                    Rule("Closed_Without_Account", "Yes, without an Account", (Condition("Closed_Stage", "IsNull", FALSE),), "Stamp_None"),
                ),
                "Take_Back",
                "No",
            ),
            Get(
                "Last_Answer",
                "The last answer before",
                "Of the Account, with a score, not removed, within the days that count.",
                RESPONSE,
                (
                    Filter("Account__c", "EqualTo", ref("$Record.AccountId")),
                    Filter("Score__c", "IsNull", FALSE),
                    Filter("Outcome__c", "NotEqualTo", literal("Dismissed")),
                    Filter("Removed_At_Source__c", "IsNull", TRUE),
                    Filter("Responded_At__c", "GreaterThanOrEqualTo", ref("WindowStart")),
                    Filter("Responded_At__c", "LessThan", ref("WindowEnd")),
                ),
                ("Id", "Responded_At__c", "Score__c"),
                then="Was_There_One",
                fault="Leave_It",
                sort_by="Responded_At__c",
                descending=True,
            ),
            Decision(
                "Was_There_One",
                "Was there one?",
                "Silence is an answer for the statistics too.",
                (Rule("There_Was_One", "Yes", (Condition("Last_Answer", "IsNull", FALSE),), "Stamp"),),
                "Stamp_None",
                "No",
            ),
            Assignment(
                "Stamp",
                "Stamp it",
                "On the Opportunity that is being saved.",
                (Assign(f"$Record.{_STAMP}", ref("Segment")), Assign(f"$Record.{_AGE}", ref("AgeInDays"))),
                None,
            ),
            Assignment(
                "Stamp_None",
                "Stamp that there was none",
                "On the Opportunity that is being saved.",
                (Assign(f"$Record.{_STAMP}", literal(NO_RESPONSE)), Assign(f"$Record.{_AGE}", ref("NoNumber"))),
                None,
            ),
            Assignment(
                "Take_Back",
                "Take the stamp back",
                "Nothing is decided, or no longer.",
                (Assign(f"$Record.{_STAMP}", ref("NoText")), Assign(f"$Record.{_AGE}", ref("NoNumber"))),
                None,
            ),
            Assignment(
                "Leave_It",
                "Leave it",
                "A fault must not stop the save of a customer's Opportunity.",
                (Assign("NotRead", TRUE),),
                None,
            ),
        ),
        resources=(
            Variable("NoText", "String", "Never filled: empties the segment."),
            Variable("NoNumber", "Number", "Never filled: empties the age.", scale=0),
            Variable("NotRead", "Boolean", "True when the answers could not be read; shown in the interview."),
            Formula("HasAccount", "Boolean", "NOT(ISBLANK({!$Record.AccountId}))", "True when the Opportunity has an Account."),
            _moment("WindowStart", _EARLIEST, "The earliest answer that counts."),
            # Day n before the close date counts whole: up to the midnight that ends it.
            _moment("WindowEnd", _LATEST - 1, "The first moment that no longer counts."),
            Formula(
                "Segment",
                "String",
                f'IF({{!Last_Answer.Score__c}} >= {FIRST_PROMOTER}, "Promoter", '
                f'IF({{!Last_Answer.Score__c}} >= {FIRST_PASSIVE}, "Passive", "Detractor"))',
                "The answer's category.",
            ),
            Formula(
                "AgeInDays",
                "Number",
                "{!$Record.CloseDate} - DATEVALUE({!Last_Answer.Responded_At__c})",
                "Days between the answer and the close date.",
                scale=0,
            ),
        ),
    )


_HAS_ACCOUNT = Condition("HasAccount", "EqualTo", TRUE)


def _moment(name: str, days_before: int, description: str) -> Formula:
    return Formula(name, "DateTime", f'DATETIMEVALUE(TEXT({{!$Record.CloseDate}} - {days_before}) & " 00:00:00")', description)
