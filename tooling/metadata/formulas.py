"""The text of every formula field, all with blanks as blanks: no answer is not a score of 0."""

from __future__ import annotations

from collections.abc import Callable

from tooling.metadata import health
from tooling.metadata.flows.wording import escaped
from tooling.nps.score import FIRST_PASSIVE, FIRST_PROMOTER, Category
from tooling.spec.model import Spec
from tooling.spec.objects import FieldSpec, ObjectSpec

MINIMUM_SURVEY_GAP = 90
"""Days between two surveys of one company."""


def _category(field: str) -> str:
    return (
        f'IF(ISBLANK({field}), "", IF({field} >= {FIRST_PROMOTER}, "{Category.PROMOTER}", '
        f'IF({field} >= {FIRST_PASSIVE}, "{Category.PASSIVE}", "{Category.DETRACTOR}")))'
    )


def _one_if(condition: str) -> str:
    return f"IF(ISBLANK(Score__c), 0, IF({condition}, 1, 0))"


_COUNTS = "BLANKVALUE(NPS_Promoters__c, 0) + BLANKVALUE(NPS_Passives__c, 0) + BLANKVALUE(NPS_Detractors__c, 0)"
_NET_PROMOTER_SCORE = (
    f"IF({_COUNTS} = 0, NULL, ROUND(100 * (BLANKVALUE(NPS_Promoters__c, 0) - BLANKVALUE(NPS_Detractors__c, 0)) / ({_COUNTS}), 0))"
)
_NOT_FOLLOWED_UP = "OR(ISBLANK(Followed_Up_At__c), ISBLANK(Responded_At__c))"
_WAITED = "Followed_Up_At__c - Responded_At__c"
_WAITING = "NOW() - Responded_At__c"


def _guidance(spec: Spec) -> str:
    said = (
        (Category.PROMOTER, spec.guidance.expand),
        (Category.PASSIVE, spec.guidance.check_in),
        (Category.DETRACTOR, spec.guidance.support_first),
    )
    return "CASE(Account.NPS_Segment__c, " + ", ".join(f'"{segment}", {escaped(text.strip())}' for segment, text in said) + ', "")'


FORMULAS: dict[str, Callable[[Spec], str]] = {
    "Survey_Response__c.Category__c": lambda _: _category("Score__c"),
    "Survey_Response__c.Is_Promoter__c": lambda _: _one_if(f"Score__c >= {FIRST_PROMOTER}"),
    "Survey_Response__c.Is_Passive__c": lambda _: _one_if(f"AND(Score__c >= {FIRST_PASSIVE}, Score__c < {FIRST_PROMOTER})"),
    "Survey_Response__c.Is_Detractor__c": lambda _: _one_if(f"Score__c < {FIRST_PASSIVE}"),
    "Survey_Response__c.Case_Is_Closed__c": lambda _: "Case__r.IsClosed",
    "Survey_Response__c.Hours_To_Follow_Up__c": lambda _: f"IF({_NOT_FOLLOWED_UP}, NULL, ROUND(24 * ({_WAITED}), 1))",
    "Survey_Response__c.Follow_Up_Band__c": lambda _: (
        f'IF({_NOT_FOLLOWED_UP}, "none", IF({_WAITED} <= 1, "<=24h", IF({_WAITED} <= 2, "24-48h", ">48h")))'
    ),
    "Survey_Response__c.Follow_Up_Age__c": lambda _: (
        'IF(OR(NOT(ISPICKVAL(Follow_Up_Status__c, "Open")), ISBLANK(Responded_At__c)), "", '
        f'IF({_WAITING} <= 1, "1: up to a day", IF({_WAITING} <= 2, "2: up to 2 days", '
        f'IF({_WAITING} <= 7, "3: up to 7 days", "4: longer"))))'
    ),
    "Survey_Response_Revision__c.Category__c": lambda _: _category("Score__c"),
    "Contact.NPS_Category__c": lambda _: _category("NPS_Score__c"),
    "Lead.NPS_Category__c": lambda _: _category("NPS_Score__c"),
    "Account.NPS_Category__c": lambda _: _category("NPS_Score__c"),
    "Account.NPS_Net_Promoter_Score__c": lambda _: _NET_PROMOTER_SCORE,
    "Account.NPS_Survey_Allowed_From__c": lambda _: (
        f"IF(ISBLANK(NPS_Last_Surveyed_At__c), NULL, DATEVALUE(NPS_Last_Surveyed_At__c) + {MINIMUM_SURVEY_GAP})"
    ),
    "Account.NPS_Health_Score__c": health.score,
    "Account.NPS_Health_Status__c": health.status,
    "Account.NPS_Health_Explanation__c": health.explanation,
    "Opportunity.NPS_Segment__c": lambda _: "TEXT(Account.NPS_Segment__c)",
    "Opportunity.NPS_Average_Score__c": lambda _: "Account.NPS_Average_Score__c",
    "Opportunity.NPS_Health_Score__c": lambda _: "Account.NPS_Health_Score__c",
    "Opportunity.NPS_Guidance__c": _guidance,
}


def formula_of(sobject: ObjectSpec, field: FieldSpec, spec: Spec) -> str:
    """The formula of a calculated field."""
    return FORMULAS[f"{sobject.api_name}.{field.api_name}"](spec)
